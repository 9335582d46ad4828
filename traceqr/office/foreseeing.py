"""What a recall would reach, before anybody recalls: a mock recall, with its labels, enterprises and places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from traceqr.chain import spreading, tracking
from traceqr.chain.tracking import Holding, Spot, Telling
from traceqr.office.tracking import Named, body_names, product_names
from traceqr.registry import batches, locations
from traceqr.registry.database import Reader
from traceqr.registry.locations import Location
from traceqr.registry.notices import Notice
from traceqr.registry.recalls import Cover
from traceqr.tracing.run import Run, merged
from traceqr.tracing.thing import batch_of_line, label_line


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Labels that a recall would reach, those under it among them, and where they are by the events that one may know.
    `holdings` are batches whose labels one is told of; `elsewhere` counts the labels of others. `complete` is False
    where a bound was met.
    """

    labels: int
    batches: int
    enterprises: int
    elsewhere: int
    holdings: Sequence[Holding]
    spots: Sequence[Spot]
    products: Mapping[str, Named]
    bodies: Mapping[str, Named]
    places: Mapping[str, Location]
    complete: bool

    @property
    def shops(self) -> int:
        """How many of the places are shops."""
        return sum(1 for place in self.places.values() if place.kind == "shop")


def foresee(
    reader: Reader, cover: Cover, recalling: str | None, telling: Telling, partakes: Callable[[str], bool]
) -> Foreseen:
    """What a recall over `cover` would reach. `recalling` is the enterprise that recalls by itself, None where somebody
    orders it; `telling` and `partakes` are of which events, and whose labels, whoever looks is told.
    """
    notice = Notice("", "recall", cover.gtin, cover.batch, cover.first, cover.last, "", cover.lot, cover.material)
    made, whole = spreading.foreseen(reader, notice, recalling)
    found = tracking.located(reader, merged([*_under(reader, notice), *made]), telling)
    mine = [holding for holding in found.holdings if partakes(holding.enterprise_id)]
    spots = [spot for spot in found.spots if spot.place]
    return Foreseen(
        labels=found.labels,
        batches=len(found.holdings),
        enterprises=len({holding.enterprise_id for holding in found.holdings}),
        elsewhere=found.labels - sum(holding.labels for holding in mine),
        holdings=mine,
        spots=spots,
        products=product_names(reader, {holding.gtin for holding in mine}),
        bodies=body_names(reader, {holding.enterprise_id for holding in mine}),
        places=locations.by_keys(reader, {spot.place for spot in spots} | {spot.to for spot in spots} - {""}),
        complete=whole and found.complete,
    )


def _under(reader: Reader, notice: Notice) -> list[Run]:
    """The labels that a recall is laid over itself; those of later batches are not there yet."""
    if notice.batch is None and notice.lot is None:
        numbers = batches.of_product(reader, notice.gtin)
        return [Run(label_line(notice.gtin, number), 0, count - 1) for number, count in numbers]
    things = spreading.things_of(reader, notice)
    return [run for run in things if batch_of_line(run.line) is not None]
