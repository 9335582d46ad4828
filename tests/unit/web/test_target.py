"""The verified text is the raw request target, never a decoded path."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import NAVIGATION, World, browser
from traceqr.web.target import in_each_language, label_text, raw_target


def test_raw_uri_wins_over_request_uri() -> None:
    assert raw_target({"RAW_URI": "/a", "REQUEST_URI": "/b"}) == "/a"
    assert raw_target({"REQUEST_URI": "/b"}) == "/b"
    assert raw_target({"PATH_INFO": "/c"}) == ""


def test_text() -> None:
    environ = {"HTTP_HOST": "QR.Example.ORG:8443", "RAW_URI": "/01/%30?s=%73"}
    assert label_text("https", environ) == "https://qr.example.org:8443/01/%30?s=%73"
    assert label_text("https", {"RAW_URI": "/01/x"}) == "", "no host, no label"
    assert label_text("https", {"HTTP_HOST": "a/01/x?y=", "RAW_URI": "/01/x"}) == ""
    assert label_text("https", {"HTTP_HOST": "a", "RAW_URI": "https://a/01/x"}) == ""


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/01/x?s=1", "/01/x?s=1&lang=en"),
        ("/01/x", "/01/x?lang=en"),
        ("/01/x?s=1&lang=zh-Hans", "/01/x?s=1&lang=en"),
        ("/?lang=zh-Hant&lang=en", "/?lang=en"),
        ("//evil.example/01/x", "/?lang=en"),
        ("/\\evil.example/01/x", "/?lang=en"),
        ("https://evil.example/01/x", "/?lang=en"),
        ("", "/?lang=en"),
    ],
)
def test_language_switch_stays_here(target: str, expected: str) -> None:
    assert in_each_language({"RAW_URI": target})["en"] == expected


def verdict_of(client: FlaskClient, target: str) -> dict[str, object]:
    answer = client.get(
        target,
        headers={"Accept": "application/json"},
        environ_overrides={"RAW_URI": target, "REQUEST_URI": target},
    )
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_label_and_its_escaped_spellings(world: World) -> None:
    client = browser(world.app())
    label = world.label(world.issue())
    assert verdict_of(client, label.path)["code"] == "genuine"
    digit = label.path.replace("/01/0", "/01/%30", 1)
    for target in (digit, label.path.replace("/01/", "/%30%31/", 1)):
        found = verdict_of(client, target)
        assert (found["code"], found["label"]) == ("forged", None), target
    hidden = label.path.replace("?s=", "?%73=")
    answer = client.get(hidden, headers=NAVIGATION, environ_overrides={"RAW_URI": hidden, "REQUEST_URI": hidden})
    assert answer.headers["Location"].partition("?")[0].endswith("/unsealed"), "a seal in another spelling is none"


@pytest.mark.parametrize(
    "target",
    [
        "/01/",
        "/01//",
        "/01/x",
        "/01//21//",
        "/01/%0A",
        "/01/a%0Ab/c",
        "/01/%00",
        "/01/%FF",
        "/01/../01/x",
        "/01/x;y?z=%",
    ],
)
@pytest.mark.parametrize(("query", "status"), [("", 400), ("s=1", 200)])
def test_whatever_follows_gets_a_verdict(client: FlaskClient, target: str, query: str, status: int) -> None:
    """What has no seal is no address either, and the page says all the same what it is as a label."""
    if query:
        target += f"{'&' if '?' in target else '?'}{query}"
        assert verdict_of(client, target)["code"] == "forged"
    page = client.get(target, headers=NAVIGATION, environ_overrides={"RAW_URI": target, "REQUEST_URI": target})
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert 'data-verdict="forged"' in page.text
