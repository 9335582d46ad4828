"""`traceqr check`: is the registry whole?"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from traceqr.checking.finding import Finding
from traceqr.checking.whole import Report
from traceqr.checking.whole import check as check_whole
from traceqr.cli import options
from traceqr.cli.house import read_settings
from traceqr.cli.meter import Meter
from traceqr.cli.showing import echo_json, plain
from traceqr.highwater import HighWater, HighWaterError, Mark
from traceqr.registry import opening


@click.command()
@click.option("--backup", is_flag=True, help="It is a backup, and may be behind the high-water file.")
@options.as_json
@click.pass_context
def check(ctx: click.Context, backup: bool, as_json: bool) -> None:
    """Check the whole registry, and say what is wrong with it.

    It may serve meanwhile: all is read as it is at one instant. On PostgreSQL it needs the owner's role.
    """
    settings = read_settings()
    database = opening.open_database(settings.database)
    ctx.call_on_close(database.close)
    mark, fault = _mark(HighWater(settings.high_water))
    with Meter("checking") as meter:
        report = check_whole(database, mark.size if mark else None, mark.root if mark else None, meter, backup=backup)
    if fault:
        report = replace(report, findings=(*report.findings, fault), total=report.total + 1)
    if as_json:
        echo_json({"whole": not report.total, **asdict(report)})
    else:
        _say(report, database.place, None if mark else settings.high_water)
    ctx.exit(1 if report.total else 0)


def _mark(file: HighWater) -> tuple[Mark | None, Finding | None]:
    """The mark outside the registry, or what is wrong with the file that it is in."""
    try:
        return file.read(), None
    except HighWaterError as error:
        return None, Finding("high-water file", str(error))


def _say(report: Report, place: str, missing_mark: Path | None) -> None:
    for finding in report.findings:
        click.echo(plain(finding))
    if report.total:
        count = "1 finding" if report.total == 1 else f"{report.total:,} findings"
        click.echo(f"\n{count}: {plain(place)} is not whole")
        return
    click.echo(f"{plain(place)} is whole: {sum(report.counts.values()):,} rows in {len(report.counts)} tables")
    click.echo(f"ledger: {report.size:,} entries, root {report.root}")
    if missing_mark:
        click.echo(f"there is no high-water file at {plain(missing_mark)}: older copies of the ledger look whole too")
    if report.behind:
        acts = "1 act" if report.behind == 1 else f"{report.behind:,} acts"
        click.echo(f"{acts} behind the high-water file, as a backup may be")
    if report.stray_scans:
        click.echo(f"{report.stray_scans:,} scans are of batches that do not exist: labels under a stolen key, perhaps")
