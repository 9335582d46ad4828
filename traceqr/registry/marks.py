"""Kinds of marks, and the words that they have had."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of mark. `text_version` is the present version of its words."""

    id: str
    organisation_id: str
    prefix: str
    artwork: str
    text_version: int


@dataclass(frozen=True, slots=True)
class MarkText:
    """What a mark is called, and what it stands for."""

    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str


_MARK = tuple(Mark.__dataclass_fields__)
_TEXT = tuple(MarkText.__dataclass_fields__)


def insert(tx: Transaction, mark: Mark, position: int) -> None:
    """Add a kind of mark."""
    tx.insert_many("mark", (*_MARK, "position"), [(*asdict(mark).values(), position)])


def insert_text(tx: Transaction, mark_id: str, version: int, text: MarkText, position: int) -> None:
    """Add a version of a mark's words."""
    tx.insert_many(
        "mark_text", ("mark_id", "version", *_TEXT, "position"), [(mark_id, version, *asdict(text).values(), position)]
    )


def set_text_version(tx: Transaction, mark_id: str, version: int, position: int) -> None:
    """Make a version of the words the one that licences are granted under from now on."""
    tx.execute(
        "UPDATE mark SET text_version = :version, position = :position WHERE id = :id",
        {"version": version, "position": position, "id": mark_id},
    )


def by_id(reader: Reader, mark_id: str) -> Mark | None:
    """The mark of that id."""
    row = reader.row(f"SELECT {', '.join(_MARK)} FROM mark WHERE id = :id", {"id": mark_id})
    return Mark(**row) if row else None


def by_prefix(reader: Reader, prefix: str) -> Mark | None:
    """The mark whose licences have numbers with that in front."""
    row = reader.row(f"SELECT {', '.join(_MARK)} FROM mark WHERE prefix = :prefix", {"prefix": prefix})
    return Mark(**row) if row else None


def text(reader: Reader, mark_id: str, version: int) -> MarkText | None:
    """A version of a mark's words."""
    row = reader.row(
        f"SELECT {', '.join(_TEXT)} FROM mark_text WHERE mark_id = :id AND version = :version",
        {"id": mark_id, "version": version},
    )
    return MarkText(**row) if row else None


def versions(reader: Reader, mark_id: str) -> list[Row]:
    """All versions of a mark's words with the instants since when they are, latest first."""
    return reader.rows(
        f"SELECT t.version, {', '.join('t.' + name for name in _TEXT)}, l.at_ms FROM mark_text t"
        " JOIN ledger l ON l.position = t.position WHERE t.mark_id = :id ORDER BY t.version DESC",
        {"id": mark_id},
    )


def everything(reader: Reader) -> list[Row]:
    """All marks with their present words and the organisation's names, by id. There are a handful of them."""
    return reader.rows(
        "SELECT m.id, m.prefix, m.artwork, m.text_version, t.name_zh, t.name_en, t.meaning_zh, t.meaning_en,"
        " o.id AS organisation_id, o.name_zh AS organisation_zh, o.name_en AS organisation_en FROM mark m"
        " JOIN mark_text t ON t.mark_id = m.id AND t.version = m.text_version"
        " JOIN organisation o ON o.id = m.organisation_id ORDER BY m.id"
    )
