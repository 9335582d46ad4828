"""`traceqr signer`: the process that holds the keys where the web prints."""

from __future__ import annotations

import resource
from dataclasses import replace

import click

from traceqr.cli.house import open_house
from traceqr.cli.process import say, told_to_stop
from traceqr.signer.frames import MAX_REQUEST
from traceqr.signer.listening import listening
from traceqr.signer.sealing import Signer
from traceqr.wire.listening import LocalDoor
from traceqr.wire.serving import Service

ACTOR = "signer"
"""Who says on the ledger that an export was sent whole."""


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
    with told_to_stop() as stop, listening(path) as listener:
        say("signer-started", keys=numbers)
        Service(held.reply, MAX_REQUEST, say).serve(listener, LocalDoor(path), stop)
    say("signer-stopped")
