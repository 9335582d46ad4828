"""What documents of many pages are made of: titles in two languages, facts, and sections of words and tables."""

from __future__ import annotations

from dataclasses import dataclass

Label = tuple[str, str]
"""In the language of the document, and smaller in another one, where that is not empty."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their heads. `widths` are parts of the whole width."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a title: words, a table, or both."""

    title: Label
    text: str = ""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A document that nobody signs: facts with one value each, sections, and what stands at the foot of each page.

    `lead` stands below the title, `warnings` in bold below that. `address` is where the symbol leads. `paging` is how
    pages are numbered, with `%(page)s` and `%(pages)s` in it.
    """

    title: Label
    lead: str
    facts: tuple[tuple[Label, str], ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...]
    address: str
    paging: str
    warnings: tuple[str, ...] = ()
    language: str = "zh-CN"
    author: str = ""

    @property
    def is_chinese(self) -> bool:
        """Whether its lines may be broken between any two characters."""
        return self.language.startswith("zh")
