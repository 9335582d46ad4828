"""People at their browsers: invited by a link, with an authenticator app where they need one."""

from __future__ import annotations

import re
import time

import pyotp
from playwright.sync_api import Browser, FilePayload, Page, expect

PASSWORD = "nine-copper-lanterns-glow"
STEP_S = 30


class Seat:
    """Somebody's browser. `app` is the authenticator app, once it was set up; each of its codes is used once."""

    def __init__(self, browser: Browser, origin: str, login: str) -> None:
        self.page: Page = browser.new_context(locale="en-US").new_page()
        self.page.set_default_timeout(15_000)
        # Nobody is there to say in a dialog where a file goes.
        self.page.add_init_script("delete window.showSaveFilePicker")
        self.origin = origin
        self.login = login
        self.app = ""
        self._used = 0

    def accept(self, link: str, name: str) -> None:
        """Follow an invitation, and set up the second factor where the role needs one."""
        self.page.goto(link)
        self.type(login=self.login, name=name, password=PASSWORD, again=PASSWORD)
        self.press("Accept the invitation")
        if self.page.locator("code.secret").count():
            self._pair()
            self.follow("I have written them down")

    def pair(self) -> None:
        """Set up a second factor by choice."""
        self.go("/account/second-factor")
        self.type(password=PASSWORD)
        self._pair("new_code")

    def _pair(self, name: str = "code") -> None:
        self.app = re.sub(r"\s", "", self.page.locator("code.secret").inner_text())
        self.type(**{name: self.code()})
        self.press("Use this app from now on")
        expect(self.page.locator("ul.codes code").first).to_be_visible()

    def code(self) -> str:
        """What the app shows now; the next one where that was used already, as a clock that runs ahead would show."""
        step = max(int(time.time()) // STEP_S, self._used + 1)
        self._used = step
        return pyotp.TOTP(self.app).generate_otp(step)

    def go(self, address: str) -> Page:
        """Open a page, which must be there."""
        answer = self.page.goto(self.origin + address)
        assert answer is not None
        assert answer.status == 200, (address, answer.status)
        assert self.page.url == self.origin + address, self.page.url
        return self.page

    def type(self, **fields: str) -> None:
        """Fill fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").last.fill(value)

    def choose(self, name: str, file: FilePayload) -> None:
        """Choose a file."""
        self.page.locator(f"main [name={name}]").set_input_files(file)

    def press(self, words: str) -> None:
        """Press a button, and agree where it asks."""
        self.page.once("dialog", lambda dialog: dialog.accept())
        button = self.page.locator("main").get_by_role("button", name=words, exact=True).first
        with self.page.expect_navigation():
            button.click()

    def follow(self, words: str) -> None:
        """Follow a link."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=words).first.click()

    def sees(self, *words: str) -> None:
        """What must be on the page."""
        for each in words:
            expect(self.page.locator("body")).to_contain_text(each)

    def link(self) -> str:
        """The link that is shown once."""
        return self.page.locator("section.once input.copied").input_value()
