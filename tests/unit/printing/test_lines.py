from __future__ import annotations

import pytest

from traceqr.printing.lines import wrap


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("   ", ()),
        ("oil", ("oil",)),
        ("  a \n b\t c ", ("a b c",)),
        ("olive oil of the year", ("olive oil of", "the year")),
        ("\u7279\u7ea7\u521d\u69a8\u6a44\u6984\u6cb9", ("\u7279\u7ea7\u521d\u69a8\u6a44\u6984\u6cb9",)),
        ("\u7279" * 12, ("\u7279" * 7, "\u7279" * 5)),
        ("\u7279" * 15, ("\u7279" * 7, "\u7279" * 6 + "\u2026")),
        ("incomprehensibilities", ("incomprehens", "ibilities")),
    ],
)
def test_wrap(text: str, lines: tuple[str, ...]) -> None:
    assert wrap(text, 8, 2) == lines


@pytest.mark.parametrize("char", ["a", "W", "\u7279", "m", " x", "\U0001f600"])
def test_three_hundred_characters_end_in_an_ellipsis(char: str) -> None:
    lines = wrap(char * 300, 12, 2)
    assert len(lines) == 2
    assert lines[1].endswith("\u2026")
    assert not lines[0].endswith("\u2026")


def test_marks_stay_with_their_letter() -> None:
    first, second = wrap("e\u0301" * 20, 8, 2)
    assert not second.startswith("\u0301")
    assert first + second == "e\u0301" * 20
