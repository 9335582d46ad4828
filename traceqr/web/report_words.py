"""The sentences that belong to reports and cases, by their stable identifiers."""

from __future__ import annotations

_ = str

REASON_NAMES = {
    "copied": _("The label looks copied"),
    "wrong-product": _("The label is on another product"),
    "opened": _("It was opened or damaged"),
    "quality": _("The quality is bad, or it seems unsafe"),
    "inactive": _("The label is not activated"),
    "price": _("The price or the seller"),
    "other": _("Something else"),
}

FINDING_NAMES = {
    "copied": _("The label was copied"),
    "genuine": _("The product is genuine"),
    "defect": _("A defect of quality"),
    "misuse": _("Kept or used wrongly"),
    "not-reproducible": _("Could not be confirmed"),
    "other": _("Something else was found"),
}

ANSWER_NAMES = {
    "answer": _("Answer"),
    "escalation": _("No answer in time: the association takes part in it"),
    "closing": _("Case closed"),
    "reopening": _("Opened again"),
}

TOO_LONG = _("This is too long.")
UNSHOWN = _("There are characters that cannot be shown: leave them out.")

PHOTO_REFUSED = {
    "photo-not-picture": _("A file is no picture that we can read. Use JPEG, PNG or WebP photos."),
    "photo-heic": _("A photo is in the format HEIC. Set the camera to “Most compatible”, or take a screenshot of it."),
    "photo-too-large": _("A photo is too large. Use photos of at most 10 MB and 50 megapixels."),
    "photo-not-alone": _("A file is a picture and something else too. Use a photo as your camera made it."),
    "photo-busy": _("Many photos are being read just now. Try again in a moment."),
    "too-many": _("Choose at most 4 photos."),
    "not-kept": _("Photos cannot be taken just now. Send the report without them, or try again later."),
}

FAULTS = {
    "reason": _("Choose what is wrong."),
    "content": _("Say in a few words what is wrong."),
    "alike": _("We have a report of exactly these words already. Follow it by its receipt, or say what is new."),
}


def field_fault(field: str, message: str) -> str:
    """What to say at a field, of a refusal in a use case's words."""
    if "without control" in message or "one line" in message:
        return UNSHOWN
    if "characters, got" in message:
        return TOO_LONG
    return FAULTS.get(field, TOO_LONG)
