"""Links about what a GS1 Digital Link names, and the one that answers a request (GS1-Conformant Resolver, 2.5, 2.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from traceqr.digital_link.identified import Identified
from traceqr.digital_link.vocabulary import CHOICES, DEFAULT, DEFAULT_MULTI
from traceqr.endpoint import Endpoint, InvalidEndpoint
from traceqr.errors import TraceqrError

MAX_TITLE = 120
MAX_LANGUAGES = 10

_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
"""Tags of BCP 47, as far as pages have them: zh, zh-Hant, en-GB, es-419."""

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_CONTEXT = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_FRAGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,200}")


class InvalidLink(TraceqrError):
    """Something of a link is not as it must be; `part` says what."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True, slots=True)
class Link:
    """Where people and programs find something about what an address names. Empty is: for every language, of any
    media type, in every context.
    """

    kind: str
    href: str
    title: str
    languages: tuple[str, ...] = ()
    media_type: str = ""
    context: str = ""


def checked(link: Link) -> Link:
    """A link that an enterprise may keep, its address in one spelling. Raises `InvalidLink`."""
    if link.kind not in CHOICES:
        raise InvalidLink("kind", f"expected a link type such as gs1:pip, got {link.kind[:60]!r}")
    title = link.title.strip()
    if not 1 <= len(title) <= MAX_TITLE or not title.isprintable():
        raise InvalidLink("title", f"expected a title of 1 to {MAX_TITLE} characters in one line")
    if len(link.languages) > MAX_LANGUAGES or len(set(link.languages)) < len(link.languages):
        raise InvalidLink("languages", f"expected at most {MAX_LANGUAGES} languages, each once")
    for tag in link.languages:
        if not _LANGUAGE.fullmatch(tag):
            raise InvalidLink("languages", f"expected tags such as zh, zh-Hant or en-GB, got {tag[:40]!r}")
    if link.media_type and not _MEDIA_TYPE.fullmatch(link.media_type):
        raise InvalidLink("media_type", f"expected a media type such as text/html, got {link.media_type[:60]!r}")
    if link.context and not _CONTEXT.fullmatch(link.context):
        raise InvalidLink("context", f"expected a word of letters and digits, got {link.context[:60]!r}")
    if link.kind == DEFAULT and (link.languages or link.media_type or link.context):
        raise InvalidLink("kind", f"expected {DEFAULT} for everybody; {DEFAULT_MULTI} may have languages and types")
    return Link(link.kind, _address(link.href), title, link.languages, link.media_type, link.context)


def _address(text: str) -> str:
    """An address on the internet over HTTPS, without user or password."""
    base, hash_, fragment = text.partition("#")
    try:
        endpoint = Endpoint.parse(base)
    except InvalidEndpoint as error:
        raise InvalidLink("href", str(error)) from error
    if not _FRAGMENT.fullmatch(fragment):
        raise InvalidLink("href", "expected a fragment of at most 200 characters that addresses may have")
    return endpoint.url + hash_ + fragment


@dataclass(frozen=True, slots=True)
class Placed:
    """A link, and what it is about: the thing itself, or what the thing is a part of."""

    about: Identified
    link: Link


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request would rather have: languages and media types, each with its weight, and a context."""

    languages: tuple[tuple[str, float], ...] = ()
    media_types: tuple[tuple[str, float], ...] = ()
    context: str = ""


def choose(links: Sequence[Placed], kind: str, wish: Wish) -> tuple[Placed, ...]:
    """The links of a type that answer best: one, several that nothing tells apart, or none. `links` come the narrowest
    first, and as they were set. A language counts for more than a media type, and both for more than how narrow it is.
    """
    scored = [(_score(one.link, wish), one) for one in links if one.link.kind == kind]
    if not scored:
        return ()
    best = max(score for score, _ in scored)
    found = [one for score, one in scored if score == best]
    first = found[0]
    return tuple(one for one in found if one.about == first.about and _told_apart(one.link) == _told_apart(first.link))


def default(links: Sequence[Placed], wish: Wish) -> Placed | None:
    """The link that answers where no type was asked for. One of several defaults answers only where it is what the
    request asks for; else the one default does, which there is at one level at least.
    """
    single = choose([one for one in links if one.link.kind == DEFAULT][:1], DEFAULT, wish)
    multi = [one for one in links if one.link.kind == DEFAULT_MULTI and _is_asked_for(one.link, wish)]
    found = choose(multi, DEFAULT_MULTI, wish)
    if found and (not single or len(found[0].about.qualifiers) >= len(single[0].about.qualifiers)):
        return found[0]
    return single[0] if single else None


def _told_apart(link: Link) -> tuple[object, ...]:
    return link.languages, link.media_type, link.context


def _score(link: Link, wish: Wish) -> tuple[float, float, float]:
    return (
        float(link.context == wish.context) if link.context or not wish.context else 0.5,
        _best(wish.languages, link.languages, _is_language),
        _best(wish.media_types, (link.media_type,) if link.media_type else (), _is_media_type),
    )


def _is_asked_for(link: Link, wish: Wish) -> bool:
    """Whether every attribute of a link is one that was asked for."""
    context, language, media_type = _score(link, wish)
    return (
        (not link.context or context == 1)
        and (not link.languages or language > _ANY)
        and (not link.media_type or media_type > _ANY)
    )


_ANY = 0.0005
"""Something that fits every wish comes after all that was asked for, and before what was not."""


def _best(wished: Sequence[tuple[str, float]], offered: Sequence[str], fits: Callable[[str, str], bool]) -> float:
    if not wished or not offered:
        return _ANY
    return max((weight for want, weight in wished for offer in offered if fits(want, offer)), default=0.0)


def _is_language(want: str, offer: str) -> bool:
    """By either's being more exact than the other: `zh-CN` is served by zh, and `zh` by zh-Hant (RFC 4647)."""
    want, offer = want.lower(), offer.lower()
    return want == "*" or want == offer or want.startswith(offer + "-") or offer.startswith(want + "-")


def _is_media_type(want: str, offer: str) -> bool:
    kind, _, _ = offer.partition("/")
    return want in ("*/*", f"{kind}/*", offer)
