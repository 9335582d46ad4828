"""Trust bundles for the app of inspectors: `/inspect/api/bundles/SCOPE` and `/inspect/api/parts`.

docs/inspection-format.md, section 2, and docs/bundle-format.md say what is asked and answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request

from traceqr.access import Role
from traceqr.office.bundles import BundleOffice
from traceqr.office.house import Absent
from traceqr.web.door import FIELD, door, guard, identity
from traceqr.web.inspect_api import answered
from traceqr.web.problem import coded

OCTETS = "application/octet-stream"
_LENGTH = 4

blueprint = Blueprint("inspect_bundles", __name__, url_prefix=FIELD.rstrip("/"))
blueprint.before_request(guard(Role.INSPECTOR))


def office() -> BundleOffice:
    """The shelf for whoever asks."""
    return BundleOffice(door().house, identity())


@blueprint.get("/bundles/<scope>")
@answered
def manifest(scope: str) -> Response:
    """The latest manifest of a scope, unless the device has it."""
    try:
        digest = office().digest(scope)
        response = Response(content_type=OCTETS)
        if not request.if_none_match.contains(digest):
            digest, file = office().manifest(scope)
            response.set_data(file)
    except Absent as error:
        return coded(404, "bundle-none", str(error))
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(digest)
    response.make_conditional(request.environ)
    return response


@blueprint.get("/parts")
@answered
def parts() -> Response:
    """Some parts, each behind its length, one at a time in memory."""
    digests, shelf = request.args.get("d", "").split(","), office()
    try:
        sizes = shelf.sizes(digests)
    except Absent as error:
        return coded(404, "part-gone", str(error))
    response = Response(_framed(shelf, digests, sizes), content_type=OCTETS)
    response.headers["Content-Length"] = str(sum(sizes) + _LENGTH * len(sizes))
    response.headers["Cache-Control"] = "private, max-age=86400"  # a digest names the same octets for ever
    return response


def _framed(shelf: BundleOffice, digests: Sequence[str], sizes: Sequence[int]) -> Iterator[bytes]:
    for size, part in zip(sizes, shelf.parts(digests), strict=True):
        yield size.to_bytes(_LENGTH, "big") + part
