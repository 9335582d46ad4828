"""What a label is. Pure: no I/O but key files, and nothing of the rest of TraceQR."""
