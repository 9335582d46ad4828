"""Print files ordered in the console: what is put on the ledger, where it is fetched, and who may."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from support.staff import enterprise_id

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import SECRET
from traceqr.access import Role
from traceqr.web import downloads
from traceqr.web.links import Links

FORM = {"format": "csv", "design": "classic", "sheet": "A4", "dpi": "300", "level": "M"}
PATH = "/console/batches/1/print"


@pytest.fixture
def printing(offices: Offices) -> Offices:
    """A node that hands out files too, with a batch to print."""
    settings = replace(offices.world.settings, signer=offices.world.base.root / "signer")
    downloads.install(offices.app, settings, offices.world.database)
    offices.world.issue()
    return offices


@pytest.fixture
def clerk(printing: Offices) -> Visitor:
    return printing.as_(Role.CLERK)


def exports(offices: Offices) -> list[Any]:
    return offices.world.base.rows("SELECT id, first, last, format FROM label_export ORDER BY position")


@pytest.mark.parametrize("name", ["csv", "txt", "pdf", "zpl", "tspl", "svg-zip", "png"])
def test_a_file_is_ordered_and_its_link_is_good(printing: Offices, clerk: Visitor, name: str) -> None:
    answer = clerk.post(PATH, **{**FORM, "format": name})
    assert answer.status_code == 303, answer.text
    (row,) = exports(printing)
    assert (row["first"], row["last"], row["format"]) == (0, 4, name)
    page = clerk.get(answer.headers["Location"]).text
    address = re.search(r'value="(https?://[^"]+/print/[^"]+)"', page, re.IGNORECASE)
    assert address
    token, file_name = html.unescape(address[1]).split("/print/")[1].split("/")
    assert Links(SECRET).read(token, printing.world.time()).export == row["id"]
    room = printing.app.extensions[downloads.EXTENSION]
    with printing.app.test_request_context():
        assert downloads._file(room, token, file_name).name == file_name


def test_the_link_ends(printing: Offices, clerk: Visitor) -> None:
    there = clerk.post(PATH, **FORM).headers["Location"]
    printing.world.time.pass_ms(25 * 3_600_000)
    again = printing.as_(Role.CLERK)
    page = again.get(there).text
    assert "It can no longer be fetched" in page
    assert "/print/" not in page


def test_labels_printed_before_need_a_reason(printing: Offices, clerk: Visitor) -> None:
    clerk.post(PATH, **FORM)
    answer = clerk.post(PATH, **FORM)
    assert answer.status_code == 422
    assert "Some of these labels were printed before." in answer.text
    assert clerk.post(PATH, **FORM, again="the roll was torn").status_code == 303
    assert len(exports(printing)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "exe"},
        {"design": "/etc/passwd"},
        {"design": "scratch.toml"},
        {"format": "pdf", "sheet": "../../sheet.toml"},
        {"dpi": "1"},
        {"level": "H"},
        {"first": "3", "last": "1"},
        {"last": "5"},
        {"first": "0000000200000000"},
    ],
)
def test_a_bad_order(printing: Offices, clerk: Visitor, wrong: dict[str, str]) -> None:
    assert clerk.post(PATH, **{**FORM, **wrong}).status_code == 422
    assert exports(printing) == []


def test_a_node_that_hands_out_none_says_so(offices: Offices) -> None:
    offices.world.issue()
    clerk = offices.as_(Role.CLERK)
    assert "This server hands out no print files." in clerk.get(PATH).text
    assert clerk.post(PATH, form="/console/products/new", **FORM).status_code == 422
    assert exports(offices) == []


class TestTenancy:
    def test_another_enterprise(self, printing: Offices, clerk: Visitor) -> None:
        there = clerk.post(PATH, **FORM).headers["Location"]
        printing.world.base.enterprise(2)
        others = printing.as_(Role.MANAGER, enterprise_id(printing.world.base, 2))
        assert others.get(PATH).status_code == 404
        assert others.get(there).status_code == 404
        assert others.post(PATH, form="/console/products/new", **FORM, again="x").status_code == 404
        assert len(exports(printing)) == 1

    def test_an_export_of_another_batch(self, printing: Offices, clerk: Visitor) -> None:
        there = clerk.post(PATH, **FORM).headers["Location"]
        printing.world.issue()
        assert clerk.get(there.replace("/batches/1/", "/batches/2/")).status_code == 404
        assert clerk.get("/console/batches/1/files/none").status_code == 404

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.INSPECTOR])
    def test_other_roles(self, printing: Offices, role: Role) -> None:
        assert printing.as_(role).get(PATH).status_code == 302
