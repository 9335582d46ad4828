"""`traceqr signer`: the process that holds the keys where the web prints."""

from __future__ import annotations

import json
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import click

from traceqr.cli.house import open_house
from traceqr.instant import system_clock, to_iso
from traceqr.signer.frames import MAX_REQUEST
from traceqr.signer.listening import listening
from traceqr.signer.sealing import Signer
from traceqr.wire.listening import LocalDoor
from traceqr.wire.serving import Service

ACTOR = "signer"
"""Who says on the ledger that an export was sent whole."""

_GUARD = threading.Lock()


@click.command()
def signer() -> None:
    """Hold the keys, and seal labels for web workers over the socket TRACEQR_SIGNER.

    It seals what the ledger tells of alone: exports that `traceqr batch link` made, while their links are good.
    """
    house = open_house()
    path = house.settings.require_signer()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not write the keys to a disk
    held = Signer(replace(house.desk, actor=ACTOR), house.key_folder, say)
    numbers = held.open_keys()
    with _told_to_stop() as stop, listening(path) as listener:
        say("signer-started", keys=numbers)
        Service(held.reply, MAX_REQUEST, say).serve(listener, LocalDoor(path), stop)
    say("signer-stopped")


def say(event: str, **fields: object) -> None:
    """One line of JSON on standard error, as serving processes write it. No key, no seal and no person is in it."""
    line = json.dumps({"timestamp": to_iso(system_clock()), "event": event, **fields}, ensure_ascii=False)
    with _GUARD:
        click.echo(line, err=True)


@contextmanager
def _told_to_stop() -> Iterator[socket.socket]:
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
