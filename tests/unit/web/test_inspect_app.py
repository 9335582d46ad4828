"""The inspectors' app as it is served: its page, its worker and its parts, and the words that its modules use."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

from tests.unit.web.world import settings_of
from traceqr.web import inspect_app, inspect_words, modules
from traceqr.web.app import create_app
from traceqr.web.language import Language

MODULES = Path(str(files("traceqr.web"))) / "static" / "inspect"
SHELL = re.compile(r"const SHELL = (\{.*\});\n")
MOST_PACKED = 150 * 1024


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app = create_app(settings_of(TRACEQR_ROLES="inspect"), None, lambda _: None)  # type: ignore[arg-type]
    return app.test_client()


def shell(client: FlaskClient) -> dict[str, Any]:
    found = SHELL.match(client.get("/inspect/worker.js").text)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_the_worker_names_every_part_by_its_digest(client: FlaskClient) -> None:
    parts = shell(client)["parts"]
    assert len(parts) > 40
    for address, digest in parts.items():
        answer = client.get(address)
        assert (answer.status_code, hashlib.sha256(answer.data).hexdigest()) == (200, digest), address


def test_every_module_of_the_app_is_kept_and_all_that_they_import() -> None:
    """What is not kept is not there without network."""
    kept = inspect_app.needed()
    assert {f"inspect/{path.name}" for path in MODULES.glob("*.js")} <= kept
    for name in kept:
        source = modules.found()[name].plain.decode()
        imported = re.findall(r'(?:from|import|import\()\s*"(\.[^"]+)"', source)
        assert {posixpath.normpath(f"{posixpath.dirname(name)}/{each}") for each in imported} <= kept, name
    assert "field/decoding-worker.js" in kept
    assert "field/check.js" not in kept


def test_the_page_is_the_same_for_everybody(client: FlaskClient) -> None:
    """A device keeps it: nothing of anybody may be in it."""
    answers = [
        client.get("/inspect/", headers={"Accept-Language": language, "Cookie": cookie})
        for language, cookie in (("zh-CN", ""), ("en", "traceqr-session=x; traceqr-lang=en"))
    ]
    assert answers[0].data == answers[1].data
    assert "Set-Cookie" not in answers[1].headers
    assert answers[0].headers["Cache-Control"] == "no-cache"


def test_what_the_page_may_do(client: FlaskClient) -> None:
    for address in ("/inspect/", "/inspect/worker.js"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "worker-src 'self'; manifest-src 'self'" in policy
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "camera=()" in client.get("/inspect/manifest.webmanifest").headers["Permissions-Policy"]


def test_other_versions_are_not_there(client: FlaskClient) -> None:
    for address in ("/inspect/words/0123456789abcdef/en.json", f"{inspect_app.words_base()}fr.json", "/inspect/x.png"):
        assert client.get(address).status_code == 404, address


def test_what_a_phone_needs_to_install_it(client: FlaskClient) -> None:
    manifest = json.loads(client.get("/inspect/manifest.webmanifest").data)
    assert manifest["scope"] == manifest["start_url"] == "/inspect/"
    assert manifest["name"] == "现场检查"
    for icon in manifest["icons"]:
        content = client.get(icon["src"]).data
        side = int.from_bytes(content[16:20])  # of a PNG's header
        assert (content[:4], icon["sizes"]) == (b"\x89PNG", f"{side}x{side}")


def test_it_is_small(client: FlaskClient) -> None:
    """All but the program that reads codes, which comes later."""
    packed = sum(len(each.packed) for each in inspect_app.parts().values())
    assert packed < MOST_PACKED
    assert not any("zxing" in address for address in shell(client)["parts"])


def test_the_words_are_those_that_the_modules_say() -> None:
    """Each once, none that nobody says: a pack goes over the air."""
    said = extract_from_dir(MODULES, [("**.js", "javascript")], {}, keywords={"t": None, "say": None})
    assert sorted({message for _, _, message, _, _ in said}) == sorted(inspect_words.WORDS)  # type: ignore[type-var]


def test_no_words_that_are_put_together() -> None:
    """Inside the braces of a template literal the catalogues find nothing."""
    for source in MODULES.glob("*.js"):
        assert not re.search(r"`[^`\n]*\$\{[^}\n]*\bt\(\s*\"", source.read_text()), source.name


@pytest.mark.parametrize("language", Language)
def test_packs(client: FlaskClient, language: Language) -> None:
    answer = client.get(f"{inspect_app.words_base()}{language}.json")
    pack = json.loads(answer.data)
    assert set(pack["words"]) == (set() if language is Language.EN else set(inspect_words.WORDS))
    for script in ("zh-Hans", "zh-Hant"):
        emblems = json.loads(client.get(f"{inspect_app.words_base()}emblems-{script}.json").data)
        assert set(pack["verdicts"]["names"]) == set(emblems) - {"front"}
    assert "immutable" in answer.headers["Cache-Control"]


def test_modules_write_no_markup() -> None:
    """Text of labels and of servers is put in as text."""
    for source in [*MODULES.glob("*.js"), *MODULES.parent.glob("field/*.js")]:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", source.read_text())
