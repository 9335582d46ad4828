"""Forms about labels in a row: which ones, and what becomes of them."""

from __future__ import annotations

from urllib.parse import urlencode

from wtforms import BooleanField, FileField, RadioField
from wtforms.validators import InputRequired

from traceqr.office.batches import Labels
from traceqr.web import forms
from traceqr.web.forms import OfficeForm

_ = str

ACTS = {
    "activate": _("Activate"),
    "hold": _("Hold"),
    "recall": _("Recall: the next page asks for the notice"),
    "void": _("Void for ever"),
}

NOTHING = _("No label in this range can be changed so.")
SURE = _("Tick the box: people who scan these labels will see it at once.")


def recall_of(labels: Labels, reason: str) -> str:
    """The address of the page where a recall of labels is written."""
    given = {"batch": labels.batch, "first": labels.first, "last": labels.last, "hazard_zh_hans": reason}
    told = {name: value for name, value in given.items() if value not in (None, "")}
    return f"/console/recalls/new?over=batch&{urlencode(told)}"


class EndsForm(OfficeForm):
    """The first and the last of some labels."""

    first = forms.line(_("First label"), 400, needed=False, autocomplete="off", spellcheck="false")
    last = forms.line(_("Last label"), 400, needed=False, autocomplete="off", spellcheck="false")
    first_photo = FileField(_("Photo of the first label"), render_kw={"accept": "image/*", "capture": "environment"})
    last_photo = FileField(_("Photo of the last label"), render_kw={"accept": "image/*", "capture": "environment"})


class ActForm(OfficeForm):
    """What to do with labels."""

    act = RadioField(_("What to do"), [InputRequired(forms.NEEDED)], choices=forms.choices(ACTS.items()))
    reason = forms.lines(_("Reason, shown on the page of every label"), 500, needed=False)
    sure = BooleanField(_("Yes, void these labels"))

    def is_whole(self) -> bool:
        """Whether it says all that its act needs."""
        if self.act.data in ("activate", "recall"):
            return True
        if not (self.reason.data or "").strip():
            self.reason.errors = [forms.NEEDED]
        if self.act.data == "void" and not self.sure.data:
            self.sure.errors = [SURE]
        return not self.reason.errors and not self.sure.errors


class RangeForm(EndsForm, ActForm):
    """What to do with which labels of a batch: all of them, where none are named."""

    act = RadioField(
        _("What to do"), [InputRequired(forms.NEEDED)], choices=forms.choices(ACTS.items()), default="activate"
    )
