"""How serials, lots and extensions are spelled inside URIs: as EPC URNs and as GS1 Digital Links have them."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from traceqr.errors import TraceqrError

MAX_GS1 = 20
"""Characters that GS1 allows in serials (AI 21), lots (AI 10) and extensions of places (AI 254)."""

GS1_TEXT = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
"""The 82 characters of GS1 (General Specifications, figure 7.11-1)."""

_ESCAPES = {ord(each): f"%{ord(each):02X}" for each in '"%&/<>?'}
_URN_TEXT = re.compile(r"(?:%(?:22|25|26|2F|3C|3E|3F)|[!'()*+,\-.0-9:;=A-Z_a-z])+")
_LINK_TEXT = re.compile(r"(?:%[0-9A-Fa-f]{2}|[!$&'()*+,;=:@\-._~0-9A-Za-z])+")
_LINK_SAFE = "';="
"""What stays as it is in a canonical Digital Link, beside letters, digits and `-._~`."""


class InvalidSpelling(TraceqrError):
    """A URI that names something of GS1's in a way that GS1 does not allow."""


def into_urn(text: str) -> str:
    """As an EPC URN has it: seven characters are escaped (EPC Tag Data Standard, section 6.3.1)."""
    return text.translate(_ESCAPES)


def out_of_urn(text: str) -> str:
    """What an EPC URN spells. Raises `InvalidSpelling` where it has another spelling."""
    if not _URN_TEXT.fullmatch(text):
        raise InvalidSpelling(f"expected characters as an EPC URN spells them, such as %2F for a slash, got {text!r}")
    return unquote(text) if "%" in text else text


def into_link(text: str) -> str:
    """As a canonical GS1 Digital Link has it. What is not of GS1's characters is escaped as UTF-8."""
    return quote(text, safe=_LINK_SAFE)


def out_of_link(text: str) -> str:
    """What a segment of a Digital Link spells: characters may be escaped that need not be. Raises `InvalidSpelling`."""
    if not _LINK_TEXT.fullmatch(text):
        raise InvalidSpelling(f"expected a segment of a Digital Link, percent-encoded, got {text!r}")
    try:
        return unquote(text, errors="strict") if "%" in text else text
    except UnicodeDecodeError as error:
        raise InvalidSpelling(f"expected percent-encoded UTF-8, got {text!r}") from error


def is_gs1(text: str) -> bool:
    """Whether it could be a serial, a lot or an extension by GS1's rules."""
    return len(text) <= MAX_GS1 and GS1_TEXT.fullmatch(text) is not None
