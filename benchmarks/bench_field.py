"""What a phone in the field takes to verify, to open a trust bundle, and to scan, in a real Chromium.

The slow phone is the same Chromium with its main thread throttled six times. What browsers do in threads of their own
(SHA-256, the decoder's worker) is not throttled by that; the tables say where it matters.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measure import table
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conftest import launched  # noqa: E402
from support.camera import film, phone_that_sees, sight  # noqa: E402
from support.scripts import served_tree  # noqa: E402
from support.shelf import Shelf  # noqa: E402

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
ROUNDS = 5
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


def bundle() -> Shelf:
    """Manifest and parts."""
    random = numpy.random.default_rng(1)
    product = Product(GTIN.digits, "示例绿茶", "Example green tea", "示例", "100 g", "GB/T 14456")
    enterprise = Enterprise("91330000EXAMPLE001", "示例茶业有限公司", "Example Tea Co.", "330000", "")
    pledge = Pledge(7, "published", "示例活动", "Example campaign", 2026, NOW - DAY_MS, NOW + DAY_MS)
    entries, parts = [], {}
    for first in range(1, BATCHES + 1, IN_A_PART):
        batches = tuple(batch(number, random) for number in range(first, first + IN_A_PART))
        octets = Part(product, enterprise, (pledge,), (), batches).encode()
        digest = hashlib.sha256(octets).hexdigest()
        numbers = tuple(each.number for each in batches)
        entries.append(PartEntry(digest, len(octets), GTIN.digits, enterprise.uscc, enterprise.region, numbers))
        parts[digest] = octets
    keys = tuple(to_jwk(record(*each)) for each in ((1, Role.LABEL, LABEL_KEY), (7, Role.BUNDLE, BUNDLE_KEY)))
    made = Manifest(ALL, 1, 1, NOW, NOW + DAY_MS, (ORIGIN.host,), keys, BATCHES + 1, (), tuple(entries))
    return Shelf(bytes(Envelope.signed(7, made.canonical(), BUNDLE_KEY.sign)), parts)


def label(place: int) -> str:
    """The text of a label of some batch."""
    serial = Serial(1 + place % BATCHES, place * 997 % COUNT)
    return str(Label(ORIGIN, GTIN, serial, Seal.sign(LABEL_KEY, 1, 7, GTIN, serial)))


KEYS = [to_jwk(record(7, Role.BUNDLE, BUNDLE_KEY))]
FIELD = "/traceqr/web/static/field"
APP = "/traceqr/web/static/inspect"
BEGIN = """async () => {
    const { Bundles } = await import("APP/bundles.js");
    const { Api } = await import("APP/api.js");
    const { Clock } = await import("APP/clock.js");
    const { DATA, PLAIN, Store } = await import("APP/store.js");
    const { takePart } = await import("FIELD/bundle.js");
    const timed = async (work) => {
        const began = performance.now();
        await work();
        return performance.now() - began;
    };
    const started = async () => {
        const store = await Store.open();
        return { store, bundles: new Bundles({ store, api: new Api(), clock: new Clock({}) }) };
    };
    const trust = (store, keys) => store.write([PLAIN, "trusted-keys", keys]);
    const partOf = (store, digest) => store.get(DATA, `part/${digest}`);
    const keep = (store, octets) => store.write(...octets.map((each, at) => [DATA, `copy/${at}`, each]));
    globalThis.app = { timed, started, trust, partOf, keep, takePart };
}"""
FETCH = """async ([keys, text, last]) => {
    const { store, bundles } = await app.started();
    await app.trust(store, keys);
    const began = performance.now();
    let early = null;
    const judge = async (text) => {
        const { reason } = await bundles.holder.judge(text);
        if (!reason.startsWith("data-")) early ??= performance.now() - began;
        return reason;
    };
    await bundles.update("all", () => early ?? judge(text));
    const kept = performance.now() - began;
    const reason = await judge(last);
    const usable = performance.now() - began;
    globalThis.holder = bundles.holder;
    const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/inspect/api/"));
    const came = Math.max(...asked.map(({ responseEnd }) => responseEnd)) - began;
    return { came, early, kept, usable, reason, lacking: bundles.lacking };
}"""
OPEN = """async ([text]) => {
    const began = performance.now();
    const { bundles } = await app.started();
    await bundles.load("all");
    const opened = performance.now() - began;
    const { reason } = await bundles.holder.judge(text);
    const usable = performance.now() - began;
    globalThis.holder = bundles.holder;
    return { opened, usable, reason, lacking: bundles.lacking };
}"""
STEPS = """async () => {
    const { store, bundles } = await app.started();
    await bundles.load("all");
    const { parts } = bundles.manifest, octets = [], opened = [];
    const read = await app.timed(async () => {
        for (const { digest } of parts) octets.push(await app.partOf(store, digest));
    });
    const digests = await app.timed(async () => {
        for (const each of octets) await crypto.subtle.digest("SHA-256", each);
    });
    const take = await app.timed(async () => {
        for (const [at, { digest }] of parts.entries())
            opened.push(await app.takePart(bundles.manifest, digest, octets[at], { lookThrough: false }));
    });
    const bits = await app.timed(async () => {
        for (const part of opened) for (const batch of part.batches) await part.examine(batch);
    });
    return { read, digests, take, bits, keep: await app.timed(() => app.keep(store, octets)) };
}"""
BEGIN, STEPS = (script.replace("APP", APP).replace("FIELD", FIELD) for script in (BEGIN, STEPS))
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


def opened(context: BrowserContext, origin: str, rate: int) -> Page:
    """An empty page on a phone that is so many times slower, with the app's modules at hand."""
    page = context.new_page()
    page.goto(f"{origin}/tests/field/empty.html")
    page.evaluate(BEGIN)
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
    shelf = bundle()
    size = len(shelf.manifest) + sum(map(len, shelf.parts.values()))
    texts = [label(place) for place in range(LABELS)]
    with served_tree(shelf.handler()) as origin, launched() as browser:
        for rate in (1, SLOW):
            tell_bundle(rate, size, [bundle_kept(browser, origin, rate, texts) for _ in range(ROUNDS)])
            tell_verify(rate, judging(browser, origin, rate, texts))
        tell_scan(browser, origin, texts[0])
    tell_shell()


def bundle_kept(browser: Browser, origin: str, rate: int, texts: list[str]) -> dict[str, float]:
    """A bundle fetched by a new phone, the app started again with it, and each step by itself."""
    with browser.new_context() as context:
        page = opened(context, origin, rate)
        before = memory(page)
        fetched = page.evaluate(FETCH, [KEYS, texts[0], texts[BATCHES - 1]])
        fetched_memory = memory(page) - before
        page.close()
        page = opened(context, origin, rate)
        before = memory(page)
        again = page.evaluate(OPEN, [texts[0]])
        again_memory = memory(page) - before
        steps = page.evaluate(STEPS)
    for each in (fetched, again):
        assert each.pop("reason") in ("history-not-checked", "voided")
        assert each.pop("lacking") == 0
    told = {f"fetched {name}": ms for name, ms in fetched.items()} | {f"again {name}": ms for name, ms in again.items()}
    return told | steps | {"fetched memory": fetched_memory, "again memory": again_memory}


def judging(browser: Browser, origin: str, rate: int, texts: list[str]) -> dict[str, float]:
    """Labels of all batches, one after the other."""
    with browser.new_context() as context:
        page = opened(context, origin, rate)
        page.evaluate(FETCH, [KEYS, texts[0], texts[BATCHES - 1]])
        page.evaluate(OPEN, [texts[0]])
        found: dict[str, float] = page.evaluate(VERIFY, texts)
    return found


def tell_bundle(rate: int, size: int, rounds: list[dict[str, float]]) -> None:
    def ms(name: str) -> str:
        return f"{median(each[name] for each in rounds):.0f} ms"

    def seconds(name: str) -> str:
        found = sorted(each[name] / 1000 for each in rounds)
        return f"{median(found):.2f} s ({found[0]:.2f} to {found[-1]:.2f})"

    def megabytes(name: str) -> str:
        return f"{median(each[name] for each in rounds) / 1e6:.1f} MB"

    table(
        f"Trust bundle of {BATCHES} batches of {COUNT:,}, {VOID:.0%} void at random; {slow(rate)}; median of {ROUNDS}",
        [
            ("size", f"{size / 1e6:.2f} MB, {size * 1000 / BATCHES / COUNT:.1f} KB a million labels (goal at most 20)"),
            (f"its last octet came, at {FETCHED_AT * 8 / 1e6:.0f} Mbit/s", seconds("fetched came")),
            ("first verdict, other parts still on their way", seconds("fetched early")),
            ("all parts checked and on the disk", seconds("fetched kept")),
            ("usable: a label of the last part judged", f"{seconds('fetched usable')} (goal below {GOAL_OPEN_S})"),
            ("started again: bundle open", ms("again opened")),
            ("started again: a label judged", ms("again usable")),
            ("memory held when it was fetched", megabytes("fetched memory")),
            ("memory held when it was started again", megabytes("again memory")),
            ("all digests, by themselves", ms("digests")),
            ("all parts taken: digests again, descriptions", ms("take")),
            ("all bits looked through: what is put off", ms("bits")),
            ("all parts kept, in one act", ms("keep")),
            ("all parts read", ms("read")),
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


def tell_scan(browser: Browser, origin: str, text: str) -> None:
    sights = [sight([to_png(encode(Label.parse(text)))])]
    with (
        tempfile.TemporaryDirectory(prefix="traceqr-bench-") as folder,
        phone_that_sees(browser.browser_type, film(sights, Path(folder) / "seen.mjpeg")) as scanning,
    ):
        for rate in (1, SLOW):
            page = opened(scanning.new_context(), origin, rate)
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
