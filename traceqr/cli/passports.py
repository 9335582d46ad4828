"""`traceqr passport`: digital product passports with the seal of the deployment."""

from __future__ import annotations

from pathlib import Path

import click

from traceqr import passporting
from traceqr.cli import options
from traceqr.cli.bundles import Duration, trusted_keys, with_keys
from traceqr.cli.house import House, open_house
from traceqr.cli.process import rounds, say
from traceqr.cli.showing import echo_fields, echo_json, echo_table, in_iso, moment
from traceqr.errors import TraceqrError
from traceqr.instant import DAY_MS, system_clock, to_iso
from traceqr.label.host import InvalidOrigin, Origin
from traceqr.passport.facts import Issuer
from traceqr.passport.proof import MAX_BYTES, proven
from traceqr.passporting import Published
from traceqr.registry import passports

_LISTED = 100


@click.group()
def passport() -> None:
    """Digital product passports: what export customers take of products."""


@passport.command()
@click.option("--every", type=Duration(), help="Go on, and look again after such a time as 10m.")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How long one is good.")
@options.as_json
def publish(every: int | None, days: int, as_json: bool) -> None:
    """Sign the passports that say something new, or half of whose term is over.

    It needs a key for passports (traceqr keys new --role passport) and TRACEQR_ORIGIN. One process is enough.
    """
    house = open_house()
    house.settings.require_origin()
    if every is None:
        _say_published(_publish(house, days), as_json)
        return
    for _ in rounds("passport-publisher", every):
        _round(house, days)


def _publish(house: House, days: int) -> list[Published]:
    """All that is due, in as many acts as it takes."""
    done: list[Published] = []
    after: str | None = ""
    while after is not None:
        origin = str(house.settings.require_origin())
        done.append(passporting.publish(house.desk, house.database, house.key_folder, origin, after, days * DAY_MS))
        after = done[-1].after
    return done


def _round(house: House, days: int) -> None:
    """One that fails is told, and made good by the next."""
    try:
        done = _publish(house, days)
    except TraceqrError as error:
        say("passports-not-published", error=str(error))
        return
    if any(one.issue for one in done):
        say("passports-published", **_as_json(done))


def _as_json(done: list[Published]) -> dict[str, object]:
    issues = [one.issue for one in done if one.issue]
    return {
        "looked_at": sum(one.looked_at for one in done),
        "signed": sum(issue.credentials for issue in issues),
        "expires": to_iso(issues[-1].expires_ms) if issues else None,
        "key": issues[-1].key_number if issues else None,
    }


def _say_published(done: list[Published], as_json: bool) -> None:
    told = _as_json(done)
    if as_json:
        echo_json(told)
    else:
        click.echo(f"{told['looked_at']:,} credentials looked at, {told['signed']:,} signed")


@passport.command("list")
@options.as_json
def listed(as_json: bool) -> None:
    """List what was signed, latest first."""
    house = open_house()
    with house.reading() as reader:
        rows = passports.issues(reader, _LISTED)
    if as_json:
        echo_json([in_iso(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("issue", "made", "good until", "key", "credentials"),
        (
            (
                row["number"],
                moment(row["made_ms"], zone),
                moment(row["expires_ms"], zone),
                row["key_number"],
                row["credentials"],
            )
            for row in rows
        ),
        "nothing was signed; run: traceqr passport publish",
    )


@passport.command()
@click.argument("file", type=options.FILE)
@with_keys
@click.option("--origin", required=True, help="Whose passport it must be, such as https://qr.example.org.")
@options.as_json
def verify(file: Path, keys_file: Path | None, origin: str, as_json: bool) -> None:
    """Check the passport in FILE, an envelope as the site hands it out, with no network where --keys is given.

    Ends with 1 where it does not count.
    """
    with file.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    try:
        issuer = Issuer(str(Origin.parse(origin)).lower())
    except InvalidOrigin as error:
        raise click.BadParameter(str(error), param_hint="--origin") from error
    found = proven(content.decode("latin-1").strip(), issuer, trusted_keys(keys_file), system_clock())
    if as_json:
        echo_json(found)
        return
    echo_fields(
        {
            "kind": found["type"][0],
            "id": found["id"],
            "name": found.get("name"),
            "issuer": issuer.did,
            "good until": found["validUntil"],
        }
    )
