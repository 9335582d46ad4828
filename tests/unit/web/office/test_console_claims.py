"""An enterprise files claims to GTINs in the console."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from support.staff import enterprise_id
from support.world import ASSOCIATION, gtin

from tests.unit.web.office.conftest import Offices
from traceqr import claiming
from traceqr.access import Role

PATH = "/console/claims"
CLAIM = {"kind": "prefix", "value": "6907777", "evidence": "Certificate GS1-1"}
SCRIPT = "<script>alert(1)</script>"


def claims(offices: Offices) -> list[Any]:
    return offices.world.base.rows("SELECT id FROM gtin_claim WHERE value <> '06901234567892' ORDER BY position")


def picture() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(file, "PNG")
    file.seek(0)
    return file, "certificate.png"


def test_is_filed_and_its_refusal_is_read(offices: Offices) -> None:
    manager = offices.as_(Role.MANAGER)
    answer = manager.post(PATH, **CLAIM, documents=[picture()])
    assert answer.status_code == 303
    (row,) = claims(offices)
    assert offices.world.base.one("SELECT COUNT(*) AS n FROM claim_document")["n"] == 1
    assert "under review" in manager.get(PATH).text
    claiming.refuse_claim(offices.world.desk, row["id"], ASSOCIATION, "the certificate has ended")
    page = manager.get(PATH).text
    assert "refused" in page
    assert "the certificate has ended" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "690"},
        {"value": "٦٩٠٧٧٧٧"},
        {"value": "0000012"},
        {"kind": "gtin", "value": "06901234567890"},
        {"kind": "everything"},
        {"evidence": " "},
        {"evidence": "x" * 501},
    ],
)
def test_a_bad_claim(offices: Offices, wrong: dict[str, str]) -> None:
    answer = offices.as_(Role.MANAGER).post(PATH, **{**CLAIM, **wrong})
    assert answer.status_code == 422
    assert claims(offices) == []


def test_a_file_that_is_no_document_and_too_many(offices: Offices) -> None:
    manager = offices.as_(Role.MANAGER)
    for files in ([(io.BytesIO(b"MZ..."), "certificate.pdf")], [(io.BytesIO(b"x"), f"{n}.pdf") for n in range(6)]):
        answer = manager.post(PATH, **CLAIM, documents=files)
        assert answer.status_code == 422
        assert "Choose up to 5 PDF, JPEG or PNG files" in answer.text
        assert CLAIM["evidence"] in answer.text
    assert claims(offices) == []


def test_a_script(offices: Offices) -> None:
    manager = offices.as_(Role.MANAGER)
    manager.post(PATH, kind="gtin", value=str(gtin(7)), evidence=SCRIPT)
    assert SCRIPT not in manager.get(PATH).text


class TestTenancy:
    def test_another_enterprises_claims(self, offices: Offices) -> None:
        offices.as_(Role.MANAGER).post(PATH, **CLAIM)
        offices.world.base.enterprise(2)
        others = offices.as_(Role.MANAGER, enterprise_id(offices.world.base, 2))
        page = others.get(PATH).text
        assert "There are no claims yet." in page
        assert CLAIM["value"] not in page

    def test_a_clerk_files_none(self, offices: Offices) -> None:
        clerk = offices.as_(Role.CLERK)
        assert "File a claim" not in clerk.get(PATH).text
        assert clerk.post(PATH, form="/console/products/new", **CLAIM).status_code == 403
        assert claims(offices) == []

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICER, Role.INSPECTOR])
    def test_other_roles(self, offices: Offices, role: Role) -> None:
        assert offices.as_(role).get(PATH).status_code == 302
