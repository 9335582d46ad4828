"""A print file on its way: the page of the console shows how far it has come, and what arrives is the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page
from support.print_house import PrintHouse, open_print_house
from support.staff import PASSWORD, admitted

from traceqr.access import Role

COUNT = 20_000

PLACE = """
    window.showSaveFilePicker = async ({suggestedName}) => {
        const folder = await navigator.storage.getDirectory();
        return folder.getFileHandle(suggestedName, {create: true});
    };
"""
"""In place of the browser's own dialogue, which no test can click: a file of the browser's own."""

DIGEST = """async (name) => {
    const file = await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile();
    const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(hash)].map(each => each.toString(16).padStart(2, "0")).join("");
}"""


@dataclass
class Room:
    """A console that hands out files, and one of them."""

    house: PrintHouse
    origin: str
    login: str

    def open(self, browser: Browser, picker: str = "", **options: object) -> tuple[Page, str]:
        """The page of a print file that was ordered just now, and the name of the file."""
        page = browser.new_context(locale="en-US", **options).new_page()  # type: ignore[arg-type]
        page.add_init_script(picker or "null")
        page.goto(self.origin + "/account/sign-in")
        page.fill("[name=login]", self.login)
        page.fill("[name=password]", PASSWORD)
        page.click("button.go")
        page.wait_for_url("**/console/")
        page.goto(f"{self.origin}/console/batches/1/print")
        page.select_option("[name=format]", "csv")
        page.fill("[name=again]", "to look at")
        page.click("button.go")
        page.wait_for_url("**/files/*")
        return page, page.get_attribute("a[data-download]", "data-download") or ""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with open_print_house(tmp_path_factory.mktemp("prints")) as house:
        house.issue(COUNT)
        login = admitted(house.world, Role.CLERK).login
        mark = {"TRACEQR_HIGH_WATER": str(house.world.root / "keys" / "high-water.json")}
        with house.signer(), house.node("public,print,console", **mark) as server:
            yield Room(house, server.origin, login)


def test_how_far_it_has_come_and_that_it_is_whole(browser: Browser, room: Room) -> None:
    page, name = room.open(browser, PLACE)
    page.click("a[data-download]")
    page.wait_for_selector("[data-ended]")
    content = room.house.file()
    assert page.locator("[role=status]").last.inner_text() == f"All {len(content) / 1e6:.1f} MB are there."
    assert page.locator("progress").evaluate("each => each.value") == 1
    assert page.evaluate(DIGEST, name) == hashlib.sha256(content).hexdigest()
    page.reload()
    assert "fetched whole" in page.inner_text("main")


def test_a_file_that_does_not_come(browser: Browser, room: Room) -> None:
    page, _ = room.open(browser, PLACE)
    page.locator("a[data-download]").evaluate("link => link.href += 'x'")
    page.click("a[data-download]")
    page.wait_for_selector("[data-ended]")
    assert "broken off after 0 MB" in page.locator("[role=status]").last.inner_text()


@pytest.mark.parametrize("script", [True, False])
def test_a_link_where_the_browser_writes_no_files(browser: Browser, room: Room, script: bool) -> None:
    page, name = room.open(browser, "delete window.showSaveFilePicker", java_script_enabled=script)
    with page.expect_download() as download:
        page.click("a[data-download]")
    assert download.value.suggested_filename == name
