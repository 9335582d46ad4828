"""Which enterprise an act concerns, beside the ledger: so that each finds its own acts by an index.

Nothing is said here that the ledger and the rows do not say; the ledger's entries and hashes do not know of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr.registry.database import Reader, Row, Statement, Transaction
from traceqr.registry.ledger import Entry

KINDS = (
    *("labels", "notices", "printing", "products", "claims", "pledges", "marks", "enterprise", "access", "proposals"),
    *("cases", "traceability"),
)
"""What acts are about, for people."""

_KIND_OF_ACT = {
    **dict.fromkeys(("batch.issue", "batch.activate", "batch.void", "key.compromise"), "labels"),
    **dict.fromkeys(("batch.hold", "batch.recall", "product.hold", "product.recall", "lot.recall"), "notices"),
    "material.recall": "notices",
    "material.name": "traceability",
}
_KIND_OF_NOUN = {
    **dict.fromkeys(("hold", "recall"), "notices"),
    **dict.fromkeys(("labels", "hidden"), "printing"),
    **dict.fromkeys(("licence", "recognition"), "marks"),
    **dict.fromkeys(("account", "credential", "second_factor", "recovery_codes", "invitation", "token"), "access"),
    "subscription": "access",
    "product": "products",
    "link": "products",
    "claim": "claims",
    "pledge": "pledges",
    "enterprise": "enterprise",
    "proposal": "proposals",
    "case": "cases",
    **dict.fromkeys(("trace", "location", "partner", "audience", "query", "sscc"), "traceability"),
}
"""By what the name of an act begins with, where the act itself has no kind of its own."""

_OWNER = {
    "claim": "SELECT enterprise_id, {batch} AS batch FROM gtin_claim WHERE id = :id",
    "product": "SELECT enterprise_id, {batch} AS batch FROM product WHERE gtin = :id",
    "link": "SELECT enterprise_id, {batch} AS batch FROM link WHERE id = :id",
    "pledge": "SELECT enterprise_id, {batch} AS batch FROM pledge WHERE number = :id",
    "licence": "SELECT enterprise_id, {batch} AS batch FROM mark_licence WHERE number = :id",
    "recognition": "SELECT enterprise_id, {batch} AS batch FROM recognition WHERE number = :id",
    "batch": "SELECT enterprise_id, {batch} AS batch FROM batch WHERE number = :id",
    "key": "SELECT DISTINCT enterprise_id, {batch} AS batch FROM batch WHERE key_number = :id",
    "account": "SELECT enterprise_id, {batch} AS batch FROM account WHERE id = :id AND enterprise_id IS NOT NULL",
    "invitation": "SELECT enterprise_id, {batch} AS batch FROM invitation WHERE id = :id AND enterprise_id IS NOT NULL",
    "token": "SELECT enterprise_id, {batch} AS batch FROM api_token WHERE id = :id",
    "subscription": "SELECT enterprise_id, {batch} AS batch FROM subscription WHERE id = :id"
    " AND enterprise_id IS NOT NULL",
    "proposal": "SELECT enterprise_id, {batch} AS batch FROM proposal WHERE id = :id AND enterprise_id IS NOT NULL",
    "notice": "SELECT COALESCE(b.enterprise_id, p.enterprise_id, r.enterprise_id) AS enterprise_id, n.batch"
    " FROM notice n LEFT JOIN product p ON p.gtin = n.gtin LEFT JOIN batch b ON b.number = n.batch"
    " LEFT JOIN recall r ON r.id = n.id WHERE n.id = :id",
}
"""By the noun of a subject: whose it is, and of which batch."""

_NUMBERED = frozenset({"pledge", "licence", "recognition", "batch", "key"})
_NO_BATCH = "CAST(NULL AS BIGINT)"
_INSERT = "INSERT INTO trail (position, enterprise_id, kind, batch)"


@dataclass(frozen=True, slots=True)
class Concern:
    """An entry, and an enterprise that it concerns."""

    position: int
    enterprise_id: str
    kind: str
    batch: int | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which acts are wanted; None is all."""

    kind: str | None = None
    batch: int | None = None


def kind_of(act: str) -> str | None:
    """The kind of an act; None for one that concerns no enterprise."""
    return _KIND_OF_ACT.get(act) or _KIND_OF_NOUN.get(act.partition(".")[0])


def note(tx: Transaction, entry: Entry) -> None:
    """Note whom an entry concerns that has just been appended. What it names may be inserted later in the act; then its
    payload names the enterprise.
    """
    kind = kind_of(entry.act)
    if kind is None:
        return
    if (said := _said(entry, kind)) is not None:
        row = {"position": said.position, "enterprise": said.enterprise_id, "kind": kind, "batch": said.batch}
        tx.execute_each([(f"{_INSERT} VALUES (:position, :enterprise, :kind, :batch)", row)])
    elif (owner := _asked(entry)) is not None:
        sql, values = owner
        owned = f"SELECT CAST(:position AS BIGINT), o.enterprise_id, CAST(:kind AS TEXT), o.batch FROM ({sql}) o"
        tx.execute_each([(f"{_INSERT} {owned}", {**values, "position": entry.position, "kind": kind})])


def concerns(reader: Reader, entries: Sequence[Entry]) -> set[Concern]:
    """Whom entries concern, as they and the rows say."""
    found, asking = set(), []
    for entry in entries:
        kind = kind_of(entry.act)
        if kind is None:
            continue
        if (said := _said(entry, kind)) is not None:
            found.add(said)
        elif (owner := _asked(entry)) is not None:
            asking.append((entry.position, kind, owner))
    answers = reader.rows_each([owner for _, _, owner in asking])
    for (position, kind, _), rows in zip(asking, answers, strict=True):
        found |= {Concern(position, row["enterprise_id"], kind, row["batch"]) for row in rows}
    return found


def between(reader: Reader, first: int, last: int) -> set[Concern]:
    """What is noted of the entries `first` to `last`, both included."""
    rows = reader.rows(
        "SELECT position, enterprise_id, kind, batch FROM trail WHERE position >= :first AND position <= :last",
        {"first": first, "last": last},
    )
    return {Concern(**row) for row in rows}


def page(reader: Reader, enterprise_id: str, sought: Sought, before: int | None, most: int) -> list[Row]:
    """The acts that concern an enterprise, latest first, from below position `before` on."""
    conditions = "t.enterprise_id = :enterprise AND t.position < :before"
    conditions += " AND t.kind = :kind" if sought.kind is not None else ""
    conditions += " AND t.batch = :batch" if sought.batch is not None else ""
    wanted = {"kind": sought.kind, "batch": sought.batch}
    values = {name: value for name, value in wanted.items() if value is not None}
    return reader.rows(
        "SELECT t.position, t.kind, t.batch, l.entry FROM trail t JOIN ledger l ON l.position = t.position"
        f" WHERE {conditions} ORDER BY t.position DESC LIMIT :most",
        {**values, "enterprise": enterprise_id, "before": 2**62 if before is None else before, "most": most},
    )


def _said(entry: Entry, kind: str) -> Concern | None:
    """What the entry itself says of whom it concerns."""
    noun, identity = _parts(entry)
    payload = entry.payload
    named = identity if noun == "enterprise" else payload.get("enterprise") or payload.get("enterprise_id")
    return Concern(entry.position, named, kind, _batch(noun, identity)) if isinstance(named, str) and named else None


def _asked(entry: Entry) -> Statement | None:
    """The statement that tells whose the subject of an entry is."""
    noun, identity = _parts(entry)
    if noun not in _OWNER or (noun in _NUMBERED and _number(identity) is None):
        return None
    batch = _batch(noun, identity)
    sql = _OWNER[noun].format(batch=_NO_BATCH if batch is None else f"CAST({batch} AS BIGINT)")
    return sql, {"id": _number(identity) if noun in _NUMBERED else identity}


def _parts(entry: Entry) -> tuple[str, str]:
    noun, _, identity = entry.subject.partition(":")
    return noun, identity


def _batch(noun: str, identity: str) -> int | None:
    return _number(identity) if noun == "batch" else None


def _number(identity: str) -> int | None:
    """The number that an identity is, or None."""
    return int(identity) if identity.isascii() and identity.isdecimal() and len(identity) <= 18 else None
