"""How far a long piece of work has come, on the terminal that standard error is, if it is one."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click

_SHOWN_AFTER_S = 1.0
_STEP_S = 0.2
_WHOLE = 100


class Meter:
    """A line that is shown once the work has taken a second, and taken away when it ends."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._next_s = time.monotonic() + _SHOWN_AFTER_S
        self._shown = False

    def __enter__(self) -> Meter:
        return self

    def __call__(self, done: int, total: int) -> None:
        """So many rows are done, of so many."""
        if sys.stderr.isatty() and time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + _STEP_S
            self._shown = True
            share = min(_WHOLE, _WHOLE * done // max(total, 1))
            click.echo(f"\r{self._doing}: {share:>3}% of {total:,} rows", err=True, nl=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
