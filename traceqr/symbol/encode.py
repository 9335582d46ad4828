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

from qrcode import QRCode, constants, util

from traceqr.label.format import Label
from traceqr.symbol.segments import Mode, segments
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
    if mask is not None and mask not in range(8):
        raise SymbolError(f"expected a mask from 0 to 7, got {mask}")
    code = QRCode(error_correction=_CORRECTION[level], border=0, mask_pattern=mask)
    for segment in segments(label):
        data = util.QRData(segment.text.encode("ascii"), mode=_MODE[segment.mode], check_data=False)
        code.add_data(data, optimize=0)
    version = code.best_fit()
    if version > MAX_VERSION:
        raise SymbolError(_too_long(label, level, version))
    _make(code)
    return Symbol(version, level, tuple(map(bytes, code.modules)))


def _make(code: QRCode) -> None:
    try:
        code.make(fit=False)
    except ValueError as error:
        # qrcode's Reed-Solomon code takes the logarithm of zero on an all-zero block. A seal that was signed fills
        # no block with zeros; one made up by hand may.
        raise SymbolError("expected a seal that was signed, got one of zeros, which no symbol is made for") from error


def _too_long(label: Label, level: Level, version: int) -> str:
    host = label.origin.host
    return (
        f"expected a host that fits a QR symbol of version {MAX_VERSION} at level {level}, "
        f"got {len(host)} characters, which need version {version}: {host!r}"
    )
