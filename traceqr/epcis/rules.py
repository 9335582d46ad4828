"""What must hold in an event beyond its shape (EPCIS 2.0, sections 7.3 and 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traceqr.epcis import members
from traceqr.epcis.faults import Faults
from traceqr.epcis.vocabulary import ALERTS, COMPONENTS, DISPOSITIONS, ERROR_REASONS, MEASUREMENTS, Vocabulary
from traceqr.tracing.event import EventKind

Value = dict[str, Any]

_NUMBERS = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")


def check(value: Value, kind: EventKind, ranged: frozenset[str], faults: Faults) -> None:
    """Note what does not hold. `ranged` are the parts that our extension `epcRanges` names things of."""
    _WHAT[kind](value, ranged, faults)
    _birth_certificates(value, kind, faults)
    _persistent(value.get("persistentDisposition", {}), faults)
    _declaration(value, faults)
    for place, element in enumerate(value.get("sensorElementList", ())):
        _sensor(element, f"/sensorElementList/{place}", faults)


def _has(value: Value, ranged: frozenset[str], part: str, *names: str) -> bool:
    return part in ranged or any(value.get(name) for name in names)


def _object(value: Value, ranged: frozenset[str], faults: Faults) -> None:
    sensed = value.get("sensorElementList") and ("readPoint" in value or "bizLocation" in value)
    if not sensed and not _has(value, ranged, "object", "epcList", "quantityList"):
        faults.add("", "expected something in epcList or quantityList, or in sensorElementList at a place, got nothing")


def _aggregation(value: Value, ranged: frozenset[str], faults: Faults) -> None:
    if value["action"] != "OBSERVE" and members.PARENT not in value:
        faults.add("", f"expected a parentID where the action is {value['action']}, got none")
    _children(value, ranged, faults)


def _children(value: Value, ranged: frozenset[str], faults: Faults) -> None:
    """Where children are taken away, none named means all of them."""
    action = value["action"]
    sensed = action == "OBSERVE" and value.get("sensorElementList") and members.PARENT in value
    if action != "DELETE" and not sensed and not _has(value, ranged, "child", "childEPCs", "childQuantityList"):
        faults.add("", f"expected something in childEPCs or childQuantityList with {value['action']}, got nothing")


def _transaction(value: Value, ranged: frozenset[str], faults: Faults) -> None:
    """Where a transaction is taken back, no thing named means all of them."""
    named = members.PARENT in value or _has(value, ranged, "object", "epcList", "quantityList")
    if value["action"] != "DELETE" and not named:
        faults.add("", f"expected something in epcList, quantityList or parentID with {value['action']}, got nothing")


def _transformation(value: Value, ranged: frozenset[str], faults: Faults) -> None:
    inputs = _has(value, ranged, "input", "inputEPCList", "inputQuantityList")
    outputs = _has(value, ranged, "output", "outputEPCList", "outputQuantityList")
    if "transformationID" in value:
        if not (inputs or outputs):
            faults.add("", "expected inputs or outputs of the transformation, got none")
    elif not (inputs and outputs):
        faults.add("", "expected inputs and outputs, or a transformationID and one of them, got fewer")


def _birth_certificates(value: Value, kind: EventKind, faults: Faults) -> None:
    """Master data of instances and lots are told where these begin, and nowhere else."""
    if "ilmd" in value and kind is EventKind.OBJECT and value["action"] != "ADD":
        faults.add("/ilmd", f"expected ilmd with the action ADD alone, got it with {value['action']}")


def _persistent(value: Value, faults: Faults) -> None:
    words = {
        name: [_word(DISPOSITIONS, each, f"/persistentDisposition/{name}/{place}", faults) for place, each in listed]
        for name in ("set", "unset")
        if (listed := list(enumerate(value.get(name, ()))))
    }
    both = set(words.get("set", ())) & set(words.get("unset", ())) - {""}
    if both:
        faults.add("/persistentDisposition", f"expected each disposition set or unset, got both of {min(both)!r}")


def _declaration(value: Value, faults: Faults) -> None:
    declared = value.get("errorDeclaration")
    if declared is None:
        return
    faults.instant("/errorDeclaration/declarationTime", declared["declarationTime"])
    if "reason" in declared:
        _word(ERROR_REASONS, declared["reason"], "/errorDeclaration/reason", faults)
    if value.get("eventID") in declared.get("correctiveEventIDs", ()):
        faults.add("/errorDeclaration/correctiveEventIDs", "expected the ids of other events, got that of this one")


def _sensor(element: Value, where: str, faults: Faults) -> None:
    told = element.get("sensorMetadata", {})
    times = {
        name: faults.instant(f"{where}/sensorMetadata/{name}", told[name])
        for name in ("time", "startTime", "endTime")
        if name in told
    }
    if "startTime" in times and "endTime" in times and times["startTime"] > times["endTime"]:
        faults.add(f"{where}/sensorMetadata/endTime", f"expected no instant before startTime, got {told['endTime']!r}")
    for number, report in enumerate(element["sensorReport"]):
        _report(report, f"{where}/sensorReport/{number}", faults)


def _report(report: Value, where: str, faults: Faults) -> None:
    if not ({"type", "exception"} & report.keys()):
        faults.add(where, "expected a type of measurement or an exception, got neither")
    for name, words in _REPORT_WORDS.items():
        if name in report:
            _word(words, report[name], f"{where}/{name}", faults)
    if "time" in report:
        faults.instant(f"{where}/time", report["time"])
    if "uom" in report and not any(name in report for name in _NUMBERS):
        faults.add(f"{where}/uom", "expected a unit beside a number that is measured in it, got it alone")
    if "minValue" in report and report["minValue"] > report.get("maxValue", report["minValue"]):
        faults.add(f"{where}/maxValue", f"expected at least {report['minValue']}, the least, got {report['maxValue']}")


def _word(words: Vocabulary, text: str, where: str, faults: Faults) -> str:
    return faults.asked(where, words.read, text, "")


_WHAT: dict[EventKind, Callable[[Value, frozenset[str], Faults], None]] = {
    EventKind.OBJECT: _object,
    EventKind.AGGREGATION: _aggregation,
    EventKind.ASSOCIATION: _children,
    EventKind.TRANSACTION: _transaction,
    EventKind.TRANSFORMATION: _transformation,
}
_REPORT_WORDS = {"type": MEASUREMENTS, "exception": ALERTS, "component": COMPONENTS}
