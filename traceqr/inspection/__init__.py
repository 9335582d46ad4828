"""What an inspector's device keeps of an inspection, and how it proves it: docs/inspection-format.md."""
