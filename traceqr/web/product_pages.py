"""The page of each product: all that is public of it, and that it says nothing of the piece in one's hand."""

from __future__ import annotations

from flask import Blueprint, abort
from werkzeug.wrappers import Response as BaseResponse

from traceqr.digital_link.identified import Identified, InvalidDigitalLink
from traceqr.digital_link.links import Link
from traceqr.digital_link.vocabulary import DEFAULTS, UNTP_PREFIX
from traceqr.registry import recalls
from traceqr.registry.recalls import Sought
from traceqr.web.answering import prefers_json
from traceqr.web.exhibit import as_json, page, reading
from traceqr.web.gtin_address import lead_to_fourteen_digits
from traceqr.web.known_links import Known, known
from traceqr.web.link_words import KIND_NAMES

blueprint = Blueprint("product_pages", __name__)
blueprint.before_request(lead_to_fourteen_digits)

MAX_RECALLS = 5


@blueprint.get("/products/<gtin>")
def product(gtin: str) -> BaseResponse:
    """What is public of a product, where its enterprise's right to the GTIN is accepted."""
    return _shown(gtin, unsealed=False)


@blueprint.get("/products/<gtin>/unsealed")
def unsealed(gtin: str) -> BaseResponse:
    """The same, for whoever comes from a code that names one piece and has no seal: it cannot be told from a copy."""
    return _shown(gtin, unsealed=True)


def _shown(gtin: str, *, unsealed: bool) -> BaseResponse:
    try:
        what = Identified("01", gtin)
    except InvalidDigitalLink:
        abort(404)
    with reading() as reader:
        found = known(reader, what)
        going_on = recalls.sought(reader, Sought(gtin=gtin, open=True), None, MAX_RECALLS)
    if found is None or found.subject.product is None:
        abort(404)
    if prefers_json():
        return as_json(_for_programs(found))
    return page(
        "product_page.html",
        product=found.subject.product,
        firm=found.subject.enterprise,
        links=[one.link for one in found.links if _is_for_people(one.link, gtin)],
        kind_names=KIND_NAMES,
        recalls=[(row, recalls.told_of(row)) for row in going_on],
        unsealed=unsealed,
    )


def _is_for_people(link: Link, gtin: str) -> bool:
    """Whether the page lists a link: it leads elsewhere, and to no credential for programs."""
    return not (link.kind in DEFAULTS or link.kind.startswith(UNTP_PREFIX) or link.href.endswith(f"/products/{gtin}"))


def _for_programs(found: Known) -> dict[str, object]:
    product, firm = found.subject.product, found.subject.enterprise
    assert product is not None
    names = ("name_zh", "name_en", "brand", "specification", "standard")
    return {
        "gtin": product.gtin,
        **{name: getattr(product.text, name) for name in names},
        "uscc": firm["uscc"],
        "enterprise_zh": firm["name_zh"],
        "enterprise_en": firm["name_en"],
        "links": [
            {"type": one.link.kind, "href": one.link.href, "title": one.link.title, "hreflang": one.link.languages}
            for one in found.links
        ],
    }
