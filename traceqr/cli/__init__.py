"""The command line."""

from traceqr.cli.main import main

__all__ = ["main"]
