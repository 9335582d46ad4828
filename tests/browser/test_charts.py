"""Figures are drawn under the consoles' own policy, and stand in tables where nothing draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import axe
from playwright.sync_api import Browser, Page
from support.ports import free_port
from support.server import Server, serving
from support.staff import PASSWORD, admitted, enterprise_id
from support.world import SetClock, new_world

from traceqr.access import Role
from traceqr.instant import CHINA, day_number, system_clock
from traceqr.web.assets import STATIC


@dataclass
class Console:
    """A served console, and who may enter it."""

    server: Server
    login: str

    def enter(self, browser: Browser, **options: object) -> tuple[Page, list[str]]:
        """Its first page, and what the browser complains of meanwhile."""
        page = browser.new_context(locale="en-US", **options).new_page()  # type: ignore[arg-type]
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(self.server.origin + "/account/sign-in")
        page.fill("[name=login]", self.login)
        page.fill("[name=password]", PASSWORD)
        page.click("button.go")
        page.wait_for_url("**/console/")
        return page, told


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    folder: Path = tmp_path_factory.mktemp("charts")
    with new_world("sqlite", folder, SetClock(system_clock())) as world:
        world.furnish()
        world.issue(5)
        today = day_number(system_clock(), CHINA)
        rows = [(enterprise_id(world), today - ago, "seen", 0, 0, 100 + ago) for ago in range(30)]
        rows.append((enterprise_id(world), today, "suspect", 1, 0, 9))
        with world.database.maintenance() as tx:
            tx.insert_many("scan_day", ("enterprise_id", "day", "verdict", "batch", "lane", "scans"), rows)
        login = admitted(world, Role.CLERK).login
        settings = {"TRACEQR_ROLES": "public,console", "TRACEQR_HIGH_WATER": str(folder / "high-water.json")}
        with serving(folder, world.url, free_port(), **settings) as server:
            yield Console(server, login)


COLOURS = """
drawn => {
    const canvas = drawn.querySelector("canvas");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = {};
    for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] === 255) seen[[data[at], data[at + 1], data[at + 2]]] = true;
    return Object.keys(seen);
}
"""
INDIGO = {"light": "47,74,117", "dark": "157,184,230"}
"""As the style sheet says."""


@pytest.mark.parametrize("scheme", INDIGO)
def test_drawn_under_the_policy_in_the_page_s_colours(browser: Browser, console: Console, scheme: str) -> None:
    assert "echarts.js" in STATIC, "run: make fonts"
    page, told = console.enter(browser, color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function("document.querySelectorAll('.drawn canvas').length === 2")
    for drawn in page.locator(".drawn").all():
        assert INDIGO[scheme] in drawn.evaluate(COLOURS)
    assert page.locator(".chart details[open]").count() == 0
    assert told == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_shut_nobody_out(browser: Browser, console: Console, width: int, scheme: str) -> None:
    page, _ = console.enter(browser, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.wait_for_function("document.querySelectorAll('.drawn canvas').length === 2")
    assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".chart summary").first.press("Enter")
    assert page.locator(".chart table").first.is_visible(), "by keyboard"


def test_tables_where_there_is_no_script(browser: Browser, console: Console) -> None:
    page, _ = console.enter(browser, java_script_enabled=False)
    assert page.locator(".drawn").count() == 0
    assert page.locator(".chart table").first.is_visible()
    assert page.locator(".chart").first.locator("tbody tr").last.locator(".number").all_inner_texts() == ["109", "9"]
