"""Hidden codes as a file of their own, joined to the labels by their serials: so no single file makes a whole copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from traceqr.label.hidden import grouped

HEADER = b"serial,hidden_code\r\n"
WIDTH = 16 + 1 + 14 + 2
"""Bytes of a record: serial, comma, code in groups of four, line end."""

_AT_ONCE = 4_096


def size(count: int) -> int:
    """Bytes of the file of so many labels."""
    return len(HEADER) + count * WIDTH


def pieces(batch: int, first: int, last: int, codes: Callable[[int, int], Sequence[str]]) -> Iterator[bytes]:
    """The file as CSV, some thousand labels at a time. A code stands in groups of four, as it is printed, so that no
    spreadsheet takes it for a number.
    """
    yield HEADER
    for start in range(first, last + 1, _AT_ONCE):
        end = min(start + _AT_ONCE - 1, last)
        made = enumerate(codes(start, end), start)
        yield "".join([f"{batch:08d}{index:08d},{grouped(code)}\r\n" for index, code in made]).encode("ascii")
