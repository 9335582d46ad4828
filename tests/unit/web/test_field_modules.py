"""The modules that scan and judge in browsers, tried in Node by `tests/field`; in Chromium by `tests/browser`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripts import ROOT, run_by_node

TESTS = sorted((ROOT / "tests" / "field").glob("*.test.mjs"))
MODULES = sorted((ROOT / "traceqr" / "web" / "static" / "field").glob("*.js"))


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name)
def test_in_node(test: Path) -> None:
    code, said = run_by_node(test)
    assert code == 0, said


def test_there_are_some() -> None:
    assert {path.name for path in TESTS} >= {"label.test.mjs"}
    assert {path.name for path in MODULES} >= {"label.js", "seal.js", "keyring.js", "judging.js"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_is_short_and_reaches_for_no_other_site(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400
    assert "https://cdn" not in source
    assert 'import "http' not in source
