"""Any stretch of a file of labels, made while it is sent: from strips that the signer seals one after another.

All labels of such a file are equally long, so it is known where each strip begins, and a download goes on in the middle
of a label without what comes before it being made again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from traceqr.errors import TraceqrError
from traceqr.label.seal import SEAL_DIGITS
from traceqr.label.series import Series, Strip
from traceqr.printing.format import Format, Job
from traceqr.signer.asking import PATIENCE_S, Line, Question

STRIP_LABELS = 512
STRIP_BYTES = 256_000
"""A strip has at most about as many labels, and as many bytes, unless a page has more: others are served between."""


class UnevenFile(TraceqrError):
    """A file whose strips are not where they should be: nothing can be sent of it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the bytes of a file lie: its head, strips of `step` labels and `width` bytes, a last one, and its tail."""

    form: Format
    series: Series
    first: int
    last: int
    step: int
    width: int
    size: int
    head: int
    end: int
    """Where the tail begins."""

    @classmethod
    def of(cls, form: Format, job: Job) -> Layout:
        """Measured by strips with seals of zeros, which are as long as all others. Raises `UnevenFile`."""
        size = form.size
        if size is None:
            raise UnevenFile("expected a format whose length is known before it is made")
        step = _step(form, size, len(job))
        head = len(form.head())
        whole, rest = divmod(len(job), step)
        width = _measured(form, job, job.first, min(step, len(job)))
        end = head + whole * width + (_measured(form, job, job.first + whole * step, rest) if rest else 0)
        if end > size:
            raise UnevenFile(f"expected labels of {size:,} bytes at most, got {end:,}")
        return cls(form, job.series, job.first, job.last, step, width, size, head, end)

    def strips(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """First label, last label and offset of each strip that has a byte of `start` up to, not including, `stop`."""
        at = max(0, start - self.head) // self.width
        while (offset := self.head + at * self.width) < min(stop, self.end):
            first = self.first + at * self.step
            if min(offset + self.width, self.end) <= start:
                return  # all of it lies in the tail
            yield first, min(first + self.step - 1, self.last), offset
            at += 1

    def content(self, first: int, signatures: list[bytes], offset: int) -> bytes:
        """A strip. Raises `UnevenFile` rather than give a byte in a wrong place."""
        made = self.form.body(Strip(self.series, first, self.series.written(signatures)))
        expected = min(self.width, self.end - offset)
        if len(made) != expected:
            raise UnevenFile(f"expected {expected:,} bytes of labels from {first}, got {len(made):,}")
        return made

    def tail(self) -> bytes:
        """What comes after the labels. Raises `UnevenFile`."""
        made = self.form.tail()
        if len(made) != self.size - self.end:
            raise UnevenFile(f"expected {self.size - self.end:,} bytes after the labels, got {len(made):,}")
        return made


def _step(form: Format, size: int, count: int) -> int:
    fitting = max(1, min(STRIP_LABELS, STRIP_BYTES * count // max(1, size)))
    return -(-fitting // form.unit) * form.unit


def _measured(form: Format, job: Job, first: int, count: int) -> int:
    return len(form.body(Strip(job.series, first, ("0" * SEAL_DIGITS,) * count)))


class Stretch:
    """The bytes of a file from `start` up to, not including, `stop`. The first strip is asked for at once, and each
    further one while the one before is formed and sent: so the signer and the worker work side by side.
    """

    def __init__(self, layout: Layout, line: Line, export: str, start: int, stop: int) -> None:
        self._layout = layout
        self._line = line
        self._export = export
        self._start, self._stop = start, stop
        self._strips = layout.strips(start, stop)
        self._asked: tuple[int, int, Question] | None = None

    def open(self, patience_s: float) -> None:
        """Have the seals of the first strip, so that what goes wrong is said before the first byte. Raises `SignerAway`
        or `SignerRefused`.
        """
        self._ask(patience_s)
        if self._asked is not None:
            self._asked[2].signatures(patience_s)

    def close(self) -> None:
        """No more is wanted."""
        if self._asked is not None:
            self._asked[2].close()

    def __iter__(self) -> Iterator[bytes]:
        layout = self._layout
        if self._start < layout.head:
            yield layout.form.head()[self._start : self._stop]
        while self._asked is not None:
            first, offset, question = self._asked
            signatures = question.signatures()
            self._ask(PATIENCE_S)
            yield self._cut(layout.content(first, signatures, offset), offset)
            time.sleep(0)  # forming a strip is computation: others get their turn
        if self._stop > layout.end:
            yield self._cut(layout.tail(), layout.end)

    def _ask(self, patience_s: float) -> None:
        self._asked = None
        for first, last, offset in self._strips:
            self._asked = first, offset, self._line.ask(self._export, first, last, patience_s)
            return

    def _cut(self, content: bytes, offset: int) -> bytes:
        return content[max(0, self._start - offset) : self._stop - offset]
