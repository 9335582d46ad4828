"""How likely it is that a label was copied, by who has seen it, when and where (docs/suspicion.md). Pure."""
