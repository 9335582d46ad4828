"""Security headers stand on every kind of answer; caching is as it should be."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import World, browser, settings_of
from traceqr.web import assets

ADDRESSES = [
    ("GET", "/", 200),
    ("GET", "/01/x?s=1", 200),
    ("GET", "/nothing", 404),
    ("POST", "/", 405),
    ("POST", "/check", 400),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/robots.txt", 200),
    ("GET", assets.STYLE_ADDRESS, 200),
    ("GET", assets.ICON_ADDRESS, 200),
    ("GET", assets.ARTWORK_ADDRESSES["quality-month"], 200),
    ("GET", "/marks/none.svg", 404),
    ("GET", "/marks/..%2fdesigns.svg", 404),
    ("GET", "/seen/x.gif", 200),
    ("GET", "/pictures/" + "0" * 64, 404),
    ("GET", "/.well-known/traceqr-keys.json", 200),
    ("POST", "/api/v1/verify", 415),
    ("HEAD", "/", 200),
    ("OPTIONS", "/", 200),
]


@pytest.mark.parametrize(("method", "address", "status"), ADDRESSES)
def test_on_every_answer(client: FlaskClient, method: str, address: str, status: int) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Cache-Control" in answer.headers


def test_no_hsts_over_http(world: World) -> None:
    app = world.app(settings_of(TRACEQR_ORIGIN="http://127.0.0.1:8000"))
    assert "Strict-Transport-Security" not in browser(app).get("/").headers


@pytest.mark.parametrize("address", ["/", "/01/x", "/nothing"])
def test_pages_hold_nothing_that_the_policy_forbids(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert "<script" not in page
    assert "style=" not in page
    assert " onclick" not in page
    assert "http://" not in page
    assert "https://" not in page.replace("HTTPS://QR.EXAMPLE.ORG", "")


@pytest.mark.parametrize("address", [assets.STYLE_ADDRESS, assets.ICON_ADDRESS, *assets.ARTWORK_ADDRESSES.values()])
def test_assets_are_kept_for_a_year_under_their_digest(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(address.replace("?v=", "?v=0")).headers["Cache-Control"] == "public, max-age=3600"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(client.get(address).data)


def test_verdicts_are_not_stored(client: FlaskClient) -> None:
    answer = client.get("/01/x")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Accept, Accept-Language, Cookie"


def test_robots(client: FlaskClient) -> None:
    assert {"Disallow: /01/", "Disallow: /seen/"} <= set(client.get("/robots.txt").text.splitlines())
