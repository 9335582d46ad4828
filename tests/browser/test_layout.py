"""No text of an enterprise's is so long that a page must be scrolled sideways, as a real Chromium lays it out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from browser.conftest import NewPhone
from playwright.sync_api import Page

from tests.unit.web.specimens import PLEDGE, SUSPENDED, VERDICTS
from tests.unit.web.world import settings_of
from traceqr.evidence import Article, Evidence, Notice, Verdict
from traceqr.verdict import Code
from traceqr.web.app import create_app
from traceqr.web.assets import STATIC
from traceqr.web.language import Language
from traceqr.web.target import FRONT_PAGE


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
        marks=(replace(SUSPENDED, name_zh=name, name_en=word, meaning_zh=name, meaning_en=word, reason=word),),
    )  # fmt: skip


def needed(phone: Page, page: str, style: str) -> int:
    """The width that a page takes, its style sheet written into it."""
    phone.set_content(re.sub('<link rel="stylesheet"[^>]*>', lambda _: f"<style>{style}</style>", page))
    return int(phone.evaluate("document.documentElement.scrollWidth"))


OLD = "overflow-wrap: break-word; overflow-wrap: anywhere;", "overflow-wrap: break-word;"
"""Browsers before 2020, and iPhones before 2022, know no `anywhere`."""


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("language", [Language.ZH_HANS, Language.EN])
@pytest.mark.parametrize("width", [320, 1280])
def test_long_words_stay_inside(new_phone: NewPhone, language: Language, width: int, old: bool) -> None:
    pages = create_app(settings_of(), None, lambda _: None).extensions["traceqr"].verdict_pages  # type: ignore[arg-type]
    verdict: Verdict = replace(VERDICTS[Code.RECALLED], evidence=long_evidence())
    page = pages.render(language, verdict, seen_token=None, ticket="u" * 60, addresses=FRONT_PAGE, repost=None)
    assert "R" * 2000 in page
    style = STATIC["traceqr.css"].plain.decode()
    assert style.count(OLD[0]) == 1
    phone = new_phone(viewport={"width": width, "height": 740}, java_script_enabled=True)
    assert needed(phone, page, style.replace(*OLD) if old else style) == width
