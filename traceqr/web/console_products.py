"""The products of an enterprise: `/console/products`."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, FileField, HiddenField

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.products import MOST_BYTES, HugePicture, ProductOffice, StaleVersion, Typed, UnreadablePicture
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.gtin_address import lead_to_fourteen_digits
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page

_ = str

blueprint = Blueprint("console_products", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))
blueprint.before_request(lead_to_fourteen_digits)

PAGE = 50

FIELD_NAMES = {
    "name_zh": _("Chinese name"),
    "name_en": _("English name"),
    "brand": _("Brand"),
    "specification": _("Specification"),
    "standard": _("Product standard"),
    "picture": _("Picture"),
}

STALE = _("Somebody else has changed this product since you opened the form. Look at it, then change it again.")
NO_GTIN = _("Enter the digits under the bar code: 8, 12, 13 or 14, with the right check digit.")
HAVE = _("You have a product with this GTIN already.")
ANOTHERS = _("Another enterprise has this GTIN. File a claim to it first.")
NO_PICTURE = _("Choose a JPEG, PNG or WebP picture of at most 10 MB.")
HUGE_PICTURE = _("Choose a picture of at most 10 MB and 40 megapixels.")
ONE_OR_NONE = _("Choose a new picture, or remove the one that is there: not both.")


class ProductForm(OfficeForm):
    """What a product says on its labels' page."""

    name_zh = forms.line(FIELD_NAMES["name_zh"], 100)
    name_en = forms.line(FIELD_NAMES["name_en"], 100)
    brand = forms.line(FIELD_NAMES["brand"], 60)
    specification = forms.line(FIELD_NAMES["specification"], 100)
    standard = forms.line(FIELD_NAMES["standard"], 60)
    picture = FileField(FIELD_NAMES["picture"], render_kw={"accept": "image/jpeg,image/png,image/webp"})

    def typed(self) -> Typed:
        """What was filled in."""
        texts = {name: self[name].data.strip() for name in FIELD_NAMES if name != "picture"}
        return Typed(**texts, picture=_uploaded())


class NewProductForm(ProductForm):
    """The same, with the GTIN."""

    gtin = forms.line(_("GTIN"), 14, inputmode="numeric", autocomplete="off")


class AmendForm(ProductForm):
    """The same, of the version that was shown, whose picture may go."""

    version = HiddenField()
    bare = BooleanField(_("Remove the picture"))

    def typed(self) -> Typed:
        """What was filled in."""
        return replace(ProductForm.typed(self), bare=self.bare.data)

    def is_one_or_none(self) -> bool:
        """Whether it wants one thing of the picture."""
        if self.bare.data and _chosen():
            self.picture.errors = [ONE_OR_NONE]
        return not self.picture.errors


class ReasonForm(OfficeForm):
    """Why something is done, in words that the label's page shows."""

    reason = forms.lines(_("Reason, shown on the page of every label"), 500)


def _chosen() -> bool:
    """Whether a picture was chosen: an empty file is one, and a bad one."""
    given = request.files.get("picture")
    return given is not None and bool(given.filename)


def _uploaded() -> bytes:
    """The picture, cut after one byte too many; an empty file is no picture, and no missing one either."""
    if not _chosen():
        return b""
    given = request.files["picture"]
    content = given.read(MOST_BYTES + 1)
    given.close()  # a large one is a file on disk
    return content or b"\0"


def office() -> ProductOffice:
    """The desk of whoever asks."""
    return ProductOffice(door().house, identity())


@blueprint.get("/console/products")
def listed() -> BaseResponse:
    """Products by GTIN, a page at a time."""
    contains, after = request.args.get("q", "").strip()[:60], request.args.get("after", "")[:14]
    rows = office().listed(after, contains, PAGE + 1)
    last = rows[PAGE - 1]["gtin"] if len(rows) > PAGE else ""
    return page("console/products.html", products=rows[:PAGE], q=contains, after=after, last=last)


@blueprint.route("/console/products/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Enrol a product."""
    form = NewProductForm()
    if form.validate_on_submit() and (gtin := _entered(form)):
        return done(_("The product is enrolled."), url_for("console_products.shown", gtin=gtin))
    return page("console/product_new.html", 422 if request.method == "POST" else 200, form=form)


def _entered(form: NewProductForm) -> str:
    try:
        gtin = Gtin.from_trade(form.gtin.data.strip())
    except InvalidGtin:
        form.gtin.errors = [NO_GTIN]
        return ""
    if office().has(gtin.digits):
        form.gtin.errors = [HAVE]
        return ""
    try:
        office().enrol(gtin, form.typed())
    except UnreadablePicture as refusal:
        form.picture.errors = [_why(refusal)]
        return ""
    except ActRefused:  # what the form has not checked is whose the GTIN is
        form.gtin.errors = [ANOTHERS]
        return ""
    return gtin.digits


def _why(refusal: UnreadablePicture) -> str:
    return HUGE_PICTURE if isinstance(refusal, HugePicture) else NO_PICTURE


@blueprint.get("/console/products/<gtin>")
def shown(gtin: str) -> BaseResponse:
    """One product with its history."""
    return _shown(gtin)


def _shown(
    gtin: str, amended: AmendForm | None = None, why: ReasonForm | None = None, status: int = 200
) -> BaseResponse:
    file = office().file(gtin)
    text = file.product.text
    values = {name: getattr(text, name) for name in FIELD_NAMES if name != "picture"}
    form = amended or AmendForm(formdata=None, data={**values, "version": str(file.product.version)})
    return page(
        "console/product.html",
        status,
        file=file,
        form=form,
        why=why or ReasonForm(formdata=None),
        field_names=FIELD_NAMES,
    )


@blueprint.post("/console/products/<gtin>")
def amend(gtin: str) -> BaseResponse:
    """A new version."""
    form, here = AmendForm(), url_for("console_products.shown", gtin=gtin)
    if not form.validate() or not form.is_one_or_none():
        return _shown(gtin, form, status=422)
    try:
        office().amend(gtin, form.typed(), whole(form.version.data) or 0)
    except StaleVersion:
        form.form_errors.append(STALE)
    except UnreadablePicture as refusal:
        form.picture.errors = [_why(refusal)]
    except ActRefused as refusal:
        form.take_refusal(refusal)
    else:
        return done(_("The product is changed. Labels of new batches say so."), here)
    return _shown(gtin, form, status=422)


@blueprint.post("/console/products/<gtin>/hold")
def hold(gtin: str) -> BaseResponse:
    """Stop the sale of every label of a product."""
    why = ReasonForm()
    if not why.validate():
        return _shown(gtin, why=why, status=422)
    office().hold(gtin, why.reason.data.strip())
    return done(_("The product is on hold."), url_for("console_products.shown", gtin=gtin))
