"""The modules that judge labels without network, in a real Chromium: the same vectors as in Python and in Node."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from support.camera import film, phone_that_sees, shelf, sight
from support.scripts import ROOT, served_tree

from traceqr.label.format import Label
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png

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


def labels_of_a_shelf() -> list[str]:
    """Six well-formed labels. Their seals do not hold, which a camera does not see."""
    text = json.loads((VECTORS / "label-v1.json").read_text(encoding="ascii"))["vectors"][0]["text"]
    return [text.replace("0000000100000000", f"00000001000000{index:02}") for index in range(6)]


def printed(text: str) -> bytes:
    return to_png(encode(Label.parse(text)))


READER = """{ readerAddress: "/traceqr/web/scanner/zxing-reader.js",
              programAddress: "/traceqr/web/scanner/zxing_reader.wasm" }"""


SCANNER = """async (wanted) => {
    const { Scanner } = await import("/traceqr/web/static/field/scanner.js");
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    document.body.append(video);
    const told = [];
    const scanner = new Scanner({ video, onText: (text) => told.push(text), ...wanted });
    return { scanner, told, video, pause: (ms) => new Promise((done) => setTimeout(done, ms)) };
}"""
"""A scanner of the page's own, what it has told, and a pause."""


def test_a_shelf_of_labels_is_read_each_once(browser: Browser, tree: str, tmp_path: Path) -> None:
    texts = labels_of_a_shelf()
    sights = [sight([printed(text) for text in texts], shelf(), seed) for seed in range(3)]
    with phone_that_sees(browser.browser_type, film(sights, tmp_path / "shelf.mjpeg")) as phone:
        opened = phone.new_context().new_page()
        opened.goto(f"{tree}/tests/field/empty.html")
        told = opened.evaluate(
            f"""async () => {{
                const {{ scanner, told, video, pause }} = await ({SCANNER})({{ ...{READER} }});
                const before = scanner.capabilities;
                await scanner.start();
                const able = scanner.capabilities;
                const until = performance.now() + 20_000;
                while (new Set(told).size < 6 && performance.now() < until) await pause(50);
                await pause(1500);
                const refused = [await scanner.torch(true), await scanner.zoom(2)];
                scanner.stop();
                return {{ told, before, able, refused, still: video.srcObject === null }};
            }}"""
        )
    assert sorted(told["told"]) == texts, "each once, however long it is in sight"
    assert (told["before"]["reader"], told["able"]["reader"]) == (None, "brought")
    assert (told["able"]["torch"], told["able"]["zoom"]) == (False, None)
    assert told["refused"] == [False, False]
    assert told["still"]


BESIDE_EACH_OTHER = [[(left + 6, 200), (left + 250, 206), (left + 246, 452), (left, 446)] for left in (370, 670)]
"""Two labels that the middle of the picture holds both."""


def test_where_one_alone_is_asked_for_none_of_two_is_told(browser: Browser, tree: str, tmp_path: Path) -> None:
    first, second = (printed(text) for text in labels_of_a_shelf()[:2])
    sights = [sight([first, second], BESIDE_EACH_OTHER), sight([second])]
    with phone_that_sees(browser.browser_type, film(sights, tmp_path / "two.mjpeg")) as phone:
        opened = phone.new_context().new_page()
        opened.goto(f"{tree}/tests/field/empty.html")
        told = opened.evaluate(
            f"""async () => {{
                const {{ scanner, told, pause }} = await ({SCANNER})({{ alone: true, ...{READER} }});
                await scanner.start();
                const until = performance.now() + 20_000;
                while (!(told.length && scanner.searched > 30) && performance.now() < until) await pause(50);
                scanner.stop();
                return told;
            }}"""
        )
    assert set(told) == {labels_of_a_shelf()[1]}


def test_photos_are_read_and_others_refused(page: Page) -> None:
    texts = labels_of_a_shelf()[:2]
    pictures = [sight([printed(text) for text in texts], shelf()[:2]), sight([], []), b"no picture"]
    found = page.evaluate(
        f"""async (pictures) => {{
            const {{ Scanner }} = await import("/traceqr/web/static/field/scanner.js");
            const read = async (picture, addresses) => {{
                const octets = Uint8Array.from(atob(picture), (sign) => sign.charCodeAt(0));
                return Scanner.readPhoto(new Blob([octets]), addresses).catch((error) => error.reason);
            }};
            const found = [];
            for (const picture of pictures) found.push(await read(picture, {READER}));
            return [...found, await read(pictures[0], {{}})];
        }}""",
        [base64.b64encode(picture).decode() for picture in pictures],
    )
    assert [sorted(found[0]), *found[1:]] == [texts, [], "photo-unreadable", "reader-none"]


def test_where_a_worker_cannot_draw_the_page_does(page: Page) -> None:
    """As in Safari before 16.4."""
    worker = (ROOT / "traceqr" / "web" / "static" / "field" / "decoding-worker.js").read_text(encoding="utf-8")
    source = f"self.OffscreenCanvas = undefined;\n{worker}"
    page.route("**/decoding-worker.js", lambda route: route.fulfill(body=source, content_type="text/javascript"))
    text = labels_of_a_shelf()[0]
    found = page.evaluate(
        f"""async (picture) => {{
            const {{ Scanner }} = await import("/traceqr/web/static/field/scanner.js");
            const {{ openDecoder }} = await import("/traceqr/web/static/field/decoder.js");
            const octets = Uint8Array.from(atob(picture), (sign) => sign.charCodeAt(0));
            const {{ takes }} = await openDecoder({READER});
            return [takes, await Scanner.readPhoto(new Blob([octets]), {READER})];
        }}""",
        base64.b64encode(sight([printed(text)])).decode(),
    )
    assert found == ["pixels", [text]]


def test_the_browsers_own_reader_is_shown_a_code_first(page: Page) -> None:
    """One that reads is used; one that finds nothing, that fails or that names no QR codes is not."""
    assert page.evaluate(
        """async () => {
            const { openDecoder } = await import("/traceqr/web/static/field/decoder.js");
            const tried = [];
            const own = async (formats, detect) => {
                globalThis.BarcodeDetector = class {
                    static async getSupportedFormats() { return formats; }
                    detect(picture) { return detect(picture); }
                };
                const { name } = await openDecoder({}).catch((error) => ({ name: error.reason }));
                tried.push(name);
            };
            await own(["qr_code"], async ({ width }) => [{ rawValue: "TRACEQR".repeat(width / 232) }]);
            await own(["qr_code"], async () => []);
            await own(["qr_code"], async () => [{ rawValue: "TRACEQr" }]);
            await own(["qr_code"], async () => { throw new DOMException("Barcode detection service unavailable"); });
            await own(["ean_13"], async () => [{ rawValue: "TRACEQR" }]);
            return tried;
        }"""
    ) == ["own", "reader-none", "reader-none", "reader-none", "reader-none"]


def test_a_code_that_says_nothing_is_none(page: Page) -> None:
    assert page.evaluate(
        """async () => {
            const { openDecoder } = await import("/traceqr/web/static/field/decoder.js");
            let said = ["TRACEQR"];
            globalThis.BarcodeDetector = class {
                static async getSupportedFormats() { return ["qr_code"]; }
                async detect() { return said.map((rawValue) => ({ rawValue })); }
            };
            const decoder = await openDecoder({});
            said = ["", "a"];
            return decoder.read({ picture: {} });
        }"""
    ) == ["a"]


def test_the_trials_code_says_what_it_should(page: Page) -> None:
    assert page.evaluate(
        f"""async () => {{
            const {{ openDecoder, trialPicture }} = await import("/traceqr/web/static/field/decoder.js");
            const decoder = await openDecoder({READER});
            return decoder.read({{ picture: trialPicture() }});
        }}"""
    ) == ["TRACEQR"]


def test_bundle_vectors(page: Page) -> None:
    found, expected = page.evaluate(
        """async () => {
            const { outcomes, expectations } = await import("/tests/field/bundle-vectors.mjs");
            const file = await (await fetch("/tests/vectors/bundle-v1.json")).json();
            return [await outcomes(file), expectations(file)];
        }"""
    )
    file = json.loads((VECTORS / "bundle-v1.json").read_text(encoding="ascii"))
    assert len(expected) == sum(len(file[kind]) for kind in ("manifests", "part_takings", "judgings"))
    assert found == expected
