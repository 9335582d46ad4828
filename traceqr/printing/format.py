"""What every format of printed labels is: a head, pieces that can be made apart from each other, and a tail.

A file is `head()`, then `body(strip)` of consecutive strips, then `tail()`. Invariants:

- A piece depends on its strip alone, so that pieces are made by several processes and put together in order, and a file
  that was broken off is gone on with at any strip.
- The same labels give the same bytes, on every run and however they are cut into strips: strips begin at multiples of
  `unit` labels, counted from the first label of the file, and all but the last hold a multiple of `unit`.
- Where `size` says how long a file is, it is exactly so long: a browser shows progress by it, and resumes.
- A format is a value that travels to other processes. It holds no key, no open file, and no table of megabytes: what is
  dear to make is made when it is first needed in a process (`functools.cache`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from traceqr.errors import TraceqrError
from traceqr.label.series import Series, Strip
from traceqr.symbol.symbol import Level


class PrintError(TraceqrError):
    """Labels that cannot be printed as asked for: what was expected, and what came."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What stands on each label of a file beside its symbol, in people's words. Dates are ISO; empty where unknown."""

    product_name: str
    lot: str = ""
    enterprise_name: str = ""
    specification: str = ""
    produced_on: str = ""
    expires_on: str = ""
    marks: tuple[str, ...] = ()
    """The artworks of the marks that the labels carry, see `printing.artwork`."""


@dataclass(frozen=True, slots=True)
class Job:
    """The labels of one file: `first` to `last` of a series, how their symbols are made, and what stands beside them.

    `mask` is the data mask of all symbols (0 to 7), chosen for the batch, so that its files all have the same symbols.
    """

    series: Series
    first: int
    last: int
    imprint: Imprint
    level: Level = Level.M
    mask: int = 0

    def __len__(self) -> int:
        return self.last - self.first + 1


class Format(Protocol):
    """A format, made for one `Job`. It refuses in its constructor, by `PrintError`, what it could not print."""

    @property
    def suffix(self) -> str:
        """The end of a file's name: `csv`."""

    @property
    def media_type(self) -> str:
        """As in HTTP: `text/csv; charset=utf-8`."""

    @property
    def unit(self) -> int:
        """Labels that are made together, such as those of a page."""

    @property
    def size(self) -> int | None:
        """Bytes of the whole file, or None where only making it tells."""

    @property
    def notes(self) -> Sequence[str]:
        """What the one who prints should know before: sizes, and warnings."""

    def head(self) -> bytes:
        """What comes before the first label."""

    def body(self, strip: Strip) -> bytes:
        """The labels of a strip of the job."""

    def tail(self) -> bytes:
        """What comes after the last label."""
