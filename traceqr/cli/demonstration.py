"""`traceqr demo`: sample data, then the web."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from traceqr.cli.serving import DEFAULT_BIND, WORKERS, WORKERS_HELP, address, command, require_free
from traceqr.demo import household
from traceqr.demo.loading import Sample
from traceqr.instant import system_clock
from traceqr.label.format import Label
from traceqr.label.host import InvalidOrigin, Origin
from traceqr.symbol.encode import encode
from traceqr.symbol.terminal import to_terminal


@click.command()
@click.option("--bind", default=DEFAULT_BIND, show_default=True, help="Address and port, loopback or private.")
@click.option("--workers", type=WORKERS, help=WORKERS_HELP)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=".demo",
    show_default=True,
    help="Where the demonstration's data are kept; remove it to begin anew.",
)
def demo(bind: str, workers: int | None, folder: Path) -> None:
    """Load sample data once, show a label, and serve the web.

    To scan the labels with a phone, bind to this machine's own address in your network, such as 192.168.1.20:8000.
    """
    host, port = address(bind)
    origin = _origin(bind)
    require_free(host, port)
    house = household.open_or_make(folder, origin, system_clock)
    environment = house.environment(origin)
    settings = house.write_environment(environment)
    _introduce(house.samples()[0], origin, settings)
    sys.stdout.flush()
    os.execve(sys.executable, command(bind, workers), {**os.environ, **environment})  # noqa: S606  our own interpreter


def _origin(bind: str) -> Origin:
    try:
        return Origin.parse(f"http://{bind.removesuffix(':80')}".lower())
    except InvalidOrigin as error:
        raise click.BadParameter(
            f"expected a loopback or private address that labels can lead to, got {bind!r}", param_hint="--bind"
        ) from error


def _introduce(sample: Sample, origin: Origin, settings: Path) -> None:
    click.echo(to_terminal(encode(Label.parse(sample.text))))
    click.echo(f"A sealed label of the demo ({sample.title_en}):\n{sample.text}\n")
    click.echo(f"The site:                 {origin}/")
    click.echo(f"A label for each verdict: {origin}/samples")
    click.echo(f"To type commands on the demo's data, in another terminal: source {settings}")
    click.echo("Stop with Ctrl-C; starting again keeps the data.")
