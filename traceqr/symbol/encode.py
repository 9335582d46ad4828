"""From a label to its QR symbol, one at a time, through the `qrcode` library.

Longest host (with port) in characters, by version at the default level M and scheme https:

| version | modules | upper case | lower case |
| --- | --- | --- | --- |
| 7 | 45 x 45 | 24 | 13 |
| 8 | 49 x 49 | 68 | 43 |
| 9 | 53 x 53 | 108 | 71 |
| 10 | 57 x 57 | 155 | 102 |

Level L ends at 239 and 160 characters, level Q at 64 and 40.
"""

from __future__ import annotations

from collections.abc import Sequence

from qrcode import QRCode, constants, util

from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.symbol.segments import Mode, Segment, segments
from traceqr.symbol.symbol import MAX_VERSION, Level, Symbol, SymbolError

_CORRECTION = {
    Level.L: constants.ERROR_CORRECT_L,
    Level.M: constants.ERROR_CORRECT_M,
    Level.Q: constants.ERROR_CORRECT_Q,
}
_MODE = {
    Mode.NUMERIC: util.MODE_NUMBER,
    Mode.ALPHANUMERIC: util.MODE_ALPHA_NUM,
    Mode.BYTE: util.MODE_8BIT_BYTE,
}


def encode(label: Label, level: Level = Level.M, *, mask: int | None = None) -> Symbol:
    """The smallest symbol that holds the label at `level`.

    `mask` (0 to 7) fixes the data mask; None selects the best by the rules of ISO/IEC 18004, section 7.8.3,
    which takes about seven times as long. Raises `SymbolError` when the label needs a version above 10.
    """
    parts = segments(label)
    return draw(parts, version_of(parts, label.origin, level), level, mask)


def encode_text(text: str, level: Level = Level.M) -> Symbol:
    """The smallest symbol that holds any text as bytes (UTF-8): an address, or the secret of a second factor.

    Raises `SymbolError` when it needs a version above 10: 213 bytes at level M.
    """
    code = QRCode(None, error_correction=_CORRECTION[level], border=0)
    code.add_data(util.QRData(text.encode(), mode=util.MODE_8BIT_BYTE), optimize=0)
    version: int = code.best_fit()
    if version > MAX_VERSION:
        raise SymbolError(f"expected a text that fits a QR symbol of version {MAX_VERSION}, got {len(text)} characters")
    code.make(fit=False)
    return Symbol(version, level, tuple(map(bytes, code.modules)))


def version_of(parts: Sequence[Segment], origin: Origin, level: Level) -> int:
    """The smallest version that holds a label on `origin`, cut to `parts`. Raises `SymbolError` above version 10."""
    version: int = _code(parts, level).best_fit()
    if version > MAX_VERSION:
        raise SymbolError(_too_long(origin.host, level, version))
    return version


def draw(parts: Sequence[Segment], version: int, level: Level, mask: int | None) -> Symbol:
    """The symbol of a version that holds the parts; `mask` as of `encode`."""
    if mask is not None and mask not in range(8):
        raise SymbolError(f"expected a mask from 0 to 7, got {mask}")
    code = _code(parts, level, version, mask)
    _make(code)
    return Symbol(version, level, tuple(map(bytes, code.modules)))


def data_of(parts: Sequence[Segment], level: Level) -> tuple[list[util.QRData], int]:
    """The parts as the library takes them, and its name of the level."""
    code = _code(parts, level)
    return code.data_list, code.error_correction


def place(octets: bytes, version: int, level: Level) -> Symbol:
    """A symbol of any codewords under mask 0, which nobody could read: it shows where their bits go."""
    code = QRCode(version, error_correction=_CORRECTION[level], border=0, mask_pattern=0)
    code.data_cache = octets
    code.make(fit=False)
    return Symbol(version, level, tuple(map(bytes, code.modules)))


def _code(parts: Sequence[Segment], level: Level, version: int | None = None, mask: int | None = None) -> QRCode:
    code = QRCode(version, error_correction=_CORRECTION[level], border=0, mask_pattern=mask)
    for part in parts:
        code.add_data(util.QRData(part.text.encode("ascii"), mode=_MODE[part.mode], check_data=False), optimize=0)
    return code


def _make(code: QRCode) -> None:
    try:
        code.make(fit=False)
    except ValueError as error:
        # qrcode's Reed-Solomon code takes the logarithm of zero on an all-zero block. A seal that was signed fills
        # no block with zeros; one made up by hand may.
        raise SymbolError("expected a seal that was signed, got one of zeros, which no symbol is made for") from error


def _too_long(host: str, level: Level, version: int) -> str:
    return (
        f"expected a host that fits a QR symbol of version {MAX_VERSION} at level {level}, "
        f"got {len(host)} characters, which need version {version}: {host!r}"
    )
