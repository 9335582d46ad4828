"""Acts that cannot be undone wait for the yes of a second person, unless `TRACEQR_SECOND_PERSON` is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from traceqr import seconding
from traceqr.acting import Desk
from traceqr.cli.house import House

_Done = TypeVar("_Done")

option = click.option(
    "--proposal", metavar="ID", help="The proposal that a second person agreed to; without it, one is made."
)


def carried_out(
    house: House,
    act: str,
    subject: str,
    arguments: Mapping[str, Any],
    proposal: str | None,
    do: Callable[[Desk], _Done],
) -> _Done | None:
    """Do an act of the registry alone, in one transaction with using up its proposal; None where it is proposed now,
    see `agreed`.
    """
    if not house.settings.second_person:
        return do(house.desk)
    if not proposal:
        agreed(house, act, subject, arguments, None)
        return None
    with house.desk.together() as (desk, _tx):
        seconding.carry_out(desk, proposal, act, subject, arguments)
        return do(desk)


def agreed(house: House, act: str, subject: str, arguments: Mapping[str, Any], proposal: str | None) -> bool:
    """Whether the act may be done now. Where it may not, it is proposed, and that is said.

    Raises `ActRefused` for a proposal that nobody agreed to, or that is one of something else.
    """
    if not house.settings.second_person:
        return True
    if proposal:
        seconding.carry_out(house.desk, proposal, act, subject, arguments)
        return True
    made = seconding.propose(house.desk, act, subject, arguments)
    click.echo(f"proposed, not done: {act} of {subject}, as {made.id}")
    click.echo(
        "Another operator agrees to it in the console, under /account/proposals. Then type the same command again with"
        f" --proposal {made.id}. Where one person operates alone, TRACEQR_SECOND_PERSON=off does without.",
        err=True,
    )
    return False
