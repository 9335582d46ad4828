"""`traceqr ledger`: every act, in order, and going on after some were lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from traceqr import restoring
from traceqr.cli import options
from traceqr.cli.house import House, confirm, open_house
from traceqr.cli.keys import say_made
from traceqr.cli.showing import echo_json, moment, plain, progress
from traceqr.highwater import Mark
from traceqr.registry import ledger as registry_ledger
from traceqr.restoring import MAX_LOST, Accepted, Finding

PAGE = 1_000


@click.group()
def ledger() -> None:
    """Every act, in order."""


@ledger.command("list")
@click.option("--from", "first", type=click.IntRange(min=0), default=0, help="Position to begin with.")
@options.as_json
def list_(first: int, as_json: bool) -> None:
    """List entries, oldest first. As JSON: one entry a line, with its leaf hash."""
    house = open_house()
    zone = house.settings.timezone
    for entry in _entries(house, first):
        if as_json:
            echo_json(entry)
        else:
            payload = json.dumps(entry["payload"], ensure_ascii=False)
            when = moment(entry["at_ms"], zone)
            click.echo(plain(f"{entry['position']:>6}  {when}  {entry['act']:<18} {entry['subject']}  {payload}"))


@ledger.command("accept-restore")
@click.option("--lost", type=click.IntRange(0, MAX_LOST), help="How many acts may be lost; better too many.")
@options.yes
@options.as_json
def accept_restore(lost: int | None, yes: bool, as_json: bool) -> None:
    """Go on with a registry that has lost acts.

    After a restore from a backup, or a failover to a server that was behind, no act is done until this is. Numbers that
    the lost acts may have used are skipped, and new batches get a new label key.

    The high-water file says how many acts are lost. Where it is lost too, or as old as the registry, --lost says it:
    count generously, since too many costs numbers only, too few may let a label be printed twice. --lost 0 begins a
    file anew that went astray while the registry is whole.

    It is for the registry in use alone: done on a backup, or on the old place after a move, it takes the high-water
    file away from the registry in use, which then does no act.
    """
    house = open_house()
    finding = restoring.examine(house.desk, lost)
    if not yes:
        click.echo(_found(house, finding), err=True)
    confirm("Change both, and go on with this registry? What it has lost stays lost.", yes)
    accepted = restoring.accept(
        house.desk, house.key_folder, lost, lambda positions: progress(positions, len(positions), "lost entries")
    )
    if as_json:
        echo_json(_accepted(accepted))
    else:
        _say_accepted(house, accepted)


def _found(house: House, finding: Finding) -> str:
    """What is to be changed, by where it is: a backup, or a registry that has moved, may be named by mistake."""
    expected = _spelled(finding.expected) if finding.expected else "nothing: there is no mark that is ahead"
    return (
        f"high-water file: {plain(house.settings.high_water)}: {expected}\n"
        f"the registry:    {plain(house.database.place)}: {_spelled(finding.found)}\n"
        f"lost acts:       {finding.lost:,}"
    )


def _spelled(mark: Mark) -> str:
    return f"{mark.size:,} ledger entries, root {mark.root[:12]}"


def _accepted(accepted: Accepted) -> dict[str, Any]:
    finding, key = accepted.finding, accepted.key
    return {
        "expected": asdict(finding.expected) if finding.expected else None,
        "found": asdict(finding.found),
        "lost": finding.lost,
        "filled": finding.filled,
        "position": accepted.position,
        "key": key.number if key else None,
        "next": accepted.next_numbers,
    }


def _say_accepted(house: House, accepted: Accepted) -> None:
    finding, following = accepted.finding, accepted.next_numbers
    click.echo(_found(house, finding))
    click.echo(f"accepted by ledger entry {accepted.position}")
    if finding.filled:
        first = finding.found.size
        click.echo(f"positions {first} to {first + finding.filled - 1} of the ledger stand for what is lost")
    if accepted.key is None:
        return
    click.echo(f"next: batch {following['batch']}, pledge {following['pledge']}, key {following['signing_key']}")
    say_made(house, accepted.key)
    click.echo("\nwhat to do now:")
    click.echo(
        "  labels of batches that this registry does not know are forged from now on: take them back, issue anew"
    )
    click.echo("  holds, recalls, voids and stolen keys since the backup are forgotten: enter them again")
    click.echo("  void labels that were printed since and are not to be sold; scans since the backup are not known")
    click.echo("  to see what is there: traceqr batch list")


def _entries(house: House, first: int) -> Iterator[dict[str, Any]]:
    """One short view of the registry a page: a reader who pauses holds nothing up."""
    while True:
        with house.reading() as reader:
            rows = registry_ledger.page(reader, first, PAGE)
        for row in rows:
            yield {**json.loads(row["entry"]), "leaf_hash": row["leaf_hash"]}
        if len(rows) < PAGE:
            return
        first = rows[-1]["position"] + 1
