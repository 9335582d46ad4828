"""Inspections as a device in the field makes them: records, entries, and a key of its own."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
from dataclasses import dataclass, field, replace
from typing import Any

import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from PIL import Image
from support import kept
from support.staff import Person, admitted
from support.world import World

from traceqr import equipping, inspecting
from traceqr.access import Identity, Role
from traceqr.inspecting import Taken

MADE = "2026-09-01T00:00:00.000Z"
ID = "0123456789abcdef0123456789abcdef"
FIRST, SECOND = "00000000000000a1", "00000000000000a2"
STROKES = [[[100, 200], [150, 220.5]], [[300, 310]]]

RECORD: dict[str, Any] = {
    "started": MADE,
    "ended": "2026-09-01T00:40:00.000Z",
    "kind": "routine",
    "basis": "《产品质量法》第十八条",
    "case": None,
    "follows": None,
    "officers": [
        {"account": FIRST, "name": "甲", "number": "沪-001"},
        {"account": SECOND, "name": "乙", "number": "沪-002"},
    ],
    "alone": None,
    "premises": {
        "name": "示例茶行",
        "uscc": "",
        "address": "示例路 1 号地下仓库",
        "person": "丙",
        "phone": "000-0000-0000",
        "position": {"latitude": 31.230416, "longitude": 121.4737, "accuracy_m": 12.5, "at": MADE},
    },
    "labels": [],
    "goods": [
        {"gtin": "", "name": "绿茶", "lot": "批号-1", "quantity": 24, "unit": "盒", "storage": "地下仓库东侧货架"}
    ],
    "photos": [],
    "finding": "problem",
    "findings": "货架上的绿茶标签经查验为伪码。\n当事人不能说明来源。",
    "measures": [
        {"kind": "sealed", "what": "绿茶 24 盒", "quantity": 24, "numbers": ["封-0001"], "until": None},
        {"kind": "ordered", "what": "停止销售，说明来源", "quantity": None, "numbers": [], "until": "2026-09-16"},
    ],
    "statement": "货是朋友送来的。",
    "signatures": [
        {"role": "officer", "name": "甲", "account": FIRST, "strokes": STROKES, "at": MADE},
        {"role": "officer", "name": "乙", "account": SECOND, "strokes": STROKES, "at": MADE},
        {"role": "party", "name": "丙", "account": None, "strokes": STROKES, "at": MADE},
    ],
    "refused": None,
}
LABEL: dict[str, Any] = {
    "text": "HTTPS://QR.EXAMPLE.ORG/01/06901234000012/21/0000000100000001?s=1",
    "serial": "0000000100000001",
    "how": "camera",
    "at": MADE,
    "offline": {
        "verdict": "genuine",
        "reason": "history-not-checked",
        "step": 9,
        "scope": "all",
        "version": 3,
        "made": MADE,
    },
    "online": {"verdict": "seen", "reason": "seen-before", "at": MADE},
}
PHOTO: dict[str, Any] = {"digest": "ab" * 32, "bytes": 1, "at": MADE, "position": None, "caption": "货架"}
ADDITION: dict[str, Any] = {"kind": "supplement", "text": "补充说明", "measure": None, "photos": []}


def record(**changes: Any) -> dict[str, Any]:
    """A record that is right, with members replaced."""
    return {**copy.deepcopy(RECORD), **changes}


def addition(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ADDITION), **changes}


def envelope(**changes: Any) -> dict[str, Any]:
    """Entry 0 as a value, with members replaced."""
    return {
        "format": "traceqr.inspection.v1",
        "inspection": ID,
        "entry": 0,
        "previous": None,
        "device": "00000000000000d1",
        "account": FIRST,
        "made": MADE,
        "server_time": None,
        "record": record(),
        **changes,
    }


def later(previous: str, **changes: Any) -> dict[str, Any]:
    """Entry 1 as a value, with members replaced."""
    value = envelope(entry=1, previous=previous, addition=addition()) | changes
    value.pop("record")
    return value


def canonical(value: Any) -> str:
    return rfc8785.dumps(value).decode()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def jpeg(shade: int = 120, size: tuple[int, int] = (40, 30)) -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Key:
    """A device's key, as a browser would hold it."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, Any]:
        numbers = self.private.public_key().public_numbers()
        x, y = (base64url(each.to_bytes(32)) for each in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "ext": True, "key_ops": ["verify"]}

    def sign(self, message: bytes) -> str:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return base64url(r.to_bytes(32) + s.to_bytes(32))

    def sign_entry(self, text: str) -> str:
        return self.sign(b"traceqr.inspection.v1\0" + text.encode())

    def prove(self, account: str) -> str:
        return self.sign(b"traceqr.device.v1\0" + account.encode())


@dataclass
class Inspectors:
    """Two inspectors of a regulator, the first with an enrolled device, as tests need them."""

    world: World
    first: Person
    second: Person
    key: Key
    device: str

    @property
    def sender(self) -> Identity:
        return self.first.identity

    def record(self, **changes: Any) -> dict[str, Any]:
        """A record by the two."""
        return by(record(**changes), self.first.account.id, self.second.account.id)

    def entry(self, **changes: Any) -> str:
        """The text of entry 0."""
        given = {"device": self.device, "account": self.first.account.id, "record": self.record()}
        return canonical(envelope(**{**given, **changes}))

    def later(self, previous: str, **changes: Any) -> str:
        """The text of an addition to it."""
        return canonical(
            later(digest(previous), **{"device": self.device, "account": self.first.account.id, **changes})
        )

    def take(self, text: str, sender: Identity | None = None, key: Key | None = None) -> Taken:
        """Send an entry, signed by the device."""
        signature = (key or self.key).sign_entry(text)
        return inspecting.take(self.world.desk, sender or self.sender, inspecting.read(text), signature)


def by(value: dict[str, Any], *accounts: str) -> dict[str, Any]:
    """A record with the accounts of its officers put in."""
    found = copy.deepcopy(value)
    names = dict(zip((FIRST, SECOND), accounts, strict=False))
    for each in (*found["officers"], *found["signatures"]):
        each["account"] = names.get(each["account"], each["account"])
    return found


def inspectors(world: World) -> Inspectors:
    """A regulator with two inspectors; one of them has a device."""
    world.regulator()
    first, second = admitted(world, Role.INSPECTOR), admitted(world, Role.INSPECTOR)
    key = Key()
    device = enrolled(world, first, key)
    return Inspectors(world, first, second, key, device)


def furnished_inspectors(world: World) -> Inspectors:
    """The same in a new world that is furnished; built once in a process on each engine, and copied after that."""
    kept.begin(world, _furnish)
    found = _FURNISHED[world.on_a_file]
    first, second = (replace(each, world=world) for each in (found.first, found.second))
    return replace(found, world=world, first=first, second=second)


_FURNISHED: dict[bool, Inspectors] = {}


def _furnish(world: World) -> None:
    _FURNISHED[world.on_a_file] = inspectors(world.furnish())


def enrolled(world: World, person: Person, key: Key) -> str:
    """A device of somebody; its id."""
    account = person.account.id
    held = equipping.device_key(key.jwk, key.prove(account), account)
    return equipping.enrol(world.desk, account, "手机", held).id
