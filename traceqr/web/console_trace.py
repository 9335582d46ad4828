"""Traceability in the console, at `/console/trace`: events, places, partners, and who is told."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, SelectField

from traceqr.access import Right, Role
from traceqr.acting import ActRefused
from traceqr.office.tracing import KINDS, RECOMMENDED, Audience, Location, TraceOffice
from traceqr.web import assets, forms, trace_words
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page, refused

_ = str

blueprint = Blueprint("console_trace", __name__)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

PAGE = 30

PLACE_KINDS = {
    "farm": _("Farm or field"),
    "factory": _("Factory"),
    "warehouse": _("Warehouse"),
    "shop": _("Shop"),
    "laboratory": _("Laboratory"),
    "port": _("Port"),
    "other": _("Other place"),
}
PART_NAMES = {
    "object": _("Things"),
    "parent": _("Packed into"),
    "child": _("What was packed"),
    "input": _("Inputs"),
    "output": _("Outputs"),
}
NO_GLN = _("A GLN has 13 digits. Leave it empty if the place has none.")


class PlaceForm(OfficeForm):
    """A place, by its GLN or by an address that it gets here."""

    gln = forms.line(_("GLN"), 13, needed=False, inputmode="numeric", autocomplete="off")
    extension = forms.line(_("Part of it, such as a door or a shelf"), 20, needed=False)
    kind = SelectField(
        _("Kind of place"), [forms.Chosen()], choices=forms.choices((kind, PLACE_KINDS[kind]) for kind in KINDS)
    )
    name_zh = forms.line(_("Name in Chinese"), 100)
    name_en = forms.line(_("Name in English"), 100, needed=False)
    region = forms.region()
    address = forms.line(_("Address"), 200, needed=False)

    @property
    def key(self) -> str:
        """As events spell it; empty where it has no GLN."""
        gln, extension = (self.gln.data or "").strip(), (self.extension.data or "").strip()
        return f"414/{gln}/{extension}" if gln and extension else f"414/{gln}" if gln else ""

    @property
    def said(self) -> dict[str, str]:
        """What is said of it."""
        names = ("kind", "name_zh", "name_en", "region", "address")
        return {name: (self[name].data or "").strip() for name in names}


class MaterialForm(OfficeForm):
    """A material, and what it is called."""

    gtin = forms.line(_("GTIN"), 14, inputmode="numeric", autocomplete="off")
    name_zh = forms.line(_("Name in Chinese"), 100)
    name_en = forms.line(_("Name in English"), 100, needed=False)


class PartnerForm(OfficeForm):
    """Another enterprise."""

    uscc = forms.line(_("USCC"), 18, autocomplete="off", spellcheck="false")
    makes = BooleanField(_("It makes things for us: it may say what they are made of"))


class AudienceForm(OfficeForm):
    """Who is told of a step."""

    step = SelectField(_("Step"), choices=forms.choices((("", _("All other steps")), *trace_words.STEP_NAMES.items())))
    audience = SelectField(
        _("Who may see it"), [forms.Chosen()], choices=forms.choices(trace_words.AUDIENCE_NAMES.items())
    )


def office() -> TraceOffice:
    """The desk of whoever asks."""
    return TraceOffice(door().house, identity())


def shown(template: str, status: int = 200, **values: Any) -> BaseResponse:
    """A page of traceability."""
    me = identity()
    return page(
        template,
        status,
        trace_style=assets.address("trace.css"),
        audience_names=trace_words.AUDIENCE_NAMES,
        kind_names=trace_words.KIND_NAMES,
        standing_names=trace_words.STANDING_NAMES,
        unit_names=trace_words.UNIT_NAMES,
        step_name=trace_words.what,
        may_state=me.may(Right.STATE_EVENTS),
        may_arrange=me.may(Right.ARRANGE_EVENTS),
        **values,
    )


@blueprint.get("/console/trace")
def events() -> BaseResponse:
    """What was captured last; what others state of own things stands apart."""
    before = whole(request.args.get("before"))
    found = office().stated(before, PAGE + 1)
    last = found.events[PAGE - 1].told.number if len(found.events) > PAGE else None
    others = office().of_others(PAGE) if before is None else None
    return shown("console/trace.html", found=found, listed=found.events[:PAGE], last=last, others=others)


@blueprint.get("/console/trace/events/<int:number>")
def event(number: int) -> BaseResponse:
    """One event."""
    found = office().event(number)
    document = json.dumps(found.document, ensure_ascii=False, indent=2) if found.document else ""
    return shown("console/trace_event.html", found=found, document=document, part_names=PART_NAMES)


@blueprint.route("/console/trace/places", methods=["GET", "POST"])
def places() -> BaseResponse:
    """The places, and a new one."""
    form = PlaceForm()
    if form.validate_on_submit() and _is_kept(form, form.key):
        return done(_("The place is kept."), url_for("console_trace.places"))
    return _places(form, 200 if request.method == "GET" else 422)


@blueprint.route("/console/trace/place", methods=["GET", "POST"])
def place() -> BaseResponse:
    """One place, told anew. Keys have slashes, so it is named behind the question mark."""
    found = office().place(request.args.get("key", ""))
    form = PlaceForm(data=_fields(found)) if request.method == "GET" else PlaceForm()
    if form.validate_on_submit() and _is_kept(form, found.key):
        return done(_("The place is kept."), url_for("console_trace.places"))
    return shown("console/trace_place.html", 200 if request.method == "GET" else 422, form=form, place=found)


def _is_kept(form: PlaceForm, key: str) -> bool:
    try:
        office().set_place(key, form.said)
    except ActRefused as refusal:
        form.take_refusal(refusal if refusal.field != "key" else ActRefused(str(refusal), "gln"))
        return False
    return True


def _fields(found: Location) -> dict[str, str]:
    names = ("kind", "name_zh", "name_en", "region", "address")
    return {name: getattr(found, name) for name in names}


def _places(form: PlaceForm, status: int) -> BaseResponse:
    return shown(
        "console/trace_places.html", status, form=form, places=office().places(), place_kinds=PLACE_KINDS, no_gln=NO_GLN
    )


@blueprint.route("/console/trace/materials", methods=["GET", "POST"])
def materials() -> BaseResponse:
    """What materials are called that are no products here, and a name for one more."""
    form = MaterialForm()
    if form.validate_on_submit():
        try:
            office().name_material(form.gtin.data, form.name_zh.data, form.name_en.data or "")
        except ActRefused as refusal:
            form.take_refusal(refusal)
        else:
            return done(_("The name is kept."), url_for("console_trace.materials"))
    status = 200 if request.method == "GET" else 422
    return shown("console/trace_materials.html", status, form=form, materials=office().materials())


@blueprint.route("/console/trace/partners", methods=["GET", "POST"])
def partners() -> BaseResponse:
    """Who may state events of own things, and a new one."""
    form = PartnerForm()
    if form.validate_on_submit():
        try:
            office().name_partner(form.uscc.data, makes=form.makes.data)
        except ActRefused as refusal:
            form.take_refusal(refusal if refusal.field != "partner" else ActRefused(str(refusal), "uscc"))
        else:
            return done(_("The partner is named."), url_for("console_trace.partners"))
    here = office()
    return shown(
        "console/trace_partners.html",
        200 if request.method == "GET" else 422,
        form=form,
        partners=here.partners(),
        naming=here.naming(),
    )


@blueprint.post("/console/trace/partners/<uscc>/drop")
def drop(uscc: str) -> BaseResponse:
    """Take a partner's right away."""
    try:
        office().drop_partner(uscc)
    except ActRefused as refusal:
        return refused(url_for("console_trace.partners"), refusal)
    return done(_("The partner is named no longer."), url_for("console_trace.partners"))


@blueprint.route("/console/trace/audiences", methods=["GET", "POST"])
def audiences() -> BaseResponse:
    """Who is told of which steps."""
    form = AudienceForm()
    if form.validate_on_submit():
        office().set_audience(form.step.data, form.audience.data)
        return done(_("It holds for events that are captured from now on."), url_for("console_trace.audiences"))
    set_here = office().audiences()
    return shown(
        "console/trace_audiences.html",
        200 if request.method == "GET" else 422,
        form=form,
        audiences=set_here,
        recommended=RECOMMENDED,
        is_recommended=all(set_here.get(step) == audience for step, audience in RECOMMENDED.items()),
        general=set_here.get("", Audience.PARTNERS),
    )


@blueprint.post("/console/trace/audiences/recommended")
def recommend() -> BaseResponse:
    """Set what is recommended."""
    office().recommend()
    return done(_("It holds for events that are captured from now on."), url_for("console_trace.audiences"))
