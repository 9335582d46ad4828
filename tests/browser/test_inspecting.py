"""A day in the field: labels and a record with no network, a phone that dies, and a server that gets all of it once."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from browser.field import (
    VOIDED,
    Field,
    close_record,
    follow,
    go,
    new_field,
    saved,
    set_up,
    sign_in,
    unlock,
    write_record,
)
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from traceqr.inspection.entry import Entry
from traceqr.inspection.proof import ENTRY, DeviceKey


@pytest.fixture
def field(browser: Browser, tmp_path: Path) -> Iterator[Field]:
    with new_field(tmp_path, browser.browser_type) as opened:
        yield opened


def photo(colour: str = "green") -> dict[str, object]:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(made, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def test_a_day_in_the_field(field: Field) -> None:
    inspector, colleague = field.inspectors
    phone = field.phone("phone")
    genuine, void, forged, online = field.text(1), field.text(VOIDED), field.forged(), field.text(3)

    # In the office: set up, and a label by camera, with the server's word beside that of the bundle.
    field.serve()
    field.publish()
    page = phone.start(field.film(online))
    set_up(page, field.origin, inspector)
    go(page, "scan")
    page.get_by_role("button", name="Camera").click()
    card = page.locator(".verdict-card")
    expect(card).to_have_attribute("data-verdict", "genuine", timeout=30_000)
    expect(card.locator("[data-offline]")).to_have_attribute("data-offline", "genuine")
    expect(card.locator("[data-offline]")).to_contain_text("Code valid, history not checked")
    expect(card.locator("[data-online]")).to_have_attribute("data-online", "genuine")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Clear the list").click()
    expect(card).to_have_count(0)
    phone.kill()

    # In the cellar: no server, no network, and the app starts all the same.
    field.stop()
    field.portal.mode = "cut"
    page = phone.start(field.film(genuine, void, forged))
    unlock(page)
    expect(page.locator(".head .state")).to_contain_text("Data: ")
    go(page, "scan")
    page.get_by_role("button", name="Camera").click()
    looks = page.locator(".verdict-card, .verdict-row")
    expect(looks).to_have_count(3, timeout=60_000)
    assert sorted(each.get_attribute("data-verdict") or "" for each in looks.all()) == ["forged", "genuine", "void"]
    expect(page.locator(".tally")).to_contain_text("1 Genuine code")
    expect(page.locator(".verdict-card [data-online]")).to_have_attribute("data-online", "none")
    expect(page.locator(".verdict-card [data-offline]")).to_contain_text("version 1")

    # A record with the three, a photo and two officers; the battery falls out while it is typed.
    page.get_by_role("button", name="Begin a record with these").click()
    write_record(page)
    go(page, page.url.partition("#/")[2].replace("signing", "photos"))
    page.set_input_files("#choose-photos", photo())  # type: ignore[arg-type]
    expect(page.locator(".shots li")).to_have_count(1)
    page.get_by_label("Caption").fill("门口")
    saved(page)
    phone.kill()
    page = phone.start()
    unlock(page)
    go(page, "records")
    page.get_by_text("Draft: on this phone alone").click()
    expect(page.get_by_label("Caption")).to_have_value("门口")
    follow(page)
    expect(page.get_by_label("What the check found")).to_have_value("三箱标签作废。")
    follow(page)
    close_record(page)
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "waiting")

    # Once more without a word: what was signed is there.
    phone.kill()
    page = phone.start()
    unlock(page)
    go(page, "outbox")
    expect(page.locator(".big")).to_have_attribute("data-waiting", "1")
    assert field.rows("SELECT count(*) AS n FROM inspection")[0]["n"] == 0

    # The network is back: sent once, on the ledger, as it was signed.
    field.serve()
    field.portal.mode = "open"
    page.get_by_role("button", name="Send now").click()
    expect(page.locator(".notices")).to_contain_text("You are signed out")  # a session ends with the battery
    sign_in(page, field.origin, inspector)
    unlock(page)
    go(page, "outbox")
    expect(page.locator(".big")).to_have_attribute("data-waiting", "0", timeout=30_000)
    page.get_by_role("link", name="Inspections").click()
    page.get_by_text("Received by the server").click()
    expect(page.locator("[data-entry='0']")).to_contain_text("Place in the ledger")
    _is_as_it_was_signed(field, [genuine, void, forged], [inspector.account.id, colleague.account.id])
    _document_says(page, "示例茶业仓库", "三箱标签作废。", "产品质量法第十八条", "赵某", inspector.account.name)
    assert phone.faults == []


def _document_says(page: Page, *words: str) -> None:
    """The document of the record, which the app leads to: for whoever is signed in."""
    page.get_by_role("link", name="Open its page and document").click()
    page.wait_for_url("**/inspections/*")
    content = page.evaluate(
        "fetch(location.pathname + '/record.pdf').then(a => a.arrayBuffer()).then(b => [...new Uint8Array(b)])"
    )
    document = pypdfium2.PdfDocument(bytes(content))
    text = "".join(each.get_textpage().get_text_bounded() for each in document)
    for each in ("现场检查笔录", *words):
        assert each in text.replace("\r\n", ""), each


def _is_as_it_was_signed(field: Field, labels: list[str], officers: list[str]) -> None:
    """What the registry holds, read as the server reads it; and the one entry of the ledger about it."""
    (row,) = field.rows("SELECT content, signature, digest, device_id FROM inspection_entry")
    entry = Entry.parse(row["content"])
    (device,) = field.rows("SELECT public_key FROM field_device")
    DeviceKey(device["public_key"]).verify(row["signature"], ENTRY + entry.octets)
    record = entry.content
    assert sorted(each["text"] for each in record["labels"]) == sorted(labels)
    assert {each["text"]: each["offline"]["verdict"] for each in record["labels"]} == dict(
        zip(labels, ("genuine", "void", "forged"), strict=True)
    )
    assert all(each["online"] is None and each["offline"]["version"] == 1 for each in record["labels"])
    assert [each["account"] for each in record["officers"]] == officers
    assert [each["role"] for each in record["signatures"]] == ["officer", "officer", "party"]
    assert record["premises"]["position"]["accuracy_m"] == 12
    (shot,) = record["photos"]
    assert shot["caption"] == "门口"
    content = next((field.folder / "attachments").rglob(f"*{shot['digest']}*")).read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (shot["digest"], shot["bytes"])
    (told,) = field.rows("SELECT entry FROM ledger WHERE entry LIKE '%inspection.record%'")
    assert json.loads(told["entry"])["payload"]["digest"] == entry.digest
