"""The console's pages of links."""

from __future__ import annotations

import pytest

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr.access import Role
from traceqr.digital_link.elements import check_digit

PAGE = f"/console/products/{GREEN_TEA}/links"
LINK = {"kind": "gs1:instructions", "href": "https://tea.example/brew", "title": "怎样冲泡"}
SSCC = "36901234000000001" + check_digit("36901234000000001")


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


def test_a_link_is_set_shown_followed_and_removed(offices: Offices, clerk: Visitor) -> None:
    answer = clerk.post(PAGE, **LINK, languages="zh, en", media_type="text/html", lot="A1")
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    page = clerk.get(PAGE).text
    assert "https://tea.example/brew" in page
    assert "/10/A1" in page
    led = offices.visitor().get(f"/01/{GREEN_TEA}/10/A1?linkType=gs1:instructions")
    assert led.headers["Location"].startswith("https://tea.example/brew?")
    link = offices.world.base.one("SELECT id FROM link")["id"]
    assert clerk.post(f"/console/links/{link}/remove", form=PAGE).headers["Location"] == PAGE
    assert "https://tea.example/brew" not in clerk.get(PAGE).text
    assert clerk.get(PAGE.replace(str(GREEN_TEA), GREEN_TEA.trade)).headers["Location"] == PAGE


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"href": "javascript:alert(1)"}, "Enter an address that begins with"),
        ({"href": "https://user:secret@tea.example/"}, "Enter an address that begins with"),
        ({"href": "https://127.0.0.1/"}, "Name the host"),
        ({"title": "x" * 121}, "too long"),
        ({"languages": "english"}, "Enter tags such as"),
        ({"media_type": "html"}, "Enter a media type"),
        ({"context": "two words"}, "Enter one word"),
        ({"lot": "茶"}, "Enter a lot"),
        ({"kind": "gs1:defaultLink", "languages": "en"}, "is for everybody"),
        ({"kind": "gs1:nonsense"}, "alid choice"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field(clerk: Visitor, changed: dict[str, str], words: str) -> None:
    answer = clerk.post(PAGE, **(LINK | changed))
    assert answer.status_code == 422
    assert words in answer.text


def test_parcels_need_a_prefix(offices: Offices, clerk: Visitor) -> None:
    answer = clerk.post("/console/links", **LINK, key="00", value=SSCC)
    assert answer.status_code == 422
    offices.world.base.claim()
    answer = clerk.post("/console/links", **LINK, key="00", value=SSCC)
    assert answer.headers["Location"] == f"/console/links/00/{SSCC}"
    assert "https://tea.example/brew" in clerk.get(f"/console/links/00/{SSCC}").text
    assert f"/console/links/00/{SSCC}" in clerk.get("/console/links").text
    for path in ("/console/links/01/1", "/console/links/00/1", f"/console/links/414/{SSCC}"):
        assert clerk.get(path).status_code == 404
    assert clerk.post("/console/links", **LINK, key="00", value=SSCC[:-1] + "x").status_code == 422


def test_markup_in_titles_is_text(clerk: Visitor) -> None:
    assert clerk.post(PAGE, **(LINK | {"title": "<script>alert(1)</script>"})).status_code == 303
    assert "<script>alert" not in clerk.get(PAGE).text
