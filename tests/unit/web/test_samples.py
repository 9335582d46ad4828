"""The sample labels of a demonstration."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import World, browser
from traceqr.web.samples import SamplesError, read_samples


def record(text: str, verdict: str = "genuine") -> dict[str, str]:
    return {"verdict": verdict, "title_zh": "示例", "title_en": "Sample", "text": text}


@pytest.fixture
def shown(world: World, tmp_path: Path) -> FlaskClient:
    label = str(world.label(world.issue()))
    file = tmp_path / "samples.json"
    foreign = label.replace("QR.EXAMPLE.ORG", "QR.EXAMPLE.COM")
    first = record(label) | {"hidden": "7445-0961-0377"}
    file.write_text(json.dumps([first, record(foreign, "suspect"), record("<b>no label", "forged")]))
    return browser(world.app(replace(world.settings, samples=file)))


def test_page(shown: FlaskClient) -> None:
    page = shown.get("/samples?lang=en").text
    assert page.count('class="card"') == 3
    assert 'href="/01/06901234567892/21/0000000100000000?s=' in page
    assert 'value="HTTPS://QR.EXAMPLE.COM/01/' in page
    assert "&lt;b&gt;no label" in page
    assert "Not one of our labels" in page, "what its page will say"
    assert "Each leads to the verdict beside it." in page
    assert "remove its folder .demo" in page
    assert page.count("7445-0961-0377") == 1
    assert 'src="/samples/0.svg"' in page
    assert 'src="/samples/2.svg"' not in page
    assert 'href="/samples"' in shown.get("/").text


def test_symbol(shown: FlaskClient) -> None:
    answer = shown.get("/samples/0.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.text.startswith("<svg")
    assert shown.get("/samples/2.svg").status_code == 404
    assert shown.get("/samples/3.svg").status_code == 404


def test_no_samples(client: FlaskClient) -> None:
    assert client.get("/samples").status_code == 404
    assert "/samples" not in client.get("/").text
    assert read_samples(None) == ()


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[1]", "[{}]", json.dumps([record("x", "good")]), json.dumps([record("x")] * 101)],
)
def test_bad_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "samples.json"
    file.write_text(content)
    with pytest.raises(SamplesError, match="expected"):
        read_samples(file)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SamplesError, match="TRACEQR_SAMPLES"):
        read_samples(tmp_path / "none.json")
