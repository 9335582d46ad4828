"""`traceqr init`, `traceqr migrate` and `traceqr grant`: the registry itself."""

from __future__ import annotations

import os

import click

from traceqr import hiding, keying
from traceqr.cli.house import House, key_folder, open_house, read_settings
from traceqr.cli.keys import say_made, say_root_made
from traceqr.cli.showing import plain
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.label import keyfiles
from traceqr.label.keyring import Role
from traceqr.registry import opening
from traceqr.settings import Settings

_FIRST_KEY = 1


class InitError(TraceqrError):
    """Something that `init` would make is there already, or what it began cannot be finished."""


class GrantError(TraceqrError):
    """There are no roles to grant anything to."""


@click.command()
def init() -> None:
    """Make the registry, the first keys for labels and for bundles, and the first hidden root."""
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
    _make_root(house)
    _make_bundle_key(house)
    _say_next(settings)


def _make_root(house: House) -> None:
    """Before the first batch, so that every label has a hidden code."""
    try:
        root = hiding.new_root(house.desk, house.key_folder)
    except (TraceqrError, OSError) as error:
        raise InitError(
            f"the registry and its first key are made, its hidden root is not: {error}; when that is mended, run:"
            " traceqr keys new --role hidden"
        ) from error
    say_root_made(house, root)


def _make_bundle_key(house: House) -> None:
    try:
        key = keying.new_key(house.desk, house.key_folder, Role.BUNDLE)
    except (TraceqrError, OSError) as error:
        raise InitError(
            f"the registry, its first key and its hidden root are made, its key for bundles is not: {error}; when that"
            " is mended, run: traceqr keys new --role bundle"
        ) from error
    say_made(house, key)


@click.command()
def migrate() -> None:
    """Bring a registry of an earlier version forward; back it up first."""
    settings = read_settings()
    database = opening.open_database(settings.database)
    click.get_current_context().call_on_close(database.close)
    steps = opening.migrate(database)
    for step in steps:
        click.echo(f"done: {step}")
    click.echo(f"the registry has schema {opening.SCHEMA_VERSION}")
    if steps and not opening.is_sqlite(settings.database):
        click.echo("next, for each role that serves the public: traceqr grant ROLE")


@click.command()
@click.argument("role")
def grant(role: str) -> None:
    """Let a role of PostgreSQL serve the public: read what verdicts are made of, record scans, and nothing else.

    The role is made by the database's own means first: CREATE ROLE name LOGIN PASSWORD '...'.
    """
    settings = read_settings()
    if opening.is_sqlite(settings.database):
        raise GrantError(
            "expected a PostgreSQL registry, got a file: only PostgreSQL has roles; set TRACEQR_DATABASE to its URL"
        )
    open_house()
    opening.grant_public(settings.database, role)
    click.echo(f"{plain(role)} may serve the public; give such nodes its name in TRACEQR_DATABASE, and no key files")


def _require_new(settings: Settings) -> None:
    """Asked before the registry is made: keys of another registry must not get mixed with its own."""
    try:
        opening.require_absent(settings.database)
    except RegistryUnavailable as error:
        raise InitError(f"{error}; nothing was changed") from error
    label, hidden = keyfiles.stem(_FIRST_KEY, Role.LABEL), keyfiles.stem(_FIRST_KEY, Role.HIDDEN)
    bundle = keyfiles.stem(_FIRST_KEY + 1, Role.BUNDLE)
    for name in (f"{label}.key", f"{label}.jwk", f"{hidden}.key", f"{bundle}.key", f"{bundle}.jwk"):
        path = settings.keys / name
        if os.path.lexists(path):
            raise InitError(
                f"expected no key files in {settings.keys} yet, found {path.name}: it belongs to another registry;"
                " restore that one, or set TRACEQR_KEYS to another folder"
            )
    if os.path.lexists(settings.high_water):
        raise InitError(
            f"expected no high-water file yet, found {settings.high_water}: it belongs to another registry;"
            " restore that one, or set TRACEQR_HIGH_WATER to another place"
        )


def _say_next(settings: Settings) -> None:
    click.echo("\nnext:")
    if settings.origin is None:
        click.echo("  set TRACEQR_ORIGIN to the address that labels lead to, such as https://qr.example.org")
    if not settings.secret_key:
        click.echo("  set TRACEQR_SECRET_KEY, which traceqr serve needs")
    if not opening.is_sqlite(settings.database):
        click.echo("  traceqr grant ROLE, for nodes that only serve the public")
    click.echo("  traceqr organisation import FILE.csv, then enterprise, product and claim import")
    click.echo("  traceqr claim accept ID --by ORGANISATION")
    click.echo("  traceqr batch issue --gtin GTIN --count N")
    click.echo("  traceqr bundle publish --every 10m, for those who verify with no network")
