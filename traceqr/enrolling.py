"""Enrolling: organisations, enterprises, products, and the right to a GTIN."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError

from traceqr.acting import Act, ActRefused, Desk, each
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.picture import Picture
from traceqr.registry import claims, enterprises, organisations, products
from traceqr.registry.claims import Claim
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.organisations import Organisation
from traceqr.registry.products import Product, ProductText

_CLAIM_FORMS = {"gtin": re.compile("[0-9]{14}"), "prefix": re.compile("[0-9]{7,12}")}
_GTIN8_RANGE = "00000"
"""A GTIN-8 in 14 digits starts with six zeros, and belongs to no company prefix (GS1 General Specifications 1.4.3)."""

_USCC_LENGTH = 18
_USCC_DIGITS = 8
"""Authority, kind and region stand in front, in digits (GB 32100)."""

_DIGITS = "0123456789"
_USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LOOKALIKES = {"I": "1", "O": "0", "S": "5", "Z": "2"}

_NAMED = 5
"""Organisations named in a message at most."""

_CLAIM_WORDS = {"gtin": "a GTIN of 14 digits", "prefix": "a GS1 company prefix of 7 to 12 digits"}


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
    """A product to enrol, or a new version of one."""

    gtin: Gtin
    uscc: str
    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """A claim to file: `kind` is gtin (14 digits) or prefix (7 to 12 digits)."""

    uscc: str
    kind: str
    value: str
    evidence: str


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


def enrol_enterprises(desk: Desk, entries: Sequence[EnterpriseEntry]) -> Tally:
    """Add enterprises, or amend those that are enrolled already: all of them or none."""
    with desk.act() as act:
        return sum(each(entries, lambda entry: enrol_within(desk, act, entry)[1]), Tally())


def enrol_products(desk: Desk, entries: Sequence[ProductEntry]) -> Tally:
    """Add products, or new versions of those whose text changed: all of them or none."""
    with desk.act() as act:
        return sum(each(entries, lambda entry: _enrol_product(act, entry)), Tally())


def file_claims(desk: Desk, entries: Sequence[ClaimEntry]) -> list[Claim]:
    """File claims to GTINs or company prefixes, to be reviewed."""
    with desk.act() as act:
        return each(entries, lambda entry: _file_claim(desk, act, entry))


def accept_claim(desk: Desk, claim_id: str, organisation_name: str) -> Claim:
    """Accept a claim. Refused when it shares a GTIN with a claim accepted for another enterprise."""
    with desk.act() as act:
        claim = _filed(act, claim_id)
        for other in claims.accepted_overlapping(act.tx, claim):
            if other.enterprise_id != claim.enterprise_id:
                raise ActRefused(
                    f"claim {claim_id} to {claim.kind} {claim.value}: {other.kind} {other.value} is accepted for"
                    " another enterprise"
                )
            if (other.kind, other.value) == (claim.kind, claim.value):
                raise ActRefused(f"claim {claim_id} to {claim.kind} {claim.value}: accepted already as {other.id}")
        return _decide(act, claim, "accepted", organisation_name, reason="")


def refuse_claim(desk: Desk, claim_id: str, organisation_name: str, reason: str) -> Claim:
    """Refuse a claim, for a reason that the ledger keeps."""
    if not reason.strip():
        raise ActRefused("expected a reason that the ledger keeps, got none", "reason")
    with desk.act() as act:
        return _decide(act, _filed(act, claim_id), "refused", organisation_name, reason)


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


def enrol_within(desk: Desk, act: Act, entry: EnterpriseEntry) -> tuple[Enterprise, Tally]:
    """Add an enterprise, or amend it, in an act that has begun. Raises `ActRefused`."""
    parse_uscc(entry.uscc)
    known = enterprises.by_uscc(act.tx, entry.uscc)
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
    text = _text_of(entry, known)
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
    """What the new version says. An entry without a picture keeps the one that is there."""
    picture = entry.picture.digest if entry.picture else (known.text.picture if known else None)
    return ProductText(entry.name_zh, entry.name_en, entry.brand, entry.specification, entry.standard, picture)


def _file_claim(desk: Desk, act: Act, entry: ClaimEntry) -> Claim:
    if entry.kind not in _CLAIM_FORMS:
        raise ActRefused(f"expected a claim to gtin or prefix, got {entry.kind!r}", "kind")
    if not _CLAIM_FORMS[entry.kind].fullmatch(entry.value):
        raise ActRefused(f"expected {_CLAIM_WORDS[entry.kind]}, got {entry.value!r}", "value")
    if entry.kind == "gtin":
        _check_gtin(entry.value)
    elif entry.value.startswith(_GTIN8_RANGE):
        raise ActRefused(
            f"expected a company prefix, got {entry.value!r} from the range of GTIN-8, which are claimed singly",
            "value",
        )
    enterprise = require_enterprise(act, entry.uscc)
    claim = Claim(desk.new_id(), enterprise.id, entry.kind, entry.value, entry.evidence, "filed")
    position = act.record(
        "claim.file",
        f"claim:{claim.id}",
        {"enterprise": enterprise.id, "kind": claim.kind, "value": claim.value, "evidence": claim.evidence},
    )
    claims.insert(act.tx, claim, position)
    return claim


def _check_gtin(digits: str) -> None:
    try:
        Gtin.parse(digits)
    except InvalidGtin as error:
        raise ActRefused(str(error), "value") from error


def _filed(act: Act, claim_id: str) -> Claim:
    claim = claims.by_id(act.tx, claim_id)
    if claim is None:
        raise ActRefused(f"expected the id of a claim, {claim_id!r} is none")
    if claim.state != "filed":
        raise ActRefused(f"expected a claim that awaits its decision, {claim_id} is {claim.state}")
    return claim


def _decide(act: Act, claim: Claim, state: str, organisation_name: str, reason: str) -> Claim:
    organisation = organisations.by_name(act.tx, organisation_name)
    if organisation is None:
        raise ActRefused(
            f"expected the Chinese name of an enrolled organisation, got {organisation_name!r}; {_enrolled(act)}"
        )
    payload = {"organisation": organisation.id, "kind": claim.kind, "value": claim.value}
    if reason:
        payload["reason"] = reason
    act_name = "claim.accept" if state == "accepted" else "claim.refuse"
    position = act.record(act_name, f"claim:{claim.id}", payload)
    claims.decide(act.tx, claim.id, state, organisation.id, act.at_ms, position)
    return replace(claim, state=state, organisation_id=organisation.id, decided_ms=act.at_ms)


def _enrolled(act: Act) -> str:
    names = [repr(organisation.name_zh) for organisation in organisations.everyone(act.tx)]
    if not names:
        return "none is enrolled yet: import organisations first"
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"enrolled: {', '.join(names[:_NAMED])}{more}"


def require_enterprise(act: Act, uscc: str) -> Enterprise:
    """The enrolled enterprise of a code. Raises `ActRefused` when there is none."""
    enterprise = enterprises.by_uscc(act.tx, uscc)
    if enterprise is None:
        raise ActRefused(f"expected the code of an enrolled enterprise, got {uscc!r}; import enterprises first", "uscc")
    return enterprise


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
