"""Key files: private parts stay private, and only the right key is ever used."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.label import keyfiles
from traceqr.label.jwk import to_jwk
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import PublicKey, Role, Status, Window

PASSPHRASE = b"correct horse battery staple"


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


PRIVATE = private_key("test key, worth nothing")


def record(private: Ed25519PrivateKey = PRIVATE, *, number: int = 1, role: Role = Role.LABEL, **more: Any) -> PublicKey:
    octets = private.public_key().public_bytes_raw()
    return PublicKey(number, role, octets, Window(0, 100), Window(0, 200), **more)


KEY = record()


@pytest.fixture(autouse=True)
def quick_kdf(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bcrypt round instead of 64: the strength has a test of its own."""
    if "real_kdf" not in request.fixturenames:
        monkeypatch.setattr(keyfiles, "KDF_ROUNDS", 1)


@pytest.fixture
def real_kdf() -> None:
    """Asks for the rounds that users get."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds key 1, unencrypted."""
    keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, None))
    return tmp_path


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def put(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file's content, as no code of TraceQR would."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def openssh(private: Any, passphrase: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(1).build(passphrase)
    content: bytes = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, encryption)
    return content


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- Writing and reading back


def test_names(tmp_path: Path) -> None:
    key = record(number=65_535, role=Role.LEDGER)
    assert keyfiles.private_path(tmp_path, key) == tmp_path / "65535-ledger.key"
    assert keyfiles.public_path(tmp_path, KEY) == tmp_path / "0001-label.jwk"


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["open", "encrypted"])
def test_round_trip(tmp_path: Path, passphrase: bytes | None) -> None:
    keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, passphrase))
    assert keyfiles.read_private(tmp_path, KEY, passphrase).private_bytes_raw() == PRIVATE.private_bytes_raw()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0001-label.jwk", "0001-label.key"]


def test_a_passphrase_that_is_not_needed_does_no_harm(folder: Path) -> None:
    assert keyfiles.read_private(folder, KEY, PASSPHRASE).private_bytes_raw() == PRIVATE.private_bytes_raw()


def test_modes_hold_whatever_the_umask(tmp_path: Path, no_umask: None) -> None:
    folder = tmp_path / "keys"
    keyfiles.write(folder, KEY, keyfiles.armoured(PRIVATE, None))
    assert mode_of(folder) == 0o700
    assert mode_of(folder / "0001-label.key") == 0o600
    assert mode_of(folder / "0001-label.jwk") == 0o644


def test_the_private_file_is_never_open_to_others(
    tmp_path: Path, no_umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even between creating and closing: its mode is given at creation."""
    seen = []
    real_open = os.open

    def watching(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        handle = real_open(path, flags, mode, **more)
        if str(path).endswith(".key"):
            seen.append((stat.S_IMODE(os.fstat(handle).st_mode), bool(flags & os.O_EXCL)))
        return handle

    monkeypatch.setattr(os, "open", watching)
    keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, None))
    assert seen == [(0o600, True)]


def test_encrypted_files_have_raised_rounds(tmp_path: Path, real_kdf: None) -> None:
    keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, PASSPHRASE))
    lines = (tmp_path / "0001-label.key").read_bytes().splitlines()
    assert lines[0] == b"-----BEGIN OPENSSH PRIVATE KEY-----"
    rest = base64.b64decode(b"".join(lines[1:-1])).removeprefix(b"openssh-key-v1\0")
    fields = []
    for _ in range(3):  # cipher, KDF, KDF options: strings with a length of 4 bytes before each
        (size,) = struct.unpack(">I", rest[:4])
        fields.append(rest[4 : 4 + size])
        rest = rest[4 + size :]
    assert fields[1] == b"bcrypt"
    assert struct.unpack(">I", fields[2][-4:]) == (keyfiles.KDF_ROUNDS,)
    assert keyfiles.KDF_ROUNDS >= 64


def test_neither_file_holds_the_seed_when_encrypted(tmp_path: Path) -> None:
    keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, PASSPHRASE))
    lines = (tmp_path / "0001-label.key").read_bytes().splitlines()
    assert PRIVATE.private_bytes_raw() not in base64.b64decode(b"".join(lines[1:-1]))


# --- Never overwritten


@pytest.mark.parametrize("name", ["0001-label.key", "0001-label.jwk"])
def test_no_file_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(KeyFileError, match=f"expected no file at .*{name}, found one; no key is ever overwritten"):
        keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, None))
    assert (tmp_path / name).read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == [name], "half a key was left behind"


@pytest.mark.parametrize("name", ["0001-label.key", "0001-label.jwk"])
def test_a_dangling_link_is_not_written_through(tmp_path: Path, name: str) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / name).symlink_to(target)
    with pytest.raises(KeyFileError, match="expected no file at "):
        keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, None))
    assert not target.exists()


def test_a_second_key_of_the_same_number_is_refused(folder: Path) -> None:
    other = private_key("another")
    with pytest.raises(KeyFileError, match="no key is ever overwritten"):
        keyfiles.write(folder, record(other), keyfiles.armoured(other, None))
    assert keyfiles.read_private(folder, KEY, None).private_bytes_raw() == PRIVATE.private_bytes_raw()


# --- Reading what is not right


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"expected a private key at .*0001-label.key, found no file; restore it"):
        keyfiles.read_private(tmp_path, KEY, None)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777])
def test_readable_or_writable_by_others(folder: Path, mode: int) -> None:
    path = folder / "0001-label.key"
    path.chmod(mode)
    with pytest.raises(
        KeyFileError, match=f"expected mode 0600 on .*, got {mode:04o}; run: chmod 600 .*0001-label.key"
    ):
        keyfiles.read_private(folder, KEY, None)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_closed_modes_are_fine(folder: Path, mode: int) -> None:
    (folder / "0001-label.key").chmod(mode)
    assert keyfiles.read_private(folder, KEY, None).private_bytes_raw() == PRIVATE.private_bytes_raw()


def test_a_symbolic_link_is_refused(folder: Path) -> None:
    path = folder / "0001-label.key"
    path.rename(folder / "real.key")
    path.symlink_to(folder / "real.key")
    with pytest.raises(KeyFileError, match=r"cannot read .*0001-label.key: "):
        keyfiles.read_private(folder, KEY, None)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "0001-label.key").mkdir(mode=0o700)
    with pytest.raises(KeyFileError, match=r"cannot read .*0001-label.key: Is a directory"):
        keyfiles.read_private(tmp_path, KEY, None)


def test_a_pipe_in_its_place_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "0001-label.key", 0o600)
    with pytest.raises(KeyFileError, match=r"expected an OpenSSH private key in .*: it is garbled"):
        keyfiles.read_private(tmp_path, KEY, None)


GOOD_PEM = openssh(PRIVATE)
GOOD_BODY = b"".join(GOOD_PEM.splitlines()[1:-1])


def pem(body: bytes) -> bytes:
    return b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + b"\n-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\0" * 400,
        b"garbage",
        b"garbage\nA\ngarbage",
        bytes(range(256)),
        GOOD_PEM[:100],
        GOOD_PEM[:-60],
        pem(b""),
        pem(b"A"),
        pem(b"AAAA"),
        pem(b"\xff\xfe\xfd"),
        pem(GOOD_BODY[:70]),
        pem(base64.b64encode(b"openssh-key-v1\0")),
        pem(base64.b64encode(base64.b64decode(GOOD_BODY).replace(b"none", b"nine"))),
        pem(base64.b64encode(base64.b64decode(GOOD_BODY)[:-40] + bytes(40))),
        PRIVATE.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        PRIVATE.private_bytes_raw(),
        json.dumps(to_jwk(KEY)).encode(),
    ],
)
def test_garbled(tmp_path: Path, content: bytes) -> None:
    put(tmp_path / "0001-label.key", content)
    with pytest.raises(KeyFileError, match=r"expected an OpenSSH private key in .*0001-label.key: it is garbled$"):
        keyfiles.read_private(tmp_path, KEY, None)


def test_every_cut_of_a_good_file_is_garbled(tmp_path: Path) -> None:
    path = tmp_path / "0001-label.key"
    for size in range(0, len(GOOD_PEM.rstrip()) - 1, 7):
        put(path, GOOD_PEM[:size])
        with pytest.raises(KeyFileError, match="it is garbled"):
            keyfiles.read_private(tmp_path, KEY, None)


def test_the_file_of_another_key(folder: Path) -> None:
    put(folder / "0001-label.key", openssh(private_key("another")))
    with pytest.raises(
        KeyFileError, match=r"expected the private part of key 1 \(role label\) in .*, got that of another"
    ):
        keyfiles.read_private(folder, KEY, None)


def test_the_file_of_another_role(tmp_path: Path) -> None:
    """The ledger's private file, put in the place of the label key's."""
    ledger = private_key("ledger")
    keyfiles.write(tmp_path, record(ledger, role=Role.LEDGER), keyfiles.armoured(ledger, None))
    with pytest.raises(KeyFileError, match=r"expected a private key at .*0001-label.key, found no file"):
        keyfiles.read_private(tmp_path, KEY, None)
    (tmp_path / "0001-ledger.key").rename(tmp_path / "0001-label.key")
    with pytest.raises(KeyFileError, match=r"expected the private part of key 1 \(role label\)"):
        keyfiles.read_private(tmp_path, KEY, None)


OTHER_ALGORITHMS = {
    "rsa": openssh(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "ecdsa": openssh(ec.generate_private_key(ec.SECP256R1())),
}


@pytest.mark.parametrize("algorithm", OTHER_ALGORITHMS)
def test_the_file_of_another_algorithm(tmp_path: Path, algorithm: str) -> None:
    put(tmp_path / "0001-label.key", OTHER_ALGORITHMS[algorithm])
    with pytest.raises(KeyFileError, match=r"expected an Ed25519 private key in .*, got another algorithm"):
        keyfiles.read_private(tmp_path, KEY, None)


# --- Encrypted files


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    keyfiles.write(tmp_path, KEY, keyfiles.armoured(PRIVATE, PASSPHRASE))
    return tmp_path


@pytest.mark.parametrize("passphrase", [None, b""])
def test_encrypted_without_a_passphrase(locked: Path, passphrase: bytes | None) -> None:
    with pytest.raises(KeyFileError, match=r"0001-label.key is encrypted: set TRACEQR_KEY_PASSPHRASE"):
        keyfiles.read_private(locked, KEY, passphrase)


@pytest.mark.parametrize("passphrase", [b"incorrect", PASSPHRASE + b" ", PASSPHRASE.upper()])
def test_encrypted_with_a_wrong_passphrase(locked: Path, passphrase: bytes) -> None:
    with pytest.raises(KeyFileError, match="garbled, or the passphrase is wrong") as caught:
        keyfiles.read_private(locked, KEY, passphrase)
    assert passphrase.decode() not in str(caught.value)


def test_encrypted_and_garbled(locked: Path) -> None:
    path = locked / "0001-label.key"
    lines = path.read_bytes().splitlines()
    put(path, pem(b"\n".join(lines[1:-2])))
    with pytest.raises(KeyFileError, match="garbled, or the passphrase is wrong"):
        keyfiles.read_private(locked, KEY, PASSPHRASE)


def test_encrypted_file_of_another_key(locked: Path) -> None:
    put(locked / "0001-label.key", openssh(private_key("another"), PASSPHRASE))
    with pytest.raises(KeyFileError, match="got that of another key"):
        keyfiles.read_private(locked, KEY, PASSPHRASE)


# --- The published part


def test_jwk_members() -> None:
    key = record(number=9, role=Role.BUNDLE, status=Status.COMPROMISED, compromised_ms=150)
    assert to_jwk(key) == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(key.octets).decode().rstrip("="),
        "kid": "9",
        "use": "sig",
        "alg": "EdDSA",
        "traceqr_role": "bundle",
        "traceqr_status": "compromised",
        "traceqr_signing_ms": [0, 100],
        "traceqr_verifying_ms": [0, 200],
        "traceqr_compromised_ms": 150,
    }


def test_jwk_of_rfc_8037() -> None:
    """Appendix A.2 of the RFC."""
    octets = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    jwk = to_jwk(PublicKey(1, Role.LABEL, octets, Window(0, 1), Window(0, 1)))
    assert jwk["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def test_the_published_file_holds_nothing_private(folder: Path) -> None:
    jwk = json.loads((folder / "0001-label.jwk").read_bytes())
    assert "d" not in jwk
    assert set(jwk) == set(to_jwk(KEY))


# --- Destroying


def test_destroy(folder: Path) -> None:
    keyfiles.destroy(folder, KEY)
    assert [path.name for path in folder.iterdir()] == ["0001-label.jwk"]
    keyfiles.destroy(folder, KEY)
    with pytest.raises(KeyFileError, match="found no file"):
        keyfiles.read_private(folder, KEY, None)


def test_messages_hold_no_secret(folder: Path) -> None:
    secrets = [PRIVATE.private_bytes_raw().hex(), GOOD_BODY.decode()[:40]]
    (folder / "0001-label.key").chmod(0o644)
    with pytest.raises(KeyFileError) as caught:
        keyfiles.read_private(folder, KEY, None)
    assert not any(secret in str(caught.value) for secret in secrets)
