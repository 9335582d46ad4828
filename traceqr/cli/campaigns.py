"""`traceqr campaign`: editions of a campaign, with the text that enterprises sign."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from traceqr import region as regions
from traceqr.acting import ActRefused
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_fields, echo_json, echo_table, in_iso, moment
from traceqr.importing.campaigns import import_campaign
from traceqr.instant import system_clock
from traceqr.registry import campaigns, pledges
from traceqr.registry.campaigns import Campaign
from traceqr.registry.database import Row

STANDINGS = (*pledges.STATES, "expired")


@click.group()
def campaign() -> None:
    """Editions of a campaign, with the text that enterprises sign."""


@campaign.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """Open the campaign of a TOML file, or amend it and publish a new version of its text."""
    opened = import_campaign(open_house().desk, file)
    if as_json:
        echo_json(asdict(opened))
    else:
        click.echo(f"campaign {opened.id}: version {opened.text_version} of its text is the one to sign")


@campaign.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List campaigns, latest year first."""
    house = open_house()
    with house.reading() as reader:
        rows = campaigns.everything(reader)
    if as_json:
        echo_json([_as_json(row) for row in rows])
        return
    zone = house.settings.timezone
    echo_table(
        ("id", "code", "year", "name", "region", "applications", "text"),
        (
            (
                *(row[name] for name in ("id", "code", "year", "name_zh", "region")),
                f"{moment(row['apply_from_ms'], zone)[:10]} to {moment(row['apply_to_ms'] - 1, zone)[:10]}",
                row["text_version"],
            )
            for row in rows
        ),
        "there are no campaigns",
    )


@campaign.command()
@click.argument("campaign_id")
@click.option("--region", default=regions.COUNTRY, help="Only enterprises of this region, a code of GB/T 2260.")
@options.as_json
def show(campaign_id: str, region: str, as_json: bool) -> None:
    """Show a campaign: its text, and how many pledges are in each state, by sector and province."""
    if not regions.is_region(region):
        raise ActRefused(f"expected a region of 6 digits (GB/T 2260), got {region!r}", "region")
    with open_house().reading() as reader:
        found = campaigns.by_id(reader, campaign_id)
        if found is None:
            raise ActRefused(f"expected the id of an open campaign, got {campaign_id!r}", "campaign")
        text = campaigns.text(reader, campaign_id, found.text_version)
        rows = pledges.funnel(reader, campaign_id, system_clock(), region)
    assert text is not None  # the version that is the one to sign
    if as_json:
        articles = [asdict(article) for article in text.articles]
        echo_json({**_as_json(asdict(found)), "articles": articles, "text_digest": text.digest, "funnel": rows})
        return
    _show(found, text.digest, rows)


def _show(found: Campaign, digest: str, rows: list[Row]) -> None:
    click.echo(f"campaign {found.id}")
    echo_fields({"name": found.name_zh, "theme": found.theme_zh, "text": f"version {found.text_version}, {digest}"})
    click.echo()
    for title, key in (("sector", "sector"), ("province", "region")):
        counts: dict[str, Counter[str]] = {}
        for row in rows:
            name = regions.at_level(row[key], 2) if key == "region" else row[key]
            counts.setdefault(name, Counter())[row["standing"]] += row["count"]
        told = [name for name in STANDINGS if any(count[name] for count in counts.values())]
        table = ((name, *(count[each] for each in told)) for name, count in sorted(counts.items()))
        echo_table((title, *told), table, "nobody has applied yet")
        if not counts:
            return


def _as_json(row: Row) -> dict[str, Any]:
    lists = {name: str(row[name]).split() for name in ("sectors", "co_organisers")}
    return {**in_iso(row), **lists}
