"""One call of the interface for enterprises, as it is declared: what is checked, what is shown, and what is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from traceqr.access import SCOPES, Right, Scope
from traceqr.office.trade import TradeOffice
from traceqr.web.schema import Schema

MAX_BODY = 64 * 1024
MAX_BODY_WITH_FILES = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was found good. `after` is where the page before ended, `version` what If-Match names."""

    path: Mapping[str, Any]
    body: Mapping[str, Any]
    after: Any = None
    most: int = 0
    version: int = 0


Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is below /api/v1, with names in braces. `listed` is the type of the key by which a list is paged.

    What a `run` gives is kept with the act; `shown` makes of it what is answered: a link's secret is not kept. `read`
    makes of a body what a `run` takes, before the lock of acts: files in it take their time.
    """

    name: str
    method: str
    path: str
    right: Right
    summary: str
    answer: Schema
    run: Callable[[TradeOffice, Call], Body]
    status: int = 200
    body: Schema | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    listed: type | None = None
    versioned: bool = False
    shown: Callable[[Body], Body] = lambda body: body
    read: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda body: body
    max_body: int = MAX_BODY

    @property
    def scope(self) -> Scope:
        """The scope that a token must have."""
        return next(scope for scope, rights in SCOPES.items() if self.right in rights)

    @property
    def keyed(self) -> bool:
        """Whether a request must have an idempotency key."""
        return self.method == "POST"
