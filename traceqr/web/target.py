"""The label text of a request, exactly as the client sent it.

Frameworks decode `%30` and `%73` before a view sees them, and a label must have one spelling only. So what is
verified is put together from the raw request target, which the server hands on untouched.
"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.routing import BaseConverter

from traceqr.web.language import Language

FRONT_PAGE = {str(language): f"/?lang={language}" for language in Language}
"""The address of the front page in each language."""

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")


class Anything(BaseConverter):
    """Whatever follows in a path: line breaks, doubled slashes and nothing at all included."""

    regex = "(?s:.*)"
    part_isolating = False
    weight = 1000


def raw_target(environ: dict[str, Any]) -> str:
    """The request target of the request line (RFC 9112, section 3.2), not decoded. Empty if the server hides it."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    return str(target)


def label_text(scheme: str, environ: dict[str, Any]) -> str:
    """The text to verify: the deployment's scheme, the Host header in lower case, the raw target.

    Empty, and so no label, where either could reach into the other: a host with a path in it would make another
    target verify than the one that was asked for.
    """
    host, target = str(environ.get("HTTP_HOST", "")), raw_target(environ)
    if not _HOST.fullmatch(host) or not target.startswith("/"):
        return ""
    return f"{scheme}://{host.lower()}{target}"


def in_each_language(environ: dict[str, Any]) -> dict[str, str]:
    """The same address in each language, by its tag: `lang` is a parameter that labels tolerate.

    An address that a browser would take for another site becomes the front page.
    """
    target = raw_target(environ)
    if not target.startswith("/") or target[1:2] in ("/", "\\"):
        return FRONT_PAGE
    path, _, query = target.partition("?")
    kept = "".join([f"{part}&" for part in query.split("&") if part and not part.startswith("lang=")])
    return {tag: f"{path}?{kept}lang={tag}" for tag in FRONT_PAGE}
