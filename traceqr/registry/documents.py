"""Certificates beside claims. They concern who filed a claim and who decides it: no public node reads them."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from traceqr.document import Document
from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Filed:
    """A document as it stands beside claims, without its content. `enterprise_id` is who filed it."""

    id: str
    enterprise_id: str
    digest: str
    media_type: str
    name: str


_COLUMNS = tuple(Filed.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(f'd.{name}' for name in _COLUMNS)}"


def keep(tx: Transaction, document: Document, document_id: str, enterprise_id: str) -> str:
    """Keep a document of an enterprise, once; returns its id, which is the earlier one where it is there already."""
    tx.execute(
        "INSERT INTO document (id, enterprise_id, digest, media_type, name, content)"
        " VALUES (:id, :enterprise, :digest, :media_type, :name, :content)"
        " ON CONFLICT (enterprise_id, digest) DO NOTHING",
        {
            "id": document_id,
            "enterprise": enterprise_id,
            "digest": document.digest,
            "media_type": document.media_type,
            "name": document.name,
            "content": base64.b64encode(document.content).decode("ascii"),
        },
    )
    row = tx.row(
        "SELECT id FROM document WHERE enterprise_id = :enterprise AND digest = :digest",
        {"enterprise": enterprise_id, "digest": document.digest},
    )
    assert row is not None  # inserted, or there before
    return str(row["id"])


def attach(tx: Transaction, claim_id: str, document_ids: list[str]) -> None:
    """Put documents beside a claim, in their order."""
    rows = [(claim_id, place, document_id) for place, document_id in enumerate(document_ids)]
    tx.insert_many("claim_document", ("claim_id", "place", "document_id"), rows)


def documents_of(reader: Reader, claim_id: str) -> list[Filed]:
    """The documents beside a claim, in the order in which they were filed."""
    rows = reader.rows(
        f"{_SELECT} FROM claim_document c JOIN document d ON d.id = c.document_id WHERE c.claim_id = :claim"
        " ORDER BY c.place",
        {"claim": claim_id},
    )
    return [Filed(**row) for row in rows]


def by_id(reader: Reader, document_id: str) -> Filed | None:
    """Whose document it is, and what."""
    row = reader.row(f"{_SELECT} FROM document d WHERE d.id = :id", {"id": document_id})
    return Filed(**row) if row else None


def beside(reader: Reader, claim_id: str, document_id: str) -> Document | None:
    """A document that stands beside a claim, with its content; None where it does not."""
    known = {each.id for each in documents_of(reader, claim_id)}
    return document(reader, document_id) if document_id in known else None


def document(reader: Reader, document_id: str) -> Document | None:
    """A document with its content, to be handed out as an attachment and never shown by a page."""
    row = reader.row(
        "SELECT digest, media_type, name, content FROM document WHERE id = :id",
        {"id": document_id},
    )
    if row is None:
        return None
    return Document(row["digest"], row["media_type"], row["name"], base64.b64decode(row["content"]))
