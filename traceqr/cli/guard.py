"""`traceqr guard`: the process that alone holds the hidden roots."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from traceqr.cli.house import open_house
from traceqr.cli.process import say, told_to_stop
from traceqr.guard import securing
from traceqr.guard.counters import Counters
from traceqr.guard.frames import MAX_REQUEST
from traceqr.guard.judging import Judge
from traceqr.guard.securing import SecureDoor
from traceqr.settings import Secured
from traceqr.wire import listening as wire
from traceqr.wire.listening import LocalDoor, Post, alone
from traceqr.wire.serving import Door, Service

CONNECTIONS = 64


@click.command()
def guard() -> None:
    """Hold the hidden roots, and tell web workers over TRACEQR_GUARD whether a hidden code is right.

    It counts wrong entries in the file TRACEQR_GUARD_COUNTERS, so that nobody can guess for long.
    """
    house = open_house()
    place, kept = house.settings.require_guard(), house.settings.guard_counters
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not write the roots to a disk
    with alone(kept, "guard"), closing(Counters(kept)) as counters:
        judge = Judge(house.database, house.key_folder, counters, say)
        numbers = judge.open_roots()
        with told_to_stop() as stop, _listening(place) as (listener, door):
            say("guard-started", roots=numbers)
            Service(judge.reply, MAX_REQUEST, say, connections=CONNECTIONS).serve(listener, door, stop)
    say("guard-stopped")


@contextmanager
def _listening(place: Path | Secured) -> Iterator[tuple[socket.socket, Door]]:
    if isinstance(place, Secured):
        door = SecureDoor(place)
        with securing.listening(place) as listener:
            yield listener, door
    else:
        with wire.listening(place, Post("guard", "TRACEQR_GUARD")) as listener:
            yield listener, LocalDoor(place)
