"""What names outside the standard stand for: namespaces that a document declares in `@context`.

The official context is known by its addresses; none is fetched. Beside it, or in its place, stand maps from prefixes to
namespaces, and from terms to URIs. A name whose prefix nobody declared is refused, since two firms' `lot` are not one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.problem import ExceptionType, Problem, escaped, shown
from traceqr.epcis.spelling import require_uri

OFFICIAL = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
"""The address of the context that is written."""

NAMESPACE = "urn:x-traceqr:epcis:"
"""Of our own extensions: `epcRanges` and `audience`."""

PREFIX = "traceqr"
"""What our documents call it."""

MAX_NAMESPACES = 50

_OFFICIAL = re.compile(
    r"https://(ref\.gs1\.org/standards/epcis/([0-9.]+/)?|gs1\.github\.io/EPCIS/|id\.gs1\.org/)epcis-context(-simple)?\.jsonld"
)

STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "cbv": "https://ref.gs1.org/cbv/",
        "cbvmda": "urn:epcglobal:cbv:mda:",
        "epcis": "https://ref.gs1.org/epcis/",
        "gs1": "https://gs1.org/voc/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dcterms": "http://purl.org/dc/terms/",
    }
)
"""Prefixes that the official context declares."""

_OTHER_NAMES = {
    # Namespaces of drafts, and of vocabularies that have moved since: they are taken for those of the standard.
    "cbv": ("https://ns.gs1.org/cbv/",),
    "cbvmda": ("urn:epcglobal:cbv:mda",),
    "epcis": ("https://ns.gs1.org/epcis/", "urn:epcglobal:epcis:"),
    "gs1": ("https://ref.gs1.org/voc/", "https://ns.gs1.org/voc/", "https://www.gs1.org/voc/"),
}
_PREFIX = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
_KEYWORDS = {"@version": (1.1,), "@protected": (True, False)}
_VOCAB = "@vocab"

Namespaces = Mapping[str, str]
"""From prefixes to namespaces, and from terms to URIs; `@vocab` is what names without a prefix stand under."""


class Declared:
    """The namespaces of a document or an event, read from its `@context`; what is wrong with it is kept beside."""

    def __init__(self, context: Any, pointer: str, outer: Namespaces = STANDARD) -> None:
        self.names: dict[str, str] = {**STANDARD, **outer}
        self.problems: list[Problem] = []
        for place, each in _listed(context, pointer):
            self._take(each, place)
        if len(self.names) > MAX_NAMESPACES + len(STANDARD):
            self._fault(pointer, f"expected at most {MAX_NAMESPACES} namespaces, got {len(self.names)}")

    def _take(self, each: Any, pointer: str) -> None:
        if isinstance(each, str):
            if not _OFFICIAL.fullmatch(each):
                self._fault(pointer, f"expected {OFFICIAL} or an object (none is fetched), got {shown(each)}")
        elif isinstance(each, dict):
            for name, value in each.items():
                self._declare(name, value, f"{pointer}/{escaped(name)}")
        else:
            self._fault(pointer, f"expected an address or an object, got {shown(each)}")

    def _declare(self, name: str, value: Any, pointer: str) -> None:
        if name in _KEYWORDS:
            if value not in _KEYWORDS[name]:
                self._fault(pointer, f"expected one of {_KEYWORDS[name]}, got {shown(value)}")
            return
        if not (name == _VOCAB or _PREFIX.fullmatch(name)):
            self._fault(pointer, f"expected a prefix, a term or @vocab, got {shown(name)}")
            return
        found = value.get("@id") if isinstance(value, dict) else value
        if fault := _not_a_namespace(found):
            self._fault(pointer, fault)
        elif name not in STANDARD:
            self.names[name] = str(found)
        elif found not in (STANDARD[name], *_OTHER_NAMES.get(name, ())):
            self._fault(pointer, f"expected {name} to stand for {STANDARD[name]}, got {shown(found)}")

    def _fault(self, pointer: str, message: str) -> None:
        self.problems.append(Problem(pointer, ExceptionType.VALIDATION, message))


def expanded(name: str, names: Namespaces) -> str | None:
    """The full URI that a name stands for; None where nobody declared it."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return names.get(name) or (names[_VOCAB] + name if _VOCAB in names else None)
    if local.startswith("//"):
        return name
    return names[prefix] + local if prefix in names and local else None


def in_braces(name: str, names: Namespaces) -> str | None:
    """The name as CBV 2.0 hashes it and queries compare it: its namespace in braces, and what it is called there."""
    prefix, colon, local = name.partition(":")
    if colon and not local.startswith("//") and prefix in names:
        return _braced(names[prefix], local)
    if not colon and name not in names and _VOCAB in names:
        return _braced(names[_VOCAB], name)
    full = expanded(name, names)
    return None if full is None else _split(full)


def used(names: Namespaces, needed: set[str]) -> list[dict[str, str]]:
    """What an event that stands by itself must declare, beside the official context, for the prefixes that it needs."""
    found = {name: names[name] for name in sorted(needed) if name in names and name not in STANDARD}
    return [found] if found else []


def prefix_of(name: str) -> str:
    """What has to be declared for a name: its prefix, the name itself where it is a term."""
    prefix, colon, local = name.partition(":")
    return prefix if colon and not local.startswith("//") else name


def _split(full: str) -> str:
    cut = max(full.rfind(each) for each in "/#:") + 1
    return _braced(full[:cut], full[cut:])


def _braced(namespace: str, local: str) -> str:
    """In XML the namespace of a URN has no colon at its end."""
    return f"{{{namespace.removesuffix(':')}}}{local}"


def _listed(context: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(context, list):
        yield from ((f"{pointer}/{place}", each) for place, each in enumerate(context))
    elif context is not None:
        yield pointer, context


def _not_a_namespace(value: Any) -> str:
    if not isinstance(value, str):
        return f"expected the URI of a namespace, got {shown(value)}"
    try:
        require_uri(value)
    except InvalidSpelling as error:
        return str(error)
    return ""
