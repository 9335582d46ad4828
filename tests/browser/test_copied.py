"""A copied label as its people live it: it is seen in three cities, somebody reports it, and the enterprise answers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.seats import Seat
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect
from support.print_house import open_print_house
from support.server import Server
from support.staff import PASSWORD, admitted, enterprise_id
from support.world import World

from traceqr import gazetteer
from traceqr.access import Role

CITIES = {"330100": "60.1", "440100": "60.2", "650100": "60.3"}
"""Hangzhou, Guangzhou and Urumqi, each with networks of its own."""

DEVICES = 12
ANSWER = "We have compared your photo: the print is a copy. Our colleague in Urumqi will take it back."


@dataclass
class Market:
    """A registry with one label on sale, and a node with pages and consoles."""

    world: World
    server: Server
    label: str
    manager: str


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder = tmp_path_factory.mktemp("copied")
    with open_print_house(folder) as house:
        manager = admitted(house.world, Role.MANAGER, enterprise_id(house.world))
        batch = house.issue(100)
        text = house.world.label(batch)
        with house.node("public,console", TRACEQR_PLACES=str(cities(folder))) as server:
            yield Market(house.world, server, text.lower(), manager.account.login)


def cities(folder: Path) -> Path:
    """A file of networks."""
    writer = MMDBWriter(database_type="Test-City")
    for place, network in CITIES.items():
        spot = gazetteer.spot(place)
        assert spot
        location = {"latitude": spot.latitude, "longitude": spot.longitude, "accuracy_radius": 20}
        writer.insert_network(IPSet([f"{network}.0.0/16"]), {"country": {"iso_code": "CN"}, "location": location})
    path = folder / "cities.mmdb"
    writer.to_db_file(str(path))
    return path


def phone(browser: Browser, number: int, locale: str = "zh-CN") -> Page:
    """A phone without script, somewhere in one of the cities, behind the proxy of the deployment."""
    network = list(CITIES.values())[number % len(CITIES)]
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        locale=locale,
        java_script_enabled=False,
        extra_http_headers={"X-Forwarded-For": f"{network}.{number}.7"},
    )
    return context.new_page()


def scan(page: Page, market: Market) -> str:
    """Open the label; the image on its page is loaded with it. Says what the page tells."""
    page.goto(market.label, wait_until="load")
    return str(page.locator("body").get_attribute("data-verdict"))


def photo() -> FilePayload:
    content = io.BytesIO()
    Image.new("RGB", (800, 600), "tan").save(content, "JPEG")
    return {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def test_a_label_copied_to_three_cities(market: Market, browser: Browser) -> None:
    told = []
    for number in range(DEVICES):
        page = phone(browser, number)
        told.append(scan(page, market))
        page.context.close()
    assert told[:3] == ["genuine", "seen", "seen"]

    chinese, english = phone(browser, 21), phone(browser, 22, "en-US")
    assert scan(chinese, market) == "suspect"
    assert scan(english, market) == "suspect"
    expect(chinese.locator("main")).to_contain_text("此码正在多处流传")
    expect(english.locator("main")).to_contain_text("This code is going around")

    receipt = reported(english)
    answered(market, browser)
    english.goto(receipt)
    expect(english.locator("main")).to_contain_text(ANSWER)
    english.context.close()
    stranger = phone(browser, 30, "en-US")
    stranger.goto(receipt[:-1] + ("2" if receipt[-1] != "2" else "3"))
    expect(stranger.locator("main")).not_to_contain_text(ANSWER)


def reported(page: Page) -> str:
    """File a report with a photo, from the page of the label; returns the address of its receipt."""
    page.locator("main").get_by_role("link", name="Report it here").click()
    page.locator("input[name=reason][value=copied]").check()
    page.locator("[name=content]").fill("The colours are dull, and the box was sold at half the price.")
    page.locator("[name=shop]").fill("A stall at the station")
    page.locator("[name=photos]").set_input_files(photo())
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("h1")).to_have_text("Your report")
    expect(page.locator("main")).to_contain_text("Waiting for an answer")
    return page.url


def answered(market: Market, browser: Browser) -> None:
    """The enterprise finds the case, looks at it, and answers."""
    manager = Seat(browser, market.server.origin, market.manager)
    manager.go("/account/sign-in")
    manager.type(login=market.manager, password=PASSWORD)
    manager.press("Sign in")
    manager.go("/console/cases")
    manager.page.locator("main tbody a, main .rows a").first.click()
    manager.sees("The colours are dull", "A stall at the station", "Suspect labels")
    expect(manager.page.locator(".photos img")).to_have_count(1)
    assert manager.page.locator(".photos img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    manager.type(answer=ANSWER)
    manager.press("Give the answer")
    manager.sees(ANSWER)
    manager.page.context.close()
