"""Work of seconds in a worker whose requests share a thread: done in a thread beside it where it would stop them all.

Whoever waits for a server lets others go on; whoever writes to a file does not, and takes the lock for as long as the
act takes. A worker that does not answer for half a minute is taken for hung, and killed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

import gevent
from gevent.monkey import is_module_patched

from traceqr.registry.opening import is_sqlite
from traceqr.web.site import site

T = TypeVar("T")


def beside(call: Callable[[], T]) -> T:
    """What a call returns or raises, which knows the current request as ever."""
    if not is_module_patched("threading") or not is_sqlite(site().settings.database):
        return call()
    done: T = gevent.get_hub().threadpool.apply(copy_context().run, (call,))
    return done
