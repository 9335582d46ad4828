"""The first-party image on a verdict page: by loading it, a browser shows that it kept its cookie.

Only then does its scan count against a label. Previews, crawlers and cookieless repeats never get so far, and an
image on somebody else's page is told apart by where it is loaded from. The answer is the same for all.
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress

from flask import Blueprint, Response, request
from werkzeug.datastructures import Headers

from traceqr.errors import RegistryUnavailable
from traceqr.web.passes import Pass
from traceqr.web.site import cookies, site

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""

blueprint = Blueprint("seen", __name__)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,512}")


@blueprint.get("/seen/<token>.gif")
def image(token: str) -> Response:
    """Confirm a scan, or not; nothing in the answer tells which."""
    here = site()
    device = here.devices.read(cookies())
    if device and request.method == "GET" and _NAME.fullmatch(token) and own_image(request.headers):
        scan = here.passes.read(token, here.clock())
        if scan and scan.device == device.stored:
            _confirm(scan)
    return Response(GIF, mimetype="image/gif", headers={"Cache-Control": "no-store"})


def own_image(headers: Headers) -> bool:
    """Whether the image is loaded by a page of ours, as far as the browser tells."""
    return headers.get("Sec-Fetch-Site") in (None, "same-origin") and headers.get("Sec-Fetch-Dest") in (None, "image")


def _confirm(scan: Pass) -> None:
    with suppress(RegistryUnavailable):  # the observer is told
        site().verifier.confirm(scan.batch, scan.index, scan.device, scan.at_ms)
