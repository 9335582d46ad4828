"""What events of the supply chain are called, on labels' pages and in the console."""

from __future__ import annotations

from traceqr.chain.telling import ACTIVATED, MADE, USED, VOIDED, Gap
from traceqr.tracing.event import Audience, EventKind, Standing
from traceqr.tracing.thing import ThingKind

_ = str

STEP_NAMES: dict[str, str] = {
    "accepting": _("Checked and taken over"),
    "arriving": _("Arrived"),
    "assembling": _("Assembled"),
    "collecting": _("Collected"),
    "commissioning": _("Produced and numbered"),
    "consigning": _("Consigned"),
    "creating_class_instance": _("Produced"),
    "cycle_counting": _("Counted"),
    "decommissioning": _("Taken out of use"),
    "departing": _("Departed"),
    "destroying": _("Destroyed for good"),
    "disassembling": _("Taken apart"),
    "dispensing": _("Dispensed"),
    "encoding": _("Codes made"),
    "entering_exiting": _("Passed the door"),
    "holding": _("Held back"),
    "inspecting": _("Tested"),
    "installing": _("Installed"),
    "killing": _("Code made unreadable"),
    "loading": _("Loaded"),
    "other": _("Another step"),
    "packing": _("Packed"),
    "picking": _("Picked"),
    "receiving": _("Goods received"),
    "removing": _("Taken off"),
    "repackaging": _("Packed anew"),
    "repairing": _("Repaired"),
    "replacing": _("Replaced"),
    "reserving": _("Numbers reserved"),
    "retail_selling": _("Sold"),
    "sampling": _("Sample taken"),
    "sensor_reporting": _("Measured"),
    "shipping": _("Shipped"),
    "staging_outbound": _("Ready to leave"),
    "stock_taking": _("Stock taken"),
    "stocking": _("Put on the shelf"),
    "storing": _("Stored"),
    "transporting": _("Transported"),
    "unloading": _("Unloaded"),
    "unpacking": _("Unpacked"),
    "void_shipping": _("Shipping called off"),
}
"""By the bare names of the CBV 2.0."""

RECORDED = _("Recorded")
OTHER = STEP_NAMES["other"]

WHAT_NAMES: dict[str, str] = {
    **STEP_NAMES,
    MADE: _("Made from"),
    ACTIVATED: _("Activated for sale"),
    VOIDED: _("Label declared void"),
    USED: _("Used to make something else"),
}

GAPS: dict[str, str] = {
    Gap.ORIGIN: _("What it is made of is not told."),
    Gap.BETWEEN: _("Nothing is told of the way between these two places."),
    Gap.ARRIVAL: _("Where it arrived after that is not told."),
    Gap.CONTRADICTED: _("The statements contradict each other: it is said to be elsewhere, and nobody took it out."),
}

DISPOSITION_NAMES: dict[str, str] = {
    "conformant": _("It conforms."),
    "non_conformant": _("It does not conform."),
    "damaged": _("It is damaged."),
    "expired": _("It is past its date."),
    "recalled": _("It is recalled."),
    "returned": _("It came back."),
    "stolen": _("It was stolen."),
}
"""Those that people should read."""

UNIT_NAMES = {"KGM": "kg", "GRM": "g", "TNE": "t", "LTR": "L", "MLT": "mL", "MTR": "m"}
"""Units of quantities by UN/ECE Recommendation 20; others are shown by their codes."""

KIND_NAMES: dict[str, str] = {
    EventKind.OBJECT: _("Object"),
    EventKind.AGGREGATION: _("Aggregation"),
    EventKind.TRANSACTION: _("Transaction"),
    EventKind.TRANSFORMATION: _("Transformation"),
    EventKind.ASSOCIATION: _("Association"),
}

THING_NAMES: dict[str, str] = {
    ThingKind.ITEM: _("Label or item"),
    ThingKind.LOT: _("Lot"),
    ThingKind.PRODUCT: _("Product"),
    ThingKind.UNIT: _("Case or pallet"),
    ThingKind.RETURNABLE: _("Returnable container"),
    ThingKind.ASSET: _("Asset"),
    ThingKind.URI: _("Something else"),
}

AUDIENCE_NAMES: dict[str, str] = {
    Audience.PUBLIC: _("Everybody"),
    Audience.PARTNERS: _("Partners and authorities"),
    Audience.REGULATORS: _("Authorities alone"),
}

STANDING_NAMES: dict[str, str] = {
    Standing.OWNER: _("Owner"),
    Standing.PARTNER: _("Partner"),
    Standing.STRANGER: _("Stranger: counts for nothing"),
}


def what(step: str) -> str:
    """What a step is called: a message id."""
    return WHAT_NAMES.get(step, OTHER) if step else RECORDED
