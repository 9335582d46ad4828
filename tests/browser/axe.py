"""axe-core, by which pages are looked at for what shuts people out: `python tests/browser/axe.py` brings it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import npm
from playwright.sync_api import Page

HERE = Path(__file__).parent / "axe"
CACHE = npm.CACHE / "axe"
SCRIPT = CACHE / "node_modules" / "axe-core" / "axe.min.js"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def bring() -> None:
    """Install it, unless it is there."""
    if not SCRIPT.exists():
        npm.install(HERE, CACHE)


def violations(page: Page) -> list[str]:
    """What is wrong with a page, by WCAG 2.2 AA: the rule, and the elements that break it. The page's context must be
    one that lets scripts of others in (`bypass_csp`).
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    assert found["testEngine"]["name"] == "axe-core"
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


if __name__ == "__main__":
    bring()
