"""Cases: what is reported of a product, a batch and a province, and the labels there that look copied."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr import region as regions
from traceqr.registry.database import Reader, Row, Transaction

FINDINGS = ("copied", "genuine", "defect", "misuse", "not-reproducible", "other")
"""What a case may be closed with."""

STANDINGS = ("open", "late", "answered", "closed", "all")
"""How cases are looked for: those that are open, and of them those whose answer is late, or was given."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a case is about. `gtin` is '' and `batch` 0 where it is no label of ours, and then there is no enterprise;
    `place` is a province, a country or '', and `region` that of the association in charge.
    """

    gtin: str = ""
    batch: int = 0
    place: str = ""
    enterprise_id: str | None = None
    region: str = regions.COUNTRY


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands."""

    id: str
    gtin: str
    batch: int
    place: str
    enterprise_id: str | None
    region: str
    state: str
    opened_ms: int
    reports: int
    suspects: int
    reported_ms: int | None
    due_ms: int | None
    answered_ms: int | None
    escalated_ms: int | None
    closed_ms: int | None
    finding: str | None
    account_id: str | None
    act_position: int | None

    def is_late(self, now_ms: int) -> bool:
        """Whether an answer is due, and was not given."""
        return self.state == "open" and self.answered_ms is None and self.due_ms is not None and self.due_ms < now_ms

    @property
    def seen(self) -> int:
        """What tells whether somebody has acted on it meanwhile: above 0 once somebody has."""
        return 0 if self.act_position is None else self.act_position + 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of cases ends, and the next one goes on."""

    opened_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Which cases: of an enterprise, or in the charge of a region; how they stand as of an instant; of which product,
    where that is not empty.
    """

    now_ms: int
    enterprise_id: str | None = None
    scope: str = regions.COUNTRY
    standing: str = "open"
    gtin: str = ""


_COLUMNS = ", ".join(Case.__dataclass_fields__)
_DESCRIBED = (
    f"SELECT {', '.join('c.' + name for name in Case.__dataclass_fields__)}, v.name_zh, v.name_en, b.lot, e.uscc,"
    " e.name_zh AS enterprise_zh, e.name_en AS enterprise_en, a.name AS account_name FROM case_file c"
    " LEFT JOIN batch b ON b.number = c.batch"
    " LEFT JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version"
    " LEFT JOIN enterprise e ON e.id = c.enterprise_id LEFT JOIN account a ON a.id = c.account_id"
)
_STANDING = {
    "open": " AND c.state = 'open'",
    "late": " AND c.state = 'open' AND c.answered_ms IS NULL AND c.due_ms < :now_ms",
    "answered": " AND c.state = 'open' AND c.answered_ms IS NOT NULL",
    "closed": " AND c.state = 'closed'",
    "all": "",
}


def of_batch(reader: Reader, batch: int) -> Matter | None:
    """What a case about labels of a batch is about, but for the place; None for no batch. Reads what a public node
    may.
    """
    row = reader.row(
        "SELECT b.gtin, b.number AS batch, b.enterprise_id, e.region FROM batch b"
        " JOIN enterprise e ON e.id = b.enterprise_id WHERE b.number = :batch",
        {"batch": batch},
    )
    return Matter(**row) if row else None


def report(tx: Transaction, new_id: str, matter: Matter, now_ms: int, due_ms: int) -> str:
    """Count a report in the case that is open about a matter, which is opened where there is none; returns its id. Its
    row is locked from here on.
    """
    return _gathered(
        tx,
        new_id,
        matter,
        now_ms,
        {"reports": 1, "suspects": 0, "reported_ms": now_ms, "due_ms": due_ms},
        "reports = case_file.reports + 1, reported_ms = COALESCE(case_file.reported_ms, excluded.reported_ms),"
        " due_ms = COALESCE(case_file.due_ms, excluded.due_ms)",
    )


def suspect(tx: Transaction, new_id: str, matter: Matter, now_ms: int) -> str:
    """Find the case that is open about a matter, or open one, for a label that looks copied; returns its id. Its row is
    locked from here on.
    """
    return _gathered(
        tx,
        new_id,
        matter,
        now_ms,
        {"reports": 0, "suspects": 0, "reported_ms": None, "due_ms": None},
        "suspects = case_file.suspects",
    )


def _gathered(
    tx: Transaction, new_id: str, matter: Matter, now_ms: int, counts: dict[str, int | None], then: str
) -> str:
    row = tx.row(
        "INSERT INTO case_file (id, gtin, batch, place, enterprise_id, region, state, opened_ms, reports, suspects,"
        " reported_ms, due_ms) VALUES (:id, :gtin, :batch, :place, :enterprise, :region, 'open', :now_ms, :reports,"
        " :suspects, :reported_ms, :due_ms)"
        f" ON CONFLICT (gtin, batch, place) WHERE state = 'open' DO UPDATE SET {then} RETURNING id",
        {
            "id": new_id,
            "gtin": matter.gtin,
            "batch": matter.batch,
            "place": matter.place,
            "enterprise": matter.enterprise_id,
            "region": matter.region,
            "now_ms": now_ms,
            **counts,
        },
    )
    assert row is not None  # it is there, or was just made
    return str(row["id"])


def add_suspect(tx: Transaction, case_id: str, batch: int, index: int, at_ms: int, reason: str) -> bool:
    """Add a label that looks copied to a case whose row is locked; returns whether it was not in it before."""
    added = tx.execute(
        "INSERT INTO case_suspect (case_id, batch, label_index, at_ms, reason)"
        " VALUES (:case, :batch, :index, :at_ms, :reason) ON CONFLICT (case_id, batch, label_index) DO NOTHING",
        {"case": case_id, "batch": batch, "index": index, "at_ms": at_ms, "reason": reason},
    )
    if added:
        tx.execute("UPDATE case_file SET suspects = suspects + 1 WHERE id = :case", {"case": case_id})
    return bool(added)


def by_id(reader: Reader, case_id: str) -> Case | None:
    """The case of that id."""
    row = reader.row(f"SELECT {_COLUMNS} FROM case_file WHERE id = :id", {"id": case_id})
    return Case(**row) if row else None


def has_open(reader: Reader, case: Case) -> bool:
    """Whether a case is open about the same matter."""
    found = reader.row(
        "SELECT id FROM case_file WHERE gtin = :gtin AND batch = :batch AND place = :place AND state = 'open'",
        {"gtin": case.gtin, "batch": case.batch, "place": case.place},
    )
    return found is not None


def open_about(reader: Reader, matter: Matter) -> str | None:
    """The id of the case that is open about a matter."""
    row = reader.row(
        "SELECT id FROM case_file WHERE gtin = :gtin AND batch = :batch AND place = :place AND state = 'open'",
        {"gtin": matter.gtin, "batch": matter.batch, "place": matter.place},
    )
    return row["id"] if row else None


def update(tx: Transaction, case: Case, position: int) -> None:
    """Write what acts change of a case."""
    tx.execute(
        "UPDATE case_file SET state = :state, answered_ms = :answered_ms, escalated_ms = :escalated_ms,"
        " closed_ms = :closed_ms, finding = :finding, account_id = :account_id, act_position = :position"
        " WHERE id = :id",
        {
            "state": case.state,
            "answered_ms": case.answered_ms,
            "escalated_ms": case.escalated_ms,
            "closed_ms": case.closed_ms,
            "finding": case.finding,
            "account_id": case.account_id,
            "position": position,
            "id": case.id,
        },
    )


def sought(reader: Reader, what: Sought, most: int, before: Place | None = None) -> list[Row]:
    """Cases with the names of product, enterprise and of the account that has it, the one opened last first: at most
    `most`, from the one on that follows `before`.
    """
    begin = before or Place(2**62, "")
    lowest, highest = regions.bounds(what.scope)
    whose, names = "", {}
    if what.enterprise_id:
        whose, names = " AND c.enterprise_id = :enterprise", {"enterprise": what.enterprise_id}
    elif what.scope != regions.COUNTRY:
        whose, names = " AND c.region BETWEEN :lowest AND :highest", {"lowest": lowest, "highest": highest}
    which = _STANDING[what.standing] + (" AND c.gtin = :gtin" if what.gtin else "")
    return reader.rows(
        f"{_DESCRIBED} WHERE (c.opened_ms, c.id) < (:opened_ms, :id){whose}{which}"
        " ORDER BY c.opened_ms DESC, c.id DESC LIMIT :most",
        {
            **names,
            "opened_ms": begin.opened_ms,
            "id": begin.id,
            "most": most,
            **({"gtin": what.gtin} if what.gtin else {}),
            **({"now_ms": what.now_ms} if what.standing == "late" else {}),
        },
    )


def described(reader: Reader, case_id: str) -> Row | None:
    """A case as `sought` has it."""
    return reader.row(f"{_DESCRIBED} WHERE c.id = :id", {"id": case_id})


def late(reader: Reader, now_ms: int, most: int = 1_000, *, to_escalate: bool = False) -> list[Case]:
    """Open cases whose answer is due and was not given, the one that is latest first: all, for whoever tells people of
    it, or those that may be escalated.
    """
    which = " AND enterprise_id IS NOT NULL AND escalated_ms IS NULL" if to_escalate else ""
    rows = reader.rows(
        f"SELECT {_COLUMNS} FROM case_file WHERE state = 'open' AND answered_ms IS NULL AND due_ms < :now_ms{which}"
        " LIMIT :most",
        {"now_ms": now_ms, "most": most},
    )
    return sorted((Case(**row) for row in rows), key=lambda case: (case.due_ms or 0, case.id))


def late_since(reader: Reader, after_ms: int, now_ms: int, most: int) -> list[Case]:
    """Open cases without an answer that was due from an instant on, in the order in which it was."""
    rows = reader.rows(
        f"SELECT {_COLUMNS} FROM case_file WHERE state = 'open' AND answered_ms IS NULL AND due_ms >= :after_ms"
        " AND due_ms < :now_ms ORDER BY due_ms, id LIMIT :most",
        {"after_ms": after_ms, "now_ms": now_ms, "most": most},
    )
    return [Case(**row) for row in rows]


def suspects_of(reader: Reader, case_id: str, most: int = 200) -> list[Row]:
    """The labels of a case that look copied."""
    return reader.rows(
        "SELECT batch, label_index, at_ms, reason FROM case_suspect WHERE case_id = :case"
        " ORDER BY at_ms, label_index LIMIT :most",
        {"case": case_id, "most": most},
    )
