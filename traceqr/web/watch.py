"""Events of security for the log: who came in, who was not let in, what was refused.

By ids alone: whose they are the registry knows. Nothing that was typed is in a line, and no address.
"""

from __future__ import annotations

import time

from traceqr.web.logs import SELDOM_S, events

_MOST = 1_000
_last: dict[tuple[str, ...], float] = {}


def note(event: str, **fields: str) -> None:
    """Log what happened to a person who is known, or what a pace keeps few."""
    events().info(event, **_told(fields))


def note_seldom(event: str, **fields: str) -> None:
    """Log what anybody can bring about as often as he likes: the same line once a minute in each process."""
    told = _told(fields)
    line, now = (event, *(f"{name}={value}" for name, value in told.items())), time.monotonic()
    if now - _last.get(line, -SELDOM_S) < SELDOM_S:
        return
    if len(_last) >= _MOST:
        _last.clear()
    _last[line] = now
    events().warning(event, **told)


def _told(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
