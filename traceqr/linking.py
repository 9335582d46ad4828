"""Linking: where people and programs find what there is about a product, a lot, a parcel or a place.

An enterprise links what it has the right to: a GTIN by an accepted claim, an SSCC or a GLN by one to the company prefix
in front. Whoever loses the right keeps the links, and they are shown to nobody.
"""

from __future__ import annotations

from traceqr.acting import Act, ActRefused, Desk
from traceqr.digital_link.identified import Identified
from traceqr.digital_link.links import InvalidLink, Link, Placed, checked
from traceqr.digital_link.vocabulary import DEFAULT
from traceqr.registry import claims, links
from traceqr.registry.database import Reader
from traceqr.registry.links import KeptLink

MAX_LINKS = 50
"""About one thing: a product, a lot of it, a parcel, a place."""

MAX_OF_KEY = 1000
"""About one key, with all its lots and serials."""

_SAME = ("kind", "href", "languages", "media_type", "context")


def holder(reader: Reader, what: Identified) -> str | None:
    """The id of the enterprise that has the right to a key, if one has."""
    if what.key == "01":
        accepted = claims.accepted_to(reader, what.value)
        return accepted[0].enterprise_id if accepted else None
    claim = claims.prefix_of(reader, what.value[1:] if what.key == "00" else what.value)
    return claim.enterprise_id if claim else None


def set_link(desk: Desk, enterprise_id: str, about: Identified, link: Link) -> KeptLink:
    """Keep a link, in the place of the default link if it is one, or of the same under another title. Raises
    `ActRefused`.
    """
    try:
        good = checked(link)
    except InvalidLink as error:
        raise ActRefused(str(error), error.part) from error
    _require_alone(about)
    wanted = KeptLink.of(desk.new_id(), enterprise_id, Placed(about, good))
    with desk.act() as act:
        if holder(act.tx, about) != enterprise_id:
            raise ActRefused(f"expected an accepted claim of the enterprise to {about.bare.path}, found none", "about")
        known = links.everything_about(act.tx, about, enterprise_id, MAX_OF_KEY)
        here = [one for one in known if one.qualified == wanted.qualified]
        for old in [one for one in here if _gives_way(one, wanted)]:
            if old.title == wanted.title and _is_same(old, wanted):
                return old
            _remove(act, old)
            known.remove(old)
            here.remove(old)
        if len(here) >= MAX_LINKS or len(known) >= MAX_OF_KEY:
            raise ActRefused(
                f"expected at most {MAX_LINKS} links about one thing and {MAX_OF_KEY:,} about a key, got one more",
                "about",
            )
        links.insert(act.tx, wanted, act.record("link.set", f"link:{wanted.id}", _payload(wanted)))
    return wanted


def remove_link(desk: Desk, enterprise_id: str, link_id: str) -> None:
    """Let a link of an enterprise stand no more. Raises `ActRefused`."""
    with desk.act() as act:
        known = links.by_id(act.tx, link_id)
        if known is None or known.enterprise_id != enterprise_id or known.state != "set":
            raise ActRefused(f"expected the id of a link that the enterprise has set, {link_id[:40]!r} is none", "link")
        _remove(act, known)


def _require_alone(about: Identified) -> None:
    """A serial is of one lot, so links about it name no lot (GS1-Conformant Resolver, section 2.5.9)."""
    if about.qualifier("21") is not None and len(about.qualifiers) > 1:
        raise ActRefused(f"expected a serial without lot or variant, got {about.qualified!r}", "about")


def _gives_way(old: KeptLink, new: KeptLink) -> bool:
    return _is_same(old, new) or old.kind == new.kind == DEFAULT


def _is_same(old: KeptLink, new: KeptLink) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in _SAME)


def _remove(act: Act, link: KeptLink) -> None:
    position = act.record("link.remove", f"link:{link.id}", {"enterprise": link.enterprise_id, "about": link.about})
    links.remove(act.tx, link.id, position)


def _payload(link: KeptLink) -> dict[str, str]:
    names = ("identifier", "about", "qualified", "kind", "href", "title", "languages", "media_type", "context")
    return {"enterprise": link.enterprise_id, **{name: getattr(link, name) for name in names}}
