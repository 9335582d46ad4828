"""What a phone in the field takes to verify, to open a trust bundle, and to scan, in a real Chromium.

The slow phone is the same Chromium with its main thread throttled six times. What browsers do in threads of their own
(SHA-256, the decoder's worker) is not throttled by that; the tables say where it matters.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measure import table
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conftest import launched  # noqa: E402
from support.camera import film, phone_that_sees, sight  # noqa: E402
from support.scripts import served_tree  # noqa: E402

from traceqr.bundle.bits import lives  # noqa: E402
from traceqr.bundle.described import Enterprise, Pledge, Product  # noqa: E402
from traceqr.bundle.envelope import Envelope  # noqa: E402
from traceqr.bundle.manifest import Manifest, PartEntry  # noqa: E402
from traceqr.bundle.part import Batch, Part  # noqa: E402
from traceqr.bundle.scope import ALL  # noqa: E402
from traceqr.instant import DAY_MS, system_clock  # noqa: E402
from traceqr.label.format import Label  # noqa: E402
from traceqr.label.gtin import Gtin  # noqa: E402
from traceqr.label.host import Origin  # noqa: E402
from traceqr.label.jwk import to_jwk  # noqa: E402
from traceqr.label.keyring import PublicKey, Role, Window  # noqa: E402
from traceqr.label.seal import Seal  # noqa: E402
from traceqr.label.serial import Serial  # noqa: E402
from traceqr.symbol.encode import encode  # noqa: E402
from traceqr.symbol.png import to_png  # noqa: E402
from traceqr.web import modules  # noqa: E402

BATCHES, COUNT, IN_A_PART = 100, 1_000_000, 50
VOID = 0.01
LABELS = 300
SLOW = 6
FETCHED_AT = 12_000_000 / 8
"""Octets a second of a fair mobile network, and below what it takes to be answered."""
LATENCY_MS = 60
SCANNED_S = 5
GOAL_OPEN_S, GOAL_VERIFY_MS, GOAL_FRAMES, GOAL_DECODES, GOAL_SHELL_KB = 2, 2, 15, 5, 150

GTIN = Gtin.from_trade("6901234567892")
ORIGIN = Origin.parse("HTTPS://QR.EXAMPLE.ORG")
NOW = system_clock()
LABEL_KEY, BUNDLE_KEY = (Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name).digest()) for name in (b"l", b"b"))


def record(number: int, role: Role, private: Ed25519PrivateKey) -> PublicKey:
    """A key that is good for a year around now."""
    window = Window(NOW - 365 * DAY_MS, NOW + 365 * DAY_MS)
    return PublicKey(number, role, private.public_key().public_bytes_raw(), window, window)


def batch(number: int, random: numpy.random.Generator) -> Batch:
    """A million labels, 1% void at random."""
    state = numpy.where(random.random(COUNT) < VOID, 2, 1)
    lasts = numpy.append(numpy.flatnonzero(numpy.diff(state)), COUNT - 1)
    spans = ((int(last), int(state[last])) for last in lasts)
    return Batch(number, COUNT, 1, 7, (), None, None, None, str(ORIGIN), lives(spans), (), ())


def bundle(folder: Path) -> None:
    """Manifest and parts as files, and the labels that are judged."""
    random = numpy.random.default_rng(1)
    product = Product(GTIN.digits, "示例绿茶", "Example green tea", "示例", "100 g", "GB/T 14456")
    enterprise = Enterprise("91330000EXAMPLE001", "示例茶业有限公司", "Example Tea Co.", "330000", "")
    pledge = Pledge(7, "published", "示例活动", "Example campaign", 2026, NOW - DAY_MS, NOW + DAY_MS)
    entries = []
    for first in range(1, BATCHES + 1, IN_A_PART):
        batches = tuple(batch(number, random) for number in range(first, first + IN_A_PART))
        octets = Part(product, enterprise, (pledge,), (), batches).encode()
        digest = hashlib.sha256(octets).hexdigest()
        numbers = tuple(each.number for each in batches)
        entries.append(PartEntry(digest, len(octets), GTIN.digits, enterprise.uscc, enterprise.region, numbers))
        (folder / digest).write_bytes(octets)
    keys = tuple(to_jwk(record(*each)) for each in ((1, Role.LABEL, LABEL_KEY), (7, Role.BUNDLE, BUNDLE_KEY)))
    made = Manifest(ALL, 1, 1, NOW, NOW + DAY_MS, (ORIGIN.host,), keys, BATCHES + 1, (), tuple(entries))
    (folder / "manifest").write_bytes(bytes(Envelope.signed(7, made.canonical(), BUNDLE_KEY.sign)))


def label(place: int) -> str:
    """The text of a label of some batch."""
    serial = Serial(1 + place % BATCHES, place * 997 % COUNT)
    return str(Label(ORIGIN, GTIN, serial, Seal.sign(LABEL_KEY, 1, 7, GTIN, serial)))


FIELD = "/traceqr/web/static/field"
OPEN = """async ([folder, keys, text]) => {
    const { takeManifest, takePart, Holder } = await import("FIELD/bundle.js");
    const { Keyring } = await import("FIELD/keyring.js");
    const fetched = async (name) =>
        new Uint8Array(await (await fetch(`${folder}/${name}`, { cache: "no-store" })).arrayBuffer());
    const began = performance.now();
    const file = await fetched("manifest");
    const { parts: named } = JSON.parse(new TextDecoder().decode(file.subarray(70)));
    const octets = new Map();
    for (const { digest } of named) octets.set(digest, await fetched(digest));
    const came = performance.now();
    const manifest = await takeManifest(file, { trusted: Keyring.of(keys), scope: "all", atMs: Date.now() });
    for (const [digest, content] of octets) await takePart(manifest, digest, content);
    const taken = performance.now();
    globalThis.holder = new Holder({ manifest, parts: async (digest) => octets.get(digest) });
    const { reason } = await holder.judge(text);
    const judged = performance.now();
    const again = new Holder({ manifest, parts: async (digest) => octets.get(digest) });
    await again.judge(text);
    const read = performance.now();
    return { reason, fetch: came - began, take: taken - came, first: judged - taken, again: read - judged };
}""".replace("FIELD", FIELD)
VERIFY = """async (texts) => {
    const { parseLabel } = await import("FIELD/label.js");
    const { messageOf, sealHolds } = await import("FIELD/seal.js");
    const labels = texts.map(parseLabel);
    const key = holder.manifest.keyring.find(1);
    const raw = await crypto.subtle.importKey("raw", key.octets, { name: "Ed25519" }, false, ["verify"]);
    await sealHolds(labels[0], key);
    const timed = async (work) => {
        const began = performance.now();
        for (let at = 0; at < texts.length; at += 1) await work(at);
        return (performance.now() - began) / texts.length;
    };
    return {
        raw: await timed((at) =>
            crypto.subtle.verify({ name: "Ed25519" }, raw, labels[at].seal.signature, messageOf(labels[at]))),
        verify: await timed(async (at) => sealHolds(parseLabel(texts[at]), key)),
        judge: await timed((at) => holder.judge(texts[at])),
    };
}""".replace("FIELD", FIELD)
SCAN = """async ([seconds]) => {
    const { Scanner } = await import("FIELD/scanner.js");
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, width: 360 });
    document.body.append(video);
    const told = new Set();
    const reader = "/traceqr/web/scanner/";
    const scanner = new Scanner({ video, onText: (text) => told.add(text),
        readerAddress: reader + "zxing-reader.js", programAddress: reader + "zxing_reader.wasm" });
    await scanner.start();
    await new Promise((done) => setTimeout(done, 1000));
    const [before, shown] = [scanner.searched, video.getVideoPlaybackQuality().totalVideoFrames];
    let frames = 0;
    const count = () => { frames += 1; video.requestVideoFrameCallback(count); };
    video.requestVideoFrameCallback(count);
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const found = { decodes: (scanner.searched - before) / seconds, frames: frames / seconds, read: told.size };
    scanner.stop();
    return found;
}""".replace("FIELD", FIELD)


def opened(browser: Browser, origin: str, rate: int) -> Page:
    """An empty page on a phone that is so many times slower."""
    page = browser.new_context().new_page()
    page.goto(f"{origin}/tests/field/empty.html")
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": FETCHED_AT, "uploadThroughput": FETCHED_AT},
    )
    return page


def memory(page: Page) -> int:
    """Octets that the page's scripts hold, buffers among them."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return int(usage["usedSize"] + usage.get("embedderHeapUsedSize", 0) + usage.get("backingStorageSize", 0))


def main() -> None:
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".cache-bench-") as name, served_tree() as origin:
        folder = Path(name)
        bundle(folder)
        size = sum(file.stat().st_size for file in folder.iterdir())
        texts = [label(place) for place in range(LABELS)]
        keys = [to_jwk(record(7, Role.BUNDLE, BUNDLE_KEY))]
        with launched() as browser:
            for rate in (1, SLOW):
                page = opened(browser, origin, rate)
                before = memory(page)
                found = page.evaluate(OPEN, [f"/{folder.name}", keys, texts[0]])
                assert found["reason"] in ("history-not-checked", "voided")
                tell_open(rate, size, found, memory(page) - before)
                tell_verify(rate, page.evaluate(VERIFY, texts))
            tell_scan(browser, origin, folder, texts[0])
        tell_shell()


def tell_open(rate: int, size: int, found: dict[str, Any], held: int) -> None:
    labels = BATCHES * COUNT / 1e6
    table(
        f"Trust bundle of {BATCHES} batches of {COUNT:,}, {VOID:.0%} void at random; {slow(rate)}",
        [
            ("size", f"{size / 1e6:.2f} MB, {size / labels / 1000:.1f} KB a million labels (goal at most 20)"),
            (f"fetch, at {FETCHED_AT * 8 / 1e6:.0f} Mbit/s", f"{found['fetch'] / 1000:.2f} s"),
            ("take: signature, digests, all bits seen", f"{found['take'] / 1000:.2f} s (goal below {GOAL_OPEN_S})"),
            ("first verdict", f"{found['first']:.0f} ms"),
            ("first verdict after a restart: a part read anew", f"{found['again']:.0f} ms"),
            ("memory held, the parts' octets included", f"{held / 1e6:.1f} MB"),
        ],
    )


def tell_verify(rate: int, found: dict[str, Any]) -> None:
    table(
        f"Verifying a label, {LABELS} of {BATCHES} batches; {slow(rate)}",
        [
            ("WebCrypto's Ed25519 alone", f"{found['raw']:.3f} ms"),
            ("text read and seal checked", f"{found['verify']:.3f} ms (goal below {GOAL_VERIFY_MS})"),
            ("ratio to WebCrypto alone", f"{found['raw'] / found['verify']:.2f}"),
            ("verdict by the bundle, each of another batch", f"{found['judge']:.3f} ms"),
        ],
    )


def tell_scan(browser: Browser, origin: str, folder: Path, text: str) -> None:
    seen = film([sight([to_png(encode(Label.parse(text)))])], folder / "seen.mjpeg")
    with phone_that_sees(browser.browser_type, seen) as scanning:
        for rate in (1, SLOW):
            page = opened(scanning, origin, rate)
            found = page.evaluate(SCAN, [SCANNED_S])
            assert found["read"] == 1
            table(
                f"Scanning a label at 1280 x 720; {slow(rate)} (the worker that decodes is not)",
                [
                    ("pictures searched", f"{found['decodes']:.1f} a second (goal at least {GOAL_DECODES})"),
                    ("preview", f"{found['frames']:.1f} frames a second (goal at least {GOAL_FRAMES})"),
                ],
            )


def tell_shell() -> None:
    found = modules.found()
    ours = sum(len(asset.packed) for name, asset in found.items() if name.startswith("field/"))
    brought = len(found["vendor/noble-ed25519.js"].packed)
    table(
        "Modules, compressed",
        [
            ("all that scan and judge", f"{ours / 1000:.1f} KB (goal for a whole app: {GOAL_SHELL_KB})"),
            ("@noble/ed25519, where the platform has no Ed25519", f"{brought / 1000:.1f} KB"),
        ],
    )


def slow(rate: int) -> str:
    return "as fast as it is" if rate == 1 else f"main thread {rate} times slower"


if __name__ == "__main__":
    main()
