"""A PostgreSQL server of a test's own, to be killed, starved and started again."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from support import postgres
from support.processes import family, kill

STARTED_WITHIN_S = 30


class OwnPostgres:
    """A running server with one empty database, `registry`. Connects over a socket in its data folder."""

    def __init__(self, folder: Path) -> None:
        self._server = postgres.start(folder)
        self._owner = self._server.get_uri()
        self.url = self._server.get_uri("registry")
        self.run("CREATE DATABASE registry")

    def run(self, statement: str) -> None:
        """A statement as the server's owner, outside of any transaction."""
        with psycopg.connect(self._owner, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def kill(self) -> int:
        """SIGKILL to the postmaster and every process under it; returns how many there were."""
        pids = family(self._server.get_pid())
        kill(pids)
        # They hold the number of a process that is dead, but may not be buried yet: then the next one would not start.
        for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._server.pgdata / left).unlink(missing_ok=True)
        return len(pids)

    def start(self) -> float:
        """Start it again on the same data. Returns the instant, by the monotonic clock, from which it let people in."""
        self._server.ensure_postgres_running()
        deadline = time.monotonic() + STARTED_WITHIN_S
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, f"expected the server within {STARTED_WITHIN_S} s"
                time.sleep(0.01)
            else:
                return time.monotonic()

    def throw_out(self) -> None:
        """End every connection to the registry."""
        self.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'registry'")

    @contextmanager
    def crowded(self) -> Iterator[int]:
        """Others take every connection that the server has, reserved ones too; gives how many they hold."""
        with ExitStack() as held:
            holding = 0
            while True:
                try:
                    held.enter_context(psycopg.connect(self._owner, autocommit=True))
                except psycopg.OperationalError as error:
                    if "too many clients" not in str(error):
                        raise
                    break
                holding += 1
            yield holding

    def stop(self) -> None:
        """End it, however it stands."""
        self.kill()


@contextmanager
def own_postgres(folder: Path | None = None) -> Iterator[OwnPostgres]:
    """A server for one test. Its folder has a short name, since the socket lies in it."""
    made = folder or Path(tempfile.mkdtemp(prefix="tqpo"))
    made.mkdir(exist_ok=True)
    made.chmod(0o755)  # the server goes through it as another user
    running = OwnPostgres(made / "d")
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(made, ignore_errors=True)
