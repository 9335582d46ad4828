"""A deployment with inspectors, and their phones: what the tests of the app stand on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browser.phone import PASSCODE, Phone, film, sign_name
from playwright.sync_api import BrowserType, Page, expect
from support import staff
from support.portal import Portal, portal_to
from support.ports import free_port
from support.server import SECRET, Server, serving
from support.staff import Person, admitted
from support.world import SetClock, World, new_world

from traceqr import activating, bundling
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.instant import system_clock
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.keyring import Role as KeyRole
from traceqr.registry.batches import Batch
from traceqr.second_factor import Vault
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png

VOIDED = 7


@dataclass
class Field:
    """A server behind a network that can be cut, two inspectors, and a batch of which one label is void."""

    world: World
    portal: Portal
    folder: Path
    inspectors: Sequence[Person]
    batch: Batch
    kind: BrowserType
    workers: int = 1
    stack: ExitStack = field(default_factory=ExitStack)
    phones: list[Phone] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.portal.origin

    def serve(self) -> Server:
        """The server is there, or is there again."""
        settings = {
            "TRACEQR_ROLES": "public,console,inspect",
            "TRACEQR_ORIGIN": self.origin,
            "TRACEQR_HIGH_WATER": str(self.folder / "high-water.json"),
            "TRACEQR_ATTACHMENTS": str(self.folder / "attachments"),
        }
        program = ("traceqr", "serve", "--workers", str(self.workers))
        return self.stack.enter_context(serving(self.folder, self.world.url, self.portal.upstream, program, **settings))

    def stop(self) -> None:
        """The server stops."""
        self.stack.close()

    def publish(self) -> None:
        """A bundle of what the registry says now."""
        self.world.clock.at_ms = system_clock()
        bundling.publish(self.world.desk, self.world.database, self.world.folder, [f"127.0.0.1:{self.portal.port}"])

    def text(self, index: int) -> str:
        return self.world.label(self.batch, index)

    def forged(self) -> str:
        """A label whose seal somebody made up: digits of the signature are changed."""
        text = self.text(5)
        return text[:-4] + ("1111" if text[-4:] != "1111" else "2222")

    def symbol(self, text: str) -> bytes:
        return to_png(encode(Label.parse(text)))

    def film(self, *texts: str) -> Path:
        return film([self.symbol(text) for text in texts], self.folder / f"seen-{abs(hash(texts))}.mjpeg")

    def phone(self, name: str) -> Phone:
        profile = self.folder / name
        profile.mkdir()
        made = Phone(self.kind, profile, self.origin)
        self.phones.append(made)
        return made

    def rows(self, sql: str, **values: Any) -> list[Any]:
        return list(self.world.rows(sql, **values))


@contextmanager
def new_field(folder: Path, kind: BrowserType, workers: int = 1) -> Iterator[Field]:
    """All of it, until it is over. One phone needs one worker; several show whether what they send meets."""
    with (
        pytest.MonkeyPatch.context() as patch,
        new_world("sqlite", folder, SetClock(system_clock())) as world,
        portal_to(free_port()) as portal,
    ):
        patch.setattr(staff, "VAULT", Vault.of(SECRET))
        world.furnish()
        world.regulator()
        world.key(KeyRole.BUNDLE)
        batch = world.issue(100, origin=Origin.parse(f"HTTP://127.0.0.1:{portal.port}"))
        activating.void(world.desk, Range(batch.number, VOIDED, VOIDED), "lost by the printer")
        inspectors = [admitted(world, Role.INSPECTOR) for _ in range(2)]
        world.clock.at_ms = system_clock()
        made = Field(world, portal, folder, inspectors, batch, kind, workers)
        try:
            yield made
        finally:
            for phone in made.phones:
                with contextlib.suppress(Exception):
                    phone.kill()
            made.stop()


def sign_in(page: Page, origin: str, person: Person) -> None:
    """By login, password and one of the recovery codes, and back to the app."""
    page.goto(f"{origin}/inspect/enter")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.click("button.go")
    page.fill("[name=code]", person.recovery_codes[0])
    person.recovery_codes = person.recovery_codes[1:]
    page.click("button.go")
    page.wait_for_url("**/inspect/")


def set_up(page: Page, origin: str, person: Person) -> None:
    """From nothing to an app that works with no network."""
    sign_in(page, origin, person)
    page.click(".dock .go")
    page.fill("#passcode", PASSCODE)
    page.fill("#again", PASSCODE)
    page.click(".dock .go")
    page.fill("#code", person.recovery_codes[0])
    person.recovery_codes = person.recovery_codes[1:]
    page.click(".dock .go")
    expect(page.locator("[data-age]")).to_have_attribute("data-age", "good")
    expect(page.locator("[data-complete]")).to_have_attribute("data-complete", "true", timeout=30_000)


def unlock(page: Page) -> None:
    page.fill("#passcode", PASSCODE)
    page.click(".dock .go")
    expect(page.locator("#passcode")).to_have_count(0)


def go(page: Page, path: str) -> None:
    page.evaluate("path => { location.hash = path }", f"#/{path}")


def follow(page: Page) -> None:
    """To the next part of a record."""
    title = page.locator("h1").inner_text()
    page.click(".dock .go")
    expect(page.locator("h1")).not_to_have_text(title)


def write_record(page: Page, name: str = "示例茶业仓库") -> None:
    """All that a record needs, but signatures; it ends on the screen that is signed on."""
    page.locator("[type=checkbox]").nth(1).check()
    page.get_by_label("Legal basis").fill("产品质量法第十八条")
    follow(page)
    page.get_by_label("Name of the premises").fill(name)
    page.get_by_label("Address of the premises").fill("杭州市西湖区示例路 1 号")
    page.get_by_label("Person who is present").fill("赵某")
    page.get_by_role("button", name="Take the position").click()
    expect(page.locator(".step")).to_contain_text("good to 12 m")
    for _ in range(4):
        follow(page)
    page.get_by_text("A problem was found").click()
    page.get_by_label("What the check found").fill("三箱标签作废。")
    follow(page)


def close_record(page: Page) -> None:
    """Signatures of all, and the device's own."""
    sign_name(page)
    follow(page)
    page.click(".dock .go")
    page.click("dialog .go")
    expect(page.locator("[data-entry='0']")).to_be_visible()


def new_record(page: Page, name: str = "示例茶业仓库") -> None:
    """A record from the first part to the last."""
    go(page, "records")
    page.get_by_role("button", name="New inspection").click()
    write_record(page, name)
    close_record(page)


def saved(page: Page) -> None:
    """What was typed is on the disk."""
    expect(page.locator(".saved")).to_have_text("Saved on this phone")
