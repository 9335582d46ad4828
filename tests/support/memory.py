"""Files in memory, which tests write instead of waiting for a disk: what outlasts a loss of power is proven by the
tests of faults, which look at what was asked of the disk.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30


def in_memory() -> Path | None:
    """A folder in memory, which Linux has; None where it is missing, small, or lets no program run from it."""
    if not (_MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)) or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return _MEMORY if shutil.disk_usage(_MEMORY).free >= _ROOM else None
