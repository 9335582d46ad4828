"""`traceqr verify`: the truth about one label."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from traceqr.cli import options
from traceqr.cli.house import read_settings
from traceqr.cli.showing import echo_fields, echo_json, moment, plain
from traceqr.errors import RegistryUnavailable
from traceqr.evidence import Enterprise, Evidence, Finding, Notice, Verdict
from traceqr.instant import system_clock
from traceqr.registry import opening
from traceqr.settings import Settings
from traceqr.symbol.reading import MAX_PHOTO_BYTES, read_photo
from traceqr.verdict import Code
from traceqr.verdict_json import to_json
from traceqr.verifying import Verifier

GOOD = frozenset({Code.GENUINE, Code.SEEN})

MAX_LINE = 64 * 1024
"""Bytes read of a line; a label is shorter than 500."""

NAMES = {
    Code.GENUINE: "码真",
    Code.SEEN: "已被查询过",
    Code.SUSPECT: "存疑",
    Code.INACTIVE: "尚未激活",
    Code.HELD: "暂停销售",
    Code.RECALLED: "召回",
    Code.VOID: "作废",
    Code.FORGED: "伪码",
    Code.UNCHECKED: "暂无法核验",
}
MEANINGS = {
    Code.GENUINE: "The code is real, and no other device has looked at it. That says nothing of the goods.",
    Code.SEEN: "The code is real, and other devices have looked at it before. A copy of a code is as real as the code.",
    Code.SUSPECT: "The seal holds, but something about the code is not as it should be.",
    Code.INACTIVE: "The code is real, but the enterprise has not activated it for sale.",
    Code.HELD: "The code is real, but the sale of the product is suspended.",
    Code.RECALLED: "The code is real, and the product is being recalled.",
    Code.VOID: "The label was declared void: it should be on no product.",
    Code.FORGED: "The code was not issued here.",
    Code.UNCHECKED: "The code could not be checked, which says nothing about it, neither good nor bad.",
}


@click.command()
@click.argument("text", required=False)
@click.option("--image", type=options.FILE, help="A photo of the label instead of its text.")
@options.as_json
@click.pass_context
def verify(ctx: click.Context, text: str | None, image: Path | None, as_json: bool) -> None:
    """Verify a label by its text, - for a line from standard input, or by a photo.

    Exits with 0 when the verdict is genuine or seen, else with 1. Nothing is recorded.
    """
    if (text is None) == (image is None):
        raise click.UsageError("expected either TEXT or --image FILE")
    found = _from_photo(image) if image is not None else label_text(text or "")
    settings = read_settings()
    settings.require_origin()
    verdict = _verdict(settings, found)
    if as_json:
        echo_json(to_json(verdict))
    else:
        _show(verdict, settings.timezone)
    ctx.exit(0 if verdict.code in GOOD else 1)


def label_text(argument: str) -> str:
    """The argument, or for `-` one line of standard input without its line end."""
    if argument != "-":
        return argument
    line = sys.stdin.buffer.readline(MAX_LINE)
    return line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")


def _from_photo(path: Path) -> str:
    with path.open("rb") as file:
        return read_photo(file.read(MAX_PHOTO_BYTES + 1))


def _verdict(settings: Settings, text: str) -> Verdict:
    """The verifier's word. Where the registry cannot be used that is nothing good, and the remedy goes to stderr."""
    database = opening.open_database(settings.database)
    click.get_current_context().call_on_close(database.close)
    try:
        opening.check(database)
    except RegistryUnavailable as error:
        click.echo(f"traceqr: {plain(error)}", err=True)
    return Verifier(database, settings.official_hosts, system_clock).verify(text, history=True)


def _show(verdict: Verdict, zone: ZoneInfo) -> None:
    click.echo(f"{verdict.code.upper()}  {NAMES[verdict.code]}")
    click.echo(MEANINGS[verdict.code])
    label, history = verdict.label, verdict.history
    echo_fields({"reason": f"{verdict.reason} (step {verdict.step:d}, {verdict.step.name.lower()})"})
    if label:
        official = "" if verdict.host_official else ", which is not an official host"
        echo_fields({"host": f"{label.origin.host}{official}", "gtin": label.gtin, "serial": label.serial.readable})
    if history:
        first = f", first {moment(history.first_seen_ms, zone)}" if history.first_seen_ms is not None else ""
        often = {0: "never", 1: "once"}.get(history.times_seen, f"{history.times_seen:,} times")
        echo_fields({"seen": f"{often}{first}"})
    if verdict.evidence:
        _show_evidence(verdict.evidence, zone)


def _show_evidence(evidence: Evidence, zone: ZoneInfo) -> None:
    product, enterprise, batch, pledge = evidence.product, evidence.enterprise, evidence.batch, evidence.pledge
    echo_fields(
        {
            "product": _joined(product.name_zh, product.name_en, product.specification, changed=product.changed_since),
            "brand": product.brand,
            "standard": product.standard,
            "enterprise": _joined(
                enterprise.name_zh, enterprise.name_en, enterprise.uscc, changed=enterprise.changed_since
            ),
            "phone": enterprise.service_phone,
            "printed as": " / ".join(filter(None, (enterprise.printed_zh, enterprise.printed_en))),
            "gtin right": _right(enterprise, zone),
            "batch": f"{batch.number}, issued {moment(batch.issued_ms, zone)}",
            "lot": batch.lot,
            "produced": batch.produced_on,
            "expires": batch.expires_on,
            "activated": None if evidence.activated_ms is None else moment(evidence.activated_ms, zone),
        }
    )
    if pledge:
        until = moment(pledge.valid_to_ms - 1, zone)[:10]
        said = f"{pledge.number} in {pledge.campaign_zh}, {pledge.state}, until {until}"
        echo_fields({"pledge": _joined(said, changed=pledge.changed_since)})
        for finding in pledge.findings:
            _show_finding(finding, zone)
    for mark in evidence.marks:
        until = moment(mark.valid_to_ms - 1, zone)[:10]
        echo_fields({"mark": f"{mark.name_zh} ({mark.licence}), {mark.state}, until {until}"})
        if mark.troubled:
            echo_fields({f"mark {mark.state}": f"since {moment(mark.since_ms, zone)}: {mark.reason}"})
    for notice in evidence.notices:
        _show_notice(notice, zone)


def _joined(*parts: str, changed: bool) -> str:
    """What there is of the parts, and whether it was changed after the label was printed."""
    return " / ".join(filter(None, parts)) + (" (changed since)" if changed else "")


def _right(enterprise: Enterprise, zone: ZoneInfo) -> str | None:
    """By whom the right to the GTIN was accepted, or that it is gone."""
    revoked = enterprise.revoked
    if revoked:
        holder = "; another enterprise holds it now" if revoked.held_by_another else ""
        return f"REVOKED {moment(revoked.since_ms, zone)} by {revoked.by_zh}{holder}"
    return f"accepted by {enterprise.accepted_by_zh}" if enterprise.accepted_by_zh else None


def _show_finding(finding: Finding, zone: ZoneInfo) -> None:
    echo_fields({"breached": f"since {moment(finding.since_ms, zone)}: {finding.text}"})
    replied = "" if finding.replied_ms is None else f"{moment(finding.replied_ms, zone)}: {finding.reply}"
    echo_fields({"reply": replied or "none yet"})


def _show_notice(notice: Notice, zone: ZoneInfo) -> None:
    reason = f": {notice.reason}" if notice.reason else ""
    echo_fields({notice.kind: f"since {moment(notice.since_ms, zone)}{reason}"})
