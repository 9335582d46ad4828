"""`traceqr recall`: recalls with all that people are told, how far they have come, and how they ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from traceqr import recalling
from traceqr.acting import ActRefused, Desk
from traceqr.cli import options, seconds
from traceqr.cli.house import open_house
from traceqr.cli.notices import covers, say_opened
from traceqr.cli.showing import echo_fields, echo_json, echo_table, moment
from traceqr.importing.recalls import read_recall
from traceqr.instant import to_iso
from traceqr.recalling import OUTCOMES, Statement
from traceqr.registry import organisations, recall_reach, recalls
from traceqr.registry.database import Row
from traceqr.registry.notices import Notice
from traceqr.registry.recall_reach import Reached
from traceqr.registry.recalls import Sought
from traceqr.verdict_json import recall_to_json

MOST_LISTED = 1_000
_STATES = {"open": True, "lifted": False}


@click.group()
def recall() -> None:
    """Recalls: what people are told, how far they have come, and how they ended."""


@recall.command()
@click.argument("file", type=options.FILE)
@seconds.option
@options.as_json
def issue(file: Path, proposal: str | None, as_json: bool) -> None:
    """Recall what a TOML file says, with its words. It shows on every label at once."""
    entry, house = read_recall(file), open_house()
    act, subject = recalling.act_of(entry.target)
    arguments = recalling.arguments_of(entry.target, recalling.require_whole(entry.announcement))
    arguments |= {"ordered_by": entry.ordered_by} if entry.ordered_by else {}

    def do(desk: Desk) -> Notice:
        ordered_by = _organisation(desk, entry.ordered_by) if entry.ordered_by else None
        return recalling.recall(desk, entry.target, entry.announcement, ordered_by)

    opened = seconds.carried_out(house, act, subject, arguments, proposal, do)
    if opened:
        say_opened(opened, as_json)


def _organisation(desk: Desk, name_zh: str) -> str:
    with desk.database.snapshot() as reader:
        found = organisations.by_name(reader, name_zh)
    if found is None:
        raise ActRefused(f"expected the Chinese name of an enrolled organisation, got {name_zh!r}", "ordered_by")
    return found.id


@recall.command("list")
@click.option("--state", type=click.Choice(sorted(_STATES)), help="Only those; all by default.")
@click.option("--below", type=options.NUMBER, help="From below this number on: the page that follows.")
@click.option("--most", type=click.IntRange(1, MOST_LISTED), default=100, show_default=True)
@options.as_json
def list_(state: str | None, below: int | None, most: int, as_json: bool) -> None:
    """List them, latest first, a page at a time."""
    house = open_house()
    with house.reading() as reader:
        rows = recalls.sought(reader, Sought(open=_STATES.get(state or "")), below, most)
    if as_json:
        echo_json([_as_json(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("number", "id", "covers", "product", "since", "state", "hazard"),
        (
            (
                row["position"],
                row["id"],
                covers(_covered(row)),
                row["product_zh"],
                moment(row["opened_ms"], zone),
                row["outcome"] or "open",
                row["hazard_zh_hans"][:40],
            )
            for row in rows
        ),
        "there are no recalls",
    )
    if len(rows) == most:
        click.echo(f"for more: --below {rows[-1]['position']}", err=True)


@recall.command()
@click.argument("recall_id")
@options.as_json
def show(recall_id: str, as_json: bool) -> None:
    """Show one: what is told, whom it reached, and how far it has come."""
    house = open_house()
    with house.reading() as reader:
        row = recalls.by_id(reader, recall_id)
        if row is None:
            raise ActRefused(f"expected the id of a recall, {recall_id!r} is none")
        cover = recalls.cover_of(row)
        progress = recalls.progress_of(reader, recall_id)
        under, made = recalls.labels_under(reader, cover), recall_reach.counted(reader, recall_id)
        reach = recalls.reach(reader, cover, row["opened_ms"], recall_id=recall_id)
    if as_json:
        seen = {"seen_before": reach.before, "seen_since": reach.since, "more_seen": reach.more}
        labels = {"labels": under, "labels_made_of_it": made.labels}
        echo_json({**_as_json(row), **labels, **seen, "progress": [_stated(one) for one in progress]})
        return
    zone, over = house.settings.timezone, "over " if reach.more else ""
    reached = {"seen before": f"{over}{reach.before:,}", "seen since": f"{over}{reach.since:,}"}
    click.echo(f"recall {recall_id} over {covers(_covered(row))}")
    echo_fields({**_told(row, zone), "labels": f"{under:,}", **_made(made), **reached, "ended": _ended(row, zone)})
    for one in progress:
        said = f"{one['recovered']:,} taken back, {one['destroyed']:,} destroyed"
        echo_fields({moment(one["at_ms"], zone): f"{said}. {one['remark']}".strip()})


def _told(row: Row, zone: ZoneInfo) -> dict[str, str | int | None]:
    return {
        "product": row["product_zh"],
        "enterprise": row["enterprise_zh"],
        "ordered by": row["ordered_zh"],
        "class": row["grade"],
        "since": moment(row["opened_ms"], zone),
        "hazard": row["hazard_zh_hans"],
        "advice": row["advice_zh_hans"],
        "contact": row["contact_zh_hans"],
    }


def _made(made: Reached) -> dict[str, str]:
    """How many labels of other batches it reaches; nothing where it reaches none."""
    known = f"{made.labels:,} of {made.batches:,} batches" + ("" if made.whole else ", and there may be more")
    return {"made of it": known} if made.labels or not made.whole else {}


def _ended(row: Row, zone: ZoneInfo) -> str | None:
    return f"{row['outcome']}, {moment(row['closed_ms'], zone)}: {row['closing']}" if row["outcome"] else None


@recall.command()
@click.argument("recall_id")
@click.option("--recovered", type=click.IntRange(min=0), required=True, help="Packs taken back so far.")
@click.option("--destroyed", type=click.IntRange(min=0), required=True, help="Packs destroyed so far.")
@click.option("--remark", default="", help="Shown to everybody.")
@click.option("--tell-reach", is_flag=True, help="Publish how many labels were looked at since.")
@options.as_json
def progress(recall_id: str, recovered: int, destroyed: int, remark: str, tell_reach: bool, as_json: bool) -> None:
    """State how far a recall has come. It is published."""
    house = open_house()
    reached = None
    if tell_reach:
        with house.reading() as reader:
            row = recalls.by_id(reader, recall_id)
            reach = recalls.reach(reader, recalls.cover_of(row), row["opened_ms"]) if row else None
        reached = reach.since if reach and not reach.more else None
    stated = recalling.state_progress(house.desk, recall_id, Statement(recovered, destroyed, remark, reached))
    if as_json:
        echo_json({"recall": recall_id, "progress": stated.id, "reached": stated.reached})
    else:
        click.echo(f"stated: {recovered:,} taken back, {destroyed:,} destroyed")


@recall.command()
@click.argument("recall_id")
@options.published_reason
@click.option("--outcome", type=click.Choice(OUTCOMES), default="other", show_default=True, help="How it ended.")
@options.as_json
def lift(recall_id: str, reason: str, outcome: str, as_json: bool) -> None:
    """End a recall. The reason is published; what was before holds again."""
    house = open_house()
    with house.reading() as reader:
        if recalls.by_id(reader, recall_id) is None:
            raise ActRefused(f"expected the id of a recall, {recall_id!r} is none")
    lifted = recalling.lift(house.desk, recall_id, reason, outcome)
    if as_json:
        echo_json({"recall": lifted.id, "outcome": outcome})
    else:
        click.echo(f"lifted: recall {lifted.id}, {outcome}")


def _covered(row: Row) -> Row:
    """A row as `covers` takes it: the lot of a batch is not what is recalled."""
    lot = row["lot"] if row["batch"] is None else None
    return {**row, "lot": lot, "material": row["product_zh"] if row["material"] is not None else None}


def _as_json(row: Row) -> dict[str, Any]:
    names = ("gtin", "batch", "first", "last", "lot", "uscc", "enterprise_zh", "product_zh", "outcome", "closing")
    return {
        **recall_to_json(recalls.told_of(row)),
        **{name: row[name] for name in names},
        "opened": to_iso(row["opened_ms"]),
        "lifted": None if row["closed_ms"] is None else to_iso(row["closed_ms"]),
    }


def _stated(one: Row) -> dict[str, Any]:
    names = ("id", "recovered", "destroyed", "reached", "remark")
    return {**{name: one[name] for name in names}, "at": to_iso(one["at_ms"])}
