"""A report about a traced thing as a document, in words of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from traceqr.certifying.sections import Label, Report, Section, Table
from traceqr.label.gtin import Gtin
from traceqr.office.trace_reports import SENDING, Lack, Statement, TraceReport
from traceqr.office.tracking import MAX_SHOWN, Hand, Named, TraceFile
from traceqr.printing.fonts import cleaned
from traceqr.tracing.thing import Thing, ThingKind, on_line
from traceqr.web import catalogues, trace_words
from traceqr.web.dates import Dates
from traceqr.web.language import Language
from traceqr.web.places import place_name

_ = str

MAX_RUNS = 20
"""Ranges of labels that one line of the document names."""

MAX_NAMED, MAX_LETTERS = 4, 60
"""Names, documents or sorts of things that one cell has, and characters of an identifier that is shown."""

TITLE = _("Traceability report")
LACKS = {
    Lack.ORIGIN: trace_words.GAPS["origin"],
    Lack.SUPPLIER: _("Who supplied it, or what it was made of, is not told."),
    Lack.ARRIVAL: _("It was sent on, and nobody has told that it arrived."),
    Lack.PLACE: _("Of some labels no event tells where they are."),
    Lack.CONTRADICTED: trace_words.GAPS["contradicted"],
}
INCOMPLETE = _("This is not all: there are more steps or things than are followed at once.")
FIRST = _("The first %(count)s are shown.")
ELSEWHERE = _("%(count)s more are labels of enterprises that have not named each other partners.")
NOTHING = _("No event tells.")
NOT_TOLD = _("Not told")
RESTS = _("It rests on what enterprises have stated, and on nothing else. Who stated what stands beside it.")


def document(report: TraceReport, language: Language, zone: ZoneInfo, address: str) -> Report:
    """A report as it is drawn; `address` is that of the page without what was asked for."""
    return _Words(report, language, zone).document(address)


@dataclass(frozen=True, slots=True)
class _Words:
    """Puts a report into words of one language; titles stand in another one too."""

    report: TraceReport
    language: Language
    zone: ZoneInfo
    dates: Dates = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", Dates(self.language, self.zone))

    @property
    def file(self) -> TraceFile:
        return self.report.file

    def say(self, message: str, **values: str) -> str:
        said = catalogues.load(self.language).gettext(message)
        return said % values if values else said

    def both(self, message: str) -> Label:
        other = Language.ZH_HANS if self.language is Language.EN else Language.EN
        return self.say(message), catalogues.load(other).gettext(message)

    def document(self, address: str) -> Report:
        report, thing = self.report, self.file.thing
        made = self.dates.moment(report.made_ms)
        return Report(
            title=self.both(TITLE),
            lead=cleaned(f"{self.name_of(thing.gtin)} {spelled(thing)}"),
            facts=tuple((self.both(name), value) for name, value in self.facts() if value),
            sections=tuple(self.sections()),
            foot=(
                f"{self.say(TITLE)}    {cleaned(spelled(thing))[:90]}",
                self.say(_("Made on %(at)s, ledger entry %(entry)s"), at=made, entry=str(report.position)),
                self.say(RESTS),
            ),
            address=f"{address}?{urlencode({'q': thing.text})}",
            paging=self.say(_("Page %(page)s of %(pages)s"), page="%(page)s", pages="%(pages)s"),
            warnings=tuple(self.warnings()),
            language={Language.EN: "en", Language.ZH_HANT: "zh-TW"}.get(self.language, "zh-CN"),
            author=cleaned(self.called(report.viewer)),
        )

    def facts(self) -> Iterator[tuple[str, str]]:
        report, file = self.report, self.file
        yield _("What was asked"), cleaned(report.asked)
        yield _("Made for"), cleaned(self.called(report.viewer))
        yield _("Made at"), self.dates.moment(report.made_ms)
        yield _("What it is"), cleaned(f"{self.say(trace_words.THING_NAMES[file.thing.kind])} {spelled(file.thing)}")
        yield _("Product"), cleaned(self.name_of(file.thing.gtin))
        yield _("Enterprise"), self.body(file.owner) if file.owner else self.say(_("Nobody has claimed it"))
        yield _("Recalls"), "\n".join(self.recalls()) or self.say(_("No open recall lies over it."))
        yield _("Labels that contain it"), f"{file.labels:,}"
        yield _("Places"), f"{len(file.spots):,}"

    def recalls(self) -> Iterator[str]:
        for one in self.file.recalls:
            lot = self.say(_("lot %(lot)s"), lot=one.lot) if one.lot else ""
            what = " ".join(part for part in (self.called(one.product), Gtin(one.gtin).trade, lot) if part)
            since = self.dates.moment(one.opened_ms) if one.opened_ms else ""
            yield cleaned(f"{what} · {self.called(one.by)} · {since}")

    def warnings(self) -> Iterator[str]:
        if self.file.recalls:
            yield self.say(_("It is recalled, or contains what is."))
        if not self.file.complete:
            yield self.say(INCOMPLETE)

    def sections(self) -> Iterator[Section]:
        file = self.file
        lacks = [self.say(LACKS[lack]) for lack in self.report.lacks]
        if not file.complete:
            lacks.append(self.say(INCOMPLETE))
        yield Section(self.both(_("What is missing")), "\n".join(lacks) or self.say(_("Nothing that is known of.")))
        yield self.handed(_("One step back: who supplied it"), file.steps.up)
        yield self.handed(_("One step on: to whom it was supplied"), file.steps.down)
        yield self.table(
            _("Made of"),
            ((_("Material"), 34), (_("Lot or number"), 28), (_("Quantity"), 14), (_("When"), 24)),
            (
                (self.material(one.thing), lot_of(one.thing), self.much(one.quantity, one.unit), self.at(one.at_ms))
                for one in file.inputs[:MAX_SHOWN]
            ),
            len(file.inputs),
        )
        yield self.holdings()
        yield self.spots()
        yield self.handed(_("From hand to hand"), file.hands)
        yield self.events()

    def holdings(self) -> Section:
        file = self.file
        columns = ((_("Product"), 28), (_("Batch"), 10), (_("Lot"), 14), (_("Labels"), 10), (_("Serials"), 38))
        rows = (
            (
                self.name_of(one.gtin),
                str(one.batch),
                one.lot,
                f"{one.labels:,}",
                "\n".join(_serials(run.line, run.first, run.last) for run in one.runs[:MAX_RUNS])
                + ("\n..." if len(one.runs) > MAX_RUNS else ""),
            )
            for one in file.holdings[:MAX_SHOWN]
        )
        more = self.say(ELSEWHERE, count=f"{file.elsewhere:,}") if file.elsewhere else ""
        return self.table(_("Labels that contain it"), columns, rows, len(file.holdings), more)

    def spots(self) -> Section:
        columns = ((_("Place"), 34), (_("Under way to"), 28), (_("Labels"), 12), (_("Last event"), 26))
        rows = (
            (
                self.place(spot.place),
                self.place(spot.to) if spot.to else "",
                f"{spot.labels:,}",
                self.at(spot.last_ms) if spot.last_ms else "",
            )
            for spot in self.file.spots[:MAX_SHOWN]
        )
        return self.table(_("Where it is now"), columns, rows, len(self.file.spots))

    def handed(self, title: str, hands: Sequence[Hand]) -> Section:
        columns = (
            *((_("When"), 18), (_("Step"), 12), (_("What"), 30), (_("From whom"), 16), (_("To whom"), 16)),
            *((_("Documents"), 17), (_("Stated by"), 15)),
        )
        rows = (
            (
                self.at(hand.at_ms),
                self.step(hand.step),
                self.what(hand),
                "\n".join(part for part in (self.bodies(hand.sources), self.spot(start)) if part),
                "\n".join(part for part in (self.bodies(hand.destinations), self.spot(end)) if part),
                _listed([reference(value)[:MAX_LETTERS] for _kind, value in hand.references]),
                self.body(hand.stated_by),
            )
            for hand in hands[:MAX_SHOWN]
            for start, end in [ends(hand)]
        )
        return self.table(title, columns, rows, len(hands))

    def what(self, hand: Hand) -> str:
        much = self.much(hand.quantity, hand.unit)
        if not hand.thing.kind.is_class:
            many = f"{hand.quantity} × {self.say(trace_words.THING_NAMES[hand.thing.kind])}"
            much = many if is_many(hand) else ""
        inside = f"({spelled(hand.through)})" if hand.through else ""
        parts = (self.name_of(hand.thing.gtin), much, spelled(hand.thing), "..." if is_many(hand) else "", inside)
        return "\n".join(part for part in parts if part)

    def events(self) -> Section:
        columns = ((_("When"), 18), (_("Step"), 14), (_("What"), 32), (_("Place"), 18), (_("Stated by"), 18))
        rows = (
            (
                self.at(one.event.at_ms),
                self.step(one.event.step),
                _listed(list(self.sort(one))),
                self.place(one.event.location or one.event.read_point),
                f"{self.body(one.event.enterprise_id)}\n{self.at(one.event.recorded_ms)}",
            )
            for one in self.report.statements[:MAX_SHOWN]
        )
        return self.table(_("Events that this rests on"), columns, rows, self.report.events)

    def sort(self, statement: Statement) -> Iterator[str]:
        for one in statement.things:
            much = f"{one.count:,} ×" if one.count > 1 else self.much(one.quantity or "", one.unit)
            name = self.name_of(one.gtin) or (f"GTIN {Gtin(one.gtin).trade}" if one.gtin else "")
            alone = spelled(Thing(one.kind, one.text))[:MAX_LETTERS] if one.text and not one.lot else ""
            lot = self.say(_("lot %(lot)s"), lot=one.lot) if one.lot else ""
            unit = name or ("" if alone else self.say(trace_words.THING_NAMES[one.kind]))
            yield " ".join(part for part in (much, unit, lot, alone) if part)

    def table(
        self,
        title: str,
        columns: Sequence[tuple[str, int]],
        rows: Iterable[tuple[str, ...]],
        count: int,
        more: str = "",
    ) -> Section:
        if not count:
            return Section(self.both(title), more or self.say(NOTHING))
        listed = tuple(tuple("\n".join(map(cleaned, cell.split("\n"))) for cell in row) for row in rows)
        heads = tuple(self.say(head) for head, _width in columns)
        told = [self.say(FIRST, count=f"{len(listed):,}")] if count > len(listed) else []
        told += [more] if more else []
        return Section(
            self.both(title), "\n".join(told), Table(heads, listed, tuple(width for _head, width in columns))
        )

    # --- names

    def called(self, name: Named | None) -> str:
        if name is None:
            return ""
        return (name.en or name.zh) if self.language is Language.EN else (name.zh or name.en)

    def name_of(self, gtin: str | None) -> str:
        if gtin is None:
            return ""
        return self.called(self.file.products.get(gtin))

    def material(self, thing: Thing) -> str:
        trade = f"GTIN {Gtin(thing.gtin).trade}" if thing.gtin else ""
        return "\n".join(part for part in (self.name_of(thing.gtin), trade) if part)

    def body(self, key: str) -> str:
        return cleaned(self.called(self.file.bodies.get(key))) or self.place(key)

    def bodies(self, keys: Sequence[str]) -> str:
        return _listed([self.body(key) for key in keys]) or self.say(NOT_TOLD)

    def place(self, key: str) -> str:
        place = self.file.places.get(key)
        if place is None:
            return keyed(key)[:MAX_LETTERS] or self.say(NOT_TOLD)
        name = self.called(Named(place.name_zh, place.name_en))
        return f"{cleaned(name)}\n{place_name(place.region, self.language)}"

    def spot(self, key: str) -> str:
        return self.place(key) if key in self.file.places else ""

    def step(self, step: str) -> str:
        return self.say(trace_words.what(step)) if step in trace_words.STEP_NAMES or not step else step[:MAX_LETTERS]

    def at(self, at_ms: int) -> str:
        return "\n".join(self.dates.moment(at_ms).rsplit(" ", 1))

    def much(self, quantity: str, unit: str) -> str:
        return f"{quantity} {trace_words.UNIT_NAMES.get(unit, unit)}".strip()


def spelled(thing: Thing) -> str:
    """A thing as people read it: GTIN and lot or serial, or the number of a unit."""
    if thing.gtin is not None:
        return f"{Gtin(thing.gtin).trade} {thing.qualifier}".strip()
    return f"SSCC {thing.key}" if thing.kind is ThingKind.UNIT else thing.key


def lot_of(thing: Thing) -> str:
    """The lot or serial of a thing, or its number."""
    return thing.qualifier or thing.key


def reference(value: str) -> str:
    """The number of a document of the trade, as it is printed on it: without what its URN begins with."""
    return value.rpartition(":")[2] if value.startswith("urn:epcglobal:cbv:bt:") else value


def keyed(key: str) -> str:
    """A place or party that nobody has named, by its number."""
    kind, _slash, rest = key.partition("/")
    return cleaned({"414": f"GLN {rest}", "417": f"GLN {rest}", "uri": rest}.get(kind, key))


def ends(hand: Hand) -> tuple[str, str]:
    """The keys of the places where things left and where they were to come, or came; empty where that is not told."""
    return (hand.place, hand.to) if hand.step in SENDING else ("", hand.place or hand.to)


def is_many(hand: Hand) -> bool:
    """Whether several labels or units were handed on, of which the first is named."""
    return not hand.thing.kind.is_class and hand.quantity not in ("", "1")


def _listed(names: Sequence[str]) -> str:
    return "\n".join([*names[:MAX_NAMED], *(["..."] if len(names) > MAX_NAMED else [])])


def _serials(line: str, first: int, last: int) -> str:
    low, high = (on_line(line, number).qualifier for number in (first, last))
    return low if low == high else f"{low} - {high}"
