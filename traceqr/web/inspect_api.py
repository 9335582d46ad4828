"""The interface for the app of inspectors: `/inspect/api/`, by the session of whoever has signed in.

docs/inspection-format.md, section 2, says what is asked and answered. Every fault is a problem with a stable `code`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request

from traceqr.access import Role
from traceqr.acting import ActRefused, RegistryBehind, Unmarked
from traceqr.attachments import AttachmentUnavailable
from traceqr.authenticating import SignInRefused, SlowDown
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.inspection.shapes import Shape, anything, members, raw
from traceqr.instant import to_iso
from traceqr.office.field import EntryRefused, FieldOffice, FieldPhotoRefused, Myself
from traceqr.office.house import Absent, Denied
from traceqr.web import answering, schema
from traceqr.web.answering import RETRY_SECONDS, dumps
from traceqr.web.calls import Row
from traceqr.web.door import FIELD, csrf_token, door, guard, identity
from traceqr.web.problem import coded
from traceqr.web.site import language, site
from traceqr.web.watch import note, note_seldom

MAX_BODY = 4 << 20
"""Bytes of a request with an entry: a text of 1 MiB in JSON, however its characters are spelled."""

blueprint = Blueprint("inspect_api", __name__, url_prefix=FIELD.rstrip("/"))
blueprint.before_request(guard(Role.INSPECTOR))

_TEXT = raw(MAX_BODY)
_DEVICE = members({"name": _TEXT, "key": anything, "code": _TEXT, "proof": _TEXT})
_ENTRY = members({"entry": _TEXT, "signature": _TEXT})
_SCAN = members({"text": _TEXT})

_STATUS = {"entry-malformed": 422, "signature-broken": 422}
_STATUS |= dict.fromkeys(("account-other", "device-unknown", "device-revoked", "inspection-other"), 403)
"""Of entries that are not taken; all others are conflicts with what is there."""

View = Callable[..., Response]


class Refusal(TraceqrError):
    """A request that cannot be understood, with the answer to it."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.more = more


def office() -> FieldOffice:
    """The desk of whoever asks."""
    return FieldOffice(door().house, identity())


def answered(view: View) -> View:
    """A view whose refusals are problems."""

    @wraps(view)
    def look(**path: str) -> Response:
        try:
            return view(**path)
        except TraceqrError as error:
            return refusal(error)

    return look


def refusal(error: TraceqrError) -> Response:
    """The answer to what was not done. Raises again what nobody foresaw."""
    if isinstance(error, Refusal):
        return coded(error.status, error.code, str(error), **error.more)
    if isinstance(error, EntryRefused):
        return _not_taken(error)
    if isinstance(error, FieldPhotoRefused):
        status = 503 if error.code == "photo-busy" else 422
        return _later(coded(status, error.code, str(error)), status)
    if isinstance(error, SignInRefused):
        note("second-factor-refused", account=error.account)
        return coded(403, "code-refused", "expected a fresh code of the second factor, got another")
    if isinstance(error, SlowDown):
        response = coded(429, "slow-down", str(error), wait_ms=error.wait_ms)
        response.headers["Retry-After"] = str(-(-error.wait_ms // 1000))
        return response
    if isinstance(error, RegistryUnavailable | RegistryBehind | Unmarked | AttachmentUnavailable):
        return _later(coded(503, "unavailable", "expected the registry and the photos to be there, they are not"), 503)
    if isinstance(error, Absent | Denied):
        return _not_given(error)
    if isinstance(error, ActRefused):
        faults = [{"where": error.field, "expected": str(error), "got": "another"}]
        return coded(422, "request-malformed", str(error), faults=faults)
    raise error


def _not_given(error: Absent | Denied) -> Response:
    if isinstance(error, Absent):
        return coded(404, "inspection-none", str(error))
    return coded(422, "request-malformed", str(error), faults=[])


def _not_taken(error: EntryRefused) -> Response:
    note_seldom("entry-refused", account=identity().account, reason=error.code)
    more = dict(error.more)
    if "faults" in more:
        more["faults"] = [asdict(fault) for fault in more["faults"]]
    return coded(_STATUS.get(error.code, 409), error.code, str(error), **more)


def _later(response: Response, status: int) -> Response:
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _body(shape: Shape) -> dict[str, Any]:
    """The JSON of a request: an object with exactly these members."""
    request.max_content_length = MAX_BODY
    if request.mimetype != "application/json":
        raise Refusal(415, "not-json", "expected the content type application/json, got another")
    try:
        body = schema.parse(request.get_data(cache=False))
    except ValueError as error:
        raise Refusal(400, "bad-json", "expected JSON in UTF-8 with each member once, got text that is none") from error
    if faults := [asdict(fault) for fault in shape(body, "")]:
        raise Refusal(422, "request-malformed", "expected other members, see faults", faults=faults)
    assert isinstance(body, dict)  # every shape of a body is an object's
    return body


def _said(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(dumps(body), status, content_type="application/json")


@blueprint.get("/me")
@answered
def me() -> Response:
    """Who one is, with whom, by which device; the token for what changes something, and the server's time."""
    found = office().myself(request.args.get("device", ""))
    return _said({**_myself(found), "csrf": csrf_token(), "now": to_iso(site().clock())})


def _myself(found: Myself) -> dict[str, Any]:
    device = found.device
    return {
        "account": found.account.id,
        "name": found.account.name,
        "number": found.badge,
        "organisation": {
            "id": found.organisation.id,
            "name_zh": found.organisation.name_zh,
            "name_en": found.organisation.name_en,
            "region": found.organisation.region,
        },
        "colleagues": [
            {"account": row["account"], "name": row["name"], "number": row["badge"]} for row in found.colleagues
        ],
        "device": {"id": device.id, "name": device.name, "state": device.state} if device else None,
    }


@blueprint.post("/devices")
@answered
def enrol() -> Response:
    """Enrol a device."""
    body = _body(_DEVICE)
    try:
        device, new = office().enrol(body["name"], body["key"], body["code"], body["proof"])
    except ActRefused as error:
        if error.field == "device":
            return coded(409, "devices-too-many", str(error))
        faults = [{"where": error.field, "expected": str(error), "got": "another"}]
        return coded(422, "device-malformed", str(error), faults=faults)
    note("device-enrolled", account=identity().account, device=device.id)
    return _said({"device": device.id}, 201 if new else 200)


@blueprint.put("/photos/<digest>")
@answered
def put_photo(digest: str) -> Response:
    """A photo, by the digest that it has on the device."""
    if request.mimetype != "image/jpeg":
        raise Refusal(415, "not-jpeg", "expected the content type image/jpeg, got another")
    new = office().put_photo(digest, request.get_data(cache=False))
    return _said({"digest": digest}, 201 if new else 200)


@blueprint.get("/photos")
@answered
def photos() -> Response:
    """Which of some photos have not come."""
    return _said({"missing": office().missing(request.args.get("d", "").split(","))})


@blueprint.post("/entries")
@answered
def take() -> Response:
    """An entry of an inspection."""
    body = _body(_ENTRY)
    taken = office().take(body["entry"], body["signature"])
    link = taken.link
    return _said(
        {
            "inspection": link.inspection_id,
            "entry": link.entry,
            "digest": link.digest,
            "received": to_iso(link.received_ms),
            "position": link.position,
        },
        201 if taken.new else 200,
    )


@blueprint.get("/inspections")
@answered
def inspections() -> Response:
    """What one has sent, or signed as an officer."""
    rows, after = office().own(request.args.get("after", ""))
    return _said({"items": [_listed(row) for row in rows], "next": after or None})


@blueprint.get("/inspections/due")
@answered
def due() -> Response:
    """Those of the own organisation with a correction that nobody has looked at."""
    items = [{**_listed(row), "due": to_iso(row["due_ms"])} for row in office().due()]
    return _said({"items": items})


@blueprint.get("/inspections/<inspection_id>")
@answered
def inspection(inspection_id: str) -> Response:
    """One of the own organisation, as it was signed."""
    found = office().inspection(inspection_id)
    return _said(
        {
            "inspection": found.inspection.id,
            "state": found.inspection.state,
            "entries": [
                {
                    "entry": link.content,
                    "digest": link.digest,
                    "received": to_iso(link.received_ms),
                    "position": link.position,
                }
                for link in found.links
            ],
            "corrections": [
                {
                    "measure": each.measure,
                    "due": to_iso(each.due_ms),
                    "followed": None if each.followed_ms is None else to_iso(each.followed_ms),
                }
                for each in found.corrections
            ],
        }
    )


def _listed(row: Row) -> dict[str, Any]:
    return {
        "inspection": row["id"],
        "entries": row["entries"],
        "digest": row["digest"],
        "received": to_iso(row["received_ms"]),
        "finding": row["finding"],
        "premises": row["premises"],
        "state": row["state"],
    }


@blueprint.post("/scans")
@answered
def scan() -> Response:
    """The verdict of a label that an inspector looks at, with its history. It is recorded as what it is, and makes no
    label suspect.
    """
    text = _body(_SCAN)["text"]
    return answering.as_json(site(), answering.inspect(site(), text, identity().account, language()))
