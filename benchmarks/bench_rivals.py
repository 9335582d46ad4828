"""Signed labels as pictures, beside what somebody would put together instead, one process each:

- `cwt` (CBOR Web Tokens, signed by Ed25519) with zxing-cpp's writer, to SVG files;
- `cryptography` and `qrcode`, to PNG files.

The rivals are installed from PyPI into a folder of their own, once, and run there. Each label gets a file in memory;
ours go into a zip stream.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from measure import ORIGIN, bench, table

from traceqr import exporting, issuing
from traceqr.activating import Range
from traceqr.demo.catalogue import ITEMS
from traceqr.printing import formats
from traceqr.producing import Work, produce

HOUSE = Path(".cache/rivals")
PACKAGES = ("cwt >= 3, < 4", "zxing-cpp >= 3, < 4", "qrcode[pil] ~= 8.2", "cryptography >= 44")
LABELS, THEIRS = 20_000, 300

_HEAD = """
import io, sys, time
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
private = Ed25519PrivateKey.generate()
count = int(sys.argv[1])
def run(make):
    make(0)
    started = time.perf_counter()
    sizes = [make(index) for index in range(count)]
    print(count / (time.perf_counter() - started), sum(sizes) / count)
"""

_CWT = (
    _HEAD
    + """
import base64, cwt, zxingcpp
from cwt import COSEKey
pem = private.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
key = COSEKey.from_pem(pem, kid="01")
def make(index):
    token = cwt.encode({1: "https://qr.example.org", 2: "06999901100015", 7: b"%016d" % index}, key)
    text = "HTTPS://QR.EXAMPLE.ORG/" + base64.b32encode(token).decode().rstrip("=")
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return len(code.to_svg())
run(make)
"""
)

_QRCODE = (
    _HEAD
    + """
import qrcode
def make(index):
    path = f"/01/06999901100015/21/{index:016d}"
    seal = int.from_bytes(private.sign(path.encode()), "big")
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=6)
    code.add_data(f"HTTPS://QR.EXAMPLE.ORG{path}?s={seal:0155d}")
    content = io.BytesIO()
    code.make_image().save(content, "PNG")
    return len(content.getvalue())
run(make)
"""
)


def python() -> Path:
    """Python with the rivals, which are installed where they are not."""
    found = HOUSE / "bin" / "python"
    ready = HOUSE / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", HOUSE], check=True)
        install = [found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        ready.touch()
    return found


def rival(program: str) -> tuple[float, float]:
    """Labels a second, and bytes of a label."""
    done = subprocess.run([python(), "-c", program, str(THEIRS)], check=True, capture_output=True, text=True)
    rate, size = map(float, done.stdout.split())
    return rate, size


class _Nowhere:
    def __init__(self) -> None:
        self.size = 0

    def write(self, content: bytes) -> None:
        self.size += len(content)


def main() -> None:
    python()
    with bench() as here:
        batch = issuing.issue(here.desk, issuing.Order(ITEMS[0].gtin, LABELS, ORIGIN, pledge=4, active=True))
        with here.database.snapshot() as reader:
            job = exporting.plan(reader, Range(batch.number), here.desk.clock()).job()
        for name, other, program in (
            ("svg-zip", "cwt and zxing-cpp, SVG", _CWT),
            ("png", "cryptography and qrcode, PNG", _QRCODE),
        ):
            theirs, their_size = rival(program)
            form, nowhere = formats.make(name, job, {}), _Nowhere()
            started = time.perf_counter()
            produce(Work.of(form, job), here.private(batch), nowhere)  # type: ignore[arg-type]
            ours = LABELS / (time.perf_counter() - started)
            table(
                f"Signed labels as pictures, one process: {other}",
                [
                    (other, f"{theirs:,.0f} a second, {their_size:,.0f} bytes each"),
                    (f"ours, {name}", f"{ours:,.0f} a second, {nowhere.size / LABELS:,.0f} bytes each"),
                    ("ratio", f"{ours / theirs:.0f}"),
                ],
            )


if __name__ == "__main__":
    main()
