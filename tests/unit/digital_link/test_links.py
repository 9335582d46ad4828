"""Links that may be kept, and which of them answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from traceqr.digital_link.identified import Identified
from traceqr.digital_link.links import InvalidLink, Link, Placed, Wish, checked, choose, default
from traceqr.digital_link.linkset import MAX_HEADER, header, linkset
from traceqr.digital_link.vocabulary import link_type

PRODUCT = Identified.parse("/01/06901234567892")
LOT = Identified.parse("/01/06901234567892/10/A1")
PLAIN = Link("gs1:pip", "https://tea.example/green", "绿茶")


def placed(*links: Link, about: Identified = PRODUCT) -> tuple[Placed, ...]:
    return tuple(Placed(about, link) for link in links)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://tea.example", "https://tea.example/"),
        ("https://TEA.example:443/a?b=c", "https://tea.example/a?b=c"),
        ("https://tea.example:8443/a#part-1", "https://tea.example:8443/a#part-1"),
    ],
)
def test_addresses_are_kept_in_one_spelling(address: str, kept: str) -> None:
    assert checked(replace(PLAIN, href=address)).href == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://tea.example/",
        "//tea.example/",
        "/products",
        "https://user:pass@tea.example/",
        "https://tea.example@evil.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://tea.example\\@evil.example/",
        "https://tea.example/a\r\nSet-Cookie: x=1",
        'https://tea.example/">',
        "https://tea.example/茶",
        "https://tea.example/#a#b",
        "https://tea.example/" + "a" * 600,
        "https://tea.example/#" + "a" * 300,
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(address: str) -> None:
    with pytest.raises(InvalidLink, match="expected ") as refusal:
        checked(replace(PLAIN, href=address))
    assert refusal.value.part == "href"


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("kind", {"kind": "gs1:nonsense"}),
        ("kind", {"kind": "gs1:defaultLink", "languages": ("en",)}),
        ("title", {"title": " "}),
        ("title", {"title": "x" * 121}),
        ("title", {"title": "a\nb"}),
        ("languages", {"languages": ("english",)}),
        ("languages", {"languages": ("en", "en")}),
        ("languages", {"languages": tuple(f"a{letter}" for letter in "abcdefghijk")}),
        ("media_type", {"media_type": "html"}),
        ("media_type", {"media_type": 'text/html"; rel="x'}),
        ("context", {"context": "a b"}),
    ],
    ids=str,
)
def test_links_that_are_not_kept(part: str, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidLink, match="expected ") as refusal:
        checked(replace(PLAIN, **wrong))  # type: ignore[arg-type]
    assert refusal.value.part == part


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("gs1:pip", "gs1:pip"),
        ("https://ref.gs1.org/voc/pip", "gs1:pip"),
        ("https://gs1.org/voc/pip", "gs1:pip"),
        ("http://gs1.org/voc/pip", "gs1:pip"),
        ("pip", None),
        ("gs1:", None),
        ("gs1:a b", None),
        ("schema:url", None),
        ("gs1:" + "x" * 65, None),
    ],
)
def test_link_types_have_several_spellings(text: str, kind: str | None) -> None:
    assert link_type(text) == kind


ENGLISH = replace(PLAIN, href="https://tea.example/en", languages=("en",))
CHINESE = replace(PLAIN, href="https://tea.example/zh", languages=("zh",))
TRADITIONAL = replace(PLAIN, href="https://tea.example/hant", languages=("zh-Hant",))
DATA = replace(PLAIN, href="https://tea.example/data", media_type="application/ld+json")


@pytest.mark.parametrize(
    ("wish", "href"),
    [
        (Wish(), "en"),
        (Wish((("zh", 1.0),)), "zh"),
        (Wish((("zh-CN", 1.0), ("en", 0.5))), "zh"),
        (Wish((("en-GB", 1.0),)), "en"),
        (Wish((("zh-Hant", 1.0),)), "zh"),
        (Wish((("fr", 1.0), ("zh", 0.1))), "zh"),
        (Wish((("fr", 1.0),)), "data"),
        (Wish(media_types=(("application/ld+json", 1.0),)), "data"),
        (Wish((("zh", 1.0),), (("application/ld+json", 1.0),)), "zh"),
    ],
    ids=str,
)
def test_the_link_that_fits_best_answers(wish: Wish, href: str) -> None:
    found = choose(placed(ENGLISH, CHINESE, DATA), "gs1:pip", wish)
    assert [one.link.href for one in found] == [f"https://tea.example/{href}"]


def test_what_is_narrower_answers_before_what_fits_as_well() -> None:
    lot = replace(PLAIN, href="https://tea.example/lot")
    found = choose((*placed(lot, about=LOT), *placed(PLAIN)), "gs1:pip", Wish())
    assert [one.link.href for one in found] == ["https://tea.example/lot"]


def test_several_that_nothing_tells_apart_are_all_told() -> None:
    shops = [Link("gs1:hasRetailers", f"https://shop-{number}.example/", "Shop") for number in (1, 2)]
    assert choose(placed(*shops), "gs1:hasRetailers", Wish()) == placed(*shops)
    assert choose(placed(*shops), "gs1:epcis", Wish()) == ()


ONE = Link("gs1:defaultLink", "https://tea.example/all", "All")
MULTI = Link("gs1:defaultLinkMulti", "https://tea.example/en", "English", ("en",))


def test_one_of_several_defaults_answers_where_it_is_asked_for() -> None:
    links = placed(MULTI, ONE)
    for wish, link in ((Wish(), ONE), (Wish((("en", 1.0),)), MULTI), (Wish((("fr", 1.0),)), ONE)):
        found = default(links, wish)
        assert found is not None
        assert found.link == link


def test_a_default_of_the_lot_comes_before_several_of_the_product() -> None:
    lot = replace(ONE, href="https://tea.example/lot")
    found = default((*placed(lot, about=LOT), *placed(MULTI, ONE)), Wish((("en", 1.0),)))
    assert found is not None
    assert found.link == lot
    assert default((), Wish()) is None


def test_a_linkset_has_an_anchor_for_each_level() -> None:
    links = (*placed(ENGLISH, about=LOT), *placed(ONE, DATA, replace(PLAIN, context="wholesale")))
    assert linkset("https://id.example", "绿茶", links) == {
        "linkset": [
            {
                "anchor": "https://id.example/01/06901234567892/10/A1",
                "itemDescription": "绿茶",
                "https://ref.gs1.org/voc/pip": [
                    {"href": "https://tea.example/en", "title": "绿茶", "hreflang": ["en"]}
                ],
            },
            {
                "anchor": "https://id.example/01/06901234567892",
                "itemDescription": "绿茶",
                "https://ref.gs1.org/voc/defaultLink": [{"href": "https://tea.example/all", "title": "All"}],
                "https://ref.gs1.org/voc/pip": [
                    {"href": "https://tea.example/data", "title": "绿茶", "type": "application/ld+json"},
                    {"href": "https://tea.example/green", "title": "绿茶", "context": ["wholesale"]},
                ],
            },
        ]
    }


def test_a_header_is_of_ascii_and_has_a_bound() -> None:
    written = header("https://id.example/01/06901234567892?linkType=linkset", placed(*[TRADITIONAL] * 100))
    assert written.isascii()
    assert len(written) <= MAX_HEADER
    assert written.startswith('<https://id.example/01/06901234567892?linkType=linkset>; rel="linkset";')
    assert "title*=UTF-8''%E7%BB%BF%E8%8C%B6; hreflang=\"zh-Hant\"" in written
