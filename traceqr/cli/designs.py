"""`traceqr design`: what labels look like, before any is printed."""

from __future__ import annotations

from pathlib import Path

import click

from traceqr.cli.house import open_house
from traceqr.cli.output import opened
from traceqr.cli.showing import echo_table, plain
from traceqr.printing import formats, preview
from traceqr.printing.design import BUILT_IN, built_in


@click.group()
def design() -> None:
    """Designs of labels: list those that come with the program, look at one."""


@design.command("list")
def list_() -> None:
    """List the designs that come with the program."""
    found = [(name, built_in(name)) for name in BUILT_IN]
    rows = ((name, f"{each.width:g} x {each.height:g} mm", _asks(each.asks_for_hidden_code)) for name, each in found)
    echo_table(("name", "size", "asks for"), rows, "")


@design.command("preview")
@click.argument("name")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A PNG file.")
@click.option("--width", help="Of the label in mm; the design is scaled to it.")
@click.option("--dpi", type=int, default=preview.DPI, show_default=True)
def preview_(name: str, output: Path, width: str | None, dpi: int) -> None:
    """Draw an example label of a design, NAME or a TOML file of your own, as PNG. Its code is of no real label."""
    if output.suffix.lower() != ".png":
        raise click.UsageError(f"expected a name that ends in .png, for a PNG picture; got {plain(output)}")
    given = {"design": name} if width is None else {"design": name, "width": width}
    job = preview.example(open_house().settings.label_origin())
    content = preview.preview(formats.design_of(given), job, dpi)
    with opened(output) as file:
        file.write(content)
    click.echo(f"an example of {plain(name)} drawn to {plain(output)}", err=True)


def _asks(for_hidden_code: bool) -> str:
    return "hidden codes" if for_hidden_code else ""
