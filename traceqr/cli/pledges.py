"""`traceqr pledge`: what enterprises apply for, sign and keep, and how officers see to it."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from traceqr import pledging, upholding
from traceqr.acting import ActRefused
from traceqr.certificate import MAX_PLEDGE, CertificateNumber, InvalidCertificateNumber
from traceqr.certifying.content import content_of, may_be_drawn
from traceqr.cli import options
from traceqr.cli.house import ACTOR, confirm, open_house
from traceqr.cli.output import opened
from traceqr.cli.showing import echo_fields, echo_json, echo_table, in_iso, moment
from traceqr.cli.tables import import_tally
from traceqr.importing.pledges import import_pledges
from traceqr.pledging import Signature
from traceqr.region import COUNTRY, is_region
from traceqr.registry import campaigns, certificates, pledge_records, pledges
from traceqr.registry.campaigns import Campaign
from traceqr.registry.database import Reader
from traceqr.registry.pledge_records import PledgeFile
from traceqr.registry.pledges import Place, Pledge

_PLACE = re.compile("([0-9]{6}):([0-9]{1,10})")

_number = click.argument("number", type=options.NUMBER)
_numbers = click.argument("numbers", type=options.NUMBER, nargs=-1, required=True)
_text = click.option("--text", required=True, help="Kept beside the pledge; the ledger holds a digest.")
_reason = click.option("--reason", required=True, help="Why; kept beside the pledge, the ledger holds a digest.")
_finding = click.option("--finding", "finding_id", default="", help="Its id, where more than one stands.")


@click.group()
def pledge() -> None:
    """What enterprises apply for, sign and keep."""


@pledge.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Publish those of a CSV file that were signed on paper: all of them or none."""
    import_tally(import_pledges, file, as_json)


@pledge.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List pledges with their numbers, latest first."""
    house = open_house()
    with house.reading() as reader:
        rows = pledges.everything(reader)
    if as_json:
        echo_json([in_iso(row) for row in rows])
        return
    zone = house.settings.timezone

    def day(at_ms: int | None) -> str:
        return "" if at_ms is None else moment(at_ms, zone)[:10]

    echo_table(
        ("number", "campaign", "uscc", "enterprise", "from", "until", "state"),
        (
            (
                *(row[name] for name in ("number", "campaign_id", "uscc", "name_zh")),
                day(row["valid_from_ms"]),
                day(row["valid_to_ms"] and row["valid_to_ms"] - 1),
                row["state"],
            )
            for row in rows
        ),
        "there are no pledges",
    )


@pledge.command()
@click.argument("campaign_id")
@click.option("--state", type=click.Choice(pledges.STATES), default="applied", show_default=True)
@click.option("--region", default=COUNTRY, help="Only enterprises of this region, a code of GB/T 2260.")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Of them at once.")
@click.option("--after", help="Where the last page ended, as REGION:NUMBER.")
@options.as_json
def queue(campaign_id: str, state: str, region: str, most: int, after: str | None, as_json: bool) -> None:
    """List those of a campaign in one state, by region and number: what awaits a decision, unless told otherwise."""
    if not is_region(region):
        raise ActRefused(f"expected a region of 6 digits (GB/T 2260), got {region!r}", "region")
    with open_house().reading() as reader:
        _campaign(reader, campaign_id)
        rows = pledges.queue(reader, campaign_id, state, region, most, _place(after))
    if as_json:
        echo_json([in_iso(row) for row in rows])
        return
    names = ("number", "uscc", "name_zh", "region", "sector")
    echo_table(names, ([row[name] for name in names] for row in rows), f"no pledge is {state}")
    if len(rows) == most:
        click.echo(f"there may be more: --after {rows[-1]['region']}:{rows[-1]['number']}")


@pledge.command()
@click.argument("which", metavar="NUMBER")
@options.as_json
def show(which: str, as_json: bool) -> None:
    """Show a pledge, by its number or its certificate's: who signed, what was asked and answered, what was found."""
    house = open_house()
    with house.reading() as reader:
        found, campaign = _file(reader, which)
    certificate = str(CertificateNumber(campaign.code, found.pledge.number))
    if as_json:
        echo_json({**in_iso(asdict(found.pledge)), "certificate": certificate, **_records(found)})
        return
    zone = house.settings.timezone
    click.echo(f"pledge {found.pledge.number}")
    echo_fields({**_fields(found.pledge), "certificate": certificate})
    for signature in found.signatures:
        echo_fields({"signed": f"{moment(signature.at_ms, zone)} {signature.name}, {signature.title}"})
    for note in found.notes:
        echo_fields({note.kind: f"{moment(note.at_ms, zone)} {note.content}"})
    for finding in found.findings:
        echo_fields({"finding": f"{finding.id} {moment(finding.at_ms, zone)} {finding.content}"})
        echo_fields({"reply": finding.reply, "cleared": finding.closing})


@pledge.command()
@click.argument("campaign_id")
@click.option("--uscc", required=True, help="Code of an enrolled enterprise.")
def apply(campaign_id: str, uscc: str) -> None:
    """Apply in a campaign for an enterprise."""
    _say(pledging.apply(open_house().desk, campaign_id, uscc))


@pledge.command()
@_number
@_text
def ask(number: int, text: str) -> None:
    """Return an application to the enterprise, with a question."""
    _say(pledging.ask_back(open_house().desk, number, text))


@pledge.command()
@_number
@_text
def answer(number: int, text: str) -> None:
    """Answer the question that an application was returned with."""
    _say(pledging.answer(open_house().desk, number, text))


@pledge.command()
@_numbers
def accept(numbers: tuple[int, ...]) -> None:
    """Accept applications: all of them or none."""
    for each in pledging.accept_many(open_house().desk, numbers):
        _say(each)


@pledge.command()
@_number
@_reason
def refuse(number: int, reason: str) -> None:
    """Refuse an application."""
    _say(pledging.refuse(open_house().desk, number, reason))


@pledge.command()
@_number
@click.option("--name", required=True, help="Who signs; kept beside the pledge.")
@click.option("--title", required=True, help="In which capacity.")
@click.option("--digest", required=True, help="Of the text that was read, as campaign show tells it.")
@click.option("--account", default=ACTOR, show_default=True, help="Id of the account that signs.")
def sign(number: int, name: str, title: str, digest: str, account: str) -> None:
    """Sign the present text of the campaign for an enterprise that was accepted."""
    _say(pledging.sign(open_house().desk, number, Signature(name, title, digest, account)))


@pledge.command()
@_numbers
def publish(numbers: tuple[int, ...]) -> None:
    """Publish signed pledges: all of them or none."""
    for each in pledging.publish_many(open_house().desk, numbers):
        _say(each)


@pledge.command()
@_number
@_reason
@options.yes
def withdraw(number: int, reason: str, yes: bool) -> None:
    """Withdraw a pledge: every label that carries it says so. Once it was published this cannot be undone."""
    house = open_house()
    confirm(f"Withdraw pledge {number} for ever?", yes)
    _say(pledging.withdraw(house.desk, number, reason))


@pledge.command()
@_number
@_text
@options.yes
def breach(number: int, text: str, yes: bool) -> None:
    """Declare that a pledge was not kept: every label that carries it says so, with the finding."""
    house = open_house()
    confirm(f"Publish on every label that pledge {number} was not kept?", yes)
    upheld = upholding.declare_breach(house.desk, number, text)
    click.echo(f"breached: pledge {number}, by finding {upheld.finding_id}")


@pledge.command()
@_number
@_text
@_finding
def reply(number: int, text: str, finding_id: str) -> None:
    """Publish the enterprise's reply beside a finding: once to each."""
    upheld = upholding.reply(open_house().desk, number, text, finding_id)
    click.echo(f"replied: to finding {upheld.finding_id}")


@pledge.command()
@_number
@_reason
@_finding
def clear(number: int, reason: str, finding_id: str) -> None:
    """Clear a finding that was wrong; it stays in the pledge's history."""
    upheld = upholding.clear(open_house().desk, number, reason, finding_id)
    click.echo(f"cleared: finding {upheld.finding_id}; pledge {number} is {upheld.pledge.state}")


@pledge.command()
@click.argument("which", metavar="NUMBER")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF file.")
def certificate(which: str, output: Path) -> None:
    """Draw the certificate of a published pledge, by its number or the certificate's, as a PDF."""
    house = open_house()
    origin = str(house.settings.require_origin())
    with house.reading() as reader:
        found, _ = _file(reader, which)
        certified = certificates.certified(reader, found.pledge.number)
    if certified is None or not may_be_drawn(certified):
        raise ActRefused(f"expected a published pledge, {found.pledge.number} is {found.pledge.state}")
    from traceqr.certifying.drawing import draw

    content = draw(content_of(certified, origin, house.settings.timezone))
    with opened(output) as file:
        file.write(content)


def _say(done: Pledge) -> None:
    click.echo(f"{done.state}: pledge {done.number}")


def _campaign(reader: Reader, campaign_id: str) -> Campaign:
    found = campaigns.by_id(reader, campaign_id)
    if found is None:
        raise ActRefused(f"expected the id of an open campaign, got {campaign_id!r}", "campaign")
    return found


def _place(after: str | None) -> Place | None:
    if after is None:
        return None
    match = _PLACE.fullmatch(after)
    if match is None:
        raise ActRefused(f"expected a place such as 330106:27, got {after[:80]!r}", "after")
    return Place(match[1], int(match[2]))


def _file(reader: Reader, which: str) -> tuple[PledgeFile, Campaign]:
    """By a pledge's number, or its certificate's, whose code must be that of its campaign."""
    certificate = None if which.isdecimal() else CertificateNumber.typed(which)
    number = certificate.pledge if certificate else int(which[:20])
    found = pledge_records.file_of(reader, number) if number <= MAX_PLEDGE else None
    if found is None:
        raise ActRefused(f"expected the number of a pledge, {which[:80]} is none")
    campaign = _campaign(reader, found.pledge.campaign_id)
    if certificate and certificate.code != campaign.code:
        raise InvalidCertificateNumber(f"expected the number of a certificate, {certificate} is none")
    return found, campaign


def _fields(found: Pledge) -> dict[str, object | None]:
    return {
        "campaign": found.campaign_id,
        "state": found.state,
        "region": found.region,
        "sector": found.sector,
        "text": found.text_version and f"version {found.text_version}",
    }


def _records(found: PledgeFile) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [in_iso(asdict(each)) for each in getattr(found, name)] for name in ("signatures", "notes", "findings")
    }
