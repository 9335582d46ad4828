"""The modules that judge labels without network, in a real Chromium: the same vectors as in Python and in Node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from support.scripts import ROOT, served_tree

VECTORS = ROOT / "tests" / "vectors"


@pytest.fixture(scope="module")
def tree() -> Iterator[str]:
    with served_tree() as origin:
        yield origin


@pytest.fixture
def page(browser: Browser, tree: str) -> Page:
    """A page with nothing on it, of an origin that modules may be imported from."""
    opened = browser.new_context().new_page()
    opened.goto(f"{tree}/tests/field/empty.html")
    return opened


def test_label_vectors(page: Page) -> None:
    file: dict[str, Any] = json.loads((VECTORS / "label-v1.json").read_text(encoding="ascii"))
    found = page.evaluate(
        """async () => {
            const { outcomes } = await import("/tests/field/label-vectors.mjs");
            return outcomes(await (await fetch("/tests/vectors/label-v1.json")).json());
        }"""
    )
    assert found == {vector["name"]: vector["expected"] for vector in file["vectors"]}


def test_what_verifies_is_strict(page: Page) -> None:
    """The platform's own Ed25519 where it stands its trial; the other way stands it as well."""
    assert page.evaluate(
        """async () => {
            const { byPoints, standsTrial, verifierName } = await import("/traceqr/web/static/field/seal.js");
            return [await verifierName(), await standsTrial(byPoints)];
        }"""
    ) == ["platform", True]


def test_without_ed25519_in_the_platform(browser: Browser, tree: str) -> None:
    """As in browsers before 2023 and 2025: all vectors once more, by the other way."""
    context = browser.new_context()
    context.add_init_script(
        """const own = crypto.subtle.importKey.bind(crypto.subtle);
        SubtleCrypto.prototype.importKey = (format, key, algorithm, ...rest) =>
            algorithm.name === "Ed25519"
                ? Promise.reject(new DOMException("Algorithm: Unrecognized name", "NotSupportedError"))
                : own(format, key, algorithm, ...rest);"""
    )
    opened = context.new_page()
    opened.goto(f"{tree}/tests/field/empty.html")
    wrong, name = opened.evaluate(
        """async () => {
            const { outcomes } = await import("/tests/field/label-vectors.mjs");
            const { verifierName } = await import("/traceqr/web/static/field/seal.js");
            const file = await (await fetch("/tests/vectors/label-v1.json")).json();
            const found = await outcomes(file);
            const members = ["step", "step_name", "verdict", "reason"];
            const same = (one, other) => members.every((name) => one[name] === other[name]);
            const wrong = file.vectors.filter((vector) => !same(found[vector.name], vector.expected));
            return [wrong.map((vector) => vector.name), await verifierName()];
        }"""
    )
    assert (wrong, name) == ([], "points")
