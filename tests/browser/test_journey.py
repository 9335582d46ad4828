"""What people with phones see: from the printed picture through the camera's text to the page."""

from __future__ import annotations

import pytest
from browser.conftest import NewPhone
from playwright.sync_api import Page
from support.shop import Shop

from traceqr.activating import Range
from traceqr.recalling import open_on_batch


def verdict(page: Page) -> str | None:
    return page.locator("body").get_attribute("data-verdict")


def test_genuine_then_seen_by_a_second_phone(shop: Shop, new_phone: NewPhone) -> None:
    first = new_phone()
    first.goto(shop.scanned(1))
    assert verdict(first) == "genuine"
    assert first.locator("h1").inner_text() == "码真"
    second = new_phone(locale="en-US")
    second.goto(shop.scanned(1))
    assert verdict(second) == "seen"
    first.reload()
    assert verdict(first) == "seen", "the first phone learns of the second"


def test_reloading_is_no_second_look(shop: Shop, new_phone: NewPhone) -> None:
    page = new_phone()
    page.goto(shop.scanned(2))
    for _ in range(3):
        page.reload()
    assert verdict(page) == "genuine"
    assert shop.world.one("SELECT times_seen FROM sighting WHERE label_index = 2")["times_seen"] == 1


def test_one_altered_digit_is_forged(shop: Shop, new_phone: NewPhone) -> None:
    text = shop.scanned(3)
    page = new_phone()
    page.goto(text[:-1] + str((int(text[-1]) + 1) % 10))
    assert verdict(page) == "forged"
    assert "12315" in page.locator("main").inner_text()


def test_a_recalled_span(shop: Shop, new_phone: NewPhone) -> None:
    open_on_batch(shop.world.desk, "recall", Range(shop.batch.number, 40, 49), "密封不良")
    page = new_phone()
    page.goto(shop.scanned(45))
    assert verdict(page) == "recalled"
    assert "密封不良" in page.locator("main").inner_text()
    page.goto(shop.scanned(50))
    assert verdict(page) == "genuine"


def test_an_image_of_the_label_url_elsewhere_is_no_scan(shop: Shop, new_phone: NewPhone) -> None:
    page = new_phone()
    page.goto(f"{shop.server.origin}/healthz")
    page.set_content(f'<img src="{shop.scanned(4)}">', wait_until="load")
    assert not shop.world.rows("SELECT 1 FROM scan WHERE label_index = 4")


def test_a_photo_on_the_front_page(shop: Shop, new_phone: NewPhone) -> None:
    page = new_phone()
    page.goto(shop.server.origin)
    page.set_input_files("input[type=file]", {"name": "label.png", "mimeType": "image/png", "buffer": shop.printed(5)})
    page.get_by_role("button", name="核验照片").click()
    assert verdict(page) == "genuine"


def test_a_pasted_text_on_the_front_page(shop: Shop, new_phone: NewPhone) -> None:
    page = new_phone(locale="en-US")
    page.goto(shop.server.origin)
    page.get_by_role("textbox").fill(shop.scanned(6) + "\n")
    page.locator("form", has=page.get_by_role("textbox")).get_by_role("button").click()
    assert verdict(page) == "genuine"
    assert page.locator("h1").inner_text().startswith("Genuine")


@pytest.mark.parametrize(
    ("index", "locale", "tag", "name"),
    [(70, "zh-CN", "zh-Hans", "码真"), (71, "zh-TW", "zh-Hant", "碼真"), (72, "fr-FR", "en", "Genuine")],
)
def test_the_page_speaks_the_readers_language(
    shop: Shop, new_phone: NewPhone, index: int, locale: str, tag: str, name: str
) -> None:
    page = new_phone(locale=locale)
    page.goto(shop.scanned(index))
    assert page.locator("html").get_attribute("lang") == tag
    assert page.locator("h1").inner_text().startswith(name)


def test_switching_the_language_keeps_the_label(shop: Shop, new_phone: NewPhone) -> None:
    page = new_phone()
    page.goto(shop.scanned(8))
    page.get_by_role("link", name="English").click()
    assert (verdict(page), page.locator("html").get_attribute("lang")) == ("genuine", "en")


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_is_cut_off_and_nothing_comes_from_elsewhere(shop: Shop, new_phone: NewPhone, width: int) -> None:
    asked: list[str] = []
    failed: list[str] = []
    page = new_phone(viewport={"width": width, "height": 740}, java_script_enabled=True)
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("console", lambda message: failed.append(message.text))
    page.goto(shop.scanned(9), wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(shop.server.origin + "/") for url in asked)
    assert failed == []


def test_the_official_host_is_named(shop: Shop, new_phone: NewPhone) -> None:
    page = new_phone()
    page.goto(shop.scanned(10))
    assert f"127.0.0.1:{shop.server.port}" in page.locator(".hero").inner_text()
