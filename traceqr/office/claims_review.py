"""The officer's desk for claims to GTINs and company prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from traceqr import claiming
from traceqr import region as regions
from traceqr.access import Right
from traceqr.acting import Desk
from traceqr.document import Document
from traceqr.noting import require_text
from traceqr.office.house import Absent, Denied, Office, Stale
from traceqr.registry import claims, documents, enterprises, organisations
from traceqr.registry.claims import STATES, Claim, Place, Sought
from traceqr.registry.database import Reader, Row
from traceqr.registry.documents import Filed

PAGE = 50
"""Claims of a page of the queue."""

MAX_REASON = 500

_PLACE = re.compile("([0-9]{1,18})-([0-9a-z]{1,64})")


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of claims, each with `contests`, how many accepted ones of others it contests; and after which one the
    next page begins, empty at the end.
    """

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, slots=True)
class Other:
    """A claim of another enterprise that shares a GTIN. `own_region` says whether the officer may decide about it."""

    claim: Claim
    uscc: str
    name_zh: str
    own_region: bool


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A claim with its documents, the accepted claims of others that it `contests`, and those of others that wait as it
    does. `seen` is what a decision by this page gives back.
    """

    claim: Row
    documents: Sequence[Filed]
    contests: Sequence[Other]
    rivals: Sequence[Other]
    seen: int

    @property
    def acceptable(self) -> bool:
        """Whether all that it contests is the officer's to revoke."""
        return all(other.own_region for other in self.contests)


@dataclass(frozen=True, slots=True)
class ClaimReviewOffice(Office):
    """The claims of the enterprises of the region of the officer's association."""

    def queue(self, state: str, text: str = "", after: str = "") -> Queue:
        """Claims in a state, the one that waits longest first."""
        self.need(Right.DECIDE_CLAIMS)
        if state not in STATES:
            raise Absent("expected a state of the list")
        found = _PLACE.fullmatch(after)
        place = Place(int(found[1]), found[2]) if found else None
        with self.house.database.snapshot() as reader:
            rows = claims.sought(reader, Sought(state, self._scope, text), PAGE + 1, place)
            shown = [{**row, "contests": _contests(reader, row)} for row in rows[:PAGE]]
        return Queue(shown, f"{shown[-1]['position']}-{shown[-1]['id']}" if len(rows) > PAGE else "")

    def file(self, claim_id: str) -> ClaimFile:
        """One claim. Raises `Absent`."""
        self.need(Right.DECIDE_CLAIMS)
        with self.house.database.snapshot() as reader:
            claim = self._claim(reader, claim_id)
            row = claims.described(reader, claim_id)
            assert row is not None  # it was found in this snapshot
            open_ = claim.state == "filed"
            return ClaimFile(
                row,
                documents.documents_of(reader, claim_id),
                [self._other(reader, each) for each in claims.contested(reader, claim)] if open_ else [],
                [self._other(reader, each) for each in claims.rivals(reader, claim)],
                claims.last_change(reader, claim_id),
            )

    def document(self, claim_id: str, document_id: str) -> Document:
        """A document beside a claim, with its content. Raises `Absent`."""
        self.need(Right.DECIDE_CLAIMS)
        with self.house.database.snapshot() as reader:
            found = documents.beside(reader, self._claim(reader, claim_id).id, document_id)
        if found is None:
            raise Absent("expected a document beside the claim, found none")
        return found

    def accept(self, claim_id: str, seen: int, instead_of: Sequence[str] = (), reason: str = "") -> None:
        """Accept a claim, and revoke those that were named in its place. Raises `Absent`, `Stale` and `ActRefused`, as
        all below.
        """
        with self._deciding(claim_id, seen) as (desk, reader, organisation):
            for other in instead_of:
                self._claim(reader, other)
            why = require_text(reason, "reason", MAX_REASON) if instead_of else ""
            claiming.accept_claim(desk, claim_id, organisation, instead_of, why)

    def refuse(self, claim_id: str, seen: int, reason: str) -> None:
        """Refuse a claim."""
        with self._deciding(claim_id, seen) as (desk, _reader, organisation):
            claiming.refuse_claim(desk, claim_id, organisation, require_text(reason, "reason", MAX_REASON))

    def revoke(self, claim_id: str, seen: int, reason: str) -> None:
        """Revoke an accepted claim."""
        with self._deciding(claim_id, seen) as (desk, _reader, organisation):
            claiming.revoke_claim(desk, claim_id, organisation, require_text(reason, "reason", MAX_REASON))

    @contextmanager
    def _deciding(self, claim_id: str, seen: int) -> Iterator[tuple[Desk, Reader, str]]:
        """Where a claim is decided if it is as it was shown, and by which organisation."""
        self.need(Right.DECIDE_CLAIMS)
        with self.house.database.snapshot() as reader:
            self._claim(reader, claim_id)
        with self.desk.together() as (desk, tx):
            self._claim(tx, claim_id)
            if claims.last_change(tx, claim_id) != seen:
                raise Stale(f"claim {claim_id}: expected a decision by its present page, got one by page {seen}")
            own = organisations.by_id(tx, self.identity.organisation or "")
            assert own is not None  # the account is held for it
            yield desk, tx, own.name_zh

    def _claim(self, reader: Reader, claim_id: str) -> Claim:
        found = claims.by_id(reader, claim_id)
        if found is None or not self._is_own(reader, found):
            raise Absent("expected a claim of an enterprise of the own region, found none")
        return found

    def _is_own(self, reader: Reader, claim: Claim) -> bool:
        enterprise = enterprises.by_id(reader, claim.enterprise_id)
        return enterprise is not None and self.identity.sees_region(enterprise.region)

    def _other(self, reader: Reader, claim: Claim) -> Other:
        enterprise = enterprises.by_id(reader, claim.enterprise_id)
        assert enterprise is not None  # the database sees to it
        return Other(claim, enterprise.uscc, enterprise.name_zh, self.identity.sees_region(enterprise.region))

    @property
    def _scope(self) -> str:
        if self.identity.region is None:
            raise Denied("expected an identity of an organisation, got one of none")
        return regions.at_level(self.identity.region, len(self.identity.region))


def _contests(reader: Reader, row: Row) -> int:
    if row["state"] != "filed":
        return 0
    claim = Claim(row["id"], row["enterprise_id"], row["kind"], row["value"], "", "filed")
    return len(claims.contested(reader, claim))
