"""A process of its own that holds secrets: what it says, and how it is told to stop."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from traceqr.instant import system_clock, to_iso

_GUARD = threading.Lock()


def say(event: str, **fields: object) -> None:
    """One line of JSON on standard error, as serving processes write it. No secret, no seal and no person is in it."""
    line = json.dumps({"timestamp": to_iso(system_clock()), "event": event, **fields}, ensure_ascii=False)
    with _GUARD:
        click.echo(line, err=True)


@contextmanager
def told_to_stop() -> Iterator[socket.socket]:
    """A socket that has a byte to read once a signal has said to stop."""
    ours, theirs = socket.socketpair()

    def tell(_number: int, _frame: FrameType | None) -> None:
        theirs.send(b"s")

    with ours, theirs:
        theirs.setblocking(False)
        before = {each: signal.signal(each, tell) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
        try:
            yield ours
        finally:
            for each, previous in before.items():
                signal.signal(each, previous)
