"""`traceqr claim`: which enterprise may use a GTIN or a company prefix."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from traceqr import claiming
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.showing import echo_json, echo_table
from traceqr.cli.tables import watch
from traceqr.importing.claims import KINDS, claim_entry, import_claims
from traceqr.registry import claims
from traceqr.registry.claims import Claim


@click.group()
def claim() -> None:
    """Claims to GTINs and company prefixes: filed, then accepted or refused by an organisation."""


@claim.command("file")
@click.option("--uscc", required=True, help="The enterprise, by its unified social credit code.")
@click.option("--kind", type=click.Choice(sorted(KINDS)), required=True)
@click.option("--value", required=True, help="A GTIN, or a GS1 company prefix of 7 to 12 digits.")
@click.option("--evidence", required=True, help="What proves the right, such as a certificate and its number.")
@options.as_json
def file_(uscc: str, kind: str, value: str, evidence: str, as_json: bool) -> None:
    """File one claim."""
    desk = open_house().desk
    _say_filed(claiming.file_claims(desk, [claim_entry(uscc, kind, value, evidence)]), as_json)


@claim.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """File those of a CSV file: all of them or none."""
    _say_filed(import_claims(open_house().desk, file, watch), as_json)


@claim.command("list")
@click.option("--state", type=click.Choice(["filed", "accepted", "refused"]), default="filed", show_default=True)
@options.as_json
def list_(state: str, as_json: bool) -> None:
    """List claims, oldest first: by default those that await a decision."""
    with open_house().reading() as reader:
        rows = claims.in_state(reader, state)
    if as_json:
        echo_json(rows)
        return
    names = ("id", "kind", "value", "uscc", "name_zh", "evidence")
    echo_table(names, ([row[name] for name in names] for row in rows), f"no claim is {state}")


@claim.command()
@click.argument("claim_id")
@click.option("--by", "organisation", required=True, help="The organisation that has reviewed it, by its Chinese name.")
@options.as_json
def accept(claim_id: str, organisation: str, as_json: bool) -> None:
    """Accept a claim."""
    _say_decided(claiming.accept_claim(open_house().desk, claim_id, organisation), as_json)


@claim.command()
@click.argument("claim_id")
@click.option("--by", "organisation", required=True, help="The organisation that has reviewed it, by its Chinese name.")
@options.reason
@options.as_json
def refuse(claim_id: str, organisation: str, reason: str, as_json: bool) -> None:
    """Refuse a claim."""
    _say_decided(claiming.refuse_claim(open_house().desk, claim_id, organisation, reason), as_json)


def _say_filed(filed: list[Claim], as_json: bool) -> None:
    if as_json:
        echo_json([asdict(each) for each in filed])
        return
    for each in filed:
        click.echo(f"filed: {each.id}, {each.kind} {each.value}")
    click.echo("to decide one: traceqr claim accept ID --by ORGANISATION, or traceqr claim refuse")


def _say_decided(decided: Claim, as_json: bool) -> None:
    if as_json:
        echo_json(asdict(decided))
    else:
        click.echo(f"{decided.state}: {decided.id}, {decided.kind} {decided.value}")
