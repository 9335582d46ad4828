"""Error pages say what happened and leak nothing; logs hold no text of a client's."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import World, browser, settings_of
from traceqr.settings import InvalidSetting
from traceqr.web.app import create_app, from_environment

HOSTILE = "/01/x%0d%0aforged-log-line<script>"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nothing", 404, "没有这个页面"),
        ("GET", "/01", 404, "没有这个页面"),
        ("GET", "/pictures/../../etc/passwd", 404, "没有这个页面"),
        ("GET", "/samples", 404, "没有这个页面"),
        ("GET", "/samples/0.svg", 404, "没有这个页面"),
        ("PUT", "/check", 405, "这里不支持该操作"),
        ("POST", "/01/x", 405, "这里不支持该操作"),
        ("DELETE", "/", 405, "这里不支持该操作"),
    ],
)
def test_pages(client: FlaskClient, method: str, path: str, status: int, words: str) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert words in answer.text
    assert str(status) in answer.text
    if status == 405:
        assert answer.headers["Allow"]


def test_crash(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(digest: str) -> tuple[bytes, str] | None:
        raise RuntimeError(f"secret path and {digest}")

    app = create_app(world.settings, None, broken, world.time)  # type: ignore[arg-type]
    with caplog.at_level(logging.DEBUG):
        answer = browser(app).get("/pictures/" + "a" * 64, headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "secret path" not in answer.text
    assert "secret path" not in caplog.text
    assert "a" * 64 not in caplog.text
    (said,) = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert (said["event"], said["kind"], said["endpoint"]) == ("request-failed", "RuntimeError", "public.picture")
    assert said["incident"] in answer.text


def test_nothing_of_a_client_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    client = browser(world.app())
    with caplog.at_level(logging.DEBUG):
        client.get(HOSTILE, headers={"User-Agent": "evil\tagent", "Accept": "text/html"})
        client.post("/check", data={"text": HOSTILE})
        client.post("/api/v1/verify", json={"text": HOSTILE})
    assert "forged-log-line" not in caplog.text
    assert "evil" not in caplog.text


def test_nothing_of_a_client_is_repeated_unescaped(client: FlaskClient) -> None:
    raw = '/01/"><script>alert(1)</script>?"><img src=x>'
    page = client.get("/01/x", environ_overrides={"RAW_URI": raw, "REQUEST_URI": raw}).text
    assert "<script" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", ["TRACEQR_ORIGIN", "TRACEQR_SECRET_KEY"])
def test_refuses_to_start_without_a_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEQR_ORIGIN", "https://qr.example.org")
    monkeypatch.setenv("TRACEQR_SECRET_KEY", "x" * 40)
    monkeypatch.delenv(name)
    with pytest.raises(InvalidSetting, match=f"{name} is missing"):
        from_environment()


def test_starts_without_a_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("TRACEQR_ORIGIN", "https://qr.example.org")
    monkeypatch.setenv("TRACEQR_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("TRACEQR_DATABASE", f"sqlite:///{tmp_path}/none.db")
    client = browser(from_environment())
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_no_default_secret() -> None:
    with pytest.raises(InvalidSetting, match="TRACEQR_SECRET_KEY"):
        create_app(settings_of(TRACEQR_SECRET_KEY=""), None, lambda _: None)  # type: ignore[arg-type]
