"""How the inspectors' app fetches a bundle and keeps it: each part as it comes, and none but by its digest."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, BrowserContext, Page
from support.portal import until
from support.scripts import served_tree
from support.shelf import API, Shelf

from traceqr.bundle.bits import Bits, Runs
from traceqr.bundle.described import Enterprise, Pledge, Product
from traceqr.bundle.envelope import Envelope
from traceqr.bundle.manifest import Manifest, PartEntry
from traceqr.bundle.part import Batch, Part
from traceqr.bundle.scope import ALL
from traceqr.instant import DAY_MS, system_clock
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import PublicKey, Role, Window
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial

NOW = system_clock()
GTIN = Gtin.from_trade("6901234567892")
ORIGIN = Origin.parse("HTTPS://QR.EXAMPLE.ORG")
LABEL_KEY, BUNDLE_KEY = (Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name).digest()) for name in (b"l", b"b"))
COUNT = 4_000
PARTS = 5
GOOD, LACKING = "history-not-checked", "data-not-held"


def jwk(number: int, role: Role, private: Ed25519PrivateKey) -> dict[str, Any]:
    window = Window(NOW - 365 * DAY_MS, NOW + 365 * DAY_MS)
    return dict(to_jwk(PublicKey(number, role, private.public_key().public_bytes_raw(), window, window)))


KEYS = [jwk(1, Role.LABEL, LABEL_KEY), jwk(7, Role.BUNDLE, BUNDLE_KEY)]


def lives(seed: int) -> Bits:
    """All active but some, at random, that are void; label 1 is active."""
    drawn = random.Random(seed)
    octets = bytearray(drawn.choice((0x55, 0x55, 0x56, 0x65, 0x95)) for _ in range(COUNT // 4))
    octets[0] = 0x55
    return Bits(zlib.compress(bytes(octets), 9), COUNT)


def batch(number: int, life: Bits | Runs | None = None) -> Batch:
    return Batch(number, COUNT, 1, 7, (), None, None, None, str(ORIGIN), life or lives(number), (), ())


def part(*batches: Batch) -> bytes:
    product = Product(GTIN.digits, "示例绿茶", "Example green tea", "示例", "100 g", "GB/T 14456")
    enterprise = Enterprise("91330000EXAMPLE001", "示例茶业有限公司", "Example Tea Co.", "330000", "")
    pledge = Pledge(7, "published", "示例活动", "Example campaign", 2026, NOW - DAY_MS, NOW + DAY_MS)
    return Part(product, enterprise, (pledge,), (), batches).encode()


def digest_of(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def manifest(parts: dict[int, bytes], numbers: Callable[[int], tuple[int, ...]], version: int = 1) -> bytes:
    entries = [
        PartEntry(digest_of(octets), len(octets), GTIN.digits, "91330000EXAMPLE001", "330000", numbers(first))
        for first, octets in sorted(parts.items())
    ]
    made = Manifest(ALL, version, 1, NOW - 1000, NOW + DAY_MS, (ORIGIN.host,), KEYS, 100, (), tuple(entries))
    return bytes(Envelope.signed(7, made.canonical(), BUNDLE_KEY.sign))


def laid(shelf: Shelf, parts: dict[int, bytes], version: int = 1) -> list[str]:
    """A bundle of parts by their first batches, the second batch of each being ten above: their digests, in order."""
    shelf.manifest = manifest(parts, lambda first: (first, first + 10), version)
    shelf.parts = {digest_of(octets): octets for octets in parts.values()}
    return [digest_of(parts[first]) for first in sorted(parts)]


def good_parts() -> dict[int, bytes]:
    return {number: part(batch(number), batch(number + 10)) for number in range(1, PARTS + 1)}


def text(number: int, index: int = 1) -> str:
    serial = Serial(number, index)
    return str(Label(ORIGIN, GTIN, serial, Seal.sign(LABEL_KEY, 1, 7, GTIN, serial)))


class App:
    """The app's modules on a page of their own."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context, self.origin = context, origin
        self.page = self._opened()
        self.run("start", KEYS)

    def _opened(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.origin}/tests/field/empty.html")
        return page

    def run(self, name: str, *given: object) -> Any:
        return self.page.evaluate(
            "async ([name, given]) => (await import('/tests/browser/keeping_modules.mjs'))[name](...given)",
            [name, given],
        )

    def killed(self) -> None:
        """It is no more, and is started again."""
        self.page.close()
        self.page = self._opened()
        self.run("start")

    def judge(self, *numbers: int) -> list[str]:
        return list(self.run("judge", [text(number) for number in numbers]))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def app(browser: Browser, shelf: Shelf) -> Iterator[App]:
    with served_tree(shelf.handler()) as origin, browser.new_context() as context:
        yield App(context, origin)
        shelf.released.set()


def cut_in(shelf: Shelf, digests: list[str], whole: int) -> None:
    """So many parts come whole, and some octets of the next."""
    shelf.most = sum(4 + len(shelf.parts[digest]) for digest in digests[:whole]) + 100


def test_a_bundle_is_fetched_in_one_answer_and_judged_by(app: App, shelf: Shelf) -> None:
    digests = laid(shelf, good_parts())
    found = app.run("update")
    assert found == {"fault": None, "lacking": 0, "wrong": None, "progress": [[n + 1, PARTS] for n in range(PARTS)]}
    assert shelf.asked == [digests]
    assert app.judge(1, 15, 99) == [GOOD, GOOD, "batch-unknown"]
    app.killed()
    assert app.judge(1, 15) == [GOOD, GOOD]


def test_labels_are_judged_while_parts_still_come_and_a_killed_app_goes_on_where_it_was(app: App, shelf: Shelf) -> None:
    digests = laid(shelf, good_parts())
    cut_in(shelf, digests, 2)
    app.run("begin")
    until(lambda: set(app.run("kept")) == set(digests[:2]))
    assert app.judge(1, 2, 3) == [GOOD, GOOD, LACKING]
    app.killed()
    assert app.run("state")["lacking"] == PARTS - 2
    assert app.judge(2, 3) == [GOOD, LACKING]
    shelf.most = None
    assert app.run("update")["lacking"] == 0
    assert shelf.asked[1:] == [digests[2:]], "what was there is not fetched again"
    assert app.judge(1, 3, 5) == [GOOD, GOOD, GOOD]


def test_a_network_that_ends_in_the_middle_leaves_what_came(app: App, shelf: Shelf) -> None:
    digests = laid(shelf, good_parts())
    cut_in(shelf, digests, 3)
    app.run("begin")
    until(lambda: set(app.run("kept")) == set(digests[:3]))
    shelf.released.set()
    found = app.run("ended")
    assert (found["fault"], found["lacking"]) == ("offline", PARTS - 3)
    assert set(app.run("kept")) == set(digests[:3])
    shelf.most = None
    assert app.run("update")["fault"] is None
    assert shelf.asked[1:] == [digests[3:]]


def test_more_parts_than_one_answer_holds(app: App, shelf: Shelf) -> None:
    parts = {number: part(batch(number, Runs(((COUNT - 1, 1),)))) for number in range(1, 81)}
    shelf.manifest = manifest(parts, lambda first: (first,))
    shelf.parts = {digest_of(octets): octets for octets in parts.values()}
    found = app.run("update")
    assert (found["fault"], found["lacking"], found["progress"][-1]) == (None, 0, [80, 80])
    assert sorted(map(len, shelf.asked)) == [16, 32, 32]
    assert sorted(digest for asked in shelf.asked for digest in asked) == sorted(shelf.parts)
    assert app.judge(1, 33, 80) == [GOOD, GOOD, GOOD]


BAD_BITS = {
    "a life that has no meaning": Bits(zlib.compress(b"\x57" + b"\x55" * (COUNT // 4 - 1)), COUNT),
    "too few": Bits(zlib.compress(b"\x55" * (COUNT // 4 - 1)), COUNT),
    "too many": Bits(zlib.compress(b"\x55" * (COUNT // 4 + 1)), COUNT),
    "a flood": Bits(zlib.compress(b"\x55" * 50_000_000), COUNT),
    "no stream": Bits(b"\x55" * 99, COUNT),
    "a stream that was cut off": Bits(zlib.compress(b"\x55" * (COUNT // 4))[:-1], COUNT),
}


@pytest.mark.parametrize("name", BAD_BITS)
def test_a_part_that_proves_bad_when_a_label_asks_for_it(app: App, shelf: Shelf, name: str) -> None:
    digests = laid(shelf, good_parts() | {2: part(batch(2, BAD_BITS[name]), batch(12))})
    assert app.run("update") | {"progress": None} == {"fault": None, "lacking": 0, "wrong": None, "progress": None}
    assert app.judge(1, 2, 12, 3) == [GOOD, LACKING, LACKING, GOOD]
    told = {"lacking": 1, "wrong": "part-malformed", "progress": []}
    assert app.run("state") == told, "it is said"
    assert app.run("update") == {"fault": None, **told}
    assert shelf.asked == [digests], "what has this digest is never better"
    app.killed()
    assert app.judge(2, 12) == [LACKING, LACKING]
    assert app.run("state")["wrong"] == "part-malformed"
    laid(shelf, good_parts(), version=2)
    assert app.run("update")["wrong"] is None, "a newer bundle has it right"
    assert app.judge(2, 12) == [GOOD, GOOD]


def test_a_bad_part_keeps_no_other_away(app: App, shelf: Shelf) -> None:
    unlike = part(batch(9), batch(19))
    digests = laid(shelf, good_parts() | {2: unlike})
    altered = bytearray(shelf.parts[digests[3]])
    altered[-9] ^= 1
    whole, shelf.parts[digests[3]] = shelf.parts[digests[3]], bytes(altered)
    found = app.run("update")
    assert (found["fault"], found["lacking"], found["wrong"]) == ("part-malformed", 2, "part-malformed")
    assert set(app.run("kept")) == {digests[0], digests[2], digests[4]}
    assert app.judge(1, 2, 3, 4, 5) == [GOOD, LACKING, GOOD, LACKING, GOOD]
    shelf.parts[digests[3]] = whole
    assert app.run("update")["lacking"] == 1
    assert shelf.asked[1:] == [[digests[3]]], "what was altered on its way is asked for again"
    assert app.judge(2, 4) == [LACKING, GOOD]


def test_a_part_that_was_altered_on_the_phone_is_not_opened_and_is_fetched_again(app: App, shelf: Shelf) -> None:
    digests = laid(shelf, good_parts())
    app.run("update")
    app.run("spoil", digests[1])
    assert app.judge(1, 2) == [GOOD, LACKING]
    until(lambda: app.run("state")["lacking"] == 1)
    assert app.run("update")["lacking"] == 0
    assert shelf.asked[1:] == [[digests[1]]]
    assert app.judge(2) == [GOOD]


def test_an_answer_that_is_none_of_the_parts_asked_for(app: App, shelf: Shelf) -> None:
    digests = laid(shelf, good_parts())
    whole = dict(shelf.parts)
    shelf.parts[digests[2]] = whole[digests[2]] + b"more"
    assert app.run("update")["fault"] == "part-altered"
    assert set(app.run("kept")) == set(digests[:2]), "what came before it stays"
    shelf.parts[digests[2]], shelf.parts[digests[3]] = whole[digests[3]], whole[digests[2]]
    assert app.run("update")["fault"] == "part-altered", "one in the place of another"
    shelf.parts, shelf.tail = whole, b"\0"
    assert app.run("update")["fault"] == "parts-malformed", "something behind the last"
    assert app.run("state")["lacking"] == 0, "the parts are good, for that"


def test_a_full_phone_says_so_and_keeps_what_it_has(browser: Browser, shelf: Shelf) -> None:
    """On an origin of its own, whose room is small from the beginning: browsers remember how much there was."""
    noise = Bits(random.Random(1).randbytes(700_000), COUNT)
    with served_tree(shelf.handler()) as origin, browser.new_context() as context:
        page = context.new_page()
        quota = {"origin": origin, "quotaSize": 600_000}
        context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
        app = App(context, origin)
        digests = laid(shelf, good_parts())
        assert app.run("update")["fault"] is None
        laid(shelf, good_parts() | {2: part(batch(2, noise), batch(12))}, version=2)
        found = app.run("update")
        assert (found["fault"], found["lacking"]) == ("full", 1)
        assert {digests[0], *digests[2:]} <= set(app.run("kept"))
        assert app.judge(1, 2) == [GOOD, LACKING]


def test_the_network_says_something_else(app: App, shelf: Shelf) -> None:
    laid(shelf, good_parts())
    app.page.route(f"**{API}parts*", lambda route: route.fulfill(body="<h1>Sign in</h1>", content_type="text/html"))
    assert app.run("update") == {"fault": "portal", "lacking": PARTS, "wrong": None, "progress": []}
    assert app.judge(1) == [LACKING]
