"""Traceability: what events speak of, and what they say. Pure; docs/tracing.md has the model."""
