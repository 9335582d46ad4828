"""An inspector's phone: a Chromium with a profile of its own that can be killed at any moment, and a camera that sees
what it is shown.
"""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from browser import chromium
from browser.conftest import ARGUMENTS, PHONE
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserType, Page

STARTED_WITHIN_S = 20
VIEWS, FRAMES = 3, 8
"""A label is seen in so many ways, each for so many pictures; the film has some thirty a second, and begins anew."""

PASSCODE = "73519204"
PLACE = {"latitude": 30.274123, "longitude": 120.155123, "accuracy": 12}


def film(symbols: Sequence[bytes], path: Path) -> Path:
    """Labels as a hand holds them before a phone: turned, tilted away, on a busy ground, with the camera's noise."""
    luck = random.Random(5)
    content = b""
    for symbol in symbols:
        for _ in range(VIEWS):
            content += _frame(symbol, luck) * FRAMES
    path.write_bytes(content)
    return path


def _frame(symbol: bytes, luck: random.Random) -> bytes:
    size = (960, 720)
    label = Image.open(io.BytesIO(symbol)).convert("RGB").resize((560, 560), Image.Resampling.NEAREST)
    sheet = Image.new("RGB", size, (196, 188, 170))
    sheet.paste(label, (200, 80))
    sheet = sheet.rotate(luck.uniform(8, 16), Image.Resampling.BICUBIC, fillcolor=(150, 140, 120))
    # Tilted: the far edge is shorter than the near one.
    tilt = (1.06, 0.05, -40, 0.01, 1.1, -30, 0.0, 0.00018)
    sheet = sheet.transform(size, Image.Transform.PERSPECTIVE, tilt, Image.Resampling.BICUBIC, fillcolor=(90, 80, 70))
    noise = Image.effect_noise(size, 34).convert("RGB")
    seen = io.BytesIO()
    Image.blend(sheet.filter(ImageFilter.GaussianBlur(0.6)), noise, 0.16).save(seen, "JPEG", quality=80)
    return seen.getvalue()


@dataclass
class Phone:
    """`start` it, use its `page`, `kill` it, `start` it again: its profile stays."""

    kind: BrowserType
    profile: Path
    origin: str
    language: str = "en-US"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    browser: Browser | None = field(default=None, repr=False)
    scripts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def start(self, seen: Path | None = None) -> Page:
        """Switch it on, and open the app. `seen` is the film that its camera sees; without one it has no camera."""
        found = chromium.find()
        camera = (
            [
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={seen}",
            ]
            if seen
            else []
        )
        own = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={self.profile}"]
        locale = [f"--lang={self.language}", f"--accept-lang={self.language}"]
        (self.profile / "DevToolsActivePort").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [found.path, *ARGUMENTS, *own, *locale, *camera, "about:blank"],
            env={**os.environ, **found.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.browser = self.kind.connect_over_cdp(f"http://127.0.0.1:{self._port()}")
        allowed = ["geolocation", *(["camera"] if seen else [])]
        self.browser.contexts[0].grant_permissions(allowed, origin=self.origin)
        self.browser.contexts[0].set_geolocation(PLACE)  # type: ignore[arg-type]
        return self.open()

    def open(self, *scripts: str) -> Page:
        """The app in a window of its own, before which these scripts run."""
        assert self.browser is not None
        page = self.browser.contexts[0].new_page()
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        for script in (*self.scripts, *scripts):
            page.add_init_script(script)
        page.goto(self.origin + "/inspect/")
        return page

    def kill(self) -> None:
        """As when the battery is taken out."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
        if self.browser is not None:
            self.browser.close()
            self.browser = None
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self.profile / name).unlink(missing_ok=True)

    def _port(self) -> int:
        for _ in range(STARTED_WITHIN_S * 20):
            told = self.profile / "DevToolsActivePort"
            if told.exists() and (lines := told.read_text().splitlines()):
                return int(lines[0])
            time.sleep(0.05)
        raise AssertionError("expected a browser that can be spoken to")


def sign_name(page: Page) -> None:
    """Draw in every field that waits for a signature."""
    for pad in page.locator("canvas.pad").all():
        pad.evaluate("pad => pad.scrollIntoView({ block: 'center' })")
        box = pad.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 50)
        page.mouse.down()
        for step in range(12):
            page.mouse.move(box["x"] + 40 + step * 14, box["y"] + 50 + (step % 3) * 18)
        page.mouse.up()
