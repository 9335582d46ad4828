"""Identifiers: EPC URNs and Digital Links into one spelling and back, and what is none of them refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from traceqr.epcis.canonical import canonical
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.spelling import EpcFormat, read_place, read_thing, write_place, write_thing
from traceqr.epcis.urn import NoEpcUrn, write
from traceqr.tracing.thing import Thing

THINGS = {
    "sgtin": (
        "urn:epc:id:sgtin:9521141.012345.AB-7",
        "https://id.gs1.org/01/09521141123454/21/AB-7",
        "21/09521141123454/AB-7",
    ),
    "sgtin-of-a-packing-level": (
        "urn:epc:id:sgtin:9521141.112345.1",
        "https://id.gs1.org/01/19521141123451/21/1",
        "21/19521141123451/1",
    ),
    "sgtin-escaped": (
        "urn:epc:id:sgtin:9521141.012345.%2F%25%22%26%3C%3E%3F!'()*+,:;=_.",
        "https://id.gs1.org/01/09521141123454/21/%2F%25%22%26%3C%3E%3F%21'%28%29%2A%2B%2C%3A;=_.",
        "21/09521141123454//%\"&<>?!'()*+,:;=_.",
    ),
    "sgtin-of-12": (
        "urn:epc:id:sgtin:952114112345.0.9",
        "https://id.gs1.org/01/09521141123454/21/9",
        "21/09521141123454/9",
    ),
    "sscc": (
        "urn:epc:id:sscc:9521141.1000000017",
        "https://id.gs1.org/00/195211410000000172",
        "00/195211410000000172",
    ),
    "lgtin": (
        "urn:epc:class:lgtin:9521141.098765.L-1",
        "https://id.gs1.org/01/09521141987650/10/L-1",
        "10/09521141987650/L-1",
    ),
    "product": (
        "urn:epc:idpat:sgtin:9521141.012345.*",
        "https://id.gs1.org/01/09521141123454",
        "01/09521141123454",
    ),
    "grai": (
        "urn:epc:id:grai:9521141.00010.P7",
        "https://id.gs1.org/8003/09521141000106P7",
        "8003/09521141000106P7",
    ),
    "grai-of-12": (
        "urn:epc:id:grai:952114100010..P7",
        "https://id.gs1.org/8003/09521141000106P7",
        "8003/09521141000106P7",
    ),
    "grai-class": (
        "urn:epc:idpat:grai:9521141.00010.*",
        "https://id.gs1.org/8003/09521141000106",
        "8003/09521141000106",
    ),
    "giai": ("urn:epc:id:giai:9521141.S%2F4", "https://id.gs1.org/8004/9521141S%2F4", "8004/9521141S/4"),
}
PLACES = {
    "sgln": ("urn:epc:id:sgln:9521141.00001.0", "https://id.gs1.org/414/9521141000014", "414/9521141000014"),
    "sgln-with-extension": (
        "urn:epc:id:sgln:9521141.00001.DOCK%2F2",
        "https://id.gs1.org/414/9521141000014/254/DOCK%2F2",
        "414/9521141000014/DOCK/2",
    ),
    "sgln-of-12": ("urn:epc:id:sgln:952114100001..0", "https://id.gs1.org/414/9521141000014", "414/9521141000014"),
    "pgln": ("urn:epc:id:pgln:9521141.00000", "https://id.gs1.org/417/9521141000007", "417/9521141000007"),
}


def _length(urn: str) -> int:
    return len(urn.split(":")[4].partition(".")[0])


@pytest.mark.parametrize("name", THINGS)
class TestThings:
    def test_the_urn_is_read_and_written(self, name: str) -> None:
        urn, _, text = THINGS[name]
        thing, spelling = read_thing(urn)
        assert (thing.text, spelling) == (text, f"urn:{_length(urn)}")
        assert write_thing(thing, spelling) == urn

    def test_the_link_is_read_and_written(self, name: str) -> None:
        _, link, text = THINGS[name]
        thing, spelling = read_thing(link)
        assert (thing.text, spelling) == (text, "https://id.gs1.org")
        assert write_thing(thing, spelling) == link

    def test_one_becomes_the_other_where_the_prefix_is_known(self, name: str) -> None:
        urn, link, text = THINGS[name]
        thing = Thing.parse(text)
        assert write_thing(*read_thing(urn), EpcFormat.ALWAYS_GS1_DIGITAL_LINK) == link
        assert write_thing(thing, "https://id.gs1.org", EpcFormat.ALWAYS_EPC_URN, lambda _: _length(urn)) == urn
        assert write_thing(thing, "https://id.gs1.org", EpcFormat.ALWAYS_EPC_URN) == link

    def test_the_prefix_is_asked_for_by_the_digits_that_begin_with_it(self, name: str) -> None:
        text = THINGS[name][2]
        asked: list[str] = []
        write_thing(Thing.parse(text), "", EpcFormat.ALWAYS_EPC_URN, asked.append)
        assert asked[0].startswith("9521141")

    def test_both_have_one_canonical_form(self, name: str) -> None:
        urn, link, _ = THINGS[name]
        assert canonical(urn) == canonical(link) == link


@pytest.mark.parametrize("name", PLACES)
class TestPlaces:
    def test_are_read_and_written_both_ways(self, name: str) -> None:
        urn, link, text = PLACES[name]
        assert read_place(urn) == (text, f"urn:{_length(urn)}")
        assert read_place(link) == (text, "https://id.gs1.org")
        assert write_place(*read_place(urn)) == urn
        assert write_place(*read_place(link)) == link
        assert write_place(*read_place(urn), EpcFormat.ALWAYS_GS1_DIGITAL_LINK) == link
        assert write_place(text, "", EpcFormat.ALWAYS_EPC_URN, lambda _: _length(urn)) == urn
        assert canonical(urn) == link


class TestLinks:
    def test_keep_the_origin_they_came_with(self) -> None:
        uri = "https://shop.example.com:8443/tea/01/09521141123454/21/7"
        thing, spelling = read_thing(uri)
        assert (thing.text, spelling) == ("21/09521141123454/7", "https://shop.example.com:8443/tea")
        assert write_thing(thing, spelling) == uri

    def test_may_escape_what_need_not_be(self) -> None:
        thing, _ = read_thing("https://id.gs1.org/01/09521141123454/21/%41%2dB(7)")
        assert thing.text == "21/09521141123454/A-B(7)"

    def test_have_lots_of_ours_which_no_epc_urn_has(self) -> None:
        thing = Thing.lot("09521141987650", "2026年春茶 第8批/东坡 " + "x" * 30)
        uri = write_thing(thing, "https://id.gs1.org")
        assert uri.startswith("https://id.gs1.org/01/09521141987650/10/2026%E5%B9%B4")
        assert read_thing(uri)[0] == thing
        with pytest.raises(NoEpcUrn, match="expected at most 20 characters of GS1's for an EPC URN"):
            write(thing, 7)
        assert write_thing(thing, "urn:7") == uri


@pytest.mark.parametrize(
    "uri",
    [
        "urn:uuid:7d1f4bd0-6c6c-4d0b-8d8b-3f9e9f5b8a11",
        "urn:epc:id:gdti:9521141.00002.RUN-12",
        "https://example.com/orders/01/5",
        "https://example.com/items/7?x=1#part",
        "https://id.gs1.org/253/9521141000024RUN-12",
    ],
)
def test_other_uris_are_kept(uri: str) -> None:
    thing, spelling = read_thing(uri)
    assert (thing.text, spelling) == (f"uri/{uri}", "")
    assert write_thing(thing, spelling, EpcFormat.ALWAYS_EPC_URN) == uri
    assert read_place(uri) == (uri, "")


REFUSED = {
    "sscc-check-digit": ("https://id.gs1.org/00/195211410000000171", "expected check digit 2 at the end of SSCC"),
    "gtin-check-digit": ("https://id.gs1.org/01/09521141123455/21/7", "expected check digit 4 at the end of GTIN"),
    "grai-check-digit": ("https://id.gs1.org/8003/09521141000108P7", "expected check digit 6 at the end of GRAI"),
    "gtin-of-13-digits": ("https://id.gs1.org/01/9521141123454/21/7", "expected a GTIN of 14 digits"),
    "digits-too-few": ("urn:epc:id:sgtin:9521141.01234.7", "expected 13 digits in prefix and reference"),
    "digits-too-many": ("urn:epc:id:sscc:9521141.10000000171", "expected 17 digits in prefix and reference"),
    "prefix-too-short": ("urn:epc:id:sgtin:95211.01234567.7", "expected a company prefix of 6 to 12 digits"),
    "no-serial": ("urn:epc:id:sgtin:9521141.012345.", "expected a company prefix of 6 to 12 digits"),
    "slash-not-escaped": ("urn:epc:id:sgtin:9521141.012345.a/b", "expected characters as an EPC URN spells them"),
    "escaped-in-vain": ("urn:epc:id:sgtin:9521141.012345.%41", "expected characters as an EPC URN spells them"),
    "escaped-in-lower-case": ("urn:epc:id:sgtin:9521141.012345.%2f", "expected characters as an EPC URN spells them"),
    "lot-too-long-for-a-urn": ("urn:epc:class:lgtin:9521141.012345." + "x" * 21, "expected a lot of 1 to 20"),
    "serial-too-long": ("https://id.gs1.org/01/09521141123454/21/" + "x" * 21, "expected a serial of 1 to 20"),
    "class-without-a-star": ("urn:epc:idpat:sgtin:9521141.012345.7", "expected a class to end with"),
    "attributes": ("https://id.gs1.org/01/09521141123454/21/7?17=280101", "without attributes"),
    "two-qualifiers": ("https://id.gs1.org/01/09521141123454/10/L/21/7", "a serial or 10 and a lot alone"),
    "another-qualifier": ("https://id.gs1.org/01/09521141123454/22/7", "a serial or 10 and a lot alone"),
    "bad-percent": ("https://id.gs1.org/01/09521141123454/21/%4", "percent-encoded"),
    "not-utf-8": ("https://id.gs1.org/01/09521141123454/10/%ff%fe", "percent-encoded UTF-8"),
    "no-uri": ("tea", "expected a URI of at most 512 characters"),
    "a-space": ("urn:uuid:a b", "expected a URI of at most 512 characters"),
    "too-long": ("urn:x:" + "y" * 600, "expected a URI of at most 512 characters"),
    "chinese": ("https://example.com/茶", "expected a URI of at most 512 characters"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    uri, words = REFUSED[name]
    with pytest.raises(InvalidSpelling, match=words):
        read_thing(uri)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("https://id.gs1.org/414/9521141000018", "expected check digit 4 at the end of GLN"),
        ("https://id.gs1.org/414/952114100001", "expected a GLN of 13 digits"),
        ("https://id.gs1.org/414/9521141000014/255/X", "expected a GLN, or 414"),
        ("https://id.gs1.org/414/9521141000014?x=1", "without attributes"),
        ("urn:epc:id:sgln:9521141.0001.0", "expected 12 digits in prefix and reference"),
        ("urn:epc:id:sgln:9521141.00001." + "x" * 21, "expected an extension of 1 to 20 characters"),
        ("urn:epc:id:pgln:9521141.000011", "expected 12 digits in prefix and reference"),
    ],
)
def test_places_refused(uri: str, words: str) -> None:
    with pytest.raises(InvalidSpelling, match=words):
        read_place(uri)


@pytest.mark.parametrize(
    ("uri", "link"),
    [
        ("urn:epc:id:gdti:4012345.55555.498", "https://id.gs1.org/253/4012345555554498"),
        ("urn:epc:id:gsrn:4012345.9876540000", "https://id.gs1.org/8018/401234598765400000"),
        ("urn:epc:id:ginc:4012345.333", "https://id.gs1.org/401/4012345333"),
        ("urn:epc:id:cpi:4012345.ABC.123", "https://id.gs1.org/8010/4012345ABC/8011/123"),
        ("urn:epc:idpat:cpi:4012345.ABC.*", "https://id.gs1.org/8010/4012345ABC"),
        ("urn:epc:id:itip:4012345.012345.01.02.999", "https://id.gs1.org/8006/040123451234560102/21/999"),
        ("urn:epc:id:upui:4012345.012345.AB12", "https://id.gs1.org/01/04012345123456/235/AB12"),
        ("https://example.com/253/4012345555554498?x=1", "https://id.gs1.org/253/4012345555554498"),
        ("https://example.com/01/04012345123456/21/12", "https://id.gs1.org/01/04012345123456/21/12"),
        ("urn:epc:id:itip:4012345.0123.01.02.9", "urn:epc:id:itip:4012345.0123.01.02.9"),
        ("https://example.com/about", "https://example.com/about"),
    ],
)
def test_keys_that_are_kept_as_uris_have_a_canonical_form_too(uri: str, link: str) -> None:
    assert canonical(uri) == link


def test_the_table_in_the_handbook() -> None:
    page = (Path(__file__).parents[3] / "docs" / "epcis.md").read_text(encoding="utf-8")
    rows = [re.findall("`([^`]+)`", line) for line in page.splitlines() if re.match(r"\| .*`urn:epc:.*`/", line)]
    assert len(rows) == 8
    for urn, *_, path, inside in rows:
        link = f"https://id.gs1.org{path}"
        found = {read_place(uri)[0] if inside[0] == "4" else read_thing(uri)[0].text for uri in (urn, link)}
        assert found == {inside}
