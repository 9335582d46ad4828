"""The public register of licences of marks."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from traceqr.instant import to_iso
from traceqr.registry import licences, marks, products
from traceqr.registry.database import Row
from traceqr.registry.licences import Wanted
from traceqr.web.answering import prefers_json
from traceqr.web.exhibit import as_json, page, reading
from traceqr.web.site import site

blueprint = Blueprint("registers", __name__)

PAGE = 50


@blueprint.get("/marks")
def kinds() -> Response:
    """All marks, with what they stand for."""
    with reading() as reader:
        rows = marks.everything(reader)
    return page("mark_kinds.html", kinds=rows)


@blueprint.get("/marks/<mark>/licences")
def register(mark: str) -> Response:
    """The licences of a mark, latest first."""
    now_ms, before = site().clock(), request.args.get("before", "")
    beyond = int(before) if before.isascii() and before.isdecimal() and len(before) < 11 else None
    with reading() as reader:
        kind = next((each for each in marks.everything(reader) if each["id"] == mark), None)
        if kind is None:
            abort(404)
        rows = licences.register(reader, Wanted(mark_id=mark), beyond, PAGE + 1)
    shown = [{**row, "standing": standing(row, now_ms)} for row in rows[:PAGE]]
    after = rows[PAGE - 1]["number"] if len(rows) > PAGE else None
    return page("licences.html", kind=kind, licences=shown, after=after, begun=beyond is None)


@blueprint.get("/licences/<spelled>")
def licence(spelled: str) -> Response:
    """One licence as it is now."""
    with reading() as reader:
        found = licences.by_spelled(reader, spelled)
        row = licences.listed(reader, found.number) if found else None
        if found is None or row is None:
            abort(404)
        named = [products.by_gtin(reader, gtin) for gtin in licences.products_of(reader, found.number)]
    shown = {**row, "standing": standing(row, site().clock())}
    goods = [each for each in named if each]
    if prefers_json():
        return as_json(_for_programs(shown, [each.gtin for each in goods]))
    return page("licence.html", licence=shown, products=goods)


def standing(row: Row, at_ms: int) -> str:
    """The state of a licence at an instant: its dates decide, unless it is suspended or withdrawn."""
    if row["state"] != "granted":
        return str(row["state"])
    if at_ms < row["valid_from_ms"]:
        return "ahead"
    return "in-force" if at_ms < row["valid_to_ms"] else "expired"


def _for_programs(row: Row, gtins: list[str]) -> dict[str, object]:
    names = ("mark_id", "mark_zh", "mark_en", "uscc", "enterprise_zh", "enterprise_en", "quota", "used", "reason")
    return {
        "licence": row["spelled"],
        "state": row["standing"],
        **{name: row[name] for name in names},
        "valid_from": to_iso(row["valid_from_ms"]),
        "valid_to": to_iso(row["valid_to_ms"]),
        "since": to_iso(row["since_ms"]),
        "products": gtins,
    }
