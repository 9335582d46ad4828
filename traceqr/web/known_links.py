"""What is known of a thing that an address names: links that its enterprise keeps, and those to our own pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from traceqr import attesting, linking
from traceqr.certificate import CertificateNumber
from traceqr.certifying.content import PATH as CERTIFICATES
from traceqr.chain import recounting
from traceqr.digital_link.elements import ALPHAS, KEYS
from traceqr.digital_link.identified import Identified
from traceqr.digital_link.links import Link, Placed
from traceqr.digital_link.vocabulary import (
    CERTIFICATION,
    DEFAULT,
    DEFAULTS,
    PASSPORT_PAGE,
    PRODUCT_INFORMATION,
    RECALL_STATUS,
    TRACEABILITY,
    UNTP_CONFORMITY,
    UNTP_EVENTS,
    UNTP_PASSPORT,
)
from traceqr.documenting import EVENTS
from traceqr.passport.credential import PREFIX as PASSPORTS
from traceqr.passport.vocabulary import JSON_LD, JWT
from traceqr.registry import batches, links, passports, pledges, products, rosters
from traceqr.registry.database import Reader, Row
from traceqr.registry.products import Product
from traceqr.rostering import IN_FORCE, state_at
from traceqr.tracing.thing import Thing
from traceqr.web.site import language, site
from traceqr.web.stories import TRACE, unit_path

_ = str

ABOUT = _("About the product")
RECALLS = _("Recalls of the product")
CERTIFICATE = _("Quality pledge of the enterprise")
ENTERPRISE = _("About the enterprise")
CAME_FROM = _("Where it came from")
PASSPORT = _("Digital product passport")
EVENTS_OF_LOT = _("Public events of the lot")

MAX_CONFORMITY = 10
"""Links to credentials of conformity."""

UNSEALED = "/unsealed"
"""Behind the address of a product's page: that of a code without a seal."""

_SERIAL = re.compile("[0-9]{16}")

LANGUAGES = ("zh", "en")
"""What our own pages are written in. The schema of linksets knows no tags of scripts."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A product of an enterprise that has the right to its GTIN; of anything else the enterprise alone is known."""

    enterprise: Row
    product: Product | None


@dataclass(frozen=True, slots=True)
class Known:
    """A thing with all links about it, the narrowest first."""

    subject: Subject
    description: str
    links: tuple[Placed, ...]


def known(reader: Reader, what: Identified, seal: str = "") -> Known | None:
    """What is known of a thing; None where nothing is. With the seal that came along, if one did: whoever has it has
    the label, and is led to its story.
    """
    subject = subject_of(reader, what)
    if subject is None:
        return None
    kept = [one.placed for one in links.about(reader, what.levels(), subject.enterprise["id"])]
    own = (*_own(reader, what, subject), *_of_label(what, seal))
    found = (*own, *(one for one in kept if _may_be_shown(what, one.link)))
    return Known(subject, _description(subject), _merged(what, found)) if found else None


def subject_of(reader: Reader, what: Identified) -> Subject | None:
    """Whose a thing is; None where nobody's right to it was accepted."""
    holder = linking.holder(reader, what)
    enterprise = rosters.enterprise_of_id(reader, holder) if holder else None
    if enterprise is None:
        return None
    product = products.by_gtin(reader, what.value) if what.key == "01" else None
    # A product that somebody enrolled who has no right to its GTIN is not told of.
    return Subject(enterprise, product if product and product.enterprise_id == holder else None)


def has_serial(what: Identified) -> bool:
    """Whether one piece is named. Without a seal nothing can be said of it."""
    return any(name in ("21", "235") for name, _value in what.qualifiers)


def _merged(what: Identified, found: Sequence[Placed]) -> tuple[Placed, ...]:
    """The narrowest first, and one default link for each level: the enterprise's, where it has set one."""
    ranks = {level: place for place, level in enumerate(what.levels())}
    ordered = sorted(found, key=lambda one: ranks.get(one.about, len(ranks)))
    chosen: dict[Identified, Placed] = {one.about: one for one in ordered if one.link.kind == DEFAULT}
    return tuple(one for one in ordered if one.link.kind != DEFAULT or chosen[one.about] is one)


def _own(reader: Reader, what: Identified, subject: Subject) -> list[Placed]:
    return OWN_PAGES[what.key](reader, what, subject) if what.key in OWN_PAGES else []


def _of_product(reader: Reader, what: Identified, subject: Subject) -> list[Placed]:
    """The pages of a product, and that of a code without a seal."""
    if subject.product is None:
        return []
    home = f"/products/{what.value}"
    pledge = _certificate(reader, subject.enterprise["id"])
    certified = (CERTIFICATE, pledge) if pledge else (ENTERPRISE, f"/enterprises/{subject.enterprise['uscc']}")
    default = (what, home + UNSEALED) if has_serial(what) else (what.bare, home)
    return [
        _page(default[0], DEFAULT, ABOUT, default[1]),
        _page(what.bare, PRODUCT_INFORMATION, ABOUT, home),
        _page(what.bare, RECALL_STATUS, RECALLS, f"/recalls?q={what.value}"),
        _page(what.bare, CERTIFICATION, *certified),
        *_passports(reader, what, subject),
    ]


def _of_label(what: Identified, seal: str) -> list[Placed]:
    """The story of a label, which is told by its text alone: nothing is said here of whether the seal holds."""
    serial = dict(what.qualifiers).get("21", "")
    if what.key != "01" or not seal or not _SERIAL.fullmatch(serial):
        return []
    return [_page(what, TRACEABILITY, CAME_FROM, f"{TRACE}/01/{what.value}/21/{serial}?s={seal}")]


def carries_seal(link: Link) -> bool:
    """Whether a link is for whoever has a label, and nobody else."""
    return link.href.startswith(f"{site().origin}{TRACE}/01/")


def _passports(reader: Reader, what: Identified, subject: Subject) -> list[Placed]:
    """The passports of a product and of the lot that is named, with what they lean on, in envelopes where these are
    kept.
    """
    here, lot = site(), what.qualifier("10")
    levels = [what.bare]
    if lot is not None and _has_labels(reader, what.value, lot, subject.enterprise["id"]):
        levels.insert(0, Identified("01", what.value, (("10", lot),)))
    told = attesting.everything(reader, subject.enterprise, here.clock(), here.settings.timezone, what.value)
    conformity = [(one.path, one.name) for one in told][:MAX_CONFORMITY]
    wanted = [f"{start}{level.path}" for level in levels for start in (PASSPORTS, EVENTS)]
    kept = passports.sources(reader, [*wanted, *(path for path, _name in conformity)])
    title = here.pages.words(language(), PASSPORT)
    found = []
    for level in levels:
        found.append(_credential(level, UNTP_PASSPORT, title, PASSPORTS + level.path, kept))
        found.append(_page(level, PASSPORT_PAGE, PASSPORT, PASSPORTS + level.path))
        if EVENTS + level.path in kept:
            words = here.pages.words(language(), EVENTS_OF_LOT)
            found.append(_credential(level, UNTP_EVENTS, words, EVENTS + level.path, kept))
    return found + [_credential(what.bare, UNTP_CONFORMITY, name, path, kept) for path, name in conformity]


def _has_labels(reader: Reader, gtin: str, lot: str, enterprise_id: str) -> bool:
    """Whether an enterprise has labels of a lot."""
    numbers = [number for number, _count in batches.of_lots(reader, gtin, [lot])]
    return any(one.enterprise_id == enterprise_id for one in batches.by_numbers(reader, numbers).values())


def _credential(about: Identified, kind: str, title: str, path: str, kept: Container[str]) -> Placed:
    media_type = JWT if path in kept else JSON_LD
    return Placed(about, Link(kind, f"{site().origin}{path}", title, ("en",), media_type))


def _of_unit(reader: Reader, what: Identified, subject: Subject) -> list[Placed]:  # noqa: ARG001
    """The page of a logistic unit, where there is something to tell of it."""
    thing = Thing.unit(what.value)
    if not recounting.recount(reader, thing).lines:
        return []
    path = unit_path(what.value)
    return [_page(what, DEFAULT, CAME_FROM, path), _page(what, TRACEABILITY, CAME_FROM, path)]


OWN_PAGES: dict[str, Callable[[Reader, Identified, Subject], list[Placed]]] = {"00": _of_unit, "01": _of_product}
"""By the key: links to our own pages. A page of places (414) has its line here."""


def _page(about: Identified, kind: str, title: str, path: str) -> Placed:
    here = site()
    words = here.pages.words(language(), title)
    tags = () if kind == DEFAULT else LANGUAGES
    return Placed(about, Link(kind, f"{here.origin}{path}", words, tags, "" if kind == DEFAULT else "text/html"))


def _certificate(reader: Reader, enterprise_id: str) -> str | None:
    """The address of the latest certificate that is valid now."""
    now_ms = site().clock()
    for row in pledges.through_the_years(reader, enterprise_id):
        if row["valid_from_ms"] is None:
            continue
        if state_at(row["state"], row["valid_from_ms"], row["valid_to_ms"], now_ms) == IN_FORCE:
            return f"{CERTIFICATES}{CertificateNumber(row['code'], row['number'])}"
    return None


def _description(subject: Subject) -> str:
    if subject.product is None:
        return str(subject.enterprise["name_zh"])
    text = subject.product.text
    return " · ".join(part for part in (text.name_zh, text.name_en) if part)


def _may_be_shown(what: Identified, link: Link) -> bool:
    """Whoever makes a label without a seal shall not have people led from it to the enterprise's own site: they are
    only where they ask for what is there.
    """
    return not _leads_back(link.href) and not (has_serial(what) and link.kind in DEFAULTS)


def _leads_back(href: str) -> bool:
    """Whether a link leads to the resolver itself, and so round in a circle."""
    parts = urlsplit(href)
    front = parts.path.lstrip("/").partition("/")[0]
    return parts.hostname in site().settings.official_hosts and front in (*KEYS, *ALPHAS)
