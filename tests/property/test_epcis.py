"""What is written of an event is read as the same, in every spelling; whatever else comes is refused, and no more."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean
from support.epcis import PATHS, document_of

from traceqr.epcis import document, query, writing
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.event_hash import hash_id
from traceqr.epcis.problem import Refused
from traceqr.epcis.spelling import EpcFormat, read_place, read_thing, write_place, write_thing
from traceqr.epcis.vocabulary import DISPOSITIONS, STEPS, CbvFormat
from traceqr.epcis.writing import Form, Told
from traceqr.tracing.event import Event
from traceqr.tracing.thing import Thing

GS1 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SERIALS = st.text(GS1, min_size=1, max_size=20)
DIGITS = st.text("0123456789", min_size=11, max_size=11)
LENGTHS = st.integers(6, 12)


def _checked(digits: str) -> str:
    return f"{digits}{ean.calc_check_digit(digits)}"


GTINS = st.builds(lambda first, rest: _checked(f"{first}{rest}0"), st.integers(0, 9), DIGITS)
GLNS = st.builds(lambda rest: _checked(f"{rest}4"), DIGITS)
LOTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=64)
SINGLE = st.one_of(
    st.builds(lambda gtin, serial: f"21/{gtin}/{serial}", GTINS, SERIALS),
    st.builds(
        lambda gtin, batch, index: f"21/{gtin}/{batch:08d}{index:08d}", GTINS, st.integers(1, 9), st.integers(0, 50)
    ),
    st.builds(lambda rest, more: f"00/{_checked(rest + f'{more:06d}')}", DIGITS, st.integers(0, 99)),
    st.builds(lambda rest, serial: f"8003/0{_checked(rest + '1')}{serial[:16]}", DIGITS, SERIALS),
    st.builds(lambda rest, more: f"8004/{rest}0{more[:16]}", DIGITS, SERIALS),
    st.builds(lambda name: f"uri/urn:x:{name}", st.text("abc/%20", min_size=1).filter(lambda text: "%" not in text)),
)
CLASSES = st.one_of(
    st.builds(lambda gtin, lot: f"10/{gtin}/{lot}", GTINS, LOTS), st.builds(lambda gtin: f"01/{gtin}", GTINS)
)
PLACES = st.one_of(GLNS.map("414/{}".format), st.builds("414/{}/{}".format, GLNS, SERIALS.filter(lambda x: x != "0")))
SPELLINGS = st.one_of(
    LENGTHS.map("urn:{}".format), st.sampled_from(["https://id.gs1.org", "https://qr.example.com:8443/a/b"])
)


@given(st.one_of(SINGLE, CLASSES), SPELLINGS)
def test_things_keep_their_spelling(text: str, spelling: str) -> None:
    thing = Thing.parse(text)
    uri = write_thing(thing, spelling)
    again, spelled = read_thing(uri)
    assert again == thing
    assert write_thing(again, spelled) == uri
    if uri.startswith("urn:epc:"):
        assert spelled == spelling
    link = write_thing(again, spelled, EpcFormat.ALWAYS_GS1_DIGITAL_LINK)
    assert read_thing(link)[0] == thing
    urn = write_thing(*read_thing(link), EpcFormat.ALWAYS_EPC_URN, lambda _: 7)
    assert read_thing(urn)[0] == thing


@given(PLACES, SPELLINGS)
def test_places_keep_their_spelling(text: str, spelling: str) -> None:
    uri = write_place(text, spelling)
    assert read_place(uri) == (text, spelling)
    assert read_place(write_place(text, spelling, EpcFormat.ALWAYS_GS1_DIGITAL_LINK))[0] == text


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(-1e9, 1e9),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["tea:a", "tea:b"]), inner),
    max_leaves=9,
)
URIS = st.builds(lambda text, spelling: write_thing(Thing.parse(text), spelling), SINGLE, SPELLINGS)
LISTS = st.lists(URIS, max_size=12, unique_by=lambda uri: read_thing(uri)[0].text)
QUANTITIES = st.lists(
    st.builds(
        lambda text, spelling, quantity: {
            "epcClass": write_thing(Thing.parse(text), spelling),
            "quantity": quantity,
            "uom": "KGM",
        },
        CLASSES,
        SPELLINGS,
        st.one_of(st.integers(0, 10**9), st.floats(0, 1e6, allow_subnormal=False)),
    ),
    max_size=3,
)
WORDS = {
    "bizStep": st.sampled_from(sorted(STEPS.words)).flatmap(
        lambda word: st.sampled_from([STEPS.write(word, form) for form in CbvFormat])
    ),
    "disposition": st.sampled_from(sorted(DISPOSITIONS.words)),
    "readPoint": st.builds(lambda place, spelling: {"id": write_place(place, spelling)}, PLACES, SPELLINGS),
    "tea:more": JSON,
    "eventID": st.uuids().map("urn:uuid:{}".format),
}
EVENTS = st.builds(
    lambda what, more: {
        "type": "TransformationEvent",
        "eventTime": "2026-09-01T08:00:00.123+08:00",
        "eventTimeZoneOffset": "+08:00",
        "transformationID": "urn:x:run",
        "inputEPCList": ["urn:x:input"],
        **what,
        **more,
    },
    st.fixed_dictionaries({"outputEPCList": LISTS, "inputQuantityList": QUANTITIES}),
    st.fixed_dictionaries({}, optional=WORDS),
)


def _read(event: dict[str, Any]) -> Event:
    found = document.read(json.dumps(document_of([event])).encode())
    assert found.problems == ()
    return found.events[0]


@settings(deadline=None)
@given(EVENTS)
def test_what_is_written_is_read_as_the_same(value: dict[str, Any]) -> None:
    event = _read(value)
    text = "".join(writing.document([Told(event, 5)], 5))
    assert document.read(text.encode()).events == (event,)
    alone = document.read("".join(writing.event_text(Told(event))).encode())
    assert alone.events == (event,)


@settings(deadline=None)
@given(EVENTS, st.sampled_from(EpcFormat), st.sampled_from(CbvFormat))
def test_every_form_says_the_same(value: dict[str, Any], epcs: EpcFormat, words: CbvFormat) -> None:
    event = _read(value)
    form = Form(epcs, words, lambda _: 8)
    again = document.read("".join(writing.event_text(Told(event), form)).encode()).events[0]
    assert [item.run for item in again.items] == [item.run for item in event.items]
    assert replace(again, items=(), content={}) == replace(event, items=(), content={})
    assert hash_id(again) == hash_id(event)


@given(LISTS)
def test_lists_are_told_whole_and_each_thing_once(uris: list[str]) -> None:
    found = _read(
        {
            "type": "ObjectEvent",
            "eventTime": "2026-09-01T08:00:00Z",
            "eventTimeZoneOffset": "+08:00",
            "action": "ADD",
            "epcList": ["urn:x:one", *uris],
        }
    )
    things = [thing.text for item in found.items for thing in item.run.things()]
    assert sorted(things) == sorted(["uri/urn:x:one", *(read_thing(uri)[0].text for uri in uris)])


TEXTS = [path.read_text(encoding="utf-8") for path in PATHS]


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_whatever_comes_is_read_or_refused(text: str, data: st.DataObject) -> None:
    """Documents with some of their text replaced by something else."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    other = data.draw(st.text('{}[],:"\\01eE-. aTt', max_size=9) | st.text(max_size=3))
    changed = text[:start] + other + text[end:]
    try:
        found = document.read(changed.encode("utf-8", errors="surrogatepass"))
    except Refused:
        return
    assert all(bool(entry.event) != bool(entry.problems) for entry in found.entries)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [each for key, below in inner for each in _leaves(below, (*path, key))]


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_any_member_may_be_anything(text: str, data: st.DataObject) -> None:
    """Documents with one of their values replaced by another that is JSON as well."""
    value = json.loads(text)
    *path, last = data.draw(st.sampled_from([each for each in _leaves(value) if each]))
    parent = value
    for step in path:
        parent = parent[step]
    parent[last] = data.draw(JSON | st.just({}) | st.just([]))
    try:
        found = document.read(json.dumps(value).encode())
    except Refused:
        return
    for entry in found.entries:
        assert bool(entry.event) != bool(entry.problems)
        if entry.event:
            assert entry.event.id
            assert document.read("".join(writing.event_text(Told(entry.event))).encode()).events == (entry.event,)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_any_uri_is_read_or_refused(text: str) -> None:
    for start in ("", "urn:epc:id:sgtin:", "urn:epc:idpat:", "https://id.gs1.org/01/", "https://id.gs1.org/414/"):
        for read in (read_thing, read_place):
            with contextlib.suppress(InvalidSpelling):
                read(start + text)


NAMED = st.sampled_from(["EQ_bizStep", "MATCH_epc", "GE_eventTime", "perPage", "EQ_tea:a", "GT_value_CEL", "orderBy"])


@given(st.lists(st.tuples(NAMED | st.text(max_size=20), st.text(max_size=30))))
def test_any_query_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(Refused):
        query.from_query_string("&".join(f"{name}={value}" for name, value in pairs), {"tea": "https://example.com/"})


@given(st.dictionaries(NAMED | st.text(max_size=20), JSON))
def test_any_query_in_json_is_read_or_refused(value: dict[str, Any]) -> None:
    with contextlib.suppress(Refused):
        query.from_json(value, {"tea": "https://example.com/"})
