"""GS1 Digital Links of things, places and parties, as EPCIS has them: the finest key alone, and no attributes.

GS1 Digital Link: URI Syntax 1.2, section 4; EPCIS 2.0, section 6.4.1.
"""

from __future__ import annotations

import re

from stdnum import ean

from traceqr.epcis.encoding import InvalidSpelling, into_link, is_gs1, out_of_link
from traceqr.tracing.thing import InvalidThing, Thing, ThingKind

ORIGIN = "https://id.gs1.org"
"""The resolver of GS1, under which Digital Links are canonical."""

_LINK = re.compile(
    r"(?P<origin>https?://[^/?#\s]+(?:/[^?#\s]*?)?)/(?P<key>01|00|8003|8004|414|417)/(?P<rest>[^?#]*)(?P<more>[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_LIKELY = {
    # What follows a key where it is meant as one; what looks otherwise is an address like any other.
    "01": re.compile("[0-9]{8,14}(/|$)"),
    "00": re.compile("[0-9]{16,20}$"),
    "8003": re.compile("[0-9]{13,14}"),
    "8004": re.compile("[0-9]{4}"),
    "414": re.compile("[0-9]{12,14}(/|$)"),
    "417": re.compile("[0-9]{12,14}$"),
}
_PLACES = ("414", "417")


def read(uri: str) -> tuple[Thing, str] | None:
    """The thing that a Digital Link names, and its origin; None where it names none. Raises `InvalidSpelling`."""
    found = _found(uri)
    if not found or found["key"] in _PLACES:
        return None
    _require_bare(found, uri)
    try:
        return Thing.parse(_thing(found["key"], found["rest"], uri)), found["origin"]
    except InvalidThing as error:
        raise InvalidSpelling(f"{error} in {uri!r}") from error


def read_place(uri: str) -> tuple[str, str] | None:
    """The place or party that a Digital Link names, and its origin. Raises `InvalidSpelling`."""
    found = _found(uri)
    if not found or found["key"] not in _PLACES:
        return None
    _require_bare(found, uri)
    gln, *more = found["rest"].split("/")
    _require_gln(gln, uri)
    return f"{found['key']}/{gln}{_extension(found['key'], more, uri)}", found["origin"]


def write(thing: Thing, origin: str = ORIGIN) -> str:
    """The canonical Digital Link of a thing under an origin; a thing that is a URI is its own."""
    if thing.kind is ThingKind.URI:
        return thing.key
    if thing.gtin is None:
        return f"{origin}/{thing.kind}/{into_link(thing.key)}"
    return f"{origin}/01/{thing.gtin}" + (f"/{thing.kind}/{into_link(thing.qualifier)}" if thing.qualifier else "")


def write_place(text: str, origin: str = ORIGIN) -> str:
    """The Digital Link of `414/GLN`, `414/GLN/EXTENSION` or `417/GLN`."""
    key, gln, *extension = text.split("/", 2)
    return f"{origin}/{key}/{gln}" + (f"/254/{into_link(extension[0])}" if extension else "")


def _found(uri: str) -> re.Match[str] | None:
    found = _LINK.fullmatch(uri)
    return found if found and _LIKELY[found["key"]].match(found["rest"]) else None


def _require_bare(found: re.Match[str], uri: str) -> None:
    if found["more"]:
        raise InvalidSpelling(f"expected a Digital Link without attributes after a question mark, got {uri!r}")


def _thing(key: str, rest: str, uri: str) -> str:
    parts = rest.split("/")
    if key != "01" and len(parts) == 1:
        return f"{key}/{out_of_link(rest)}"
    if key == "01" and len(parts) == 1:
        return f"01/{rest}"
    if key == "01" and len(parts) == 3 and parts[1] in ("21", "10"):
        return f"{parts[1]}/{parts[0]}/{out_of_link(parts[2])}"
    raise InvalidSpelling(f"expected a GTIN, or a GTIN with 21 and a serial or 10 and a lot alone, got {uri!r}")


def _require_gln(gln: str, uri: str) -> None:
    if not re.fullmatch("[0-9]{13}", gln):
        raise InvalidSpelling(f"expected a GLN of 13 digits, got {uri!r}")
    expected = ean.calc_check_digit(gln[:-1])
    if gln[-1] != expected:
        raise InvalidSpelling(f"expected check digit {expected} at the end of GLN {gln!r}, got {gln[-1]} in {uri!r}")


def _extension(key: str, more: list[str], uri: str) -> str:
    if not more:
        return ""
    spelled = out_of_link(more[1]) if key == "414" and len(more) == 2 and more[0] == "254" else ""
    if not is_gs1(spelled):
        raise InvalidSpelling(f"expected a GLN, or 414, a GLN, 254 and an extension, got {uri!r}")
    return f"/{spelled}"
