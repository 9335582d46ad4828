"""How an attempt to deliver something ended."""

from __future__ import annotations

from dataclasses import dataclass

FAULTS = (
    "name",  # the host's name has no address
    "address",  # it has one that is not of the public internet
    "connection",  # refused, unreachable, or broken off
    "certificate",  # not one that proves to be the host's
    "timeout",
    "redirect",
    "status",  # the receiver answered, and not that it took it
    "answer",  # what came back is no HTTP
    "endpoint",  # the address is none that is called
    "secret",  # cannot be opened any more
    "mail-off",  # this deployment sends no mail
    "mail-server",  # our own server for mail is away, or does not let us in
    "mail-refused",
    "interrupted",  # we stopped in the midst of the last attempt
    "removed",
)
"""Why something did not arrive, each with words for people in the consoles."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fault` is '' where it arrived; `status` is what the receiver answered, if he did."""

    fault: str = ""
    status: int | None = None
