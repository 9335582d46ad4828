"""`traceqr mark` and `traceqr licence`: the marks of organisations, and who may put them on which labels."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from traceqr import licensing
from traceqr.acting import ActRefused
from traceqr.cli import options, seconds
from traceqr.cli.house import confirm, open_house
from traceqr.cli.showing import echo_fields, echo_json, echo_table, moment, plain
from traceqr.cli.tables import import_tally
from traceqr.importing.licences import import_licences
from traceqr.instant import to_iso
from traceqr.label.gtin import Gtin
from traceqr.licensing import LicenceEntry, MarkEntry
from traceqr.printing.artwork import ARTWORKS
from traceqr.registry import enterprises, licences, marks
from traceqr.registry.database import Reader, Row
from traceqr.registry.licences import Licence, Wanted


@click.group()
def mark() -> None:
    """Marks that an organisation lets enterprises put on their labels."""


@mark.command()
@click.argument("mark_id", metavar="ID")
@click.option("--organisation", required=True, help="The Chinese name of the enrolled organisation that licenses it.")
@click.option("--prefix", required=True, help="Stands before the numbers of its licences, such as QM.")
@click.option("--artwork", type=click.Choice(ARTWORKS), required=True, help="The drawing on labels.")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", required=True, help="Its name in English.")
@click.option("--meaning-zh", required=True, help="What it stands for, in Chinese.")
@click.option("--meaning-en", required=True, help="What it stands for, in English.")
@options.as_json
def define(mark_id: str, as_json: bool, **words: str) -> None:
    """Define a mark by an id such as quality-month-2026; or give one that is there other words."""
    defined = licensing.define_mark(open_house().desk, MarkEntry(id=mark_id, **words))
    if as_json:
        echo_json({"id": defined.id, "text_version": defined.text_version})
    else:
        click.echo(f"mark {defined.id}, version {defined.text_version} of its words")


@mark.command("list")
@options.as_json
def list_marks(as_json: bool) -> None:
    """List marks."""
    with open_house().reading() as reader:
        rows = marks.everything(reader)
    if as_json:
        echo_json(rows)
        return
    names = ("id", "prefix", "artwork", "name_zh", "organisation_zh")
    echo_table(
        ("id", "prefix", "artwork", "name", "organisation"),
        (tuple(row[name] for name in names) for row in rows),
        "there are no marks",
    )


@click.group()
def licence() -> None:
    """Licences of marks: who may put which mark on how many labels of what, until when."""


@licence.command()
@click.option("--mark", required=True, help="Id of a mark.")
@click.option("--uscc", required=True, help="The enterprise.")
@click.option("--gtin", "gtins", type=options.GTIN, required=True, multiple=True, help="A product; may be repeated.")
@click.option("--from", "valid_from", type=options.DATE, required=True, help="First day, such as 2026-09-01.")
@click.option("--until", "valid_until", type=options.DATE, required=True, help="Last day, included.")
@click.option("--quota", type=options.NUMBER, required=True, help="How many labels may carry the mark.")
@options.as_json
def grant(
    mark: str, uscc: str, gtins: tuple[Gtin, ...], valid_from: date, valid_until: date, quota: int, as_json: bool
) -> None:
    """Grant a licence. One that is there with the same products, days and quota is left alone."""
    entry = LicenceEntry(mark, uscc, gtins, valid_from, valid_until, quota)
    (granted,) = licensing.grant_licences(open_house().desk, [entry])
    found = granted.licence
    if as_json:
        echo_json({"number": found.number, "licence": found.spelled, "added": granted.added})
        return
    done = "granted" if granted.added else "unchanged, it was granted before"
    click.echo(f"licence {found.number} ({found.spelled}): {done}")


@licence.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Grant those of a CSV file: all of them or none."""
    import_tally(import_licences, file, as_json)


@licence.command("list")
@click.option("--mark", help="Of one mark only.")
@click.option("--state", type=click.Choice(licences.STATES), help="In one state only.")
@click.option("--uscc", help="Of one enterprise only.")
@click.option("--below", type=options.NUMBER, help="With numbers below this: the page that follows.")
@click.option("--most", type=click.IntRange(1, licences.MOST_LISTED), default=100, show_default=True)
@options.as_json
def list_licences(
    mark: str | None, state: str | None, uscc: str | None, below: int | None, most: int, as_json: bool
) -> None:
    """List licences, latest first, a page at a time."""
    house = open_house()
    with house.reading() as reader:
        rows = licences.register(reader, Wanted(mark, state, _enterprise(reader, uscc)), below, most)
    if as_json:
        echo_json([_as_json(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("number", "licence", "mark", "enterprise", "from", "until", "quota", "used", "state"),
        (
            (
                row["number"],
                row["spelled"],
                row["mark_id"],
                row["enterprise_zh"],
                moment(row["valid_from_ms"], zone)[:10],
                moment(row["valid_to_ms"] - 1, zone)[:10],
                f"{row['quota']:,}",
                f"{row['used']:,}",
                row["state"],
            )
            for row in rows
        ),
        "there are no licences",
    )
    if len(rows) == most:
        click.echo(f"for more: --below {rows[-1]['number']}", err=True)


@licence.command()
@click.argument("number", type=options.NUMBER)
@options.as_json
def show(number: int, as_json: bool) -> None:
    """Show a licence, its products, and the latest batches that carry its mark."""
    house = open_house()
    with house.reading() as reader:
        row = licences.listed(reader, number)
        if row is None:
            raise ActRefused(f"expected the number of a licence, {number} is none")
        gtins, batches = licences.products_of(reader, number), licences.batches_under(reader, number)
    if as_json:
        echo_json({**_as_json(row), "gtins": gtins, "batches": [_as_json(batch) for batch in batches]})
        return
    zone = house.settings.timezone
    click.echo(plain(f"licence {number} ({row['spelled']})"))
    echo_fields(
        {
            "mark": f"{row['mark_id']} {row['mark_zh']}",
            "enterprise": f"{row['uscc']} {row['enterprise_zh']}",
            "products": ", ".join(gtins),
            "from": moment(row["valid_from_ms"], zone)[:10],
            "until": moment(row["valid_to_ms"] - 1, zone)[:10],
            "labels": f"{row['used']:,} of {row['quota']:,}",
            "state": f"{row['state']} since {moment(row['since_ms'], zone)}",
            "reason": row["reason"],
        }
    )
    click.echo()
    echo_table(
        ("batch", "gtin", "labels", "issued"),
        ((b["number"], b["gtin"], f"{b['label_count']:,}", moment(b["issued_ms"], zone)) for b in batches),
        "no batch carries it yet",
    )


@licence.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@options.as_json
def suspend(number: int, reason: str, as_json: bool) -> None:
    """Suspend a licence: every label that carries its mark says so at once, with the reason."""
    _say(licensing.suspend_licence(open_house().desk, number, reason), as_json)


@licence.command()
@click.argument("number", type=options.NUMBER)
@options.as_json
def resume(number: int, as_json: bool) -> None:
    """End a suspension."""
    _say(licensing.resume_licence(open_house().desk, number), as_json)


@licence.command()
@click.argument("number", type=options.NUMBER)
@options.reason
@seconds.option
@options.yes
@options.as_json
def withdraw(number: int, reason: str, proposal: str | None, yes: bool, as_json: bool) -> None:
    """Withdraw a licence: every label that carries its mark says so. This cannot be undone."""
    house = open_house()
    confirm(f"Withdraw licence {number} for ever?", yes)
    done = seconds.carried_out(
        house,
        "licence.withdraw",
        f"licence:{number}",
        {"reason": reason},
        proposal,
        lambda desk: licensing.withdraw_licence(desk, number, reason),
    )
    if done:
        _say(done, as_json)


@licence.command()
@click.argument("number", type=options.NUMBER)
@click.option("--until", "valid_until", type=options.DATE, help="A later last day.")
@click.option("--quota", type=options.NUMBER, help="A larger number of labels in all.")
@options.as_json
def extend(number: int, valid_until: date | None, quota: int | None, as_json: bool) -> None:
    """Give a licence more days or more labels."""
    if valid_until is None and quota is None:
        raise click.UsageError("expected --until, --quota or both")
    _say(licensing.extend_licence(open_house().desk, number, valid_until, quota), as_json)


def _enterprise(reader: Reader, uscc: str | None) -> str | None:
    if uscc is None:
        return None
    found = enterprises.by_uscc(reader, uscc)
    if found is None:
        raise ActRefused(f"expected the code of an enrolled enterprise, got {uscc!r}")
    return found.id


def _say(changed: Licence, as_json: bool) -> None:
    if as_json:
        names = ("number", "spelled", "state", "valid_to_ms", "quota", "used")
        echo_json(_as_json({name: getattr(changed, name) for name in names}))
    else:
        click.echo(f"licence {changed.number} ({changed.spelled}): {changed.state}, {changed.left:,} labels left")


def _as_json(row: Row) -> dict[str, Any]:
    """Instants as ISO 8601, under names without their unit."""
    return {name.removesuffix("_ms"): to_iso(value) if name.endswith("_ms") else value for name, value in row.items()}
