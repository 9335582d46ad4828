from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest

from tests.unit.symbol.specimens import Rows, label_at, label_on
from traceqr.label.format import Label
from traceqr.symbol.encode import encode
from traceqr.symbol.masks import SAMPLE, choose, penalty
from traceqr.symbol.symbol import Level, SymbolError

FALSE_FINDERS = (bytes((1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0)), bytes((0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1)))


def counted(rows: Rows) -> int:
    """ISO/IEC 18004, section 7.8.3, table 11, word by word."""
    return sum(map(_lines, (rows, tuple(map(bytes, zip(*rows, strict=True)))))) + _blocks(rows) + _balance(rows)


def _lines(rows: Rows) -> int:
    """Features 1 and 3 along rows: runs of five and more of one colour, and 1:1:3:1:1 beside four light modules."""
    runs = [len(list(run)) for row in rows for _, run in itertools.groupby(row)]
    finders = sum(row[at : at + 11] in FALSE_FINDERS for row in rows for at in range(len(row) - 10))
    return sum(run - 2 for run in runs if run >= 5) + 40 * finders


def _blocks(rows: Rows) -> int:
    """Feature 2: blocks of 2 x 2 of one colour."""
    return 3 * sum(
        above[at] == above[at + 1] == below[at] == below[at + 1]
        for above, below in itertools.pairwise(rows)
        for at in range(len(above) - 1)
    )


def _balance(rows: Rows) -> int:
    """Feature 4: ten for each 5% that the dark modules are off one half."""
    dark, of = sum(map(sum, rows)), len(rows) ** 2
    return 10 * (abs(dark * 20 - of * 10) // of)


def totals(labels: Sequence[Label], level: Level) -> Iterator[int]:
    for mask in range(8):
        yield sum(counted(encode(label, level, mask=mask).modules) for label in labels)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("mask", range(8))
def test_penalty_is_the_standard_s(mask: int, level: Level) -> None:
    label = label_at(index=mask)
    assert penalty(label, level, mask) == counted(encode(label, level, mask=mask).modules)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("origin", ["HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org"])
def test_least_in_total(origin: str, level: Level) -> None:
    labels = [label_at(origin, index) for index in range(4)]
    found = list(totals(labels, level))
    assert choose(labels, level) == found.index(min(found))


def test_total_decides_and_not_one_label() -> None:
    labels = [label_at(index=index) for index in range(SAMPLE)]
    each = {choose([label], Level.M) for label in labels}
    assert len(each) > 2
    assert choose(labels, Level.M) == choose(labels[::-1], Level.M)


def test_a_tie_goes_to_the_lower_number() -> None:
    tied = label_at(index=103)
    found = list(totals([tied], Level.M))
    assert found.count(min(found)) == 2
    assert choose([tied], Level.M) == found.index(min(found))


def test_no_labels() -> None:
    with pytest.raises(SymbolError, match="expected labels to choose a mask by, got none"):
        choose([], Level.M)


def test_host_too_long() -> None:
    with pytest.raises(SymbolError, match="expected a host that fits"):
        choose([label_on(156, upper=True)], Level.M)
