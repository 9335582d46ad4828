"""The sentences that belong to verdicts and reasons. Templates ask for them by their stable identifiers.

`_` marks a message for the catalogues and leaves it as it is; pages.py puts in each reader's language.
"""

from __future__ import annotations

from traceqr.verdict import Code

_ = str

NAMES = {
    Code.GENUINE: _("Genuine code"),
    Code.SEEN: _("Seen before"),
    Code.SUSPECT: _("Suspect"),
    Code.INACTIVE: _("Not yet activated"),
    Code.HELD: _("Sale suspended"),
    Code.RECALLED: _("Recalled"),
    Code.VOID: _("Void"),
    Code.FORGED: _("Forged code"),
    Code.UNCHECKED: _("Cannot be checked now"),
}

MEANINGS = {
    Code.GENUINE: _("This code is real: it was issued for the product shown here and activated for sale."),
    Code.SEEN: _("The code is real, and someone else has looked at it before."),
    Code.SUSPECT: _("The seal on this code holds, but something about it is not as it should be."),
    Code.INACTIVE: _("The code is real, but the enterprise has not activated it for sale."),
    Code.HELD: _("The code is real, but the sale of this product is suspended."),
    Code.RECALLED: _("The code is real, and this product is being recalled. Do not use it."),
    Code.VOID: _("This label was declared void. It should not be on any product."),
    Code.FORGED: _("This code was not issued here. Do not trust the label it is on."),
    Code.UNCHECKED: _("We could not check this code. That says nothing about it, neither good nor bad."),
}

TONES = {
    Code.GENUINE: "good",
    Code.SEEN: "note",
    Code.SUSPECT: "warn",
    Code.INACTIVE: "note",
    Code.HELD: "warn",
    Code.RECALLED: "stop",
    Code.VOID: "stop",
    Code.FORGED: "stop",
    Code.UNCHECKED: "note",
}
"""How loud a page is. The shape of the emblem and the words tell the verdict; the tone never does so alone."""

_KEEP = _("Keep the goods, the packaging and the receipt.")
_ASK = _("Ask the seller where the goods come from.")
_REPORT = _("Report it to the market regulator by calling 12315.")
_DO_NOT_USE = _("Do not use, eat or drink it.")
_CALL = _("Ask the enterprise by its service phone.")
_COMPARE = _("If the pack was open or the seal broken when you got it, ask the seller.")
_AGAIN = _("Try again in a few minutes; keep the label until then.")
_NOT_YET = _("If you have already bought the product, ask the seller why its code is not activated.")
_RETURN = _("Return it to where you bought it, or ask the enterprise by its service phone.")
_NORMAL = _("Often a gift, a dealer or a second look explains it.")
_ASK_PACK = _("Ask the seller, or the enterprise that the packaging names.")
_NO_DETAILS = _("Enter no personal details and pay nothing on pages that this label leads to.")

NEXT_STEPS = {
    Code.GENUINE: (),
    Code.SEEN: (_NORMAL, _COMPARE),
    Code.SUSPECT: (_KEEP, _ASK, _CALL, _REPORT),
    Code.INACTIVE: (_NOT_YET, _KEEP, _REPORT),
    Code.HELD: (_DO_NOT_USE, _KEEP, _CALL),
    Code.RECALLED: (_DO_NOT_USE, _KEEP, _RETURN),
    Code.VOID: (_KEEP, _ASK, _REPORT),
    Code.FORGED: (_KEEP, _ASK, _REPORT, _NO_DETAILS),
    Code.UNCHECKED: (_AGAIN,),
}

NEXT_STEPS_BY_REASON = {
    "host-foreign": (_NO_DETAILS, _KEEP, _ASK, _REPORT),
    "key-refused": (_ASK_PACK,),
    "key-window-ahead": (_ASK_PACK,),
    "key-window-passed": (_ASK_PACK,),
}
"""Where the reason asks for other steps than the verdict alone."""

PROVES = {
    Code.GENUINE: _("That this code was sealed for this product and this serial, and that nobody has altered it."),
    Code.SEEN: _("That this code was sealed for this product and this serial, and that nobody has altered it."),
    Code.SUSPECT: _("That the code was sealed once. It does not prove that this label is the one it was sealed for."),
    Code.INACTIVE: _("That the code was sealed for this product. It does not prove that the goods were sold lawfully."),
    Code.HELD: _("That this code lies in a range whose sale is suspended."),
    Code.RECALLED: _("That this code lies in a range that is recalled."),
    Code.VOID: _("That this label was withdrawn from use, whatever it is attached to."),
    Code.FORGED: _("That this code does not come from here. It says nothing about the real goods of the same brand."),
    Code.UNCHECKED: _("Nothing. Only a finished check proves something."),
}

NOT_PROVEN = {
    Code.GENUINE: _("That the goods in the pack are the real ones: a copied label carries the same code."),
    Code.SEEN: _("Whether this label or the other one seen is the original: a copied label carries the same code."),
}

_SHAPE = _("What was scanned is not written the way our labels are.")
_DIGITS = _("Digits of this code are missing, added or changed.")
_HOST = _("The address is not written the way our labels write it.")
_PARAMETER = _("Something was added to the code that does not belong on a label.")
_BATCH = _("The seal belongs to a different label than the one it stands on.")

REASONS = {
    "not-a-label": _SHAPE,
    "text-too-long": _SHAPE,
    "seal-missing": _("The seal is missing from this code."),
    "seal-repeated": _("This code carries more than one seal."),
    "seal-malformed": _DIGITS,
    "seal-overflow": _DIGITS,
    "gtin-malformed": _DIGITS,
    "gtin-check-digit": _DIGITS,
    "serial-malformed": _DIGITS,
    "host-case": _HOST,
    "host-malformed": _HOST,
    "http-on-public-host": _HOST,
    "parameter-malformed": _PARAMETER,
    "parameter-numeric": _PARAMETER,
    "key-unknown": _("The seal was made with a key that was never allotted."),
    "key-role": _("The seal was made with a key that is not for labels."),
    "seal-broken": _("The seal does not match the product and the serial on this label."),
    "batch-unknown": _("No batch with this serial was ever issued."),
    "key-mismatch": _BATCH,
    "gtin-mismatch": _BATCH,
    "pledge-mismatch": _BATCH,
    "index-past-count": _("The serial lies beyond the last label of its batch."),
    "key-refused": _("The key of this label cannot be used."),
    "key-window-ahead": _("The key of this label is not valid yet."),
    "key-window-passed": _("The key of this label is no longer valid for checking."),
    "registry-unreachable": _("The registry cannot be reached at the moment."),
    "key-compromised": _("The key of this label was stolen, and this label was not seen before the theft."),
    "host-foreign": _("This label leads to an address that is not official."),
    "history-implausible": _("The history of this code is implausible: it may have been copied."),
}
"""Why, where the verdict alone does not say it. A reason without a sentence here shows its identifier only."""

PHOTO_FAULTS = {
    "photo-missing": _("Choose a photo of the label first."),
    "photo-not-image": _("This file is not a picture we can read. Use a JPEG, PNG or WebP photo."),
    "photo-too-large": _("This picture is too large. Use one of at most 10 MB."),
    "photo-without-code": _("No QR code was found in the photo. Move closer, hold still, avoid glare."),
    "photo-several-labels": _("There is more than one label in the photo. Show one at a time."),
    "text-missing": _("Paste the text of a label first."),
}

FAULTS = {
    400: (_("This request cannot be read"), _("The address or the form is not complete. Go back and try again.")),
    403: (_("This form was refused"), _("It was sent from another site. Open the front page and enter it there.")),
    404: (_("There is no such page"), _("Scan the label again, or enter its text on the front page.")),
    405: (_("This does not work here"), _("Open the front page and start from there.")),
    413: (_("This is too large"), _("Use a picture of at most 10 MB, or the text of the label.")),
    500: (_("Something went wrong here"), _("It is our fault, not the label's. Try again in a few minutes.")),
    503: (_("The service is not ready"), _("The registry cannot be reached at the moment.")),
}
"""Title and advice by status; what is not listed is shown as the nearest of these."""
