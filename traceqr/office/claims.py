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
from traceqr.registry import claims
from traceqr.registry.claims import Claim
from traceqr.registry.database import Row

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

    def file(self, kind: str, value: str, evidence: str, documents: Sequence[Document]) -> Claim:
        """File a claim with documents that were read. Raises `ActRefused`."""
        self.need(Right.CLAIM)
        with self.house.database.snapshot() as reader:
            uscc = self.own(reader).uscc
        (claim,) = claiming.file_claims(self.desk, [ClaimEntry(uscc, kind, value, evidence, tuple(documents))])
        return claim


def read_documents(files: Sequence[tuple[str, bytes]]) -> list[Document]:
    """Documents as they are kept, each of a name and its content. Raises `UnreadableDocument`. It takes its time."""
    if len(files) > MAX_DOCUMENTS:
        raise UnreadableDocument(f"expected at most {MAX_DOCUMENTS} documents, got {len(files)}", "documents")
    try:
        return [read_document(name, content) for name, content in files]
    except DocumentError as error:
        raise UnreadableDocument(str(error), "documents") from error
