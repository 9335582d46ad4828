"""`traceqr keys`: signing keys and their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from traceqr import keying
from traceqr.cli import options
from traceqr.cli.house import House, confirm, key_folder, open_house, read_settings
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.errors import RegistryUnavailable
from traceqr.instant import to_iso
from traceqr.keying import SIGNING_DAYS, VERIFYING_DAYS
from traceqr.label import keyfiles
from traceqr.label.keyring import PublicKey, Role, Status
from traceqr.registry import keys as registry_keys

_DAYS = click.IntRange(1, 36_500)


@click.group()
def keys() -> None:
    """Signing keys and their files."""


@keys.command()
@click.option("--role", type=click.Choice(["label", "ledger", "bundle"]), default="label", show_default=True)
@click.option("--signing-days", type=_DAYS, default=SIGNING_DAYS, show_default=True, help="How long it issues.")
@click.option("--verifying-days", type=_DAYS, default=VERIFYING_DAYS, show_default=True, help="How long labels hold.")
@options.as_json
def new(role: str, signing_days: int, verifying_days: int, as_json: bool) -> None:
    """Make a key; new batches are issued under the newest label key."""
    house = open_house()
    key = keying.new_key(house.desk, house.key_folder, Role(role), signing_days, verifying_days)
    if as_json:
        echo_json(_as_json(house, key))
    else:
        say_made(house, key)


@keys.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List keys, and whether their private part is here."""
    house = open_house()
    with house.reading() as reader:
        keyring = registry_keys.keyring(reader)
    for number, why in keyring.refused.items():
        click.echo(f"traceqr: key {number} is refused: {why}", err=True)
    if as_json:
        echo_json([_as_json(house, key) for key in keyring.keys.values()])
        return
    zone = house.settings.timezone
    echo_table(
        ("number", "role", "status", "signs until", "verified until", "private part"),
        (
            (
                key.number,
                key.role,
                key.status,
                moment(key.signing.to_ms, zone)[:10],
                moment(key.verifying.to_ms, zone)[:10],
                "here" if _is_here(house, key) else "not here",
            )
            for key in keyring.keys.values()
        ),
        "there are no keys; run: traceqr keys new",
    )


@keys.command()
@click.argument("number", type=options.NUMBER)
@options.reason
def retire(number: int, reason: str) -> None:
    """Issue no more batches under a key; what it has issued stays printable and valid."""
    keying.retire(open_house().desk, number, reason)
    click.echo(f"retired: key {number}")


@keys.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@options.yes
def destroy(number: int, reason: str, yes: bool) -> None:
    """Remove the private part of a key: its batches can never be printed again."""
    house = open_house()
    confirm(f"Destroy the private part of key {number}? Its batches can never be printed again.", yes)
    keying.destroy(house.desk, house.key_folder, number, reason)
    click.echo(f"destroyed: the private part of key {number}; backups of it are yours to destroy")


@keys.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@click.option("--as-of", type=click.IntRange(min=0), help="Ledger position since when it was stolen; now by default.")
@options.yes
def compromise(number: int, reason: str, as_of: int | None, yes: bool) -> None:
    """Count a key as stolen: its labels become suspect, those not yet activated void."""
    house = open_house()
    confirm(f"Count key {number} as stolen? What it issued and is not yet activated becomes void.", yes)
    voided = keying.compromise(house.desk, number, reason, as_of)
    click.echo(f"compromised: key {number}; {voided:,} labels not yet activated were voided")
    click.echo("to issue them anew: traceqr keys new, then traceqr batch issue")


@keys.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write all key files into one new tar file. Keep it as you keep keys."""
    names = keying.backup(key_folder(read_settings()), file)
    click.echo(f"backed up: {len(names)} files into {file}")


@keys.command()
@click.argument("file", type=options.FILE)
@click.option("--also-destroyed", is_flag=True, help="Even keys that were destroyed; asks no registry.")
def restore(file: Path, also_destroyed: bool) -> None:
    """Bring back from a backup the key files that are missing; none is overwritten.

    Private keys that the registry says are destroyed stay away.
    """
    restored = keying.restore(key_folder(read_settings()), file, [] if also_destroyed else _destroyed())
    for number in restored.left_out:
        click.echo(f"key {number} is destroyed, left out")
    if restored.names:
        click.echo(f"restored: {', '.join(restored.names)}")
    elif not restored.left_out:
        click.echo("nothing was missing")


def _destroyed() -> list[PublicKey]:
    """Without a registry nobody can tell, and a key that was destroyed on purpose would come back unnoticed."""
    try:
        with open_house().reading() as reader:
            keyring = registry_keys.keyring(reader)
    except RegistryUnavailable as error:
        raise RegistryUnavailable(
            f"{error}; without it nobody can tell which keys were destroyed: bring the registry back first, or restore"
            " with --also-destroyed"
        ) from error
    return [key for key in keyring.keys.values() if key.status is Status.DESTROYED]


def say_made(house: House, key: PublicKey) -> None:
    """Say where the files of a new key are."""
    click.echo(f"key {key.number} (role {key.role}): {keyfiles.private_path(house.settings.keys, key)}")
    locked = "locked by TRACEQR_KEY_PASSPHRASE" if house.settings.key_passphrase else "not encrypted, mode 0600"
    click.echo(f"its private part is {locked}; back it up: traceqr keys backup FILE")


def _is_here(house: House, key: PublicKey) -> bool:
    return keyfiles.private_path(house.settings.keys, key).exists()


def _as_json(house: House, key: PublicKey) -> dict[str, Any]:
    return {
        "number": key.number,
        "role": str(key.role),
        "status": str(key.status),
        "algorithm": key.algorithm,
        "public_key": key.octets.hex(),
        "signing": [to_iso(key.signing.from_ms), to_iso(key.signing.to_ms)],
        "verifying": [to_iso(key.verifying.from_ms), to_iso(key.verifying.to_ms)],
        "compromised": None if key.compromised_ms is None else to_iso(key.compromised_ms),
        "private_here": _is_here(house, key),
    }
