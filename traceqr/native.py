"""Locks, sleeping and polling as the operating system has them, also where gevent has put its own in their place.

Whatever runs in a thread of its own beside greenlets needs these: gevent's locks and sleep belong to one thread's loop.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any


def new_lock() -> threading.Lock:
    """A lock between threads. A greenlet that waits for it stops its thread: hold it for moments only."""
    made: threading.Lock = _original("threading", "Lock", threading.Lock)()
    return made


def sleep(seconds: float) -> None:
    """Stop this thread, and all that runs in it."""
    _original("time", "sleep", time.sleep)(seconds)


def poll() -> select.poll:
    """For looking at sockets. To wait with it stops this thread, and all that runs in it."""
    made: select.poll = _original("select", "poll", select.poll)()
    return made


def readable(fileno: int) -> bool:
    """Whether there is something to be read from a socket at this moment, the end of it included."""
    looking = poll()
    looking.register(fileno, select.POLLIN)
    return bool(looking.poll(0))


def is_patched(module: str) -> bool:
    """Whether gevent has put its own in the place of a module's functions."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched(module))


def _original(module: str, name: str, present: Callable[..., Any]) -> Callable[..., Any]:
    monkey = sys.modules.get("gevent.monkey")
    return monkey.get_original(module, name) if monkey else present
