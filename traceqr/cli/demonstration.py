"""`traceqr demo`: sample data, then the web."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from traceqr.cli import children
from traceqr.cli.serving import DEFAULT_BIND, WORKERS, WORKERS_HELP, address, command, require_free
from traceqr.demo import household, postgres
from traceqr.demo.household import Household
from traceqr.demo.loading import Sample
from traceqr.instant import system_clock
from traceqr.label.format import Label
from traceqr.label.host import InvalidOrigin, Origin
from traceqr.symbol.encode import encode
from traceqr.symbol.terminal import to_terminal

_BESIDE = tuple(
    (sys.executable, "-m", "traceqr", *words)
    for words in (
        *(("signer",), ("guard",), ("bundle", "publish", "--every", "10m")),
        ("passport", "publish", "--every", "10m"),
    )
)
"""What seals the labels that the consoles order, what answers for hidden codes, and what publishes trust bundles and
product passports: they alone open the keys.
"""


@click.command()
@click.option("--bind", default=DEFAULT_BIND, show_default=True, help="Address and port, loopback or private.")
@click.option("--workers", type=WORKERS, help=WORKERS_HELP)
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgres"]),
    default="sqlite",
    show_default=True,
    help="What the registry stands on: a file, or a PostgreSQL that is started and stopped with the demonstration.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demonstration's data are kept, .demo or .demo-postgres; remove it to begin anew.",
)
def demo(bind: str, workers: int | None, database: str, folder: Path | None) -> None:
    """Load sample data once, show a label, and serve the web.

    To scan the labels with a phone, bind to this machine's own address in your network, such as 192.168.1.20:8000.
    """
    host, port = address(bind)
    origin = _origin(bind)
    require_free(host, port)
    if database == "postgres":
        click.get_current_context().exit(_on_postgres(folder or Path(".demo-postgres"), origin, command(bind, workers)))
    house = household.open_or_make(folder or Path(".demo"), origin, system_clock)
    server, environment = command(bind, workers), _open(house, origin)
    click.get_current_context().exit(children.attend(server, environment, _BESIDE))


def _on_postgres(folder: Path, origin: Origin, server: list[str]) -> int:
    """The same with a database that must be stopped afterwards, so this process stays, and hands signals on."""
    with children.told_to_stop(), postgres.alone_in(folder):
        house = household.open_or_make(folder, origin, system_clock, postgres.running_in)
        with postgres.running_in(folder) as url:
            return children.attend(server, _open(replace(house, database=url), origin), _BESIDE)


def _open(house: Household, origin: Origin) -> dict[str, str]:
    """Introduce the demonstration; gives the environment of its server."""
    environment = house.environment(origin)
    settings = house.write_environment(environment)
    _introduce(house.samples()[0], origin, settings)
    sys.stdout.flush()
    return {**os.environ, **environment}


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
    click.echo(f"The consoles:             {origin}/account/sign-in, as {settings.with_name('accounts')} tells")
    click.echo(f"To type commands on the demo's data, in another terminal: source {settings}")
    click.echo("Stop with Ctrl-C; starting again keeps the data.")
