"""Link types: those of the GS1 Web Vocabulary that enterprises choose from, and how any is spelled."""

from __future__ import annotations

import re

PREFIX = "gs1:"
NAMESPACE = "https://ref.gs1.org/voc/"
NAMESPACES = (NAMESPACE, "https://gs1.org/voc/", "http://gs1.org/voc/")
"""All that the vocabulary has been known under; the first is written."""

UNTP_PREFIX = "untp:"
UNTP_NAMESPACE = "https://test.uncefact.org/vocabulary/linkTypes/"
UNTP_NAMESPACES = (UNTP_NAMESPACE, "https://vocabulary.uncefact.org/untp/linkType#")
"""Link types of the UN Transparency Protocol, as its version 0.6.0 writes them, and as its resolvers do."""

UNTP_PASSPORT, UNTP_CONFORMITY, UNTP_EVENTS = "untp:dpp", "untp:dcc", "untp:dte"
PASSPORT_PAGE = "gs1:dpp"

DEFAULT, DEFAULT_MULTI = "gs1:defaultLink", "gs1:defaultLinkMulti"
DEFAULTS = (DEFAULT, DEFAULT_MULTI)

LINKSET = frozenset({"linkset", "all"})
"""What `linkType` says where all links are wanted."""

PRODUCT_INFORMATION, RECALL_STATUS = "gs1:pip", "gs1:recallStatus"
CERTIFICATION, TRACEABILITY = "gs1:certificationInfo", "gs1:traceability"

CHOICES = (
    DEFAULT,
    DEFAULT_MULTI,
    PRODUCT_INFORMATION,
    TRACEABILITY,
    "gs1:epcis",
    RECALL_STATUS,
    CERTIFICATION,
    "gs1:safetyInfo",
    "gs1:instructions",
    "gs1:ingredientsInfo",
    "gs1:nutritionalInfo",
    "gs1:allergenInfo",
    "gs1:handledBy",
    "gs1:hasRetailers",
    "gs1:faqs",
    "gs1:support",
    "gs1:sustainabilityInfo",
    "gs1:recyclingInfo",
    "gs1:masterData",
    "gs1:relatedVideo",
    "gs1:promotion",
    "gs1:registerProduct",
    "gs1:review",
    "gs1:locationInfo",
    "gs1:openingHoursInfo",
    "gs1:logisticsInfo",
)
"""Link types that links may be kept under."""

_STARTS = {PREFIX: (PREFIX, *NAMESPACES), UNTP_PREFIX: (UNTP_PREFIX, *UNTP_NAMESPACES)}

_NAME = re.compile("[A-Za-z][A-Za-z0-9-]{0,63}")


def link_type(text: str) -> str | None:
    """A link type as `gs1:pip` or `untp:dpp`, from that or from its address in any namespace; None for what is none of
    GS1's or the protocol's.
    """
    for prefix, starts in _STARTS.items():
        for start in starts:
            name = text.removeprefix(start)
            if name != text:
                return prefix + name if _NAME.fullmatch(name) else None
    return None


def relation(kind: str) -> str:
    """The address of a link type, as linksets and `Link` headers have it."""
    if kind.startswith(UNTP_PREFIX):
        return UNTP_NAMESPACE + kind.removeprefix(UNTP_PREFIX)
    return NAMESPACE + kind.removeprefix(PREFIX)
