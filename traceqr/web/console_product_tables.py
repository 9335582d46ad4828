"""Tables of products: tried out, then landed as they were tried: `/console/products/import`."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.office.product_tables import ProductTableOffice
from traceqr.web import parcels, trying
from traceqr.web.door import door, guard, identity
from traceqr.web.office_pages import page
from traceqr.web.trying import FileForm

_ = str

blueprint = Blueprint("console_product_tables", __name__)
blueprint.before_request(parcels.make_room)
blueprint.before_request(guard(Role.MANAGER, Role.CLERK))

PURPOSE = "import products"


def office() -> ProductTableOffice:
    """The desk of whoever asks."""
    return ProductTableOffice(door().house, identity())


@blueprint.route("/console/products/import", methods=["GET", "POST"])
def products() -> BaseResponse:
    """Own products, new ones and new versions."""
    desk = office()
    return trying.answer(PURPOSE, lambda table, dry_run: desk.take(table, dry_run=dry_run), _show)


def _show(form: FileForm, status: int, shown: dict[str, object]) -> BaseResponse:
    return page(
        "console/product_import.html",
        status,
        form=form,
        kind="products",
        kind_name=_("Products"),
        own=office().code(),
        **shown,
    )
