"""A clerk scans a carton with the phone: by its camera, by photos, and by serial numbers without any script."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.conftest import PHONE
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support import staff
from support.camera import phone_that_sees
from support.ports import free_port
from support.server import SECRET, Server, serving
from support.staff import Person, admitted
from support.world import SetClock, World, new_world

from traceqr.access import Role
from traceqr.instant import system_clock
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.registry.batches import Batch
from traceqr.second_factor import Vault
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png

FRAMES = 40
"""Of each label in the film of the fake camera, which has some thirty a second, and begins anew at its end."""


@dataclass
class Factory:
    """A server with consoles, a clerk, and a batch of its own for each test, of which nothing is active."""

    server: Server
    world: World
    clerk: Person
    batch: Batch

    def symbol(self, index: int) -> bytes:
        """A label as it is printed."""
        return to_png(encode(Label.parse(self.world.label(self.batch, index))))

    def serial(self, index: int) -> str:
        """As pages show it."""
        return f"0000 {self.batch.number:04d} 0000 {index:04d}"

    def lives(self) -> list[tuple[int, int, str]]:
        rows = self.world.rows(
            "SELECT first, last, life FROM span WHERE batch = :batch ORDER BY first", batch=self.batch.number
        )
        return [(row["first"], row["last"], row["life"]) for row in rows]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, World, Person]]:
    """A server with consoles, its registry, and a clerk."""
    folder, port = tmp_path_factory.mktemp("scanning"), free_port()
    with pytest.MonkeyPatch.context() as patch, new_world("sqlite", folder, SetClock(system_clock())) as world:
        patch.setattr(staff, "VAULT", Vault.of(SECRET))
        world.furnish()
        settings = {"TRACEQR_ROLES": "public,console", "TRACEQR_HIGH_WATER": str(folder / "high-water.json")}
        clerk = admitted(world, Role.CLERK)
        with serving(folder, world.url, port, **settings) as server:
            yield server, world, clerk


@pytest.fixture
def factory(plant: tuple[Server, World, Person]) -> Factory:
    server, world, clerk = plant
    batch = world.issue(100, origin=Origin.parse(server.origin.upper()), active=False)
    return Factory(server, world, clerk, batch)


def film(pictures: list[bytes], path: Path) -> Path:
    """What the fake camera sees: a label after the other, each in the middle of a sheet (Motion JPEG)."""
    content = b""
    for each in pictures:
        sheet = Image.new("RGB", (1280, 720), "white")
        label = Image.open(io.BytesIO(each)).convert("RGB").resize((560, 560), Image.Resampling.NEAREST)
        sheet.paste(label, (360, 80))
        frame = io.BytesIO()
        sheet.save(frame, "JPEG", quality=90)
        content += frame.getvalue() * FRAMES
    path.write_bytes(content)
    return path


Camera = Callable[[list[bytes]], Page]


@pytest.fixture
def camera(browser: Browser, factory: Factory, tmp_path: Path) -> Iterator[Camera]:
    """A phone whose camera sees these pictures; closed before the server, which waits for whoever is still there."""
    with ExitStack() as opened:

        def phone(pictures: list[bytes]) -> Page:
            seen = film(pictures, tmp_path / "seen.mjpeg")
            started = opened.enter_context(phone_that_sees(browser.browser_type, seen))
            return started.new_context(viewport=PHONE, locale="en-US").new_page()  # type: ignore[arg-type]

        yield phone


@pytest.fixture
def context(browser: Browser, factory: Factory) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=PHONE, locale="en-US", java_script_enabled=False)  # type: ignore[arg-type]
    yield made
    made.close()


def sign_in(page: Page, factory: Factory) -> None:
    page.goto(factory.server.origin + "/account/sign-in")
    page.fill("[name=login]", factory.clerk.login)
    page.fill("[name=password]", factory.clerk.password)
    page.click("button.go")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(factory.server.origin + "/console/scan")


def look(page: Page) -> None:
    page.click("form[action='/console/scan'] button")


def activate(page: Page, factory: Factory) -> None:
    page.check("[name=act][value=activate]")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("button.go")
    page.wait_for_url(f"**/console/batches/{factory.batch.number}")


def test_by_camera(camera: Camera, factory: Factory) -> None:
    page = camera([factory.symbol(10), factory.symbol(33)])
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, factory)
    page.click("[data-start]")
    expect(page.locator("h1")).to_have_text("What was scanned", timeout=30_000)
    figures = page.locator("dd").all_inner_texts()
    # The film begins anew at its end, so either label may be the one that is seen first.
    assert figures[:4] == ["24", factory.serial(10), factory.serial(33), str(factory.batch.number)]
    assert factory.lives() == [(0, 99, "issued")]
    activate(page, factory)
    assert factory.lives() == [(0, 9, "issued"), (10, 33, "active"), (34, 99, "issued")]
    assert faults == [], "the page's policy lets the reader run"


def test_by_camera_one_label_alone(camera: Camera, factory: Factory) -> None:
    page = camera([factory.symbol(7)])
    sign_in(page, factory)
    assert not page.locator("[data-one]").is_visible()
    page.click("[data-start]")
    expect(page.locator(".say")).to_have_text("Now show the last label.", timeout=30_000)
    page.click("[data-one]")
    expect(page.locator("dd").first).to_have_text("1")


def test_by_photos_without_script(context: BrowserContext, factory: Factory) -> None:
    page = context.new_page()
    sign_in(page, factory)
    assert not page.locator(".scanner").is_visible()
    for name, index in (("first", 4), ("last", 9)):
        photo = {"name": f"{name}.png", "mimeType": "image/png", "buffer": factory.symbol(index)}
        page.set_input_files(f"[name={name}_photo]", photo)  # type: ignore[arg-type]
    look(page)
    assert page.locator("dd").first.inner_text() == "6"
    activate(page, factory)
    assert factory.lives() == [(0, 3, "issued"), (4, 9, "active"), (10, 99, "issued")]


def test_by_typing_and_with_a_fault(context: BrowserContext, factory: Factory) -> None:
    page = context.new_page()
    sign_in(page, factory)
    page.fill("[name=first]", factory.serial(4))
    page.fill("[name=last]", "9999999900000009")
    look(page)
    assert "This is no label of your enterprise." in page.locator("main").inner_text()
    page.fill("[name=last]", factory.serial(9).replace(" ", ""))
    look(page)
    assert page.locator("dd").first.inner_text() == "6"
