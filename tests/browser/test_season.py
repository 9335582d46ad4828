"""A whole season as its people live it: from the operator's invitation to the breach that every page tells of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from browser.conftest import NewPhone
from browser.seats import Seat
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page
from support.ports import free_port
from support.print_house import PrintHouse
from support.program import Program
from support.server import Server
from support.world import ASSOCIATION, SetClock, World, gtin, uscc

from traceqr.instant import system_clock

FIRM = uscc(0)
OTHERS = 2_000
LABELS = 50_000
CAMPAIGN = "quality-month-season"
TEXT = Path(__file__).parents[2] / "docs" / "examples" / "campaign.toml"
ORGANISATIONS = f"kind,level,region,name_zh,name_en\nassociation,national,000000,{ASSOCIATION},Quality Association\n"
FOUND = "抽检发现净含量不足"
TODAY = date.today()  # noqa: DTZ011  as the person at the browser would type it
UNTIL = TODAY + timedelta(days=300)


@dataclass
class Deployment:
    """A registry with an association and keys, a signer, and a web node with all consoles."""

    house: PrintHouse
    server: Server


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """As the handbook sets it up: `traceqr init`, one association, a signer and a node."""
    folder = tmp_path_factory.mktemp("season")
    high_water = {"TRACEQR_HIGH_WATER": str(folder / "high-water.json")}
    Program(folder).good("init", **high_water)
    world = World(folder, SetClock(system_clock()), url=f"sqlite:///{folder}/traceqr.db", made=True)
    house = PrintHouse(world, free_port())
    house.program.env |= high_water
    house.program.good("organisation", "import", house.program.file("organisations.csv", ORGANISATIONS))
    with house.signer(), house.node("public,print,console", **high_water) as server:
        yield Deployment(house, server)
    world.close()


@pytest.fixture
def cast(browser: Browser, deployment: Deployment) -> Iterator[list[Seat]]:
    """Operator, officer and manager, not yet let in."""
    names = ("operator", "officer", "manager")
    seats = [Seat(browser, deployment.server.origin, f"{name}@season.example") for name in names]
    yield seats
    for seat in seats:
        seat.page.context.close()


def test_a_whole_season(deployment: Deployment, cast: list[Seat], new_phone: NewPhone) -> None:
    operator, officer, manager = cast
    program, origin, phone = deployment.house.program, deployment.server.origin, new_phone("en-US")

    operator.accept(program.json("account", "invite", "--role", "operator")["link"], "运营方")
    officer.accept(invitation_of_an_officer(operator), "协会人员")
    open_the_edition(officer)
    take_in(officer, "/association/imports/enterprises", [firm(0)])
    participants = [firm(number) for number in range(1, OTHERS + 1)]
    take_in(officer, f"/association/campaigns/{CAMPAIGN}/imports/participants", participants)
    officer.go("/association/")
    officer.sees(str(OTHERS))

    manager.accept(invitation_of_a_manager(officer), "企业管理员")
    number = apply_and_be_published(officer, manager)
    certificate = certificate_of(manager, phone, origin)
    product_with_a_right(manager, officer)
    license_a_mark(officer)
    label = batch_with_both(manager)
    tells(phone, label, "Genuine code", "Integrity Pledge", "In force", "Quality Month mark")

    officer.go(f"/association/applications/{number}")
    officer.type(finding=FOUND)
    officer.press("Declare the breach")
    officer.sees("Breached", FOUND)
    tells(phone, label, "Breached", FOUND)
    tells(phone, certificate, "Breached", "No longer valid", FOUND)
    tells(phone, f"{origin}/rosters/{CAMPAIGN}?q={FIRM}", "Breached")


def invitation_of_an_officer(operator: Seat) -> str:
    """The link that the operator sends."""
    operator.go("/operator/")
    operator.page.get_by_label("Role").select_option("officer")
    operator.page.get_by_label("Organisation").select_option(label=ASSOCIATION)
    operator.press("Make a link")
    return operator.link()


def invitation_of_a_manager(officer: Seat) -> str:
    """The link that the association sends to an enterprise."""
    officer.go(f"/association/enterprises/{FIRM}")
    officer.press("Invite its manager")
    return officer.link()


def open_the_edition(officer: Seat) -> None:
    """By the form, with the text as a file; it is shown, and then opened as it was shown."""
    officer.go("/association/editions/new")
    officer.type(year=str(TODAY.year), id=CAMPAIGN, code="QMS", name_zh="质量诚信倡议", name_en="Integrity Pledge")
    officer.type(theme_zh="让诚信看得见", theme_en="Integrity you can see")
    officer.type(apply_from=str(TODAY), apply_until=str(UNTIL), valid_from=str(TODAY), valid_until=str(UNTIL))
    text = TEXT.read_text(encoding="utf-8").replace("integrity-pledge-example", CAMPAIGN)
    officer.choose("text", {"name": "text.toml", "mimeType": "text/plain", "buffer": text.encode()})
    officer.press("Look at it before it opens")
    officer.sees("不合格的产品不出厂。", "Integrity Pledge")
    officer.press("Open this edition")
    officer.sees("The edition is open.")


def firm(number: int) -> dict[str, str]:
    """An enterprise as a row of a table."""
    return {
        "uscc": uscc(number),
        "name_zh": f"第{number}号示例企业",
        "name_en": f"Example {number}",
        "region": "310115",
        "sector": "food",
        "service_phone": "400-000-0000",
        "contact": "质量部",
    }


def take_in(officer: Seat, address: str, rows: list[dict[str, str]]) -> None:
    """A table is tried with a row that is spoilt, tried once more, and landed."""
    spoilt = [*rows[:-1], {**rows[-1], "uscc": "91310000000000000X"}]
    officer.go(address)
    officer.choose("table", table(spoilt))
    officer.press("Try it out")
    officer.sees("Nothing was imported: 1 fault", "91310000000000000X")
    officer.choose("table", table(rows))
    officer.press("Try it out")
    officer.press("Import it now")
    officer.sees(f"Imported: {len(rows):,} new")


def table(rows: list[dict[str, str]]) -> FilePayload:
    """Rows as a CSV file."""
    kept = io.StringIO()
    writer = csv.DictWriter(kept, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return {"name": "table.csv", "mimeType": "text/csv", "buffer": kept.getvalue().encode()}


def apply_and_be_published(officer: Seat, manager: Seat) -> str:
    """One applies by hand, is asked back, accepted, signs with a second factor, and is published; its number."""
    manager.go("/console/pledges")
    manager.press("Apply")
    officer.go(f"/association/campaigns/{CAMPAIGN}/queue?state=applied&text={FIRM}")
    officer.follow("第0号示例企业")
    number = officer.page.url.rpartition("/")[2]
    officer.type(question="请补充出厂检验制度")
    officer.press("Ask back")
    manager.go(f"/console/pledges/{number}")
    manager.sees("请补充出厂检验制度")
    manager.type(content="已建立，见附件制度第三章")
    manager.press("Send the answer")
    officer.go(f"/association/applications/{number}")
    officer.sees("已建立，见附件制度第三章")
    officer.press("Accept")
    manager.pair()
    manager.go(f"/console/pledges/{number}")
    manager.type(name="企业管理员", title="质量负责人", code=manager.code())
    manager.press("Sign for the enterprise")
    manager.sees("Signed by")
    officer.go(f"/association/applications/{number}")
    officer.press("Publish")
    officer.sees("Published")
    return number


def certificate_of(manager: Seat, phone: Page, origin: str) -> str:
    """The symbol on the PDF opens the certificate's own page, which says that the pledge is in force; its address."""
    manager.go(manager.page.url.removeprefix(origin))
    number = manager.page.locator("dt:text-is('Certificate number') + dd").inner_text()
    pdf = phone.request.get(f"{origin}/certificates/{number}.pdf").body()
    (symbol,) = zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil())
    tells(phone, symbol.text, "In force", number, "第0号示例企业")
    assert phone.url.endswith(f"/certificates/{number}")
    return phone.url


def product_with_a_right(manager: Seat, officer: Seat) -> None:
    """A product, and a claim to its GTIN with a certificate, which the officer accepts."""
    manager.go("/console/products/new")
    manager.type(gtin=gtin().trade, name_zh="云雾绿茶", name_en="Cloud Mist Tea", brand="云雾")
    manager.type(specification="100 g", standard="GB/T 14456")
    manager.press("Enrol")
    manager.sees("The product is enrolled.")
    manager.go("/console/claims")
    manager.page.locator("[name=kind][value=gtin]").check()
    manager.type(value=gtin().digits, evidence="系统成员证书")
    manager.choose("documents", {"name": "证书.png", "mimeType": "image/png", "buffer": picture()})
    manager.press("File the claim")
    manager.sees("under review", "系统成员证书")
    officer.go("/association/claims")
    officer.follow(gtin().digits)
    officer.sees("系统成员证书", "证书")
    officer.press("Accept the claim")
    officer.sees("accepted")


def license_a_mark(officer: Seat) -> None:
    """A kind of mark, and a licence of it for the product."""
    officer.go("/association/marks/new")
    officer.type(name_zh="质量月专用标识", name_en="Quality Month mark", id="quality-month-season", prefix="QMS")
    officer.type(meaning_zh="活动期间公开承诺", meaning_en="Pledged in public during the campaign")
    officer.page.locator("[name=artwork]").first.check()
    officer.press("Define the mark")
    officer.go(f"/association/licences/new?text={FIRM}")
    officer.follow("第0号示例企业")
    officer.page.get_by_label("Mark").select_option(index=0)
    officer.page.locator("[name=gtin]").first.check()
    officer.type(valid_from=str(TODAY), valid_until=str(UNTIL), quota=str(LABELS))
    officer.press("Grant the licence")
    officer.sees("Quality Month mark", "QMS-")


def picture() -> bytes:
    """A certificate as somebody has photographed it."""
    kept = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(kept, "PNG")
    return kept.getvalue()


def batch_with_both(manager: Seat) -> str:
    """Labels with pledge and mark, made and downloaded in the console; the text of one of them."""
    manager.go("/console/batches/new")
    manager.type(gtin=gtin().trade, count=str(LABELS), lot="L-2026-01")
    manager.page.get_by_label("Pledge").select_option(index=1)
    manager.page.locator("[name=marks]").first.check()
    manager.page.locator("[name=active]").check()
    manager.press("Issue")
    manager.sees(f"{LABELS:,}", "L-2026-01")
    manager.go(f"/console/batches/{manager.page.url.rpartition('/')[2]}/print")
    manager.page.locator("[name=format]").select_option("csv")
    manager.press("Make the file")
    with manager.page.expect_download() as fetched:
        manager.page.get_by_role("link", name="Download").click()
    rows = list(csv.DictReader(io.StringIO(fetched.value.path().read_text("utf-8-sig"))))
    assert len(rows) == LABELS
    return rows[12_345]["text"]


def tells(phone: Page, address: str, *words: str) -> None:
    """What somebody reads there who scans or looks it up."""
    phone.goto(address)
    told = phone.inner_text("body")
    assert [each for each in words if each not in told] == [], told
