"""The claims of an enterprise to GTINs and company prefixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import claiming
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.claiming import MAX_DOCUMENTS, ClaimEntry
from traceqr.document import DocumentError, read_document
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.registry import claims
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

    def file(self, kind: str, value: str, evidence: str, files: Sequence[tuple[str, bytes]]) -> None:
        """File a claim with documents, each a name and its content. Raises `UnreadableDocument` and `ActRefused`."""
        self.need(Right.CLAIM)
        if len(files) > MAX_DOCUMENTS:
            raise UnreadableDocument(f"expected at most {MAX_DOCUMENTS} documents, got {len(files)}", "documents")
        try:
            held = tuple(read_document(name, content) for name, content in files)
        except DocumentError as error:
            raise UnreadableDocument(str(error), "documents") from error
        with self.house.database.snapshot() as reader:
            uscc = self.own(reader).uscc
        claiming.file_claims(self.desk, [ClaimEntry(uscc, kind, value, evidence, held)])
