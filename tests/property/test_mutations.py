"""Mutations of valid labels: not one is accepted but the permitted spellings of a label that exists.

The permitted spellings are worked out here, by `permitted`, from the specification alone: the signed parts to the
letter, any valid origin (the host is not signed), and harmless parameters beside the seal. For every mutant `judge` and
`permitted` must agree, in both directions, so the test fails on a lax reader and on a needlessly harsh one alike.
"""

from __future__ import annotations

import hashlib
import ipaddress
import random
import re
import string
from collections import Counter
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from traceqr.label import format as label_format
from traceqr.label.format import InvalidLabel, Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.keyring import Keyring, PublicKey, Role, Window
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial
from traceqr.verdict import Code, Facts, History, Life, Ruling, State, Step, judge

MUTANTS = 100_000
SEED = 20260901
MOST_VERIFICATIONS = 40_000
"""A verification costs 0.1 ms or less, a refusal before it a fifth of that: the bound keeps the test to seconds."""

unhurried = settings(deadline=None)
"""A slow machine is no finding."""

NOW_MS = 1_000
ORIGINS = [
    "HTTPS://QR.EXAMPLE.ORG",
    "https://qr.example.org",
    "HTTPS://Q1.EXAMPLE.ORG:8443",
    "http://127.0.0.1:8000",
    "HTTP://LOCALHOST",
]
GTINS = ["06901234567892", "16901234567899", "09506000134352"]


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key, worth nothing %d" % number).digest())


def _key(number: int, role: Role) -> PublicKey:
    octets = _private(number).public_key().public_bytes_raw()
    return PublicKey(number, role, octets, Window(0, 10_000), Window(0, 10_000))


KEYRING = Keyring.of(
    [_key(1, Role.LABEL), _key(2, Role.LABEL), _key(65_535, Role.LABEL), _key(3, Role.LEDGER), _key(4, Role.BUNDLE)]
)


def _pool() -> list[str]:
    """Valid labels: neighbours in one batch, other batches, products, pledges, keys and origins."""
    texts = []
    for place in range(60):
        key = (1, 2, 65_535)[place % 3]
        gtin, serial = Gtin.parse(GTINS[place % len(GTINS)]), Serial(1 + place % 4, place)
        seal = Seal.sign(_private(key), key, place % 5, gtin, serial)
        texts.append(str(Label(Origin.parse(ORIGINS[place % len(ORIGINS)]), gtin, serial, seal)))
    return texts


POOL = _pool()
SIGNED = {text[text.index("/01/") :] for text in POOL}
"""What may not change: `/01/GTIN/21/SERIAL?s=SEAL` of every label that exists."""


def facts_of(label: Label) -> Facts:
    """A registry that knows whatever it is asked for, so that the seal alone stands between a mutant and a verdict."""
    state = State(Life.ACTIVE)
    return Facts(label.gtin.digits, label.seal.pledge, label.seal.key, 100_000_000, state, History())


def judged(text: str) -> Ruling:
    return judge(text, KEYRING, facts_of, {"qr.example.org"}, NOW_MS)


# --- What is permitted, said again


def permitted(text: str) -> bool:
    """Whether a text is a permitted spelling of a label of the pool."""
    if len(text) > 4096 or "#" in text or not text.isascii():
        return False
    start, question, query = text.partition("?")
    origin, path = start[: start.find("/", 8)], start[start.find("/", 8) :]
    parameters = query.split("&")
    seals = [parameter for parameter in parameters if parameter == "s" or parameter.startswith("s=")]
    return (
        question == "?"
        and len(parameters) <= 64
        and len(seals) == 1
        and f"{path}?{seals[0]}" in SIGNED
        and all(_harmless(parameter) for parameter in parameters if parameter not in seals)
        and _valid_origin(origin)
    )


def _harmless(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    letters = string.ascii_letters + string.digits
    return (
        name != ""
        and not name.isdigit()
        and set(name) <= set(letters + "._~-")
        and set(value) <= set(letters + "!$%'()*+,-./:=?@[]_~")
    )


def _valid_origin(origin: str) -> bool:
    if origin == origin.upper():
        origin = origin.lower()
    if origin != origin.lower() or not origin.startswith(("http://", "https://")):
        return False
    scheme, _, authority = origin.partition("://")
    name, colon, port = authority.partition(":")
    if colon and (not 1 <= len(port) <= 5 or set(port) - set(string.digits) or port[0] == "0" or int(port) > 65_535):
        return False
    if (scheme, port) in {("http", "80"), ("https", "443")}:
        return False
    try:
        address = ipaddress.IPv4Address(name)
    except ValueError:
        return _valid_name(name) and (scheme == "https" or name == "localhost")
    networks = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    return scheme == "https" or any(address in ipaddress.IPv4Network(network) for network in networks)


def _valid_name(name: str) -> bool:
    parts = name.split(".")
    if len(name) > 253 or parts[-1].isdigit() or re.fullmatch("0x[0-9a-f]*", parts[-1]):
        return False
    return all(
        1 <= len(part) <= 63
        and set(part) <= set(string.ascii_lowercase + string.digits + "-")
        and part[0] != "-" != part[-1]
        for part in parts
    )


# --- The fuzzer. Each mutation takes a text and returns one that is most often different.

Mutation = Callable[[str, random.Random], str]
LOOK_ALIKES = {
    **{str(digit): [chr(start + digit) for start in (0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE)] for digit in range(10)},
    "1": ["l", "I", "¹", "１"],
    "0": ["O", "o", "⁰", "０"],
    "2": ["²"],
    "5": ["S"],
    "8": ["B"],
    "/": ["／", "\\", "⁄", "%2F"],
    ":": ["：", "ː"],
    ".": ["。", "．", "･"],
    "?": ["？", ";"],
    "=": ["＝", "%3D"],
    "s": ["ſ", "ｓ", "S", "%73"],
    "S": ["ſ", "s", "Ѕ"],
    "a": ["а"],
    "e": ["е"],
    "o": ["о", "0"],
    "E": ["Е"],
}
ODD = [
    "\0",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\ufeff",
    "\u200b",
    "\u202e",
    "%00",
    "%20",
    "+",
    "-",
    "_",
    "&",
    ";",
    "#",
    "//",
    "\\",
]
PARAMETERS = [
    "17=251231", "10=LOT", "0=1", "21=1", "s=1", "s=", "s", "S=1", "%73=1", "%31%37=251231", "１７=251231", "=1", "",
    "from=singlemessage", "isappinstalled=0", "utm_source=", "a=1;17=251231", "a=b c", "a=<b>", "x17=1", "1e1=1",
    "a=%26s%3D1", "a=1&a=2", "a[]=1", "seal=1", "-1=1", "1.0=2",
]  # fmt: skip


def flip_bit(text: str, rng: random.Random) -> str:
    octets = bytearray(text.encode())
    octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    return octets.decode("latin-1")


def replace_byte(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + chr(rng.randrange(256)) + text[at + 1 :]


def insert(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + (rng.choice(ODD) if rng.random() < 0.5 else rng.choice(string.printable)) + text[at:]


def delete(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + text[at + rng.choice((1, 1, 1, 2, 8)) :]


def cut(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return rng.choice((text[:at], text[at:]))


def duplicate(text: str, rng: random.Random) -> str:
    first, last = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return text[:last] + text[first:last] + text[last:]


def swap_characters(text: str, rng: random.Random) -> str:
    first, second = sorted(rng.sample(range(len(text)), 2))
    return text[:first] + text[second] + text[first + 1 : second] + text[first] + text[second + 1 :]


def change_digits(text: str, rng: random.Random) -> str:
    """One to three digits, anywhere: most reach the seal's verification."""
    places = [at for at, character in enumerate(text) if character in string.digits]
    for at in rng.sample(places, rng.choice((1, 1, 2, 3))):
        text = text[:at] + rng.choice(string.digits) + text[at + 1 :]
    return text


def change_serial(text: str, rng: random.Random) -> str:
    at = text.index("/21/") + 4
    return text[:at] + str(Serial(rng.randrange(1, 6), rng.randrange(0, 80))) + text[at + 16 :]


def change_gtin(text: str, rng: random.Random) -> str:
    at = text.index("/01/") + 4
    return text[:at] + rng.choice(GTINS) + text[at + 14 :]


def change_seal_field(text: str, rng: random.Random) -> str:
    """Another key or pledge number, or one changed bit, in a seal that is well formed."""
    at = text.index("?s=") + 3
    value = int(text[at : at + 169])
    octets = bytearray(value.to_bytes(70, "big"))
    match rng.randrange(3):
        case 0:
            octets[:2] = rng.choice((0, 1, 2, 3, 4, 5, 65_535)).to_bytes(2, "big")
        case 1:
            octets[2:6] = rng.randrange(6).to_bytes(4, "big")
        case _:
            octets[rng.randrange(6, 70)] ^= 1 << rng.randrange(8)
    return f"{text[:at]}{int.from_bytes(octets, 'big'):0169d}{text[at + 169 :]}"


def add_multiple(text: str, rng: random.Random) -> str:
    """The seal plus 2^560, or S plus the order of the group: the same value to a lax reader."""
    at = text.index("?s=") + 3
    value = int(text[at : at + 169])
    if rng.random() < 0.5:
        return f"{text[:at]}{value + 2**560 * rng.choice((1, 2)):0169d}{text[at + 169 :]}"
    order = 2**252 + 27742317777372353535851937790883648493
    octets = value.to_bytes(70, "big")
    s = int.from_bytes(octets[38:], "little") + order * rng.randrange(1, 15)
    return f"{text[:at]}{int.from_bytes(octets[:38] + s.to_bytes(32, 'little'), 'big'):0169d}{text[at + 169 :]}"


def change_case(text: str, rng: random.Random) -> str:
    at = rng.randrange(0, text.index("/01/") + 1)
    return rng.choice(
        (text.upper(), text.lower(), text.swapcase(), text[:at] + text[at:].swapcase(), text.replace("S", "s", 1))
    )


def change_origin(text: str, rng: random.Random) -> str:
    hosts = [*ORIGINS, "http://qr.example.org", "https://evil.example", "https://qr.example.org:443", "https://[::1]",
             "https://1", "https://qr.example.org@evil.example", "https://qr.example.org.", "ftp://qr.example.org",
             "http://10.1.1.1", "https://QR.example.org", "http://0x7f.1", "HTTPS://A", ""]  # fmt: skip
    return rng.choice(hosts) + text[text.index("/01/") :]


def percent_encode(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return f"{text[:at]}%{ord(text[at]):02{rng.choice('xX')}}{text[at + 1 :]}"


def look_alike(text: str, rng: random.Random) -> str:
    places = [at for at, character in enumerate(text) if character in LOOK_ALIKES]
    at = rng.choice(places)
    return text[:at] + rng.choice(LOOK_ALIKES[text[at]]) + text[at + 1 :]


def splice(text: str, rng: random.Random) -> str:
    """The head of one label and the tail of another, cut at the same place or at a seam of the format."""
    other = rng.choice(POOL)
    seam = rng.choice(("/01/", "/21/", "?s=", None))
    if seam is None:
        at = rng.randrange(len(text))
        return text[:at] + other[at:]
    return text[: text.index(seam)] + other[other.index(seam) :]


def play_with_parameters(text: str, rng: random.Random) -> str:
    start, _, seal = text.partition("?")
    parameters = [rng.choice(PARAMETERS) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    parameters.insert(rng.randrange(len(parameters) + 1), seal)
    return f"{start}?{'&'.join(parameters)}"


def double_seal(text: str, rng: random.Random) -> str:
    other = rng.choice(POOL)
    return f"{text}{rng.choice('&;?,')}{other[other.index('?') + 1 :]}"


CHEAP: list[Mutation] = [
    flip_bit, replace_byte, insert, delete, cut, duplicate, swap_characters, change_case, change_origin,
    percent_encode, look_alike, splice, play_with_parameters, double_seal,
]  # fmt: skip
COSTLY: list[Mutation] = [change_digits, change_serial, change_gtin, change_seal_field, add_multiple]
"""These keep the label well formed, so that each costs a verification: one mutant in five is one of them."""


def mutants(count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of the mutation's name and the mutant; one in four is mutated a second time."""
    rng = random.Random(seed)
    found = []
    for place in range(count):
        mutation = rng.choice(COSTLY if place % 5 == 0 else CHEAP)
        text = mutation(rng.choice(POOL), rng)
        if text and rng.random() < 0.25:
            text = rng.choice((flip_bit, insert, delete, percent_encode))(text, rng)
        found.append((mutation.__name__, text))
    return found


def accepted(ruling: Ruling) -> bool:
    """Whether a seal that holds was found. Everything before that step is `forged`."""
    if ruling.step > Step.SEAL:
        return True
    assert ruling.code is Code.FORGED
    return False


def test_the_pool_itself_is_accepted() -> None:
    assert all(accepted(judged(text)) and permitted(text) for text in POOL)
    assert len(SIGNED) == len(POOL)


def test_a_hundred_thousand_mutants() -> None:
    wrong = []
    reasons: Counter[str] = Counter()
    by_mutation: Counter[str] = Counter()
    verified = good = 0
    for name, text in mutants(MUTANTS, SEED):
        ruling = judged(text)
        verified += ruling.step >= Step.SEAL
        reasons[ruling.reason] += 1
        by_mutation[name] += 1
        good += accepted(ruling)
        if accepted(ruling) != permitted(text):
            wrong.append((name, ruling.reason, text))
    assert wrong == []
    # The mutants reach everywhere: else the test above would prove little.
    assert set(reasons) >= {
        "not-a-label", "seal-missing", "seal-repeated", "parameter-numeric", "parameter-malformed", "host-case",
        "host-malformed", "http-on-public-host", "gtin-malformed", "gtin-check-digit", "serial-malformed",
        "seal-malformed", "seal-overflow", "key-unknown", "key-role", "seal-broken", "host-foreign", "first-sighting",
    }  # fmt: skip
    assert reasons["seal-broken"] > 10_000
    assert verified < MOST_VERIFICATIONS
    assert set(by_mutation) == {mutation.__name__ for mutation in CHEAP + COSTLY}
    assert 1_000 < good < MUTANTS // 4


def test_the_mutants_are_the_same_every_time() -> None:
    assert mutants(200, SEED) == mutants(200, SEED)


# --- Hypothesis: edits it can shrink, and arbitrary texts


@unhurried
@given(
    st.sampled_from(POOL),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.text(max_size=3)), min_size=1, max_size=4),
)
def test_edits_that_hypothesis_finds(text: str, edits: list[tuple[int, int, str]]) -> None:
    for at, removed, added in edits:
        text = text[:at] + added + text[at + removed :]
    assert accepted(judged(text)) == permitted(text)


@unhurried
@given(
    st.sampled_from(POOL),
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(string.digits)), min_size=1, max_size=3),
)
def test_digits_that_hypothesis_changes(text: str, changes: list[tuple[int, str]]) -> None:
    for at, digit in changes:
        if at < len(text) and text[at] in string.digits:
            text = text[:at] + digit + text[at + 1 :]
    assert accepted(judged(text)) == permitted(text)


@unhurried
@given(st.sampled_from(POOL), st.text(alphabet=string.printable + "ſ１", max_size=30), st.booleans())
def test_queries_that_hypothesis_adds(text: str, query: str, before: bool) -> None:
    start, _, seal = text.partition("?")
    text = f"{start}?{query}&{seal}" if before else f"{text}&{query}"
    assert accepted(judged(text)) == permitted(text)


@unhurried
@given(st.sampled_from(POOL), st.text(alphabet=string.ascii_letters + string.digits + ".:-/@ſ", max_size=30))
def test_origins_that_hypothesis_puts_in_front(text: str, origin: str) -> None:
    text = origin + text[text.index("/01/") :]
    assert accepted(judged(text)) == permitted(text)


@unhurried
@given(
    st.text()
    | st.text(alphabet="htps:/01?&=s#%21\ud800\0 ", max_size=80)
    | st.binary().map(lambda b: b.decode("latin-1"))
)
def test_no_text_raises(text: str) -> None:
    ruling = judged(text)
    assert (ruling.step, ruling.code, ruling.label) == (Step.TEXT, Code.FORGED, None)
    with pytest.raises(InvalidLabel) as caught:
        Label.parse(text)
    assert caught.value.reason == ruling.reason


# --- Hostile texts: the work is bounded by structure


class Untouchable:
    """Stands in for a pattern that must not be asked."""

    def __getattr__(self, name: str) -> None:
        raise AssertionError(f"a text past the limit was read on with {name}")


class Counting:
    """Counts how often a pattern is asked."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.asked = 0

    def fullmatch(self, text: str) -> re.Match[str] | None:
        self.asked += 1
        return self.pattern.fullmatch(text)


GOOD = POOL[0]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "0" * 1_000_000,
        GOOD + "&a=" + "x" * 1_000_000,
        GOOD + "&a=1" * 10_000,
        GOOD + "&s=1" * 10_000,
        GOOD.replace("?", "?" + "a=1&" * 10_000),
        "https://" + "a." * 500_000,
        "https://" * 100_000,
        "/01/" * 250_000,
        "\0" * 1_000_000,
        "１" * 1_000_000,
        "x" * 4097,
    ],
    ids=lambda text: f"{text[:24]!r}-{len(text)}",
)
def test_long_texts_are_refused_unread(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_SHAPE", "_NAME", "_VALUE", "_ALL_NUMERIC"):
        monkeypatch.setattr(label_format, name, Untouchable())
    ruling = judged(text)
    assert (ruling.step, ruling.code, ruling.reason) == (Step.TEXT, Code.FORGED, "text-too-long")


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("&" * 3000, "parameter-malformed"),
        ("&a" * 1800, "parameter-malformed"),
        ("&s" * 1800, "parameter-malformed"),
        ("&1" * 1800, "parameter-malformed"),
        ("&s=1" * 63, "seal-repeated"),
    ],
)
def test_parameters_are_counted_before_they_are_read(tail: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Counting(label_format._NAME)
    numbers = Counting(label_format._ALL_NUMERIC)
    monkeypatch.setattr(label_format, "_NAME", names)
    monkeypatch.setattr(label_format, "_ALL_NUMERIC", numbers)
    ruling = judged(GOOD + tail)
    assert (ruling.step, ruling.reason) == (Step.TEXT, reason)
    assert (names.asked, numbers.asked) == (0, 0)


@pytest.mark.parametrize(
    "text",
    [
        ":" * 4096,
        "/" * 4096,
        "://" * 1365,
        "a://" * 1024,
        "https://" + "/01/" * 1022,
        "https://" + "/21/" * 1022,
        "https://a" + "/01//21/" * 510,
        "https://" + "a" * 4088,
        "https://" + "a-" * 2044,
        "https://" + "a." * 2044,
        "https://" + "-" * 3800 + GOOD[GOOD.index("/01/") :],
        "https://" + "a." * 1900 + GOOD[GOOD.index("/01/") :],
        "https://" + "a-" * 1900 + GOOD[GOOD.index("/01/") :],
        "https://a:" + "1" * 3800 + GOOD[GOOD.index("/01/") :],
        "https://0x" + "f" * 3800 + "g" + GOOD[GOOD.index("/01/") :],
        "https://" + "9" * 3800 + GOOD[GOOD.index("/01/") :],
        GOOD.replace("/21/", "0" * 3800 + "/21/"),
        GOOD.replace("?s=", "0" * 3800 + "?s="),
        GOOD + "0" * 3800,
        GOOD + "&" + "a" * 3800 + "\n",
        GOOD + "&a=" + "%" * 3800 + "\n",
        GOOD + "&" + "1" * 3800,
        GOOD + "?" * 3800,
        GOOD + "#" * 3800,
    ],
    ids=lambda text: f"{text[:12]!r}-{text[-12:]!r}",
)
def test_texts_that_would_burden_a_careless_pattern(text: str) -> None:
    """Within the limit, and made for backtracking or for quadratic decimal conversion: refused at step 1."""
    assert len(text) <= 4096
    ruling = judged(text)
    assert (ruling.step, ruling.code) == (Step.TEXT, Code.FORGED)
