"""Bringing what is observed to the thread that answers.

Counting and logging take locks that greenlets share, which are not made for other threads. So what is told of
recording, by whichever thread, waits for the greenlet that answers a scan, moments later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from traceqr.observing import Observer


class Watch:
    """An observer that hands on to another one, which is only ever called by the thread that answers."""

    def __init__(self, inner: Observer) -> None:
        self._inner = inner
        self._told: deque[Callable[[], None]] = deque()

    def decided(self, code: str, recorded: bool) -> None:
        """See `Observer.decided`."""
        if self._told:
            self.hand_on()
        self._inner.decided(code, recorded)

    def committed(self, size: int, seconds: float, waiting: int) -> None:
        """See `Observer.committed`."""
        self._told.append(lambda: self._inner.committed(size, seconds, waiting))

    def reached(self, recording: bool) -> None:
        """See `Observer.reached`."""
        if recording:
            self._told.append(lambda: self._inner.reached(True))
        else:
            self._inner.reached(False)

    def unavailable(self, kind: str, recording: bool) -> None:
        """See `Observer.unavailable`."""
        if recording:
            self._told.append(lambda: self._inner.unavailable(kind, True))
        else:
            self._inner.unavailable(kind, False)

    def hand_on(self) -> None:
        """What the recording thread has told so far."""
        while self._told:
            self._told.popleft()()
