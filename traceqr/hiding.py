"""Hidden roots: making the secrets that hidden codes are derived from, and finding that of a batch."""

from __future__ import annotations

import secrets

from traceqr.acting import Act, ActRefused, Desk
from traceqr.keying import KeyFolder
from traceqr.label import keyfiles
from traceqr.label.hidden import SECRET_BYTES, HiddenRoot
from traceqr.label.keyring import Role
from traceqr.label.serial import MAX_BATCH
from traceqr.registry import batches, hidden_roots
from traceqr.registry.database import Reader
from traceqr.registry.hidden_roots import RootRecord

MAX_NUMBER = 65_535


def new_root(desk: Desk, folder: KeyFolder) -> RootRecord:
    """Make a hidden root, which serves all batches issued from now on. The file is durable before the registry knows
    the number. Raises `ActRefused`, or `KeyFileError`.
    """
    secret = secrets.token_bytes(SECRET_BYTES)
    # With a passphrase this takes half a second: before the lock.
    armoured = keyfiles.armoured_secret(secret, folder.passphrase)
    with desk.act() as act:
        root = HiddenRoot(_free_number(act, folder), secret)
        record = RootRecord(root.number, root.commitment, _first_batch(act))
        # A crash between here and the commit leaves a file of a number that the registry does not know: it is skipped.
        keyfiles.write_hidden(folder.path, record.number, armoured)
        payload = {"commitment": record.commitment, "first_batch": record.first_batch}
        position = act.record("hidden_root.add", f"hidden_root:{record.number}", payload)
        hidden_roots.insert(act.tx, record, position)
        return record


def root_of(reader: Reader, folder: KeyFolder, batch: int) -> HiddenRoot:
    """The root that the hidden codes of a batch number are derived from. It never changes for a batch.

    With a passphrase this takes half a second: do it before any lock. Raises `ActRefused` where the batch has none,
    and `KeyFileError` where the secret is missing, garbled, locked, or not the one that the registry knows.
    """
    record = hidden_roots.of_batch(reader, batch)
    if record is None:
        raise ActRefused(
            f"batch {batch}: expected a hidden root from before the batch was issued, there is none, so its labels have"
            " no hidden codes; for batches to come, run: traceqr keys new --role hidden",
            "batch",
        )
    return keyfiles.read_hidden(folder.path, record.number, record.commitment, folder.passphrase)


def _first_batch(act: Act) -> int:
    """The next batch's number: those that are issued keep the root that they have, or go on without one."""
    number = batches.next_number(act.tx)
    if number > MAX_BATCH:
        raise ActRefused(f"expected a batch number up to {MAX_BATCH} to begin with, all are used")
    return number


def _free_number(act: Act, folder: KeyFolder) -> int:
    """The next number whose file is not there: it may be of a root that a restored registry has forgotten."""
    number = hidden_roots.next_number(act.tx)
    while number <= MAX_NUMBER and keyfiles.exists(folder.path, number, Role.HIDDEN):
        number += 1
    if number > MAX_NUMBER:
        raise ActRefused(f"expected a hidden root number up to {MAX_NUMBER}, all are used")
    return number
