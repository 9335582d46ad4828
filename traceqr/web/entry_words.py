"""The sentences that belong to what comes of entering a hidden code, by the face of the answer."""

from __future__ import annotations

from traceqr.entering import Entered, Outcome
from traceqr.verdict import Code
from traceqr.web.words import KEEP, REPORT

_ = str

WAIT_FOR_OTHERS = "wait-for-others"
"""Waiting because of wrong entries by other devices."""

STALE = "stale"
"""The page was open for too long, or is another device's."""


def face(entered: Entered) -> str:
    """The key of an answer's words."""
    return WAIT_FOR_OTHERS if entered.outcome is Outcome.WAIT and entered.others else entered.outcome


TITLES: dict[str, str] = {
    Outcome.CONFIRMED: _("The hidden code is right"),
    Outcome.CONFIRMED_AGAIN: _("Right, and confirmed by you before"),
    Outcome.ALREADY_CONFIRMED: _("Someone else has entered this code before"),
    Outcome.WRONG: _("This is not the hidden code of this label"),
    Outcome.WAIT: _("Too many wrong codes: please wait"),
    WAIT_FOR_OTHERS: _("Others have entered wrong codes: please wait"),
    Outcome.MISTYPED: _("There is a typing error in it"),
    Outcome.MALFORMED: _("A hidden code has 12 digits"),
    Outcome.UNAVAILABLE: _("The hidden code cannot be checked now"),
    STALE: _("Scan the label again"),
}

LEADS: dict[str, str] = {
    Outcome.CONFIRMED: _(
        "It is the code of this label, and nobody has entered it before. From now on everyone who scans the label is"
        " told since when this is so."
    ),
    Outcome.CONFIRMED_AGAIN: _("It is the code of this label, and you were the first to enter it."),
    Outcome.ALREADY_CONFIRMED: _(
        "The code is right, but another device entered it first. If you have just scratched the layer off yourself, the"
        " label and its code have been copied, or someone has seen the code before you."
    ),
    Outcome.WRONG: _(
        "It has no typing error, and is not what belongs under the layer of this label. If you read it from this very"
        " label, the label is most likely a copy."
    ),
    Outcome.WAIT: _("This code was not looked at. That says nothing about it, neither good nor bad."),
    WAIT_FOR_OTHERS: _(
        "This code was not looked at: wrong codes were entered for this label or its batch by other devices, as happens"
        " when a label was copied or someone is guessing. Your turn is kept: enter it again when the time has passed."
    ),
    Outcome.MISTYPED: _(
        "The last two digits do not fit the others. Compare all 12 with the label. This does not count."
    ),
    Outcome.MALFORMED: _(
        "Enter the 12 digits that stand under the scratch layer, and nothing else. This does not count."
    ),
    Outcome.UNAVAILABLE: _("That says nothing about the code, neither good nor bad. Nothing was counted."),
    STALE: _("The page that you entered the code on was open for too long, or your browser keeps no cookies."),
}

_SAME_PACK = _("Make sure that the QR code that you scanned and the scratch layer are on the same pack.")
_SELLER = _("Ask the seller where the goods come from, and the enterprise by its service phone.")

STEPS: dict[str, tuple[str, ...]] = {
    Outcome.CONFIRMED: (),
    Outcome.CONFIRMED_AGAIN: (),
    Outcome.ALREADY_CONFIRMED: (
        _("If it was you, on another phone or in another app, or one of your family, all is well."),
        _("Otherwise do not use the product until it is cleared."),
        KEEP,
        _SELLER,
        REPORT,
    ),
    Outcome.WRONG: (_SAME_PACK, _("Otherwise do not use the product until it is cleared."), KEEP, _SELLER, REPORT),
    Outcome.WAIT: (_SAME_PACK, KEEP),
    WAIT_FOR_OTHERS: (KEEP,),
    Outcome.MISTYPED: (),
    Outcome.MALFORMED: (),
    Outcome.UNAVAILABLE: (_("Try again in a few minutes; keep the label until then."),),
    STALE: (_("Scan the label anew, and enter the code on the page that opens."),),
}

TONES: dict[str, str] = {
    Outcome.CONFIRMED: "good",
    Outcome.CONFIRMED_AGAIN: "good",
    Outcome.ALREADY_CONFIRMED: "stop",
    Outcome.WRONG: "stop",
    Outcome.WAIT: "note",
    WAIT_FOR_OTHERS: "warn",
    Outcome.MISTYPED: "note",
    Outcome.MALFORMED: "note",
    Outcome.UNAVAILABLE: "note",
    STALE: "note",
}

EMBLEMS: dict[str, str] = {
    **dict.fromkeys(TONES, Code.UNCHECKED),
    Outcome.CONFIRMED: Code.GENUINE,
    Outcome.CONFIRMED_AGAIN: Code.GENUINE,
    Outcome.ALREADY_CONFIRMED: Code.SUSPECT,
    Outcome.WRONG: Code.SUSPECT,
}

AGAIN = frozenset(
    {Outcome.WRONG, Outcome.WAIT, WAIT_FOR_OTHERS, Outcome.MISTYPED, Outcome.MALFORMED, Outcome.UNAVAILABLE}
)
"""Answers that have the form once more."""
