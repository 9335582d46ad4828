"""A wheel built from the checkout works in an empty environment outside of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from support.ports import free_port
from support.server import ROOT, SECRET

TREE = ("traceqr", "schema.sql", "gunicorn.conf.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that what building leaves behind does not lie in the checkout."""
    folder: Path = tmp_path_factory.mktemp("wheel")
    for name in TREE:
        source, target = ROOT / name, folder / "tree" / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, folder / "tree")
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_what_it_needs_and_no_more(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "traceqr/registry/schema.sql",
        "traceqr/registry/sqlite.sql",
        "traceqr/epcis/epcis.schema.json",
        "traceqr/web/gunicorn.conf.py",
        "traceqr/web/templates/verdict.html",
        "traceqr/web/static/traceqr.css",
        "traceqr/web/static/field/label.js",
        "traceqr/web/translations/zh_Hans/LC_MESSAGES/messages.po",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests", "keys", "benchmarks"))]


def test_init_and_serve_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-compile", "-c", ROOT / "constraints.txt", wheel)
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "TRACEQR_ORIGIN": f"http://127.0.0.1:{port}",
        "TRACEQR_SECRET_KEY": SECRET,
    }
    program = tmp_path / "venv" / "bin" / "traceqr"
    run(program, "init", cwd=tmp_path, env=environment)
    assert (tmp_path / "traceqr.db").exists()
    server = subprocess.Popen(
        [program, "serve", "--bind", f"127.0.0.1:{port}"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE
    )
    try:
        ask = (
            f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/readyz', timeout=5).read().decode())"
        )
        answer = ""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
            answer = done.stdout.strip()
            if done.returncode == 0:
                break
            time.sleep(0.1)
        assert answer == '{"status":"ready"}'
    finally:
        server.terminate()
        server.communicate(timeout=30)
