"""Labels under fixed keys, and the small instruments that read symbols back from what was drawn."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import segno
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import VerifyKey
from PIL import Image

from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.segments import Mode, Segment, segments
from traceqr.symbol.symbol import Symbol

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = VerifyKey(PRIVATE.public_key().public_bytes_raw())
GTIN = Gtin.parse("06901234567892")

Rows = tuple[bytes, ...]


def label_at(origin: str = "HTTPS://QR.EXAMPLE.ORG", index: int = 42, pledge: int = 7) -> Label:
    """A label whose seal holds under `PRIVATE`."""
    serial = Serial(1, index)
    return Label(Origin.parse(origin), GTIN, serial, Seal.sign(PRIVATE, 1, pledge, GTIN, serial))


def host_of(length: int) -> str:
    """A lower-case host name of exactly that many characters."""
    name = "".join("." if at % 60 == 59 else "a" for at in range(length))
    return name[:-1] + "a"


def label_on(length: int, upper: bool) -> Label:
    """A label on a host of that many characters."""
    origin = f"https://{host_of(length)}"
    return label_at(origin.upper() if upper else origin)


def picture_of(rows: Iterable[bytes], dots: int = 4) -> Image.Image:
    """Rows of modules, 1 for dark, drawn in grey."""
    rows = tuple(rows)
    picture = Image.frombytes("L", (len(rows[0]), len(rows)), bytes(0 if dark else 255 for dark in b"".join(rows)))
    return picture.resize((picture.width * dots, picture.height * dots), Image.Resampling.NEAREST)


def decode(picture: Image.Image) -> zxingcpp.Barcode:
    """The one QR code in a picture."""
    (found,) = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.barcode_formats_from_str("QRCode"), text_mode=zxingcpp.TextMode.Plain
    )
    return found


def rasterise(path: str, size: int) -> Rows:
    """SVG path data of `M`, `h`, `v` and `z` in whole units, filled by `evenodd`, as `size` rows."""
    crossings = [bytearray(size + 1) for _ in range(size)]
    x = y = start_y = 0
    for command, numbers in re.findall(r"([Mhvz])([-0-9 ]*)", path):
        above = y
        if command == "M":
            x, y = map(int, numbers.split())
            above = start_y = y
        elif command == "h":
            x += int(numbers)
        else:
            y = start_y if command == "z" else y + int(numbers)
        for row in range(min(above, y), max(above, y)):
            crossings[row][x] ^= 1
    return tuple(_filled(row)[:size] for row in crossings)


def _filled(crossings: Iterable[int]) -> bytes:
    inside, row = 0, bytearray()
    for crossing in crossings:
        inside ^= crossing
        row.append(inside)
    return bytes(row)


def by_segno(label: Label, symbol: Symbol, mask: int) -> Rows | None:
    """The same symbol by segno, or None where segno is known to pad wrongly.

    segno 1.6.6 adds a byte of zeros where the data end on a codeword already (heuer/segno issue 148), against
    ISO/IEC 18004, section 7.4.10. Decoders read both.
    """
    parts = segments(label)
    if (sum(_bits(part) for part in parts) + 4) % 8 == 0:
        return None
    content = [(part.text, int(part.mode)) for part in parts]
    code = segno.make(
        content, error=symbol.level.value, version=symbol.version, mask=mask, boost_error=False, micro=False
    )
    return tuple(bytes(row) for row in code.matrix)


def _bits(part: Segment) -> int:
    """Bits of a segment in a symbol up to version 9, header included (ISO/IEC 18004, section 7.4)."""
    length = len(part.text)
    if part.mode is Mode.NUMERIC:
        return 4 + 10 + length // 3 * 10 + (0, 4, 7)[length % 3]
    if part.mode is Mode.ALPHANUMERIC:
        return 4 + 9 + length // 2 * 11 + length % 2 * 6
    return 4 + 8 + length * 8


def photo_of(label: Label, dots: int = 6) -> Image.Image:
    """The label's symbol alone, in grey."""
    return Image.open(io.BytesIO(to_png(encode(label), dots))).convert("L")


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a picture file."""
    content = io.BytesIO()
    picture.save(content, kind, **options)  # type: ignore[arg-type]
    return content.getvalue()
