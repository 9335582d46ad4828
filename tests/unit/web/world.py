"""A real registry in a temporary folder, and the real app over it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient

from traceqr import enrolling, issuing, keying, pledging
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.evidence import Article
from traceqr.exporting import export
from traceqr.instant import from_iso
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.keyring import Role
from traceqr.registry import opening, products
from traceqr.registry.sqlite import SqliteDatabase
from traceqr.settings import Settings
from traceqr.verifying import Verifier
from traceqr.web.app import create_app

HOST = "qr.example.org"
SECRET = "a secret of this test deployment only"
NOW_MS = from_iso("2026-11-20T08:12:00Z")
ORGANISER = "示例省质量检验协会"
USCC = "91330108MA27XY512B"
GREEN_TEA = Gtin.parse("06901234567892")

NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept": "text/html,*/*;q=0.8"}
"""What a browser of today sends when a person opens an address."""

ENGLISH = {"Accept-Language": "en"}


class Time:
    """A clock that stands still until told."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        return self.at_ms


@dataclass
class World:
    """A deployment: its registry, clock, desk, and where its keys lie."""

    settings: Settings
    database: SqliteDatabase
    time: Time
    desk: Desk
    keys: keying.KeyFolder

    def app(self, settings: Settings | None = None) -> Flask:
        """The app over this registry."""
        used = settings or self.settings
        verifier = Verifier(self.database, used.official_hosts, self.time)

        def picture_of(digest: str) -> tuple[bytes, str] | None:
            with self.database.snapshot() as reader:
                return products.picture(reader, digest)

        counter = itertools.count(1)
        token_bytes: Callable[[int], bytes] = lambda size: next(counter).to_bytes(size, "big")  # noqa: E731
        return create_app(used, verifier, picture_of, self.time, token_bytes)

    def issue(self, active: bool = True) -> int:
        """Five labels with a pledge."""
        order = issuing.Order(
            GREEN_TEA,
            5,
            self.settings.label_origin(),
            pledge=1,
            lot="20260915-A2",
            produced_on=date(2026, 9, 15),
            expires_on=date(2028, 3, 14),
            active=active,
        )
        return issuing.issue(self.desk, order).number

    def label(self, batch: int, index: int = 0) -> Label:
        """One label as printed."""
        return next(iter(export(self.desk, self.keys, Range(batch, index, index), "csv").labels()))


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


def build(folder: Path) -> World:
    """A deployment with one enterprise, one product, one pledge and one label key."""
    settings = replace(settings_of(), database=f"sqlite:///{folder / 'traceqr.db'}", keys=folder / "keys")
    database = opening.create(settings.database)
    time = Time(NOW_MS)
    numbers = itertools.count(1)
    desk = Desk(database, "test", time, ZoneInfo("Asia/Shanghai"), lambda: f"{next(numbers):016x}")
    made = World(settings, database, time, desk, keying.KeyFolder(settings.keys, None))
    keying.new_key(desk, made.keys, Role.LABEL)
    enrolling.enrol_organisations(
        desk, [enrolling.OrganisationEntry("association", "province", "330000", ORGANISER, "Example Association")]
    )
    enrolling.enrol_enterprises(
        desk,
        [enrolling.EnterpriseEntry(USCC, "云岭春茶业有限公司", "Yunling Tea", "330100", "food", "400-000-1234", "x")],
    )
    enrolling.enrol_products(
        desk,
        [
            enrolling.ProductEntry(
                GREEN_TEA, USCC, "高山绿茶", "Mountain Green Tea", "云岭春", "250 g", "GB/T 14456.2-2018", None
            )
        ],
    )
    claims = enrolling.file_claims(desk, [enrolling.ClaimEntry(USCC, "gtin", str(GREEN_TEA), "certificate 1")])
    enrolling.accept_claim(desk, claims[0].id, ORGANISER)
    pledging.open_campaign(
        desk,
        pledging.CampaignEntry(
            "quality-month-2026",
            ORGANISER,
            2026,
            "质量月",
            "Quality Month",
            "以质取胜",
            "Win by quality",
            (Article("不作虚假宣传。", "We advertise nothing untrue."),),
        ),
    )
    pledging.publish_pledges(
        desk,
        [pledging.PledgeEntry("quality-month-2026", USCC, date(2026, 8, 20), date(2026, 9, 1), date(2027, 8, 31))],
    )
    return made
