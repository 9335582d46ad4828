"""Draws the pictures of the README: runs the demonstration in a folder of its own and photographs it.

Needs Chromium and a Chinese font (such as fonts-noto-cjk). Run: make pictures
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from traceqr.demo.loading import Sample, read_samples
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.printing.svg import label_svg
from traceqr.symbol.encode import encode

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
VERDICTS = ("genuine", "seen", "inactive", "held", "recalled", "void", "suspect", "forged", "unchecked")


def main() -> None:
    """Write label.png, pages.png and verdicts.png beside this script."""
    sys.path.insert(0, str(ROOT))
    from tests.browser import chromium

    folder = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "traceqr", "demo", "--bind", f"127.0.0.1:{PORT}", "--folder", str(folder / "demo")]
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await()
        samples = read_samples(folder / "demo" / "samples.json")
        found = chromium.find()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(found.path), env={**os.environ, **found.environment}, args=ARGUMENTS
            )
            _label(browser, samples[0])
            _pages(browser, samples)
            _verdicts(browser, samples)
            browser.close()
    finally:
        demo.terminate()
        demo.wait(30)
        shutil.rmtree(folder)


def _await() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{ORIGIN}/healthz", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"expected the demonstration on {ORIGIN}")


def _label(browser: Browser, sample: Sample) -> None:
    label = replace(Label.parse(sample.text), origin=Origin.parse("HTTPS://QR.EXAMPLE.ORG"))
    svg = label_svg(label, encode(label), "明前滇红 特级")
    page = browser.new_page(viewport={"width": 300, "height": 300}, device_scale_factor=3)
    page.set_content(f"<body style='margin:0;background:#fff'>{svg}</body>")
    page.locator("svg").first.screenshot(path=HERE / "label.png")
    page.close()


def _pages(browser: Browser, samples: list[Sample]) -> None:
    """A genuine label in Chinese, a recalled one in English, side by side as on two phones."""
    shown = [(samples[0].text, "zh-CN"), (_address(samples, "recalled"), "en-US")]
    shots = []
    for address, locale in shown:
        page = browser.new_page(viewport={"width": 360, "height": 760}, locale=locale, device_scale_factor=2)
        page.goto(address, wait_until="networkidle")
        shots.append(page.screenshot())
        page.close()
    _side_by_side(browser, shots, 360, HERE / "pages.png")


def _verdicts(browser: Browser, samples: list[Sample]) -> None:
    """The emblem and words of every verdict. The last sample of each is taken: the first ones are scanned by now."""
    shots = []
    for verdict in VERDICTS:
        page = browser.new_page(viewport={"width": 360, "height": 400}, locale="zh-CN", device_scale_factor=1)
        page.goto(_address(samples, verdict), wait_until="networkidle")
        shots.append(page.locator(".hero").screenshot())
        page.close()
    _side_by_side(browser, shots, 240, HERE / "verdicts.png", columns=3)


def _address(samples: list[Sample], verdict: str) -> str:
    chosen = (sample.text for sample in samples if sample.verdict == verdict)
    return next(text for text in reversed([*chosen]) if text.upper().startswith(ORIGIN.upper()))


def _side_by_side(browser: Browser, shots: list[bytes], width: int, target: Path, columns: int = 0) -> None:
    """A grid of screenshots on grey, in few enough colours to be a small file."""
    images = "".join(
        f'<img width="{width}" src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots
    )
    style = (
        f"display:grid;grid-template-columns:repeat({columns or len(shots)},{width}px);gap:16px;padding:16px;"
        "align-items:start;width:max-content;background:#8f8a7f"
    )
    page = browser.new_page(device_scale_factor=2)
    page.set_content(f"<body style='margin:0'><div style='{style}'>{images}</div></body>")
    picture = Image.open(io.BytesIO(page.locator("div").screenshot()))
    picture.convert("RGB").quantize(96).save(target, optimize=True)
    page.close()


if __name__ == "__main__":
    main()
