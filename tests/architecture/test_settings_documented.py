"""Every setting that the program reads is documented for operators, and none is documented that it does not read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"TRACEQR_[A-Z0-9_]*[A-Z0-9]")
PLACES = ("traceqr/**/*.py", "traceqr/**/*.html", "Makefile", "gunicorn.conf.py", "wsgi.py", ".ci/run")
DOCUMENTED = re.compile(r"^(?:\|\s*`(TRACEQR_[A-Z0-9_]+)`|#+\s*`?(TRACEQR_[A-Z0-9_]+)`?)", re.MULTILINE)


def used() -> dict[str, str]:
    """Each setting, and a file that names it."""
    found = {}
    for pattern in PLACES:
        for path in sorted(ROOT.glob(pattern)):
            for name in NAME.findall(path.read_text(encoding="utf-8")):
                found.setdefault(name, str(path.relative_to(ROOT)))
    return found


def documented(text: str) -> list[str]:
    """Settings that have a row of the table, or a heading, of their own."""
    return [row or heading for row, heading in DOCUMENTED.findall(text)]


OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", sorted(used()))
def test_every_setting_is_documented(setting: str) -> None:
    assert setting in documented(OPERATING), f"{used()[setting]} names it, docs/operating.md does not"


def test_every_documented_setting_is_read() -> None:
    assert set(documented(OPERATING)) <= set(used())
    assert set(NAME.findall(OPERATING)) <= set(used())


def test_each_is_documented_once() -> None:
    names = documented(OPERATING)
    assert sorted(set(names)) == sorted(names)
    assert len(names) >= 9


def test_other_pages_name_no_setting_that_there_is_not() -> None:
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if path.exists():
            assert set(NAME.findall(path.read_text(encoding="utf-8"))) <= set(used()), path.name


def test_the_check_sees_rows_and_headings_and_not_mere_mentions() -> None:
    text = "| `TRACEQR_A` | x |\n### TRACEQR_B\n## `TRACEQR_C`\nset `TRACEQR_D` to x\n| x | `TRACEQR_E` |\n"
    assert documented(text) == ["TRACEQR_A", "TRACEQR_B", "TRACEQR_C"]
