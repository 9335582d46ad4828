"""What enterprises state of things, and what they arrange for it, against the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from traceqr.checking.effect import Effect, same
from traceqr.registry import trace_events, trace_items
from traceqr.registry.database import Reader, Row
from traceqr.registry.tables import shown
from traceqr.tracing.digest import digest_of, digest_of_all

TRACING: dict[str, tuple[Effect, ...]] = {
    "location.set": (
        Effect("location", present=same("enterprise_id", "kind", "name_zh", "name_en", "region", "address")),
    ),
    "material.name": (Effect("material_name", present=same("name_zh", "name_en"), more_key="gtin"),),
    "partner.name": (Effect("partner", present=same("makes"), becomes={"state": "named"}, more_key="partner"),),
    "partner.drop": (Effect("partner", becomes={"state": "dropped"}, more_key="partner"),),
    "sscc.allocate": (Effect("sscc_allocation", {"enterprise_id": "enterprise", **same("low", "high", "skipped")}),),
    "audience.set": (Effect("step_audience", present=same("audience"), more_key="step"),),
    "query.define": (
        Effect("named_query", {"enterprise_id": "enterprise", **same("name", "query")}, {}, {"state": "active"}),
    ),
    "query.drop": (Effect("named_query", {"enterprise_id": "enterprise"}, {}, {"state": "removed"}),),
    "query.subscribe": (Effect("query_subscription", same("query_id", "schedule", "report_if_empty", "initial_ms")),),
    "trace.capture": (Effect("capture", {"enterprise_id": "enterprise", **same("first_event", "events", "digest")}),),
}
"""By the name of the act."""


def captures(reader: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """The events of captures are those that the ledger holds the digest of."""
    for row in rows:
        numbers = range(row["first_event"], row["first_event"] + row["events"])
        found = trace_events.digests(reader, row["id"], numbers.start, numbers.stop - 1)
        if [each["number"] for each in found] != list(numbers):
            yield row, f"expected its {row['events']:,} events from {row['first_event']:,} on, found {len(found):,}"
        elif digest_of_all([each["digest"] for each in found]) != row["digest"]:
            yield row, "its events are not those that the digest was taken over"


def events(reader: Reader, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """An event says what its digest was taken over."""
    items = trace_items.of_events(reader, [row["number"] for row in rows])
    for row in rows:
        digest = digest_of(row["content"], items.get(row["number"], []))
        if digest != row["digest"]:
            yield row, f"expected an event of digest {shown(row['digest'])}, found one of {shown(digest)}"
