"""What commands work with: the settings, the registry, and the desk at which acts are done."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from traceqr.acting import Desk
from traceqr.highwater import HighWater
from traceqr.instant import system_clock
from traceqr.keying import KeyFolder
from traceqr.registry import opening
from traceqr.registry.database import Database, Reader
from traceqr.settings import Settings

ACTOR = "operator"
"""Who acts on the ledger: whoever may run commands beside the registry and its keys."""


@dataclass(frozen=True, slots=True)
class House:
    """An open deployment."""

    settings: Settings
    database: Database

    @property
    def desk(self) -> Desk:
        """Where acts are done."""
        return Desk(self.database, ACTOR, system_clock, self.settings.timezone, _new_id, self.high_water)

    @property
    def high_water(self) -> HighWater:
        """The file that remembers how far the ledger had come."""
        return HighWater(self.settings.high_water)

    @property
    def key_folder(self) -> KeyFolder:
        """Where key files lie."""
        return key_folder(self.settings)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A consistent view of the registry."""
        with self.database.snapshot() as reader:
            yield reader


def _new_id() -> str:
    return secrets.token_hex(8)


def open_house() -> House:
    """The deployment that the environment names, its registry checked; closed with the command.

    Raises `InvalidSetting` or `RegistryUnavailable`.
    """
    settings = read_settings()
    database = opening.open_database(settings.database)
    click.get_current_context().call_on_close(database.close)
    opening.check(database)
    return House(settings, database)


def read_settings() -> Settings:
    """Raises `InvalidSetting`."""
    return Settings.parse(os.environ)


def key_folder(settings: Settings) -> KeyFolder:
    """Where key files lie, with the passphrase that locks them."""
    return KeyFolder(settings.keys, settings.key_passphrase)


class Unattended(click.ClickException):
    """There is nobody to ask. A wrong call, but not one that a look at the usage mends."""

    exit_code = 2


def confirm(question: str, yes: bool) -> None:
    """Ask before what cannot be undone. Raises `click.Abort` for a no, and `Unattended` with nobody to ask."""
    if yes:
        return
    if not is_attended():
        raise Unattended(
            "expected --yes: this cannot be undone, and there is nobody to ask, since standard input is no terminal;"
            " nothing was done"
        )
    click.confirm(question, abort=True, err=True)


def is_attended() -> bool:
    """Whether someone sits at the terminal. Standard input is None where it was closed."""
    return sys.stdin is not None and sys.stdin.isatty()
