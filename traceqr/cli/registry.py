"""`traceqr init` and `traceqr migrate`: the registry itself."""

from __future__ import annotations

import os

import click

from traceqr import keying
from traceqr.cli.house import House, key_folder, read_settings
from traceqr.cli.keys import say_made
from traceqr.errors import TraceqrError
from traceqr.label import keyfiles
from traceqr.label.keyring import Role
from traceqr.registry import opening
from traceqr.settings import Settings

_FIRST_KEY = 1


class InitError(TraceqrError):
    """Something that `init` would make is there already, or what it began cannot be finished."""


@click.command()
def init() -> None:
    """Make the registry and the first label key."""
    settings = read_settings()
    _require_new(settings)
    database = opening.create(settings.database)
    click.get_current_context().call_on_close(database.close)
    click.echo(f"registry: {database.place}")
    house = House(settings, database)
    try:
        key = keying.new_key(house.desk, key_folder(settings), Role.LABEL)
    except (TraceqrError, OSError) as error:
        raise InitError(
            f"the registry is made, its first key is not: {error}; when that is mended, run: traceqr keys new"
        ) from error
    say_made(house, key)
    _say_next(settings)


@click.command()
def migrate() -> None:
    """Bring a registry of an earlier version forward; back it up first."""
    database = opening.open_database(read_settings().database)
    click.get_current_context().call_on_close(database.close)
    steps = opening.migrate(database)
    for step in steps:
        click.echo(f"done: {step}")
    click.echo(f"the registry has schema {opening.SCHEMA_VERSION}")


def _require_new(settings: Settings) -> None:
    """Asked before the registry is made: keys of another registry must not get mixed with its own."""
    opening.require_absent(settings.database)
    for ending in ("key", "jwk"):
        path = settings.keys / f"{keyfiles.stem(_FIRST_KEY, Role.LABEL)}.{ending}"
        if os.path.lexists(path):
            raise InitError(
                f"expected no key files in {settings.keys} yet, found {path.name}: it belongs to another registry;"
                " restore that one, or set TRACEQR_KEYS to another folder"
            )


def _say_next(settings: Settings) -> None:
    click.echo("\nnext:")
    if settings.origin is None:
        click.echo("  set TRACEQR_ORIGIN to the address that labels lead to, such as https://qr.example.org")
    if not settings.secret_key:
        click.echo("  set TRACEQR_SECRET_KEY, which traceqr serve needs")
    click.echo("  traceqr organisation import FILE.csv, then enterprise, product and claim import")
    click.echo("  traceqr claim accept ID --by ORGANISATION")
    click.echo("  traceqr batch issue --gtin GTIN --count N")
