"""All calls of the interface for enterprises."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from traceqr.access import Right
from traceqr.instant import parse_date, to_iso
from traceqr.label.gtin import Gtin
from traceqr.label.serial import Serial
from traceqr.office.claims import read_documents
from traceqr.office.handing_out import hand_out
from traceqr.office.products import read_picture
from traceqr.office.trade import TradeOffice
from traceqr.web import api_schemas as schemas
from traceqr.web.api_cases import CASES
from traceqr.web.api_pledges import PLEDGES
from traceqr.web.api_recalls import RECALLS
from traceqr.web.calls import Row, get, instant, listing, paged
from traceqr.web.links import Link, Links
from traceqr.web.route import MAX_BODY_WITH_FILES, Body, Call, Route
from traceqr.web.site import site

DEFAULT_HOURS = 24

def _enterprise(office: TradeOffice, _: Call) -> Body:
    found = asdict(office.itself())
    return {name: found[name] for name in schemas.ENTERPRISE["properties"]}


def _product(found: Any) -> Body:
    return {"gtin": found.gtin, "version": found.version, **asdict(found.text)}


def _with_picture(body: Mapping[str, Any]) -> Body:
    return {**body, "picture": read_picture(b64decode(body["picture"])) if "picture" in body else None}


def _with_documents(body: Mapping[str, Any]) -> Body:
    files = [(one["name"], b64decode(one["content"])) for one in body.get("documents", ())]
    return {**body, "documents": read_documents(files)}


def _text(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: body[name].strip() for name in schemas.PRODUCT_TEXT}


def _create_product(office: TradeOffice, call: Call) -> Body:
    gtin = Gtin.parse(call.body["gtin"])
    return _product(office.create_product(gtin, _text(call.body), call.body["picture"]))


def _amend_product(office: TradeOffice, call: Call) -> Body:
    return _product(office.amend_product(call.path["gtin"], call.version, _text(call.body), call.body["picture"]))


def _cover_product(kind: str) -> Callable[[TradeOffice, Call], Body]:
    return lambda office, call: asdict(office.cover_product(kind, call.path["gtin"], call.body["reason"].strip()))


def _claim(row: Row) -> Body:
    return {
        **{name: row[name] for name in ("id", "kind", "value", "evidence", "state")},
        "decided": instant(row["decided_ms"]),
    }


def _file_claim(office: TradeOffice, call: Call) -> Body:
    return _claim(asdict(office.file_claim(**call.body)))


def _batch(row: Row) -> Body:
    number, count = row["number"], row["label_count"]
    names = ("number", "gtin", "product_version", "lot", "produced_on", "expires_on", "market")
    return {
        **{name: row[name] for name in names},
        "count": count,
        "pledge": row["pledge"] or None,
        "first_serial": str(Serial(number, 0)),
        "last_serial": str(Serial(number, count - 1)),
        **({"issued": to_iso(row["issued_ms"])} if "issued_ms" in row else {}),
        **({"marks": row["marks"]} if "marks" in row else {}),
    }


def _issue(office: TradeOffice, call: Call) -> Body:
    body = call.body
    days = {name: parse_date(body[name]) for name in ("produced_on", "expires_on") if name in body}
    marks = tuple(sorted(body.get("marks", ())))
    more = {name: body[name] for name in ("lot", "pledge", "active") if name in body}
    market = tuple(body.get("market", ()))
    issued = office.issue(Gtin.parse(body["gtin"]), body["count"], marks=marks, market=market, **days, **more)
    return {**_batch(asdict(issued)), "marks": list(marks)}


def _range(call: Call) -> tuple[int, int | None, int | None]:
    return call.path["number"], call.body.get("first"), call.body.get("last")


def _cover(kind: str) -> Callable[[TradeOffice, Call], Body]:
    return lambda office, call: asdict(office.cover(kind, *_range(call), call.body["reason"].strip()))


def _notice(row: Row) -> Body:
    names = ("id", "kind", "gtin", "batch", "first", "last", "lot", "reason")
    return {**{name: row[name] for name in names}, "opened": to_iso(row["opened_ms"])}


def _export(row: Row) -> Body:
    return {
        **{name: row[name] for name in ("id", "first", "last", "content", "format", "digest", "bytes")},
        "state": "whole" if row["digest"] else "begun",
        "begun": to_iso(row["at_ms"]),
    }


def _hand_out(office: TradeOffice, call: Call) -> Body:
    body = call.body
    hours, again = body.get("valid_hours", DEFAULT_HOURS), body.get("again", "")
    options = {name: value for name, value in body.get("options", {}).items() if value is not False}
    return asdict(hand_out(office, _range(call), body["format"], options, hours, again))


def _with_address(kept: Body) -> Body:
    here = site()
    token = Links(here.settings.require_secret_key()).issue(Link(kept["export"], kept["until_ms"]))
    shown = {name: value for name, value in kept.items() if name not in ("until_ms", "file")}
    return {**shown, "until": to_iso(kept["until_ms"]), "address": f"{here.origin}/print/{token}/{kept['file']}"}


_TEA = {
    "name_zh": "绿茶",
    "name_en": "Green Tea",
    "brand": "清泉",
    "specification": "250 g",
    "standard": "GB/T 14456",
}
_PART = {"first": 0, "last": 4, "reason": "Packed and checked"}

ROUTES: tuple[Route, ...] = (
    get("enterprise", "/enterprise", "The enterprise that the token is of", schemas.ENTERPRISE, _enterprise),
    listing(
        "products",
        "/products",
        "Products in their present versions, by GTIN",
        schemas.PRODUCT,
        str,
        paged(lambda office, call: office.products(call.after or "", call.most), "gtin", dict),
    ),
    replace(
        get(
            "product",
            "/products/{gtin}",
            "A product; ETag is its version",
            schemas.PRODUCT,
            lambda office, call: _product(office.product(call.path["gtin"])),
        ),
        versioned=True,
    ),
    Route(
        "create_product",
        "POST",
        "/products",
        Right.EDIT_PRODUCTS,
        "Enrol a product",
        schemas.PRODUCT,
        _create_product,
        201,
        schemas.NEW_PRODUCT,
        {"gtin": "06901234000023", **_TEA},
        versioned=True,
        read=_with_picture,
        max_body=MAX_BODY_WITH_FILES,
    ),
    Route(
        "amend_product",
        "PUT",
        "/products/{gtin}",
        Right.EDIT_PRODUCTS,
        "Make a new version of a product; If-Match names the one that was seen",
        schemas.PRODUCT,
        _amend_product,
        200,
        schemas.AMENDED_PRODUCT,
        _TEA,
        versioned=True,
        read=_with_picture,
        max_body=MAX_BODY_WITH_FILES,
    ),
    *(
        Route(
            f"{kind}_product",
            "POST",
            f"/products/{{gtin}}/{kind}",
            Right.CHANGE_STATE,
            summary,
            schemas.NOTICE,
            _cover_product(kind),
            201,
            schemas.WITH_REASON,
            {"reason": "A part may break"},
        )
        for kind, summary in (
            ("hold", "Suspend the sale of all labels of a product, until the hold is lifted"),
            ("recall", "Recall a product by a reason alone. Refused where a second person must agree: see the console"),
        )
    ),
    listing(
        "claims",
        "/claims",
        "Claims to GTINs and company prefixes",
        schemas.CLAIM,
        str,
        paged(lambda office, call: office.claims(call.after or "", call.most), "id", _claim),
    ),
    Route(
        "file_claim",
        "POST",
        "/claims",
        Right.CLAIM,
        "File a claim, to be decided by the association",
        schemas.CLAIM,
        _file_claim,
        201,
        schemas.NEW_CLAIM,
        {"kind": "prefix", "value": "6901235", "evidence": "GS1 certificate of the prefix"},
        read=_with_documents,
        max_body=MAX_BODY_WITH_FILES,
    ),
    listing(
        "batches",
        "/batches",
        "Batches, latest first",
        schemas.BATCH,
        int,
        paged(lambda office, call: office.batches(call.after, call.most), "number", _batch),
    ),
    get(
        "batch",
        "/batches/{number}",
        "A batch",
        schemas.BATCH,
        lambda office, call: _batch(office.batch(call.path["number"])),
    ),
    listing(
        "spans",
        "/batches/{number}/spans",
        "The states of a batch's labels, in order: each span of labels that share one",
        schemas.SPAN,
        int,
        paged(
            lambda office, call: office.spans(call.path["number"], -1 if call.after is None else call.after, call.most),
            "first",
            dict,
        ),
    ),
    Route(
        "issue_batch",
        "POST",
        "/batches",
        Right.ISSUE,
        "Issue a batch of labels",
        schemas.BATCH,
        _issue,
        201,
        schemas.NEW_BATCH,
        {"gtin": "06901234000016", "count": 10, "lot": "20260915-A2", "produced_on": "2026-09-15"},
    ),
    *(
        Route(
            name,
            "POST",
            f"/batches/{{number}}/{name}",
            Right.CHANGE_STATE,
            summary,
            schemas.CHANGED,
            run,
            body=schemas.NEW_STATE,
            example=_PART,
        )
        for name, summary, run in (
            (
                "activate",
                "Let labels be sold: those that are issued become active",
                lambda office, call: asdict(office.activate(*_range(call), call.body["reason"].strip())),
            ),
            (
                "void",
                "End labels for ever. This cannot be undone",
                lambda office, call: asdict(office.void(*_range(call), call.body["reason"].strip())),
            ),
        )
    ),
    *(
        Route(
            kind,
            "POST",
            f"/batches/{{number}}/{kind}",
            Right.CHANGE_STATE,
            summary,
            schemas.NOTICE,
            _cover(kind),
            201,
            schemas.NEW_STATE,
            _PART,
        )
        for kind, summary in (
            ("hold", "Suspend the sale of labels, until the hold is lifted"),
            ("recall", "Recall labels with a reason alone. Refused where a second person must agree: see the console"),
        )
    ),
    listing(
        "notices",
        "/notices",
        "Holds and recalls that are open, latest first",
        schemas.NOTICE,
        int,
        paged(lambda office, call: office.notices(call.after, call.most), "opened_position", _notice),
    ),
    Route(
        "lift",
        "POST",
        "/notices/{id}/lift",
        Right.CHANGE_STATE,
        "Lift a hold or a recall that the enterprise has laid",
        schemas.NOTICE,
        lambda office, call: asdict(office.lift(call.path["id"], call.body["reason"].strip())),
        body=schemas.WITH_REASON,
        example={"reason": "Checked, all is well"},
    ),
    listing(
        "exports",
        "/batches/{number}/exports",
        "The exports of a batch for print, latest first",
        schemas.EXPORT,
        int,
        paged(lambda office, call: office.exports(call.path["number"], call.after, call.most), "position", _export),
    ),
    Route(
        "export",
        "POST",
        "/batches/{number}/exports",
        Right.PRINT,
        "Put an export on the ledger, and get the address of its file",
        schemas.HANDED_OUT,
        _hand_out,
        201,
        schemas.NEW_EXPORT,
        {"format": "csv", "first": 0, "last": 4},
        shown=_with_address,
    ),
    *RECALLS,
    *PLEDGES,
    *CASES,
)
