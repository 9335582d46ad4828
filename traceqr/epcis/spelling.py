"""One spelling inside, and two outside: EPC URNs and GS1 Digital Links of things, places and parties.

What is read tells how it was spelled, so that it is written so again: `urn:7` for an EPC URN of a company prefix of 7
digits, which a Digital Link does not tell; the origin of a Digital Link; nothing for what is a URI and no more.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from functools import lru_cache

from traceqr.epcis import link, urn
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.tracing.thing import MAX_URI, InvalidThing, Thing, ThingKind

PrefixLength = Callable[[str], int | None]
"""From digits that begin with a company prefix to how many of them it has; None where that is not known."""

COUNTED = 8
"""Digits at the end of a serial that a line counts."""

_URN = "urn:"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_FAULT = re.compile(r"%(?![0-9A-Fa-f]{2})|[\"<>\\^`{|}]")


class EpcFormat(enum.StrEnum):
    """How identifiers are wanted: the values of the header `GS1-EPC-Format`."""

    NO_PREFERENCE = "No_Preference"
    ALWAYS_GS1_DIGITAL_LINK = "Always_GS1_Digital_Link"
    ALWAYS_EPC_URN = "Always_EPC_URN"
    NEVER_TRANSLATES = "Never_Translates"


def no_prefix_lengths(_digits: str) -> int | None:
    """Knows no company prefix."""
    return None


def read_thing(uri: str) -> tuple[Thing, str]:
    """The thing that a URI names, and how it is spelled. Raises `InvalidSpelling`."""
    if found := urn.read(uri):
        return found[0], f"{_URN}{found[1]}"
    if linked := link.read(uri):
        return linked
    require_uri(uri)
    try:
        return Thing.parse(f"uri/{uri}"), ""
    except InvalidThing as error:
        raise InvalidSpelling(str(error)) from error


def is_counted_at_end(thing: Thing, uri: str) -> bool:
    """Whether the last eight digits of a thing's URI are what its line counts, and no check digit is among them."""
    if thing.kind is ThingKind.UNIT:
        return uri.startswith(_URN) and len(uri.rpartition(".")[2]) > COUNTED
    return thing.line.endswith("#" * COUNTED)


@lru_cache(maxsize=8192)
def read_place(uri: str) -> tuple[str, str]:
    """The place or party that a URI names, and how it is spelled.

    It is `414/GLN`, `414/GLN/EXTENSION`, `417/GLN` or the URI itself. Raises `InvalidSpelling`. Remembered, since a
    firm has few places.
    """
    if found := urn.read_place(uri):
        return found[0], f"{_URN}{found[1]}"
    if linked := link.read_place(uri):
        return linked
    require_uri(uri)
    return uri, ""


def write_thing(
    thing: Thing,
    spelling: str,
    wanted: EpcFormat = EpcFormat.NO_PREFERENCE,
    prefix_length: PrefixLength = no_prefix_lengths,
) -> str:
    """The URI of a thing, as it came or as it is wanted. A Digital Link stays one where its EPC URN is not known."""
    if thing.kind is ThingKind.URI:
        return thing.key
    length = _length(spelling, wanted, lambda: prefix_length(_prefixed(thing)))
    if length is None:
        return link.write(thing, _origin(spelling))
    try:
        return urn.write(thing, length)
    except urn.NoEpcUrn:
        return link.write(thing, _origin(spelling))


def write_place(
    text: str,
    spelling: str,
    wanted: EpcFormat = EpcFormat.NO_PREFERENCE,
    prefix_length: PrefixLength = no_prefix_lengths,
) -> str:
    """The URI of a place or party, as it came or as it is wanted."""
    if not text.startswith(("414/", "417/")):
        return text
    length = _length(spelling, wanted, lambda: prefix_length(text[4:17]))
    return link.write_place(text, _origin(spelling)) if length is None else urn.write_place(text, length)


def require_uri(uri: str) -> None:
    """Raise `InvalidSpelling` unless it is an absolute URI of ASCII characters that we keep as it is."""
    if len(uri) > MAX_URI or not _URI.fullmatch(uri) or _FAULT.search(uri):
        raise InvalidSpelling(f"expected a URI of at most {MAX_URI} characters, got {uri[:MAX_URI]!r}")


def _length(spelling: str, wanted: EpcFormat, ask: Callable[[], int | None]) -> int | None:
    if wanted is EpcFormat.ALWAYS_GS1_DIGITAL_LINK:
        return None
    if spelling.startswith(_URN):
        return int(spelling[len(_URN) :])
    found = ask() if wanted is EpcFormat.ALWAYS_EPC_URN else None
    return found if found in urn.PREFIX_LENGTHS else None


def _origin(spelling: str) -> str:
    return link.ORIGIN if not spelling or spelling.startswith(_URN) else spelling


def _prefixed(thing: Thing) -> str:
    """The digits of a thing from where its company prefix begins."""
    return thing.key if thing.kind is ThingKind.ASSET else thing.key.partition("/")[0][1:]
