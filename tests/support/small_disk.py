"""A disk that is soon full: a small file system of its own, or where that is not permitted a bound on files' sizes."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.processes import family

_BLOCK = 4096


class NotPermitted(Exception):
    """Mounting needs rights that the test does not have; the message is the system's."""


@dataclass
class SmallDisk:
    """A file system in memory. `folder` is its root."""

    folder: Path

    def fill(self, leave: int = 0) -> None:
        """Take all space but so many bytes, in whole blocks."""
        with self._filler.open("ab") as file:
            while self._free() > leave:
                file.write(b"\0" * min(self._free() - leave, 1 << 20))
                file.flush()

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def _free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize // _BLOCK * _BLOCK


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """A disk of that size, mounted at a new folder with a short name. Raises `NotPermitted`."""
    folder = Path(tempfile.mkdtemp(prefix="tqsd"))
    folder.chmod(0o755)  # a database server goes through it as another user
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs"]
    try:
        made = subprocess.run(["mount", *options, folder], capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NotPermitted("there is no mount") from error
    if made.returncode:
        raise NotPermitted(made.stderr.strip())
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def bound_files(pid: int, most_bytes: int) -> None:
    """No process of a family may make a file longer than this; -1 lifts the bound."""
    for one in family(pid):
        _, hard = resource.prlimit(one, resource.RLIMIT_FSIZE)
        resource.prlimit(one, resource.RLIMIT_FSIZE, (most_bytes, hard))
