"""A file that appears whole or not at all: drafted under a hidden name beside its place, and linked there at the end.

Invariants:

- What is at the place already is never replaced.
- A draft whose maker was killed is removed by the next one for the same place. Its maker holds the lock on the draft's
  owner file as long as it lives, whatever machine or container it runs in.
"""

from __future__ import annotations

import fcntl
import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from traceqr.registry.writelock import QUEUE

_OWNER = ".owner"
_ENDINGS = ("", "-wal", "-shm", "-journal", *(f".lock{place}" for place in ("", *QUEUE)), _OWNER)


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """An empty file of mode 0600, which takes the name `path` when the block ends, durably.

    Raises `FileExistsError` when something is there already, and `OSError` when the file cannot be made.
    """
    _clear_abandoned(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    owner = os.open(_beside(draft, _OWNER), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
        _sync(draft)
        os.link(draft, path)  # never replaces, as a rename would
        _sync(path.parent)
    finally:
        _remove(draft)
        os.close(owner)


def _clear_abandoned(path: Path) -> None:
    for found in path.parent.glob(f".{glob.escape(path.name)}.*.new{_OWNER}"):
        with suppress(OSError):  # in use, or gone meanwhile
            owner = os.open(found, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(found.with_name(found.name.removesuffix(_OWNER)))
            finally:
                os.close(owner)


def _remove(draft: Path) -> None:
    for ending in _ENDINGS:
        with suppress(OSError):  # there is none, nor could there be
            _beside(draft, ending).unlink()


def _beside(draft: Path, ending: str) -> Path:
    return draft.with_name(draft.name + ending)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
