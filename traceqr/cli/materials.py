"""`traceqr material`: names of materials that are no products of anybody here, and recalls of what was made of one."""

from __future__ import annotations

import click

from traceqr import recalling
from traceqr.acting import ActRefused
from traceqr.chain import arranging
from traceqr.cli import options, seconds
from traceqr.cli.house import open_house
from traceqr.cli.notices import lift_notice, say_opened
from traceqr.label.gtin import Gtin
from traceqr.recalling import Material
from traceqr.registry import enterprises, organisations
from traceqr.registry.database import Reader
from traceqr.registry.materials import MaterialName


@click.group()
def material() -> None:
    """Names of materials, and recalls of what was made of one that nobody has claimed."""


@material.command("name")
@click.option("--gtin", type=options.GTIN, required=True, help="GTIN of the material.")
@click.option("--uscc", required=True, help="The enterprise that uses it.")
@click.option("--name-zh", required=True, help="What it calls the material; people read it on labels' pages.")
@click.option("--name-en", default="", help="The same in English.")
def call(gtin: Gtin, uscc: str, name_zh: str, name_en: str) -> None:
    """Say what an enterprise calls a material, or say it anew."""
    house = open_house()
    with house.reading() as reader:
        enterprise_id = _enterprise(reader, uscc)
    arranging.name_material(house.desk, MaterialName(gtin.digits, enterprise_id, name_zh, name_en))
    click.echo(f"{gtin.trade} is called {name_zh}")


@material.command()
@click.option("--gtin", type=options.GTIN, required=True, help="GTIN of the material.")
@click.option("--lot", required=True, help="Its lot, as events name it.")
@click.option("--name", required=True, help="What it is called; people read it on labels' pages.")
@click.option("--uscc", required=True, help="The enterprise that used it.")
@click.option("--ordered-by", default=None, metavar="NAME", help="Chinese name of the organisation that orders it.")
@options.reason
@seconds.option
@options.as_json
def recall(
    gtin: Gtin, lot: str, name: str, uscc: str, ordered_by: str | None, reason: str, proposal: str | None, as_json: bool
) -> None:
    """Recall all that was made of a lot of it: by anybody where it is ordered, else as the enterprise states."""
    house = open_house()
    with house.reading() as reader:
        target = Material(gtin, lot, name, _enterprise(reader, uscc))
        body = _organisation(reader, ordered_by) if ordered_by is not None else None
    opened = seconds.carried_out(
        house,
        "material.recall",
        f"material:{gtin.digits}",
        {"lot": lot, "name": name, "enterprise": target.enterprise_id, "ordered_by": body, "reason": reason},
        proposal,
        lambda desk: recalling.open_on_material(desk, target, reason, body),
    )
    if opened:
        say_opened(opened, as_json)


@material.command()
@click.argument("notice_id")
@options.reason
@options.as_json
def lift(notice_id: str, reason: str, as_json: bool) -> None:
    """Lift a recall by its id."""
    lift_notice(notice_id, reason, as_json)


def _enterprise(reader: Reader, uscc: str) -> str:
    """The id of the enterprise of a code."""
    found = enterprises.by_uscc(reader, uscc)
    if found is None:
        raise ActRefused(f"expected the USCC of an enrolled enterprise, got {uscc!r}", "uscc")
    return found.id


def _organisation(reader: Reader, name: str) -> str:
    """The id of the organisation of a Chinese name."""
    found = organisations.by_name(reader, name)
    if found is None:
        raise ActRefused(f"expected the Chinese name of an enrolled organisation, got {name!r}", "ordered_by")
    return found.id
