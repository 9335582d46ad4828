"""The parameters of the SimpleEventQuery, each into what it asks for (EPCIS 2.0, section 8.2.7.1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from traceqr.epcis import members, patterns, vocabulary
from traceqr.epcis.context import Namespaces, in_braces
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.given import Given
from traceqr.epcis.problem import ExceptionType, refused
from traceqr.epcis.spelling import read_place, require_uri
from traceqr.epcis.vocabulary import Vocabulary
from traceqr.epcis.wanted import (
    EventQuery,
    FieldTest,
    Match,
    MentionTest,
    Operator,
    OrderBy,
    QuantityTest,
    Within,
)
from traceqr.tracing.event import Action, Part

MAX_PAGE = 1_000

_ACTIONS = {"ADD": Action.ADD, "OBSERVE": Action.OBSERVE, "DELETE": Action.DELETE}
_MENTION = re.compile("EQ_(bizTransaction|source|destination)_(.+)", re.DOTALL)
_MEASURED = re.compile("(EQ|GT|GE|LT|LE)_(quantity|value|minValue|maxValue|meanValue|sDev|percValue)_([A-Z0-9]{2,3})")
_FIELD = re.compile(
    "(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?"
    "(ILMD_|ERROR_DECLARATION_|SENSORELEMENT_|SENSORMETADATA_|SENSORREPORT_|readPoint_|bizLocation_)?(.+)",
    re.DOTALL,
)
_MASTER_DATA = re.compile("(HASATTR|EQATTR|HAS_ATTR|EQ_ATTR)_.+", re.DOTALL)
_WITHIN = {
    None: Within.EVENT,
    "ILMD_": Within.ILMD,
    "ERROR_DECLARATION_": Within.DECLARATION,
    "SENSORELEMENT_": Within.SENSOR,
    "SENSORMETADATA_": Within.METADATA,
    "SENSORREPORT_": Within.REPORT,
    "readPoint_": Within.READ_POINT,
    "bizLocation_": Within.LOCATION,
}
_KINDS = {"bizTransaction": "transaction", "source": "source", "destination": "destination"}


class Asked:
    """Parameters one after the other, into one query."""

    def __init__(self, names: Namespaces) -> None:
        self._names = names
        self._found: dict[str, Any] = {}
        self._lists: dict[str, list[Any]] = {"matches": [], "quantities": [], "mentions": [], "fields": []}

    def query(self) -> EventQuery:
        """All that was asked for."""
        limited, most = self._found.get("count_limit"), self._found.get("most")
        if limited is not None and most is not None:
            message = "expected eventCountLimit or maxEventCount, got both"
            raise refused(ExceptionType.QUERY_PARAMETER, message, "maxEventCount")
        lists: dict[str, Any] = {name: tuple(found) for name, found in self._lists.items()}
        return EventQuery(**self._found, **lists)

    def take(self, given: Given) -> None:
        """Add what a parameter asks for. Raises `Refused`."""
        if given.name in _EXACT:
            name, read = _EXACT[given.name]
            self._found[name] = read(given)
        elif given.name in _MATCHES:
            parts, classes = _MATCHES[given.name]
            read_pattern = patterns.of_class if classes else patterns.single
            self._lists["matches"].append(Match(parts, tuple(given.read(read_pattern)), classes))
        elif given.name in _SENSED:
            self._lists["fields"].append(_SENSED[given.name](given))
        else:
            self._patterned(given)

    def _patterned(self, given: Given) -> None:
        if _MASTER_DATA.fullmatch(given.name):
            message = "expected no question for attributes of master data, which are not kept here, got one"
            raise refused(ExceptionType.IMPLEMENTATION, message, given.name)
        if mention := _MENTION.fullmatch(given.name):
            self._lists["mentions"].append(_mention(given, mention[1], mention[2]))
        elif given.name in _QUANTITIES:
            self._lists["quantities"].append(QuantityTest(_QUANTITIES[given.name], given.numbers()))
        elif measured := _MEASURED.fullmatch(given.name):
            self._measured(given, Operator(measured[1]), measured[2], measured[3])
        elif field := _FIELD.fullmatch(given.name):
            self._lists["fields"].append(self._field(given, *field.groups()))
        else:
            raise given.refused("a parameter of the SimpleEventQuery", repr(given.name[:80]))

    def _measured(self, given: Given, operator: Operator, name: str, unit: str) -> None:
        values = given.numbers() if operator is Operator.EQ else (given.number(),)
        if name == "quantity":
            self._lists["quantities"].append(QuantityTest(operator, values, unit))
        else:
            self._lists["fields"].append(FieldTest(Within.REPORT, operator, name, values, unit=unit))

    def _field(self, given: Given, operator: str, inner: str | None, within: str | None, name: str) -> FieldTest:
        braced = in_braces(name, self._names)
        if braced is None:
            raise given.refused(
                "a parameter of the SimpleEventQuery, or an extension that is declared", repr(name[:80])
            )
        values: tuple[Any, ...] = ()
        if operator == "EXISTS":
            given.nothing()
        elif operator == "EQ":
            values = tuple(given.texts()) if not given.typed or isinstance(given.value, list) else (_scalar(given),)
        else:
            values = (given.comparable(),)
        return FieldTest(_WITHIN[within], Operator(operator), braced, values, inner=inner is not None)


def _scalar(given: Given) -> str | float | bool:
    if not isinstance(given.value, (str, int, float, bool)):
        raise given.refused("a list of texts, a text or a number")
    return given.value


def _mention(given: Given, member: str, kind: str) -> MentionTest:
    words = vocabulary.TRANSACTION_TYPES if member == "bizTransaction" else vocabulary.PARTY_TYPES
    try:
        read = words.read(kind)
    except InvalidSpelling as error:
        raise refused(ExceptionType.QUERY_PARAMETER, str(error), given.name) from error
    values = given.read(_uri if member == "bizTransaction" else _place)
    return MentionTest(_KINDS[member], read, frozenset(values))


def _uri(text: str) -> str:
    require_uri(text)
    return text


def _place(text: str) -> str:
    return read_place(text)[0]


def _uris(given: Given) -> frozenset[str]:
    return frozenset(given.read(_uri))


def _places(given: Given) -> frozenset[str]:
    return frozenset(given.read(_place))


def _of(words: Vocabulary) -> Callable[[Given], frozenset[str]]:
    return lambda given: frozenset(given.read(words.read))


def _chosen(given: Given, known: dict[str, Any]) -> frozenset[Any]:
    found = given.texts()
    if strange := [each for each in found if each not in known]:
        raise given.refused(f"some of {', '.join(known)}", repr(strange[0][:80]))
    return frozenset(known[each] for each in found)


def _existing(given: Given) -> bool:
    given.nothing()
    return True


def _page(given: Given) -> int:
    return min(given.whole(1), MAX_PAGE)


_EXACT: dict[str, tuple[str, Callable[[Given], Any]]] = {
    "eventType": ("kinds", lambda given: _chosen(given, dict(members.TYPES))),
    "EQ_action": ("actions", lambda given: _chosen(given, dict(_ACTIONS))),
    "GE_eventTime": ("since_ms", Given.instant),
    "LT_eventTime": ("until_ms", Given.instant),
    "GE_recordTime": ("recorded_since_ms", Given.instant),
    "LT_recordTime": ("recorded_until_ms", Given.instant),
    "EQ_bizStep": ("steps", _of(vocabulary.STEPS)),
    "EQ_disposition": ("dispositions", _of(vocabulary.DISPOSITIONS)),
    "EQ_persistentDisposition_set": ("set_dispositions", _of(vocabulary.DISPOSITIONS)),
    "EQ_persistentDisposition_unset": ("unset_dispositions", _of(vocabulary.DISPOSITIONS)),
    "EQ_readPoint": ("read_points", _places),
    "WD_readPoint": ("read_points_within", _places),
    "EQ_bizLocation": ("locations", _places),
    "WD_bizLocation": ("locations_within", _places),
    "EQ_eventID": ("event_ids", _uris),
    "EQ_transformationID": ("transformations", _uris),
    "EXISTS_errorDeclaration": ("in_error", _existing),
    "GE_errorDeclaration_Time": ("declared_since_ms", Given.instant),
    "LT_errorDeclaration_Time": ("declared_until_ms", Given.instant),
    "GE_errorDeclarationTime": ("declared_since_ms", Given.instant),
    "LT_errorDeclarationTime": ("declared_until_ms", Given.instant),
    "EQ_errorReason": ("reasons", _of(vocabulary.ERROR_REASONS)),
    "EQ_correctiveEventID": ("corrective", _uris),
    "orderBy": ("order_by", lambda given: OrderBy(given.one_of(*OrderBy))),
    "orderDirection": ("descending", lambda given: given.one_of("ASC", "DESC") == "DESC"),
    "eventCountLimit": ("count_limit", lambda given: given.whole(1)),
    "maxEventCount": ("most", lambda given: given.whole(1)),
    "perPage": ("per_page", _page),
    "nextPageToken": ("page_token", Given.text),
}
_LISTED = frozenset({Part.OBJECT, Part.CHILD})
_ALL = frozenset(Part)
_MATCHES = {
    "MATCH_epc": (_LISTED, False),
    "MATCH_parentID": (frozenset({Part.PARENT}), False),
    "MATCH_inputEPC": (frozenset({Part.INPUT}), False),
    "MATCH_outputEPC": (frozenset({Part.OUTPUT}), False),
    "MATCH_anyEPC": (_ALL, False),
    "MATCH_epcClass": (_LISTED, True),
    "MATCH_inputEPCClass": (frozenset({Part.INPUT}), True),
    "MATCH_outputEPCClass": (frozenset({Part.OUTPUT}), True),
    "MATCH_anyEPCClass": (_ALL - {Part.PARENT}, True),
}
_QUANTITIES = {f"{operator}_quantity": operator for operator in Operator if operator is not Operator.EXISTS}


def _sensed(operator: Operator, name: str, read: Callable[[Given], tuple[Any, ...]]) -> Callable[[Given], FieldTest]:
    return lambda given: FieldTest(Within.SENSOR, operator, name, read(given))


def _words_of(words: Vocabulary) -> Callable[[Given], tuple[str, ...]]:
    return lambda given: tuple(given.read(words.read))


def _time(given: Given) -> tuple[str]:
    given.instant()
    return (given.text(),)


def _no_value(given: Given) -> tuple[Any, ...]:
    given.nothing()
    return ()


_URI_MEMBERS = ("deviceID", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules", "uriValue")
_COMPARED = (Operator.GT, Operator.GE, Operator.LT, Operator.LE)
_SENSED: dict[str, Callable[[Given], FieldTest]] = {
    "EXISTS_sensorElementList": _sensed(Operator.EXISTS, "", _no_value),
    "EQ_type": _sensed(Operator.EQ, "type", _words_of(vocabulary.MEASUREMENTS)),
    "EQ_stringValue": _sensed(Operator.EQ, "stringValue", lambda given: tuple(given.texts())),
    "EQ_hexBinaryValue": _sensed(Operator.EQ, "hexBinaryValue", lambda given: tuple(given.texts())),
    "EQ_booleanValue": _sensed(Operator.EQ, "booleanValue", lambda given: (given.boolean(),)),
    **{f"EQ_{name}": _sensed(Operator.EQ, name, lambda given: tuple(given.read(_uri))) for name in _URI_MEMBERS},
    **{
        f"{operator}_{name}": _sensed(operator, name, _time)
        for operator in (Operator.GE, Operator.LT)
        for name in ("time", "startTime", "endTime")
    },
    **{
        f"{operator}_percRank": _sensed(operator, "percRank", lambda given: (given.number(),)) for operator in _COMPARED
    },
}
