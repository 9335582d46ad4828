"""Files of labels for print houses: `/print/TOKEN/NAME`, made while they are sent, and to be gone on with.

The role `print`. The link says which export is meant, the ledger what it holds, and the signer seals it: this process
holds no key, and gets no seal that the ledger does not tell of.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, current_app, request

from traceqr import __version__
from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.printing import formats
from traceqr.printing.volumes import file_name
from traceqr.registry.database import Database, RegistryConflict
from traceqr.settings import Settings
from traceqr.signer.asking import SOON_S, Line, SignerAway, SignerRefused
from traceqr.signer.granting import Grant, NotGranted, grant
from traceqr.web.answering import RETRY_SECONDS
from traceqr.web.aside import apart
from traceqr.web.links import BadLink, Links
from traceqr.web.logs import events
from traceqr.web.site import language, site
from traceqr.web.streaming import Layout, Stretch
from traceqr.web.target import in_each_language

EXTENSION = "traceqr-print"

MOST = 16
"""Downloads at once in a process; each holds two strips, and the signer's attention in turn."""

_LOST = frozenset({"link-altered", "export-unknown", "export-not-linked", "name-unknown"})
"""Reasons for which there is nothing at the address (404); the others say that it is not given out (403)."""

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)

blueprint = Blueprint("downloads", __name__)


@dataclass(slots=True)
class PrintRoom:
    """What downloads need beside the site."""

    database: Database
    links: Links
    line: Line
    under_way: int = field(default=0)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is now, though nobody has made it yet."""

    granted: Grant
    name: str
    layout: Layout
    media_type: str
    etag: str


class _Unsatisfiable(Exception):
    """A range that begins past the end."""


def install(app: Flask, settings: Settings, database: Database) -> None:
    """Serve downloads. Raises `InvalidSetting` when a setting that they need is missing."""
    links, line = Links(settings.require_secret_key()), Line(settings.require_signer())
    app.extensions[EXTENSION] = PrintRoom(database, links, line)
    app.register_blueprint(blueprint)


@blueprint.get("/print/<token>/<name>")
def download(token: str, name: str) -> Response:
    """A file of labels, or a range of it (RFC 9110, section 14)."""
    room: PrintRoom = current_app.extensions[EXTENSION]
    try:
        file = _file(room, token, name)
        return _answer(room, file)
    except (BadLink, NotGranted, SignerRefused) as error:
        return _refused(error.reason)
    except (RegistryUnavailable, RegistryConflict, SignerAway) as error:  # a conflict: the role lacks a right
        events().error("download-impossible", kind=type(error).__name__)
        return _page("signer-away" if isinstance(error, SignerAway) else "registry-away", 503)


def _file(room: PrintRoom, token: str, name: str) -> File:
    now_ms = site().clock()
    link = room.links.read(token, now_ms)
    with room.database.snapshot(soon=True) as reader:
        granted = grant(reader, link.export, now_ms)
    file = apart(lambda: _formed(granted))  # the first symbols of a process take half a second of computation
    if name != file.name:
        raise NotGranted("name-unknown", "expected the name of the file that the link was made for")
    return file


def _formed(granted: Grant) -> File:
    plan = granted.plan
    job = plan.job(formats.level_of(granted.options), granted.mask)
    form = formats.make(granted.format, job, granted.options)
    layout = Layout.of(form, job)
    # The same bytes have the same tag on every node; another version of the program may form them otherwise.
    content = repr((__version__, granted.export.id, granted.format, sorted(granted.options.items()), job, layout.size))
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    name = file_name(plan.batch.number, plan.first, plan.last, form.suffix)
    return File(granted, name, layout, form.media_type, etag)


def _answer(room: PrintRoom, file: File) -> Response:
    size = file.layout.size
    try:
        wanted = None if request.method == "HEAD" else _wanted(file.etag, size)
    except _Unsatisfiable:
        return _with_headers(_page("range-outside", 416), {"Content-Range": f"bytes */{size}", "ETag": file.etag})
    if request.method == "HEAD":
        return _with_headers(Response(status=200), _headers(file, 0, size))
    start, stop = wanted or (0, size)
    if room.under_way >= MOST:
        events().info("download-refused", reason="busy")
        return _page("busy", 503)
    sending = _Sending(room, file, start, stop)
    sending.open()
    response = Response(sending, 206 if wanted else 200, direct_passthrough=True)
    if wanted:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return _with_headers(response, _headers(file, start, stop))


def _wanted(etag: str, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, as start and stop; None for the whole file. What is no range of bytes, or
    several, may be ignored (RFC 9110, section 14.2), and is. Raises `_Unsatisfiable`.
    """
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    # A date is no validator here, and a weak tag never is for ranges (RFC 9110, section 13.1.5).
    if found is None or request.headers.get("If-Range", etag).strip() != etag:
        return None
    first, last = found.groups()
    if not first:
        return _suffix(last, size)
    start, stop = int(first), int(last) + 1 if last else size
    if stop <= start and last:
        return None  # the wrong way round: no range at all (section 14.1.1)
    if start >= size:
        raise _Unsatisfiable
    return start, min(stop, size)


def _suffix(last: str, size: int) -> tuple[int, int] | None:
    """The last so many bytes."""
    if not last:
        return None
    if int(last) == 0:
        raise _Unsatisfiable
    return max(0, size - int(last)), size


def _headers(file: File, start: int, stop: int) -> dict[str, str]:
    return {
        "Content-Type": file.media_type,
        "Content-Length": str(stop - start),
        "Content-Disposition": f'attachment; filename="{file.name}"',  # RFC 6266; the name is ASCII
        "Accept-Ranges": "bytes",
        "ETag": file.etag,
        # Who compresses on the way loses the length, and who stores keeps labels.
        "Cache-Control": "private, no-store, no-transform",
        # For nginx: what it kept for the client would look like it was sent, and lie on its disk.
        "X-Accel-Buffering": "no",
    }


def _with_headers(response: Response, headers: dict[str, str]) -> Response:
    for name, value in headers.items():
        response.headers[name] = value
    return response


class _Sending:
    """The body of an answer. What happens to it is logged, and on the ledger when all was sent in one go."""

    def __init__(self, room: PrintRoom, file: File, start: int, stop: int) -> None:
        self._room = room
        self._file = file
        self._start, self._stop = start, stop
        self._sent = 0
        self._export = file.granted.export.id
        self._stretch = Stretch(file.layout, room.line, self._export, start, stop)
        self._closed = False

    def open(self) -> None:
        """Have the first seals. Raises `SignerAway` or `SignerRefused`."""
        self._room.under_way += 1
        try:
            self._stretch.open(SOON_S)
        except BaseException:
            self._room.under_way -= 1
            self._stretch.close()
            raise
        events().info("download-begun", export=self._export, start=self._start, stop=self._stop)

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        whole = (self._start, self._stop) == (0, self._file.layout.size)
        for content in self._stretch:
            yield content
            # Here the server has handed it to the system. An end that comes before leaves it out of the count.
            self._sent += len(content)
            if whole:
                digest.update(content)
        if whole:
            self._finish(digest.hexdigest())

    def close(self) -> None:
        """Called by the server, however the answer ended."""
        if self._closed:
            return
        self._closed = True
        self._room.under_way -= 1
        self._stretch.close()
        ended = "download-ended" if self._sent == self._stop - self._start else "download-broken-off"
        events().info(ended, export=self._export, start=self._start, sent=self._sent)

    def _finish(self, digest: str) -> None:
        """A crash before this leaves an export that looks broken off: what is certain is never said too early."""
        try:
            self._room.line.finish(self._export, self._sent, digest)
        except SignerRefused as error:
            # It was fetched whole before, or the signer's role in the database may not act.
            events().info("download-unrecorded", export=self._export, reason=error.reason)
        except TraceqrError as error:
            events().error("download-unrecorded", export=self._export, kind=type(error).__name__)


def _refused(reason: str) -> Response:
    events().info("download-refused", reason=reason)
    return _page(reason, 404 if reason in _LOST else 403)


def _page(reason: str, status: int) -> Response:
    """Why there is no file, in the reader's language."""
    addresses = in_each_language(request.environ)
    html = site().pages.render(
        "download.html", language(), reason=reason, status=status, addresses=addresses, repost=None
    )
    headers = {"Vary": "Accept-Language, Cookie"} | ({"Retry-After": RETRY_SECONDS} if status == 503 else {})
    return Response(html, status, headers, mimetype="text/html")
