"""From a scanned label to an answer: a report with a photo by phone, the enterprise's console, the receipt's page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.conftest import PHONE
from PIL import Image
from playwright.sync_api import Browser, expect
from support import staff
from support.ports import free_port
from support.server import SECRET, Server, serving
from support.staff import Person, admitted
from support.world import SetClock, new_world

from traceqr.access import Role
from traceqr.instant import system_clock
from traceqr.label.host import Origin
from traceqr.second_factor import Vault


@dataclass
class Deployment:
    """A server with consoles, a clerk, and the path of a label."""

    server: Server
    clerk: Person
    label: str
    folder: Path


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder, port = tmp_path_factory.mktemp("reporting"), free_port()
    with pytest.MonkeyPatch.context() as patch, new_world("sqlite", folder, SetClock(system_clock())) as world:
        patch.setattr(staff, "VAULT", Vault.of(SECRET))
        world.furnish()
        batch = world.issue(5, origin=Origin.parse(f"HTTP://127.0.0.1:{port}"))
        clerk, label = admitted(world, Role.CLERK), world.text(batch.number).partition(f":{port}")[2]
        settings = {"TRACEQR_ROLES": "public,console", "TRACEQR_HIGH_WATER": str(folder / "high-water.json")}
        with serving(folder, world.url, port, **settings) as server:
            yield Deployment(server, clerk, label, folder)


def photo() -> bytes:
    """As a phone takes it, with what it notes."""
    exif, drawn = Image.Exif(), io.BytesIO()
    exif[0x010E] = "who took it"
    Image.new("RGB", (4_000, 3_000), "brown").save(drawn, "JPEG", exif=exif)
    return drawn.getvalue()


def test_a_report_is_answered(browser: Browser, deployment: Deployment) -> None:
    origin = deployment.server.origin
    phone = browser.new_context(locale="zh-CN", viewport=PHONE, java_script_enabled=False).new_page()
    phone.goto(origin + deployment.label)
    phone.click("text=反映问题")
    phone.check("text=已被开启或损坏")
    phone.fill("[name=content]", "封口已被打开")
    phone.set_input_files("[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    phone.fill("[name=contact]", "138-0000-0000")
    phone.click("text=提交举报")
    expect(phone.locator(".receipt-number")).to_have_text(
        re.compile("^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$")
    )
    expect(phone.locator(".course")).to_contain_text("等待答复")
    receipt = phone.url

    desk = browser.new_context(locale="en-US").new_page()
    desk.goto(origin + "/account/sign-in")
    desk.fill("[name=login]", deployment.clerk.login)
    desk.fill("[name=password]", deployment.clerk.password)
    desk.click("button.go")
    desk.goto(origin + "/console/cases")
    desk.click("tbody a")
    expect(desk.locator(".reported")).to_contain_text("封口已被打开")
    picture = desk.locator(".photos img")
    expect(picture).to_have_js_property("naturalWidth", 1_600)
    desk.fill("[name=answer]", "我们已核实，请退回门店。")
    desk.click("text=Give the answer")
    desk.check("text=A defect of quality")
    desk.once("dialog", lambda dialog: dialog.accept())
    desk.click("form[action$='/close'] button")
    expect(desk.locator("body")).to_contain_text("The case is closed.")

    phone.goto(receipt)
    expect(phone.locator(".course")).to_contain_text("我们已核实，请退回门店。")
    expect(phone.locator(".course")).to_contain_text("质量缺陷")
    kept = b"".join(path.read_bytes() for path in deployment.folder.rglob("*") if path.is_file())
    assert "封口已被打开".encode() in kept
    assert b"138-0000-0000" not in kept
    assert b"who took it" not in kept
