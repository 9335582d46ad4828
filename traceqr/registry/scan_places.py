"""Where and when a product's labels, and those of a batch, were scanned, from what is counted as they are."""

from __future__ import annotations

from traceqr.registry.database import Reader, Row

_CELLS = (
    "SELECT s.week, s.place, CAST(SUM(s.scans) AS BIGINT) AS scans,"
    " CAST(SUM(s.scans * s.suspect) AS BIGINT) AS suspect"
    " FROM scan_place s WHERE s.gtin = :gtin AND s.week >= :first AND s.week <= :last GROUP BY s.week, s.place"
)


def sums(reader: Reader, gtin: str, first: int, last: int) -> list[Row]:
    """How many scans there were in the weeks from a first to a last, each by the day of its Monday, and how many of
    them of labels that were suspect: by place, with week 0, and then by week, with no place. In week 0 the empty place
    is where it is not known. 0 scans are left where people said later that they were elsewhere. The scans are gone
    through once for both.
    """
    added = "CAST(SUM(c.scans) AS BIGINT) AS scans, CAST(SUM(c.suspect) AS BIGINT) AS suspect FROM cells c"
    return reader.rows(
        f"WITH cells AS ({_CELLS}) SELECT 0 AS week, c.place, {added} GROUP BY c.place"
        f" UNION ALL SELECT c.week, '' AS place, {added} GROUP BY c.week",
        {"gtin": gtin, "first": first, "last": last},
    )


def by_week_and_place(reader: Reader, gtin: str, first: int, last: int) -> list[Row]:
    """The same by week and place, in this order."""
    return reader.rows(f"{_CELLS} ORDER BY s.week, s.place", {"gtin": gtin, "first": first, "last": last})


def of_batch(reader: Reader, batch: int, first: int, last: int) -> dict[int, int]:
    """Scans of a batch's labels by day, from a first to a last; days without any are left out."""
    rows = reader.rows(
        "SELECT s.day, CAST(SUM(s.scans) AS BIGINT) AS scans FROM scan_batch s"
        " WHERE s.batch = :batch AND s.day >= :first AND s.day <= :last GROUP BY s.day",
        {"batch": batch, "first": first, "last": last},
    )
    return {row["day"]: row["scans"] for row in rows}
