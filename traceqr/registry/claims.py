"""Claims to GTINs and GS1 company prefixes: which enterprise may use a GTIN, accepted by whom."""

from __future__ import annotations

from dataclasses import dataclass

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

    def covers(self, gtin: str) -> bool:
        """Whether the claim gives a right to this GTIN of 14 digits. A prefix covers every packing level."""
        return gtin == self.value if self.kind == "gtin" else gtin[1:].startswith(self.value)

    def overlaps(self, other: Claim) -> bool:
        """Whether some GTIN falls under both claims."""
        if self.kind == other.kind == "gtin":
            # The indicator digit tells packing levels of one product apart, and with it the check digit changes.
            return self.value[1:13] == other.value[1:13]
        return self.stem.startswith(other.stem) or other.stem.startswith(self.stem)


_SELECT = "SELECT id, enterprise_id, kind, value, evidence, state, organisation_id, decided_ms FROM gtin_claim"


def insert(tx: Transaction, claim: Claim, position: int) -> None:
    """Add a claim as filed."""
    tx.insert_many(
        "gtin_claim",
        ("id", "enterprise_id", "kind", "value", "evidence", "state", "position"),
        [(claim.id, claim.enterprise_id, claim.kind, claim.value, claim.evidence, claim.state, position)],
    )


def decide(tx: Transaction, claim_id: str, state: str, organisation_id: str, at_ms: int, position: int) -> None:
    """Set a filed claim to accepted or refused."""
    tx.execute(
        "UPDATE gtin_claim SET state = :state, organisation_id = :organisation, decided_ms = :at_ms,"
        " position = :position WHERE id = :id",
        {"state": state, "organisation": organisation_id, "at_ms": at_ms, "position": position, "id": claim_id},
    )


def by_id(reader: Reader, claim_id: str) -> Claim | None:
    """The claim of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": claim_id})
    return Claim(**row) if row else None


def in_state(reader: Reader, state: str) -> list[Row]:
    """Claims in a state, with the name of the enterprise, oldest first."""
    return reader.rows(
        "SELECT c.id, c.kind, c.value, c.evidence, c.state, e.uscc, e.name_zh FROM gtin_claim c"
        " JOIN enterprise e ON e.id = c.enterprise_id WHERE c.state = :state ORDER BY c.position, c.id",
        {"state": state},
    )


def accepted_overlapping(reader: Reader, claim: Claim) -> list[Claim]:
    """Accepted claims that share a GTIN with this one: a prefix over it, or what lies under it, found by ranges of
    values. The ranges are of digits alone, which sort alike under every collation.
    """
    stems = _prefixes(claim.stem)
    rows = _accepted(reader, "prefix", f"value IN ({_marks(stems)})", stems)
    rows += _accepted(reader, "prefix", "value BETWEEN :low AND :high", _under(claim.stem))
    for indicator in "0123456789":
        shared = claim.value[1:13] if claim.kind == "gtin" else claim.value
        rows += _accepted(reader, "gtin", "value BETWEEN :low AND :high", _under(indicator + shared))
    found = {row["id"]: Claim(**row) for row in rows}
    return [other for other in found.values() if other.overlaps(claim)]


def accepted_for(reader: Reader, enterprise_id: str, gtin: str) -> Claim | None:
    """The accepted claim under which an enterprise may use a GTIN: at most 14 probes, however many claims it has."""
    stems = _prefixes(gtin[1:])
    rows = _accepted(reader, "gtin", "value = :value", {"value": gtin})
    rows += _accepted(reader, "prefix", f"value IN ({_marks(stems)})", stems)
    return next((Claim(**row) for row in rows if row["enterprise_id"] == enterprise_id), None)


def _accepted(reader: Reader, kind: str, condition: str, params: dict[str, str]) -> list[Row]:
    return reader.rows(
        f"{_SELECT} WHERE state = 'accepted' AND kind = :kind AND {condition} ORDER BY value", {**params, "kind": kind}
    )


def _prefixes(digits: str) -> dict[str, str]:
    return {f"stem{length}": digits[:length] for length in range(1, len(digits) + 1)}


def _marks(params: dict[str, str]) -> str:
    return ", ".join(f":{name}" for name in params)


def _under(stem: str) -> dict[str, str]:
    """The range of the values, of at most 14 digits, that start with the stem."""
    return {"low": stem, "high": stem + "9" * 14}
