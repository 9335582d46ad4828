"""Pictures of the inspectors' app, on phones that scan a small world's labels: see draw.py."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserType, Page, expect

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PHONE = {"width": 360, "height": 740}
PLACE = {"latitude": 30.274123, "longitude": 120.155123, "accuracy": 12}
PASSCODE = "73519204"


def shots(kind: BrowserType) -> dict[str, list[bytes]]:
    """The pictures by name, each of several phones. The path must hold the tests."""
    from browser.field import VOIDED, new_field

    from traceqr import equipping

    with tempfile.TemporaryDirectory() as folder, new_field(Path(folder), kind) as field:
        for number, person in enumerate(field.inspectors, 1):
            equipping.state_badge(field.world.desk, person.account.id, f"示-000{number}")
        field.serve()
        field.publish()
        seen = field.film(field.text(VOIDED), field.text(1), field.forged())
        with _phone(kind, seen) as page:
            return _walk(page, field.origin, field.inspectors[0])


@contextmanager
def _phone(kind: BrowserType, seen: Path) -> Iterator[Page]:
    """A phone whose camera sees a film, with the fonts of the system: those that tests bring have no Chinese."""
    from tests.browser import chromium

    found = chromium.find()
    started = kind.launch(
        executable_path=str(found.path),
        env={name: value for name, value in {**os.environ, **found.environment}.items() if name != "FONTCONFIG_FILE"},
        args=[*ARGUMENTS, f"--use-file-for-fake-video-capture={seen}"],
    )
    context = started.new_context(
        viewport=PHONE, locale="zh-CN", device_scale_factor=2, reduced_motion="reduce", geolocation=PLACE,
        permissions=["geolocation"],
    )  # type: ignore[arg-type]  # fmt: skip
    yield context.new_page()
    started.close()


def _walk(page: Page, origin: str, inspector: object) -> dict[str, list[bytes]]:
    """Through the app as an inspector goes."""
    setup = _set_up(page, origin, inspector)
    scanned = _scan(page)
    record = _record(page)
    return {
        "inspecting-setup": setup,
        "inspecting-scan": scanned,
        "inspecting-record": record,
        "inspecting": [scanned[0], record[1], _outbox(page)],
    }


def _set_up(page: Page, origin: str, inspector: object) -> list[bytes]:
    from browser.field import sign_in

    sign_in(page, origin, inspector)  # type: ignore[arg-type]
    found = [_shot(page)]
    page.click(".dock .go")
    page.fill("#passcode", PASSCODE)
    page.fill("#again", PASSCODE)
    found.append(_shot(page))
    page.click(".dock .go")
    code = inspector.recovery_codes[0]  # type: ignore[attr-defined]
    page.fill("#code", "285 714")
    found.append(_shot(page))
    page.fill("#code", code)
    page.click(".dock .go")
    expect(page.locator("[data-age]")).to_have_attribute("data-age", "good")
    expect(page.locator("[data-complete]")).to_have_attribute("data-complete", "true", timeout=30_000)
    return found


def _scan(page: Page) -> list[bytes]:
    """With no network from here on."""
    page.context.set_offline(True)
    page.evaluate("location.hash = '#/scan'")
    page.locator(".tool.go").click()
    expect(page.locator(".verdict-card, .verdict-row")).to_have_count(3, timeout=60_000)
    seen = _shot(page)
    page.locator(".tool", has_text="停止").click()
    stopped = _shot(page)
    page.evaluate("window.scrollTo(0, 520)")
    return [seen, stopped, _shot(page)]


def _record(page: Page) -> list[bytes]:
    from browser.field import follow

    page.locator(".below .go").click()
    page.locator("[type=checkbox]").nth(1).check()
    page.get_by_label("检查依据").fill("《中华人民共和国产品质量法》第十八条")
    follow(page)
    page.get_by_label("被检查场所名称").fill("示例茶业有限公司仓库")
    page.get_by_label("地址").fill("浙江省杭州市西湖区示例路 1 号")
    page.get_by_label("现场人员姓名").fill("赵某")
    page.get_by_role("button", name="定位").click()
    expect(page.locator(".step")).to_contain_text("误差 12 米")
    premises = _shot(page)
    for _ in range(3):
        follow(page)
    page.set_input_files("#choose-photos", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": _photo()})
    expect(page.locator(".shots li")).to_have_count(1)
    follow(page)
    page.get_by_text("发现问题", exact=True).click()
    page.get_by_label("检查情况").fill("二层货架上三箱茶叶贴有已作废的标签，一箱标签为伪码。")
    page.get_by_role("button", name="添加措施").click()
    page.get_by_text("责令改正", exact=True).click()
    page.get_by_label("对象").fill("撤下作废标签，查明来源")
    page.get_by_label("改正期限").fill("2027-01-15")
    finding = _shot(page)
    follow(page)
    return [premises, finding, _signed(page)]


def _signed(page: Page) -> bytes:
    from browser.field import follow
    from browser.phone import sign_name

    sign_name(page)
    page.locator("canvas.pad").first.scroll_into_view_if_needed()
    shot = _shot(page)
    follow(page)
    page.get_by_role("button", name="签署并封存").click()
    page.click("dialog .go")
    expect(page.locator("[data-entry='0']")).to_be_visible()
    return shot


def _outbox(page: Page) -> bytes:
    page.evaluate("location.hash = '#/outbox'")
    expect(page.locator("[data-waiting]")).to_be_visible()
    return _shot(page)


def _shot(page: Page) -> bytes:
    page.wait_for_timeout(2_700)  # what passes by has passed
    return page.screenshot()


def _photo() -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(made, "JPEG")
    return made.getvalue()
