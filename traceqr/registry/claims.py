"""Claims to GTINs and GS1 company prefixes: which enterprise may use a GTIN, accepted by whom."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from traceqr import region as regions
from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Claim:
    """`value` is a GTIN of 14 digits, or a company prefix: the digits that follow the indicator digit."""

    id: str
    enterprise_id: str
    kind: str
    value: str
    evidence: str
    state: str
    organisation_id: str | None = None
    decided_ms: int | None = None

    @property
    def stem(self) -> str:
        """The digits, without indicator digit, that a GTIN must start with to fall under the claim."""
        return self.value[1:] if self.kind == "gtin" else self.value

    @property
    def core(self) -> str:
        """The digits without indicator and check digit: claims overlap where one's core starts with the other's."""
        return self.value[1:13] if self.kind == "gtin" else self.value

    def covers(self, gtin: str) -> bool:
        """Whether the claim gives a right to this GTIN of 14 digits. A prefix covers every packing level."""
        return gtin == self.value if self.kind == "gtin" else gtin[1:].startswith(self.value)

    def overlaps(self, other: Claim) -> bool:
        """Whether some GTIN falls under both claims."""
        # The indicator digit tells packing levels of one product apart, and with it the check digit changes.
        return self.core.startswith(other.core) or other.core.startswith(self.core)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a queue ends, and the next one goes on."""

    position: int
    id: str


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a state, and a region within which the enterprise lies; what is claimed, or the enterprise's
    code or a part of its name, where that is not empty.
    """

    state: str
    scope: str = regions.COUNTRY
    text: str = ""


STATES = ("filed", "accepted", "refused", "revoked")

_NAMED = (
    " AND (c.value = :text OR e.uscc = :text OR REPLACE(e.name_zh, :text, '') <> e.name_zh"
    " OR REPLACE(e.name_en, :text, '') <> e.name_en)"
)
_SELECT = "SELECT id, enterprise_id, kind, value, evidence, state, organisation_id, decided_ms FROM gtin_claim"


def insert(tx: Transaction, claim: Claim, position: int) -> None:
    """Add a claim as filed."""
    tx.insert_many(
        "gtin_claim",
        ("id", "enterprise_id", "kind", "value", "evidence", "state", "position"),
        [(claim.id, claim.enterprise_id, claim.kind, claim.value, claim.evidence, claim.state, position)],
    )


def decide(tx: Transaction, claim_id: str, state: str, organisation_id: str, at_ms: int, position: int) -> None:
    """Set a filed claim to accepted or refused, an accepted one to revoked."""
    tx.execute(
        "UPDATE gtin_claim SET state = :state, organisation_id = :organisation, decided_ms = :at_ms,"
        " position = :position WHERE id = :id",
        {"state": state, "organisation": organisation_id, "at_ms": at_ms, "position": position, "id": claim_id},
    )


def by_id(reader: Reader, claim_id: str) -> Claim | None:
    """The claim of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": claim_id})
    return Claim(**row) if row else None


def described(reader: Reader, claim_id: str) -> Row | None:
    """All of a claim, with the names of the enterprise and of the organisation that decided it last, and its reason."""
    row = reader.row(
        "SELECT c.id, c.kind, c.value, c.evidence, c.state, c.decided_ms, e.uscc, e.name_zh,"
        " o.name_zh AS organisation_zh, l.entry FROM gtin_claim c JOIN enterprise e ON e.id = c.enterprise_id"
        " JOIN ledger l ON l.position = c.position LEFT JOIN organisation o ON o.id = c.organisation_id"
        " WHERE c.id = :id",
        {"id": claim_id},
    )
    if row is None:
        return None
    return {**row, "reason": json.loads(row.pop("entry"))["payload"].get("reason")}


def of_enterprise(reader: Reader, enterprise_id: str, most: int = 200) -> list[Row]:
    """The claims of an enterprise, the one that something happened to last first, with the Chinese name of the
    organisation that decided it and its reason, both None where there is none. `at_ms` is the instant of that.
    """
    rows = reader.rows(
        "SELECT c.id, c.kind, c.value, c.evidence, c.state, o.name_zh AS organisation_zh, l.at_ms, l.entry"
        " FROM gtin_claim c JOIN ledger l ON l.position = c.position"
        " LEFT JOIN organisation o ON o.id = c.organisation_id"
        " WHERE c.enterprise_id = :enterprise ORDER BY c.position DESC, c.id LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )
    return [{**row, "reason": json.loads(row.pop("entry"))["payload"].get("reason")} for row in rows]


def in_state(reader: Reader, state: str) -> list[Row]:
    """Claims in a state, with the name of the enterprise, oldest first. `contests` are the ids of accepted claims of
    others that a filed one shares a GTIN with.
    """
    rows = reader.rows(
        "SELECT c.id, c.enterprise_id, c.kind, c.value, c.evidence, c.state, e.uscc, e.name_zh FROM gtin_claim c"
        " JOIN enterprise e ON e.id = c.enterprise_id WHERE c.state = :state ORDER BY c.position, c.id",
        {"state": state},
    )
    claims = [Claim(row["id"], row.pop("enterprise_id"), row["kind"], row["value"], "", state) for row in rows]
    contests = contests_of(reader, claims) if state == "filed" else {}
    return [{**row, "contests": contests.get(row["id"], [])} for row in rows]


def sought(reader: Reader, what: Sought, most: int, after: Place | None = None) -> list[Row]:
    """Claims in a state of enterprises within a region, the one that waits longest first: at most `most`, from the one
    on that follows `after`. `at_ms` is the instant of the last act about it.
    """
    lowest, highest = regions.bounds(what.scope)
    begin = after or Place(-1, "")
    return reader.rows(
        "SELECT c.id, c.enterprise_id, c.kind, c.value, c.evidence, c.state, c.position, l.at_ms, e.uscc, e.name_zh,"
        " e.name_en FROM gtin_claim c JOIN enterprise e ON e.id = c.enterprise_id"
        " JOIN ledger l ON l.position = c.position"
        " WHERE c.state = :state AND (c.position, c.id) > (:position, :id) AND e.region BETWEEN :lowest AND :highest"
        f"{_NAMED if what.text else ''} ORDER BY c.position, c.id LIMIT :most",
        {
            "state": what.state,
            "position": begin.position,
            "id": begin.id,
            "lowest": lowest,
            "highest": highest,
            "most": most,
            **({"text": what.text} if what.text else {}),
        },
    )


def last_change(reader: Reader, claim_id: str) -> int:
    """The ledger's entry by which a claim was changed last; 0 where there is no such claim."""
    row = reader.row("SELECT position FROM gtin_claim WHERE id = :id", {"id": claim_id})
    return int(row["position"]) if row else 0


def contested(reader: Reader, claim: Claim) -> list[Claim]:
    """The accepted claims of other enterprises that a claim shares a GTIN with: to accept it, all must be revoked."""
    return [other for other in accepted_overlapping(reader, claim) if other.enterprise_id != claim.enterprise_id]


def contests_of(reader: Reader, filed: Iterable[Claim]) -> dict[str, list[str]]:
    """`contested` for many claims in one reading of all that are accepted: ids by the id of the claim that contests."""
    accepted = [Claim(**row) for row in reader.rows(f"{_SELECT} WHERE state = 'accepted' ORDER BY value, id")]
    by_core = defaultdict(list)
    for each in accepted:
        by_core[each.core].append(each)
    cores = sorted(by_core)
    found = {}
    for claim in filed:
        shared = [claim.core[:length] for length in range(1, len(claim.core) + 1)]
        under = cores[bisect_left(cores, claim.core + "0") : bisect_left(cores, claim.core + ":")]
        others = [other for core in (*shared, *under) for other in by_core.get(core, ())]
        found[claim.id] = [other.id for other in others if other.enterprise_id != claim.enterprise_id]
    return {claim: ids for claim, ids in found.items() if ids}


def accepted_overlapping(reader: Reader, claim: Claim) -> list[Claim]:
    """Accepted claims that share a GTIN with this one: a prefix over it, or what lies under it, found by ranges of
    values. The ranges are of digits alone, which sort alike under every collation.
    """
    return _overlapping(reader, claim, "accepted")


def rivals(reader: Reader, claim: Claim) -> list[Claim]:
    """Claims of other enterprises that await their decision and share a GTIN with this one."""
    return [other for other in _overlapping(reader, claim, "filed") if other.enterprise_id != claim.enterprise_id]


def _overlapping(reader: Reader, claim: Claim, state: str) -> list[Claim]:
    stems = _prefixes(claim.stem)
    rows = _in_state(reader, state, "prefix", f"value IN ({_marks(stems)})", stems)
    rows += _in_state(reader, state, "prefix", "value BETWEEN :low AND :high", _under(claim.stem))
    for indicator in "0123456789":
        rows += _in_state(reader, state, "gtin", "value BETWEEN :low AND :high", _under(indicator + claim.core))
    found = {row["id"]: Claim(**row) for row in rows}
    return [other for other in found.values() if other.overlaps(claim)]


def accepted_for(reader: Reader, enterprise_id: str, gtin: str) -> Claim | None:
    """The accepted claim under which an enterprise may use a GTIN."""
    return next((claim for claim in accepted_to(reader, gtin) if claim.enterprise_id == enterprise_id), None)


def accepted_to(reader: Reader, gtin: str) -> list[Claim]:
    """The accepted claims to a GTIN, all of one enterprise: at most 14 probes, however many claims there are."""
    stems = _prefixes(gtin[1:])
    rows = _accepted(reader, "gtin", "value = :value", {"value": gtin})
    rows += _accepted(reader, "prefix", f"value IN ({_marks(stems)})", stems)
    return [Claim(**row) for row in rows]


def prefix_of(reader: Reader, digits: str) -> Claim | None:
    """The accepted claim to a company prefix that digits begin with: those of a GLN, or of an SSCC behind its extension
    digit. Claims to single GTINs give a right to nothing else.
    """
    stems = _prefixes(digits)
    rows = _accepted(reader, "prefix", f"value IN ({_marks(stems)})", stems)
    return Claim(**rows[0]) if rows else None


def revoked_for(reader: Reader, enterprise_id: str, gtin: str) -> Claim | None:
    """The claim of an enterprise to a GTIN that was revoked last."""
    rows = reader.rows(
        f"{_SELECT} WHERE enterprise_id = :enterprise AND state = 'revoked' ORDER BY position DESC",
        {"enterprise": enterprise_id},
    )
    return next((claim for claim in (Claim(**row) for row in rows) if claim.covers(gtin)), None)


def _accepted(reader: Reader, kind: str, condition: str, params: dict[str, str]) -> list[Row]:
    return _in_state(reader, "accepted", kind, condition, params)


def _in_state(reader: Reader, state: str, kind: str, condition: str, params: dict[str, str]) -> list[Row]:
    # The state is spelled out, so that the index of its claims serves.
    return reader.rows(
        f"{_SELECT} WHERE state = '{state}' AND kind = :kind AND {condition} ORDER BY value", {**params, "kind": kind}
    )


def _prefixes(digits: str) -> dict[str, str]:
    return {f"stem{length}": digits[:length] for length in range(1, len(digits) + 1)}


def _marks(params: dict[str, str]) -> str:
    return ", ".join(f":{name}" for name in params)


def _under(stem: str) -> dict[str, str]:
    """The range of the values, of at most 14 digits, that start with the stem."""
    return {"low": stem, "high": stem + "9" * 14}
