"""Draws the pictures of the README, of docs/printing.md, docs/telling.md and docs/inspecting.md: labels as the program
makes them, the demonstration, run in a folder of its own and photographed, and the inspectors' app.

Needs the typeface of printed labels (make fonts), Chromium, and a Chinese font (such as fonts-noto-cjk).
Run: make pictures
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import consoles
import inspecting
import pypdfium2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from traceqr.demo.loading import Sample, read_samples
from traceqr.label.host import Origin
from traceqr.printing.design import BUILT_IN, built_in
from traceqr.printing.pdf import Pdf
from traceqr.printing.preview import example, preview
from traceqr.printing.sheets import sheet

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
ORIGIN_SHOWN = Origin.parse("HTTPS://QR.EXAMPLE.ORG")
GROUND, GAP, COLOURS = "#8f8a7f", 16, 24
SHEET_DPI = 300
VERDICTS = ("genuine", "seen", "inactive", "held", "recalled", "void", "suspect", "forged", "unchecked")


def main() -> None:
    """Write all pictures beside this script."""
    draw_labels()
    draw_demonstration()
    draw_inspections()


def draw_labels() -> None:
    """label.png, designs.png and sheet.png: labels as they are printed, of a batch that nobody issued."""
    (HERE / "label.png").write_bytes(preview(built_in("classic"), example(ORIGIN_SHOWN)))
    _save(_designs(), HERE / "designs.png")
    _save(_sheet(), HERE / "sheet.png")


def _designs() -> Image.Image:
    """The built-in designs in one scale, on grey."""
    job = example(ORIGIN_SHOWN)
    shown = [Image.open(io.BytesIO(preview(built_in(name), job))).convert("RGB") for name in BUILT_IN]
    shown = [each.resize((each.width // 2, each.height // 2), Image.Resampling.BOX) for each in shown]
    width, height = sum(each.width for each in shown), max(each.height for each in shown)
    ground = Image.new("RGB", (width + GAP * (len(shown) + 1), height + 2 * GAP), GROUND)
    x = GAP
    for each in shown:
        ground.paste(each, (x, GAP + (height - each.height) // 2))
        x += each.width + GAP
    return ground


def _sheet() -> Image.Image:
    """An A4 sheet with crop marks, out of the PDF itself; the key is one that no registry knows."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"pictures").digest())
    job = replace(example(ORIGIN_SHOWN), last=19)
    design = built_in("classic")
    pdf = Pdf(job, design, sheet("A4", design))
    content = pdf.head() + pdf.body(job.series.strip(private, job.first, job.last)) + pdf.tail()
    page = pypdfium2.PdfDocument(content)[0].render(scale=SHEET_DPI / 72).to_pil()
    page = page.resize((page.width // 3, page.height // 3), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (page.width + 2 * GAP, page.height + 2 * GAP), GROUND)
    ground.paste(page, (GAP, GAP))
    return ground


def _save(picture: Image.Image, target: Path) -> None:
    """In few enough colours to be a small file."""
    picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(target, optimize=True)


def draw_demonstration() -> None:
    """What people see who scan, and who work with the consoles."""
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
                executable_path=str(found.path), env=_with_the_fonts_of_the_system(found.environment), args=ARGUMENTS
            )
            _pages(browser, samples)
            _verdicts(browser, samples)
            _consoles(browser, folder / "demo" / "accounts")
            _ways(browser, samples, folder / "demo" / "accounts")
            browser.close()
    finally:
        demo.terminate()
        demo.wait(30)
        shutil.rmtree(folder)


def draw_inspections() -> None:
    """inspecting.png and those of its parts: what an inspector sees in the field."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from tests.browser import chromium

    found = chromium.find()
    with sync_playwright() as playwright:
        shots = inspecting.shots(playwright.chromium)
        browser = playwright.chromium.launch(
            executable_path=str(found.path), env={**os.environ, **found.environment}, args=ARGUMENTS
        )
        for name, each in shots.items():
            # What a camera sees has many greys, and the seal's red must not be lost among them.
            _side_by_side(browser, each, 300, HERE / f"{name}.png", colours=256)
        browser.close()


def _with_the_fonts_of_the_system(environment: Mapping[str, str]) -> dict[str, str | float | bool]:
    """For the browser: those that tests bring have no Chinese."""
    return {name: value for name, value in {**os.environ, **environment}.items() if name != "FONTCONFIG_FILE"}


def _await() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{ORIGIN}/healthz", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"expected the demonstration on {ORIGIN}")


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


def _consoles(browser: Browser, accounts: Path) -> None:
    """operator.png, association.png, enterprise.png and phones.png: the consoles of the demonstration's people."""
    people = consoles.people(accounts)
    for name, shown in consoles.SHOTS.items():
        shots = _looked_at(browser, people, shown, consoles.DESK, "en-US")
        _side_by_side(browser, shots, 640, HERE / f"{name}.png")
    shots = _looked_at(browser, people, consoles.ON_A_PHONE, consoles.PHONE, "zh-CN")
    _side_by_side(browser, shots, 300, HERE / "phones.png")


def _ways(browser: Browser, samples: list[Sample], accounts: Path) -> None:
    """tracing.png: the way of the tea, a pillow whose material was recalled, and a case that is packed by scanning."""
    shots = []
    way = samples[0].text.replace("/01/", "/trace/01/", 1)
    for address in (way, _address(samples, "recalled")):
        page = browser.new_page(viewport=consoles.PHONE, locale="zh-CN", device_scale_factor=2)
        page.goto(address, wait_until="networkidle")
        shots.append(page.screenshot())
        page.close()
    people = consoles.people(accounts)
    packing = (consoles.Look(consoles.MANAGER, "/console/trace/state/pack"),)
    shots += _looked_at(browser, people, packing, consoles.PHONE, "zh-CN")
    _side_by_side(browser, shots, 300, HERE / "tracing.png")


def _looked_at(
    browser: Browser,
    people: dict[str, consoles.Access],
    looks: Sequence[consoles.Look],
    size: dict[str, int],
    locale: str,
) -> list[bytes]:
    shots = []
    for look in looks:
        with consoles.signed_in(browser, ORIGIN, people[look.login], size, locale) as page:
            shots.append(consoles.shoot(page, ORIGIN, look))
    return shots


def _address(samples: list[Sample], verdict: str) -> str:
    chosen = (sample.text for sample in samples if sample.verdict == verdict)
    return next(text for text in reversed([*chosen]) if text.upper().startswith(ORIGIN.upper()))


def _side_by_side(
    browser: Browser, shots: list[bytes], width: int, target: Path, columns: int = 0, colours: int = 96
) -> None:
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
    picture.convert("RGB").quantize(colours).save(target, optimize=True)
    page.close()


if __name__ == "__main__":
    main()
