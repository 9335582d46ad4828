"""No text of an enterprise's is so long that a page must be scrolled sideways, as a real Chromium lays it out."""

from __future__ import annotations

import html
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from browser.chromium import find

from tests.unit.web.specimens import PLEDGE, VERDICTS
from tests.unit.web.world import settings_of
from traceqr.evidence import Article, Evidence, Notice, Verdict
from traceqr.verdict import Code
from traceqr.web.app import create_app
from traceqr.web.assets import STYLE
from traceqr.web.language import Language

FRAME = """<!doctype html><title>-</title><body style="margin:0">
<iframe width="{width}" height="800" style="border:0" srcdoc="{page}"></iframe>
<script>onload = () => {{
const page = document.querySelector("iframe").contentDocument.documentElement
document.title = `${{page.clientWidth}} ${{page.scrollWidth}}`
}}</script>"""
"""A frame is as wide as it is told; a window of a headless browser has a least width of its own."""


def long_evidence() -> Evidence:
    found = VERDICTS[Code.RECALLED].evidence
    assert found is not None
    name, word = "名" * 150 + "N" * 150, "W" * 300
    product = replace(
        found.product, name_zh=name, name_en=word, brand=word, specification=word, standard=word, picture="a" * 64
    )
    return replace(
        found,
        product=product,
        batch=replace(found.batch, lot="L" * 100),
        enterprise=replace(
            found.enterprise, name_zh=name, name_en=word, service_phone="4" * 60, accepted_by_zh=name,
            accepted_by_en=word,
        ),
        pledge=replace(
            PLEDGE, campaign_zh=name, campaign_en=word, theme_zh=name, theme_en=word, organiser_zh=name,
            organiser_en=word, articles=(Article(name, word),),
        ),
        notices=(Notice("recall", found.notices[0].since_ms, "R" * 2000),),
    )  # fmt: skip


def widths(folder: Path, page: str, style: str, width: int) -> tuple[int, int]:
    """Of the frame, and of what is in it."""
    styled = re.sub('<link rel="stylesheet"[^>]*>', lambda _: f"<style>{style}</style>", page)
    file = folder / "frame.html"
    file.write_text(FRAME.format(width=width, page=html.escape(styled)), encoding="utf-8")
    chromium = find()
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    shown = subprocess.run(
        [chromium.path, *options, file.as_uri()],
        env={**os.environ, **chromium.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    found = re.search(r"<title>(\d+) (\d+)</title>", shown)
    assert found, shown[:500]
    return int(found[1]), int(found[2])


OLD = "overflow-wrap: break-word; overflow-wrap: anywhere;", "overflow-wrap: break-word;"
"""Browsers before 2020, and iPhones before 2022, know no `anywhere`."""


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("language", [Language.ZH_HANS, Language.EN])
@pytest.mark.parametrize("width", [320, 1280])
def test_long_words_stay_inside(tmp_path: Path, language: Language, width: int, old: bool) -> None:
    pages = create_app(settings_of(), None, lambda _: None).extensions["traceqr"].pages  # type: ignore[arg-type]
    verdict: Verdict = replace(VERDICTS[Code.RECALLED], evidence=long_evidence())
    page = pages.render("verdict.html", language, verdict=verdict, seen_token=None, switch=None, repost=None)
    assert "R" * 2000 in page
    style = STYLE.plain.decode()
    assert style.count(OLD[0]) == 1
    inside, needed = widths(tmp_path, page, style.replace(*OLD) if old else style, width)
    assert width - 20 <= inside <= width
    assert needed <= inside
