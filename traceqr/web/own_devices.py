"""The devices that an inspector goes into the field with, and the number of his certificate: `/account/devices`."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.office.field import FieldOffice
from traceqr.web import forms
from traceqr.web.door import door, guard, identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import done, page
from traceqr.web.watch import note

_ = str

HOME = "/account/devices"
MAX_BADGE = 40

blueprint = Blueprint("own_devices", __name__)
blueprint.before_request(guard(Role.INSPECTOR))


class BadgeForm(OfficeForm):
    """The number of one's certificate."""

    badge = forms.line(_("Number of your law enforcement certificate; it stands in your records"), MAX_BADGE)


def office() -> FieldOffice:
    """The desk of whoever asks."""
    return FieldOffice(door().house, identity())


@blueprint.get("/account/devices")
def devices() -> BaseResponse:
    """One's own devices."""
    return _shown(BadgeForm(formdata=None, data={"badge": office().badge()}))


@blueprint.post("/account/devices/badge")
def badge() -> BaseResponse:
    """State the number of one's certificate."""
    form = BadgeForm()
    if not form.validate():
        return _shown(form, 422)
    try:
        office().state_badge(form.badge.data)
    except ActRefused as refusal:
        form.take_refusal(refusal)
        return _shown(form, 422)
    return done(_("The number is kept."), HOME)


@blueprint.post("/account/devices/<device_id>/revoke")
def revoke(device_id: str) -> BaseResponse:
    """Let a device send nothing any more."""
    office().revoke(device_id)
    note("device-revoked", account=identity().account, device=device_id)
    return done(_("The device is revoked. Nothing that it sends is taken any more."), HOME)


def _shown(form: BadgeForm, status: int = 200) -> BaseResponse:
    return page("account/devices.html", status, devices=office().devices(), form=form)
