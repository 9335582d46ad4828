"""`traceqr keys`: signing keys, hidden roots, and their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from traceqr import hiding, keying
from traceqr.cli import options, seconds
from traceqr.cli.house import House, confirm, key_folder, open_house, read_settings
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.errors import RegistryUnavailable
from traceqr.instant import to_iso
from traceqr.keying import SIGNING_DAYS, VERIFYING_DAYS
from traceqr.label import keyfiles
from traceqr.label.keyring import PublicKey, Role, Status
from traceqr.registry import hidden_roots
from traceqr.registry import keys as registry_keys
from traceqr.registry.hidden_roots import RootRecord

_DAYS = click.IntRange(1, 36_500)


@click.group()
def keys() -> None:
    """Signing keys, hidden roots, and their files."""


@keys.command()
@click.option("--role", type=click.Choice([str(role) for role in Role]), default="label", show_default=True)
@click.option("--signing-days", type=_DAYS, default=SIGNING_DAYS, show_default=True, help="How long it issues.")
@click.option("--verifying-days", type=_DAYS, default=VERIFYING_DAYS, show_default=True, help="How long labels hold.")
@seconds.option
@options.as_json
@click.pass_context
def new(
    context: click.Context, role: str, signing_days: int, verifying_days: int, proposal: str | None, as_json: bool
) -> None:
    """Make a key; new batches are issued under the newest label key.

    A key of the role hidden is the secret that the codes under scratch layers are derived from: it has no windows,
    and serves all batches issued after it, up to the next one.
    """
    if role == Role.HIDDEN:
        _require_no_windows(context)
        _new_root(proposal, as_json)
        return
    house = open_house()
    windows = {"signing_days": signing_days, "verifying_days": verifying_days}
    if not seconds.agreed(house, "key.add", f"key:{role}", windows, proposal):
        return
    key = keying.new_key(house.desk, house.key_folder, Role(role), signing_days, verifying_days)
    if as_json:
        echo_json(_as_json(house, key))
    else:
        say_made(house, key)


def _require_no_windows(context: click.Context) -> None:
    for name in ("signing_days", "verifying_days"):
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            option = name.replace("_", "-")
            raise click.UsageError(f"expected no --{option} with --role hidden: a hidden root has no windows")


def _new_root(proposal: str | None, as_json: bool) -> None:
    house = open_house()
    if not seconds.agreed(house, "hidden_root.add", "key:hidden", {}, proposal):
        return
    root = hiding.new_root(house.desk, house.key_folder)
    if as_json:
        echo_json(_root_as_json(house, root, latest=True))
    else:
        say_root_made(house, root)


@keys.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List keys, and whether their private part is here."""
    house = open_house()
    with house.reading() as reader:
        keyring, roots = registry_keys.keyring(reader), hidden_roots.everything(reader)
    for number, why in keyring.refused.items():
        click.echo(f"traceqr: key {number} is refused: {why}", err=True)
    if as_json:
        listed = [_root_as_json(house, root, latest=root == roots[-1]) for root in roots]
        echo_json([*(_as_json(house, key) for key in keyring.keys.values()), *listed])
        return
    echo_table(
        ("number", "role", "status", "signs until", "verified until", "private part"),
        [
            *(_row(house, key) for key in keyring.keys.values()),
            *(_root_row(house, root, latest=root == roots[-1]) for root in roots),
        ],
        "there are no keys; run: traceqr keys new",
    )


def _row(house: House, key: PublicKey) -> tuple[object, ...]:
    zone = house.settings.timezone
    signs, verified = moment(key.signing.to_ms, zone)[:10], moment(key.verifying.to_ms, zone)[:10]
    return key.number, key.role, key.status, signs, verified, _where(_is_here(house, key))


def _root_row(house: House, root: RootRecord, latest: bool) -> tuple[object, ...]:
    here = _root_is_here(house, root)
    return root.number, Role.HIDDEN, _root_status(latest), f"from batch {root.first_batch}", "-", _where(here)


def _where(here: bool) -> str:
    return "here" if here else "not here"


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
@seconds.option
@options.yes
def destroy(number: int, reason: str, proposal: str | None, yes: bool) -> None:
    """Remove the private part of a key: its batches can never be printed again."""
    house = open_house()
    confirm(f"Destroy the private part of key {number}? Its batches can never be printed again.", yes)
    if not seconds.agreed(house, "key.destroy", f"key:{number}", {"reason": reason}, proposal):
        return
    keying.destroy(house.desk, house.key_folder, number, reason)
    click.echo(f"destroyed: the private part of key {number}; backups of it are yours to destroy")


@keys.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@click.option("--as-of", type=click.IntRange(min=0), help="Ledger position since when it was stolen; now by default.")
@seconds.option
@options.yes
def compromise(number: int, reason: str, as_of: int | None, proposal: str | None, yes: bool) -> None:
    """Count a key as stolen: its labels become suspect, those not yet activated void."""
    house = open_house()
    confirm(f"Count key {number} as stolen? What it issued and is not yet activated becomes void.", yes)
    if not seconds.agreed(house, "key.compromise", f"key:{number}", {"as_of": as_of, "reason": reason}, proposal):
        return
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
    click.echo(f"its private part is {_lock(house)}; back it up: traceqr keys backup FILE")


def say_root_made(house: House, root: RootRecord) -> None:
    """Say where the file of a new hidden root is, and what it is for."""
    click.echo(f"hidden root {root.number}: {keyfiles.hidden_path(house.settings.keys, root.number)}")
    click.echo(
        f"it gives the hidden codes of batches from {root.first_batch} on, and is {_lock(house)};"
        " back it up: traceqr keys backup FILE"
    )


def _lock(house: House) -> str:
    return "locked by TRACEQR_KEY_PASSPHRASE" if house.settings.key_passphrase else "not encrypted, mode 0600"


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


def _root_is_here(house: House, root: RootRecord) -> bool:
    return keyfiles.hidden_path(house.settings.keys, root.number).exists()


def _root_status(latest: bool) -> Status:
    """As with keys: a retired one serves the batches that it has, and no new ones."""
    return Status.ACTIVE if latest else Status.RETIRED


def _root_as_json(house: House, root: RootRecord, latest: bool) -> dict[str, Any]:
    return {
        "number": root.number,
        "role": str(Role.HIDDEN),
        "status": str(_root_status(latest)),
        "commitment": root.commitment,
        "first_batch": root.first_batch,
        "private_here": _root_is_here(house, root),
    }
