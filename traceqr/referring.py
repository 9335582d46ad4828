"""Referring: what comes of an inspection. Labels that were found wrong open a case; a recall that was ordered, or a
finding against a pledge, is tied to the inspection that it rests on.
"""

from __future__ import annotations

from traceqr import gazetteer
from traceqr.acting import Act, ActRefused, Desk
from traceqr.registry import case_texts, cases, inspections
from traceqr.registry.case_texts import Event
from traceqr.registry.cases import Matter
from traceqr.registry.inspections import Inspection

KINDS = ("case", "recall", "breach")


def open_case(desk: Desk, inspection_id: str, batch: int) -> str:
    """Open a case about a batch whose labels an inspection met, or join the one that is open; returns its id."""
    with desk.act() as act:
        inspection = _standing(act, inspection_id)
        found = cases.of_batch(act.tx, batch)
        if found is None or not inspections.met(act.tx, inspection.id, found.gtin):
            raise ActRefused(f"expected a batch of a product that the inspection met, {batch!r} is none", "batch")
        place = gazetteer.province(inspection.region)
        matter = Matter(found.gtin, found.batch, place, found.enterprise_id, found.region)
        case_id = cases.suspect(act.tx, desk.new_id(), matter, act.at_ms)
        _refer(act, desk, inspection, "case", case_id)
        case_texts.insert_event(act.tx, Event(desk.new_id(), act.at_ms, "inspected", case_id))
        return case_id


def refer(desk: Desk, inspection_id: str, kind: str, target: str) -> None:
    """Tie what there is already to an inspection: a case, a recall or a finding against a pledge, by its id."""
    if kind not in KINDS:
        raise ActRefused(f"expected one of {', '.join(KINDS)}, got {kind!r}", "kind")
    with desk.act() as act:
        inspection = _standing(act, inspection_id)
        if inspections.region_of(act.tx, kind, target) is None:
            raise ActRefused(f"expected the id of a {kind}, {target!r} is none", "target")
        _refer(act, desk, inspection, kind, target)


def _standing(act: Act, inspection_id: str) -> Inspection:
    inspection = inspections.by_id(act.tx, inspection_id)
    if inspection is None:
        raise ActRefused(f"expected the id of an inspection, {inspection_id!r} is none")
    if inspection.state != "recorded":
        raise ActRefused(f"inspection {inspection_id}: expected one that stands, this one was {inspection.state}")
    return inspection


def _refer(act: Act, desk: Desk, inspection: Inspection, kind: str, target: str) -> None:
    if any((row["kind"], row["target"]) == (kind, target) for row in inspections.referrals(act.tx, inspection.id)):
        raise ActRefused(f"inspection {inspection.id}: expected a {kind} that is not tied to it yet, it is", "target")
    referral = desk.new_id()
    payload = {"referral": referral, "kind": kind, "target": target}
    position = act.record("inspection.refer", f"inspection:{inspection.id}", payload)
    inspections.refer(act.tx, referral, inspection.id, kind, target, position)
