"""Suspecting: a label that has come to look copied stands among the suspects, and in the case about its batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from traceqr import gazetteer
from traceqr.registry import case_texts, cases, suspects
from traceqr.registry.case_texts import Event
from traceqr.registry.cases import Matter
from traceqr.registry.database import Transaction
from traceqr.registry.memory import Memory
from traceqr.registry.scan_statements import LabelKey
from traceqr.registry.sightings import Summary
from traceqr.registry.suspects import Suspect


def keep(tx: Transaction, memory: Memory, found: Mapping[LabelKey, Summary], new_id: Callable[[], str]) -> None:
    """Keep labels that are suspect by what was entered in this transaction; those that were not before open a case, or
    join the one that is open. A stolen key may seal a batch that nobody issued: there is nobody to tell of it.
    """
    kept = []
    for (batch, index), summary in found.items():
        if memory.standing(tx, batch, index) is None or summary.suspicion is None:
            continue
        held, at_ms = memory.dossier(tx, batch), summary.weighed_ms
        owner, score = held.enterprise_id, summary.suspicion.score
        kept.append(Suspect(batch, index, owner, held.product.gtin, at_ms, at_ms, score, summary.signs, summary.place))
        if not summary.suspect_before:
            suspected(tx, new_id, batch, index, summary.place, at_ms, summary.signs.split()[0])
    tx.execute_each(suspects.changes(kept))


def suspected(
    tx: Transaction, new_id: Callable[[], str], batch: int, index: int, place: str, now_ms: int, reason: str
) -> str | None:
    """Put a label that looks copied into the case about its batch, in the transaction in which it came to look so;
    returns the case's id, None for a batch that there is not. The same label again changes nothing.
    """
    found = cases.of_batch(tx, batch)
    if found is None:
        return None
    matter = Matter(found.gtin, found.batch, gazetteer.province(place), found.enterprise_id, found.region)
    case_id = cases.suspect(tx, new_id(), matter, now_ms)
    if cases.add_suspect(tx, case_id, batch, index, now_ms, reason):
        case_texts.insert_event(tx, Event(new_id(), now_ms, "suspected", case_id))
    return case_id
