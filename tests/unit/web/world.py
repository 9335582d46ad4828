"""The app over the small world of tests/support, and browsers to visit it with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from support import kept
from support import world as support
from support.world import SetClock, gtin

from traceqr.acting import Desk
from traceqr.entering import Entries
from traceqr.evidence import Article
from traceqr.instant import from_iso
from traceqr.label.format import Label
from traceqr.registry import products
from traceqr.registry.database import Database
from traceqr.settings import Settings
from traceqr.web import app as app_module
from traceqr.web import showcase
from traceqr.web.app import create_app
from traceqr.web.language import Language
from traceqr.web.pages import Kept, Pages
from traceqr.web.site import EXTENSION

HOST = "qr.example.org"
SECRET = "a secret of this test deployment only"
NOW_MS = from_iso("2026-11-20T08:12:00Z")
GREEN_TEA = gtin(56_789)

NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept": "text/html,*/*;q=0.8"}
"""What a browser of today sends when a person opens an address."""

ENGLISH = {"Accept-Language": "en"}


@dataclass
class World:
    """A deployment: the world of all tests at work on one day, and the settings that it is served with."""

    base: support.World
    settings: Settings

    @property
    def database(self) -> Database:
        return self.base.database

    @property
    def desk(self) -> Desk:
        return self.base.desk

    @property
    def time(self) -> SetClock:
        return self.base.clock

    def app(self, settings: Settings | None = None, entries: Entries | None = None) -> Flask:
        """The app over this registry."""

        def picture_of(digest: str) -> tuple[bytes, str] | None:
            with self.database.snapshot() as reader:
                return products.picture(reader, digest)

        counter = itertools.count(1)
        token_bytes: Callable[[int], bytes] = lambda size: next(counter).to_bytes(size, "big")  # noqa: E731
        used = settings or self.settings
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app_module, "Pages", _pages)
            app = create_app(used, self.base.verifier(), picture_of, self.time, token_bytes, entries)
        showcase.install(app, self.database)
        return app

    def issue(self, active: bool = True) -> int:
        """Five labels with a pledge."""
        batch = self.base.issue(
            5,
            gtin=GREEN_TEA,
            lot="20260915-A2",
            produced_on=date(2026, 9, 15),
            expires_on=date(2028, 3, 14),
            active=active,
        )
        return batch.number

    def label(self, batch: int, index: int = 0) -> Label:
        """One label as printed."""
        return Label.parse(self.base.text(batch, index))


class _Compiled(BytecodeCache):
    """Templates of one language, compiled once for all apps of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = {language: _Compiled() for language in Language}


def keep_compiled(app: Flask) -> None:
    """Let an app use the templates that others of this process have compiled."""
    for language, environment in app.extensions[EXTENSION].pages._environments.items():
        environment.bytecode_cache = _COMPILED[language]


def _pages(catalogues: Mapping[Language, Any], shared: Mapping[str, Any], zone: Any) -> Pages:
    """Pages with all that was compiled for earlier apps in which templates may name the same. Only what was rendered
    before is not kept for the next app.
    """
    key = (zone, repr(sorted(shared.items())))
    if key not in _PAGES:
        _PAGES[key] = Pages(catalogues, shared, zone)
    for environment in _PAGES[key]._environments.values():
        environment.globals["kept"] = Kept(environment)
    return _PAGES[key]


_PAGES: dict[tuple[Any, str], Pages] = {}


def settings_of(**overrides: str) -> Settings:
    """Settings as the environment gives them."""
    environ = {"TRACEQR_ORIGIN": f"https://{HOST}", "TRACEQR_SECRET_KEY": SECRET, **overrides}
    return Settings.parse(environ)


class Browser(FlaskClient):
    """A browser with a cookie jar of its own, at the official address."""

    def open(self, *args: Any, **values: Any) -> Any:
        values.setdefault("base_url", f"https://{HOST}")
        return super().open(*args, **values)


def browser(app: Flask) -> FlaskClient:
    """A browser that was never here before."""
    app.test_client_class = Browser
    return app.test_client()


def build(folder: Path, furnishing: Callable[[support.World], object] | None = None) -> World:
    """A deployment with what `furnish` puts into it, unless it is to be furnished otherwise."""
    base = support.new_in_file(folder, SetClock(NOW_MS))
    kept.begin(base, furnishing or furnish)
    settings = replace(settings_of(), database=base.url, keys=base.folder.path, attachments=folder / "attachments")
    return World(base, settings)


def furnish(base: support.World) -> None:
    """One enterprise, one product, one pledge and one label key."""
    base.key()
    base.association()
    base.enterprise()
    base.product(56_789)
    base.claim("gtin", str(GREEN_TEA))
    base.campaign(articles=(Article("不作虚假宣传。", "We advertise nothing untrue."),))
    base.pledge()
