"""Addresses of a product: they have the 14 digits of its GTIN, and people type those under its bar code."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from traceqr.label.gtin import Gtin, InvalidGtin


def lead_to_fourteen_digits() -> BaseResponse | None:
    """From a page's address with 8, 12 or 13 digits to its own; None where there is nothing to lead to.

    What is no GTIN is left to the page, which says that it is not there.
    """
    typed = (request.view_args or {}).get("gtin")
    if typed is None or request.method not in ("GET", "HEAD"):
        return None
    try:
        digits = Gtin.from_trade(typed).digits
    except InvalidGtin:
        return None
    if digits == typed:
        return None
    assert request.endpoint is not None  # a route was found, or there were no arguments
    asked = request.query_string.decode("ascii", "ignore")
    return redirect(url_for(request.endpoint, gtin=digits) + (f"?{asked}" if asked else ""))
