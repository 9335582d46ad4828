"""The way of a product as its people live it: stated with a phone, its camera too, and read from the label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.conftest import PHONE
from playwright.sync_api import Browser, Page, expect
from support import staff
from support.camera import film, phone_that_sees, shelf, sight
from support.chain import sscc
from support.chain_scenarios import GLN, location
from support.ports import free_port
from support.server import SECRET, Server, serving
from support.staff import Person, admitted
from support.world import SetClock, World, gtin, new_world

from traceqr.access import Role
from traceqr.chain import arranging
from traceqr.instant import system_clock
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.registry.batches import Batch
from traceqr.second_factor import Vault
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png

SHOP = "414/6901234000016"
LEAVES = f"{gtin(1, '6905555')} L1 12.5 kg"
LABELS = 4
CASE = sscc(1).key


@dataclass
class Firm:
    """A server with pages and consoles, a manager, and labels that are on sale."""

    server: Server
    world: World
    manager: Person
    batch: Batch

    def text(self, index: int) -> str:
        return self.world.label(self.batch, index)

    def printed(self, index: int) -> bytes:
        return to_png(encode(Label.parse(self.text(index))))


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder, port = tmp_path_factory.mktemp("tracing"), free_port()
    with pytest.MonkeyPatch.context() as patch, new_world("sqlite", folder, SetClock(system_clock())) as world:
        patch.setattr(staff, "VAULT", Vault.of(SECRET))
        world.furnish()
        places = [location(world), location(world, SHOP, kind="shop", name_zh="西湖门店", name_en="West Lake shop")]
        arranging.set_locations(world.desk, places)
        settings = {"TRACEQR_ROLES": "public,console", "TRACEQR_HIGH_WATER": str(folder / "high-water.json")}
        manager = admitted(world, Role.MANAGER)
        batch = world.issue(100, origin=Origin.parse(f"HTTP://127.0.0.1:{port}"))
        with serving(folder, world.url, port, **settings) as server:
            yield Firm(server, world, manager, batch)


def sign_in(page: Page, firm: Firm) -> None:
    page.set_default_timeout(20_000)
    page.goto(firm.server.origin + "/account/sign-in")
    page.fill("[name=login]", firm.manager.login)
    page.fill("[name=password]", firm.manager.password)
    page.click("button.go")
    page.wait_for_url(lambda url: "sign-in" not in url)


def state(page: Page, firm: Firm, deed: str, **fields: str) -> None:
    """State something by the form; what is chosen from a list is told by its key."""
    page.goto(f"{firm.server.origin}/console/trace/state/{deed}")
    for name, value in fields.items():
        field = page.locator(f"[name={name}]")
        if name in ("here", "there"):
            field.select_option(value)
        else:
            field.fill(value)
    page.click("form.codes button")
    page.wait_for_url("**/console/trace/events/*")


def scanned(page: Page, firm: Firm) -> None:
    """Pack what the camera sees into a case whose number was typed."""
    page.goto(f"{firm.server.origin}/console/trace/state/pack")
    page.fill("[name=parent]", CASE)
    page.press("[name=parent]", "Enter")
    expect(page.locator("[name=things]")).to_be_focused()
    page.click("[data-start]")
    expect(page.locator("[name=things]")).to_have_value(re.compile(rf"(\S+\n){{{LABELS}}}"), timeout=60_000)
    page.select_option("[name=here]", GLN)
    page.click("form.codes button")
    page.wait_for_url("**/console/trace/events/*")


def test_from_the_leaves_to_the_shop(firm: Firm, browser: Browser, tmp_path: Path) -> None:
    seen = sight([firm.printed(index) for index in range(LABELS)], shelf()[:LABELS])
    with phone_that_sees(browser.browser_type, film([seen], tmp_path / "seen.mjpeg")) as started:
        page = started.new_context(viewport=PHONE, locale="en-US").new_page()  # type: ignore[arg-type]
        sign_in(page, firm)
        page.goto(firm.server.origin + "/console/trace/audiences")
        page.click("text=Set all as recommended")
        first, last = (f"{firm.batch.number:08d}{index:08d}" for index in (0, 99))
        state(page, firm, "receive", things=LEAVES, here=GLN)
        state(page, firm, "make", inputs=LEAVES, things=f"{first} - {last}", here=GLN)
        scanned(page, firm)
        state(page, firm, "ship", things=CASE, here=GLN, there=SHOP)
        state(page, firm, "receive", things=CASE, here=SHOP)
    packed = firm.world.one(
        "SELECT COUNT(*) AS labels FROM trace_item WHERE part = 'child' AND last - first + 1 = :all", all=LABELS
    )
    assert packed["labels"] == 1, "one after the other they are one row"

    phone = browser.new_context(viewport=PHONE, locale="en-US", java_script_enabled=False)  # type: ignore[arg-type]
    page = phone.new_page()
    page.goto(firm.text(2).lower())
    assert page.locator("body").get_attribute("data-verdict") == "genuine"
    page.click("text=Where it came from")
    told = [line.strip() for line in page.locator(".way .what strong").all_inner_texts()]
    assert told == ["Activated for sale", "Goods received", "Made from", "Packed", "Shipped", "Goods received"]
    expect(page.locator(".way .gap")).to_have_count(0)
    last_line = page.locator(".way > li").last
    expect(last_line).to_contain_text("West Lake shop")
    last_line.locator("summary").click()
    expect(last_line).to_contain_text(CASE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.goto(firm.text(50).lower())
    page.click("text=Where it came from")
    expect(page.locator(".way")).not_to_contain_text("Shipped")  # it was not in the case
    phone.close()
