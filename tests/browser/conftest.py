"""A real Chromium, phone-sized, driven by playwright; each profile is a phone of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.shop import Shop, open_shop

from tests.browser import chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PHONE = {"width": 360, "height": 740}


@contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium, which ends with it."""
    found = chromium.find()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(found.path), env={**os.environ, **found.environment}, args=ARGUMENTS
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


NewPhone = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(autouse=True)
def nobody_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test has opened is closed behind it: a server that stops waits for whoever is still connected."""
    yield
    if "browser" in request.fixturenames:
        started: Browser = request.getfixturevalue("browser")
        for context in list(started.contexts):
            context.close()


@pytest.fixture
def new_phone(browser: Browser) -> Iterator[NewPhone]:
    """Makes phones without script, as the pages promise to need none."""
    opened: list[BrowserContext] = []

    def phone(locale: str = "zh-CN", **options: object) -> Page:
        context = browser.new_context(**{"viewport": PHONE, "locale": locale, "java_script_enabled": False, **options})
        opened.append(context)
        return context.new_page()

    yield phone
    for context in opened:
        context.close()
