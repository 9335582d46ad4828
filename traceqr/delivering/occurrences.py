"""What was found, as an event that people are told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from traceqr.notifying import Event
from traceqr.registry import case_texts, cases, recall_reach
from traceqr.registry.cases import Case
from traceqr.registry.database import Reader
from traceqr.registry.happenings import Deed, Found
from traceqr.registry.inspection_search import Late
from traceqr.registry.recall_reach import Affected

OF_ACTS: Mapping[str, str] = {
    "batch.recall": "recall.issued",
    "product.recall": "recall.issued",
    "lot.recall": "recall.issued",
    "material.recall": "recall.issued",
    "recall.lift": "recall.lifted",
    "case.answer": "case.answered",
    "case.close": "case.closed",
}
"""By act: the event that it is."""


def of_deed(deed: Deed, reader: Reader) -> list[Event]:
    """An act; nothing for one about what is not there any more. The end of a recall is told also to those who were told
    that it reached their labels.
    """
    noun, _, identity = deed.subject.partition(":")
    if noun != "case":
        event = _of_recall(deed, noun, identity)
        ended = recall_reach.affected(reader, event.subject.partition(":")[2]) if deed.act == "recall.lift" else []
        return [event, *(replace(event, enterprise=row["enterprise_id"], region=row["region"]) for row in ended)]
    case = cases.by_id(reader, identity)
    return [_of_case(OF_ACTS[deed.act], case, deed.at_ms, str(deed.position))] if case else []


def of_affected(one: Affected) -> Event:
    """An enterprise whose labels contain what another has recalled: how many they are, and what was recalled."""
    data: dict[str, str | int] = {"recall": one.notice_id, "labels": one.labels, "batches": one.batches}
    data |= {"gtin": one.gtin, "recalled_by": one.by_id}
    if one.batch is not None:
        data["batch"] = one.batch
    if one.lot is not None:
        data["lot"] = one.lot
    key = f"{one.enterprise_id}.{one.position}"
    pages = (f"/recalls/{one.notice_id}",) * 2
    return Event(
        "recall.reached", f"recall:{one.notice_id}", one.at_ms, one.enterprise_id, one.region, pages, key, data
    )


def _of_recall(deed: Deed, noun: str, identity: str) -> Event:
    """A recall is named by the notice that it made, when it is issued and when it is lifted."""
    notice = str(deed.payload.get("notice") or identity)
    data: dict[str, str | int] = {"recall": notice}
    if noun == "batch":
        data["batch"] = int(identity)
    elif noun in ("product", "material"):
        data["gtin"] = identity
    page = f"/recalls/{notice}"
    return Event(
        OF_ACTS[deed.act],
        f"recall:{notice}",
        deed.at_ms,
        deed.enterprise_id,
        deed.region,
        (page, page),
        str(deed.position),
        data,
    )


def of_label(one: Found) -> Event:
    """A label that has come to look copied."""
    page = f"/suspects/{one.batch}/{one.label_index}"
    return Event(
        "label.suspect",
        f"label:{one.batch}.{one.label_index}",
        max(one.since_ms, one.last_ms),
        one.enterprise_id,
        one.region,
        (f"/console{page}", f"/association{page}"),
        str(one.since_ms),
        {"batch": one.batch, "label": one.label_index, "gtin": one.gtin},
    )


def of_case_event(event: case_texts.Event, reader: Reader) -> list[Event]:
    """What happened to a case without an act: something was reported or found, or it was opened by that."""
    case = cases.by_id(reader, event.case_id) if event.kind in ("reported", "suspected", "inspected") else None
    if case is None:
        return []
    made = []
    if event.at_ms == case.opened_ms:
        made.append(_of_case("case.opened", case, event.at_ms))
    if event.kind == "reported":
        made.append(_of_case("report.filed", case, event.at_ms, event.id))
    return made


def of_late(case: Case) -> Event:
    """A case whose answer was due."""
    assert case.due_ms is not None  # it was looked for by that
    return _of_case("case.late", case, case.due_ms, str(case.due_ms))


def of_correction(late: Late) -> Event:
    """An inspection with corrections that were due. It is for those who watch its region; no enterprise reads it."""
    page, data = f"/inspections/{late.id}", {"inspection": late.id}
    return Event(
        "correction.late", f"inspection:{late.id}", late.due_ms, None, late.region, (page, page), str(late.due_ms), data
    )


def _of_case(name: str, case: Case, at_ms: int, key: str = "") -> Event:
    data: dict[str, str | int] = {"case": case.id}
    if case.gtin:
        data |= {"gtin": case.gtin, "batch": case.batch}
    pages = (f"/console/cases/{case.id}", f"/association/cases/{case.id}")
    return Event(name, f"case:{case.id}", at_ms, case.enterprise_id, case.region, pages, key, data)
