"""`python -m traceqr`: the command line where no script is installed."""

from traceqr.cli import main

main()
