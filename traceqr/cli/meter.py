"""How far a long piece of work has come, on the terminal that standard error is, if it is one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType

import click

_SHOWN_AFTER_S = 1.0
_STEP_S = 0.2
_WHOLE = 100
_MINUTE_S, _HOUR_S = 60, 3600


class Meter:
    """A line that is shown once the work has taken a second, and taken away when it ends: how much is done, of how
    many `things`, at what rate, and how long the rest takes at that.
    """

    def __init__(self, doing: str, things: str = "rows", *, shown: bool = True) -> None:
        self._doing = doing
        self._things = things
        self._wanted = shown
        self._begun_s = time.monotonic()
        self._begun_at: int | None = None
        self._next_s = self._begun_s + _SHOWN_AFTER_S
        self._shown = False

    def __enter__(self) -> Meter:
        return self

    def __call__(self, done: int, total: int) -> None:
        """So many things are done, of so many. The rate is that since the first call."""
        if self._begun_at is None:
            self._begun_at, self._begun_s = done, time.monotonic()
        now_s = time.monotonic()
        if self._wanted and sys.stderr.isatty() and now_s >= self._next_s:
            self._next_s = now_s + _STEP_S
            self._shown = True
            rate = (done - self._begun_at) / max(now_s - self._begun_s, _STEP_S)
            click.echo(f"\r{said(self._doing, self._things, done, total, rate)}\x1b[K", err=True, nl=False)

    def adding(self, total: int) -> Callable[[int], None]:
        """What takes numbers of things that were done, each beside those before, of so many in all."""
        done = 0

        def more(number: int) -> None:
            nonlocal done
            done += number
            self(done, total)

        return more

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)


def said(doing: str, things: str, done: int, total: int, rate: float) -> str:
    """`batch 7:  42% of 1,000,000 labels, 38,000 a second, 15 s left`. `rate` is things a second."""
    share = min(_WHOLE, _WHOLE * done // max(total, 1))
    line = f"{doing}: {share:>3}% of {total:,} {things}"
    if rate < 1:
        return line
    return f"{line}, {rate:,.0f} a second, {_lasting(max(0, total - done) / rate)} left"


def _lasting(seconds: float) -> str:
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds // _HOUR_S:.0f} h {seconds % _HOUR_S / _MINUTE_S:.0f} min"
