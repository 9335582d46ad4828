"""What the declarations of calls share: pages of lists, plain reads, instants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from traceqr.access import Right
from traceqr.instant import to_iso
from traceqr.office.trade import TradeOffice
from traceqr.web import api_schemas as schemas
from traceqr.web.route import Body, Call, Route

Row = dict[str, Any]

Run = Callable[[TradeOffice, Call], Body]
Paged = Callable[[TradeOffice, Call], Sequence[Row]]


def paged(find: Paged, key: str, show: Callable[[Row], Body]) -> Run:
    """A list of one more than is asked for, which tells whether there is a next page."""

    def run(office: TradeOffice, call: Call) -> Body:
        rows = find(office, replace(call, most=call.most + 1))
        held = rows[: call.most]
        return {"items": [show(row) for row in held], "next": held[-1][key] if len(rows) > call.most else None}

    return run


def instant(at_ms: int | None) -> str | None:
    """An instant as answers have it."""
    return None if at_ms is None else to_iso(at_ms)


def get(name: str, path: str, summary: str, answer: Any, run: Run) -> Route:
    """A read."""
    return Route(name, "GET", path, Right.SEE, summary, answer, run)


def listing(name: str, path: str, summary: str, item: Any, key: type, run: Run) -> Route:
    """A read of a list, by pages."""
    return Route(name, "GET", path, Right.SEE, summary, schemas.page_of(item), run, listed=key)
