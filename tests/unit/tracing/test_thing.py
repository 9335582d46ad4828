"""Things have one spelling each, with check digits that are right, and lines on which they follow each other."""

from __future__ import annotations

import pytest

from traceqr.tracing.thing import InvalidThing, Thing, ThingKind, batch_of_line, label_of, on_line, places

LINES = [
    # thing, line, number
    ("21/06901234000016/0000000500000123", "21/06901234000016/00000005########", 123),
    ("21/06901234000016/AB12", "21/06901234000016/AB##", 12),
    ("21/06901234000016/AB", "21/06901234000016/AB", 0),
    ("21/06901234000016/12345678901234567890", "21/06901234000016/123456789012########", 34567890),
    ("21/06901234000016/a/1", "21/06901234000016/a/#", 1),
    ("00/306901234000000019", "00/306901234########", 1),
    ("10/06901234000016/L-1", "10/06901234000016/L-1", 0),
    ("10/06901234000016/L#1", "10/06901234000016/L#1", 0),
    ("10/06901234000016/春茶 01", "10/06901234000016/春茶 01", 0),
    ("01/06901234000016", "01/06901234000016", 0),
    ("8003/06901234000016CRATE007", "8003/06901234000016CRATE###", 7),
    ("8003/06901234000016", "8003/06901234000016", 0),
    ("8004/6901234TRUCK9", "8004/6901234TRUCK#", 9),
    ("uri/urn:example:thing#7", "uri/urn:example:thing#7", 0),
]

REFUSED = [
    ("21/06901234000017/1", "expected check digit 6 at the end of GTIN '06901234000017', got 7"),
    ("21/06901234000016/", "expected a serial of 1 to 20 characters that GS1 allows, got ''"),
    ("21/06901234000016/１", "expected a serial of 1 to 20 characters that GS1 allows, got '１'"),
    ("21/06901234000016/123456789012345678901", "expected a serial of 1 to 20"),
    ("21/6901234000016/1", "expected a GTIN of 14 digits, got '6901234000016'"),
    ("10/06901234000016/", "expected a lot of 1 to 64 printable characters, got ''"),
    ("10/06901234000016/a\nb", "expected a lot of 1 to 64 printable characters"),
    ("10/06901234000016/ a", "expected a lot of 1 to 64 printable characters"),
    ("00/306901234000000014", "expected check digit 9 at the end of SSCC '306901234000000014', got 4"),
    ("00/30690123400000001", "expected an SSCC of 18 digits, got '30690123400000001'"),
    ("8003/16901234000013", "expected a GRAI: a zero, 13 digits and up to 16 characters"),
    ("8003/06901234000017", "expected check digit 6 at the end of GRAI"),
    ("8004/ABCD", "expected a GIAI"),
    ("uri/not a uri", "expected a URI of at most 512 characters"),
    ("uri/urn:" + "a" * 600, "expected a URI of at most 512 characters"),
    ("414/6901234000009", "expected 21/, 10/, 01/, 00/, 8003/, 8004/ or uri/ and what it names"),
    ("21", "expected 21/, 10/, 01/, 00/, 8003/, 8004/ or uri/ and what it names, got '21'"),
]


@pytest.mark.parametrize(("text", "line", "number"), LINES)
def test_stands_at_a_place_of_a_line(text: str, line: str, number: int) -> None:
    thing = Thing.parse(text)
    assert (thing.line, thing.number) == (line, number)
    assert on_line(line, number) == thing
    assert number < places(line)


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_thing_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidThing) as refused:
        Thing.parse(text)
    assert message in str(refused.value)


def test_a_label_is_an_item_on_the_line_of_its_batch() -> None:
    label = Thing.label("06901234000016", 7, 42)
    assert label == Thing.item("06901234000016", "0000000700000042")
    assert label_of(label) == (7, 42)
    assert batch_of_line(label.line) == 7


@pytest.mark.parametrize("text", ["21/06901234000016/1", "10/06901234000016/0000000700000042"])
def test_what_has_no_serial_of_16_digits_is_no_label(text: str) -> None:
    thing = Thing.parse(text)
    assert label_of(thing) is None
    assert batch_of_line(thing.line) is None


def test_units_that_follow_each_other_are_on_one_line() -> None:
    one, two = Thing.unit("306901234000000019"), Thing.unit("306901234000000026")
    assert one.line == two.line
    assert two.number == one.number + 1


def test_classes_are_told_from_single_things() -> None:
    assert [kind for kind in ThingKind if kind.is_class] == [ThingKind.LOT, ThingKind.PRODUCT]
