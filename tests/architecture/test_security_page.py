"""docs/security.md answers for every requirement of levels 1 and 2, names what there is, and counts right."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ANSWERS = ("yes", "partly", "no", "n/a")
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
NAMED = re.compile(r"^([\w./-]+\.(?:py|sql|conf|yaml|html|js|md|toml|txt|dockerignore))(?:::(\w+))?$")

SCOPE = """
1.1: 1-2, 1.2: 1-9, 1.3: 1-11, 1.4: 1-3, 1.5: 1-2, 2.1: 1-3, 2.2: 1-3, 2.3: 1-4, 2.4: 1-1,
3.2: 1-2, 3.3: 1-4, 3.4: 1-6, 3.5: 1-5, 3.7: 1-2, 4.1: 1-3, 4.2: 1-1, 4.3: 1-2, 4.4: 1-4,
5.1: 1-1, 5.2: 1-3, 5.3: 1-2, 5.4: 1-3, 6.1: 1-3, 6.2: 1-12, 6.3: 1-4, 6.4: 1-4, 6.5: 1-5, 6.6: 1-3, 6.8: 1-4,
7.1: 1-3, 7.2: 1-4, 7.3: 1-2, 7.4: 1-5, 7.5: 1-2, 7.6: 1-2, 8.1: 1-2, 8.2: 1-3, 8.3: 1-1, 8.4: 1-1,
9.1: 1-3, 9.2: 1-4, 11.1: 1-2, 11.2: 1-3, 11.3: 1-3, 11.4: 1-4, 11.5: 1-1, 11.6: 1-1,
12.1: 1-3, 12.2: 1-2, 12.3: 1-4, 13.1: 1-1, 13.2: 1-5, 13.3: 1-2, 13.4: 1-5, 14.1: 1-2, 14.2: 1-4, 14.3: 1-3,
15.1: 1-3, 15.2: 1-3, 15.3: 1-7, 16.1: 1-1, 16.2: 1-5, 16.3: 1-4, 16.4: 1-3, 16.5: 1-3
"""
"""Numbers of ASVS 5.0 at level 1 or 2, by section. OAuth (10) and WebRTC (17) are answered by a sentence each."""


def rows() -> list[list[str]]:
    """The cells of each row whose first one is a number."""
    lines = (line.strip().strip("|").split("|") for line in PAGE.splitlines() if line.startswith("|"))
    cells = ([cell.strip() for cell in line] for line in lines)
    return [row for row in cells if re.fullmatch(r"\d+\.\d+\.\d+", row[0])]


def in_scope() -> list[str]:
    return [
        f"{section}.{number}"
        for section, first, last in re.findall(r"(\d+\.\d+): (\d+)-(\d+)", SCOPE)
        for number in range(int(first), int(last) + 1)
    ]


def names(text: str) -> list[str]:
    """What stands in backticks and is a file, or a test in one."""
    return [each for each in re.findall(r"`([^`]+)`", text) if NAMED.match(each)]


def missing(name: str) -> str | None:
    """What is wrong with a name, or None."""
    found = NAMED.match(name)
    assert found
    file, test = found.groups()
    if test is None and not file.startswith("test_"):
        there = any((ROOT / folder / file).is_file() for folder in ("", "traceqr"))
        return None if there else f"{file} is no file of ours"
    there = [path for path in TESTS if path.name == file]
    if not there:
        return f"{file} is no file of tests"
    defined = test is None or any(f"def {test}(" in path.read_text(encoding="utf-8") for path in there)
    return None if defined else f"{file} has no {test}"


def test_every_requirement_has_its_row_in_order() -> None:
    assert [row[0] for row in rows()] == in_scope()


def test_each_has_words_and_an_answer() -> None:
    for number, about, answer, ground in rows():
        assert answer in ANSWERS, number
        assert 1 <= len(about.split()) <= 12, number
        assert ground, number


def test_a_yes_names_what_shows_it_or_why_there_is_nothing_to_show() -> None:
    bare = [row[0] for row in rows() if row[2] == "yes" and not names(row[3]) and len(row[3]) < 15]
    assert set(bare) <= {"6.4.2"}, "no hints: there is nothing to point at"


@pytest.mark.parametrize("name", sorted(set(names(PAGE))))
def test_what_is_named_is_there(name: str) -> None:
    assert missing(name) is None


def test_enough_is_named() -> None:
    assert len(set(names(PAGE))) > 100
    for none in ("web/nothing.py", "test_nothing.py::test_x", "test_headers.py::test_nothing"):
        assert missing(none)


def test_the_counts_on_top() -> None:
    told = {answer: int(count) for answer, count in re.findall(r"^\| (yes|partly|no|n/a) \| (\d+) \|$", PAGE, re.M)}
    assert told == dict(Counter(row[2] for row in rows()))


def test_what_is_open_is_summed_up_on_top() -> None:
    """Each `no` stands in the list of open points, alone or within a range."""
    top = PAGE.partition("## V1 ")[0].partition("## What is open")[2]
    ranges = re.findall(r"(\d+\.\d+)\.(\d+) to \d+\.\d+\.(\d+)", top)
    told = set(re.findall(r"\d+\.\d+\.\d+", top))
    told |= {f"{section}.{each}" for section, first, last in ranges for each in range(int(first), int(last) + 1)}
    assert {row[0] for row in rows() if row[2] == "no"} <= told
    assert {row[0] for row in rows() if row[2] in ("yes", "n/a")} & told == set()
