"""Waiting for the disk in a thread of its own, so that the greenlets of a worker go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

from traceqr.registry.database import Aside, at_once

T = TypeVar("T")

_THREADS = 2
"""One commit is under way at a time; the other thread is for closing."""


def aside() -> Aside:
    """How a worker makes calls that wait for the disk: beside its greenlets, or at once where it has none."""
    if not is_module_patched("threading"):
        return at_once
    threads = ThreadPool(_THREADS)

    def in_thread(call: Callable[[], T]) -> T:
        result: T = threads.apply(call)
        return result

    return in_thread
