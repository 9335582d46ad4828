"""`traceqr deliver` and `traceqr notifications`: sending what people want to be told, and what became of it."""

from __future__ import annotations

import os
import secrets
import threading
from contextlib import suppress
from random import SystemRandom

import click

from traceqr.cli import options
from traceqr.cli.house import House, open_house
from traceqr.cli.process import calling_at_stop, say
from traceqr.cli.showing import echo_json, echo_table
from traceqr.delivering.courier import Courier
from traceqr.delivering.deliverer import Deliverer, Round
from traceqr.delivering.gathering import Gatherer
from traceqr.delivering.postman import Postman
from traceqr.errors import RegistryUnavailable
from traceqr.instant import system_clock
from traceqr.registry import notifications as deliveries
from traceqr.registry import subscriptions
from traceqr.webhook import WebhookSeal


@click.command()
@click.option("--once", is_flag=True, help="One round, then end: for cron.")
@click.option("--every", type=click.IntRange(1, 3600), default=20, show_default=True, help="Seconds between rounds.")
def deliver(once: bool, every: int) -> None:
    """Send notifications by mail and by webhook, and try again what did not arrive.

    One process at a time does so for a registry; others wait. It needs TRACEQR_ORIGIN and TRACEQR_SECRET_KEY, and for
    mail TRACEQR_SMTP and TRACEQR_MAIL_FROM.
    """
    house = open_house()
    deliverer, stop = _deliverer(house), threading.Event()
    with calling_at_stop(stop.set):  # what is under way is finished first
        if not once:
            say("deliverer-started", mail=house.settings.mail_server is not None)
        try:
            _rounds(deliverer, stop, once, every)
        finally:
            with suppress(RegistryUnavailable):
                deliverer.stop()
        if not once:
            say("deliverer-stopped")


def _rounds(deliverer: Deliverer, stop: threading.Event, once: bool, every: int) -> None:
    while not stop.is_set():
        try:
            done = deliverer.round()
        except RegistryUnavailable as error:
            if once:
                raise
            say("registry-unavailable", error=str(error))
        else:
            if once or _is_worth(done):
                _say_round(done)
        if once:
            return
        stop.wait(every)


def _is_worth(done: Round) -> bool:
    return bool(done.announced or done.delivered or done.failed or done.forgotten)


def _say_round(done: Round) -> None:
    if not done.had:
        say("deliverer-waits", why="another process delivers")
        return
    say(
        "deliveries",
        announced=done.announced,
        delivered=done.delivered,
        failed=done.failed,
        forgotten=done.forgotten,
    )


def _deliverer(house: House) -> Deliverer:
    from traceqr.web.letters import Letters  # Flask takes a fifth of a second, which other commands need not wait

    settings = house.settings
    origin = str(settings.require_origin())
    return Deliverer(
        Gatherer(house.database, system_clock, settings.timezone, origin),
        Courier(loopback=settings.loopback_webhooks),
        Postman(settings.mail_server, settings.mail_from),
        WebhookSeal.of(settings.require_secret_key()),
        Letters(origin, settings.timezone).write,
        SystemRandom().random,
        f"{os.getpid()}-{secrets.token_hex(4)}",
    )


@click.group()
def notifications() -> None:
    """Who is told what happens, and whether that arrives."""


@notifications.command("list")
@options.as_json
def listed(as_json: bool) -> None:
    """Subscriptions, and how many deliveries wait or were given up. Addresses may name people: they are shown to bodies
    in their consoles alone.
    """
    house = open_house()
    with house.reading() as reader:
        found = [listener.subscription for listener in subscriptions.listeners(reader)]
        counted = deliveries.counted(reader)
    rows = [(one.id, one.kind, one.enterprise_id or one.organisation_id or "", one.events) for one in found]
    if as_json:
        names = ("id", "kind", "body", "events")
        echo_json({"subscriptions": [dict(zip(names, row, strict=True)) for row in rows], "deliveries": counted})
        return
    echo_table(("subscription", "kind", "body", "events"), rows, "there are no subscriptions")
    states = (("waiting", "wait"), ("delivered", "delivered"), ("given_up", "given up"))
    click.echo("deliveries: " + ", ".join(f"{counted.get(state, 0):,} {words}" for state, words in states))
