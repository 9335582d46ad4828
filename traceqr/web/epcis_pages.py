"""Pages of the EPCIS interface: the tokens by which the next one is asked for, and the headers that tell them.

A token is sealed for one enterprise and one question, so that nobody makes one of his own, and ends after a day.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, request
from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from traceqr.epcis.problem import ExceptionType, refused
from traceqr.instant import DAY_MS, to_iso
from traceqr.office.events import EventOffice
from traceqr.web.device import derive
from traceqr.web.site import site
from traceqr.web.target import raw_target

LIFE_MS = DAY_MS

_PAGING = ("nextPageToken", "perPage")


def unseal(office: EventOffice, token: str) -> Any:
    """What a token of ours holds. Raises `Refused`."""
    try:
        packed = _signer(office).unsign(token.encode("ascii", "replace"))
        value, until_ms = json.loads(base64_decode(packed))
    except (BadData, ValueError) as error:
        raise _refused("expected a token that an answer to the same question gave, got another") from error
    if site().clock() >= until_ms:
        raise _refused("expected a token that is good, got one that has ended")
    return value


def tell_next(response: Response, office: EventOffice, value: Any) -> Response:
    """Tell where the next page is, unless there is none."""
    if value is None:
        return response
    until_ms = site().clock() + LIFE_MS
    packed = base64_encode(json.dumps([value, until_ms], separators=(",", ":")))
    token = _signer(office).sign(packed).decode("ascii")
    path, query = _question()
    kept = [*query, *(part for part in _parts() if part.startswith("perPage=")), f"nextPageToken={token}"]
    response.headers["Link"] = f'<{site().origin}{path}?{"&".join(kept)}>; rel="next"'
    response.headers["GS1-Next-Page-Token-Expires"] = to_iso(until_ms)
    return response


def _signer(office: EventOffice) -> Signer:
    """For tokens of one enterprise and one question."""
    path, query = _question()
    asked = hashlib.sha256("\n".join((office.enterprise, path, *query)).encode()).hexdigest()
    key = derive(site().settings.require_secret_key(), b"epcis-page.v1")
    return Signer(key, salt=asked, digest_method=hashlib.sha256)


def _question() -> tuple[str, list[str]]:
    """The path, and the parameters that do not cut pages."""
    path = raw_target(request.environ).partition("?")[0]
    return path, [part for part in _parts() if part.partition("=")[0] not in _PAGING]


def _parts() -> list[str]:
    return [part for part in raw_target(request.environ).partition("?")[2].split("&") if part]


def _refused(message: str) -> Exception:
    return refused(ExceptionType.QUERY_PARAMETER, message, "nextPageToken")
