"""The reader of QR codes for browsers that have none of their own: zxing-wasm, brought by npm, never in git.

Without its files the page offers photos and typed serial numbers, which the server reads.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, abort

from traceqr.web import assets
from traceqr.web.assets import Asset

blueprint = Blueprint("scanner", __name__)

FILES = {"zxing-reader.js": "text/javascript", "zxing_reader.wasm": "application/wasm"}


@cache
def found() -> dict[str, Asset]:
    """The files by name, read once; none unless all are there."""
    folder = files("traceqr.web") / "scanner"
    if not all((folder / name).is_file() for name in FILES):
        return {}
    return {name: Asset.of((folder / name).read_bytes(), media_type) for name, media_type in FILES.items()}


def addresses() -> dict[str, str]:
    """Where script and program are, under addresses that change with their content; empty where they are not."""
    return {name: f"/scanner/{name}?v={asset.digest}" for name, asset in found().items()}


@blueprint.get("/scanner/<name>")
def content(name: str) -> Response:
    """One of the files."""
    if name not in found():
        abort(404)
    return assets.answer(found()[name])
