"""Scans by day and by what was told, as they are counted in the transactions that keep them."""

from __future__ import annotations

from traceqr.registry.database import Reader, Row

_OF_ENTERPRISE = " FROM scan_day s WHERE s.enterprise_id = :enterprise AND s.day >= :first AND s.day <= :last"


def by_day(reader: Reader, enterprise_id: str, first: int, last: int) -> list[Row]:
    """How many scans of an enterprise's labels there were on each day, from a first to a last, by verdict."""
    return reader.rows(
        f"SELECT s.day, s.verdict, CAST(SUM(s.scans) AS BIGINT) AS scans{_OF_ENTERPRISE}"
        " GROUP BY s.day, s.verdict ORDER BY s.day",
        {"enterprise": enterprise_id, "first": first, "last": last},
    )


def suspects(reader: Reader, enterprise_id: str, first: int, last: int) -> list[Row]:
    """The batches of an enterprise with scans that were told to be suspect: how many, and the latest day of one."""
    return reader.rows(
        f"SELECT s.batch, CAST(SUM(s.scans) AS BIGINT) AS scans, MAX(s.day) AS latest{_OF_ENTERPRISE}"
        " AND s.verdict = 'suspect' GROUP BY s.batch",
        {"enterprise": enterprise_id, "first": first, "last": last},
    )
