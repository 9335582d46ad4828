"""Cells of tables of events: instants, places, parties, things and how much of them, as an ERP or a MES writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from traceqr.chain.capturing import AHEAD_MS
from traceqr.enrolling import parse_uscc
from traceqr.epcis.spelling import read_place, read_thing, require_uri
from traceqr.importing.cells import CellError, guarded, wide
from traceqr.instant import to_iso
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.serial import Serial
from traceqr.registry import batches, locations
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader
from traceqr.registry.enterprises import Enterprise
from traceqr.tracing.place import Place
from traceqr.tracing.run import Run
from traceqr.tracing.thing import Thing, ThingKind

MAX_UNITS = 10_000
"""Logistic units of one range at most: whoever means more has mistyped an end."""

MAX_PLACES = 10_000
"""Places of an enterprise whose names are known: those that were set last."""

MAX_DOCUMENT = 80
"""Characters of the number of a document."""

PARTY = "urn:x-traceqr:uscc:"
DOCUMENT = "urn:x-traceqr:document:"
"""How enterprises, by their codes, and their documents, by code and number, are told where they have no URI."""

UNITS: Mapping[str, tuple[str, ...]] = {
    "KGM": ("kg", "千克", "公斤"),
    "GRM": ("g", "克"),
    "TNE": ("t", "吨"),
    "LTR": ("l", "升"),
    "MLT": ("ml", "毫升"),
    "MTR": ("m", "米"),
    "MTK": ("m2", "m²", "平方米"),
    "MTQ": ("m3", "m³", "立方米"),
}
"""Units by their codes (UN/ECE Recommendation 20), and what else they are called."""

PIECES = ("pcs", "pc", "ea", "件", "个", "只", "瓶", "盒", "袋", "支", "罐", "包", "台", "套")
"""What pieces are called. They are counted without a unit."""

_WORDS = {name: code for code, names in UNITS.items() for name in names} | dict.fromkeys(PIECES, "")
_CODE = re.compile("[A-Z0-9]{2,3}")
_USCC = re.compile("[0-9A-Za-z]{18}")
_GLN = re.compile("(?:414/)?([0-9]{5,13})(/.+)?")
_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_CLASS = re.compile(
    r"(?P<gtin>[0-9]{8,14})(?:/(?P<lot>.+?))?(?:\s*[×*]\s*(?P<quantity>[0-9][0-9.,]*)\s*(?P<unit>[^\s0-9]\S*)?)?"
)
_BETWEEN = re.compile(r"\s*(?:～|\.\.|至)\s*|\s*~\s*|\s+-+\s+|(?<=[0-9]{16})\s*[-–—]\s*(?=[0-9]{16})")
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?"
    r"(?:[T\s]\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"\s*(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_IS_URI = re.compile("(urn:|https?://)", re.IGNORECASE)
_DAYS = re.compile(r"[0-9]{5,6}(\.[0-9]+)?")
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - as a spreadsheet counts days, in no zone
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and by what clock people told it: `+08:00`."""

    at_ms: int
    offset: str

    @property
    def iso(self) -> str:
        """`2026-09-01T08:00:00.000+08:00`."""
        sign = -1 if self.offset.startswith("-") else 1
        hours, minutes = self.offset[1:].split(":")
        ahead_ms = sign * (int(hours) * 60 + int(minutes)) * 60_000
        return to_iso(self.at_ms + ahead_ms).removesuffix("Z") + self.offset


@dataclass(frozen=True, slots=True)
class Much:
    """Things in a cell: single ones, or a class and how much there is of it, where the cell says that."""

    run: Run
    quantity: str | None = None
    unit: str = ""


@dataclass(slots=True)
class Cells:
    """How the cells of a file are read: against the registry, for an enterprise, at an instant."""

    reader: Reader
    enterprise: Enterprise
    zone: ZoneInfo
    now_ms: int
    _batches: dict[int, Batch | None] = field(default_factory=dict)
    _names: dict[str, set[str]] | None = None

    def moment(self, text: str) -> Moment:
        """An instant that has been: with its offset, or by the clock of the deployment."""
        found = _stated(text, self.zone)
        at_ms = (found - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
        if at_ms > self.now_ms + AHEAD_MS:
            raise CellError(f"expected an instant that has been, got {text!r}")
        offset = found.utcoffset() or timedelta()
        minutes = abs(offset) // timedelta(minutes=1)
        return Moment(at_ms, f"{'-' if offset < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}")

    def place(self, text: str) -> str:
        """A place as events spell it: of a GLN, of a URI, or of the name that the enterprise has given it."""
        if named := self._named.get(text.casefold()):
            if len(named) > 1:
                raise CellError(f"expected the name of one place, {text!r} is that of {len(named)}: tell its GLN")
            return next(iter(named))
        found = place_key(text)
        if found.startswith("417/"):
            raise CellError(f"expected a place, got {text!r}, a party")
        return found

    def party(self, text: str) -> tuple[str, str]:
        """Whom something comes from or goes to, and the type of that: an enterprise by its code, or a place."""
        if _USCC.fullmatch(text) and text.casefold() not in self._named:
            return "possessing_party", PARTY + guarded(parse_uscc)(text)
        if text.casefold() not in self._named and (found := place_key(text)).startswith("417/"):
            return "possessing_party", found
        return "location", self.place(text)

    def things(self, text: str) -> list[Much]:
        """Things: one or several, with blanks, commas, semicolons or lines between them."""
        found: list[Much] = []
        for part in re.split(r"[;；\n]", text):
            entry = part.strip()
            if told := _CLASS.fullmatch(entry):
                found.append(_much(told))
            elif entry:
                found += self._runs(entry)
        if not found:
            raise CellError(f"expected things, got {text[:80]!r}")
        return found

    def single(self, text: str) -> list[Much]:
        """The same, but nothing that is told by quantity."""
        found = self._runs(text.replace(";", " ").replace("；", " "))
        if told := next((each.run for each in found if each.run.line.startswith(("01/", "10/"))), None):
            raise CellError(f"expected labels or logistic units (SSCC), got {told.line!r}, a product or a lot of one")
        return found

    def unit(self, text: str) -> Thing:
        """One logistic unit."""
        thing = self._thing(text)
        if thing.kind is not ThingKind.UNIT:
            raise CellError(f"expected an SSCC of 18 digits, got {text[:80]!r}{wide(text)}")
        return thing

    def _runs(self, text: str) -> list[Much]:
        return [Much(self._run(token)) for token in _tokens(text)]

    @property
    def _named(self) -> dict[str, set[str]]:
        if self._names is None:
            self._names = {}
            for each in locations.of_enterprise(self.reader, self.enterprise.id, MAX_PLACES):
                for name in filter(None, (each.name_zh, each.name_en)):
                    self._names.setdefault(name.casefold(), set()).add(each.key.removeprefix("uri/"))
        return self._names

    def _run(self, token: str) -> Run:
        first, mark, last = token.partition("~")
        if not mark:
            return Run.of(self._thing(token))
        begin, end = self._thing(first), self._thing(last)
        if begin.line != end.line or begin.number > end.number:
            raise CellError(f"expected a range from a lower to a higher number of one series, got {token[:200]!r}")
        run = Run(begin.line, begin.number, end.number)
        if begin.kind is ThingKind.UNIT and len(run) > MAX_UNITS:
            raise CellError(f"expected at most {MAX_UNITS:,} logistic units in a range, got {len(run):,} in {token!r}")
        return run

    def _thing(self, token: str) -> Thing:
        return guarded(self._read)(token)

    def _read(self, token: str) -> Thing:
        if re.fullmatch("(00)?[0-9]{18}", token):
            return Thing.unit(token[-18:])  # with its application identifier, as scanners give it
        if token.isascii() and token.isdecimal():
            return self._label(Serial.parse(token))
        if "?" in token:
            label = Label.parse(token)
            return self._label(label.serial, label.gtin)
        return read_thing(token)[0]

    def _label(self, serial: Serial, gtin: Gtin | None = None) -> Thing:
        if serial.batch not in self._batches:
            self._batches[serial.batch] = batches.by_number(self.reader, serial.batch)
        batch = self._batches[serial.batch]
        if batch is None or serial.index >= batch.label_count:
            raise CellError(f"expected a label that was issued, got {str(serial)!r}")
        if gtin is not None and gtin.digits != batch.gtin:
            raise CellError(f"expected GTIN {batch.gtin} with serial {serial}, got {gtin.digits!r}")
        return Thing.label(batch.gtin, serial.batch, serial.index)


@guarded
def amount(text: str) -> str:
    """How much, in its one spelling: `1,200.50` is `1200.5`."""
    plain = text.replace(",", "")
    if not _AMOUNT.fullmatch(text) or len(plain.replace(".", "")) > _MOST_DIGITS or not Decimal(plain):
        raise CellError(f"expected a quantity above 0, such as 120 or 12.5, of {_MOST_DIGITS} digits, got {text!r}")
    return format(Decimal(plain).normalize(), "f")


def unit(text: str) -> str:
    """The code of a unit; empty for pieces."""
    if (known := _WORDS.get(text.casefold())) is not None:
        return known
    if text in ("C62", "H87", "EA"):  # one, piece, each
        return ""
    if not _CODE.fullmatch(text):
        raise CellError(f"expected a unit such as kg, L, 件 or a code of UN/ECE Recommendation 20, got {text!r}")
    return text


def document(text: str) -> str:
    """The number of a document, or its URI."""
    if len(text) > MAX_DOCUMENT or not text.isprintable():
        raise CellError(f"expected the number of a document of at most {MAX_DOCUMENT} characters, got {text[:100]!r}")
    if _IS_URI.match(text):
        guarded(require_uri)(text)
    return text


def document_uri(number: str, uscc: str) -> str:
    """How events tell a document of an enterprise: both who send and who receive say the same of it."""
    if _IS_URI.match(number):
        return number
    return f"{DOCUMENT}{uscc}:{quote(number, safe='')}"


def _tokens(entry: str) -> list[str]:
    return [token for token in re.split(r"[\s,，、]+", _BETWEEN.sub("~", entry)) if token]


def _much(told: re.Match[str]) -> Much:
    gtin = guarded(Gtin.from_trade)(told["gtin"]).digits
    thing = guarded(lambda lot: Thing.lot(gtin, lot))(told["lot"]) if told["lot"] else Thing.parse(f"01/{gtin}")
    return Much(Run.of(thing), *counted(told["quantity"] and amount(told["quantity"]), unit(told["unit"] or "件")))


def counted(quantity: str | None, code: str) -> tuple[str | None, str]:
    """A quantity and its unit. Raises `CellError` for pieces that are not whole."""
    if quantity is not None and not code and "." in quantity:
        raise CellError(f"expected a whole number where pieces are counted, got {quantity!r} without a unit")
    return quantity, code


def place_key(text: str) -> str:
    """A place as events spell it, of its GLN or its URI."""
    if told := _GLN.fullmatch(text):
        return guarded(lambda _: Place.parse(f"414/{told[1]}{told[2] or ''}").key)(text)
    if ":" in text:
        return guarded(read_place)(text)[0]
    raise CellError(f"expected the GLN or URI of a place, or the name that the enterprise gave it, got {text[:80]!r}")


def _stated(text: str, zone: ZoneInfo) -> datetime:
    if _DAYS.fullmatch(text):
        return _in_zone(_DAY_ZERO + timedelta(seconds=round(float(text) * 86_400)), zone, text)
    told = _MOMENT.fullmatch(text)
    if told is None:
        raise CellError(f"expected an instant such as 2026-09-01 08:30 or 2026/9/1, got {text!r}{wide(text)}")
    numbers = [int(told[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    try:
        naive = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone follows
    except ValueError as error:
        raise CellError(f"expected a day of the calendar and a time of the clock, got {text!r}") from error
    if told["offset"]:
        offset = told["offset"].replace("Z", "+0000").replace(":", "")
        try:
            found = datetime.strptime(f"{naive:%Y-%m-%dT%H:%M:%S}{offset}", "%Y-%m-%dT%H:%M:%S%z")
        except ValueError as error:
            raise CellError(f"expected an offset such as +08:00, got {text!r}") from error
        return _of_years(found, text)
    return _in_zone(naive, zone, text)


def _in_zone(naive: datetime, zone: ZoneInfo, text: str) -> datetime:
    found = _of_years(naive.replace(tzinfo=zone), text)
    if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        raise CellError(f"expected a time that the clock showed, got {text!r}, when it was put forward")
    return found


def _of_years(found: datetime, text: str) -> datetime:
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise CellError(f"expected a date from {_FIRST_YEAR} to {_LAST_YEAR}, got {text!r}")
    return found
