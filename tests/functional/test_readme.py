"""The commands of the README, typed as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support.server import ROOT

from traceqr.demo import household
from traceqr.instant import system_clock
from traceqr.label.host import Origin

README = (ROOT / "README.md").read_text(encoding="utf-8")
IMPORTING = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def tour(name: str, document: str = README) -> str:
    found = re.search(rf"<!-- tour: {name} -->\n```sh\n(.*?)```", document, re.DOTALL)
    assert found, f"expected a tour named {name}"
    return found[1]


def typed(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tour in a folder that looks like a checkout after `make demo`."""
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tour_of_the_demo(tmp_path: Path) -> None:
    origin = Origin.parse("http://127.0.0.1:8000")
    house = household.open_or_make(tmp_path / ".demo", origin, system_clock)
    house.write_environment(house.environment(origin))
    done = typed(tour("demo"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"code": "genuine"' in done.stdout
    assert "not good: exit code 1" in done.stdout
    assert "Moisture above the limit" in done.stdout
    assert "batch.recall" in done.stdout.splitlines()[-1]
    assert len((tmp_path / ".demo" / "labels.csv").read_text(encoding="utf-8").splitlines()) == 1_001
    assert (tmp_path / ".demo" / "sheet.pdf").read_bytes().startswith(b"%PDF-")
    assert "20 of 20" in done.stdout


def test_the_tour_with_ones_own_data(tmp_path: Path) -> None:
    done = typed(tour("own"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".own" / "keys" / "0001-label.key").exists()
    assert len((tmp_path / ".own" / "labels.csv").read_text(encoding="utf-8").splitlines()) == 501


def test_the_tour_of_events_after_it(tmp_path: Path) -> None:
    done = typed(tour("own") + tour("events", IMPORTING), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-7:] == [
        "2 added, 0 changed, 0 unchanged",
        "1 event would be captured, 0 known already; nothing was done",
        "1 event captured, 0 known already",
        "1 event captured, 0 known already",
        "2 events captured, 0 known already",
        "1 event captured, 0 known already",
        "written: .own/packing.xlsx",
    ]
