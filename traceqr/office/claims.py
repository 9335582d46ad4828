"""The claims of an enterprise to GTINs and company prefixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import claiming
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.claiming import MAX_DOCUMENTS, ClaimEntry
from traceqr.document import Document, DocumentError, read_document
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.registry import claims, documents
from traceqr.registry.claims import Claim
from traceqr.registry.database import Row
from traceqr.registry.documents import Filed

KINDS = ("prefix", "gtin")


class UnreadableDocument(ActRefused):
    """A file that is not kept, or too many of them."""


@dataclass(frozen=True, slots=True)
class ClaimOffice(EnterpriseOffice):
    """The claims of the identity's own enterprise."""

    def listed(self) -> Sequence[Row]:
        """All of them, what was decided last first."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return claims.of_enterprise(reader, self.enterprise)

    def documents(self) -> dict[str, list[Filed]]:
        """What stands beside each claim, by its id."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            listed = claims.of_enterprise(reader, self.enterprise)
            return {row["id"]: documents.documents_of(reader, row["id"]) for row in listed}

    def document(self, claim_id: str, document_id: str) -> Document:
        """A document beside an own claim, with its content. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            claim = claims.by_id(reader, claim_id)
            own = claim is not None and claim.enterprise_id == self.enterprise
            found = documents.beside(reader, claim_id, document_id) if own else None
        if found is None:
            raise Absent("expected a document beside an own claim, found none")
        return found

    def file(self, kind: str, value: str, evidence: str, held: Sequence[Document]) -> Claim:
        """File a claim with documents that were read. Raises `ActRefused`."""
        self.need(Right.CLAIM)
        with self.house.database.snapshot() as reader:
            uscc = self.own(reader).uscc
        (claim,) = claiming.file_claims(self.desk, [ClaimEntry(uscc, kind, value, evidence, tuple(held))])
        return claim


def read_documents(files: Sequence[tuple[str, bytes]]) -> list[Document]:
    """Documents as they are kept, each of a name and its content. Raises `UnreadableDocument`. It takes its time."""
    if len(files) > MAX_DOCUMENTS:
        raise UnreadableDocument(f"expected at most {MAX_DOCUMENTS} documents, got {len(files)}", "documents")
    try:
        return [read_document(name, content) for name, content in files]
    except DocumentError as error:
        raise UnreadableDocument(str(error), "documents") from error
