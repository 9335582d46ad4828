"""Things: whatever events speak of, each in one spelling of our own.

The spelling is made of GS1 application identifiers (GS1 General Specifications, section 3.2), with slashes between:

| text | is |
| --- | --- |
| `21/GTIN/SERIAL` | one item; a label's is `21/` GTIN `/` batch and index, 8 digits each |
| `10/GTIN/LOT` | a lot of a product or a material: a class, of which events tell quantities |
| `01/GTIN` | a product, whatever its lot: a class too |
| `00/SSCC` | a logistic unit, such as a case or a pallet |
| `8003/GRAI`, `8004/GIAI` | a returnable asset, an individual asset |
| `uri/URI` | what is told by an address or a URN that is none of these |
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from stdnum import ean

from traceqr.errors import TraceqrError
from traceqr.label.gtin import Gtin, InvalidGtin

MAX_LOT = 64
"""Characters: GS1 allows 20 for AI (10); lots of batches carry words and dates."""

MAX_URI = 512
"""Characters of a thing that is told by a URI."""

LABEL_DIGITS = 16
"""Digits of a label's serial: batch and index."""

_FILE_SAFE = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
_SERIAL = re.compile(_FILE_SAFE + "{1,20}")
_ASSET = re.compile(_FILE_SAFE + "{0,16}")
_INDIVIDUAL = re.compile(_FILE_SAFE + "{4,30}")
_EIGHTEEN = re.compile("[0-9]{18}")
_GRAI = re.compile("[0-9]{14}")
_TAIL = re.compile("[0-9]{1,8}$")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_LABEL = re.compile(rf"[0-9]{{{LABEL_DIGITS}}}")


class InvalidThing(TraceqrError):
    """Not the identifier of anything: a wrong check digit, a sign that may not be there, a shape that is not known."""


class ThingKind(enum.StrEnum):
    """What sort of thing it is; the value is what its text begins with."""

    ITEM = "21"
    LOT = "10"
    PRODUCT = "01"
    UNIT = "00"
    RETURNABLE = "8003"
    ASSET = "8004"
    URI = "uri"

    @property
    def is_class(self) -> bool:
        """Whether it is a class, of which there is a quantity, and no single thing."""
        return self in (ThingKind.LOT, ThingKind.PRODUCT)

    @property
    def is_carrier(self) -> bool:
        """Whether it is there to carry others: who says that he made one has made what is in it."""
        return self in (ThingKind.UNIT, ThingKind.RETURNABLE, ThingKind.ASSET)


_STARTS = frozenset(str(kind) for kind in ThingKind)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing or class. `text` is its one spelling."""

    kind: ThingKind
    text: str

    @classmethod
    def parse(cls, text: str) -> Thing:
        """From its spelling. Raises `InvalidThing`."""
        start, slash, rest = text.partition("/")
        if not slash or start not in _STARTS:
            raise InvalidThing(f"expected 21/, 10/, 01/, 00/, 8003/, 8004/ or uri/ and what it names, got {text!r}")
        kind = ThingKind(start)
        _CHECKS[kind](rest)
        return cls(kind, text)

    @classmethod
    def item(cls, gtin: str, serial: str) -> Thing:
        """One item. Raises `InvalidThing`."""
        return cls.parse(f"21/{gtin}/{serial}")

    @classmethod
    def label(cls, gtin: str, batch: int, index: int) -> Thing:
        """A label of ours."""
        return cls(ThingKind.ITEM, f"21/{gtin}/{batch:08d}{index:08d}")

    @classmethod
    def lot(cls, gtin: str, lot: str) -> Thing:
        """A lot. Raises `InvalidThing`."""
        return cls.parse(f"10/{gtin}/{lot}")

    @classmethod
    def unit(cls, sscc: str) -> Thing:
        """A logistic unit. Raises `InvalidThing`."""
        return cls.parse(f"00/{sscc}")

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """What follows the kind: GTIN and serial or lot, or the number itself."""
        return self.text.partition("/")[2]

    @property
    def gtin(self) -> str | None:
        """The GTIN of an item, a lot or a product."""
        is_of_product = self.kind in (ThingKind.ITEM, ThingKind.LOT, ThingKind.PRODUCT)
        return self.key.partition("/")[0] if is_of_product else None

    @property
    def qualifier(self) -> str:
        """The serial or the lot that follows a GTIN; empty where there is none."""
        return self.key.partition("/")[2]

    @property
    def line(self) -> str:
        """What the thing shares with those that differ in their last digits alone: these are `#` there, at most eight.

        Labels of a batch are on one line, and so are the logistic units that a firm numbers one after the other.
        """
        if self.kind is ThingKind.UNIT:
            return self.text[:-9] + "########"  # the check digit follows from the rest, which alone is counted
        digits = self._digits
        return self.text[: len(self.text) - len(digits)] + "#" * len(digits)

    @property
    def number(self) -> int:
        """Its place on the line."""
        return int(self.text[-9:-1]) if self.kind is ThingKind.UNIT else int(self._digits or "0")

    @property
    def _digits(self) -> str:
        if self.kind not in (ThingKind.ITEM, ThingKind.RETURNABLE, ThingKind.ASSET):
            return ""
        serial = self.qualifier if self.kind is ThingKind.ITEM else self._after_asset_type
        found = _TAIL.search(serial)
        return found[0] if found else ""

    @property
    def _after_asset_type(self) -> str:
        return self.key[14:] if self.kind is ThingKind.RETURNABLE else self.key


def on_line(line: str, number: int) -> Thing:
    """The thing at a place of a line. `line` is one that a thing gave."""
    kind = ThingKind(line.partition("/")[0])
    if kind is ThingKind.UNIT:
        stem = line[3:].rstrip("#") + f"{number:08d}"
        return Thing(kind, f"00/{stem}{ean.calc_check_digit(stem)}")
    width = 0 if kind in (ThingKind.URI, ThingKind.LOT) else len(line) - len(line.rstrip("#"))
    return Thing(kind, line[: len(line) - width] + f"{number:0{width}d}" if width else line)


def places(line: str) -> int:
    """How many places a line has: numbers go from 0 to one less."""
    kind = ThingKind(line.partition("/")[0])
    if kind in (ThingKind.URI, ThingKind.LOT, ThingKind.PRODUCT):
        return 1
    return int(10 ** (len(line) - len(line.rstrip("#"))))


def label_line(gtin: str, batch: int) -> str:
    """The line of a batch's labels."""
    return f"21/{gtin}/{batch:08d}########"


def label_of(thing: Thing) -> tuple[int, int] | None:
    """Batch and index that the serial of an item would have as a label's; None where it cannot be one."""
    if thing.kind is not ThingKind.ITEM or not _LABEL.fullmatch(thing.qualifier):
        return None
    return int(thing.qualifier[:8]), int(thing.qualifier[8:])


def batch_of_line(line: str) -> int | None:
    """The batch whose labels would be on this line; None where they cannot be."""
    found = _LABEL_LINE.fullmatch(line)
    return int(found[1]) if found else None


_LABEL_LINE = re.compile(r"21/[0-9]{14}/([0-9]{8})########")


def _require_gtin(digits: str) -> None:
    try:
        Gtin.parse(digits)
    except InvalidGtin as error:
        raise InvalidThing(str(error)) from error


def _item(key: str) -> None:
    gtin, _, serial = key.partition("/")
    _require_gtin(gtin)
    if not _SERIAL.fullmatch(serial):
        raise InvalidThing(f"expected a serial of 1 to 20 characters that GS1 allows, got {serial!r}")


def _lot(key: str) -> None:
    gtin, _, lot = key.partition("/")
    _require_gtin(gtin)
    if not (1 <= len(lot) <= MAX_LOT and lot.isprintable() and lot == lot.strip()):
        raise InvalidThing(f"expected a lot of 1 to {MAX_LOT} printable characters, got {lot!r}")


def _unit(key: str) -> None:
    if not _EIGHTEEN.fullmatch(key):
        raise InvalidThing(f"expected an SSCC of 18 digits, got {key!r}")
    _require_check_digit("SSCC", key)


def _returnable(key: str) -> None:
    if not (_GRAI.fullmatch(key[:14]) and key[0] == "0" and _ASSET.fullmatch(key[14:])):
        raise InvalidThing(f"expected a GRAI: a zero, 13 digits and up to 16 characters, got {key!r}")
    _require_check_digit("GRAI", key[:14])


def _asset(key: str) -> None:
    if not (_INDIVIDUAL.fullmatch(key) and re.match("[0-9]{4}", key)):
        raise InvalidThing(f"expected a GIAI: a company prefix and up to 30 characters in all, got {key!r}")


def _uri(key: str) -> None:
    if not (_URI.fullmatch(key) and len(key) <= MAX_URI):
        raise InvalidThing(f"expected a URI of at most {MAX_URI} characters, got {key[:80]!r}")


def _require_check_digit(what: str, digits: str) -> None:
    expected = ean.calc_check_digit(digits[:-1])
    if digits[-1] != expected:
        raise InvalidThing(f"expected check digit {expected} at the end of {what} {digits!r}, got {digits[-1]}")


_CHECKS = {
    ThingKind.ITEM: _item,
    ThingKind.LOT: _lot,
    ThingKind.PRODUCT: _require_gtin,
    ThingKind.UNIT: _unit,
    ThingKind.RETURNABLE: _returnable,
    ThingKind.ASSET: _asset,
    ThingKind.URI: _uri,
}
