"""The high-water file: how far the ledger had come, kept outside the database.

A database can go back in time: a backup is restored, a standby that had not caught up takes over. It cannot tell by
itself. So after each act has committed, and before anything that it allows leaves the house, the ledger's size and
root are written to a file that no restore of the database touches.

Invariants:

- The mark only ever goes forward, whichever of several processes writes last.
- The file is whole at every instant: a new one takes its name once it is on the disk.
- A file that cannot be read is never taken for one that is not there.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from traceqr.errors import TraceqrError

PATIENCE_S = 10.0
"""How long to wait for another process that is writing the file, which takes milliseconds."""

_PAUSE_S = 0.001
_MAX_BYTES = 4_096
_MAX_SIZE = 2**53
_ROOT = re.compile("[0-9a-f]{64}")


class HighWaterError(TraceqrError):
    """The high-water file cannot be read or written, or holds something else than a mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a ledger had come: `size` entries, and the root over them in hex."""

    size: int
    root: str

    @classmethod
    def parse(cls, content: bytes) -> Mark:
        """A mark as the file holds it. Raises `HighWaterError`."""
        try:
            members = json.loads(content, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise HighWaterError(f"expected JSON with a size and a root, got {content[:80]!r}") from error
        size, root = (members.get("size"), members.get("root")) if isinstance(members, dict) else (None, None)
        if type(size) is not int or not 0 <= size <= _MAX_SIZE:
            raise HighWaterError(f"expected the number of ledger entries as size, got {size!r:.80}")
        if not isinstance(root, str) or not _ROOT.fullmatch(root):
            raise HighWaterError(f"expected 64 lower-case hex digits as root, got {root!r:.80}")
        return cls(size, root)

    def to_bytes(self) -> bytes:
        """What the file holds."""
        return json.dumps({"size": self.size, "root": self.root}).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class HighWater:
    """The file at a path. Several processes may share it."""

    path: Path

    def read(self) -> Mark | None:
        """The mark, or None where there is no file. Raises `HighWaterError`."""
        try:
            with self.path.open("rb") as file:
                content = file.read(_MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise HighWaterError(f"cannot read the high-water file {self.path}: {error.strerror}") from error
        try:
            return Mark.parse(content)
        except HighWaterError as error:
            raise HighWaterError(
                f"the high-water file {self.path} is garbled: {error}; put a copy of it back, or move it away and run:"
                " traceqr ledger accept-restore --lost N"
            ) from error

    def advance(self, mark: Mark) -> None:
        """Write the mark, durably, unless the file is as far already. Raises `HighWaterError`, also for another root
        at the same size.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                if self._is_behind(mark):
                    self._replace(mark)
        except OSError as error:
            raise HighWaterError(f"cannot write the high-water file {self.path}: {error.strerror}") from error

    def _is_behind(self, mark: Mark) -> bool:
        present = self.read()
        if present and present.size == mark.size and present.root != mark.root:
            raise HighWaterError(
                f"expected the root {present.root[:12]} after {mark.size:,} entries, as the high-water file {self.path}"
                f" says, got {mark.root[:12]}"
            )
        return present is None or present.size < mark.size

    def _replace(self, mark: Mark) -> None:
        # A crash before the rename leaves the old mark, and a draft that the next writer begins anew; one after it
        # leaves either mark, as the folder is on the disk or not: whoever was to be told of the act was not yet.
        draft = self.path.with_name(f".{self.path.name}.new")
        with suppress(FileNotFoundError):
            draft.unlink()
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(mark.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        _sync_folder(self.path.parent)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self.path.with_name(self.path.name + ".lock")
        process, handle = os.getpid(), os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _wait(handle, lock)
            yield
        finally:
            if os.getpid() == process:  # a process forked meanwhile has a copy of the descriptor, and must not unlock
                fcntl.flock(handle, fcntl.LOCK_UN)
            os.close(handle)


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    """A member that stands there twice says two things."""
    found = dict(members)
    if len(found) < len(members):
        raise HighWaterError(f"expected each member once, got {[name for name, _ in members]!r:.80}")
    return found


def _wait(handle: int, lock: Path) -> None:
    """Polls, since a call that waits would stop all that its process does where greenlets share a thread."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise HighWaterError(f"another process holds {lock} for more than {PATIENCE_S:g} s: end it") from None
            time.sleep(_PAUSE_S)
        else:
            return


def _sync_folder(folder: Path) -> None:
    """A file's name is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
