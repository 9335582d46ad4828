"""A document that somebody has uploaded, handed out: to be kept, and never shown as a page of this site."""

from __future__ import annotations

import io

from flask import Response, send_file

from traceqr.document import Document

_SHUT = "default-src 'none'; sandbox"
"""Should a browser show it all the same, nothing in it runs, and it is of no site."""


def attachment(document: Document) -> Response:
    """The bytes of a document under its own name."""
    answer = send_file(
        io.BytesIO(document.content),
        mimetype=document.media_type,
        as_attachment=True,
        download_name=document.name,
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = _SHUT
    answer.headers["Cache-Control"] = "no-store"
    return answer
