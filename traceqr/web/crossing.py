"""Refuses forms that another site sends in a reader's name."""

from __future__ import annotations

from werkzeug.datastructures import Headers
from werkzeug.exceptions import Forbidden


def is_cross_site(headers: Headers, scheme: str) -> bool:
    """Whether a POST comes from a page that is not ours.

    Sec-Fetch-Site decides where browsers send it; older ones send Origin with every POST. Programs send neither and
    carry nobody's cookies. Pages with forms set the referrer policy `same-origin`: under `no-referrer` a browser
    writes `Origin: null` on its own forms too.
    """
    fetch_site = headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    origin = headers.get("Origin")
    return origin is not None and origin.lower() != f"{scheme}://{headers.get('Host', '').lower()}"


def refuse_cross_site(headers: Headers, scheme: str) -> None:
    """Raises `Forbidden` for a POST from another site."""
    if is_cross_site(headers, scheme):
        raise Forbidden("expected a form of this site, got one of another")
