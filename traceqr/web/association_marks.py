"""The kinds of marks of an association: `/association/marks`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, HiddenField, RadioField
from wtforms.validators import InputRequired, Regexp

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.house import Stale
from traceqr.office.marks import MarkOffice, Words
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page

_ = str

blueprint = Blueprint("association_marks", __name__)
blueprint.before_request(guard(Role.OFFICER))

ARTWORK_NAMES = {"quality-month": _("Quality Month"), "stable-quality": _("Stable quality")}
NO_ID = _("Use the letters a to z, digits and single hyphens, such as quality-month-2026.")
NO_PREFIX = _("Use 2 to 8 capital letters and digits, a letter first, such as QM.")
STALE = _("Somebody else has changed this meanwhile. Look at it as it is now.")


class WordsForm(OfficeForm):
    """The words of a mark, which have versions."""

    name_zh = forms.line(_("Chinese name"), 60)
    name_en = forms.line(_("English name"), 60)
    meaning_zh = forms.line(_("What it stands for, in Chinese"), 500)
    meaning_en = forms.line(_("What it stands for, in English"), 500)
    seen = HiddenField()

    @property
    def words(self) -> Words:
        """As typed."""
        return Words(self.name_zh.data, self.name_en.data, self.meaning_zh.data, self.meaning_en.data)


class MarkForm(WordsForm):
    """A new kind of mark."""

    id = forms.line(_("Id, which stands in addresses"), 40, autocomplete="off", spellcheck="false")
    prefix = forms.line(_("What stands before the numbers of its licences"), 8, autocomplete="off", spellcheck="false")
    artwork = RadioField(
        _("Artwork"),
        [InputRequired(forms.NEEDED)],
        choices=forms.choices(ARTWORK_NAMES.items()),
        default="quality-month",
    )

    def validate_id(self, field: Field) -> None:
        """It is spelled as ids are."""
        Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", message=NO_ID)(self, field)

    def validate_prefix(self, field: Field) -> None:
        """It is spelled as prefixes are."""
        Regexp(r"[A-Z][A-Z0-9]{1,7}\Z", message=NO_PREFIX)(self, field)


def office() -> MarkOffice:
    """The desk of whoever asks."""
    return MarkOffice(door().house, identity())


@blueprint.get("/association/marks")
def listed() -> BaseResponse:
    """All kinds."""
    return page("association/marks.html", kinds=office().kinds())


@blueprint.route("/association/marks/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Define a kind."""
    form, here = MarkForm(), office()
    if form.validate_on_submit():
        try:
            here.define(form.id.data, form.prefix.data, form.artwork.data, form.words)
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(_("The mark is defined."), url_for("association_marks.shown", mark_id=form.id.data))
    here.kinds()  # whoever may not define any is told so before he types
    return page("association/mark_new.html", 422 if request.method == "POST" else 200, form=form)


@blueprint.get("/association/marks/<mark_id>")
def shown(mark_id: str) -> BaseResponse:
    """One kind with its words through time."""
    return _shown(mark_id)


def _shown(mark_id: str, form: WordsForm | None = None, status: int = 200) -> BaseResponse:
    file = office().kind(mark_id)
    return page("association/mark.html", status, file=file, form=form or WordsForm(formdata=None, data=dict(file.mark)))


@blueprint.post("/association/marks/<mark_id>")
def revise(mark_id: str) -> BaseResponse:
    """Other words."""
    form = WordsForm()
    if not form.validate():
        return _shown(mark_id, form, 422)
    try:
        office().revise(mark_id, whole(form.seen.data) or 0, form.words)
    except Stale:
        form.form_errors.append(STALE)
        return _shown(mark_id, form, 409)
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _shown(mark_id, form, 422)
    return done(
        _("The words are saved. Licences keep those that they were granted under."),
        url_for("association_marks.shown", mark_id=mark_id),
    )
