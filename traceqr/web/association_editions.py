"""Editions of campaigns: opened, amended and worded by the association that runs them."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.instant import parse_date
from traceqr.office.editions import (
    AnotherText,
    EditionOffice,
    Head,
    OwnEdition,
    ReadText,
    StaleEdition,
    Terms,
    in_groups,
    require_shown,
)
from traceqr.web import fault_words, forms, parcels
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page
from traceqr.web.parcels import Parcel, ParcelOver
from traceqr.web.places import sector_names
from traceqr.web.site import language

_ = str

blueprint = Blueprint("association_editions", __name__)
blueprint.before_request(parcels.make_room)
blueprint.before_request(guard(Role.OFFICER))

GROUP_NAMES = {
    "signers": _("What signers do first"),
    "trade": _("What they call on their trade for"),
    "society": _("What they call on society for"),
}

NEEDED_FILE = _("Choose a file.")
OVER = _("The file was kept for an hour, and is gone. Choose it again.")
STALE = _("Somebody else has changed this edition since you opened the form. Look at it, then change it again.")
NOT_SHOWN = _("This is not the text that was shown. Look at it once more.")
SAME_TEXT = _("The file holds the text that is the one to sign already. Nothing was changed.")

PURPOSE = "pledge-text"


class TermsForm(OfficeForm):
    """What may change of an edition."""

    apply_from = forms.day(_("Applications from"))
    apply_until = forms.day(_("Applications until"))
    valid_from = forms.day(_("Pledges valid from"))
    valid_until = forms.day(_("Pledges valid until"))
    sectors = SelectMultipleField(
        _("Sectors that are invited"),
        [InputRequired(forms.NEEDED)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    co_organisers = forms.lines(_("Co-organisers"), 5_000, needed=False, rows="3")
    slogan_zh = forms.line(_("Slogan in Chinese"), needed=False)
    slogan_en = forms.line(_("Slogan in English"), needed=False)
    shown = HiddenField()

    def offer(self) -> None:
        """Put in what may be chosen."""
        self.sectors.choices = forms.choices(sector_names(language()).items())

    def terms(self) -> Terms:
        """What was filled in."""
        days = ("apply_from", "apply_until", "valid_from", "valid_until")
        return Terms(
            **{name: parse_date(self[name].data.strip()) for name in days},
            sectors=tuple(self.sectors.data),
            co_organisers=_lines(self.co_organisers.data),
            slogan_zh=(self.slogan_zh.data or "").strip(),
            slogan_en=(self.slogan_en.data or "").strip(),
        )


class EditionForm(TermsForm):
    """A new edition."""

    year = IntegerField(
        _("Year"),
        [InputRequired(forms.NEEDED), NumberRange(1978, 2199, message=_("Enter a year, such as 2026."))],
        render_kw={"inputmode": "numeric"},
    )
    id = forms.spelled(
        _("Name in addresses"),
        "[a-z0-9]+(-[a-z0-9]+)*",
        _("Use small letters a to z, digits and single hyphens, 64 at most."),
        64,
    )
    code = forms.spelled(
        _("Code in the numbers of certificates"),
        "[A-Z0-9]{2,12}",
        _("Use 2 to 12 capital letters A to Z and digits."),
        12,
    )
    name_zh = forms.line(_("Chinese name"))
    name_en = forms.line(_("English name"))
    theme_zh = forms.line(_("Theme in Chinese"))
    theme_en = forms.line(_("Theme in English"))
    region = forms.region()
    text = forms.file(_("Text to sign (TOML)"), ".toml,text/plain")

    def head(self) -> Head:
        """What was filled in for good."""
        names = [name for name in Head.__dataclass_fields__ if name != "year"]
        return Head(year=self.year.data, **{name: self[name].data.strip() for name in names})


class TextForm(OfficeForm):
    """A new version of the text."""

    text = forms.file(_("Text to sign (TOML)"), ".toml,text/plain")
    shown = HiddenField()


def office() -> EditionOffice:
    """The desk of whoever asks."""
    return EditionOffice(door().house, identity())


# --- a new edition


@blueprint.get("/association/editions/new")
def new() -> BaseResponse:
    """The form of a new edition."""
    form = EditionForm(formdata=None, data={"region": office().scope, "sectors": list(sector_names(language()))})
    form.offer()
    return _new(form)


def _new(
    form: EditionForm, parcel: Parcel | None = None, read: ReadText | None = None, status: int = 200
) -> BaseResponse:
    kept = parcel if parcel and read and read.draft else None
    return page(
        "association/edition_new.html",
        status,
        organiser=office().organiser(),
        form=form,
        kept=kept,
        parcel=parcels.seal(kept, PURPOSE) if kept else "",
        faults=fault_words.told(read.faults) if read else (),
    )


@blueprint.post("/association/editions/new")
def open_new() -> BaseResponse:
    """Show the edition that a form makes, or open it as it was shown."""
    form, step = EditionForm(), request.form.get("step", "")
    form.offer()
    valid = form.validate()
    parcel = _parcel(form)
    read = office().read_text(parcel.name, parcel.content, (form.id.data or "").strip()) if parcel else None
    if step == "change":
        return _new(form, parcel, read)
    if not valid or parcel is None or read is None or read.draft is None:
        return _new(form, parcel, read, 422)
    try:
        if step == "save":
            require_shown(read.draft, request.form.get("digest", ""))
        office().open(form.head(), form.terms(), read.draft, only_try=step != "save")
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _new(form, parcel, read, 422)
    if step == "save":
        return done(_("The edition is open."), url_for("association.figures", campaign_id=form.head().id))
    return page(
        "association/edition_shown.html",
        form=form,
        organiser=office().organiser(),
        carried=_carried(),
        parcel=parcels.seal(parcel, PURPOSE),
        name=parcel.name,
        digest=read.draft.digest,
        groups=in_groups(read.draft),
        group_names=GROUP_NAMES,
        sector_names=sector_names(language()),
    )


def _parcel(form: EditionForm | TextForm) -> Parcel | None:
    """The file that was chosen now, else the one from before; a fault of the form where there is none."""
    if given := parcels.uploaded("text"):
        return given
    sealed = request.form.get("parcel", "")
    try:
        if sealed:
            return parcels.unseal(sealed, PURPOSE)
        form.text.errors = [NEEDED_FILE]
    except ParcelOver:
        form.text.errors = [OVER]
    return None


def _carried() -> list[tuple[str, str]]:
    """What was typed, for the form of the next step."""
    ours = ("csrf_token", "step", "parcel", "digest")
    return [(name, value) for name, values in request.form.lists() if name not in ours for value in values]


# --- one that is open


@blueprint.get("/association/campaigns/<campaign_id>/edition")
def edition(campaign_id: str) -> BaseResponse:
    """All that may change of an edition."""
    return _edition(campaign_id)


def _edition(
    campaign_id: str,
    form: TermsForm | None = None,
    text: TextForm | None = None,
    read: ReadText | None = None,
    status: int = 200,
) -> BaseResponse:
    own = office().own_edition(campaign_id)
    return page(
        "association/edition.html",
        status,
        own=own,
        form=form or _filled(own),
        text=text or TextForm(formdata=None, data={"shown": str(own.shown)}),
        faults=fault_words.told(read.faults) if read else (),
        groups=in_groups(own.text),
        group_names=GROUP_NAMES,
    )


def _filled(own: OwnEdition) -> TermsForm:
    terms = own.terms
    days = ("apply_from", "apply_until", "valid_from", "valid_until")
    form = TermsForm(
        formdata=None,
        data={
            **{name: getattr(terms, name).isoformat() for name in days},
            "sectors": list(terms.sectors),
            "co_organisers": "\n".join(terms.co_organisers),
            "slogan_zh": terms.slogan_zh,
            "slogan_en": terms.slogan_en,
            "shown": str(own.shown),
        },
    )
    form.offer()
    return form


@blueprint.post("/association/campaigns/<campaign_id>/edition")
def amend(campaign_id: str) -> BaseResponse:
    """Change the periods, the sectors, the slogan and the co-organisers."""
    form = TermsForm()
    form.offer()
    office().own_edition(campaign_id)
    if not form.validate():
        return _edition(campaign_id, form, status=422)
    try:
        office().amend(campaign_id, form.terms(), _shown(form))
    except StaleEdition:
        form.form_errors.append(STALE)
        return _edition(campaign_id, form, status=409)
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _edition(campaign_id, form, status=422)
    return done(_("The edition is changed."), _address(campaign_id))


@blueprint.post("/association/campaigns/<campaign_id>/text")
def revise(campaign_id: str) -> BaseResponse:
    """Show the text of a file beside the one to sign, or make it the one to sign as it was shown."""
    form, step, own = TextForm(), request.form.get("step", ""), office().own_edition(campaign_id)
    parcel = _parcel(form)
    read = office().read_text(parcel.name, parcel.content, campaign_id) if parcel else None
    if parcel is None or read is None or read.draft is None:
        return _edition(campaign_id, text=form, read=read, status=422)
    if step == "save":
        try:
            office().revise(campaign_id, read.draft, request.form.get("digest", ""), _shown(form))
        except StaleEdition:
            return _refused_text(campaign_id, form, STALE)
        except AnotherText:
            return _refused_text(campaign_id, form, NOT_SHOWN)
        return done(_("The new text is the one to sign."), _address(campaign_id))
    if read.draft.digest == own.text.digest:
        return _refused_text(campaign_id, form, SAME_TEXT, 422)
    return page(
        "association/text_shown.html",
        own=own,
        shown=form.shown.data or "",
        parcel=parcels.seal(parcel, PURPOSE),
        name=parcel.name,
        digest=read.draft.digest,
        groups=in_groups(read.draft),
        group_names=GROUP_NAMES,
    )


def _refused_text(campaign_id: str, form: TextForm, why: str, status: int = 409) -> BaseResponse:
    form.form_errors.append(why)
    return _edition(campaign_id, text=form, status=status)


def _shown(form: TermsForm | TextForm) -> int:
    shown = whole(form.shown.data)
    return -1 if shown is None else shown


def _address(campaign_id: str) -> str:
    return url_for("association_editions.edition", campaign_id=campaign_id)


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))
