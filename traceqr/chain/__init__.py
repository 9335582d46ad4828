"""The use cases of traceability: what enterprises state of things, and what follows from it."""
