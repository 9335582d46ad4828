"""What the standard's SimpleEventQuery may ask for (EPCIS 2.0, section 8.2.7.1), as one value."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from traceqr.tracing.event import Action, EventKind, Part
from traceqr.tracing.run import Run


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one value of a MATCH_ parameter looks for: these runs, or else all on lines that begin so."""

    runs: tuple[Run, ...] = ()
    prefixes: tuple[str, ...] = ()
    """Of `Run.line`, such as `21/09506000134352/`; any one of them. An index finds no fewer by them than it should."""
    starts: tuple[str, ...] = ()
    """Of the text of things, where lines do not tell enough: what is found by `prefixes` must begin so too."""


@dataclass(frozen=True, slots=True)
class Match:
    """One MATCH_ parameter: one of these patterns in one of these parts."""

    parts: frozenset[Part]
    patterns: tuple[Pattern, ...]
    classes: bool
    """Whether it is about classes and their quantities, or about single things."""


@dataclass(frozen=True, slots=True)
class MentionTest:
    """`EQ_bizTransaction_TYPE`, `EQ_source_TYPE`, `EQ_destination_TYPE`: one of these values."""

    kind: str
    """As in `Mention.kind`."""
    type: str
    values: frozenset[str]


class Operator(enum.StrEnum):
    """How a value is compared."""

    EQ = "EQ"
    GT = "GT"
    GE = "GE"
    LT = "LT"
    LE = "LE"
    EXISTS = "EXISTS"


class Within(enum.StrEnum):
    """Where in an event a member stands that is asked for."""

    EVENT = "event"
    ILMD = "ilmd"
    DECLARATION = "errorDeclaration"
    SENSOR = "sensorElementList"
    METADATA = "sensorMetadata"
    REPORT = "sensorReport"
    READ_POINT = "readPoint"
    LOCATION = "bizLocation"


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A test of a member that no column holds: an extension, or what sensors measured."""

    within: Within
    operator: Operator
    name: str
    """`{NAMESPACE}NAME` of an extension; the bare name of a member of the standard."""
    values: tuple[str | float | bool, ...] = ()
    inner: bool = False
    """Whether it stands at any depth below the top."""
    unit: str = ""
    """The unit that a measured value must be told in."""


@dataclass(frozen=True, slots=True)
class QuantityTest:
    """`EQ_quantity`, `GT_quantity`, ...: a quantity of any class in the event."""

    operator: Operator
    values: tuple[float, ...]
    unit: str | None = None


class OrderBy(enum.StrEnum):
    """What answers are ordered by."""

    EVENT_TIME = "eventTime"
    RECORD_TIME = "recordTime"


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What is asked. All that is given must hold; a set that is empty and a bound that is None ask nothing."""

    kinds: frozenset[EventKind] = frozenset()
    actions: frozenset[Action] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None
    """Exclusive, as all bounds named `until`."""
    recorded_since_ms: int | None = None
    recorded_until_ms: int | None = None
    steps: frozenset[str] = frozenset()
    dispositions: frozenset[str] = frozenset()
    set_dispositions: frozenset[str] = frozenset()
    unset_dispositions: frozenset[str] = frozenset()
    read_points: frozenset[str] = frozenset()
    read_points_within: frozenset[str] = frozenset()
    """Places that the read point is, or lies in: `414/GLN` holds every `414/GLN/EXTENSION`."""
    locations: frozenset[str] = frozenset()
    locations_within: frozenset[str] = frozenset()
    matches: tuple[Match, ...] = ()
    quantities: tuple[QuantityTest, ...] = ()
    mentions: tuple[MentionTest, ...] = ()
    event_ids: frozenset[str] = frozenset()
    transformations: frozenset[str] = frozenset()
    in_error: bool = False
    """Whether only events are wanted that were declared to be in error."""
    declared_since_ms: int | None = None
    declared_until_ms: int | None = None
    reasons: frozenset[str] = frozenset()
    corrective: frozenset[str] = frozenset()
    fields: tuple[FieldTest, ...] = ()
    order_by: OrderBy = OrderBy.EVENT_TIME
    descending: bool = True
    count_limit: int | None = None
    """`eventCountLimit`: the first so many in order."""
    most: int | None = None
    """`maxEventCount`: where there are more, the query is too large."""
    per_page: int | None = None
    page_token: str = ""
