"""Licensing marks: the kinds that an organisation defines, and the licences under which labels carry them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.enrolling import require_enterprise
from traceqr.instant import day_end, day_start
from traceqr.label.gtin import Gtin
from traceqr.printing.artwork import ARTWORKS
from traceqr.registry import claims, licences, marks, organisations, products
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.licences import Licence
from traceqr.registry.marks import Mark, MarkText

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Of a licence's dates, as of a pledge's."""

MAX_QUOTA = 1_000_000_000_000
MAX_PRODUCTS = 1_000
MAX_NAME, MAX_MEANING = 60, 500
"""Characters of a mark's words."""

MAX_REASON = 500

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_MAX_ID = 40
_PREFIX = re.compile("[A-Z][A-Z0-9]{1,7}")

_LEADS_TO = {"suspend": "suspended", "resume": "granted", "withdraw": "withdrawn"}
_ALLOWED = {
    "suspend": frozenset({"granted"}),
    "resume": frozenset({"suspended"}),
    "withdraw": frozenset({"granted", "suspended"}),
    "extend": frozenset({"granted"}),
}
"""By act, the states in which a licence takes it: the table in docs/architecture.md."""


@dataclass(frozen=True, slots=True)
class MarkEntry:
    """A kind of mark. `id` is chosen by the organisation, such as `quality-month-2026`; `organisation` is its Chinese
    name, `prefix` what stands before the numbers of its licences, and `artwork` one of `printing.artwork.ARTWORKS`.
    """

    id: str
    organisation: str
    prefix: str
    artwork: str
    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str

    @property
    def text(self) -> MarkText:
        """Its words, which alone have versions."""
        return MarkText(self.name_zh, self.name_en, self.meaning_zh, self.meaning_en)


@dataclass(frozen=True, slots=True)
class LicenceEntry:
    """A licence to grant. The dates are calendar days of the deployment's time zone, the last one included."""

    mark: str
    uscc: str
    gtins: tuple[Gtin, ...]
    valid_from: date
    valid_until: date
    quota: int


@dataclass(frozen=True, slots=True)
class Granted:
    """A licence that is there now. `added` is false where the very same one was granted before."""

    licence: Licence
    added: bool


def define_mark(desk: Desk, entry: MarkEntry) -> Mark:
    """Define a kind of mark, or give one that is there other words. Licences keep the words they were granted under.
    Raises `ActRefused`.
    """
    _check_mark(entry)
    with desk.act() as act:
        known = marks.by_id(act.tx, entry.id)
        return _revise(act, known, entry) if known else _define(act, entry)


def grant_licences(desk: Desk, entries: Sequence[LicenceEntry]) -> list[Granted]:
    """Grant licences: all of them or none. One that is there with the same products, days and quota is left alone.
    Raises `EntriesRefused`.
    """
    with desk.act() as act:
        return each(entries, lambda entry: _grant(desk, act, entry))


def suspend_licence(desk: Desk, number: int, reason: str) -> Licence:
    """Suspend a licence: every label that carries its mark says so from now on, and no more are issued or printed with
    it. Raises `ActRefused`.
    """
    return _change(desk, number, "suspend", require_reason(reason))


def resume_licence(desk: Desk, number: int) -> Licence:
    """End the suspension of a licence. Raises `ActRefused`."""
    return _change(desk, number, "resume", None)


def withdraw_licence(desk: Desk, number: int, reason: str) -> Licence:
    """Withdraw a licence for good. Raises `ActRefused`."""
    return _change(desk, number, "withdraw", require_reason(reason))


def extend_licence(desk: Desk, number: int, valid_until: date | None = None, quota: int | None = None) -> Licence:
    """Give a licence a later last day, a larger quota, or both. Raises `ActRefused`."""
    with desk.act() as act:
        known = _in_a_state_for(act, number, "extend")
        extended = replace(
            known,
            valid_to_ms=known.valid_to_ms if valid_until is None else _end(desk, valid_until, "valid_until"),
            quota=known.quota if quota is None else _whole_quota(quota),
        )
        _require_more(known, extended, valid_until)
        _require_free(act, extended, licences.products_of(act.tx, number))
        payload = {"valid_to_ms": extended.valid_to_ms, "quota": extended.quota}
        position = act.record("licence.extend", f"licence:{number}", payload)
        licences.extend(act.tx, number, extended.valid_to_ms, extended.quota, position)
        return extended


def _check_mark(entry: MarkEntry) -> None:
    if len(entry.id) > _MAX_ID or not _ID.fullmatch(entry.id):
        raise ActRefused(
            f"expected an id of a to z, digits and single hyphens, {_MAX_ID} at most, got {entry.id[:80]!r}", "id"
        )
    if not _PREFIX.fullmatch(entry.prefix):
        raise ActRefused(
            f"expected a prefix of 2 to 8 capital letters and digits, such as QM, got {entry.prefix[:80]!r}", "prefix"
        )
    if entry.artwork not in ARTWORKS:
        raise ActRefused(f"expected an artwork of {', '.join(ARTWORKS)}, got {entry.artwork[:80]!r}", "artwork")
    for name, value in asdict(entry.text).items():
        most = MAX_NAME if name.startswith("name") else MAX_MEANING
        if not 1 <= len(value) <= most or value != value.strip() or not _is_shown(value):
            raise ActRefused(f"expected {name} of 1 to {most} printable characters, got {value[:80]!r}", name)


def _is_shown(text: str) -> bool:
    return all(char.isprintable() or char == "\u3000" for char in text)


def _define(act: Act, entry: MarkEntry) -> Mark:
    organisation = organisations.by_name(act.tx, entry.organisation)
    if organisation is None:
        raise ActRefused(
            f"expected the Chinese name of an enrolled organisation, got {entry.organisation!r}", "organisation"
        )
    if taken := marks.by_prefix(act.tx, entry.prefix):
        raise ActRefused(
            f"expected a prefix of its own, {entry.prefix!r} stands before licences of mark {taken.id}", "prefix"
        )
    mark = Mark(entry.id, organisation.id, entry.prefix, entry.artwork, 1)
    payload = {name: value for name, value in asdict(mark).items() if name != "id"}
    position = act.record("mark.define", f"mark:{entry.id}", {**payload, **asdict(entry.text)})
    marks.insert(act.tx, mark, position)
    marks.insert_text(act.tx, entry.id, 1, entry.text, position)
    return mark


def _revise(act: Act, known: Mark, entry: MarkEntry) -> Mark:
    _require_same(act, known, entry)
    if marks.text(act.tx, known.id, known.text_version) == entry.text:
        return known
    version = known.text_version + 1
    payload = {"text_version": version, **asdict(entry.text)}
    position = act.record("mark.revise", f"mark:{known.id}", payload)
    marks.insert_text(act.tx, known.id, version, entry.text, position)
    marks.set_text_version(act.tx, known.id, version, position)
    return replace(known, text_version=version)


def _require_same(act: Act, known: Mark, entry: MarkEntry) -> None:
    """Only the words of a mark have versions: its drawing and its numbers stand on labels that are printed."""
    for name in ("prefix", "artwork"):
        if getattr(entry, name) != getattr(known, name):
            raise ActRefused(
                f"mark {known.id}: expected {name} as it was defined, {getattr(known, name)!r},"
                f" got {getattr(entry, name)!r}",
                name,
            )
    organisation = organisations.by_name(act.tx, entry.organisation)
    if organisation is None or organisation.id != known.organisation_id:
        raise ActRefused(f"mark {known.id}: expected its organisation, got {entry.organisation!r}", "organisation")


def _grant(desk: Desk, act: Act, entry: LicenceEntry) -> Granted:
    mark = marks.by_id(act.tx, entry.mark)
    if mark is None:
        raise ActRefused(f"expected the id of a mark that is defined, got {entry.mark!r}", "mark")
    enterprise = require_enterprise(act, entry.uscc)
    gtins = _require_products(act, enterprise, entry.gtins)
    wanted = Licence(
        number=licences.next_number(act.tx),
        spelled="",
        mark_id=mark.id,
        text_version=mark.text_version,
        enterprise_id=enterprise.id,
        valid_from_ms=_start(desk, entry.valid_from, "valid_from"),
        valid_to_ms=_end(desk, entry.valid_until, "valid_until"),
        quota=_whole_quota(entry.quota),
        used=0,
        state="granted",
        reason=None,
    )
    if entry.valid_until < entry.valid_from:
        raise ActRefused(f"expected a last day from {entry.valid_from} on, got {entry.valid_until}", "valid_until")
    if same := _same(act, wanted, gtins):
        return Granted(same, added=False)
    _require_free(act, wanted, gtins)
    year = datetime.fromtimestamp(act.at_ms / 1000, UTC).astimezone(desk.timezone).year
    licence = replace(wanted, spelled=f"{mark.prefix}-{year}-{wanted.number:06d}")
    licences.insert(act.tx, licence, gtins, _recorded(act, licence, gtins))
    return Granted(licence, added=True)


def _recorded(act: Act, licence: Licence, gtins: Sequence[str]) -> int:
    left_out = ("number", "used", "state", "reason")
    payload = {name: value for name, value in asdict(licence).items() if name not in left_out}
    return act.record("licence.grant", f"licence:{licence.number}", {**payload, "gtins": list(gtins)})


def _require_products(act: Act, enterprise: Enterprise, gtins: Sequence[Gtin]) -> list[str]:
    """The digits of the GTINs, in order: products of the enterprise, each with an accepted claim to it."""
    if not 1 <= len(gtins) <= MAX_PRODUCTS or len(set(gtins)) != len(gtins):
        raise ActRefused(f"expected 1 to {MAX_PRODUCTS:,} different GTINs, got {len(gtins):,}", "gtins")
    for gtin in gtins:
        product = products.by_gtin(act.tx, gtin.digits)
        if product is None or product.enterprise_id != enterprise.id:
            raise ActRefused(f"expected GTINs of the enterprise's own products, got {gtin}", "gtins")
        if claims.accepted_for(act.tx, enterprise.id, gtin.digits) is None:
            raise ActRefused(f"GTIN {gtin}: expected an accepted claim of the enterprise to it, found none", "gtins")
    return sorted(gtin.digits for gtin in gtins)


def _same(act: Act, wanted: Licence, gtins: list[str]) -> Licence | None:
    """A licence that was granted just so: a table that is imported twice grants nothing twice."""
    for known in licences.of_product(act.tx, wanted.mark_id, gtins[0]):
        alike = (known.enterprise_id, known.valid_from_ms, known.valid_to_ms, known.quota) == (
            wanted.enterprise_id,
            wanted.valid_from_ms,
            wanted.valid_to_ms,
            wanted.quota,
        )
        if alike and known.state != "withdrawn" and licences.products_of(act.tx, known.number) == gtins:
            return known
    return None


def _require_free(act: Act, wanted: Licence, gtins: Sequence[str]) -> None:
    """At one time a product has one licence of a mark at most, so that its quota is one number."""
    for gtin in gtins:
        for known in licences.of_product(act.tx, wanted.mark_id, gtin):
            apart = known.valid_to_ms <= wanted.valid_from_ms or wanted.valid_to_ms <= known.valid_from_ms
            own = known.enterprise_id == wanted.enterprise_id and known.number != wanted.number
            if own and known.state != "withdrawn" and not apart:
                raise ActRefused(
                    f"GTIN {gtin}: expected no licence of mark {wanted.mark_id} on these days, {known.spelled} is one;"
                    f" give it more labels or days with: traceqr licence extend {known.number}",
                    "gtins",
                )


def _whole_quota(quota: int) -> int:
    if not 1 <= quota <= MAX_QUOTA:
        raise ActRefused(f"expected a quota of 1 to {MAX_QUOTA:,} labels, got {quota:,}", "quota")
    return quota


def _start(desk: Desk, day: date, field: str) -> int:
    return day_start(_in_range(day, field), desk.timezone)


def _end(desk: Desk, day: date, field: str) -> int:
    return day_end(_in_range(day, field), desk.timezone)


def _in_range(day: date, field: str) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ActRefused(f"expected a date from {FIRST_YEAR} to {LAST_YEAR}, got {day}", field)
    return day


def _require_more(known: Licence, extended: Licence, valid_until: date | None) -> None:
    if extended.valid_to_ms < known.valid_to_ms:
        raise ActRefused(f"licence {known.spelled}: expected a later last day, got {valid_until}", "valid_until")
    if extended.quota < known.quota:
        raise ActRefused(
            f"licence {known.spelled}: expected a larger quota than {known.quota:,}, got {extended.quota:,}", "quota"
        )
    if extended == known:
        raise ActRefused(f"licence {known.spelled}: expected a later last day or a larger quota, got the same")


def _change(desk: Desk, number: int, verb: str, reason: str | None) -> Licence:
    with desk.act() as act:
        known = _in_a_state_for(act, number, verb)
        payload = {} if reason is None else {"reason": reason}
        position = act.record(f"licence.{verb}", f"licence:{number}", payload)
        licences.set_state(act.tx, number, _LEADS_TO[verb], reason, position)
        return replace(known, state=_LEADS_TO[verb], reason=reason)


def _in_a_state_for(act: Act, number: int, verb: str) -> Licence:
    known = licences.by_number(act.tx, number)
    if known is None:
        raise ActRefused(f"expected the number of a licence, {number} is none", "licence")
    if known.state not in _ALLOWED[verb]:
        allowed = " or ".join(sorted(_ALLOWED[verb]))
        raise ActRefused(f"licence {known.spelled}: expected it to be {allowed}, it is {known.state}", "licence")
    return known


def require_reason(text: str) -> str:
    """A reason as every label shows it. Raises `ActRefused`."""
    stripped = text.strip()
    if not 1 <= len(stripped) <= MAX_REASON or not _is_shown(stripped):
        raise ActRefused(f"expected a reason of 1 to {MAX_REASON} printable characters, got {text[:80]!r}", "reason")
    return stripped
