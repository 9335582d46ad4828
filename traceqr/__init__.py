"""TraceQR: signed QR labels that tell everyone who meets a product the truth about it."""

__version__ = "0.1.0"
