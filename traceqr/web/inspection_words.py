"""The words of inspections, by the identifiers that records have."""

from __future__ import annotations

_ = str

KIND_NAMES = {
    "routine": _("Routine check"),
    "random": _("Random check"),
    "complaint": _("After a complaint"),
    "special": _("Special check"),
    "recall": _("Check of a recall"),
    "follow-up": _("Follow-up check"),
}

FINDING_NAMES = {
    "conforming": _("No problem found"),
    "problem": _("Problem found"),
    "unclear": _("Not clear yet"),
}

MEASURE_NAMES = {
    "sealed": _("Sealed off"),
    "seized": _("Seized"),
    "sampled": _("Samples taken"),
    "ordered": _("Correction ordered"),
    "other": _("Other measure"),
}

ADDITION_NAMES = {
    "correction": _("Correction of the record"),
    "supplement": _("Supplement"),
    "followed-up": _("Correction looked at"),
    "withdrawn": _("Record withdrawn"),
}

ROLE_NAMES = {
    "officer": _("Inspecting officer"),
    "party": _("Party inspected"),
    "witness": _("Witness"),
}

HOW_NAMES = {
    "camera": _("scanned"),
    "photo": _("from a photo"),
    "typed": _("typed, proves nothing"),
}

STANDING_NAMES = {
    "all": _("all that stand"),
    "open": _("with an open correction"),
    "late": _("with an overdue correction"),
    "withdrawn": _("withdrawn"),
}

REFERRAL_NAMES = {
    "case": _("Case"),
    "recall": _("Recall"),
    "breach": _("Finding against a pledge"),
}
