"""A program that we run and wait for: signals that mean an end are handed on to it, and it is never left behind."""

from __future__ import annotations

import ctypes
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any

INTERRUPTED = 128
"""Added to a signal's number where a program was ended by it, as shells do."""

_PR_SET_PDEATHSIG = 1
"""Of prctl(2)."""

PATIENCE_S = 20
"""How long what runs beside may take to end."""


def attend(command: Sequence[str], environment: Mapping[str, str], beside: Sequence[Sequence[str]] = ()) -> int:
    """Run a command until it ends; gives its exit code. It is in a group of its own, so that Ctrl-C at the terminal
    reaches it once, through us. A terminal that goes away ends it in good order. Other commands may run beside it,
    which are begun before and ended after it.
    """
    children: list[subprocess.Popen[bytes]] = []
    told: list[int] = []

    def hand_on(number: int, _frame: FrameType | None) -> None:
        told.append(signal.SIGTERM if number == signal.SIGHUP else number)
        for child in children:
            child.send_signal(told[-1])

    with _handled(hand_on, signal.SIGINT, signal.SIGTERM, signal.SIGHUP), ExitStack() as held:
        for other in beside:
            held.enter_context(_beside(other, environment))
        child = _begun(command, environment)
        children.append(child)
        for number in told:  # before there was anybody to tell
            child.send_signal(number)
        code = child.wait()
    return code if code >= 0 else INTERRUPTED - code


def _begun(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  our own command line
        command, env=environment, process_group=0, preexec_fn=_end_with_us
    )


def _end_with_us() -> None:
    """On Linux, SIGTERM where we are killed and can tell nobody. Elsewhere it is left behind then."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def _beside(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    child = _begun(command, environment)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def told_to_stop() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the program like Ctrl-C, so that what it has started is stopped."""

    def unwind(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(INTERRUPTED + number)

    with _handled(unwind, signal.SIGTERM, signal.SIGHUP):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], Any], *signals: signal.Signals) -> Iterator[None]:
    before = {each: signal.signal(each, handler) for each in signals}
    try:
        yield
    finally:
        for each, previous in before.items():
            signal.signal(each, previous)
