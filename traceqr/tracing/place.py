"""Places that events name: GLN with an extension (GS1 General Specifications, AIs 414 and 254), or a URI."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum import ean

from traceqr.errors import TraceqrError

MAX_URI = 512
"""Characters of a place that is told by a URI."""

_GLN = re.compile("[0-9]{13}")
_EXTENSION = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


class InvalidPlace(TraceqrError):
    """Neither a GLN with a check digit that is right nor a URI."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in its one spelling: `414/GLN`, `414/GLN/EXTENSION` or `uri/URI`. `gln` is empty for a URI."""

    key: str
    gln: str

    @classmethod
    def parse(cls, key: str) -> Place:
        """From its spelling. Raises `InvalidPlace`."""
        start, _, rest = key.partition("/")
        if start == "uri" and _URI.fullmatch(rest) and len(rest) <= MAX_URI:
            return cls(key, "")
        gln, slash, extension = rest.partition("/")
        if start != "414" or not _GLN.fullmatch(gln) or (slash and not _EXTENSION.fullmatch(extension)):
            raise InvalidPlace(f"expected a place as 414/GLN, 414/GLN/EXTENSION or uri/URI, got {key!r}")
        expected = ean.calc_check_digit(gln[:-1])
        if gln[-1] != expected:
            raise InvalidPlace(f"expected check digit {expected} at the end of GLN {gln!r}, got {gln[-1]}")
        return cls(key, gln)

    def __str__(self) -> str:
        return self.key


def is_place(key: str) -> bool:
    """Whether it is the spelling of a place."""
    try:
        Place.parse(key)
    except InvalidPlace:
        return False
    return True
