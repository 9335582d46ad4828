"""Words for link types."""

from __future__ import annotations

_ = str

KIND_NAMES = {
    "gs1:defaultLink": _("Where the address itself leads"),
    "gs1:defaultLinkMulti": _("Where the address leads, by language or type"),
    "gs1:pip": _("Product information"),
    "gs1:traceability": _("Where it comes from"),
    "gs1:epcis": _("Events, for programs (EPCIS)"),
    "gs1:recallStatus": _("Recalls"),
    "gs1:certificationInfo": _("Certification"),
    "gs1:dpp": _("For trade partners and authorities abroad"),
    "gs1:safetyInfo": _("Safety"),
    "gs1:instructions": _("Instructions"),
    "gs1:ingredientsInfo": _("Ingredients"),
    "gs1:nutritionalInfo": _("Nutrition"),
    "gs1:allergenInfo": _("Allergens"),
    "gs1:hasRetailers": _("Where to buy"),
    "gs1:support": _("Service"),
    "gs1:sustainabilityInfo": _("Sustainability"),
    "gs1:recyclingInfo": _("Recycling"),
}
"""Link types that enterprises use most. Others are shown as the standard writes them."""


def kind_name(kind: str) -> str:
    """What a link type is called, as a message id."""
    return KIND_NAMES.get(kind, kind)
