"""What somebody may do who is not in yet: take up an invitation, and set up the second factor that the role needs."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr import admitting, second_factor
from traceqr.access import Role
from traceqr.admitting import MAX_NAME, Newcomer
from traceqr.authenticating import Entered
from traceqr.office.house import Absent, House
from traceqr.registry import enterprises, organisations

__all__ = ["MAX_NAME", "Newcomer", "Offer", "admit", "new_secret", "offer", "secret_address", "set_up"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation is for. The body's names are empty for an operator. `anew` is for who had access before."""

    role: Role
    body_zh: str
    body_en: str
    anew: bool


def offer(house: House, token: str) -> Offer:
    """What the link of an invitation is for. Raises `Absent` where it is good for nothing."""
    with house.database.snapshot() as reader:
        found = admitting.open_invitation(reader, token, house.clock())
        if found is None:
            raise Absent("expected the link of an open invitation, got another")
        body = (
            enterprises.by_id(reader, found.enterprise_id)
            if found.enterprise_id
            else organisations.by_id(reader, found.organisation_id)
            if found.organisation_id
            else None
        )
    names = (body.name_zh, body.name_en) if body else ("", "")
    return Offer(Role(found.role), *names, found.account_id is not None)


def admit(house: House, token: str, newcomer: Newcomer) -> None:
    """Take up an invitation. Raises `ActRefused`, with the field at fault."""
    admitting.admit(house.desk("invitation"), token, newcomer)


def new_secret(house: House, found: Entered) -> str:
    """A secret for an app, sealed until its code has come."""
    return house.vault.seal(found.account.id, second_factor.new_secret())


def secret_address(house: House, found: Entered, sealed: str) -> tuple[str, str]:
    """The secret in groups for those who type it, and the address that a phone scans."""
    secret = house.vault.open(found.account.id, sealed)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return spaced, second_factor.address(secret, found.account.login)


def set_up(house: House, found: Entered, sealed: str, code: str) -> list[str]:
    """Take the second factor into use that a role cannot do without; returns recovery codes. Raises `ActRefused`."""
    desk = house.desk(f"account:{found.account.id}")
    secret = house.vault.open(found.account.id, sealed)
    return admitting.set_second_factor(desk, house.vault, found.account.id, secret, code)
