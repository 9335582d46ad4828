"""The acts that gave labels their life, as the ledger tells them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from traceqr.registry.database import Reader, Row

_CHUNK = 40


@dataclass(frozen=True, slots=True)
class LabelAct:
    """An act on labels of a batch, whose enterprise is the one that issued it; in each of `ranges` the first and the
    last.
    """

    position: int
    at_ms: int
    act: str
    batch: int
    gtin: str
    enterprise_id: str
    ranges: tuple[tuple[int, int], ...]
    life: str


def of_batches(reader: Reader, numbers: Iterable[int]) -> dict[int, list[LabelAct]]:
    """The acts on the labels of batches, from their issue on, by the batches' numbers. A key that was compromised voids
    what is not active.
    """
    found: dict[int, list[LabelAct]] = {}
    listed = sorted(set(numbers))
    for start in range(0, len(listed), _CHUNK):
        rows = sorted(reader.rows(_statement(listed[start : start + _CHUNK])), key=_place)
        for (number, _), together in groupby(rows, key=_place):
            found.setdefault(number, []).append(_act(list(together)))
    return found


def _place(row: Row) -> tuple[int, int]:
    return row["number"], row["position"]


def _statement(numbers: list[int]) -> str:
    # The numbers are ours, and stand in the statement.
    listed = ", ".join(str(int(number)) for number in numbers)
    act = "b.number, b.gtin, b.enterprise_id, b.label_count, l.position, l.at_ms, l.act, l.entry"
    whole = "CAST(0 AS BIGINT) AS first, b.label_count - 1 AS last"
    return (
        f"SELECT {act}, {whole} FROM batch b JOIN ledger l ON l.position = b.position WHERE b.number IN ({listed})"
        f" UNION ALL SELECT {act}, {whole} FROM batch b JOIN trail t ON t.enterprise_id = b.enterprise_id"
        f" AND t.batch = b.number JOIN ledger l ON l.position = t.position"
        f" WHERE b.number IN ({listed}) AND l.act IN ('batch.activate', 'batch.void')"
        f" UNION ALL SELECT {act}, s.first, s.last FROM batch b JOIN span s ON s.batch = b.number"
        f" JOIN ledger l ON l.position = s.life_position"
        f" WHERE b.number IN ({listed}) AND s.life = 'void' AND l.act = 'key.compromise'"
    )


def _range(payload: dict[str, Any], row: Row) -> tuple[int, int]:
    """The labels that an entry names; else those of the row."""
    return (payload["first"], payload["last"]) if "first" in payload else (row["first"], row["last"])


def _act(rows: list[Row]) -> LabelAct:
    row = rows[0]
    payload: dict[str, Any] = json.loads(row["entry"])["payload"]
    life = {"batch.issue": payload.get("life"), "batch.activate": "active"}.get(row["act"], "void")
    return LabelAct(
        position=row["position"],
        at_ms=row["at_ms"],
        act=row["act"],
        batch=row["number"],
        gtin=row["gtin"],
        enterprise_id=row["enterprise_id"],
        ranges=tuple(_range(payload, each) for each in rows),
        life=str(life),
    )
