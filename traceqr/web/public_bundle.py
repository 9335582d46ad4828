"""The trust bundle that everybody may hold: keys, official hosts and open recalls. See docs/bundle-format.md."""

from __future__ import annotations

from flask import Blueprint, Response, request

from traceqr.bundle.scope import PUBLIC
from traceqr.errors import RegistryUnavailable
from traceqr.registry import bundles
from traceqr.registry.database import RegistryConflict
from traceqr.web.exhibit import exhibit
from traceqr.web.problem import problem

blueprint = Blueprint("public_bundle", __name__)


@blueprint.get("/.well-known/traceqr-bundle")
def manifest() -> Response:
    """The latest manifest, unless whoever asks has it."""
    response = Response(content_type="application/octet-stream")
    try:
        with exhibit().database.snapshot(soon=True) as reader:
            digest = bundles.digest_of_manifest(reader, str(PUBLIC))
            if digest is not None and not request.if_none_match.contains(digest):
                found = bundles.manifest(reader, str(PUBLIC))
                digest, file = found or (digest, b"")
                response.set_data(file)
    except (RegistryUnavailable, RegistryConflict):  # a conflict: the role lacks a right
        return problem(503, "registry-unreachable", "expected a registry that answers, got none")
    if digest is None:
        return problem(404, "bundle-none", "expected a bundle, none was published yet")
    response.headers["Cache-Control"] = "public, max-age=60"
    response.set_etag(digest)
    response.make_conditional(request.environ)
    return response
