"""The words of the inspectors' app. Its modules name a message by its English sentence; a device keeps a pack of each
language.

`_` marks a message for the catalogues. A test holds the table against what the modules say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traceqr.web import inspect_phone_words, inspect_record_words, words

_ = str

NAME = _("Inspections in the field")
SHORT_NAME = _("Inspections")
NEEDS_SCRIPT = _("The inspectors' app needs a browser with script. Without it, use the console.")

OFFLINE_REASONS: dict[str, str] = {
    "data-missing": _("There is no data on this phone yet: fetch it while there is network."),
    "data-without-key": _("The data on this phone does not list this key. It may be newer: fetch the latest data."),
    "clock-back": _("The clock of this phone was set back. Put it right first."),
    "data-expired": _("The data on this phone has expired: fetch the latest."),
    "data-without-batch": _("The data on this phone is older than this batch: fetch the latest."),
    "data-not-held": _("The data on this phone does not hold this batch."),
    "history-not-checked": _("The code is valid. Whether others have scanned it is not checked without network."),
    "index-past-count": _("The batch has fewer labels than this serial says: more were printed than were issued."),
}
"""What a bundle alone gives as a reason, and what it words in its own way."""

WORDS: tuple[str, ...] = (*inspect_phone_words.WORDS, *inspect_record_words.WORDS)
"""All that the app says of itself."""


def verdicts(gettext: Callable[[str], str]) -> dict[str, Any]:
    """Names, meanings and reasons of verdicts as the pages have them, and the faces of what is no label of ours."""

    def each(table: dict[str, str]) -> dict[str, str]:
        return {str(name): gettext(message) for name, message in table.items()}

    return {
        "names": each(words.NAMES),
        "meanings": each(words.MEANINGS),
        "reasons": each(words.REASONS) | each(OFFLINE_REASONS),
        "tones": {str(name): tone for name, tone in words.TONES.items()},
        "faces": words.FACES,
    }
