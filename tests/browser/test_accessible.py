"""Every page shuts nobody out: WCAG 2.2 AA by axe-core, at phone and desk width, in light and dark, and by keyboard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from browser import axe
from browser.conftest import PHONE
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from support import staff
from support.chain import Chain, labels, sscc
from support.chain_scenarios import GLN, location
from support.inspections import ID, LABEL, Inspectors, Key, enrolled
from support.ports import free_port
from support.scenarios import announcement
from support.server import SECRET, Server, serving
from support.staff import Person, admitted, enterprise_id, invited
from support.travellers import go_around
from support.world import CAMPAIGN, MARK, SetClock, World, gtin, new_world, uscc

from traceqr import handling, recalling, referring
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.chain import allocating, arranging
from traceqr.digital_link.elements import check_digit
from traceqr.instant import DAY_MS, system_clock
from traceqr.label.host import Origin
from traceqr.photo import Photo
from traceqr.recalling import Statement
from traceqr.registry.batches import Batch
from traceqr.second_factor import Vault
from traceqr.tracing.event import Audience
from traceqr.tracing.thing import Thing

DESK = {"width": 1280, "height": 900}
LOOKS = [(PHONE, "light"), (DESK, "dark")]

OPEN = (
    *("/", "/account/sign-in", "/account/invitation/none", "/no-such-page"),
    *("/rosters", f"/rosters/{CAMPAIGN}", "/marks", "/certificates", "/api/"),
    *("/reports", f"/enterprises/{uscc()}"),
    *("/recalls", "/recalls/{recall}", "/check"),
    *(f"/products/{gtin()}", f"/products/{gtin()}/unsealed", f"/01/{gtin()}?linkType=linkset"),
)
"""Pages for everybody; a label's page comes with them."""

OWN = ("/account/", "/account/password", "/account/second-factor", "/account/proposals")

IMPORT = f"/association/campaigns/{CAMPAIGN}/imports/participants"

PAGES: dict[Role, tuple[str, ...]] = {
    Role.OPERATOR: ("/operator/", "/account/recovery-codes"),
    Role.OFFICER: (
        *("/association/", f"/association/campaigns/{CAMPAIGN}", f"/association/campaigns/{CAMPAIGN}/queue"),
        *("/association/applications/1", f"/association/campaigns/{CAMPAIGN}/edition", "/association/editions/new"),
        *("/association/imports", IMPORT, "/association/enterprises", "/association/enterprises/new"),
        *(f"/association/enterprises/{uscc()}", "/association/officers"),
        *("/association/recognitions", "/association/recognitions/new", "/association/recognitions/1"),
        *("/association/claims", "/association/marks", "/association/marks/new"),
        *(f"/association/marks/{MARK}", "/association/licences", "/association/licences/1"),
        *("/association/cases", "/association/cases/{case}", "/association/notifications"),
        *("/association/recalls", "/association/recalls/new", "/association/recalls/{recall}"),
        *("/association/licences/new?text=Tea", f"/association/licences/new?uscc={uscc()}"),
        *("/association/suspects", "/association/suspects/1/3", f"/association/products/{gtin()}/places"),
        *("/inspections/", f"/inspections/{ID}", f"/association/trace?q=21/{gtin()}/0000000100000003"),
    ),
    Role.INSPECTOR: ("/inspections/", f"/inspections/{ID}", "/inspections/notifications", "/account/devices"),
    Role.MANAGER: (
        *("/console/team", "/console/tokens", "/console/pledges", "/console/pledges/1", "/console/notifications"),
        *("/console/trace/partners", "/console/trace/audiences", "/console/trace/materials"),
    ),
    Role.CLERK: (
        *("/console/", "/console/products", f"/console/products/{gtin()}", "/console/products/new"),
        *("/console/batches", "/console/batches/1", "/console/batches/new", "/console/team", "/console/marks"),
        *("/console/cases", "/console/cases/{case}"),
        *("/console/recalls", "/console/recalls/new", "/console/recalls/{recall}"),
        *("/console/claims", "/console/history", "/console/scan", "/console/products/import"),
        *("/console/suspects", "/console/suspects/1/3", f"/console/products/{gtin()}/places?weeks=52"),
        *(f"/console/products/{gtin()}/links", "/console/links"),
        *("/console/follow", f"/console/follow?q=21/{gtin()}/0000000100000003"),
        "/console/batches/1?act=void&label=3",
        *("/console/trace", "/console/trace/events/2", "/console/trace/state", "/console/trace/units"),
        *("/console/trace/state/pack", "/console/trace/state/make", "/console/trace/state/ship"),
        *("/console/trace/places", f"/console/trace/place?key={GLN}"),
    ),
}


def drawn() -> bytes:
    """A photo as it is kept."""
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(made, "JPEG")
    return made.getvalue()


SMALL = """
[...document.querySelectorAll("button, nav a, label.choice, input:not([type=hidden], [type=radio])")]
    .map(each => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && Math.min(box.width, box.height) < 24)
    .map(([each]) => each.outerHTML.slice(0, 80))
"""


@dataclass
class Deployment:
    """A server with consoles, one person of each role, a label, an invitation."""

    server: Server
    people: dict[Role, Person]
    label: str
    invitation: str
    case: str
    receipt: str
    recalled: str
    recall: str

    def address(self, path: str) -> str:
        """A path with the ids of what there is."""
        return self.server.origin + path.replace("{case}", self.case).replace("{recall}", self.recall)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder, port = tmp_path_factory.mktemp("accessible"), free_port()
    clock = SetClock(system_clock() - 20 * DAY_MS)
    with pytest.MonkeyPatch.context() as patch, new_world("sqlite", folder, clock) as world:
        patch.setattr(staff, "VAULT", Vault.of(SECRET))
        world.licensed()
        world.regulator()
        world.recognition()
        world.link(languages=("zh", "en"), media_type="text/html")
        world.link("/414/" + "690123400001" + check_digit("690123400001"))
        batch = world.issue(5, origin=Origin.parse(f"HTTP://127.0.0.1:{port}"), pledge=0)
        lead(world, batch)
        go_around(world, world.text(batch.number, 3))
        world.clock.at_ms = system_clock()
        people = {role: admitted(world, role) for role in Role}
        receipt = str(
            world.report(content="It was open.", photos=(Photo(drawn(), (3_024, 12_016)),), with_position=True)
        )
        case = str(world.one("SELECT id FROM case_file WHERE reports > 0")["id"])
        handling.answer(world.desk, case, "We looked into it.")
        invitation = f"/account/invitation/{invited(world, Role.CLERK)}"
        label, recalled = (world.text(batch.number, index).partition(f":{port}")[2] for index in (0, 4))
        clerk = replace(world.desk, actor=f"account:{people[Role.CLERK].account.id}")
        recall = recalling.recall(clerk, Range(batch.number, 3, 4), announcement()).id
        recalling.state_progress(clerk, recall, Statement(1, 1, "Off all shelves."))
        inspect(world, people[Role.INSPECTOR], batch)
        settings = {"TRACEQR_ROLES": "public,console", "TRACEQR_HIGH_WATER": str(folder / "high-water.json")}
        with serving(folder, world.url, port, **settings) as server:
            world.clock.at_ms = system_clock()
            yield Deployment(server, people, label, invitation, case, receipt, recalled, recall)


def lead(world: World, batch: Batch) -> None:
    """Events of all labels, with a gap at the end, and numbers of cases."""
    arranging.set_locations(world.desk, [location(world)])
    world.enterprise(2)
    arranging.name_partner(world.desk, enterprise_id(world), enterprise_id(world, 2), makes=True)
    allocating.allocate(world.desk, enterprise_id(world), "6901234", "3", 20)
    chain, told = Chain(world), {"audience": Audience.PUBLIC, "location": GLN}
    chain.made([labels(batch, 0, 4)], [Thing.lot(str(gtin(1, "6905555")), "L1")], **told)
    chain.packed(sscc(1), labels(batch, 0, 4), **told)
    chain.seen(sscc(1), step="shipping", **told)
    chain.seen(labels(batch, 0, 0), by=2, step="inspecting", disposition="conformant", **told)


def inspect(world: World, person: Person, batch: Batch) -> None:
    """An inspection with a label, a correction that is due, and an addition."""
    key = Key()
    field = Inspectors(world, person, admitted(world, Role.INSPECTOR), key, enrolled(world, person, key))
    record = field.record(labels=[{**LABEL, "text": world.text(batch.number)}])
    record["premises"]["uscc"] = uscc()
    field.take(field.entry(record=record))
    field.take(field.later(field.entry(record=record)))
    referring.open_case(world.desk, ID, batch.number)


def sign_in(page: Page, deployment: Deployment, role: Role) -> None:
    person = deployment.people[role]
    page.goto(deployment.server.origin + "/account/sign-in")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.click("button.go")
    if person.secret:
        page.fill("[name=code]", person.recovery_codes[0])
        person.recovery_codes = person.recovery_codes[1:]
        page.click("button.go")
    page.wait_for_url(lambda url: "/account/code" not in url and "sign-in" not in url)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="en-US", bypass_csp=True)
    yield made
    made.close()


def look(page: Page, address: str) -> list[str]:
    """What is wrong with a page in every look, and where it is wider than the window. It is loaded for the first one,
    and turns into the others before the reader's eyes.
    """
    wrong = []
    for number, (size, scheme) in enumerate(LOOKS):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if number == 0:
            page.goto(address)
        wrong += [f"{address} ({size['width']}, {scheme}): {one}" for one in axe.violations(page)]
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > size["width"]:
            wrong.append(f"{address} needs {needed} px of {size['width']}")
    return wrong


def test_pages_for_everybody(context: BrowserContext, deployment: Deployment) -> None:
    page = context.new_page()
    page.goto(deployment.server.origin + deployment.label)
    form = page.locator('a[href^="/report?"]').first.get_attribute("href")
    assert form is not None
    shown = (deployment.label, deployment.recalled)
    ways = (f"/trace{deployment.label}", f"/trace{deployment.recalled}", f"/trace/00/{sscc(1).key}")
    addresses = [*OPEN, deployment.invitation, *shown, *ways, form, f"/reports/{deployment.receipt}"]
    wrong = [one for address in addresses for one in look(page, deployment.address(address))]
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_consoles(context: BrowserContext, deployment: Deployment, role: Role) -> None:
    page = context.new_page()
    sign_in(page, deployment, role)
    wrong = [one for address in (*OWN, *PAGES[role]) for one in look(page, deployment.address(address))]
    assert wrong == []


def test_what_comes_of_files(context: BrowserContext, deployment: Deployment) -> None:
    """The pages that no address leads to: a table with faults, one without, and a text before it is saved."""
    page, origin = context.new_page(), deployment.server.origin
    sign_in(page, deployment, Role.OFFICER)
    header = "uscc,name_zh,region,sector\n"
    files = (
        (IMPORT, "table", "table.csv", f"{header}1,,33,fun\n", "Faults as a table"),
        (IMPORT, "table", "table.csv", f"{header}{uscc(9)},示例茶业,330106,food\n", "Import it now"),
        (
            f"/association/campaigns/{CAMPAIGN}/edition",
            "text",
            "text.toml",
            "[[articles.signers]]\nzh = '言而有信。'\nen = 'We keep our word.'",
            "Make this the text to sign",
        ),
    )
    for path, field, name, content, button in files:
        page.goto(origin + path)
        page.set_input_files(f"[name={field}]", {"name": name, "mimeType": "text/plain", "buffer": content.encode()})
        page.click(f"form:has([name={field}]) button:not([value])")
        page.wait_for_selector(f"text={button}")
        for size, scheme in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert axe.violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


def test_the_check_finds_something(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_content("<html><body><img src='data:,'><input></body></html>")
    assert {one.partition(":")[0] for one in axe.violations(page)} >= {"image-alt", "html-has-lang", "label"}


def test_signing_in_by_keyboard_alone(context: BrowserContext, deployment: Deployment) -> None:
    page, person = context.new_page(), deployment.people[Role.CLERK]
    page.goto(deployment.server.origin + "/account/sign-in")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "login":
            break
    page.keyboard.type(person.login)
    page.keyboard.press("Tab")
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_every_target_is_large_enough_for_a_thumb(context: BrowserContext, deployment: Deployment) -> None:
    """24 by 24 CSS pixels (WCAG 2.2, 2.5.8), also where axe does not look: links in the menu, buttons in tables."""
    page = context.new_page()
    sign_in(page, deployment, Role.MANAGER)
    page.set_viewport_size(PHONE)
    page.goto(deployment.server.origin + "/console/team")
    small = page.evaluate(SMALL)
    assert small == []
