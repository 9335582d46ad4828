"""Whatever the elements, an address says them, and whatever the text, reading it ends well."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from traceqr.digital_link.elements import PATHS, check_digit, fault
from traceqr.digital_link.identified import Identified, InvalidDigitalLink

CHARACTERS = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
DIGITS = {"00": 17, "01": 13, "414": 12, "417": 12}


@st.composite
def identified(draw: st.DrawFn) -> Identified:
    key = draw(st.sampled_from(sorted(PATHS)))
    digits = draw(st.text("0123456789", min_size=DIGITS[key], max_size=DIGITS[key]))
    row = draw(st.sampled_from(PATHS[key]))
    values = st.text(CHARACTERS, min_size=3, max_size=20)
    chosen = [(name, f"1{draw(values)[:3]}" if name == "7040" else draw(values)) for name in row if draw(st.booleans())]
    return Identified(key, digits + check_digit(digits), tuple(chosen))


@given(identified())
def test_an_address_is_read_as_it_was_written(what: Identified) -> None:
    assert Identified.parse(what.path) == what
    assert Identified.parse(what.path + "/") == what


@given(identified())
def test_levels_go_from_the_thing_to_its_key(what: Identified) -> None:
    levels = what.levels()
    assert (levels[0], levels[-1]) == (what, what.bare)
    assert len(set(levels)) == len(levels) == 2 ** len(what.qualifiers)


@given(identified(), st.integers(1, 9))
def test_one_wrong_check_digit_is_refused(what: Identified, off: int) -> None:
    wrong = what.value[:-1] + str((int(what.value[-1]) + off) % 10)
    assert "check digit" in fault(what.key, wrong)


@given(st.one_of(st.text(), st.lists(st.text(max_size=6)).map(lambda parts: "/" + "/".join(map(quote, parts)))))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidDigitalLink):
        assert Identified.parse(Identified.parse(text).path).path == Identified.parse(text).path
