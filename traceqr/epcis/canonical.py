"""The one URI by which CBV 2.0 hashes whatever GS1 identifies: the canonical Digital Link with the finest key alone.

CBV 2.0, section 8.9, rules 17 and 18. Beside things, places and parties it knows the keys that are kept as URIs.
"""

from __future__ import annotations

import re

from stdnum import ean

from traceqr.epcis import link
from traceqr.epcis.encoding import InvalidSpelling, into_link, out_of_urn
from traceqr.epcis.spelling import EpcFormat, read_place, read_thing, write_place, write_thing
from traceqr.tracing.thing import ThingKind

_URN = re.compile(r"urn:epc:(?:id|idpat):([a-z]+):([0-9]{6,12})\.(.*)")
_LINK = re.compile(r"https?://[^?#]+?(/(?:253|255|401|402|8006|8010|8017|8018)/[^?#]+)(?:[?#].*)?", re.IGNORECASE)

_CHECKED = {"gdti": ("253", 12), "sgcn": ("255", 12), "gsrn": ("8018", 17), "gsrnp": ("8017", 17), "gsin": ("402", 16)}
"""Schemes whose digits end with a check digit: the application identifier, and the digits before it."""


def canonical(uri: str) -> str:
    """The canonical Digital Link of what a URI identifies; other URIs as they are."""
    try:
        return _ours(uri) or _others(uri) or uri
    except InvalidSpelling:
        return uri


def _ours(uri: str) -> str:
    thing, _ = read_thing(uri)
    if thing.kind is not ThingKind.URI:
        return write_thing(thing, "", EpcFormat.ALWAYS_GS1_DIGITAL_LINK)
    place, _ = read_place(uri)
    return write_place(place, "", EpcFormat.ALWAYS_GS1_DIGITAL_LINK) if place != uri else ""


def _others(uri: str) -> str:
    if linked := _LINK.fullmatch(uri):
        return link.ORIGIN + linked[1]
    found = _URN.fullmatch(uri)
    if not found:
        return ""
    scheme, prefix, rest = found.groups()
    if scheme in _CHECKED:
        return _checked(scheme, prefix, rest)
    written = _WRITERS.get(scheme)
    return written(prefix, rest) if written else ""


def _checked(scheme: str, prefix: str, rest: str) -> str:
    key, digits = _CHECKED[scheme]
    reference, _, serial = rest.partition(".")
    stem = prefix + reference
    if len(stem) != digits or not stem.isdigit():
        return ""
    return f"{link.ORIGIN}/{key}/{stem}{ean.calc_check_digit(stem)}{_serial(serial)}"


def _serial(serial: str) -> str:
    return "" if serial in ("", "*") else into_link(out_of_urn(serial))


def _consignment(prefix: str, rest: str) -> str:
    return f"{link.ORIGIN}/401/{prefix}{_serial(rest)}"


def _part(prefix: str, rest: str) -> str:
    """A component: reference and, unless it is a class, serial."""
    reference, _, serial = rest.rpartition(".")
    return f"{link.ORIGIN}/8010/{prefix}{_serial(reference)}" + (f"/8011/{serial}" if serial != "*" else "")


def _piece(prefix: str, rest: str) -> str:
    """A piece of a trade item: item, number, total and, unless it is a class, serial."""
    item, number, total, serial = (*rest.split(".", 3), "", "", "")[:4]
    piece = f"{link.ORIGIN}/8006/{_gtin(prefix, item)}{number}{total}"
    return piece + (f"/21/{_serial(serial)}" if serial != "*" else "")


def _packet(prefix: str, rest: str) -> str:
    item, _, serial = rest.partition(".")
    return f"{link.ORIGIN}/01/{_gtin(prefix, item)}" + (f"/235/{_serial(serial)}" if serial != "*" else "")


def _gtin(prefix: str, item: str) -> str:
    stem = item[:1] + prefix + item[1:]
    if len(stem) != 13 or not stem.isdigit():
        raise InvalidSpelling(f"expected 13 digits in prefix and reference, got {stem!r}")
    return f"{stem}{ean.calc_check_digit(stem)}"


_WRITERS = {"ginc": _consignment, "cpi": _part, "itip": _piece, "upui": _packet}
