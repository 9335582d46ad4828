"""Anybody scans a label from the official address: a fake camera sees printed labels at an angle, with noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browser import axe
from browser.conftest import PHONE
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.camera import film, phone_that_sees, shelf, sight
from support.ports import free_port
from support.server import serving
from support.shop import Shop
from support.world import World

from traceqr import bundling
from traceqr.instant import system_clock
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.keyring import Role
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png

OFFICIAL = "qr.traceqr.cn"

LYING_READER = """
class BarcodeDetector {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect() { return []; }
}
Object.assign(window, { BarcodeDetector });
"""
"""A browser's own reader that names QR codes and finds none, as some do."""


def printed(text: str) -> bytes:
    return to_png(encode(Label.parse(text)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Labels that lead to an official address with a name, which is not where the tests reach the server."""
    folder, port = tmp_path_factory.mktemp("shop"), free_port()
    world = World(folder).furnish()
    batch = world.issue(1_000, origin=Origin.parse(f"HTTPS://{OFFICIAL.upper()}"))
    world.key(Role.BUNDLE)
    world.clock.at_ms = system_clock()
    bundling.publish(world.desk, world.database, world.folder, [OFFICIAL])
    with serving(folder, world.url, port, TRACEQR_OFFICIAL_HOSTS=OFFICIAL) as server:
        yield Shop(world, server, batch)
    world.close()


Camera = Callable[..., Page]


@pytest.fixture
def camera(browser: Browser, shop: Shop, tmp_path: Path) -> Iterator[Camera]:
    """The page to scan on, on a phone whose camera sees a label of this text."""
    with ExitStack() as opened:

        def phone(text: str, script: str = "", *, allowed: bool = True) -> Page:
            seen = film([sight([printed(text)])], tmp_path / "seen.mjpeg")
            started = opened.enter_context(phone_that_sees(browser.browser_type, seen, allowed=allowed))
            context = started.new_context(viewport=PHONE, locale="en-US")  # type: ignore[arg-type]
            context.add_init_script(script)
            page = context.new_page()
            page.goto(f"{shop.server.origin}/check")
            return page

        yield phone


@pytest.fixture
def context(browser: Browser, shop: Shop) -> BrowserContext:
    """A phone without a camera."""
    return browser.new_context(viewport=PHONE, locale="en-US")  # type: ignore[arg-type]


def faults_of(page: Page) -> list[str]:
    """What the page complains of, such as what its policy forbids."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def path(shop: Shop, index: int) -> str:
    """The request target of a label."""
    return shop.text(index).partition(OFFICIAL.upper())[2]


def test_a_label_is_opened_here(camera: Camera, shop: Shop) -> None:
    page = camera(shop.text(3), LYING_READER)
    faults = faults_of(page)
    page.get_by_role("button", name="Start the camera").click()
    page.wait_for_url(shop.server.origin + path(shop, 3), timeout=30_000)
    assert "Genuine code" in page.locator("h1").inner_text()
    assert faults == [], "the page's policy lets the reader run"
    scans = shop.world.rows("SELECT channel FROM scan WHERE label_index = 3")
    assert [row["channel"] for row in scans] == ["page"], "it counts as any scan does"


def test_an_imitation_is_called_so(camera: Camera, shop: Shop) -> None:
    page = camera(f"HTTPS://QR.TRACEQR-CHECK.CN{path(shop, 4)}")
    page.get_by_role("button", name="Start the camera").click()
    warning = page.locator(".imitation")
    expect(warning).to_be_visible(timeout=30_000)
    expect(warning.locator("[data-host]")).to_have_text("qr.traceqr-check.cn")
    expect(warning.locator("[data-official]")).to_have_text(OFFICIAL)
    assert not page.locator("video").is_visible(), "the camera is off"
    warning.get_by_role("button", name="See what the code itself says").click()
    expect(page.locator("h1")).to_have_text("Suspect")
    assert "leads to an address that is not official" in page.locator("main").inner_text()


def test_the_network_is_lost_after_the_page_was_opened(context: BrowserContext, shop: Shop) -> None:
    """What the seal says is told, and what is not known; with network again the server is asked."""
    page = context.new_page()
    with page.expect_response("**/.well-known/traceqr-bundle"):
        page.goto(f"{shop.server.origin}/check")
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    genuine, told = shop.text(8), page.locator(".alone")
    forged = genuine[:-4] + ("1111" if genuine[-4:] != "1111" else "2222")
    foreign = genuine.replace(OFFICIAL.upper(), "SHOP.EXAMPLE.ORG")
    for text, finding, words in (
        (genuine, "sealed", "Code valid, history not checked"),
        (forged, "forged", "Forged code"),
        (foreign, "unknown", "Cannot be checked now"),
        ("https://shop.example.org/", "not-ours", "Not one of our labels"),
    ):
        page.fill("textarea", text)
        page.get_by_role("button", name="Check the text").click()
        expect(told).to_have_attribute("data-finding", finding)
        expect(told.get_by_role("heading")).to_have_text(words, use_inner_text=True)
        expect(told).to_contain_text("There is no network.")
        expect(told.locator("time")).not_to_be_empty()
    context.set_offline(False)
    page.fill("textarea", genuine)
    told.get_by_role("button", name="Ask the server again").click()
    expect(page.locator("h1")).to_have_text("Genuine code")


def test_no_network_and_nothing_fetched(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.route("**/.well-known/*", lambda route: route.abort())
    page.goto(f"{shop.server.origin}/check")
    context.set_offline(True)
    page.fill("textarea", shop.text(9))
    page.get_by_role("button", name="Check the text").click()
    expect(page.locator(".alone")).to_have_attribute("data-finding", "unknown")
    expect(page.locator("[data-made]")).to_be_hidden()


def test_the_camera_is_refused(camera: Camera, shop: Shop) -> None:
    page = camera(shop.text(7), allowed=False)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".say")).to_contain_text("The camera was refused. Allow it")
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def test_without_a_camera(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.goto(f"{shop.server.origin}/check")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".say")).to_contain_text("No camera can be used here.")
    photo = {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": sight([shop.printed(5)])}
    page.set_input_files("[name=photo]", photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="Check the photo").click()
    expect(page.locator("h1")).to_have_text("Genuine code")


def test_an_imitation_beside_a_genuine_label_is_called_so(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.goto(f"{shop.server.origin}/check")
    labels = [shop.printed(5), printed(f"HTTPS://QR.TRACEQR-CHECK.CN{path(shop, 4)}")]
    photo = {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": sight(labels, shelf(1, 2))}
    page.set_input_files("[name=photo]", photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="Check the photo").click()
    expect(page.locator(".imitation [data-host]")).to_have_text("qr.traceqr-check.cn")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pasted_imitation_is_called_so_to_everybody(browser: Browser, shop: Shop, scheme: str) -> None:
    look: dict[str, Any] = {"viewport": PHONE, "locale": "en-US", "color_scheme": scheme, "bypass_csp": True}
    page = browser.new_context(**look).new_page()
    page.goto(f"{shop.server.origin}/check")
    page.fill("textarea", "https://qr.traceqr.com/prize")
    page.get_by_role("button", name="Check the text").click()
    expect(page.locator(".imitation")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "imitation", "it is read out"
    assert axe.violations(page) == []


def test_a_photo_without_code_is_answered_by_the_server(context: BrowserContext, shop: Shop) -> None:
    page = context.new_page()
    page.goto(f"{shop.server.origin}/check")
    photo = {"name": "table.jpg", "mimeType": "image/jpeg", "buffer": sight([], [])}
    page.set_input_files("[name=photo]", photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="Check the photo").click()
    expect(page.get_by_text("No QR code was found in the photo.")).to_be_visible()


def test_without_script(browser: Browser, shop: Shop) -> None:
    made = browser.new_context(viewport=PHONE, locale="en-US", java_script_enabled=False)  # type: ignore[arg-type]
    page = made.new_page()
    page.goto(f"{shop.server.origin}/check")
    assert not page.locator(".scanner").is_visible()
    assert not page.locator(".imitation").is_visible()
    page.fill("[name=text] >> visible=true", shop.text(6))
    page.get_by_role("button", name="Check the text").click()
    expect(page.locator("h1")).to_have_text("Genuine code")
