"""Key files: `0001-label.jwk` may be published, `0001-label.key` beside it never leaves its machine.

A hidden root, `0001-hidden.key`, is kept in the same format: its 32 bytes stand where those of an Ed25519 private key
do, which are 32 random bytes too (RFC 8032, section 5.1.5). So it gets the same lock (bcrypt with raised rounds), the
same modes and the same strict reading, and there is no file format of our own to get wrong. The key pair that the file
seems to hold is never used, and its public part is not published. OpenSSH leaves that part legible in a locked file;
from there nobody gets to the secret, as with every key.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.errors import TraceqrError
from traceqr.label.hidden import HiddenRoot
from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import PublicKey, Role

KDF_ROUNDS = 64
"""bcrypt rounds of an encrypted key file: half a second to open, where OpenSSH's own default is 16 to 24."""

_PRIVATE_MODE = 0o600
_NAME = re.compile("[0-9]{4,5}-[a-z]+[.](key|jwk)")


class KeyFileError(TraceqrError):
    """A key file that is missing, garbled, readable by others, locked, or not the key it should be."""


def stem(number: int, role: Role) -> str:
    """`0001-label`, the name of both files of a key without the ending."""
    return f"{number:04d}-{role}"


def private_path(folder: Path, key: PublicKey) -> Path:
    """Where the private part of a key lies."""
    return folder / f"{stem(key.number, key.role)}.key"


def public_path(folder: Path, key: PublicKey) -> Path:
    """Where the public part of a key lies."""
    return folder / f"{stem(key.number, key.role)}.jwk"


def hidden_path(folder: Path, number: int) -> Path:
    """Where a hidden root lies."""
    return folder / f"{stem(number, Role.HIDDEN)}.key"


def armoured(private: Ed25519PrivateKey, passphrase: bytes | None) -> bytes:
    """The private part as its file holds it. With a passphrase this takes half a second: do it before any lock."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        builder = serialization.PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(KDF_ROUNDS)
        encryption = builder.build(passphrase)
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, encryption)


def armoured_secret(secret: bytes, passphrase: bytes | None) -> bytes:
    """A hidden root's 32 bytes as its file holds them. As `armoured`."""
    return armoured(Ed25519PrivateKey.from_private_bytes(secret), passphrase)


def write(folder: Path, key: PublicKey, private: bytes) -> None:
    """Write both files of a new key, the private one first. Neither may exist. Raises `KeyFileError`."""
    _make_folder(folder)
    _refuse_existing(public_path(folder, key))
    _create(private_path(folder, key), private, _PRIVATE_MODE)
    try:
        _create(public_path(folder, key), json.dumps(to_jwk(key), indent=2).encode() + b"\n", 0o644)
    except KeyFileError:
        private_path(folder, key).unlink(missing_ok=True)  # no one has used the key yet
        raise


def write_hidden(folder: Path, number: int, secret: bytes) -> None:
    """Write the one file of a new hidden root, `secret` as `armoured_secret` made it. Raises `KeyFileError`."""
    _make_folder(folder)
    _create(hidden_path(folder, number), secret, _PRIVATE_MODE)


def read_hidden(folder: Path, number: int, commitment: str, passphrase: bytes | None) -> HiddenRoot:
    """A hidden root, checked to be the one that the commitment was made of. Raises `KeyFileError`."""
    path = hidden_path(folder, number)
    root = HiddenRoot(number, _parse_private(path, _read_closed(path), passphrase).private_bytes_raw())
    if root.commitment != commitment:
        raise KeyFileError(f"expected hidden root {number} in {path}, got another secret: it does not fit the registry")
    return root


def read_private(folder: Path, key: PublicKey, passphrase: bytes | None) -> Ed25519PrivateKey:
    """The private part of `key`, checked to belong to its public part. Raises `KeyFileError`."""
    path = private_path(folder, key)
    private = _parse_private(path, _read_closed(path), passphrase)
    if private.public_key().public_bytes_raw() != key.octets:
        raise KeyFileError(
            f"expected the private part of key {key.number} (role {key.role}) in {path}, got that of another key"
        )
    return private


def exists(folder: Path, number: int, role: Role) -> bool:
    """Whether either file of a number and role is there."""
    return any(os.path.lexists(folder / f"{stem(number, role)}{ending}") for ending in (".key", ".jwk"))


def require_closed(path: Path, mode: int) -> None:
    """Raise `KeyFileError` if a private key's file, of this mode, can be read or written by others."""
    if mode & 0o077:
        raise KeyFileError(f"expected mode 0600 on {path}, got {stat.S_IMODE(mode):04o}; run: chmod 600 {path}")


def is_key_file(name: str) -> bool:
    """Whether a file name is one that `write` gives: the only names that a restore may bring back."""
    return _NAME.fullmatch(name) is not None


def bring_back(folder: Path, name: str, content: bytes) -> bool:
    """Write one file from a backup unless it is there with the same content. Raises `KeyFileError` if it differs."""
    path = folder / name
    if path.exists():
        if path.read_bytes() != content:
            raise KeyFileError(f"expected {path} to be missing or as in the backup, it differs; nothing overwritten")
        return False
    _create(path, content, _PRIVATE_MODE if path.suffix == ".key" else 0o644)
    return True


def destroy(folder: Path, key: PublicKey) -> None:
    """Remove the private part, if it is here. What a disk or a backup still holds is beyond this program."""
    path = private_path(folder, key)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise KeyFileError(f"cannot remove {path}: {error.strerror}") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(f"cannot make the key folder {folder}: {error.strerror}") from error


def _refuse_existing(path: Path) -> None:
    """Before the private file is made: a later refusal would leave it without its public part."""
    if os.path.lexists(path):
        raise KeyFileError(f"expected no file at {path}, found one; no key is ever overwritten")


def _create(path: Path, content: bytes, mode: int) -> None:
    """Create a file that must not exist, with its final mode from the first instant, and make it durable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise KeyFileError(f"expected no file at {path}, found one; no key is ever overwritten") from error
    except OSError as error:
        raise KeyFileError(f"cannot write {path}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        path.unlink(missing_ok=True)  # ours, and only half: nothing is lost with it
        raise KeyFileError(f"cannot write {path}: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    """A file's name is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_closed(path: Path) -> bytes:
    """The bytes of a file that only its owner may read."""
    try:
        with open(path, "rb", opener=_open_closely) as file:
            require_closed(path, os.fstat(file.fileno()).st_mode)
            return file.read()
    except FileNotFoundError as error:
        raise KeyFileError(
            f"expected a private key at {path}, found no file; restore it from the key backup"
        ) from error
    except OSError as error:
        raise KeyFileError(f"cannot read {path}: {error.strerror}") from error


def _open_closely(path: str, flags: int) -> int:
    """Not through a symbolic link, and without waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _parse_private(path: Path, content: bytes, passphrase: bytes | None) -> Ed25519PrivateKey:
    locked = _is_locked(content)
    if locked and not passphrase:
        raise KeyFileError(f"{path} is encrypted: set TRACEQR_KEY_PASSPHRASE")
    try:
        private = serialization.load_ssh_private_key(content, passphrase if locked else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        hint = ", or the passphrase is wrong" if locked else ""
        raise KeyFileError(f"expected an OpenSSH private key in {path}: it is garbled{hint}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"expected an Ed25519 private key in {path}, got another algorithm")
    return private


def _is_locked(content: bytes) -> bool:
    """Whether an OpenSSH file names bcrypt as its KDF, within its first 45 bytes. A garbled file names none."""
    try:
        return b"bcrypt" in base64.b64decode(b"".join(content.splitlines()[1:-1])[:60])
    except binascii.Error:
        return False
