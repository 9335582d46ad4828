"""`traceqr passport`, as operators run it, and as whoever has a passport checks it."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest
from support.program import Program
from support.world import World, gtin

from traceqr import keying
from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import Role
from traceqr.registry import keys

ORIGIN = "https://qr.example.org"


@pytest.fixture
def published(program: Program, shop: World) -> Program:
    """Passports, one of them in a file, and the public keys in another."""
    shop.key(Role.PASSPORT)
    program.good("passport", "publish", TRACEQR_ORIGIN=ORIGIN)
    path = f"/passport/01/{gtin()}"
    program.file("passport.jwt", shop.one("SELECT content FROM passport WHERE path = :path", path=path)["content"])
    with shop.database.snapshot() as reader:
        records = [to_jwk(key) for key in keys.keyring(reader).keys.values()]
    program.file("keys.json", json.dumps({"keys": records}))
    return program


def checking(program: Program, *more: object) -> list[object]:
    return ["passport", "verify", program.root / "passport.jwt", "--origin", ORIGIN, *more]


def test_publishing(program: Program, shop: World) -> None:
    assert "run: traceqr keys new --role passport" in program.refused("passport", "publish")
    program.good("keys", "new", "--role", "passport")
    shop.issue(10, lot="A7")
    assert program.good("passport", "list") == "nothing was signed; run: traceqr passport publish\n"
    assert program.good("passport", "publish") == "3 credentials looked at, 3 signed\n"
    assert program.good("passport", "publish") == "3 credentials looked at, 0 signed\n"
    told = program.json("passport", "publish")
    assert (told["looked_at"], told["signed"], told["key"]) == (3, 0, None)
    (row,) = program.json("passport", "list")
    assert (row["number"], row["credentials"]) == (1, 3)
    assert "good until" in program.good("passport", "list")


def test_publishing_needs_the_origin(program: Program, shop: World) -> None:
    shop.key(Role.PASSPORT)
    assert "TRACEQR_ORIGIN is missing" in program.refused("passport", "publish", TRACEQR_ORIGIN=None)


def test_publishing_goes_on_until_it_is_told_to_stop(program: Program, shop: World) -> None:
    with program.start("passport", "publish", "--every", "1s", stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        try:
            events = [json.loads(child.stderr.readline()) for _ in range(2)]
            shop.key(Role.PASSPORT)
            while events[-1]["event"] == "passports-not-published":
                events.append(json.loads(child.stderr.readline()))
        finally:
            child.send_signal(signal.SIGTERM)
        rest = [json.loads(line) for line in child.stderr]
    assert child.returncode == 0
    assert events[0]["event"] == "passport-publisher-started"
    assert "there is none: make one" in events[1]["error"]
    assert (events[-1]["event"], events[-1]["signed"]) == ("passports-published", 2)
    assert [event["event"] for event in rest] == ["passport-publisher-stopped"]


def test_verifying(published: Program, shop: World) -> None:
    nowhere = f"sqlite:///{published.root / 'nowhere.db'}"
    offline = checking(published, "--keys", published.root / "keys.json")
    said = published.good(*offline, TRACEQR_DATABASE=nowhere)
    assert "DigitalProductPassport" in said
    assert "did:web:qr.example.org" in said
    told = published.json(*offline)
    assert told["credentialSubject"]["product"]["registeredId"] == str(gtin())
    published.good(*checking(published))
    keying.compromise(shop.desk, shop.one("SELECT key_number FROM passport_issue")["key_number"], "stolen")
    assert "expected a key for passports of did:web:qr.example.org" in published.refused(*checking(published))
    published.good(*offline)


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "three parts"), ("a.b.c", "expected"), ("\u00e9.b.c", "of ASCII"), ("." * 2_100_000, "at most 2,097,152")],
)
def test_files_that_are_none(published: Program, content: str, words: str) -> None:
    published.file("passport.jwt", content)
    assert words in published.refused(*checking(published))


def test_of_another_site(published: Program) -> None:
    called = ["passport", "verify", published.root / "passport.jwt", "--origin"]
    assert "did:web:evil.example" in published.refused(*called, "https://evil.example")
    assert "expected https:// and a host" in published.refused(*called, "evil", code=2)
