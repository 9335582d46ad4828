"""The script modules that scan and judge in browsers, as one set under one digest, kept for ever where they are.

Modules name each other by relative paths, which hold in the tree, in Node and here alike. So an address carries the
digest of the whole set: with any change, all are new.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, abort, request

from traceqr.web.assets import YEAR, Asset
from traceqr.web.headers import MODULES

blueprint = Blueprint("modules", __name__)

FOLDERS = ("field", "inspect", "vendor")
"""Of `static`: ours, and those that npm brings."""


@cache
def found() -> dict[str, Asset]:
    """The modules by folder and name, read and compressed once. Those of npm are there if somebody brought them."""
    static = files("traceqr.web") / "static"
    folders = {name: static / name for name in FOLDERS if (static / name).is_dir()}
    return {
        f"{name}/{file.name}": Asset.of(file.read_bytes(), "text/javascript")
        for name, folder in folders.items()
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".js")
    }


@cache
def digest() -> str:
    """Of the whole set, names and contents."""
    listed = "".join(f"{name} {asset.digest}\n" for name, asset in sorted(found().items()))
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def address(name: str) -> str:
    """Where a module is, such as `field/check.js`."""
    return f"{MODULES}{digest()}/{name}"


@blueprint.get(f"{MODULES}<given>/<folder>/<name>")
def module(given: str, folder: str, name: str) -> Response:
    """A module. Under the digest of another set there is none: two versions must not be mixed."""
    asset = found().get(f"{folder}/{name}")
    if asset is None or given != digest():
        abort(404)
    response = Response(asset.plain, mimetype=asset.media_type)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"] > 0:
        response.set_data(asset.packed)
        response.headers["Content-Encoding"] = "gzip"
    return response
