"""The officers of an association: `/association/officers`."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Right, Role
from traceqr.office.people import OfficersOffice
from traceqr.web.admission import people_routes
from traceqr.web.door import door, guard, identity
from traceqr.web.office_pages import invitation_link, page

blueprint = Blueprint("association_officers", __name__)
blueprint.before_request(guard(Role.OFFICER))

PATH = "/association/officers"


def office() -> OfficersOffice:
    """The desk of whoever asks."""
    return OfficersOffice(door().house, identity())


@blueprint.get(PATH)
def officers() -> BaseResponse:
    """Who works here."""
    return _officers()


def _officers(link: str = "") -> BaseResponse:
    here = office()
    manages = identity().may(Right.INVITE_OFFICERS)
    return page(
        "association/officers.html",
        people=here.people(),
        invitations=here.invitations() if manages else (),
        manages=manages,
        link=link,
        own=identity().account,
        address=PATH,
    )


@blueprint.post(f"{PATH}/invite")
def invite() -> BaseResponse:
    """A link for a colleague, shown once."""
    return _officers(invitation_link(office().invite(Role.OFFICER).token))


people_routes(blueprint, PATH, office, _officers)
