"""The members that the standard gives to each type of event (EPCIS 2.0, sections 7.4.2 to 7.4.6)."""

from __future__ import annotations

from traceqr.epcis.context import NAMESPACE
from traceqr.tracing.event import EventKind, Part

TYPES = {
    "ObjectEvent": EventKind.OBJECT,
    "AggregationEvent": EventKind.AGGREGATION,
    "TransactionEvent": EventKind.TRANSACTION,
    "TransformationEvent": EventKind.TRANSFORMATION,
    "AssociationEvent": EventKind.ASSOCIATION,
}
NAMES = {kind: name for name, kind in TYPES.items()}

PARENT = "parentID"

SINGLE = {
    "epcList": Part.OBJECT,
    "childEPCs": Part.CHILD,
    "inputEPCList": Part.INPUT,
    "outputEPCList": Part.OUTPUT,
}
"""Lists of single things, and the part that these have."""

CLASSES = {
    "quantityList": Part.OBJECT,
    "childQuantityList": Part.CHILD,
    "inputQuantityList": Part.INPUT,
    "outputQuantityList": Part.OUTPUT,
}
"""Lists of classes and their quantities."""

LISTS = {part: name for name, part in SINGLE.items()}

RANGES = NAMESPACE + "epcRanges"
"""Our extension by which an event lists many things: runs by their first and last."""

AUDIENCE = NAMESPACE + "audience"
"""Our extension by which a document says who is to be told of an event."""

NOT_KEPT = frozenset({"@context", "eventID", "recordTime", PARENT, *SINGLE})
"""Members that are not in `Event.content`."""

_ALWAYS = {
    *("@context", "type", "eventID", "eventTime", "recordTime", "eventTimeZoneOffset", "errorDeclaration"),
    *("certificationInfo", "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation"),
    *("bizTransactionList", "sourceList", "destinationList", "sensorElementList"),
}
_GROUPED = frozenset({*_ALWAYS, "action", PARENT, "childEPCs", "childQuantityList"})

ALLOWED = {
    EventKind.OBJECT: frozenset({*_ALWAYS, "action", "epcList", "quantityList", "ilmd"}),
    EventKind.AGGREGATION: _GROUPED,
    EventKind.ASSOCIATION: _GROUPED,
    EventKind.TRANSACTION: frozenset({*_ALWAYS, "action", PARENT, "epcList", "quantityList"}),
    EventKind.TRANSFORMATION: frozenset(
        {
            *(*_ALWAYS, "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"),
            *("transformationID", "ilmd"),
        }
    ),
}
"""By kind, what is not an extension."""

STANDARD = frozenset().union(*ALLOWED.values())

PARTS = {
    EventKind.OBJECT: (Part.OBJECT,),
    EventKind.TRANSACTION: (Part.OBJECT,),
    EventKind.AGGREGATION: (Part.CHILD,),
    EventKind.ASSOCIATION: (Part.CHILD,),
    EventKind.TRANSFORMATION: (Part.INPUT, Part.OUTPUT),
}
"""By kind, the parts that things have in it, beside parents."""

METADATA = frozenset(
    {
        *("time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod"),
        "bizRules",
    }
)
REPORT = frozenset(
    {
        *("type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time"),
        *("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "component", "uom"),
        *("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"),
        *("stringValue", "booleanValue", "hexBinaryValue", "uriValue"),
    }
)
ELEMENT = frozenset({"type", "sensorMetadata", "sensorReport"})
PLACE = frozenset({"id"})
DECLARATION = frozenset({"declarationTime", "reason", "correctiveEventIDs"})
