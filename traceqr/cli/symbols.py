"""`traceqr symbol`: a label's QR symbol on the terminal."""

from __future__ import annotations

import click

from traceqr.cli.verification import label_text
from traceqr.label.format import Label
from traceqr.symbol.encode import encode
from traceqr.symbol.terminal import to_terminal


@click.command()
@click.argument("text")
def symbol(text: str) -> None:
    """Print a label's symbol, ready to be scanned from the screen. TEXT - reads one line from standard input."""
    click.echo(to_terminal(encode(Label.parse(label_text(text)))), nl=False, color=True)
