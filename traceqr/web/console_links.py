"""The links of an enterprise that the resolver leads to: `/console/products/<gtin>/links` and `/console/links`."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.digital_link.links import MAX_TITLE, Link
from traceqr.digital_link.vocabulary import CHOICES
from traceqr.endpoint import MAX_URL
from traceqr.office.links import OTHER_KEYS, LinkOffice
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.gtin_address import lead_to_fourteen_digits
from traceqr.web.link_words import KIND_NAMES, kind_name
from traceqr.web.office_pages import done, page
from traceqr.web.site import language, site

_ = str

blueprint = Blueprint("console_links", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))
blueprint.before_request(lead_to_fourteen_digits)

KEY_NAMES = {"00": _("SSCC of a parcel"), "414": _("GLN of a place"), "417": _("GLN of a party")}

SET = _("The link is set. The resolver leads to it from now on.")
REMOVED = _("The link is removed.")


class LinkForm(OfficeForm):
    """Where a link leads, and what is said of it."""

    kind = SelectField(_("Link type"))
    href = forms.line(_("Address"), MAX_URL + 220, inputmode="url", autocomplete="off", spellcheck="false")
    title = forms.line(_("Title"), MAX_TITLE)
    languages = forms.line(_("Languages"), 100, needed=False, autocomplete="off", spellcheck="false")
    media_type = forms.line(_("Media type"), 110, needed=False, autocomplete="off", spellcheck="false")
    context = forms.line(_("Context"), 40, needed=False, autocomplete="off", spellcheck="false")

    def offer(self) -> LinkForm:
        """With the link types that there are, those with words of the reader's language in front."""
        words = site().pages.words
        self.kind.choices = forms.choices((kind, words(language(), kind_name(kind))) for kind in CHOICES)
        return self

    def typed(self, name: str) -> str:
        """The text of a field, which programs may leave out."""
        return str(self[name].data or "").strip()

    def link(self) -> Link:
        """What was filled in."""
        texts = {name: self.typed(name) for name in ("href", "title", "media_type", "context")}
        tags = tuple(self.typed("languages").replace(",", " ").split())
        return Link(kind=self.kind.data, languages=tags, **texts)


class ProductLinkForm(LinkForm):
    """The same of a product, or of one lot of it."""

    lot = forms.line(_("Lot"), 20, needed=False, autocomplete="off")


class OtherLinkForm(LinkForm):
    """The same of a parcel or a place."""

    key = SelectField(_("Kind of number"))
    value = forms.line(_("Number"), 30, inputmode="numeric", autocomplete="off")

    def offer(self) -> OtherLinkForm:
        """With the kinds of numbers too."""
        LinkForm.offer(self)
        self.key.choices = forms.choices((key, KEY_NAMES[key]) for key in OTHER_KEYS)
        return self


def office() -> LinkOffice:
    """The desk of whoever asks."""
    return LinkOffice(door().house, identity())


@blueprint.route("/console/products/<gtin>/links", methods=["GET", "POST"])
def of_product(gtin: str) -> BaseResponse:
    """The links of a product, and a form for one more."""
    form, here = ProductLinkForm().offer(), url_for("console_links.of_product", gtin=gtin)
    if request.method == "POST" and form.validate():
        try:
            office().set_on_product(gtin, form.typed("lot"), form.link())
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(SET, here)
    found = office().of_product(gtin)
    return page(
        "console/links.html",
        422 if request.method == "POST" else 200,
        form=form,
        found=found,
        links=found.links,
        address=here,
        kind_names=KIND_NAMES,
    )


@blueprint.route("/console/links", methods=["GET", "POST"])
def of_others() -> BaseResponse:
    """Parcels and places with links, and a form for a link of one."""
    form = OtherLinkForm().offer()
    if request.method == "POST" and form.validate():
        try:
            what = office().set_on_other(form.key.data, form.typed("value"), form.link())
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(SET, f"/console/links{what.path}")
    return page(
        "console/links.html",
        422 if request.method == "POST" else 200,
        form=form,
        found=None,
        others=office().of_others(),
        links=(),
        address="/console/links",
        kind_names=KIND_NAMES,
    )


@blueprint.get("/console/links/<key>/<value>")
def of_key(key: str, value: str) -> BaseResponse:
    """The links of one parcel or place."""
    links = office().of_key(key, value)
    here = f"/console/links/{key}/{value}"
    return page("console/links.html", form=None, found=None, links=links, address=here, kind_names=KIND_NAMES)


@blueprint.post("/console/links/<link_id>/remove")
def remove(link_id: str) -> BaseResponse:
    """Let a link stand no more."""
    gone = office().remove(link_id)
    back = url_for("console_links.of_others")
    if gone.identifier == "01":
        back = url_for("console_links.of_product", gtin=gone.placed.about.value)
    return done(REMOVED, back)
