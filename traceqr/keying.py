"""Keys: making, retiring, destroying them, and what follows when one is stolen."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.acting import Act, ActRefused, Desk
from traceqr.activating import void_unactivated
from traceqr.instant import DAY_MS
from traceqr.label import keyfiles
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import PublicKey, Role, Status, Window
from traceqr.label.seal import MAX_KEY
from traceqr.registry import batches, keys, ledger

SIGNING_DAYS = 2 * 365
"""How long a new key issues batches by default."""

VERIFYING_DAYS = 15 * 365
"""How long its labels can be verified by default: goods outlive the key that sealed them."""

_MAX_KEY_FILE = 64 * 1024
"""Bytes: key files have a few hundred."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back from a backup: the names of the files, and the numbers of keys left out because destroyed."""

    names: list[str]
    left_out: list[int]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where key files lie, and the passphrase that locks private ones (None leaves them to the file mode)."""

    path: Path
    passphrase: bytes | None

    def private(self, key: PublicKey) -> Ed25519PrivateKey:
        """See `keyfiles.read_private`."""
        return keyfiles.read_private(self.path, key, self.passphrase)


def new_key(
    desk: Desk,
    folder: KeyFolder,
    role: Role,
    signing_days: int = SIGNING_DAYS,
    verifying_days: int = VERIFYING_DAYS,
) -> PublicKey:
    """Make a key of a role that signs with Ed25519. The files are durable before the registry knows the number."""
    if role is Role.HIDDEN:
        raise ActRefused("expected a role that signs, got hidden: its root is a secret, see traceqr.hiding", "role")
    draft = KeyDraft.generate(folder)
    with desk.act() as act:
        return add_key(act, folder, draft, role, signing_days, verifying_days)


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key pair without a number yet: its public part, and the private one as its file is to hold it."""

    octets: bytes
    armoured: bytes = field(repr=False)

    @classmethod
    def generate(cls, folder: KeyFolder) -> KeyDraft:
        """Make one. With a passphrase this takes half a second: do it before any lock."""
        private = Ed25519PrivateKey.generate()
        return cls(private.public_key().public_bytes_raw(), keyfiles.armoured(private, folder.passphrase))


def add_key(
    act: Act,
    folder: KeyFolder,
    draft: KeyDraft,
    role: Role,
    signing_days: int = SIGNING_DAYS,
    verifying_days: int = VERIFYING_DAYS,
) -> PublicKey:
    """Give a key pair the next number, as a part of an act. Raises `ActRefused`."""
    number = _free_number(act, folder, role)
    if number > MAX_KEY:
        raise ActRefused(f"expected a key number up to {MAX_KEY}, all are used")
    signing = Window(act.at_ms, act.at_ms + signing_days * DAY_MS)
    verifying = Window(act.at_ms, act.at_ms + verifying_days * DAY_MS)
    key = PublicKey(number, role, draft.octets, signing, verifying)
    # A crash between here and the commit leaves files of a number that the registry does not know: it is skipped.
    keyfiles.write(folder.path, key, draft.armoured)
    position = act.record("key.add", f"key:{number}", _payload(key))
    keys.insert(act.tx, key, position)
    return key


def _free_number(act: Act, folder: KeyFolder, role: Role) -> int:
    """The next number whose files are not there: they may be of a key that a restored registry has forgotten."""
    number = keys.next_number(act.tx)
    while number <= MAX_KEY and keyfiles.exists(folder.path, number, role):
        number += 1
    return number


def retire(desk: Desk, number: int, reason: str) -> None:
    """No new batches under the key; existing ones stay printable and valid inside the verifying window."""
    with desk.act() as act:
        _require(act, number, Status.ACTIVE)
        position = act.record("key.retire", f"key:{number}", {"reason": reason})
        keys.set_status(act.tx, number, Status.RETIRED, None, position)


def destroy(desk: Desk, folder: KeyFolder, number: int, reason: str) -> None:
    """Remove the private part. Recorded first: a crash in between leaves a file too many, never one too few, and
    calling again removes it. A compromised key stays compromised.
    """
    with desk.act() as act:
        left_over = (Status.DESTROYED, Status.COMPROMISED) if _has_file(act, folder, number) else ()
        key = _require(act, number, Status.ACTIVE, Status.RETIRED, *left_over)
        if key.status is not Status.DESTROYED:
            position = act.record("key.destroy", f"key:{number}", {"reason": reason})
            if key.status is not Status.COMPROMISED:
                keys.set_status(act.tx, number, Status.DESTROYED, None, position)
    keyfiles.destroy(folder.path, key)


def compromise(desk: Desk, number: int, reason: str, as_of: int | None = None) -> int:
    """Count the key as stolen as of a ledger position (None: this very act); returns how many labels were voided.

    Labels seen before the cut-off stay good, the others become suspect; what is not yet activated is voided, so
    that it can be issued anew under another key. The cut-off of a compromised key can be moved back, never forward:
    what has been called suspect is not made good again.
    """
    with desk.act() as act:
        known = keys.compromised_position(act.tx, number)
        moved = (Status.COMPROMISED,) if known is not None else ()
        _require(act, number, Status.ACTIVE, Status.RETIRED, Status.DESTROYED, *moved)
        head = ledger.next_position(act.tx)
        latest = head if known is None else known - 1
        cutoff = head if as_of is None else as_of
        if not 0 <= cutoff <= latest:
            raise ActRefused(f"expected a ledger position from 0 to {latest}, got {cutoff}", "as_of")
        position = act.record("key.compromise", f"key:{number}", {"as_of": cutoff, "reason": reason})
        keys.set_status(act.tx, number, Status.COMPROMISED, cutoff, position)
        return sum(void_unactivated(act, batch, position) for batch in batches.of_key(act.tx, number))


def backup(folder: KeyFolder, target: Path) -> list[str]:
    """Write all key files into one new tar file of mode 0600; returns their names. Raises `KeyFileError`.

    Encrypted keys stay encrypted under their passphrase; the others are in the clear, so keep the file as a key.
    """
    names = sorted(path.name for path in folder.path.glob("*-*.*") if keyfiles.is_key_file(path.name))
    if not names:
        raise KeyFileError(f"expected key files in {folder.path}, found none")
    for name in names:
        _require_sound(folder.path / name)
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileError(f"expected a new file for the backup of the keys, found one at {target}") from error
    except OSError as error:
        raise KeyFileError(f"cannot write the backup {target}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                for name in names:
                    archive.add(folder.path / name, arcname=name, recursive=False)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)  # half a backup is worse than none: it looks like one
        raise KeyFileError(f"cannot write the backup {target}: {error.strerror}") from error
    return names


def _require_sound(path: Path) -> None:
    """A regular file, and a private one that nobody else may read: found out now, not when it is to be used again."""
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        raise KeyFileError(f"expected {path.name} to be a file in {path.parent}, found something else")
    if path.suffix == ".key":
        keyfiles.require_closed(path, mode)


def restore(folder: KeyFolder, source: Path, destroyed: Collection[PublicKey] = ()) -> Restored:
    """Bring back the files of a backup that are not there, private ones of `destroyed` keys excepted. Overwrites none.

    The whole backup is read before the first file is written. Raises `KeyFileError`.
    """
    try:
        with tarfile.open(source, mode="r:") as archive:
            contents = {member.name: _content(archive, member, source) for member in archive}
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, tarfile.TarError) as error:
        raise KeyFileError(f"expected a key backup at {source}, found none that can be read") from error
    ended = {keyfiles.private_path(folder.path, key).name: key.number for key in destroyed}
    left_out = [ended[name] for name in contents if name in ended]
    wanted = {name: content for name, content in contents.items() if name not in ended}
    names = [name for name, content in wanted.items() if keyfiles.bring_back(folder.path, name, content)]
    return Restored(names, left_out)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, source: Path) -> bytes:
    if not keyfiles.is_key_file(member.name) or not member.isfile() or member.size > _MAX_KEY_FILE:
        raise KeyFileError(f"expected key files only in {source}, got {member.name!r}")
    file = archive.extractfile(member)
    assert file is not None  # a regular file has content
    content = file.read()
    if len(content) != member.size:
        raise KeyFileError(f"expected a key backup at {source}, found a truncated one")
    return content


def _has_file(act: Act, folder: KeyFolder, number: int) -> bool:
    key = keys.by_number(act.tx, number)
    return key is not None and keyfiles.private_path(folder.path, key).exists()


def _require(act: Act, number: int, *expected: Status) -> PublicKey:
    key = keys.by_number(act.tx, number)
    if key is None:
        raise ActRefused(f"expected the number of a key, {number} is none")
    if key.status not in expected:
        raise ActRefused(f"key {number}: expected it to be {' or '.join(expected)}, it is {key.status}")
    return key


def _payload(key: PublicKey) -> dict[str, object]:
    return {
        "role": str(key.role),
        "algorithm": key.algorithm,
        "public_key": key.octets.hex(),
        "signing_ms": [key.signing.from_ms, key.signing.to_ms],
        "verifying_ms": [key.verifying.from_ms, key.verifying.to_ms],
    }
