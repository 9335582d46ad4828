"""The least that a Flask route can do, to hold a flood's rate against: some bytes, and nothing else."""

from __future__ import annotations

from flask import Flask, Response

app = Flask("bare", static_folder=None)
_BODY = b"x" * 1_000


@app.get("/01/<path:rest>")
def label(rest: str) -> Response:
    """Answer at once."""
    return Response(_BODY, content_type="application/json")
