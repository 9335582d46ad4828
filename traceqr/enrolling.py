"""Enrolling: organisations, enterprises and products."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.label.gtin import Gtin
from traceqr.picture import Picture
from traceqr.region import COUNTRY, within
from traceqr.registry import claims, enterprises, organisations, products
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.organisations import Organisation
from traceqr.registry.products import Product, ProductText

_USCC_LENGTH = 18
_USCC_DIGITS = 8
"""Authority, kind and region stand in front, in digits (GB 32100)."""

_DIGITS = "0123456789"
_USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LOOKALIKES = {"I": "1", "O": "0", "S": "5", "Z": "2"}


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An association or regulator to enrol; see `registry.organisations.Organisation`."""

    kind: str
    level: str
    region: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class EnterpriseEntry:
    """An enterprise to enrol or amend. `contact` is personal data and stays off the ledger."""

    uscc: str
    name_zh: str
    name_en: str
    region: str
    sector: str
    service_phone: str
    contact: str


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """A product to enrol, or a new version of one. Without a `picture` it keeps the one that it has, unless it is to be
    `bare` of one.
    """

    gtin: Gtin
    uscc: str
    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    picture: Picture | None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """What an import did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


def parse_uscc(text: str) -> str:
    """A unified social credit code (GB 32100), 18 characters, check character right. Raises `ActRefused`."""
    try:
        valid = stdnum_uscc.validate(text)
    except ValidationError as error:
        raise ActRefused(_uscc_fault(text), "uscc") from error
    if valid != text:
        raise ActRefused(f"expected the code spelled {valid!r}, got {text!r}", "uscc")
    return text


def _uscc_fault(text: str) -> str:
    """What is wrong with a code: its length, a character, or else its check character."""
    code = stdnum_uscc.compact(text)
    if len(code) != _USCC_LENGTH:
        return f"expected a unified social credit code of {_USCC_LENGTH} characters, got {text!r} with {len(code)}"
    for place, char in enumerate(code, 1):
        if char not in (_DIGITS if place <= _USCC_DIGITS else _USCC_CHARACTERS):
            meant = f"; letter {char} for digit {_LOOKALIKES[char]}?" if char in _LOOKALIKES else ""
            return (
                f"expected a unified social credit code of {_USCC_DIGITS} digits, then digits and letters without"
                f" I, O, S, V and Z, got {text!r} with {char!r} in place {place}{meant}"
            )
    check = stdnum_uscc.calc_check_digit(code)
    return (
        f"expected check character {check!r} at the end of unified social credit code {text!r}, got {code[-1]!r}: one"
        " of its characters is mistyped"
    )


def enrol_organisations(desk: Desk, entries: Sequence[OrganisationEntry]) -> Tally:
    """Add associations and regulators: all of them or none. One that is there unchanged is left alone."""
    with desk.act() as act:
        return sum(each(entries, lambda entry: _enrol_organisation(desk, act, entry)), Tally())


def enrol_enterprises(desk: Desk, entries: Sequence[EnterpriseEntry], scope: str = COUNTRY) -> Tally:
    """Add enterprises, or amend those that are enrolled already: all of them or none. None may lie outside a region,
    neither as it is nor as it would be.
    """
    with desk.act() as act:
        return sum(each(entries, lambda entry: enrol_within(desk, act, entry, scope)[1]), Tally())


def enrol_products(desk: Desk, entries: Sequence[ProductEntry]) -> Tally:
    """Add products, or new versions of those whose text changed: all of them or none."""
    with desk.act() as act:
        return sum(each(entries, lambda entry: _enrol_product(act, entry)), Tally())


def _enrol_organisation(desk: Desk, act: Act, entry: OrganisationEntry) -> Tally:
    known = organisations.by_name(act.tx, entry.name_zh)
    if known and _same(known, entry):
        return Tally(unchanged=1)
    if known:
        raise ActRefused(f"{entry.name_zh!r} is enrolled already, with another kind, level, region or name", "name_zh")
    organisation = Organisation(desk.new_id(), **asdict(entry))
    position = act.record("organisation.enrol", f"organisation:{organisation.id}", asdict(entry))
    organisations.insert(act.tx, organisation, position)
    return Tally(added=1)


def enrol_within(desk: Desk, act: Act, entry: EnterpriseEntry, scope: str = COUNTRY) -> tuple[Enterprise, Tally]:
    """Add an enterprise, or amend it, in an act that has begun. Raises `ActRefused`."""
    parse_uscc(entry.uscc)
    require_region(entry.region, scope, "region")
    known = enterprises.by_uscc(act.tx, entry.uscc)
    if known:
        require_region(known.region, scope, "uscc")
    if known and _same(known, entry):
        return known, Tally(unchanged=1)
    enterprise = Enterprise(id=known.id if known else desk.new_id(), **asdict(entry), contact_salt=desk.new_id())
    payload = {name: value for name, value in asdict(entry).items() if name != "contact"}
    payload["contact_digest"] = _digest(f"{enterprise.contact_salt}\n{entry.contact}".encode())
    if known:
        enterprises.update(act.tx, enterprise, act.record("enterprise.amend", f"enterprise:{known.id}", payload))
        return enterprise, Tally(changed=1)
    enterprises.insert(act.tx, enterprise, act.record("enterprise.enrol", f"enterprise:{enterprise.id}", payload))
    return enterprise, Tally(added=1)


def _same(known: Enterprise | Organisation, entry: EnterpriseEntry | OrganisationEntry) -> bool:
    return all(getattr(known, name) == value for name, value in asdict(entry).items())


def _enrol_product(act: Act, entry: ProductEntry) -> Tally:
    enterprise = require_enterprise(act, entry.uscc)
    known = products.by_gtin(act.tx, entry.gtin.digits)
    taken = known is not None and known.enterprise_id != enterprise.id
    if taken:
        _require_right(act, enterprise, entry.gtin)
    text = _text_of(entry, None if taken else known)
    if known and known.text == text and not taken:
        return Tally(unchanged=1)
    product = Product(entry.gtin.digits, enterprise.id, known.version + 1 if known else 1, text)
    if entry.picture:
        products.insert_picture(act.tx, entry.picture.digest, entry.picture.media_type, entry.picture.content)
    position = act.record(
        "product.amend" if known else "product.enrol",
        f"product:{product.gtin}",
        {"enterprise": enterprise.id, "version": product.version, **asdict(text)},
    )
    products.insert_version(act.tx, product, position)
    return Tally(changed=1) if known else Tally(added=1)


def _require_right(act: Act, enterprise: Enterprise, gtin: Gtin) -> None:
    """Enrolling a product gives no right to its GTIN, so whoever was first gives way to an accepted claim. Nothing is
    on sale under the other's name: no batch is issued without such a claim, and accepted claims do not overlap.
    """
    if claims.accepted_for(act.tx, enterprise.id, gtin.digits) is None:
        raise ActRefused(
            f"GTIN {gtin}: another enterprise has enrolled it; expected an accepted claim of {enterprise.uscc} to it",
            "gtin",
        )


def _text_of(entry: ProductEntry, known: Product | None) -> ProductText:
    """What the new version says. An entry without a picture keeps the one that is there, but nobody's from whom the
    product is taken.
    """
    kept = known.text.picture if known and not entry.bare else None
    picture = entry.picture.digest if entry.picture else kept
    return ProductText(entry.name_zh, entry.name_en, entry.brand, entry.specification, entry.standard, picture)


def require_region(region: str, scope: str, field: str) -> None:
    """Raise `ActRefused` where an enterprise lies outside the region of whoever acts."""
    if not within(region, scope):
        where = ", where it is enrolled" if field == "uscc" else ""
        raise ActRefused(f"expected an enterprise within region {scope}, one's own, got one of {region}{where}", field)


def require_enterprise(act: Act, uscc: str) -> Enterprise:
    """The enrolled enterprise of a code. Raises `ActRefused` when there is none."""
    enterprise = enterprises.by_uscc(act.tx, uscc)
    if enterprise is None:
        raise ActRefused(f"expected the code of an enrolled enterprise, got {uscc!r}; import enterprises first", "uscc")
    return enterprise


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
