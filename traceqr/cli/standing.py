"""`traceqr batch show`: where a batch stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import click

from traceqr.acting import ActRefused
from traceqr.cli import options
from traceqr.cli.house import open_house
from traceqr.cli.notices import as_json_row, covers
from traceqr.cli.showing import echo_fields, echo_json, echo_table, moment
from traceqr.instant import to_iso
from traceqr.label.serial import Serial
from traceqr.registry import batches, dossiers, notices, spans
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader, Row
from traceqr.registry.dossiers import Dossier
from traceqr.registry.spans import Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """Labels `first` to `last` in the same state: void, recalled, held, or else the life they have."""

    first: int
    last: int
    labels: int
    state: str
    life: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A batch, with the state of its labels and the notices that are open over any of them."""

    batch: Batch
    dossier: Dossier
    stretches: list[Stretch]
    notices: list[Row]

    @property
    def states(self) -> dict[str, int]:
        """How many labels are in each state."""
        counts: Counter[str] = Counter()
        for stretch in self.stretches:
            counts[stretch.state] += stretch.labels
        return dict(counts)


@click.command()
@click.argument("number", type=options.NUMBER)
@options.as_json
def show(number: int, as_json: bool) -> None:
    """Show a batch: what was issued, the state of its labels, and the holds and recalls over them."""
    house = open_house()
    with house.reading() as reader:
        found = _standing(reader, number)
    if as_json:
        echo_json(_as_json(found))
        return
    zone = house.settings.timezone
    click.echo(f"batch {number}")
    marks = found.dossier.marks_at(house.desk.clock())
    named_marks = ", ".join(f"{mark.licence} ({mark.state})" for mark in marks)
    echo_fields({**_fields(found), "marks": named_marks, "issued": moment(found.dossier.batch.issued_ms, zone)})
    click.echo()
    named = ((each.first, each.last, f"{each.labels:,}", each.state) for each in found.stretches)
    echo_table(("first", "last", "labels", "state"), named, "")
    click.echo()
    echo_table(
        ("id", "kind", "covers", "since", "reason"),
        ((row["id"], row["kind"], covers(row), moment(row["opened_ms"], zone), row["reason"]) for row in found.notices),
        "no hold or recall is open over it",
    )


def _standing(reader: Reader, number: int) -> Standing:
    """Raises `ActRefused` when there is no such batch."""
    batch = batches.by_number(reader, number)
    if batch is None:
        raise ActRefused(f"expected the number of a batch, {number} is none")
    over = [row for row in notices.open_now(reader) if row["gtin"] == batch.gtin and row["batch"] in (None, number)]
    whole = {row["kind"] for row in over if row["batch"] is None}
    stretches = list(_stretches(spans.of_batch(reader, number), whole))
    return Standing(batch, dossiers.dossier(reader, number), stretches, over)


def _stretches(found: Iterable[Span], whole: set[str]) -> Iterator[Stretch]:
    """Spans that differ only in the acts behind them, joined; `whole` are the kinds of notices over the product."""
    for (state, life), alike in groupby(found, key=lambda span: (_state(span, whole), span.life)):
        joined = list(alike)
        first, last = joined[0].first, joined[-1].last
        yield Stretch(first, last, last - first + 1, state, life)


def _state(span: Span, whole: set[str]) -> str:
    """What a label's page says first."""
    if span.life == "void":
        return "void"
    if span.recalls or "recall" in whole:
        return "recalled"
    return "held" if span.holds or "hold" in whole else span.life


def _fields(found: Standing) -> dict[str, object | None]:
    batch, product, enterprise = found.batch, found.dossier.product, found.dossier.enterprise
    return {
        "product": f"{batch.gtin} {product.name_zh}, version {batch.product_version}",
        "enterprise": f"{enterprise.uscc} {enterprise.name_zh}",
        "labels": f"{batch.label_count:,}: " + ", ".join(f"{count:,} {state}" for state, count in found.states.items()),
        "serials": f"{Serial(batch.number, 0).readable} to {Serial(batch.number, batch.label_count - 1).readable}",
        "origin": batch.origin,
        "key": batch.key_number,
        "pledge": batch.pledge or None,
        "lot": batch.lot,
        "produced": batch.produced_on,
        "expires": batch.expires_on,
    }


def _as_json(found: Standing) -> dict[str, Any]:
    fields = asdict(found.batch)
    count = fields.pop("label_count")
    return {
        **fields,
        "pledge": found.batch.pledge or None,
        "marks": [mark.number for mark in found.dossier.marks],
        "name_zh": found.dossier.product.name_zh,
        "uscc": found.dossier.enterprise.uscc,
        "enterprise_zh": found.dossier.enterprise.name_zh,
        "count": count,
        "issued": to_iso(found.dossier.batch.issued_ms),
        "first_serial": str(Serial(found.batch.number, 0)),
        "last_serial": str(Serial(found.batch.number, count - 1)),
        "states": found.states,
        "spans": [asdict(each) for each in found.stretches],
        "notices": [as_json_row(row) for row in found.notices],
    }
