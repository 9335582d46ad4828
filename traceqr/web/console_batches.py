"""The batches of an enterprise: `/console/batches`."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.instant import InvalidDate, parse_date
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.batches import BatchOffice, Labels, NotOfThisBatch, Offered, Ordered, place
from traceqr.office.house import Absent
from traceqr.region import is_region
from traceqr.symbol.isolated import read_isolated
from traceqr.symbol.reading import PhotoError
from traceqr.web import forms
from traceqr.web.console_products import NO_GTIN, ReasonForm
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page, refused
from traceqr.web.span_forms import ACTS, NOTHING, RangeForm, recall_of
from traceqr.web.words import PHOTO_FAULTS

_ = str

blueprint = Blueprint("console_batches", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

PAGE = 50
MOST = 100_000_000

LIFE_NAMES = {"issued": _("issued"), "active": _("active"), "void": _("void")}
KIND_NAMES = {"hold": _("hold"), "recall": _("recall")}

NOT_OWN = _("None of your products has this GTIN.")
NOT_CLAIMED = _("Your right to this GTIN is not accepted yet.")
NO_COUNT = _("Enter a whole number from 1 to 100,000,000.")
NO_DAY = forms.NO_DAY
TOO_EARLY = _("The expiry date lies before the production date.")
NOT_LEFT = _("The quota of a mark does not reach for so many labels.")
NOT_FOR = _("A licence that you chose is not for this product, or it has ended.")
NO_LABEL = _("This is no label of this batch. Scan it again, or type its serial number.")
NO_REGIONS = _("Enter regions by their six digits, such as 330000 310000.")
NO_RANGE = _("The labels lie outside this batch, or the last comes before the first.")


class IssueForm(OfficeForm):
    """A batch to issue."""

    gtin = forms.line(_("GTIN"), 14, inputmode="numeric", autocomplete="off")
    count = forms.line(_("Number of labels"), 11, inputmode="numeric", autocomplete="off")
    lot = forms.line(_("Production lot"), 64, needed=False)
    produced_on = forms.line(_("Production date"), 10, needed=False, type="date")
    expires_on = forms.line(_("Expiry date"), 10, needed=False, type="date")
    market = forms.line(_("Market"), 240, needed=False, autocomplete="off")
    pledge = SelectField(_("Pledge"), default="0")
    marks = SelectMultipleField(
        _("Marks"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=True
    )
    active = BooleanField(_("Active at once: they may be sold as soon as they are printed"))

    def offer(self, offered: Offered) -> None:
        """Put in what may be chosen."""
        signed = ((str(row["number"]), f"{row['year']} · {row['campaign_zh']}") for row in offered.pledges)
        self.pledge.choices = forms.choices((("0", "—"), *signed))
        self.marks.choices = forms.choices(
            (str(row["number"]), f"{row['spelled']} · {row['mark_zh']} · {row['quota'] - row['used']:,}")
            for row in offered.licences
        )


def office() -> BatchOffice:
    """The desk of whoever asks."""
    return BatchOffice(door().house, identity())


@blueprint.get("/console/batches")
def listed() -> BaseResponse:
    """Batches, latest first, a page at a time."""
    before = whole(request.args.get("before"))
    rows = office().listed(before, PAGE + 1)
    last = rows[PAGE - 1]["number"] if len(rows) > PAGE else None
    return page("console/batches.html", batches=rows[:PAGE], before=before, last=last)


@blueprint.route("/console/batches/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Issue a batch."""
    form, offered = IssueForm(), office().offered()
    form.offer(offered)
    if form.validate_on_submit() and (number := _issued(form, offered)):
        return done(_("The batch is issued."), url_for("console_batches.shown", number=number))
    if request.method == "GET":
        form.gtin.data = request.args.get("gtin", "")[:14]
    return page("console/batch_new.html", 422 if request.method == "POST" else 200, form=form)


def _issued(form: IssueForm, offered: Offered) -> int | None:
    order = _order(form)
    if order is None:
        return None
    chosen = [row for row in offered.licences if row["number"] in order.marks]
    if any(row["quota"] - row["used"] < order.count for row in chosen):
        form.marks.errors = [NOT_LEFT]
        return None
    try:
        if not office().may_issue(order.gtin.digits):
            form.gtin.errors = [NOT_CLAIMED]
            return None
        return office().issue(order).number
    except Absent:
        form.gtin.errors = [NOT_OWN]
    except ActRefused as refusal:
        if refusal.field == "marks":
            form.marks.errors = [NOT_FOR]
        else:
            form.take_refusal(refusal)
    return None


def _order(form: IssueForm) -> Ordered | None:
    """What was typed, or None with its faults in the form."""
    gtin, count = _gtin(form), _count(form)
    produced, expires = _day(form, "produced_on"), _day(form, "expires_on")
    if produced and expires and expires < produced:
        form.expires_on.errors = [TOO_EARLY]
    market = _market(form)
    if gtin is None or count is None or form.produced_on.errors or form.expires_on.errors or form.market.errors:
        return None
    return Ordered(
        gtin,
        count,
        int(form.pledge.data),
        (form.lot.data or "").strip() or None,
        produced,
        expires,
        form.active.data,
        tuple(int(each) for each in form.marks.data),
        market,
    )


def _market(form: IssueForm) -> tuple[str, ...]:
    """Regions by their codes, with blanks or commas between."""
    regions = (form.market.data or "").replace(",", " ").replace("，", " ").split()
    if not all(map(is_region, regions)):
        form.market.errors = [NO_REGIONS]
    return tuple(regions)


def _gtin(form: IssueForm) -> Gtin | None:
    try:
        found = Gtin.from_trade(form.gtin.data.strip())
    except InvalidGtin:
        form.gtin.errors = [NO_GTIN]
        return None
    return found


def _count(form: IssueForm) -> int | None:
    typed = form.count.data.strip().replace(",", "")
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= MOST):
        form.count.errors = [NO_COUNT]
        return None
    return int(typed)


def _day(form: IssueForm, name: str) -> date | None:
    typed = (form[name].data or "").strip()
    try:
        return parse_date(typed) if typed else None
    except InvalidDate:
        form[name].errors = [NO_DAY]
        return None


@blueprint.get("/console/batches/<int:number>")
def shown(number: int) -> BaseResponse:
    """One batch; an address may name a label and what is to be done with it, to be looked at and sent."""
    return _shown(number, _proposed())


def _proposed() -> RangeForm | None:
    act, label = request.args.get("act"), whole(request.args.get("label"), 8)
    if label is None or act not in ACTS:
        return None
    return RangeForm(formdata=None, data={"act": act, "first": str(label), "last": str(label)})


def _shown(number: int, form: RangeForm | None = None, status: int = 200) -> BaseResponse:
    return page(
        "console/batch.html",
        status,
        file=office().file(number),
        form=form or RangeForm(formdata=None),
        life_names=LIFE_NAMES,
        kind_names=KIND_NAMES,
        why=ReasonForm(formdata=None),
    )


@blueprint.post("/console/batches/<int:number>")
def change(number: int) -> BaseResponse:
    """Activate, hold, recall or void a range of labels."""
    file, form = office().file(number), RangeForm()
    if not (form.validate() and form.is_whole()):
        return _shown(number, form, 422)
    first, last = _end(form, number, "first"), _end(form, number, "last")
    if form.first.errors or form.last.errors:
        return _shown(number, form, 422)
    most = file.batch.label_count - 1
    if not (0 if first is None else first) <= (most if last is None else last) <= most:
        form.last.errors = [NO_RANGE]
        return _shown(number, form, 422)
    labels, reason = Labels(number, first, last), (form.reason.data or "").strip()
    if form.act.data == "recall":
        return redirect(recall_of(labels, reason), 303)
    try:
        _do(form.act.data, labels, reason)
    except ActRefused:  # the range and the reason are good, so there is nothing in it that can change
        form.form_errors.append(NOTHING)
        return _shown(number, form, 422)
    return done(_("It is done."), url_for("console_batches.shown", number=number))


def _do(act: str, target: Labels, reason: str) -> None:
    if act == "activate":
        office().activate(target, reason)
    elif act == "void":
        office().void(target, reason)
    else:
        office().hold(target, reason)


def _end(form: RangeForm, number: int, name: str) -> int | None:
    """The index that one end of the range was told by, typed or as a photo; None is the batch's own end."""
    photo = request.files.get(f"{name}_photo")
    try:
        text = read_isolated(photo.read()) if photo else form[name].data or ""
        return place(number, text)
    except PhotoError as error:
        form[name].errors = [PHOTO_FAULTS.get(error.reason, NO_LABEL)]
    except NotOfThisBatch:
        form[name].errors = [NO_LABEL]
    return None


@blueprint.post("/console/notices/<notice_id>/lift")
def lift(notice_id: str) -> BaseResponse:
    """Lift a hold or a recall."""
    here = url_for("console.home")
    form = ReasonForm()
    if not form.validate():
        return refused(here, ActRefused(_("A hold or a recall is lifted with a reason.")))
    try:
        office().lift(notice_id, form.reason.data.strip())
    except ActRefused as refusal:
        return refused(here, refusal)
    return done(_("It is lifted."), here)
