"""Every screen of the inspectors' app shuts nobody out: WCAG 2.2 AA by axe-core, in light and dark, on small phones, in
all languages, with targets for thumbs.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import axe
from browser.field import VOIDED, Field, go, new_field, new_record, set_up, unlock, write_record
from browser.phone import sign_name
from playwright.sync_api import Browser, BrowserContext, Page, expect

SMALL_PHONE = {"width": 320, "height": 568}
LOOKS = (("light", "en"), ("dark", "zh-Hans"), ("light", "zh-Hant"))

TOO_SMALL = """
[...document.querySelectorAll("button, nav a, label.choice, label.tool, .go, .call, input")]
    .filter(each => !each.matches("[type=radio], [type=checkbox], .unseen"))
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([each, box]) => box.width > 1 && !each.matches("[type=range]") && (box.height < 40 || box.width < 32))
    .map(([each]) => each.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with new_field(tmp_path_factory.mktemp("screens"), browser.browser_type) as opened:
        opened.serve()
        opened.publish()
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Without the policy that keeps axe out of the page."""
    made = browser.new_context(
        locale="en-US",
        bypass_csp=True,
        permissions=["geolocation"],
        geolocation={"latitude": 30.27, "longitude": 120.15, "accuracy": 12},
        viewport=SMALL_PHONE,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    yield made
    made.close()


def wrong_with(page: Page, name: str) -> list[str]:
    """What is wrong with a screen as it is now."""
    found = [f"{name}: {one}" for one in axe.violations(page)]
    if (needed := page.evaluate("document.documentElement.scrollWidth")) > SMALL_PHONE["width"]:
        found.append(f"{name} needs {needed} px of {SMALL_PHONE['width']}")
    return found + [f"{name} has a small target: {each}" for each in page.evaluate(TOO_SMALL)]


def speak(page: Page, language: str) -> None:
    go(page, "phone")
    page.locator(f".tab[lang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_every_screen(field: Field, context: BrowserContext) -> None:
    page = context.new_page()
    set_up(page, field.origin, field.inspectors[0])
    go(page, "scan")
    for text in (field.text(1), field.text(VOIDED), field.forged()):
        count = page.locator(".verdict-card, .verdict-row").count()
        photo = {"name": "label.png", "mimeType": "image/png", "buffer": field.symbol(text)}
        page.set_input_files("#label-photo", photo)  # type: ignore[arg-type]
        expect(page.locator(".verdict-card, .verdict-row")).to_have_count(count + 1, timeout=20_000)
    page.get_by_role("button", name="Begin a record with these").click()
    write_record(page)
    sign_name(page)
    draft = page.url.partition("#/draft/")[2].partition("/")[0]
    go(page, "records")
    page.get_by_role("button", name="New inspection").click()
    expect(page.locator(".progress")).to_be_visible()
    empty = page.url.partition("#/draft/")[2].partition("/")[0]
    new_record(page)
    entry = page.url.partition("#/")[2]
    steps = ("basis", "premises", "labels", "goods", "photos", "finding", "signing", "review")
    paths = [*(f"draft/{each}/{step}" for each in (draft, empty) for step in steps), "scan", f"scan/{draft}"]
    wrong = []
    for scheme, language in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        speak(page, language)
        for path in (*paths, entry, "records", "outbox", "phone"):
            go(page, path)
            page.wait_for_function("path => location.hash === '#/' + path", arg=path)
            page.wait_for_timeout(60)
            if path == entry:
                page.locator("[data-writing]").evaluate("each => { each.open = true }")
            wrong += wrong_with(page, f"{path} ({scheme}, {language})")
    assert sorted(set(wrong)) == []


def test_the_first_screens(field: Field, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{field.origin}/inspect/")
    wrong = []
    for language in ("en", "zh-Hans", "zh-Hant"):
        page.locator(f".tab[lang={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        wrong += wrong_with(page, f"welcome ({language})")
    page.locator(".tab[lang=en]").click()
    expect(page.locator(".tab[lang=en]")).to_have_attribute("aria-pressed", "true")  # and kept
    set_up(page, field.origin, field.inspectors[1])
    page.reload()
    expect(page.locator("#passcode")).to_be_visible()
    wrong += wrong_with(page, "locked")
    page.fill("#passcode", "wrong one")
    page.click(".dock .go")
    expect(page.locator(".told.refused")).to_have_text("This is not the passcode.")
    wrong += wrong_with(page, "locked, wrongly")
    unlock(page)
    assert wrong == []
