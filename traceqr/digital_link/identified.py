"""What a GS1 Digital Link names: a key and its qualifiers, read strictly from the path of an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import quote, unquote_to_bytes

from traceqr.digital_link.elements import ALPHAS, KEYS, PATHS, attribute_fault, fault
from traceqr.errors import TraceqrError

MAX_TARGET = 4096
"""Characters of an address that are read at most."""

MAX_PARAMETERS = 64

_ESCAPED = re.compile("(?:[^%]|%[0-9A-Fa-f]{2})*")
_SPELLED = re.compile(r"[!$&'()*+,;=:@%\-._~0-9A-Za-z]*")
"""What RFC 3986 allows in a segment of a path."""

_DIGITS = re.compile("[0-9]+")


class InvalidDigitalLink(TraceqrError):
    """The address names nothing. `reason` is a stable identifier."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Identified:
    """A key (00, 01, 414 or 417), its value, and its qualifiers in their order."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def parse(cls, path: str) -> Identified:
        """Read a path as it was sent, not decoded: `/01/09506000134352/10/A%2F1`. One slash may follow it. Raises
        `InvalidDigitalLink`.
        """
        if len(path) > MAX_TARGET:
            raise InvalidDigitalLink("too-long", f"expected at most {MAX_TARGET} characters, got {len(path)}")
        pieces = _pieces(path)
        key = pieces[0]
        if key in ALPHAS:
            raise InvalidDigitalLink("alpha", f"expected /{ALPHAS[key]}/, got /{key}/, which version 1.2 took away")
        if len(pieces) == 1 and not _DIGITS.fullmatch(key):
            raise InvalidDigitalLink(*_odd(["", key]))
        if key not in KEYS:
            raise InvalidDigitalLink("key-unknown", f"expected one of {', '.join(KEYS)} in front, got {key[:40]!r}")
        if len(pieces) % 2:
            raise InvalidDigitalLink(*_odd(pieces))
        pairs = tuple(zip(pieces[::2], pieces[1::2], strict=True))
        return cls(key, pairs[0][1], pairs[1:])

    @property
    def path(self) -> str:
        """The path in its one spelling."""
        return _spelled(((self.key, self.value), *self.qualifiers))

    @property
    def qualified(self) -> str:
        """The part of the path behind the key's value: empty for the key alone."""
        return _spelled(self.qualifiers)

    @property
    def bare(self) -> Identified:
        """The key alone."""
        return Identified(self.key, self.value)

    def qualifier(self, identifier: str) -> str | None:
        """The value of a qualifier, if there is one."""
        return dict(self.qualifiers).get(identifier)

    def levels(self) -> tuple[Identified, ...]:
        """The thing itself and what it is a part of, up to the key alone: links about any of them hold for it
        (GS1-Conformant Resolver, section 2.5.9).
        """
        narrow = [
            Identified(self.key, self.value, chosen)
            for size in range(len(self.qualifiers), -1, -1)
            for chosen in combinations(self.qualifiers, size)
        ]
        return tuple(sorted(narrow, key=_rank, reverse=True))


def check_query(query: str) -> None:
    """Look at the attributes in a query, as it was sent. Raises `InvalidDigitalLink`."""
    parameters = [part for part in query.split("&", MAX_PARAMETERS) if part]
    if len(parameters) > MAX_PARAMETERS:
        raise InvalidDigitalLink("query-malformed", f"expected at most {MAX_PARAMETERS} parameters, got more")
    seen = set()
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if not _DIGITS.fullmatch(name):
            continue
        if wrong := attribute_fault(name, _decoded(value.replace("+", " "))):
            raise InvalidDigitalLink("attribute-malformed", wrong)
        if name in seen:
            raise InvalidDigitalLink("attribute-repeated", f"expected {name} once, got it again")
        seen.add(name)


def _pieces(path: str) -> list[str]:
    if not path.startswith("/"):
        raise InvalidDigitalLink("path-malformed", f"expected a path that begins with a slash, got {path[:40]!r}")
    raw = path[1:].removesuffix("/").split("/")
    if "" in raw:
        raise InvalidDigitalLink("path-malformed", "expected no empty part between slashes, got one")
    return [_decoded(piece) if _SPELLED.fullmatch(piece) else _refuse(piece) for piece in raw]


def _refuse(piece: str) -> str:
    raise InvalidDigitalLink("path-malformed", f"expected characters that a path may have, got {piece[:40]!r}")


def _decoded(piece: str) -> str:
    """Decoded once. What is no character of ASCII is no character of set 82, so it is refused here."""
    if not _ESCAPED.fullmatch(piece):
        raise InvalidDigitalLink("escape-malformed", f"expected two hex digits after each %, got {piece[:40]!r}")
    decoded = unquote_to_bytes(piece)
    if not decoded.isascii():
        raise InvalidDigitalLink("characters", f"expected ASCII characters alone, got {piece[:40]!r}")
    return decoded.decode("ascii")


def _odd(pieces: Sequence[str]) -> tuple[str, str]:
    last = pieces[-1][:40]
    if len(pieces) > 1 and not _DIGITS.fullmatch(last):
        return "compressed", f"expected an address that is not compressed, got {last!r} in the place of an identifier"
    return "value-missing", f"expected a value after /{last}/, got none"


def _check(what: Identified) -> None:
    pairs = ((what.key, what.value), *what.qualifiers)
    names = [name for name, _ in what.qualifiers]
    if len(set(names)) < len(names):
        raise InvalidDigitalLink("qualifier-repeated", "expected each qualifier once, got one again")
    allowed = PATHS[what.key]
    for name in names:
        if not any(name in row for row in allowed):
            raise InvalidDigitalLink("qualifier-unknown", f"expected qualifiers of {what.key}, got {name[:40]!r}")
    if not any(names == [name for name in row if name in names] for row in allowed):
        kinds = " or ".join(", ".join(row) for row in allowed)
        raise InvalidDigitalLink("qualifier-order", f"expected {kinds} in this order, got {', '.join(names)}")
    for name, value in pairs:
        if wrong := fault(name, value):
            raise InvalidDigitalLink("value-malformed", wrong)


def _spelled(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(f"/{name}/{quote(value, safe='')}" for name, value in pairs)


def _rank(what: Identified) -> tuple[int, ...]:
    """The narrower, the greater: a serial narrows more than a lot, and a lot more than a variant."""
    names = [name for name, _ in what.qualifiers]
    return tuple(int(name in names) for name in ("235", "7040", "254", "21", "10", "22"))
