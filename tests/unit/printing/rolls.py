"""Labels for roll printers that several tests print."""

from __future__ import annotations

from tests.unit.symbol.specimens import GTIN, PRIVATE
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.design import Align, Box, Design, Item, Kind
from traceqr.printing.format import Format, Imprint, Job
from traceqr.symbol.symbol import Level

SERIES = Series(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), GTIN, 12_345_678, 1, 7)
CHINESE = Imprint("质量月酱油 500 ml 特级酿造", "L-7", specification="500 ml")


def job_of(
    first: int = 0, last: int = 5, imprint: Imprint = CHINESE, level: Level = Level.M, series: Series = SERIES
) -> Job:
    """A job of the series above."""
    return Job(series, first, last, imprint, level, 3)


def whole(made: Format, job: Job, cut: int = 1_000) -> bytes:
    """The file, its labels made in strips of `cut`."""
    starts = range(job.first, job.last + 1, cut)
    strips = (job.series.strip(PRIVATE, start, min(start + cut - 1, job.last)) for start in starts)
    return made.head() + b"".join(made.body(strip) for strip in strips) + made.tail()


def texts(job: Job) -> list[str]:
    """What the symbols of a job hold."""
    return job.series.strip(PRIVATE, job.first, job.last).texts


def plain(*others: Item, symbol: float = 28.0, width: float = 60.0, serial: float = 2.0, lines: int = 1) -> Design:
    """A design with what every design must have and no more, the symbol to the left."""
    left = symbol + 2
    return Design(
        "plain",
        width,
        max(symbol + 2, 12.0),
        (
            Item(Kind.SYMBOL, Box(1, 1, symbol, symbol)),
            Item(Kind.HOST, Box(left, 1, width - left - 1, 4.5), 2.6, lines, align=Align.LEFT),
            Item(Kind.SERIAL, Box(left, 6, width - left - 1, 3), serial),
            *others,
        ),
    )
