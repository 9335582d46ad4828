"""The least that a Flask route can do, for comparison: as many bytes as our answer has, and nothing else.

The tests of floods use it too.
"""

from __future__ import annotations

import os

from flask import Flask, Response

app = Flask("bare", static_folder=None)
_BODY = b"x" * int(os.environ.get("BARE_BYTES", "1000"))
_TYPE = os.environ.get("BARE_TYPE", "application/json")


@app.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return Response("alive")


@app.get("/01/<path:rest>")
def label(rest: str) -> Response:  # noqa: ARG001
    """Answer at once."""
    return Response(_BODY, content_type=_TYPE)
