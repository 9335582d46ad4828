"""Pictures of the consoles, as the people of the demonstration see them: see draw.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

DESK = {"width": 1100, "height": 860}
PHONE = {"width": 360, "height": 760}

OPERATOR, OFFICER, MANAGER = (f"{name}@demo.example" for name in ("operator", "officer", "manager"))


@dataclass(frozen=True)
class Look:
    """Who looks at what: a page, and the link to follow from there, if it is not the page itself."""

    login: str
    address: str
    link: str = ""


SHOTS = {
    "operator": (Look(OPERATOR, "/operator/"),),
    "association": (
        Look(OFFICER, "/association/"),
        Look(OFFICER, "/association/", "main a[href^='/association/campaigns/']"),
    ),
    "enterprise": (
        Look(MANAGER, "/console/"),
        Look(MANAGER, "/console/batches", "main table a[href^='/console/batches/']"),
    ),
    "suspects": (
        Look(MANAGER, "/console/suspects", "main table a[href^='/console/suspects/']"),
        Look(MANAGER, "/console/suspects", "main table a[href$='/places']"),
    ),
}
"""By picture. Each is drawn as on a desk, in English."""

ON_A_PHONE = (Look(OFFICER, "/association/"), Look(MANAGER, "/console/"), Look(MANAGER, "/console/products"))
"""In Chinese, as on three phones."""


@dataclass(frozen=True)
class Access:
    """How somebody of the demonstration gets in: the last recovery code that is left, where one is needed."""

    login: str
    password: str
    codes: list[str]


def people(accounts: Path) -> dict[str, Access]:
    """Those of the file that the demonstration writes, by login."""
    found = {}
    for part in accounts.read_text(encoding="utf-8").split("\n\n"):
        login, password = (re.search(rf"{name} +(\S+)", part) for name in ("login", "password"))
        if login and password:
            found[login[1]] = Access(login[1], password[1], re.findall(r"(?m)^ {8}(\S+)$", part))
    return found


@contextmanager
def signed_in(browser: Browser, origin: str, who: Access, size: dict[str, int], locale: str) -> Iterator[Page]:
    """A page of somebody who has signed in."""
    context = browser.new_context(viewport=size, locale=locale, device_scale_factor=2, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{origin}/account/sign-in")
    page.fill("[name=login]", who.login)
    page.fill("[name=password]", who.password)
    page.click("button.go")
    if who.codes:
        page.fill("[name=code]", who.codes.pop())
        page.click("button.go")
    page.wait_for_url(lambda url: "/account/" not in url)
    yield page
    context.close()


def shoot(page: Page, origin: str, look: Look) -> bytes:
    """A page as it is first seen: the part that fits the window."""
    page.goto(origin + look.address, wait_until="networkidle")
    if look.link:
        page.locator(look.link).first.click()
        page.wait_for_load_state("networkidle")
    return page.screenshot()
