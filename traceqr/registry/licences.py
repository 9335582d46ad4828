"""Licences of marks: who may put which mark on how many labels of what, until when; and the register of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction

STATES = ("granted", "suspended", "withdrawn")

MOST_LISTED = 500
"""Licences of a page of the register at most."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence in its present state. `valid_to_ms` is not included; `reason` is None while it is granted."""

    number: int
    spelled: str
    mark_id: str
    text_version: int
    enterprise_id: str
    valid_from_ms: int
    valid_to_ms: int
    quota: int
    used: int
    state: str
    reason: str | None

    @property
    def left(self) -> int:
        """Labels that may still be issued under it."""
        return self.quota - self.used

    def within(self, at_ms: int) -> bool:
        """Whether an instant is inside its period."""
        return self.valid_from_ms <= at_ms < self.valid_to_ms


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which licences of the register are asked for; None asks for any. `state` is one of `STATES`, `organisation_id`
    whose mark it is, and `text` the code of an enterprise or a part of its name.
    """

    mark_id: str | None = None
    state: str | None = None
    enterprise_id: str | None = None
    organisation_id: str | None = None
    text: str | None = None


_CONDITIONS = {
    "mark_id": "k.mark_id = :mark_id",
    "state": "k.state = :state",
    "enterprise_id": "k.enterprise_id = :enterprise_id",
    "organisation_id": "m.organisation_id = :organisation_id",
    "text": "(e.uscc = :text OR REPLACE(e.name_zh, :text, '') <> e.name_zh"
    " OR REPLACE(e.name_en, :text, '') <> e.name_en)",
}


_COLUMNS = tuple(Licence.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM mark_licence"

_LISTED = """
    SELECT k.number, k.spelled, k.mark_id, m.artwork, t.name_zh AS mark_zh, t.name_en AS mark_en, k.enterprise_id,
        e.uscc, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en, k.valid_from_ms, k.valid_to_ms, k.quota, k.used,
        k.state, k.reason, s.at_ms AS since_ms
    FROM mark_licence k
        JOIN mark m ON m.id = k.mark_id
        JOIN mark_text t ON t.mark_id = k.mark_id AND t.version = k.text_version
        JOIN enterprise e ON e.id = k.enterprise_id
        JOIN ledger s ON s.position = k.state_position
"""


def next_number(tx: Transaction) -> int:
    """The number of the next licence. Licences are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "mark_licence")


def insert(tx: Transaction, licence: Licence, gtins: Sequence[str], position: int) -> None:
    """Add a licence with the products that it is for."""
    tx.insert_many(
        "mark_licence",
        (*_COLUMNS, "state_position", "position"),
        [(*asdict(licence).values(), position, position)],
    )
    tx.insert_many("licence_product", ("licence", "gtin"), [(licence.number, gtin) for gtin in gtins])


def set_state(tx: Transaction, number: int, state: str, reason: str | None, position: int) -> None:
    """Change a licence's state."""
    tx.execute(
        "UPDATE mark_licence SET state = :state, reason = :reason, state_position = :position, position = :position"
        " WHERE number = :number",
        {"state": state, "reason": reason, "position": position, "number": number},
    )


def extend(tx: Transaction, number: int, valid_to_ms: int, quota: int, position: int) -> None:
    """Give a licence a later end or a larger quota."""
    tx.execute(
        "UPDATE mark_licence SET valid_to_ms = :valid_to_ms, quota = :quota, position = :position"
        " WHERE number = :number",
        {"valid_to_ms": valid_to_ms, "quota": quota, "position": position, "number": number},
    )


def use(tx: Transaction, number: int, batch: int, labels: int) -> None:
    """Count the labels of a batch that carries the mark, and note it. The schema refuses more than the quota."""
    tx.execute(
        "UPDATE mark_licence SET used = used + :labels WHERE number = :number", {"labels": labels, "number": number}
    )
    tx.insert_many("batch_mark", ("batch", "licence"), [(batch, number)])


def by_number(reader: Reader, number: int) -> Licence | None:
    """The licence of that number."""
    row = reader.row(f"{_SELECT} WHERE number = :number", {"number": number})
    return Licence(**row) if row else None


def by_spelled(reader: Reader, spelled: str) -> Licence | None:
    """The licence whose number for people that is."""
    row = reader.row(f"{_SELECT} WHERE spelled = :spelled", {"spelled": spelled})
    return Licence(**row) if row else None


def last_change(reader: Reader, number: int) -> int:
    """The ledger's entry by which a licence was changed last; 0 where there is no such licence."""
    row = reader.row("SELECT position FROM mark_licence WHERE number = :number", {"number": number})
    return int(row["position"]) if row else 0


def products_of(reader: Reader, number: int) -> list[str]:
    """The GTINs that a licence is for, in order."""
    rows = reader.rows("SELECT gtin FROM licence_product WHERE licence = :number", {"number": number})
    return sorted(row["gtin"] for row in rows)


def is_for(reader: Reader, number: int, gtin: str) -> bool:
    """Whether a licence is for a product."""
    found = reader.row(
        "SELECT gtin FROM licence_product WHERE licence = :number AND gtin = :gtin", {"number": number, "gtin": gtin}
    )
    return found is not None


def of_product(reader: Reader, mark_id: str, gtin: str) -> list[Licence]:
    """The licences of a mark that are or were for a product, in order of their numbers."""
    columns = ", ".join(f"k.{name}" for name in _COLUMNS)
    rows = reader.rows(
        f"SELECT {columns} FROM licence_product p JOIN mark_licence k ON k.number = p.licence"
        " WHERE p.gtin = :gtin AND k.mark_id = :mark ORDER BY k.number",
        {"gtin": gtin, "mark": mark_id},
    )
    return [Licence(**row) for row in rows]


def of_batch(reader: Reader, batch: int) -> list[int]:
    """The numbers of the licences whose marks a batch carries, in order."""
    rows = reader.rows("SELECT licence FROM batch_mark WHERE batch = :batch ORDER BY licence", {"batch": batch})
    return [row["licence"] for row in rows]


def batches_under(reader: Reader, number: int, before: int | None = None, most: int = MOST_LISTED) -> list[Row]:
    """Batches that carry the mark under a licence, latest first, from below batch `before` on: number, gtin, labels."""
    return reader.rows(
        "SELECT b.number, b.gtin, b.label_count, l.at_ms AS issued_ms FROM batch_mark a"
        " JOIN batch b ON b.number = a.batch JOIN ledger l ON l.position = b.position"
        " WHERE a.licence = :licence AND a.batch < :before ORDER BY a.batch DESC LIMIT :most",
        {"licence": number, "before": _above_all(before), "most": most},
    )


def register(
    reader: Reader, wanted: Wanted | None = None, before: int | None = None, most: int = MOST_LISTED
) -> list[Row]:
    """The register, latest first: at most `most` licences with numbers below `before`, the number of the last one of
    the page before. With the names of mark and enterprise, and the instant since when each has its state.
    """
    asked = {name: value for name, value in asdict(wanted or Wanted()).items() if value is not None}
    conditions = "".join(f" AND {_CONDITIONS[name]}" for name in asked)
    return reader.rows(
        f"{_LISTED} WHERE k.number < :before{conditions} ORDER BY k.number DESC LIMIT :most",
        {**asked, "before": _above_all(before), "most": min(most, MOST_LISTED)},
    )


def listed(reader: Reader, number: int) -> Row | None:
    """One licence, as the register has it."""
    return reader.row(f"{_LISTED} WHERE k.number = :number", {"number": number})


def _above_all(before: int | None) -> int:
    """A number that every number lies below, where none is given."""
    return 2**62 if before is None else before
