"""Where and when a product's labels, and those of a batch, were scanned, from what is counted as they are."""

from __future__ import annotations

from traceqr.registry.database import Reader, Row

_OF_PRODUCT = " FROM scan_place s WHERE s.gtin = :gtin AND s.week >= :first AND s.week <= :last"


def by_place(reader: Reader, gtin: str, first: int, last: int) -> list[Row]:
    """How many scans there were at each place in the weeks from a first to a last, each by the day of its Monday, and
    how many of them of labels that were suspect. The empty place is where it is not known.
    """
    return reader.rows(
        "SELECT s.place, CAST(SUM(s.scans) AS BIGINT) AS scans,"
        f" CAST(SUM(s.scans * s.suspect) AS BIGINT) AS suspect{_OF_PRODUCT}"
        " GROUP BY s.place HAVING CAST(SUM(s.scans) AS BIGINT) > 0 ORDER BY s.place",
        {"gtin": gtin, "first": first, "last": last},
    )


def by_week(reader: Reader, gtin: str, first: int, last: int) -> list[Row]:
    """The same by week."""
    return reader.rows(
        "SELECT s.week, CAST(SUM(s.scans) AS BIGINT) AS scans,"
        f" CAST(SUM(s.scans * s.suspect) AS BIGINT) AS suspect{_OF_PRODUCT}"
        " GROUP BY s.week ORDER BY s.week",
        {"gtin": gtin, "first": first, "last": last},
    )


def sums(reader: Reader, gtin: str, first: int, last: int) -> list[Row]:
    """The same by place, with week 0, and then by week, with no place: the scans are gone through once for both."""
    added = "CAST(SUM(c.scans) AS BIGINT) AS scans, CAST(SUM(c.suspect) AS BIGINT) AS suspect FROM cells c"
    return reader.rows(
        "WITH cells AS (SELECT s.week, s.place, CAST(SUM(s.scans) AS BIGINT) AS scans,"
        f" CAST(SUM(s.scans * s.suspect) AS BIGINT) AS suspect{_OF_PRODUCT} GROUP BY s.week, s.place)"
        f" SELECT 0 AS week, c.place, {added} GROUP BY c.place"
        f" UNION ALL SELECT c.week, '' AS place, {added} GROUP BY c.week",
        {"gtin": gtin, "first": first, "last": last},
    )


def by_week_and_place(reader: Reader, gtin: str, first: int, last: int) -> list[Row]:
    """The same by week and place, in this order."""
    return reader.rows(
        "SELECT s.week, s.place, CAST(SUM(s.scans) AS BIGINT) AS scans,"
        f" CAST(SUM(s.scans * s.suspect) AS BIGINT) AS suspect{_OF_PRODUCT}"
        " GROUP BY s.week, s.place ORDER BY s.week, s.place",
        {"gtin": gtin, "first": first, "last": last},
    )


def of_batch(reader: Reader, batch: int, first: int, last: int) -> dict[int, int]:
    """Scans of a batch's labels by day, from a first to a last; days without any are left out."""
    rows = reader.rows(
        "SELECT s.day, CAST(SUM(s.scans) AS BIGINT) AS scans FROM scan_batch s"
        " WHERE s.batch = :batch AND s.day >= :first AND s.day <= :last GROUP BY s.day",
        {"batch": batch, "first": first, "last": last},
    )
    return {row["day"]: row["scans"] for row in rows}
