"""The resolver: what addresses of GS1 Digital Link lead to, and what it withstands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.world import ASSOCIATION, gtin
from werkzeug.test import TestResponse

from tests.unit.web.world import ENGLISH, GREEN_TEA, HOST, NAVIGATION, World
from traceqr import claiming
from traceqr.digital_link.elements import check_digit
from traceqr.web.resolving import passed_on

ORIGIN = f"https://{HOST}"
PRODUCT = f"/01/{GREEN_TEA}"
LOT = PRODUCT + "/10/A1"
PIECE = PRODUCT + "/21/0000000100000003"
JSON = {"Accept": "application/json"}
LINKSET = {"Accept": "application/linkset+json"}
PAGE = {"Accept": "text/html,*/*;q=0.8"}


def keyed(key: str, digits: str) -> str:
    return f"/{key}/{digits}{check_digit(digits)}"


SSCC, GLN = keyed("00", "36901234000000001"), keyed("414", "690123400001")


def links(answer: TestResponse, anchor: str = PRODUCT) -> dict[str, Any]:
    """The links of one anchor in a linkset by the names of their types."""
    found = {each["anchor"]: each for each in answer.json["linkset"]}[ORIGIN + anchor]  # type: ignore[index]
    return {key.rpartition("/")[2]: value for key, value in found.items() if key.startswith("https://ref.gs1.org/voc/")}


def test_a_product_leads_to_its_page(client: FlaskClient) -> None:
    answer = client.get(PRODUCT + "?utm=1&linkType=", headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{ORIGIN}/products/{GREEN_TEA}?utm=1&linkType=")
    assert answer.headers["Vary"] == "Accept, Accept-Language, Cookie"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Link"].startswith(f'<{ORIGIN}{PRODUCT}?linkType=linkset>; rel="linkset"; type="application/')
    assert 'rel="https://ref.gs1.org/voc/pip"' in answer.headers["Link"]
    page = client.get(f"/products/{GREEN_TEA}", headers=ENGLISH)
    assert page.status_code == 200
    assert "says nothing of the piece in your hand" in page.text


@pytest.mark.parametrize("path", [LOT, PRODUCT + "/", PRODUCT + "/22/V", PRODUCT + "/22/V/10/A1"])
def test_what_nothing_is_known_of_leads_where_the_product_does(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Location"] == f"{ORIGIN}/products/{GREEN_TEA}"


@pytest.mark.parametrize("path", [PIECE, PRODUCT + "/10/A1/21/0000000100000003", PRODUCT + "/235/T1"])
def test_a_piece_without_a_seal_is_never_told_to_be_genuine(world: World, client: FlaskClient, path: str) -> None:
    world.issue()
    world.base.link(PRODUCT, kind="gs1:defaultLink", href="https://tea.example/home")
    world.base.link(PIECE, kind="gs1:defaultLink", href="https://tea.example/unsealed")
    world.base.link(PIECE, kind="gs1:defaultLinkMulti", href="https://tea.example/en", languages=("en",))
    assert len(links(client.get(path, headers=LINKSET), path)["defaultLink"]) == 1
    answer = client.get(path, headers=NAVIGATION | ENGLISH)
    assert answer.headers["Location"] == f"{ORIGIN}/products/{GREEN_TEA}/unsealed"
    page = client.get(f"/products/{GREEN_TEA}/unsealed", headers=NAVIGATION | ENGLISH).text
    assert "This code has no seal" in page
    assert "genuine" not in page.lower()
    assert world.base.rows("SELECT * FROM scan") == []


def test_the_page_of_a_label_stays_as_it_was(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue())
    world.base.link(PRODUCT, kind="gs1:defaultLink", href="https://tea.example/home")
    answer = client.get(label.path, headers=NAVIGATION | ENGLISH)
    assert (answer.status_code, "Link" in answer.headers) == (200, False)
    assert "genuine" in answer.text
    assert len(world.base.rows("SELECT * FROM scan")) == 1
    assert client.get(label.path, headers={"Accept": "application/json"}).json["code"] == "genuine"


def test_links_of_a_sealed_label_may_be_asked_for_and_its_seal_stays_here(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue())
    world.base.link(PRODUCT)
    answer = client.get(label.path + "&linkType=gs1:instructions&a=1", headers=NAVIGATION)
    assert answer.headers["Location"] == "https://tea.example/brew?linkType=gs1:instructions&a=1"
    assert str(label.seal) not in str(answer.headers)
    whole = client.get(label.path, headers=LINKSET)
    assert whole.mimetype == "application/linkset+json"
    assert world.base.rows("SELECT * FROM scan") == []


def test_the_story_of_a_label_is_linked_for_whoever_has_its_seal(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue())
    bare, seal = label.path.partition("?")[0], str(label.seal)
    whole = client.get(label.path, headers=LINKSET)
    (one,) = links(whole, bare)["traceability"]
    assert one["href"] == f"{ORIGIN}/trace{label.path}"
    assert seal not in str(whole.headers)
    led = client.get(f"{label.path}&linkType=gs1:traceability", headers=NAVIGATION)
    assert (led.status_code, led.headers["Location"]) == (
        307,
        f"{ORIGIN}/trace{label.path}&linkType=gs1:traceability",
    )
    assert seal not in led.headers["Link"]
    page = client.get(led.headers["Location"].removeprefix(ORIGIN), headers=NAVIGATION | ENGLISH)
    assert (page.status_code, "Where it came from" in page.text) == (200, True)
    assert world.base.rows("SELECT * FROM scan") == []


@pytest.mark.parametrize("query", ["", "s=1", "s={seal}&s={seal}", "s={seal}0", "x={seal}"])
def test_and_for_nobody_else(world: World, client: FlaskClient, query: str) -> None:
    label = world.label(world.issue())
    bare = label.path.partition("?")[0]
    asked = query.format(seal=label.path.partition("s=")[2])
    answer = client.get(f"{bare}?{asked}&linkType=linkset")
    assert answer.status_code == 200
    assert "/trace/" not in answer.text
    answer = client.get(f"{bare}?{asked}&linkType=gs1:traceability", headers=JSON)
    assert answer.status_code == 404


def test_a_linkset_has_the_links_of_all_levels(world: World, client: FlaskClient) -> None:
    world.base.link(PRODUCT, languages=("zh",), media_type="text/html")
    world.base.link(LOT, kind="gs1:epcis", href="https://tea.example/epcis/A1", title="批次 A1")
    for path, headers in (("?linkType=linkset", {}), ("?linkType=all", {}), ("", LINKSET)):
        answer = client.get(LOT + path, headers=headers)
        assert (answer.status_code, answer.mimetype) == (200, "application/linkset+json")
        assert links(answer, LOT) == {"epcis": [{"href": "https://tea.example/epcis/A1", "title": "批次 A1"}]}
        assert set(links(answer)) == {"defaultLink", "pip", "recallStatus", "certificationInfo", "instructions", "dpp"}
        assert [set(one) for one in links(answer)["defaultLink"]] == [{"href", "title"}]
    assert links(answer)["instructions"] == [
        {"href": "https://tea.example/brew", "title": "How to brew", "hreflang": ["zh"], "type": "text/html"}
    ]
    assert re.fullmatch(rf"{ORIGIN}/certificates/.+", links(answer)["certificationInfo"][0]["href"])


@pytest.mark.parametrize(
    ("accept", "mimetype", "has_context"),
    [
        ("application/json", "application/json", False),
        ("application/ld+json", "application/ld+json", True),
        ("text/html", "text/html", None),
        ("image/png", "application/linkset+json", False),
    ],
)
def test_a_linkset_comes_as_it_is_asked_for(
    client: FlaskClient, accept: str, mimetype: str, has_context: bool | None
) -> None:
    answer = client.get(PRODUCT + "?linkType=linkset", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    if has_context is None:
        assert f'href="{ORIGIN}/recalls?q={GREEN_TEA}"' in answer.text
    else:
        assert ("@context" in answer.json) is has_context


@pytest.mark.parametrize(
    "spelled", ["gs1:epcis", "https://ref.gs1.org/voc/epcis", "https%3A%2F%2Fgs1.org%2Fvoc%2Fepcis"]
)
def test_a_link_type_is_led_to(world: World, client: FlaskClient, spelled: str) -> None:
    world.base.link(PRODUCT, kind="gs1:epcis", href="https://tea.example/epcis?x=1#part")
    answer = client.get(f"{LOT}/?linkType={spelled}&17=271231")
    assert answer.headers["Location"] == f"https://tea.example/epcis?x=1&linkType={spelled}&17=271231#part"


@pytest.mark.parametrize("spelled", ["gs1:epcis", "gs1:nosuch", "pip", "schema:url", "javascript:alert(1)"])
def test_a_link_type_that_is_not_there_is_not_found(client: FlaskClient, spelled: str) -> None:
    answer = client.get(f"{PRODUCT}?linkType={spelled}", headers=JSON)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["reason"] == "link-type-unknown"
    page = client.get(f"{PRODUCT}?linkType={spelled}", headers=PAGE)
    assert (page.status_code, f"/recalls?q={GREEN_TEA}" in page.text) == (404, True)


def test_languages_and_media_types_decide(world: World, client: FlaskClient) -> None:
    for tag, kind in (("zh", ""), ("en", ""), ("en", "application/pdf")):
        href = f"https://tea.example/{tag}{kind[-3:]}"
        world.base.link(PRODUCT, href=href, languages=(tag,), media_type=kind)
    asked = PRODUCT + "?linkType=gs1:instructions"

    def leads(**headers: str) -> str:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(asked, headers=given).headers["Location"].partition("?")[0].rpartition("/")[2]

    assert leads(Accept_Language="zh-CN,zh;q=0.9") == "zh"
    assert leads(Accept_Language="en-GB,en;q=0.9") == "en"
    assert leads(Accept_Language="en", Accept="application/pdf") == "enpdf"
    assert leads(Accept_Language="fr") == "zh"


def test_several_that_nothing_tells_apart_are_all_shown(world: World, client: FlaskClient) -> None:
    for number in (1, 2):
        href = f"https://shop-{number}.example/"
        world.base.link(PRODUCT, kind="gs1:hasRetailers", href=href, title=f"Shop {number}")
    answer = client.get(PRODUCT + "?linkType=gs1:hasRetailers")
    assert answer.status_code == 300
    assert [one["title"] for one in links(answer)["hasRetailers"]] == ["Shop 1", "Shop 2"]
    page = client.get(PRODUCT + "?linkType=gs1:hasRetailers", headers=PAGE)
    assert (page.status_code, "https://shop-2.example/" in page.text) == (300, True)


def test_an_enterprise_has_its_own_defaults(world: World, client: FlaskClient) -> None:
    world.base.link(PRODUCT, kind="gs1:defaultLink", href="https://tea.example/home")
    world.base.link(PRODUCT, kind="gs1:defaultLinkMulti", href="https://tea.example/en", languages=("en",))
    world.base.link(LOT, kind="gs1:defaultLink", href="https://tea.example/lot")
    for path, language, href in ((PRODUCT, "zh", "home"), (PRODUCT, "en", "en"), (LOT, "en", "lot")):
        answer = client.get(path, headers={"Accept-Language": language} | PAGE)
        assert answer.headers["Location"] == f"https://tea.example/{href}"
    assert len(links(client.get(PRODUCT, headers=LINKSET))["defaultLink"]) == 1


@pytest.mark.parametrize("path", [SSCC, GLN, GLN + "/254/D", GLN.replace("/414/", "/417/")])
def test_parcels_and_places_lead_where_their_enterprise_says(world: World, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    world.base.claim()
    world.base.link(path, kind="gs1:defaultLink", href="https://tea.example/there")
    assert client.get(path + "?a=b").headers["Location"] == "https://tea.example/there?a=b"
    assert [*links(client.get(path, headers=LINKSET), path)] == ["defaultLink"]


def test_without_a_default_all_links_are_shown(world: World, client: FlaskClient) -> None:
    world.base.claim()
    world.base.link(SSCC, kind="gs1:logisticsInfo", href="https://tea.example/parcel")
    assert client.get(SSCC).status_code == 300


def test_what_nobody_has_the_right_to_is_unknown(world: World, client: FlaskClient) -> None:
    assert client.get(f"/01/{gtin(9, '6990000')}").status_code == 404
    world.base.link(PRODUCT)
    claim = world.base.one("SELECT id FROM gtin_claim")["id"]
    claiming.revoke_claim(world.desk, claim, ASSOCIATION, "wrong")
    for path in (PRODUCT, LOT, PRODUCT + "?linkType=linkset", f"/products/{GREEN_TEA}"):
        answer = client.get(path)
        assert (answer.status_code, "tea.example" in answer.text) == (404, False)


def test_an_unknown_piece_is_told_to_be_no_label(client: FlaskClient) -> None:
    answer = client.get(f"/01/{gtin(9, '6990000')}/21/1", headers=NAVIGATION | ENGLISH)
    assert answer.status_code == 404
    assert "forged" in answer.text


MALFORMED = [
    "/01/x",
    "/01/06901234567893",
    f"/01/{GREEN_TEA}/17/271231",
    f"/01/{GREEN_TEA}//10/A",
    f"/01/{GREEN_TEA}/10/%0d%0aSet-Cookie:%20a=b",
    f"/01/{GREEN_TEA}/21/%EF%BC%91",
    f"/01/{GREEN_TEA}/21/" + "9" * 3000,
    f"/01/..%2F01%2F{GREEN_TEA}",
    f"/01/{GREEN_TEA}/AQnYUc1gmiCNV4JG",
    f"/01/{GREEN_TEA}?17=991399",
    f"/01/{GREEN_TEA}?linkType=gs1:pip&linkType=gs1:pip",
    f"/01/{GREEN_TEA}?linkType={'x' * 300}",
    f"/gtin/{GREEN_TEA}",
    "/sscc/1/",
    "/00/1",
    "/414/x",
    "/AQnYUc1gmiCNV4JG",
]


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path[:48])
def test_what_is_no_address_is_a_bad_request(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=JSON)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["detail"].startswith("expected ")
    page = client.get(path, headers=PAGE | ENGLISH)
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "Set-Cookie" not in page.headers


def test_a_page_tells_of_a_code_like_a_label_that_it_is_none(client: FlaskClient) -> None:
    assert "forged" in client.get("/01/x", headers=NAVIGATION | ENGLISH).text
    assert "no address of a product" in client.get("/00/1", headers=NAVIGATION | ENGLISH).text


@pytest.mark.parametrize("path", [PRODUCT, SSCC, "/01/x"])
def test_options_and_head(client: FlaskClient, path: str) -> None:
    allowed = client.options(path, headers={"Origin": "https://else.example"})
    assert (allowed.status_code, allowed.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert allowed.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (got.status_code, b"")
    assert head.headers.get("Location") == got.headers.get("Location")
    assert client.post(path).status_code == 405


def test_the_resolver_says_what_it_does(client: FlaskClient) -> None:
    answer = client.get("/.well-known/gs1resolver")
    assert answer.json["resolverRoot"] == ORIGIN
    assert answer.json["supportedPrimaryKeys"] == ["00", "01", "414", "417"]
    assert answer.json["supportedLinkType"] == [
        {"namespace": "https://ref.gs1.org/voc/", "prefix": "gs1:"},
        {"namespace": "https://test.uncefact.org/vocabulary/linkTypes/", "prefix": "untp:"},
    ]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_link_back_to_the_resolver_leads_nowhere(world: World, client: FlaskClient) -> None:
    world.base.link(PRODUCT, kind="gs1:epcis", href=f"{ORIGIN}{PRODUCT}?linkType=gs1:epcis")
    assert client.get(PRODUCT + "?linkType=gs1:epcis").status_code == 404


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", "https://tea.example/?a=1#b"),
        ("s=1", "https://tea.example/?a=1#b"),
        ("x=1&s=2&y=3", "https://tea.example/?a=1&x=1&y=3#b"),
        ("x=a\r\nSet-Cookie: y", "https://tea.example/?a=1&x=a%0D%0ASet-Cookie:%20y#b"),
        ('x="><script>', "https://tea.example/?a=1&x=%22%3E%3Cscript%3E#b"),
        ("x=#evil", "https://tea.example/?a=1&x=%23evil#b"),
        ("url=https://evil.example", "https://tea.example/?a=1&url=https://evil.example#b"),
        ("x=茶", "https://tea.example/?a=1&x=%E8%8C%B6#b"),
    ],
)
def test_queries_are_passed_on_and_change_no_host(query: str, address: str) -> None:
    assert passed_on("https://tea.example/?a=1#b", query) == address


def test_two_enterprises_do_not_see_each_others_links(world: World, client: FlaskClient) -> None:
    world.base.link(PRODUCT, href="https://tea.example/first")
    claim = world.base.one("SELECT id FROM gtin_claim")["id"]
    world.base.enterprise(2)
    claiming.revoke_claim(world.desk, claim, ASSOCIATION, "sold")
    world.base.claim("gtin", str(GREEN_TEA), 2)
    answer = client.get(PRODUCT + "?linkType=linkset")
    assert (answer.status_code, "tea.example" in answer.text) == (404, False)
