"""The sentences that belong to verdicts and reasons. Templates ask for them by their stable identifiers.

`_` marks a message for the catalogues and leaves it as it is; pages.py puts in each reader's language.
"""

from __future__ import annotations

from traceqr.verdict import Code

_ = str

NOT_OURS = "not-ours"
"""The face of a forged verdict on what is no label of ours at all: another code, or a label text cut short."""

FACES = {
    "not-a-label": NOT_OURS,
    "text-too-long": NOT_OURS,
    "seal-missing": NOT_OURS,
    "seal-malformed": NOT_OURS,
}
"""Which words, emblem and tone a page wears, by reason; elsewhere those of its verdict code.

Harmless codes are scanned by mistake every day and must not be called forged at the top of one's voice. An imitation
without our seal gets here too, so nothing on this page may look good, and it says not to trust such a label.
"""


def face(code: Code, reason: str) -> str:
    """The key of a page's words: the verdict code, or a face of its own."""
    return FACES.get(reason, code) if code is Code.FORGED else code


NAMES: dict[str, str] = {
    Code.GENUINE: _("Genuine code"),
    Code.SEEN: _("Seen before"),
    Code.SUSPECT: _("Suspect"),
    Code.INACTIVE: _("Not yet activated"),
    Code.HELD: _("Sale suspended"),
    Code.RECALLED: _("Recalled"),
    Code.VOID: _("Void"),
    Code.FORGED: _("Forged code"),
    Code.UNCHECKED: _("Cannot be checked now"),
    NOT_OURS: _("Not one of our labels"),
}

MEANINGS: dict[str, str] = {
    Code.GENUINE: _("This code is real: it was issued for the product shown here and activated for sale."),
    Code.SEEN: _("The code is real, and someone else has looked at it before."),
    Code.SUSPECT: _("The seal on this code holds, but something about it is not as it should be."),
    Code.INACTIVE: _("The code is real, but the enterprise has not activated it for sale."),
    Code.HELD: _("The code is real, but the sale of this product is suspended."),
    Code.RECALLED: _("The code is real, and this product is being recalled. Do not use it."),
    Code.VOID: _("This label was declared void. It should not be on any product."),
    Code.FORGED: _("This code was not issued here. Do not trust the label it is on."),
    Code.UNCHECKED: _("We could not check this code. That says nothing about it, neither good nor bad."),
    NOT_OURS: _(
        "Another code was scanned, or the text is incomplete. Scan the label again, whole: the picture that has the"
        " official address printed beneath it."
    ),
}

WARNINGS: dict[str, str] = {
    NOT_OURS: _("If a product carries this as its traceability label, do not trust it."),
}
"""What must be read with the meaning."""

TONES: dict[str, str] = {
    Code.GENUINE: "good",
    Code.SEEN: "note",
    Code.SUSPECT: "warn",
    Code.INACTIVE: "note",
    Code.HELD: "warn",
    Code.RECALLED: "stop",
    Code.VOID: "stop",
    Code.FORGED: "stop",
    Code.UNCHECKED: "note",
    NOT_OURS: "plain",
}
"""How loud a page is. The shape of the emblem and the words tell the verdict; the tone never does so alone."""

KEEP = _("Keep the goods, the packaging and the receipt.")
_ASK = _("Ask the seller where the goods come from.")
REPORT = _("Report it to the market regulator by calling 12315.")
_DO_NOT_USE = _("Do not use, eat or drink it.")
_WAIT = _("Wait: do not sell or use it until it is cleared.")
_COPIED = _(
    "If you have just opened a new product and the first look was not yours, the label may have been copied: keep the"
    " goods and the receipt, and ask the enterprise or call 12315."
)
_NO_LABEL = _("If the product has no such label, ask the seller, or the enterprise that the packaging names.")
_IMITATED = _(
    "If this stands in the place of the label, keep the goods and the receipt and report it by calling 12315."
)
_CALL = _("Ask the enterprise by its service phone.")
_COMPARE = _("If the pack was open or the seal broken when you got it, ask the seller.")
_AGAIN = _("Try again in a few minutes; keep the label until then.")
_NOT_YET = _("If you have already bought the product, ask the seller why its code is not activated.")
_RETURN = _("Return it to where you bought it, or ask the enterprise by its service phone.")
_NORMAL = _("Often a gift, a dealer or a second look explains it.")
_ASK_PACK = _("Ask the seller, or the enterprise that the packaging names.")
_NO_DETAILS = _("Enter no personal details and pay nothing on pages that this code leads to.")

NEXT_STEPS: dict[str, tuple[str, ...]] = {
    Code.GENUINE: (),
    Code.SEEN: (_COPIED, _COMPARE, _NORMAL),
    Code.SUSPECT: (KEEP, _ASK, _CALL, REPORT),
    Code.INACTIVE: (_NOT_YET, KEEP, REPORT),
    Code.HELD: (_WAIT, KEEP, _CALL),
    Code.RECALLED: (_DO_NOT_USE, KEEP, _RETURN),
    Code.VOID: (KEEP, _ASK, REPORT),
    Code.FORGED: (KEEP, _ASK, REPORT, _NO_DETAILS),
    Code.UNCHECKED: (_AGAIN,),
    NOT_OURS: (_NO_LABEL, _IMITATED, _NO_DETAILS),
}

NEXT_STEPS_BY_REASON = {
    "host-foreign": (_NO_DETAILS, KEEP, _ASK, REPORT),
    "key-refused": (_ASK_PACK,),
    "key-window-ahead": (_ASK_PACK,),
    "key-window-passed": (_ASK_PACK,),
}
"""Where the reason asks for other steps than the verdict alone."""

HOTLINE, ENTERPRISE, AGAIN = "hotline", "enterprise", "again"

BUTTONS: dict[str, tuple[str, ...]] = {
    Code.GENUINE: (),
    Code.SEEN: (ENTERPRISE, HOTLINE),
    Code.SUSPECT: (HOTLINE, ENTERPRISE),
    Code.INACTIVE: (HOTLINE, ENTERPRISE),
    Code.HELD: (HOTLINE, ENTERPRISE),
    Code.RECALLED: (HOTLINE, ENTERPRISE),
    Code.VOID: (HOTLINE, ENTERPRISE),
    Code.FORGED: (HOTLINE,),
    Code.UNCHECKED: (),
    NOT_OURS: (AGAIN, HOTLINE),
}
"""Whom a page helps to call, in this order; the enterprise where it has a service phone."""

PROVES: dict[str, str] = {
    Code.GENUINE: _("That this code was sealed for this product and this serial, and that nobody has altered it."),
    Code.SEEN: _("That this code was sealed for this product and this serial, and that nobody has altered it."),
    Code.SUSPECT: _("That the code was sealed once. It does not prove that this label is the one it was sealed for."),
    Code.INACTIVE: _("That the code was sealed for this product. It does not prove that the goods were sold lawfully."),
    Code.HELD: _("That this code lies in a range whose sale is suspended."),
    Code.RECALLED: _("That this code lies in a range that is recalled."),
    Code.VOID: _("That this label was withdrawn from use, whatever it is attached to."),
    Code.FORGED: _("That this code does not come from here. It says nothing about the real goods of the same brand."),
    Code.UNCHECKED: _("Nothing. Only a finished check proves something."),
    NOT_OURS: _("That what was scanned is no label of this platform. It says nothing about the product."),
}

NOT_PROVEN: dict[str, str] = {
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
    "key-compromised": _(
        "The key of this label was stolen, and we know of no sighting of this label before the theft."
    ),
    "host-foreign": _("This label leads to an address that is not official."),
    "purchase-confirmed": _("You have confirmed the purchase by the hidden code, and nobody else has."),
    "going-around": _(
        "This code is going around: far more people, in more places, have looked at it than one product meets. Copies"
        " of this label may be on other goods, or a picture of it is passed on."
    ),
    "seen-before-sale": _(
        "People looked at this code before its product was for sale. Copies of this label may have been made."
    ),
    "seen-after-purchase": _(
        "A buyer has confirmed the purchase of the product with this code, and others went on looking at it since."
        " Copies of this label may be on other goods."
    ),
}
"""Why, where the verdict alone does not say it. A reason without a sentence here shows its identifier only."""

PHOTO_FAULTS = {
    "photo-missing": _("Choose a photo of the label first."),
    "photo-not-image": _("This file is not a picture we can read. Use a JPEG, PNG or WebP photo."),
    "photo-too-large": _(
        "This picture is too large. Use one of at most 10 MB, and at most 50 megapixels as JPEG, 16 in other formats."
    ),
    "photo-busy": _("Many photos are being read just now. Try again in a moment."),
    "photo-without-code": _("No QR code was found in the photo. Move closer, hold still, avoid glare."),
    "photo-several-labels": _("There is more than one label in the photo. Show one at a time."),
    "text-missing": _("Paste the text of a label first."),
}

FAULTS = {
    400: (_("This request cannot be read"), _("The address or the form is not complete. Go back and try again.")),
    403: (_("This form was refused"), _("It was sent from another site. Open the front page and enter it there.")),
    404: (_("There is no such page"), _("Scan the label again, or enter its text on the front page.")),
    405: (_("This does not work here"), _("Open the front page and start from there.")),
    409: (_("It was changed meanwhile"), _("Somebody else was quicker. Look at it again before you go on.")),
    413: (_("This is too large"), _("Use a picture of at most 10 MB, or the text of the label.")),
    429: (_("Too many attempts"), _("Wait a minute, then try again.")),
    500: (_("Something went wrong here"), _("It is our fault, not the label's. Try again in a few minutes.")),
    503: (_("The service is not ready"), _("The registry cannot be reached at the moment.")),
}
"""Title and advice by status; what is not listed is shown as the nearest of these."""
