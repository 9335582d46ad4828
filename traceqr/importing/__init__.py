"""Tables and texts from outside into the registry: one module reads tables, and each noun declares its columns."""
