"""A process of its own: what it says, and how it is told to stop."""

from __future__ import annotations

import json
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
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
    """A socket that has a byte to read once a signal has said to stop.

    The interpreter writes it as the signal comes: a handler of ours runs between two steps of the program, and not at
    all where the signal comes after the last step before a wait for good.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        try:
            with calling_at_stop(lambda: None):
                yield ours
        finally:
            signal.set_wakeup_fd(before)


def rounds(process: str, every_s: int) -> Iterator[None]:
    """Now, and again after each so many seconds until a signal says to stop; says when `process` starts and stops."""
    with told_to_stop() as stop:
        say(f"{process}-started", every_s=every_s)
        wait_s = 0
        while not select.select([stop], [], [], wait_s)[0]:
            yield
            wait_s = every_s
        say(f"{process}-stopped")


@contextmanager
def calling_at_stop(tell: Callable[[], object]) -> Iterator[None]:
    """Call `tell` whenever a signal says to stop; afterwards signals do what they did before."""

    def heed(_number: int, _frame: FrameType | None) -> None:
        tell()

    before = {each: signal.signal(each, heed) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, previous in before.items():
            signal.signal(each, previous)
