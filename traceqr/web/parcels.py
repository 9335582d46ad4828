"""Files that were looked at and are to be used: what was uploaded stands in the form of the page, sealed.

It comes back with the form. So nothing is kept between the two requests, any worker of any node takes the second one,
and what is used is byte for byte what was looked at. A parcel is for one account and one purpose, and good for an hour.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from flask import request
from itsdangerous import BadData, Signer

from traceqr.errors import TraceqrError
from traceqr.web.device import derive
from traceqr.web.door import MAX_FORM, identity
from traceqr.web.site import site

MAX_BYTES = 5_000_000
"""Of a file: as text for a form it takes at most a third more, and must fit into one."""

LIFE_MS = 60 * 60 * 1000


class ParcelOver(TraceqrError):
    """A parcel that is good no more, or was altered on its way."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file as it was uploaded."""

    name: str
    content: bytes


def make_room() -> None:
    """Before a form is read that may hold a parcel: fields are kept short otherwise."""
    request.max_form_memory_size = MAX_FORM


def seal(parcel: Parcel, purpose: str) -> str:
    """The text that stands in a form."""
    head = json.dumps({"name": parcel.name, "until_ms": site().clock() + LIFE_MS}).encode()
    packed = zlib.compress(head + b"\n" + parcel.content, 6)
    return _signer(purpose).sign(b64encode(packed)).decode()


def unseal(sealed: str, purpose: str) -> Parcel:
    """The parcel that this deployment sealed for this account and purpose. Raises `ParcelOver`."""
    try:
        # What is unpacked is what was packed here, and so of a known size.
        packed = b64decode(_signer(purpose).unsign(sealed.encode("utf-8", "replace")))
    except BadData as error:
        raise ParcelOver("expected a parcel of this account and purpose, got another") from error
    head, _, content = zlib.decompress(packed).partition(b"\n")
    about = json.loads(head)
    if site().clock() >= about["until_ms"]:
        raise ParcelOver("expected a parcel that is good, got one that has ended")
    return Parcel(about["name"], content)


def uploaded(field: str) -> Parcel | None:
    """The file of a form, cut after one byte too many; None where none was chosen."""
    given = request.files.get(field)
    if given is None or not given.filename:
        return None
    content = given.stream.read(MAX_BYTES + 1)
    given.close()  # a large one is a file on disk
    return Parcel("".join(char for char in given.filename if char.isprintable())[-100:], content)


def _signer(purpose: str) -> Signer:
    key = derive(site().settings.require_secret_key(), b"parcel.v1")
    return Signer(key, salt=f"{identity().account}\n{purpose}", digest_method=hashlib.sha256)
