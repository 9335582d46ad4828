"""What people with phones see: from the printed picture through the camera's text to the page."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser.conftest import NewPhone
from playwright.sync_api import Page
from support.server import Answer
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


@contextmanager
def listening(answer: Callable[[str, dict[str, str]], Answer]) -> Iterator[int]:
    """A server on a port of its own; `answer` gets the path and the headers of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answer(self.path, dict(self.headers))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("index", "host", "site"), [(60, "localhost", "cross-site"), (61, "127.0.0.1", "same-site")])
def test_an_image_of_the_label_url_elsewhere_is_no_scan(
    shop: Shop, new_phone: NewPhone, index: int, host: str, site: str
) -> None:
    """What the browser asks for passes a relay, which notes both sides: a page cannot read such an answer itself."""
    new_phone().goto(shop.scanned(index))
    before = shop.world.rows("SELECT * FROM scan")
    path = shop.path(index)
    asked: list[dict[str, str]] = []
    told: list[Answer] = []

    def relay(target: str, headers: dict[str, str]) -> Answer:
        assert target == path
        asked.append({**headers, "Host": f"127.0.0.1:{shop.server.port}", "Accept-Encoding": "identity"})
        told.append(shop.server.get(target, **asked[-1]))
        return told[-1]

    with listening(relay) as way:
        page = Answer(200, {"Content-Type": "text/html"}, f'<img src="http://127.0.0.1:{way}{path}">'.encode())
        with listening(lambda *_: page) as port:
            new_phone().goto(f"http://{host}:{port}/", wait_until="load")
    assert [(headers["Sec-Fetch-Dest"], headers["Sec-Fetch-Site"]) for headers in asked] == [("image", site)]
    assert told[0].status == 200
    assert 'data-verdict="genuine"' in told[0].text, "not seen: it is told nothing of the first scan"
    assert "history-not-checked" in told[0].text
    program = json.loads(shop.server.get(path, **{**asked[0], "Accept": "application/json"}).text)
    assert (program["code"], program["history_checked"], program["history"]) == ("genuine", False, None)
    assert shop.world.rows("SELECT * FROM scan") == before
    assert [row["label_index"] for row in before].count(index) == 1, "only the first phone has scanned"


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
