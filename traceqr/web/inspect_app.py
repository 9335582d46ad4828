"""The inspectors' app at `/inspect/`: its page, its parts under one digest, and the worker that keeps them offline.

The page is the same for everybody and holds nothing of anybody, so a device may keep it. What needs a session is asked
of `/inspect/api/`.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.web import assets, inspect_words, modules, scanner
from traceqr.web.assets import YEAR, Asset
from traceqr.web.catalogues import load
from traceqr.web.door import guard
from traceqr.web.emblems import emblems
from traceqr.web.language import Language
from traceqr.web.site import site

blueprint = Blueprint("inspect_app", __name__)

PAGE = "/inspect/"
WORKER = "/inspect/worker.js"
WORDS = "/inspect/words"
ICONS = {"icon-192.png": 192, "icon-512.png": 512, "icon-180.png": 180}
START = "inspect/app.js"
_NAMED = re.compile(r'(?:from|import|import\(|new URL\()\s*"(\.{1,2}/[^"]+)"')
"""How a module names another: at its head, when it needs it, or as a worker."""

_PAPER = "#fbf8f1"
"""The ground of the pages, which a phone shows while the app starts."""


@cache
def packs() -> dict[str, Asset]:
    """The words of each language and the emblems of each script, by the name of their file."""
    found = {f"{each}.json": _pack(each) for each in Language}
    for script in (Language.ZH_HANS, Language.ZH_HANT):
        found[f"emblems-{script}.json"] = _json({name: str(drawn) for name, drawn in emblems(script).items()})
    return {name: Asset.of(content, "application/json") for name, content in found.items()}


def _pack(language: Language) -> bytes:
    gettext = load(language).gettext
    content: dict[str, object] = {
        "words": {message: gettext(message) for message in inspect_words.WORDS} if language is not Language.EN else {},
        "verdicts": inspect_words.verdicts(gettext),
    }
    return _json(content)


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@cache
def words_base() -> str:
    """Where the packs are, under a digest of them all."""
    whole = hashlib.sha256("".join(packs()[name].digest for name in sorted(packs())).encode())
    return f"{WORDS}/{whole.hexdigest()[:16]}/"


@cache
def needed() -> frozenset[str]:
    """The modules that the app's first one leads to, by what each names. Those of other pages are not among them."""
    reached: set[str] = set()
    waiting = [START]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in modules.found():
            reached.add(name)
            source = modules.found()[name].plain.decode()
            waiting += [posixpath.normpath(f"{posixpath.dirname(name)}/{each}") for each in _NAMED.findall(source)]
    return frozenset(reached)


def parts() -> dict[str, Asset]:
    """All that the app consists of but its page, by address."""
    return {
        **{modules.address(name): modules.found()[name] for name in needed()},
        **{words_base() + name: asset for name, asset in packs().items()},
        **{assets.address(name): assets.STATIC[name] for name in ("traceqr.css", "inspect.css")},
    }


@blueprint.get(PAGE)
def page() -> Response:
    """The page. Whoever is offline has it from the worker."""
    return _answer(Asset.of(_page(), "text/html; charset=utf-8"), "no-cache")


def _page() -> bytes:
    pages = site().pages
    made = pages.render(
        "inspect/app.html",
        Language.ZH_HANS,
        start=modules.address(START),
        inspect_style=assets.address("inspect.css"),
        words=words_base(),
        worker=WORKER,
        reader=scanner.addresses(),
        told={str(each): pages.words(each, inspect_words.NEEDS_SCRIPT) for each in Language},
    )
    return made.encode()


@blueprint.get("/inspect")
def unfinished() -> BaseResponse:
    """The address as people type it."""
    return redirect(PAGE)


@blueprint.get("/inspect/enter")
def enter() -> BaseResponse:
    """Back to the app, signed in: the app sends people here whose session is over."""
    return guard(Role.INSPECTOR)() or redirect(PAGE, 303)


@blueprint.get(f"{WORDS}/<digest>/<name>")
def pack(digest: str, name: str) -> Response:
    """The words of a language, for ever: others have another address."""
    if f"{WORDS}/{digest}/" != words_base() or name not in packs():
        abort(404)
    return _answer(packs()[name], f"public, max-age={YEAR}, immutable")


@blueprint.get(WORKER)
def worker() -> Response:
    """The worker, which changes whenever anything of the app does: that is how browsers learn of a new version."""
    digests = {PAGE: hashlib.sha256(_page()).hexdigest()}
    digests |= {address: hashlib.sha256(each.plain).hexdigest() for address, each in parts().items()}
    told = json.dumps({"parts": digests, "reader": sorted(scanner.addresses().values())}, sort_keys=True)
    name = hashlib.sha256(told.encode()).hexdigest()[:16]
    source = (_folder() / "inspect-worker.js").read_text(encoding="utf-8")
    text = f'const SHELL = {{"digest":"{name}",{told[1:]};\n{source}'
    return _answer(Asset.of(text.encode(), "text/javascript"), "no-cache")


@blueprint.get("/inspect/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to put the app among its others."""
    gettext = load(Language.ZH_HANS).gettext
    icons = [
        {"src": f"/inspect/{name}", "sizes": f"{side}x{side}", "type": "image/png", "purpose": "any maskable"}
        for name, side in ICONS.items()
    ]
    content = {
        "id": PAGE,
        "start_url": PAGE,
        "scope": PAGE,
        "display": "standalone",
        "orientation": "portrait",
        "lang": str(Language.ZH_HANS),
        "name": gettext(inspect_words.NAME),
        "short_name": gettext(inspect_words.SHORT_NAME),
        "background_color": _PAPER,
        "theme_color": _PAPER,
        "icons": icons,
    }
    plain = json.dumps(content, ensure_ascii=False).encode()
    return _answer(Asset.of(plain, "application/manifest+json"), "no-cache")


@blueprint.get("/inspect/<name>.png")
def icon(name: str) -> Response:
    """The seal, as phones want it."""
    if f"{name}.png" not in ICONS:
        abort(404)
    return _answer(Asset.of((_folder() / f"inspect-{name}.png").read_bytes(), "image/png"), "public, max-age=86400")


def _folder() -> Traversable:
    return files("traceqr.web") / "static"


def _answer(asset: Asset, caching: str) -> Response:
    response = Response(asset.plain, mimetype=None, content_type=asset.media_type)
    response.headers["Cache-Control"] = caching
    return assets.packed(response, asset)
