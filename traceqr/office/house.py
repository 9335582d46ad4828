"""What all desks of an office share: the deployment, and the two ways of saying no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from traceqr.access import Identity, Right
from traceqr.acting import ActRefused, Desk
from traceqr.attachments import Attachments
from traceqr.authenticating import Doorkeeper
from traceqr.contact import ContactSeal
from traceqr.errors import TraceqrError
from traceqr.highwater import HighWater
from traceqr.instant import Clock
from traceqr.label.host import Origin
from traceqr.office.remembered import Remembered
from traceqr.registry import inspections
from traceqr.registry.database import Database, Reader, Row
from traceqr.second_factor import Vault
from traceqr.webhook import WebhookSeal


class Denied(TraceqrError):
    """An identity lacks the right to what it asks for."""


class Absent(TraceqrError):
    """There is nothing of that name, or it is somebody else's: nobody is told which."""


class Stale(ActRefused):
    """Something has changed since the page was shown that somebody decides by."""


@dataclass(frozen=True, slots=True)
class House:
    """A deployment, as its offices work with it."""

    database: Database
    clock: Clock
    timezone: ZoneInfo
    new_id: Callable[[], str]
    high_water: HighWater
    origin: Origin
    vault: Vault
    doorkeeper: Doorkeeper
    second_person: bool
    remembered: Remembered = field(default_factory=Remembered, compare=False)
    attachments: Attachments | None = None
    """Where the photos beside reports are; None where none are taken."""

    contacts: ContactSeal | None = field(default=None, repr=False)
    """Opens the contacts of people who report; None where they stay shut."""

    webhooks: WebhookSeal | None = field(default=None, repr=False)
    """Seals what signs webhooks; None where none can be subscribed to."""

    loopback_webhooks: bool = False
    """Whether webhooks may name this machine: for trying them out."""

    def desk(self, actor: str) -> Desk:
        """Where acts are done in somebody's name."""
        return Desk(self.database, actor, self.clock, self.timezone, self.new_id, self.high_water)


@dataclass(frozen=True, slots=True)
class Office:
    """One identity's desk. What it shows and does is within the identity's rights, and within what is its own.
    `joined` is the desk of a transaction that is open already, in which its acts are done.
    """

    house: House
    identity: Identity
    joined: Desk | None = None

    @property
    def desk(self) -> Desk:
        """Where acts are done in this identity's name."""
        return self.joined or self.house.desk(self.identity.actor)

    def need(self, right: Right) -> None:
        """Raise `Denied` unless the identity has a right."""
        if not self.identity.may(right):
            raise Denied(f"expected the right to {right}, {self.identity.role} has none here")

    def inspected(self, reader: Reader, kind: str, target: str) -> Sequence[Row]:
        """The inspections of the own region that something came of; none for whoever may not see them."""
        if not self.identity.may(Right.WATCH_INSPECTIONS):
            return ()
        found = inspections.referring_to(reader, kind, target)
        return [row for row in found if self.identity.sees_region(row["region"])]
