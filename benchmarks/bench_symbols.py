"""QR symbols of labels on one core: the table encoder beside zxing-cpp's writer, which picks a mask itself or not.

Each side begins with what signing leaves: the writer with texts, the encoder with the seals of a strip, still as text.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measure import interleaved, table

from traceqr.demo.catalogue import ITEMS
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.symbol.encode import encode
from traceqr.symbol.masks import SAMPLE, choose
from traceqr.symbol.symbol import Level
from traceqr.symbol.table import TableEncoder, encoder

LABELS = 32_768
AUTOMATIC = 400
FIXED = 2_000
ONE_AT_A_TIME = 100
ROUNDS = 7
GOAL = 100
ORIGINS = ("HTTPS://QR.EXAMPLE.ORG", "https://qr.example.org")


def timed(make: Callable[[], TableEncoder]) -> tuple[TableEncoder, float]:
    """An encoder, and the seconds that it took to make."""
    started = time.perf_counter()
    made = make()
    return made, time.perf_counter() - started


def writer(texts: list[str], **options: object) -> Callable[[], None]:
    """zxing-cpp's writer, from text to a symbol in memory. It ignores options that it does not know."""

    def write() -> None:
        for text in texts:
            zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **options)

    return write


def check(text: str, version: int, data_mask: int) -> None:
    """That the writer does as the options say, by what a reader finds in its symbol."""
    options = {"ec_level": "M", "version": version, "data_mask": data_mask}
    picture = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, **options).to_image(scale=4)
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == text
    assert (found.ec_level, found.extra["Version"], found.extra["DataMask"]) == ("M", str(version), data_mask)


def compare(origin: Origin) -> None:
    """Print the rates for labels on one host."""
    series = Series(origin, ITEMS[0].gtin, 1, key=1, pledge=4)
    strip = series.strip(Ed25519PrivateKey.generate(), 0, LABELS - 1)
    texts, labels = strip.texts, [strip.label(place) for place in range(max(SAMPLE, ONE_AT_A_TIME))]
    mask = choose(labels[:SAMPLE], Level.M)
    ours, making = timed(lambda: encoder(series, Level.M, mask))
    fixed = {"version": ours.version, "data_mask": mask}
    check(texts[0], **fixed)
    seconds = interleaved(
        ROUNDS,
        lambda: ours.encode(strip),
        writer(texts[:AUTOMATIC]),
        writer(texts[:FIXED], **fixed),
        lambda: [encode(label, Level.M, mask=mask) for label in labels[:ONE_AT_A_TIME]],
    )
    counts = (LABELS, AUTOMATIC, FIXED, ONE_AT_A_TIME)
    tables, automatic, with_mask, qrcode = (count / each for count, each in zip(counts, seconds, strict=True))
    table(
        f"Symbols of labels on {origin}, version {ours.version}, level M, mask {mask}, one core",
        [
            ("zxing-cpp's writer, automatic", f"{automatic:,.0f} a second"),
            ("zxing-cpp's writer, version and mask fixed", f"{with_mask:,.0f} a second"),
            ("qrcode, mask fixed", f"{qrcode:,.0f} a second"),
            ("table encoder", f"{tables:,.0f} a second, after {making:.2f} s for its tables"),
            ("ratio to automatic", f"{tables / automatic:.0f} (goal {GOAL})"),
            ("ratio to fixed", f"{tables / with_mask:.0f}"),
        ],
    )


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for origin in ORIGINS:
        compare(Origin.parse(origin))


if __name__ == "__main__":
    main()
