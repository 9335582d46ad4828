"""Which language a reader gets."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from traceqr.web.language import MAX_RANGES, Language, choose, from_header


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "zh-Hans"),
        ("", "zh-Hans"),
        ("*", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("ZH-tw", "zh-Hant"),
        ("zh-HK,zh;q=0.9", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.5,zh-TW;q=0.9", "zh-Hant"),
        ("de-DE,de;q=0.9", "en"),
        ("de,zh;q=0.5", "zh-Hans"),
        ("zh;q=0,en", "en"),
        ("zh;q=nonsense,en;q=0.1", "en"),
        ("zh;q=nan,en;q=0.1", "en"),
        ("zho", "en"),
        (",,,;;q", "en"),
        (",".join(["de"] * MAX_RANGES + ["zh"]), "en"),
    ],
)
def test_header(header: str | None, expected: str) -> None:
    assert from_header(header) == expected


@pytest.mark.parametrize(
    ("wish", "cookie", "expected"),
    [("en", "zh-Hant", "en"), (None, "zh-Hant", "zh-Hant"), ("fr", "zh-Hant", "zh-Hant"), ("EN", None, "zh-Hans")],
)
def test_wish_before_cookie_before_header(wish: str | None, cookie: str | None, expected: str) -> None:
    assert choose(wish, cookie, "zh-CN") == expected


@pytest.mark.parametrize("language", list(Language))
def test_page_says_its_language(client: FlaskClient, language: Language) -> None:
    answer = client.get(f"/?lang={language}", headers={"Accept-Language": "fr"})
    assert f'<html lang="{language}">' in answer.text
    assert f'lang="{language}" rel="nofollow" aria-current="true"' in answer.text


def test_switch_is_remembered(client: FlaskClient) -> None:
    answer = client.get("/?lang=zh-Hant")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-traceqr-lang=zh-Hant; ")
    assert "; Secure; HttpOnly; " in cookie
    assert "Domain" not in cookie
    assert "Path=/" in cookie
    assert '<html lang="zh-Hant">' in client.get("/", headers={"Accept-Language": "en"}).text


def test_unknown_wish_is_not_remembered(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/?lang=tlh").headers
