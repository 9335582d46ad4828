"""The program among others: pipelines, encodings, and the server."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
import pytest
import rfc8785
from support.ports import free_port
from support.program import Program
from support.world import World, gtin

from traceqr.cli import main
from traceqr.cli.serving import command
from traceqr.cli.showing import plain

PIPELINE = """
set -euo pipefail
n=$(traceqr batch issue --gtin {gtin} --count 100 --active --json \
    | python3 -c 'import json,sys; print(json.load(sys.stdin)["number"])')
text=$(traceqr batch labels $n --format csv | sed -n 2p | cut -d, -f1)
traceqr verify "$text" --json
traceqr batch labels $n --format csv --last 4 --again "for the test" | tail -n +2 | cut -d, -f1 | while read -r each; do
    printf '%s\\r\\n' "$each" | traceqr verify - --json
done | python3 -c 'import json,sys; print([json.loads(line)["code"] for line in sys.stdin])'
"""


def test_the_pipeline(program: Program, shop: World) -> None:
    done = program.shell(PIPELINE.format(gtin=gtin().trade))
    assert (done.returncode, done.stderr) == (0, "")
    first, others = done.stdout.splitlines()
    assert json.loads(first)["code"] == "genuine"
    assert others == str(["genuine"] * 5)


def test_every_command_is_where_it_is_said_to_be() -> None:
    groups: list[click.Command] = [main]
    seen = []
    for group in groups:  # grows while it is walked
        assert isinstance(group, click.Group)
        for name in group.list_commands(context := click.Context(group)):
            command = group.get_command(context, name)
            assert command is not None
            assert command.name == name
            seen.append(name)
            groups += [command] if isinstance(command, click.Group) else []
    assert {"serve", "batch", "labels", "exports", "show"} <= set(seen)
    assert main.get_command(click.Context(main), "unheard-of") is None


def test_a_command_brings_no_other() -> None:
    """What is not asked for is not waited for either: neither the parts of other commands nor the web."""
    script = "import sys; from traceqr.cli import main; main(['serve', '--help'], standalone_mode=False); "
    script += "print([name for name in sys.modules if name.startswith(('traceqr.cli.b', 'traceqr.web', 'flask'))])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.endswith("\n[]\n")


def test_the_ledger_for_programs(program: Program, shop: World) -> None:
    entries = [json.loads(line) for line in program.good("ledger", "list", "--json").splitlines()]
    assert [entry["position"] for entry in entries] == list(range(len(entries)))
    for entry in entries:
        leaf = entry.pop("leaf_hash")
        assert leaf == hashlib.sha256(b"\0" + rfc8785.dumps(entry)).hexdigest()
    assert [entry["act"] for entry in entries] == shop.acts()


def test_the_ledger_for_people(program: Program, shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traceqr.cli.ledger.PAGE", 3)
    lines = program.good("ledger", "list", "--from", 2).splitlines()
    assert len(lines) == len(shop.acts()) - 2
    assert lines[0].split()[0] == "2"


@pytest.mark.parametrize(("encoding", "written"), [("ascii", "utf-8"), ("gbk", "gbk"), ("utf-8", "utf-8")])
def test_terminals_of_any_encoding(program: Program, shop: World, encoding: str, written: str) -> None:
    program.env["PYTHONIOENCODING"] = encoding
    text = shop.label(shop.issue())
    for arguments in (("verify", text), ("symbol", text), ("claim", "list", "--state", "accepted"), ("ledger", "list")):
        process = program.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stdout, stderr = process.communicate(timeout=30)
        assert (process.returncode, stderr) == (0, b"")
        assert stdout.decode(written)


def test_nothing_reaches_the_terminal_that_it_would_obey() -> None:
    assert plain("茶\x1b[2J\u202e\x85\n") == "茶\\x1b[2J\\u202e\\x85\\x0a"
    assert plain("a\nb", lines=True) == "a\nb"


def on_a_terminal(program: Program, script: str) -> str:
    """What a terminal shows of a script."""
    leader, follower = pty.openpty()
    folder = program.root / "bin"
    program.shell("true")
    env = {**program.environment, "PATH": f"{folder}:{os.environ['PATH']}", "TERM": "xterm"}
    process = subprocess.Popen(["bash", "-c", script], env=env, cwd=program.root, stdin=follower, stderr=follower)
    os.close(follower)
    shown = b""
    with suppress(OSError):  # how a terminal ends on Linux
        while piece := os.read(leader, 65536):
            shown += piece
    os.close(leader)
    assert process.wait(30) == 0
    return shown.decode()


def test_progress_is_shown_on_a_terminal(program: Program, shop: World) -> None:
    shop.issue(2000)
    at_once = "from traceqr.cli import main, meter; meter._SHOWN_AFTER_S = meter._STEP_S = 0; main()"
    export = f"{sys.executable} -c '{at_once}' batch labels 1 --format csv"
    shown = on_a_terminal(program, f"{export} -o labels.csv")
    assert "100% of 2,000 labels" in shown
    assert "2,000 labels of batch 1 written to labels.csv\r\n" in shown
    assert "100%" in on_a_terminal(program, f"{export} --again x > piped.csv")
    assert on_a_terminal(program, f"{export} --again x -o again.csv 2>/dev/null") == ""


def test_an_interrupted_question(program: Program, shop: World) -> None:
    before = shop.dump()
    leader, follower = pty.openpty()
    process = program.start("keys", "destroy", 1, "--reason", "x", stdin=follower, stderr=follower)
    os.close(follower)
    shown = b""
    while b"?" not in shown:
        shown += os.read(leader, 65536)
    # A signal may come just before the program begins to wait for the answer; one that comes while it ends kills it.
    for _ in range(6):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            break
    assert process.returncode == 130
    os.close(leader)
    assert shop.dump() == before


# --- serve


@contextmanager
def serving(program: Program, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = program.start("serve", "--bind", f"127.0.0.1:{port}", "--workers", 1, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_serve(program: Program, shop: World) -> None:
    program.env["TRACEQR_SECRET_KEY"] = "s" * 48
    port = free_port()
    with serving(program, port) as process:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None
            assert time.monotonic() < deadline
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                    assert json.load(answer) == {"status": "ready"}
                break
            except OSError:
                time.sleep(0.1)
        said = program.refused("serve", "--bind", f"127.0.0.1:{port}")
        assert f"cannot serve on 127.0.0.1:{port}: Address already in use; is another server running?" in said


def test_serve_says_what_is_missing(program: Program) -> None:
    assert "expected a registry at" in program.refused("serve")
    program.good("init")
    assert "TRACEQR_SECRET_KEY is missing: set it to a secret" in program.refused("serve")


def test_the_servers_command_line() -> None:
    line = command("127.0.0.1:8000", 3)
    assert line[:3] == [sys.executable, "-m", "gunicorn"]
    assert line[-1] == "traceqr.web.app:from_environment()"
    assert line[line.index("--config") + 1].endswith("gunicorn.conf.py")
    assert line[line.index("--workers") + 1] == "3"
    assert "--workers" not in command("127.0.0.1:8000", None)


@pytest.mark.parametrize(
    ("options", "variable", "expected"), [((), None, "2"), ((), "5", "5"), (("--workers", 3), "5", "3")]
)
def test_how_many_workers(
    program: Program,
    shop: World,
    options: tuple[object, ...],
    variable: str | None,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the word of gunicorn itself, started with the line that `serve` would have become."""
    program.env["TRACEQR_SECRET_KEY"] = "s" * 48
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda path, line: started.append(line))
    assert program.run("serve", "--bind", f"127.0.0.1:{free_port()}", *options).exit_code == 0
    ((*line, app),) = started
    environment = {name: value for name, value in program.environment.items() if name != "WEB_CONCURRENCY"}
    environment |= {"WEB_CONCURRENCY": variable} if variable else {}
    done = subprocess.run(
        [*line, "--print-config", app], env=environment, cwd=program.root, capture_output=True, text=True, timeout=60
    )
    assert re.findall(r"^workers += ([0-9]+)$", done.stdout, re.MULTILINE) == [expected], done
