"""EPC URNs of things, places and parties (EPC Tag Data Standard 2.0, sections 6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from stdnum import ean

from traceqr.epcis.encoding import InvalidSpelling, into_urn, is_gs1, out_of_urn
from traceqr.tracing.thing import InvalidThing, Thing, ThingKind

PREFIX_LENGTHS = range(6, 13)
"""Digits of a GS1 company prefix."""

_START = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.*)", re.DOTALL)
_TWO = re.compile(r"([0-9]{6,12})\.([0-9]*)")
_THREE = re.compile(r"([0-9]{6,12})\.([0-9]*)\.(.+)", re.DOTALL)
_ASSET = re.compile(r"([0-9]{6,12})\.(.+)", re.DOTALL)

_Parsed = tuple[str, int]
"""A text of ours, and the digits of the company prefix that the URN told."""


class NoEpcUrn(InvalidSpelling):
    """There is no EPC URN for it: its lot is longer than GS1 allows, say, or it is no thing of GS1's."""


def read(uri: str) -> tuple[Thing, int] | None:
    """The thing that an EPC URN names; None where it is none of those that we know. Raises `InvalidSpelling`."""
    found = _parsed(uri, _THINGS)
    if not found:
        return None
    try:
        return Thing.parse(found[0]), found[1]
    except InvalidThing as error:
        raise InvalidSpelling(f"{error} in {uri!r}") from error


def read_place(uri: str) -> _Parsed | None:
    """The place or party that an EPC URN names, such as `414/GLN/EXTENSION` or `417/GLN`. Raises `InvalidSpelling`."""
    return _parsed(uri, _PLACES)


def write(thing: Thing, length: int) -> str:
    """The EPC URN of a thing under a company prefix of so many digits. Raises `NoEpcUrn`."""
    if thing.kind is ThingKind.URI:
        raise NoEpcUrn(f"expected a thing of GS1's, got {thing.text!r}")
    if thing.qualifier and not is_gs1(thing.qualifier):
        raise NoEpcUrn(f"expected at most 20 characters of GS1's for an EPC URN, got {thing.qualifier!r}")
    return _WRITERS[thing.kind](thing, length)


def write_place(text: str, length: int) -> str:
    """The EPC URN of `414/GLN`, `414/GLN/EXTENSION` or `417/GLN`."""
    key, gln, *extension = text.split("/", 2)
    stem = f"{gln[:length]}.{gln[length:12]}"
    return f"urn:epc:id:pgln:{stem}" if key == "417" else f"urn:epc:id:sgln:{stem}.{_extension(extension)}"


def _extension(parts: list[str]) -> str:
    return into_urn(parts[0]) if parts else "0"


def _parsed(uri: str, known: dict[tuple[str, str], Callable[[str, str], _Parsed]]) -> _Parsed | None:
    found = _START.fullmatch(uri)
    parse = known.get((found[1], found[2])) if found else None
    return parse(found[3], uri) if found and parse else None


def _fields(pattern: re.Pattern[str], rest: str, uri: str, digits: int = 0) -> tuple[str, ...]:
    found = pattern.fullmatch(rest)
    if not found:
        raise InvalidSpelling(f"expected a company prefix of 6 to 12 digits, a dot and the reference, got {uri!r}")
    if digits and len(found[1]) + len(found[2]) != digits:
        raise InvalidSpelling(f"expected {digits} digits in prefix and reference, got {uri!r}")
    return found.groups()


@lru_cache(maxsize=4096)
def _checked(digits: str) -> str:
    """With their check digit. Remembered, since products, places and parties come again and again."""
    return digits + str(ean.calc_check_digit(digits))


def _gtin(prefix: str, item: str) -> str:
    return _checked(item[0] + prefix + item[1:])


def _sgtin(rest: str, uri: str) -> _Parsed:
    prefix, item, serial = _fields(_THREE, rest, uri, 13)
    return f"21/{_gtin(prefix, item)}/{out_of_urn(serial)}", len(prefix)


def _lgtin(rest: str, uri: str) -> _Parsed:
    prefix, item, lot = _fields(_THREE, rest, uri, 13)
    spelled = out_of_urn(lot)
    if not is_gs1(spelled):
        raise InvalidSpelling(f"expected a lot of 1 to 20 characters in an EPC URN, got {uri!r}")
    return f"10/{_gtin(prefix, item)}/{spelled}", len(prefix)


def _all_of_gtin(rest: str, uri: str) -> _Parsed:
    prefix, item, star = _fields(_THREE, rest, uri, 13)
    _require_star(star, uri)
    return f"01/{_gtin(prefix, item)}", len(prefix)


def _sscc(rest: str, uri: str) -> _Parsed:
    prefix, serial = _fields(_TWO, rest, uri, 17)
    return f"00/{_checked(serial[0] + prefix + serial[1:])}", len(prefix)


def _grai(rest: str, uri: str) -> _Parsed:
    prefix, kind, serial = _fields(_THREE, rest, uri, 12)
    return f"8003/{_checked('0' + prefix + kind)}{out_of_urn(serial)}", len(prefix)


def _all_of_grai(rest: str, uri: str) -> _Parsed:
    prefix, kind, star = _fields(_THREE, rest, uri, 12)
    _require_star(star, uri)
    return f"8003/{_checked('0' + prefix + kind)}", len(prefix)


def _giai(rest: str, uri: str) -> _Parsed:
    prefix, reference = _fields(_ASSET, rest, uri)
    return f"8004/{prefix}{out_of_urn(reference)}", len(prefix)


def _sgln(rest: str, uri: str) -> _Parsed:
    prefix, place, extension = _fields(_THREE, rest, uri, 12)
    spelled = out_of_urn(extension)
    if not is_gs1(spelled):
        raise InvalidSpelling(f"expected an extension of 1 to 20 characters, got {uri!r}")
    gln = f"414/{_checked(prefix + place)}"
    return (gln if spelled == "0" else f"{gln}/{spelled}"), len(prefix)


def _pgln(rest: str, uri: str) -> _Parsed:
    prefix, party = _fields(_TWO, rest, uri, 12)
    return f"417/{_checked(prefix + party)}", len(prefix)


def _require_star(star: str, uri: str) -> None:
    if star != "*":
        raise InvalidSpelling(f"expected a class to end with .*, got {uri!r}")


def _reference(gtin: str, length: int) -> str:
    return f"{gtin[1 : 1 + length]}.{gtin[0]}{gtin[1 + length : 13]}"


def _write_item(thing: Thing, length: int) -> str:
    return f"urn:epc:id:sgtin:{_reference(str(thing.gtin), length)}.{into_urn(thing.qualifier)}"


def _write_lot(thing: Thing, length: int) -> str:
    return f"urn:epc:class:lgtin:{_reference(str(thing.gtin), length)}.{into_urn(thing.qualifier)}"


def _write_product(thing: Thing, length: int) -> str:
    return f"urn:epc:idpat:sgtin:{_reference(str(thing.gtin), length)}.*"


def _write_unit(thing: Thing, length: int) -> str:
    sscc = thing.key
    return f"urn:epc:id:sscc:{sscc[1 : 1 + length]}.{sscc[0]}{sscc[1 + length : 17]}"


def _write_returnable(thing: Thing, length: int) -> str:
    stem, serial = f"{thing.key[1 : 1 + length]}.{thing.key[1 + length : 13]}", thing.key[14:]
    return f"urn:epc:id:grai:{stem}.{into_urn(serial)}" if serial else f"urn:epc:idpat:grai:{stem}.*"


def _write_asset(thing: Thing, length: int) -> str:
    if len(thing.key) <= length:
        raise NoEpcUrn(f"expected a reference after a company prefix of {length} digits, got {thing.key!r}")
    return f"urn:epc:id:giai:{thing.key[:length]}.{into_urn(thing.key[length:])}"


_THINGS: dict[tuple[str, str], Callable[[str, str], _Parsed]] = {
    ("id", "sgtin"): _sgtin,
    ("id", "sscc"): _sscc,
    ("id", "grai"): _grai,
    ("id", "giai"): _giai,
    ("class", "lgtin"): _lgtin,
    ("idpat", "sgtin"): _all_of_gtin,
    ("idpat", "grai"): _all_of_grai,
}
_PLACES: dict[tuple[str, str], Callable[[str, str], _Parsed]] = {("id", "sgln"): _sgln, ("id", "pgln"): _pgln}
_WRITERS: dict[ThingKind, Callable[[Thing, int], str]] = {
    ThingKind.ITEM: _write_item,
    ThingKind.LOT: _write_lot,
    ThingKind.PRODUCT: _write_product,
    ThingKind.UNIT: _write_unit,
    ThingKind.RETURNABLE: _write_returnable,
    ThingKind.ASSET: _write_asset,
}
