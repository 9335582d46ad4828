"""`traceqr claim`: which enterprise may use a GTIN or a company prefix."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from traceqr import claiming
from traceqr.acting import ActRefused
from traceqr.cli import options
from traceqr.cli.house import confirm, open_house
from traceqr.cli.output import opened
from traceqr.cli.showing import echo_fields, echo_json, echo_table, moment, plain
from traceqr.cli.tables import watch
from traceqr.document import MAX_BYTES, Document, DocumentError, read_document
from traceqr.importing.claims import KINDS, claim_entry, import_claims
from traceqr.registry import claims, documents
from traceqr.registry.claims import Claim
from traceqr.registry.database import Row
from traceqr.registry.documents import Filed


@click.group()
def claim() -> None:
    """Claims to GTINs and company prefixes: filed, then accepted, refused or revoked by an organisation."""


@claim.command("file")
@click.option("--uscc", required=True, help="The enterprise, by its unified social credit code.")
@click.option("--kind", type=click.Choice(sorted(KINDS)), required=True)
@click.option("--value", required=True, help="A GTIN, or a GS1 company prefix of 7 to 12 digits.")
@click.option("--evidence", required=True, help="What proves the right, such as a certificate and its number.")
@click.option(
    "--document", "paths", type=options.FILE, multiple=True, help="A certificate (PDF, JPEG or PNG); may be repeated."
)
@options.as_json
def file_(uscc: str, kind: str, value: str, evidence: str, paths: tuple[Path, ...], as_json: bool) -> None:
    """File one claim. It may share GTINs with an accepted claim of another enterprise, which it contests."""
    entry = claim_entry(uscc, kind, value, evidence)
    desk = open_house().desk
    held = tuple(_read(path) for path in paths)
    _say_filed(claiming.file_claims(desk, [replace(entry, documents=held)]), as_json)


@claim.command("import")
@click.argument("file", type=options.FILE)
@options.as_json
def import_(file: Path, as_json: bool) -> None:
    """File those of a CSV file: all of them or none."""
    _say_filed(import_claims(open_house().desk, file, watch), as_json)


@claim.command("list")
@click.option(
    "--state", type=click.Choice(["filed", "accepted", "refused", "revoked"]), default="filed", show_default=True
)
@options.as_json
def list_(state: str, as_json: bool) -> None:
    """List claims, oldest first: by default those that await a decision."""
    with open_house().reading() as reader:
        rows = claims.in_state(reader, state)
    if as_json:
        echo_json(rows)
        return
    names = ("id", "kind", "value", "uscc", "name_zh", "evidence")
    cells = ([*(row[name] for name in names), " ".join(row["contests"])] for row in rows)
    echo_table((*names, "contests"), cells, f"no claim is {state}")


@claim.command()
@click.argument("claim_id")
@options.as_json
def show(claim_id: str, as_json: bool) -> None:
    """Show a claim, the documents beside it, and the accepted claims of others that it contests."""
    house = open_house()
    with house.reading() as reader:
        row, found = claims.described(reader, claim_id), claims.by_id(reader, claim_id)
        if row is None or found is None:
            raise ActRefused(f"expected the id of a claim, {claim_id!r} is none")
        beside = documents.documents_of(reader, claim_id)
        contests = [other.id for other in claims.contested(reader, found)] if found.state == "filed" else []
    if as_json:
        echo_json({**row, "documents": [asdict(each) for each in beside], "contests": contests})
        return
    _show(row, beside, contests, house.settings.timezone)


def _show(row: Row, beside: list[Filed], contests: list[str], zone: ZoneInfo) -> None:
    decided = f" by {row['organisation_zh']} {moment(row['decided_ms'], zone)}" if row["organisation_zh"] else ""
    click.echo(f"{row['kind']} {row['value']}: {row['state']}{plain(decided)}")
    echo_fields({name: row[name] for name in ("uscc", "name_zh", "evidence", "reason")})
    for each in beside:
        echo_fields({"document": f"{each.id} {each.name} ({each.media_type})"})
    for other in contests:
        echo_fields({"contests": other})


@claim.command("document")
@click.argument("document_id")
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), required=True, help="Where it is written.")
def document_(document_id: str, path: Path) -> None:
    """Write a document that stands beside a claim to a file. It comes from outside: open it with care."""
    with open_house().reading() as reader:
        found = documents.document(reader, document_id)
    if found is None:
        raise ActRefused(f"expected the id of a document, {document_id!r} is none")
    with opened(path) as file:
        file.write(found.content)
    click.echo(f"written: {plain(path)}, {found.media_type}, filed as {plain(found.name)}")


_by = click.option(
    "--by", "organisation", required=True, help="The organisation that has reviewed it, by its Chinese name."
)


@claim.command()
@click.argument("claim_id")
@_by
@click.option(
    "--instead-of", multiple=True, metavar="ID", help="An accepted claim that it contests, to be revoked; repeatable."
)
@click.option("--reason", default="", help="Why others are revoked; the ledger keeps it.")
@options.as_json
def accept(claim_id: str, organisation: str, instead_of: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Accept a claim, and revoke those of others that it stands instead of."""
    _say_decided(claiming.accept_claim(open_house().desk, claim_id, organisation, instead_of, reason), as_json)


@claim.command()
@click.argument("claim_id")
@_by
@options.reason
@options.yes
@options.as_json
def revoke(claim_id: str, organisation: str, reason: str, yes: bool, as_json: bool) -> None:
    """Revoke an accepted claim: nothing is issued or printed under it, and its labels say so. It cannot be undone."""
    confirm(f"Revoke claim {claim_id}? Every label printed under it will say so.", yes)
    _say_decided(claiming.revoke_claim(open_house().desk, claim_id, organisation, reason), as_json)


@claim.command()
@click.argument("claim_id")
@_by
@options.reason
@options.as_json
def refuse(claim_id: str, organisation: str, reason: str, as_json: bool) -> None:
    """Refuse a claim."""
    _say_decided(claiming.refuse_claim(open_house().desk, claim_id, organisation, reason), as_json)


def _read(path: Path) -> Document:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        return read_document(path.name, content)
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from error


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
