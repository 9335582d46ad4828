"""`traceqr bundle`: what those hold who verify with no network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from traceqr import bundling
from traceqr.bundle.envelope import Envelope
from traceqr.bundle.judging import Holder
from traceqr.bundle.manifest import Manifest
from traceqr.bundle.part import Batch, Part
from traceqr.bundle.reading import Malformed
from traceqr.bundle.refusal import BundleRefused
from traceqr.bundle.scope import ALL, Scope
from traceqr.bundle.taking import Taken, take_manifest, take_part
from traceqr.bundling import Published
from traceqr.cli import options
from traceqr.cli.house import House, open_house, read_settings
from traceqr.cli.process import rounds, say
from traceqr.cli.showing import echo_fields, echo_json, echo_table, in_iso, moment, plain
from traceqr.cli.verification import MEANINGS, NAMES, label_text
from traceqr.errors import TraceqrError
from traceqr.instant import HOUR_MS, system_clock, to_iso
from traceqr.label.jwk import keyring_of
from traceqr.label.keyring import Keyring
from traceqr.registry import bundles, keys
from traceqr.registry.bundles import MOST_PARTS
from traceqr.verdict import Code, Ruling

MANIFEST_SUFFIX = ".tqb"
PART_SUFFIX = ".part"

_MAX_JWKS = 16 * 2**20
_LISTED = 100
_UNITS = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile("([1-9][0-9]{0,4})([smh])")


class Duration(click.ParamType[int]):
    """Such as 90s, 10m or 1h; as seconds, up to a day."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See `click.ParamType.convert`."""
        found = _DURATION.fullmatch(str(value))
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0
        if not 1 <= seconds <= 86_400:
            self.fail(f"expected a time such as 90s, 10m or 1h, up to 24h, got {value!r}", param, ctx)
        return seconds


class _ScopeType(click.ParamType[Scope]):
    name = "scope"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Scope:
        """See `click.ParamType.convert`."""
        try:
            return Scope(str(value))
        except Malformed as error:
            self.fail(str(error), param, ctx)


with_keys = click.option(
    "--keys", "keys_file", type=options.FILE, help="The public keys as they are published; else the registry's."
)
_scope = click.option("--scope", type=_ScopeType(), help="The scope that it must be of; whichever it is, by default.")


@click.group()
def bundle() -> None:
    """Trust bundles: what those hold who verify with no network."""


@bundle.command()
@click.option("--every", type=Duration(), help="Go on, and look again after such a time as 10m.")
@click.option("--hours", type=click.IntRange(1, 24 * 30), default=72, show_default=True, help="How long it is good.")
@options.as_json
def publish(every: int | None, hours: int, as_json: bool) -> None:
    """Publish what the registry says now, unless that was published within the hour.

    It needs a key for bundles (traceqr keys new --role bundle) and TRACEQR_ORIGIN. One process is enough.
    """
    house = open_house()
    house.settings.require_origin()
    if every is None:
        _say_published(house, _publish(house, hours), as_json)
        return
    for _ in rounds("bundle-publisher", every):
        _round(house, hours)


def _publish(house: House, hours: int) -> Published:
    settings = house.settings
    return bundling.publish(house.desk, house.database, house.key_folder, settings.official_hosts, hours * HOUR_MS)


def _round(house: House, hours: int) -> None:
    """One that fails is told, and made good by the next."""
    try:
        done = _publish(house, hours)
    except TraceqrError as error:
        say("bundle-not-published", error=str(error))
        return
    if done.files:
        say("bundle-published", **_as_json(done))


def _as_json(done: Published) -> dict[str, object]:
    return {
        "version": done.publication.number,
        "published": bool(done.files),
        "position": done.publication.ledger_size,
        "made": to_iso(done.publication.made_ms),
        "expires": to_iso(done.publication.expires_ms),
        "manifests": dict(done.files),
        "parts": done.parts,
        "bytes": done.octets,
        "changed_parts": done.made,
        "changed_bytes": done.made_octets,
        "too_large": list(done.left_out),
    }


def _say_published(house: House, done: Published, as_json: bool) -> None:
    for scope in done.left_out:
        click.echo(f"traceqr: scope {scope} is left out: its manifest would be too large to be taken", err=True)
    if as_json:
        echo_json(_as_json(done))
        return
    zone, publication = house.settings.timezone, done.publication
    what = "published: version" if done.files else "nothing has changed since version"
    click.echo(f"{what} {publication.number}, good until {moment(publication.expires_ms, zone)}")
    if done.files:
        click.echo(f"{len(done.files)} manifests, the largest of {max(done.files.values()):,} bytes")
    click.echo(f"{done.parts:,} parts of {done.octets:,} bytes; changed: {done.made:,} of {done.made_octets:,} bytes")


@bundle.command("list")
@options.as_json
def listed(as_json: bool) -> None:
    """List what was published, latest first."""
    house = open_house()
    with house.reading() as reader:
        rows = bundles.everything(reader, _LISTED)
    if as_json:
        echo_json([in_iso(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("version", "ledger", "made", "good until", "key", "manifests kept"),
        (
            (
                row["number"],
                row["ledger_size"],
                moment(row["made_ms"], zone),
                moment(row["expires_ms"], zone),
                row["key_number"],
                row["manifests"],
            )
            for row in rows
        ),
        "nothing was published; run: traceqr bundle publish",
    )


@bundle.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--scope", type=_ScopeType(), default=str(ALL), show_default=True, help="public, all or region:RR0000.")
def save(folder: Path, scope: Scope) -> None:
    """Write the latest bundle of a scope into a FOLDER: its manifest, and its parts beside it.

    Parts that are there already are not written again. Copied to another machine, it can be judged by there.
    """
    house = open_house()
    with house.reading() as reader:
        found = bundles.manifest(reader, str(scope))
        if found is None:
            raise TraceqrError(f"expected a bundle of scope {scope}, none was published: run: traceqr bundle publish")
        manifest = Manifest.parse(Envelope.split(found[1]).manifest)
        folder.mkdir(parents=True, exist_ok=True)
        missing = [part.digest for part in manifest.parts if not _part_path(folder, part.digest).exists()]
        for at in range(0, len(missing), MOST_PARTS):
            for digest, octets in bundles.parts(reader, missing[at : at + MOST_PARTS]).items():
                _part_path(folder, digest).write_bytes(octets)
    path = folder / f"{str(scope).replace(':', '-')}{MANIFEST_SUFFIX}"
    path.write_bytes(found[1])
    click.echo(f"{plain(path)}: version {manifest.version}, and {len(missing):,} of {len(manifest.parts):,} parts")


@bundle.command()
@click.argument("file", type=options.FILE)
@with_keys
@_scope
@options.as_json
@click.pass_context
def verify(ctx: click.Context, file: Path, keys_file: Path | None, scope: Scope | None, as_json: bool) -> None:
    """Take the manifest in FILE and the parts beside it, as a verifier's device would.

    Ends with 1 where one is refused. Parts that are not there are counted: nobody must hold all.
    """
    taken = _taken(file, keys_file, scope)
    manifest, refused, here = taken.manifest, [], 0
    for entry in manifest.parts:
        if _part_path(file.parent, entry.digest).exists():
            here += 1
            try:
                take_part(manifest, entry.digest, _part_path(file.parent, entry.digest).read_bytes())
            except BundleRefused as error:
                refused.append({"digest": entry.digest, "reason": error.reason, "error": str(error)})
    told = {**_told(manifest), "parts": len(manifest.parts), "parts_here": here, "refused": refused}
    if as_json:
        echo_json(told)
    else:
        echo_fields({name: value for name, value in told.items() if name != "refused"})
        for fault in refused:
            click.echo(f"  part {fault['digest']}: {plain(fault['error'])}")
    ctx.exit(1 if refused else 0)


@bundle.command()
@click.argument("file", type=options.FILE)
@click.argument("text")
@with_keys
@options.as_json
@click.pass_context
def judge(ctx: click.Context, file: Path, text: str, keys_file: Path | None, as_json: bool) -> None:
    """Judge a label's TEXT (- for a line from standard input) by the bundle in FILE and the parts beside it, with no
    registry and no network if --keys is given.

    Exits with 0 when the verdict is genuine, else with 1.
    """
    taken = _taken(file, keys_file, None, expired_too=True)
    at_ms = system_clock()
    holder = Holder(taken.manifest, lambda digest: _part_here(taken.manifest, file.parent, digest))
    ruling = holder.judge(label_text(text), at_ms)
    shown = holder.shown(ruling.label) if ruling.label and ruling.facts else None
    if as_json:
        echo_json(_ruling_as_json(ruling, taken.manifest, holder.age_ms(at_ms)))
    else:
        _show(ruling, shown, taken.manifest, at_ms)
    ctx.exit(0 if ruling.code is Code.GENUINE else 1)


def _taken(file: Path, keys_file: Path | None, scope: Scope | None, *, expired_too: bool = False) -> Taken:
    """The manifest of a file, taken. One that has expired may be judged by, which says so itself."""
    octets = file.read_bytes()
    try:
        manifest = Manifest.parse(Envelope.split(octets).manifest)
    except Malformed as error:
        raise BundleRefused("bundle-malformed", str(error)) from error
    at_ms = manifest.made_ms if expired_too else system_clock()
    return take_manifest(octets, trusted=trusted_keys(keys_file), scope=scope or manifest.scope, held=None, at_ms=at_ms)


def trusted_keys(keys_file: Path | None) -> Keyring:
    """The keys of a file as they are published; the registry's, where there is none."""
    if keys_file is None:
        with open_house().reading() as reader:
            return keys.keyring(reader)
    with keys_file.open("rb") as file:
        content = file.read(_MAX_JWKS)
    try:
        return keyring_of(json.loads(content)["keys"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise TraceqrError(
            f"expected public keys in {keys_file}, as /.well-known/traceqr-keys.json tells them, got something else"
        ) from error


def _part_path(folder: Path, digest: str) -> Path:
    return folder / f"{digest}{PART_SUFFIX}"


def _part_here(manifest: Manifest, folder: Path, digest: str) -> Part | None:
    """A part that is refused is one that is not held, and is told."""
    try:
        return take_part(manifest, digest, _part_path(folder, digest).read_bytes())
    except FileNotFoundError:
        return None
    except BundleRefused as error:
        click.echo(f"traceqr: part {digest} is refused: {plain(error)}", err=True)
        return None


def _told(manifest: Manifest) -> dict[str, object]:
    return {
        "scope": str(manifest.scope),
        "version": manifest.version,
        "position": manifest.position,
        "made": to_iso(manifest.made_ms),
        "expires": to_iso(manifest.expires_ms),
        "hosts": ", ".join(manifest.hosts),
        "keys": len(manifest.records),
        "recalls": len(manifest.recalls),
    }


def _ruling_as_json(ruling: Ruling, manifest: Manifest, age_ms: int) -> dict[str, object]:
    return {
        "verdict": str(ruling.code),
        "reason": ruling.reason,
        "step": int(ruling.step),
        "serial": str(ruling.label.serial) if ruling.label else None,
        "scope": str(manifest.scope),
        "version": manifest.version,
        "made": to_iso(manifest.made_ms),
        "age_ms": age_ms,
    }


def _show(ruling: Ruling, shown: tuple[Part, Batch] | None, manifest: Manifest, at_ms: int) -> None:
    click.echo(f"{ruling.code.upper()}  {NAMES[ruling.code]}")
    meaning = MEANINGS[ruling.code]
    click.echo("The code is valid. Its history was not checked." if ruling.code is Code.GENUINE else meaning)
    echo_fields({"reason": f"{ruling.reason} (step {ruling.step:d}, {ruling.step.name.lower()})"})
    zone = read_settings().timezone
    age = (at_ms - manifest.made_ms) // HOUR_MS
    made = f"version {manifest.version} of scope {manifest.scope}, made {moment(manifest.made_ms, zone)}"
    echo_fields({"data": f"{made}, {age:,} hours ago"})
    if ruling.label:
        echo_fields({"gtin": ruling.label.gtin, "serial": ruling.label.serial.readable})
    if shown and ruling.label:
        _show_batch(*shown, ruling.label.serial.index, manifest, at_ms)


def _show_batch(part: Part, batch: Batch, index: int, manifest: Manifest, at_ms: int) -> None:
    product, firm, pledge = part.product, part.enterprise, part.pledge_of(batch)
    echo_fields(
        {
            "product": " / ".join(filter(None, (product.name_zh, product.name_en, product.specification))),
            "enterprise": " / ".join(filter(None, (firm.name_zh, firm.name_en, firm.uscc))),
            "phone": firm.service_phone,
            "lot": batch.lot,
            "produced": batch.produced,
            "expires": batch.expires,
            "pledge": f"{pledge.number} in {pledge.campaign_zh}, {pledge.state_at(at_ms)}" if pledge else None,
            "marks": ", ".join(
                f"{mark.name_zh} ({mark.licence}), {mark.state_at(at_ms)}" for mark in part.marks_of(batch)
            ),
        }
    )
    for recall_id in batch.recalls_over(index):
        recall = manifest.recall(recall_id)
        words = recall.words.get("zh-Hans") or next(iter(recall.words.values()), None) if recall else None
        echo_fields(
            {"recall": " ".join(filter(None, (words.hazard, words.advice, words.contact))) if words else recall_id}
        )
