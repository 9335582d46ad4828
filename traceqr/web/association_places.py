"""The same of products in an association's region: `/association/products/<gtin>/places`."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.places import PlacesReviewOffice
from traceqr.web import place_pages
from traceqr.web.door import door, guard, identity
from traceqr.web.gtin_address import lead_to_fourteen_digits

blueprint = Blueprint("association_places", __name__)
blueprint.before_request(guard(Role.OFFICER))
blueprint.before_request(lead_to_fourteen_digits)


def office() -> PlacesReviewOffice:
    """The desk of whoever asks."""
    return PlacesReviewOffice(door().house, identity())


@blueprint.get("/association/products/<gtin>/places")
def shown(gtin: str) -> BaseResponse:
    """The map, the places and the weeks."""
    return place_pages.shown(office(), gtin, "/association")


@blueprint.get("/association/products/<gtin>/places.csv")
def table(gtin: str) -> Response:
    """All there is as a table."""
    return place_pages.table(office(), gtin)


@blueprint.get("/association/products/<gtin>/places.json")
def document(gtin: str) -> Response:
    """The same as JSON."""
    return place_pages.document(office(), gtin)
