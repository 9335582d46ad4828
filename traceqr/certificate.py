"""The number of a pledge certificate, such as `QM2026-00000123-E`: the edition's code, the pledge's number in eight
digits or more, and a check character (ISO/IEC 7064, MOD 37,36), by which a mistyped character is noticed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

from traceqr.errors import TraceqrError

MAX_PLEDGE = 4_294_967_295

_CODE = re.compile("[A-Z][A-Z0-9]{1,11}")
_NUMBER = re.compile("([A-Z][A-Z0-9]{1,11})-([0-9]{8,10})-([0-9A-Z])")
_DASHES = re.compile(r"\s*[-‐‑–—－]\s*|\s+")
_MOST = 60
"""Characters of what is looked at: a number has at most 25."""


class InvalidCertificateNumber(TraceqrError):
    """A text that is not the number of a certificate."""


def is_code(text: str) -> bool:
    """Whether it may be the code of an edition: 2 to 12 capital letters and digits, a letter first."""
    return _CODE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """Of the certificate of one pledge. Follows from the pledge, so it is stored nowhere."""

    code: str
    pledge: int

    def __post_init__(self) -> None:
        if not is_code(self.code):
            raise InvalidCertificateNumber(
                f"expected an edition's code of 2 to 12 A to Z and 0 to 9, got {self.code!r}"
            )
        if not 1 <= self.pledge <= MAX_PLEDGE:
            raise InvalidCertificateNumber(f"expected a pledge number from 1 to {MAX_PLEDGE:,}, got {self.pledge:,}")

    @classmethod
    def parse(cls, text: str) -> CertificateNumber:
        """Read a number in its one spelling. Raises `InvalidCertificateNumber`."""
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise InvalidCertificateNumber(
                f"expected a certificate number such as QM2026-00000123-E, got {text[:_MOST]!r}"
            )
        number = cls(match[1], int(match[2]))
        if number.check != match[3]:
            raise InvalidCertificateNumber(f"certificate number {text!r}: one of its characters is mistyped")
        if str(number) != text:
            raise InvalidCertificateNumber(f"expected the certificate number spelled {str(number)!r}, got {text!r}")
        return number

    @classmethod
    def typed(cls, text: str) -> CertificateNumber:
        """Read a number as people type it: small letters, full width, other dashes, spaces. Raises
        `InvalidCertificateNumber`.
        """
        plain = unicodedata.normalize("NFKC", text[:_MOST]).strip().upper()
        return cls.parse(_DASHES.sub("-", plain))

    @property
    def check(self) -> str:
        """The check character over code and number."""
        return str(mod_37_36.calc_check_digit(f"{self.code}{self.pledge:08d}"))

    def __str__(self) -> str:
        return f"{self.code}-{self.pledge:08d}-{self.check}"
