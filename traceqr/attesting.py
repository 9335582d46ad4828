"""Attesting: what an enterprise has pledged, may carry, and was honoured with, as passports tell it.

| is told | and conforms |
| --- | --- |
| a pledge, from its publication until its last day | unless it was breached or withdrawn |
| a licence of a mark, from its first day until its last | unless it is suspended or was withdrawn |
| a recognition that was not revoked | always |

So what was withdrawn is told as withdrawn until the day on which it would have ended, and then not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from traceqr.certificate import CertificateNumber
from traceqr.instant import day_number, numbered_day
from traceqr.passport.conformity import LICENCE, PLEDGE, RECOGNITION
from traceqr.passport.credential import PREFIX
from traceqr.passport.facts import Attestation, Party
from traceqr.passport.vocabulary import COMPLIANCE, ETHICS
from traceqr.registry import campaigns, licences, marks, organisations, passports, pledges, recognitions, rosters
from traceqr.registry.database import Reader, Row
from traceqr.registry.licences import Wanted

FOLDERS = {PLEDGE: "pledges", LICENCE: "licences", RECOGNITION: "recognitions"}
"""Where the credentials of each kind have their addresses."""

_HONOURS = {
    "award": "quality award",
    "demonstration": "demonstration unit of quality",
    "practice": "typical practice of quality",
}


def everything(reader: Reader, firm: Row, now_ms: int, zone: ZoneInfo, gtin: str = "") -> Iterator[Attestation]:
    """All of an enterprise: with a GTIN, licences for that product alone."""
    to = Party(firm["name_zh"], firm["name_en"], firm["uscc"], f"/enterprises/{firm['uscc']}")
    for row in pledges.through_the_years(reader, firm["id"]):
        if row["valid_from_ms"] is not None and row["valid_from_ms"] <= now_ms < row["valid_to_ms"]:
            yield _pledge(reader, row, to, zone)
    for row in licences.register(reader, Wanted(enterprise_id=firm["id"])):
        in_time = row["valid_from_ms"] <= now_ms < row["valid_to_ms"]
        if in_time and (not gtin or licences.is_for(reader, row["number"], gtin)):
            yield _licence(reader, row, to, zone)
    for honour in recognitions.of_enterprise(reader, firm["id"]):
        if honour.state == "recorded":
            yield _recognition(honour, to)


def one(reader: Reader, kind: str, number: int, now_ms: int, zone: ZoneInfo) -> Attestation | None:
    """The one of a kind and number, if it is told."""
    owner = _OWNERS[kind](reader, number)
    firm = rosters.enterprise_of_id(reader, owner) if owner else None
    if firm is None:
        return None
    path = _path(kind, number)
    return next((each for each in everything(reader, firm, now_ms, zone) if each.path == path), None)


def day(at_ms: int, zone: ZoneInfo) -> str:
    """The calendar day of an instant."""
    return numbered_day(day_number(at_ms, zone)).isoformat()


def _path(kind: str, number: int) -> str:
    return f"{PREFIX}/{FOLDERS[kind]}/{number}"


def _pledge(reader: Reader, row: Row, to: Party, zone: ZoneInfo) -> Attestation:
    campaign = campaigns.by_id(reader, row["campaign_id"])
    assert campaign is not None  # a foreign key holds it
    name, until = row["campaign_en"] or row["campaign_zh"], day(row["valid_to_ms"] - 1, zone)
    stands = {"published": f"in force until {until}", "breached": "declared breached"}.get(row["state"], "withdrawn")
    number = str(CertificateNumber(row["code"], row["number"]))
    return Attestation(
        path=_path(PLEDGE, row["number"]),
        page=f"/certificates/{number}",
        kind=PLEDGE,
        name_zh=row["campaign_zh"],
        name_en=row["campaign_en"],
        number=number,
        description=f"Pledge of quality and integrity by the enterprise itself in {name} ({row['year']}), {stands}.",
        topic=ETHICS,
        scheme=f"/rosters/{row['campaign_id']}",
        by=_organisation(reader, campaign.organisation_id),
        to=to,
        conforms=row["state"] == "published",
        on=day(row["signed_ms"], zone),
        until=until,
    )


def _licence(reader: Reader, row: Row, to: Party, zone: ZoneInfo) -> Attestation:
    mark = marks.by_id(reader, row["mark_id"])
    assert mark is not None  # a foreign key holds it
    name, until = row["mark_en"] or row["mark_zh"], day(row["valid_to_ms"] - 1, zone)
    stands = f"in force until {until}" if row["state"] == "granted" else row["state"]
    named = passports.products_of_licence(reader, row["number"])
    more = f" The first {len(named)} products are listed." if len(named) == passports.MAX_LICENSED else ""
    return Attestation(
        path=_path(LICENCE, row["number"]),
        page=f"/licences/{row['spelled']}",
        kind=LICENCE,
        name_zh=row["mark_zh"],
        name_en=row["mark_en"],
        number=row["spelled"],
        description=f"Licence to carry the mark {name}, {stands}.{more}",
        topic=COMPLIANCE,
        scheme=f"/marks/{row['mark_id']}/licences",
        by=_organisation(reader, mark.organisation_id),
        to=to,
        conforms=row["state"] == "granted",
        on=day(row["valid_from_ms"], zone),
        until=until,
        products=tuple((one["gtin"], one["name_en"] or one["name_zh"]) for one in named),
    )


def _recognition(honour: recognitions.Recognition, to: Party) -> Attestation:
    name = honour.name_en or honour.name_zh
    by = Party(honour.conferred_by_zh, honour.conferred_by_en)
    level = "" if honour.level == "other" else f"{honour.level} level "
    return Attestation(
        path=_path(RECOGNITION, honour.number),
        page=f"/enterprises/{to.uscc}",
        kind=RECOGNITION,
        name_zh=honour.name_zh,
        name_en=honour.name_en,
        number=str(honour.year),
        description=f"{name}, {level}{_HONOURS[honour.kind]} of {honour.year}, conferred by {by.name}.",
        topic=COMPLIANCE,
        scheme=f"/enterprises/{to.uscc}",
        by=by,
        to=to,
        conforms=True,
    )


def _organisation(reader: Reader, organisation_id: str) -> Party:
    found = organisations.by_id(reader, organisation_id)
    assert found is not None  # a foreign key holds it
    return Party(found.name_zh, found.name_en)


def _of_pledge(reader: Reader, number: int) -> str | None:
    found = pledges.by_number(reader, number)
    return found.enterprise_id if found else None


def _of_licence(reader: Reader, number: int) -> str | None:
    found = licences.by_number(reader, number)
    return found.enterprise_id if found else None


def _of_recognition(reader: Reader, number: int) -> str | None:
    found = recognitions.by_number(reader, number)
    return found.enterprise_id if found else None


_OWNERS = {PLEDGE: _of_pledge, LICENCE: _of_licence, RECOGNITION: _of_recognition}
