"""Label format 1, specified in docs/label-format.md:

    HTTPS://HOST/01/GTIN/21/SERIAL?s=SEAL

One spelling each. Reading is strict and works on the raw text: nothing is percent-decoded, trimmed or folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from traceqr.errors import TraceqrError
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.label.host import InvalidOrigin, Origin
from traceqr.label.seal import InvalidSeal, Seal
from traceqr.label.serial import InvalidSerial, Serial

MAX_TEXT = 4096
"""Characters read at most: more than any server takes in a request line, and a bound on the work."""

MAX_PARAMETERS = 64
"""Appended parameters read at most, to bound the work; messengers and trackers append a handful."""

_SHAPE = re.compile(r"([^/?#]*://[^/?#]*)/01/([^/?#]*)/21/([^/?#]*)(?:\?([^#]*))?")
_NAME = re.compile(r"[A-Za-z0-9._~-]+")
_ALL_NUMERIC = re.compile("[0-9]+")
# No `;` in a value: some readers of query strings split there too, and `x=1;17=251231` would reach them as AI (17).
_VALUE = re.compile(r"[!$%'()*+,\-./0-9:=?@A-Z\[\]_a-z~]*")


class InvalidLabel(TraceqrError):
    """The text is not a label of format 1. `reason` is the stable identifier of the fault."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Label:
    """A label that is well formed. Whether its seal holds is another question."""

    origin: Origin
    gtin: Gtin
    serial: Serial
    seal: Seal

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read a label text. Raises `InvalidLabel`, and nothing else, for every text that is not one.

        Parameters other than `s` are tolerated and dropped, unless their name is all digits: an unsigned
        application identifier must not ride on a signed label.
        """
        origin, gtin, serial, query = _split(text)
        seal = _seal_of(query)
        try:
            label = cls(Origin.parse(origin), Gtin.parse(gtin), Serial.parse(serial), Seal.parse(seal))
        except InvalidOrigin as error:
            raise InvalidLabel(error.reason, str(error)) from error
        except InvalidGtin as error:
            raise InvalidLabel(_gtin_reason(gtin), str(error)) from error
        except InvalidSerial as error:
            raise InvalidLabel("serial-malformed", str(error)) from error
        except InvalidSeal as error:
            raise InvalidLabel("seal-overflow" if error.overflow else "seal-malformed", str(error)) from error
        # Decode, encode, compare: the last word on "one spelling", whatever the parsers above let through.
        if str(label) != f"{origin}/01/{gtin}/21/{serial}?s={seal}":
            raise InvalidLabel("not-a-label", "expected the one spelling of this label, got another")
        return label

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"

    @property
    def path(self) -> str:
        """The label as a request target: `/01/GTIN/21/SERIAL?s=SEAL`."""
        return f"/01/{self.gtin}/21/{self.serial}?s={self.seal}"


def _split(text: str) -> tuple[str, str, str, str | None]:
    if len(text) > MAX_TEXT:
        raise InvalidLabel("text-too-long", f"expected at most {MAX_TEXT} characters, got {len(text)}")
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise InvalidLabel("not-a-label", "expected https://HOST/01/GTIN/21/SERIAL?s=SEAL, got another shape")
    origin, gtin, serial, query = match.groups()
    return origin, gtin, serial, query


def _seal_of(query: str | None) -> str:
    """The value of the one `s`. Every other parameter must be harmless."""
    if query is None:
        raise InvalidLabel("seal-missing", "expected the seal as ?s=..., got no query")
    parameters = query.split("&", MAX_PARAMETERS)
    if len(parameters) > MAX_PARAMETERS:
        raise InvalidLabel("parameter-malformed", f"expected at most {MAX_PARAMETERS} parameters, got more")
    seals = []
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "s":
            seals.append(value)
        elif _ALL_NUMERIC.fullmatch(name):
            raise InvalidLabel("parameter-numeric", f"expected no application identifier beside the seal, got {name!r}")
        elif not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InvalidLabel("parameter-malformed", f"expected parameters of plain ASCII, got {parameter!r}")
    if len(seals) != 1:
        reason = "seal-repeated" if seals else "seal-missing"
        raise InvalidLabel(reason, f"expected exactly one parameter s, got {len(seals)}")
    return seals[0]


def _gtin_reason(digits: str) -> str:
    return "gtin-check-digit" if re.fullmatch("[0-9]{14}", digits) else "gtin-malformed"
