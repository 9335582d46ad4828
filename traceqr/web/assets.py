"""Style sheets, scripts and the icon: read and compressed once, at an address that changes with the content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from flask import Blueprint, Response, abort, request

from traceqr.printing import artwork

blueprint = Blueprint("assets", __name__)

YEAR = 31_536_000
_CLOSED = (
    *("/01/", "/here/", "/seen/", "/check", "/report"),
    *("/account", "/console", "/association", "/operator", "/inspect"),
)
ROBOTS = "".join(["User-agent: *\n", *(f"Disallow: {path}\n" for path in _CLOSED)])


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the package, plain and compressed, with a digest to name it by."""

    plain: bytes
    packed: bytes
    digest: str
    media_type: str

    @classmethod
    def read(cls, name: str, media_type: str) -> Asset:
        """From traceqr/web/static."""
        return cls.of((files("traceqr.web") / "static" / name).read_bytes(), media_type)

    @classmethod
    def of(cls, plain: bytes, media_type: str) -> Asset:
        """From what is in it."""
        return cls(plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:12], media_type)


_NAMES = {
    "here.js": "text/javascript",
    "traceqr.css": "text/css",
    "roster.css": "text/css",
    "report.css": "text/css",
    "check.css": "text/css",
    "office.css": "text/css",
    "office.js": "text/javascript",
    "charts.js": "text/javascript",
    "download.js": "text/javascript",
    "inspect.css": "text/css",
}
_BROUGHT = {"echarts.js": "text/javascript"}
"""By npm, and not there where nobody did: pages work without."""

STATIC = {name: Asset.read(name, media_type) for name, media_type in _NAMES.items()}
STATIC |= {
    name: Asset.read(name, media_type)
    for name, media_type in _BROUGHT.items()
    if (files("traceqr.web") / "static" / name).is_file()
}
ICON = Asset.read("favicon.svg", "image/svg+xml")
ARTWORKS = {name: Asset.of(artwork.content(name), "image/svg+xml") for name in artwork.ARTWORKS}
ICON_ADDRESS = f"/favicon.svg?v={ICON.digest}"

ARTWORK_ADDRESSES = {name: f"/marks/{name}.svg?v={each.digest}" for name, each in ARTWORKS.items()}
"""Where the drawings of marks are, by their names."""


def address(name: str) -> str:
    """Where a file of ours is, under an address that changes with its content."""
    return f"/static/{name}?v={STATIC[name].digest}"


STYLE_ADDRESS = address("traceqr.css")


def chart_scripts() -> list[str]:
    """Where the scripts are that draw tables of figures as charts; none where ECharts was not brought."""
    return [address("echarts.js"), address("charts.js")] if "echarts.js" in STATIC else []


@blueprint.get("/static/<name>")
def static(name: str) -> Response:
    """A style sheet or a script."""
    if name not in STATIC:
        abort(404)
    return answer(STATIC[name])


@blueprint.get("/favicon.svg")
def icon() -> Response:
    """The seal."""
    return answer(ICON)


@blueprint.get("/marks/<name>.svg")
def mark(name: str) -> Response:
    """The drawing of a mark."""
    if name not in ARTWORKS:
        abort(404)
    return answer(ARTWORKS[name])


@blueprint.get("/favicon.ico")
def old_icon() -> Response:
    """Browsers that ask for it by habit get the same picture."""
    return answer(ICON)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers have no business with labels."""
    return Response(ROBOTS, mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})


def answer(asset: Asset) -> Response:
    """A file, for a year under the address with its digest, for an hour under any other."""
    current = request.args.get("v") == asset.digest
    response = Response(asset.plain, mimetype=asset.media_type)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else "public, max-age=3600"
    return packed(response, asset)


def packed(response: Response, asset: Asset) -> Response:
    """The answer with a file, compressed for whom that suits."""
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"] > 0:
        response.set_data(asset.packed)
        response.headers["Content-Encoding"] = "gzip"
    return response
