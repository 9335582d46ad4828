"""What a request to the EPCIS interface asks for by its headers, and what stands in those of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Request, Response

from traceqr import __version__
from traceqr.epcis.context import NAMESPACE, PREFIX, STANDARD, Declared, Namespaces
from traceqr.epcis.problem import Refused
from traceqr.epcis.spelling import EpcFormat
from traceqr.epcis.vocabulary import CbvFormat
from traceqr.epcis.writing import Form
from traceqr.office.events import LIMITS, EventOffice
from traceqr.web.epcis_problem import Refusal

VERSION = "2.0.0"
"""Of EPCIS and of the CBV: the one that is understood."""

JSON, JSON_LD = "application/json", "application/ld+json"

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")
_VERSIONS = ("GS1-EPCIS-Version", "GS1-CBV-Version")
_LEAST = ("GS1-EPCIS-Min", "GS1-CBV-Min")
_MOST = ("GS1-EPCIS-Max", "GS1-CBV-Max")
_XML = ("application/xml", "text/xml")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that can be answered: the media type that is wanted, how identifiers are, and what was declared."""

    media_type: str
    epcs: EpcFormat
    words: CbvFormat
    namespaces: Namespaces

    @classmethod
    def of(cls, request: Request) -> Exchange:
        """Raises `Refusal` (406) for what cannot be had, and `Refused` for namespaces that are none."""
        _require_version(request)
        words = request.headers.get("GS1-CBV-Format", request.headers.get("GS1-CBV-XML-Format", "No_Preference"))
        return cls(
            _media_type(request),
            _one_of("GS1-EPC-Format", EpcFormat, request.headers.get("GS1-EPC-Format", "No_Preference")),
            _one_of("GS1-CBV-XML-Format", CbvFormat, words),
            _namespaces(request.headers.get("GS1-Extensions", "")),
        )

    def form(self, office: EventOffice) -> Form:
        """How events are written."""
        return Form(self.epcs, self.words, office.prefix_lengths())


def require_json(request: Request) -> None:
    """Raise `Refusal` (415) unless a body is sent as JSON."""
    if request.mimetype in (JSON, JSON_LD):
        return
    told = "XML is not understood here" if request.mimetype in _XML else "got another"
    detail = f"expected the content type {JSON} or {JSON_LD}; {told}"
    raise Refusal(415, "UnsupportedMediaTypeException", detail, Accept=f"{JSON}, {JSON_LD}")


def head(response: Response) -> Response:
    """Put what stands in every answer into its headers."""
    told = {
        "GS1-EPCIS-Version": VERSION,
        "GS1-EPCIS-Min": VERSION,
        "GS1-EPCIS-Max": VERSION,
        "GS1-CBV-Version": VERSION,
        "GS1-CBV-Min": VERSION,
        "GS1-CBV-Max": VERSION,
        "GS1-Vendor-Version": __version__,
        "GS1-Extensions": f"{PREFIX}={NAMESPACE}",
    }
    for name, value in told.items():
        response.headers[name] = value
    return response


def limits(response: Response) -> Response:
    """Announce how much is captured at once."""
    response.headers["GS1-EPCIS-Capture-Limit"] = str(LIMITS.max_events)
    response.headers["GS1-EPCIS-Capture-File-Size-Limit"] = str(LIMITS.max_bytes)
    return response


def _require_version(request: Request) -> None:
    ours = _parsed(VERSION)
    conditions: tuple[tuple[tuple[str, ...], str, Callable[[tuple[int, ...]], bool]], ...] = (
        (_VERSIONS, "as the version", lambda version: version == ours),
        (_LEAST, "or less as the least version", lambda version: version <= ours),
        (_MOST, "or more as the greatest version", lambda version: version >= ours),
    )
    for names, which, holds in conditions:
        for name in names:
            given = request.headers.get(name)
            if given is not None and not (_VERSION.fullmatch(given.strip()) and holds(_parsed(given))):
                raise _not_acceptable(f"{name}: expected {VERSION} {which}, got another")


def _parsed(text: str) -> tuple[int, ...]:
    found = _VERSION.fullmatch(text.strip())
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def _media_type(request: Request) -> str:
    if not request.headers.get("Accept"):
        return JSON
    found = request.accept_mimetypes.best_match([JSON, JSON_LD])
    if found is None:
        raise _not_acceptable(f"expected {JSON} or {JSON_LD} to be acceptable; XML is not written here")
    return found


def _one_of(name: str, kind: Callable[[str], T], given: str) -> T:
    try:
        return kind(given.strip())
    except ValueError as error:
        listed = ", ".join(kind)  # type: ignore[arg-type]  # an enumeration of texts
        raise _not_acceptable(f"{name}: expected one of {listed}, got another") from error


def _namespaces(given: str) -> Namespaces:
    """Of `prefix=namespace`, with commas between."""
    pairs = [pair.strip().partition("=") for pair in given.split(",") if pair.strip()]
    if not pairs:
        return STANDARD
    declared = Declared({prefix: namespace for prefix, _, namespace in pairs}, "GS1-Extensions")
    if declared.problems:
        raise Refused(declared.problems)
    return declared.names


def _not_acceptable(detail: str) -> Refusal:
    return Refusal(406, "NotAcceptableException", detail)
