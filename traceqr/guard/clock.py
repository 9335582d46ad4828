"""The time of the guard's counters: it only ever goes forward, at the pace of the machine.

Whoever sets the clock of the machine back, by hand or by a faulty time server, must free nobody from a delay and hold
nobody in one. So the time begins where the counters were left, or at the system's clock where that is later, and then
goes on by a clock that nobody can set. It may be ahead of the world for ever after: it only measures how long.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from traceqr.instant import Clock, system_clock


def since_boot_ms() -> int:
    """Milliseconds since the machine started, also while it slept."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class SteadyClock:
    """Milliseconds that never go back."""

    def __init__(self, left_ms: int, wall: Clock = system_clock, running: Callable[[], int] = since_boot_ms) -> None:
        """`left_ms` is the latest instant that was kept when the guard last ran."""
        self._running = running
        self._ahead_ms = max(left_ms, wall()) - running()

    def __call__(self) -> int:
        """The present instant."""
        return self._ahead_ms + self._running()
