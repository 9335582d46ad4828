"""The program as tests run it: in their own process for speed, in another where that is the point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from traceqr.cli import main

SETTINGS = (
    "DATABASE",
    "KEYS",
    "HIGH_WATER",
    "SIGNER",
    "GUARD",
    "GUARD_COUNTERS",
    "ORIGIN",
    "OFFICIAL_HOSTS",
    "LABEL_CASE",
    "SECRET_KEY",
    "KEY_PASSPHRASE",
    "METRICS_TOKEN",
    "ROLES",
    "SECOND_PERSON",
    "SMTP",
    "MAIL_FROM",
    "WEBHOOKS",
)
PROGRAM = "import sys; from traceqr.cli import main; sys.argv[0] = 'traceqr'; main()"


@dataclass
class Program:
    """The program with the settings of one folder."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.env = {
            "TRACEQR_DATABASE": f"sqlite:///{self.root / 'traceqr.db'}",
            "TRACEQR_KEYS": str(self.root / "keys"),
            "TRACEQR_ORIGIN": "https://qr.example.org",
            "TRACEQR_SECOND_PERSON": "off",
        }

    def run(self, *args: object, stdin: str | bytes | None = None, **env: str | None) -> Result:
        """In this process."""
        clean = {f"TRACEQR_{name}": None for name in SETTINGS}
        return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin, env={**clean, **self.env, **env})

    def good(self, *args: object, **env: str) -> str:
        """Standard output of a run that must succeed."""
        result = self.run(*args, **env)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def json(self, *args: object) -> Any:
        """What a run that must succeed says to programs."""
        return json.loads(self.good(*args, "--json"))

    def refused(self, *args: object, code: int = 1, **env: str | None) -> str:
        """Standard error of a run that must fail, and must say so in words."""
        result = self.run(*args, **env)
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == code, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        if code == 1:
            assert result.stderr.startswith("traceqr: ")
        return result.stderr

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRACEQR_")}
        return {**kept, **self.env, "PYTHONWARNINGS": "error"}

    def start(self, *args: object, **options: Any) -> subprocess.Popen[bytes]:
        """In a process of its own."""
        command = [sys.executable, "-c", PROGRAM, *map(str, args)]
        return subprocess.Popen(command, env=self.environment, cwd=self.root, **options)

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """A script for bash, in which `traceqr` is the program."""
        folder = self.root / "bin"
        folder.mkdir(exist_ok=True)
        command = folder / "traceqr"
        command.write_text(f"#!{sys.executable}\nimport sys\nfrom traceqr.cli import main\nsys.exit(main())\n")
        command.chmod(0o755)
        (folder / "python3").unlink(missing_ok=True)
        (folder / "python3").symlink_to(sys.executable)
        env = {**self.environment, "PATH": f"{folder}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", "-c", script], env=env, cwd=self.root, capture_output=True, text=True, timeout=60
        )

    def file(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        path = self.root / name
        path.write_bytes(text.encode(encoding))
        return path
