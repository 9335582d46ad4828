"""Hidden roots from their making to the codes of a batch; and the file that holds one."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.world import World

from traceqr import hiding, keying
from traceqr.acting import ActRefused
from traceqr.checking.whole import check
from traceqr.keying import KeyFolder, Restored
from traceqr.label import keyfiles
from traceqr.label.hidden import HiddenRoot
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import Role
from traceqr.label.serial import MAX_BATCH, Serial
from traceqr.registry import numbering
from traceqr.registry.hidden_roots import RootRecord

PASSPHRASE = b"correct horse battery staple"


@pytest.fixture(autouse=True)
def quick_kdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfiles, "KDF_ROUNDS", 1)


def new_root(world: World) -> RootRecord:
    return hiding.new_root(world.desk, world.folder)


def root_of(world: World, batch: int, folder: KeyFolder | None = None) -> HiddenRoot:
    with world.database.snapshot() as reader:
        return hiding.root_of(reader, folder or world.folder, batch)


def path_of(world: World, number: int = 1) -> Path:
    return world.folder.path / f"{number:04d}-hidden.key"


def put(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o600)


class TestNew:
    def test_file_record_and_entry(self, world: World) -> None:
        made = new_root(world)
        assert (made.number, made.first_batch) == (1, 1)
        assert [path.name for path in world.folder.path.iterdir()] == ["0001-hidden.key"]
        assert root_of(world, 1).commitment == made.commitment
        row = world.one("SELECT * FROM hidden_root")
        assert row == {"number": 1, "commitment": made.commitment, "first_batch": 1, "position": 0}
        entry = world.one("SELECT act, subject, entry FROM ledger")
        assert (entry["act"], entry["subject"]) == ("hidden_root.add", "hidden_root:1")
        assert f'"payload":{{"commitment":"{made.commitment}","first_batch":1}}' in entry["entry"]

    def test_the_secret_is_in_the_file_alone(self, world: World) -> None:
        new_root(world)
        secret = root_of(world, 1).secret
        assert secret.hex() not in repr(world.dump())

    def test_modes(self, world: World) -> None:
        before = os.umask(0)
        try:
            new_root(world)
        finally:
            os.umask(before)
        assert stat.S_IMODE(path_of(world).stat().st_mode) == 0o600
        assert stat.S_IMODE(world.folder.path.stat().st_mode) == 0o700

    def test_each_one_is_another(self, world: World) -> None:
        assert len({new_root(world).commitment for _ in range(3)}) == 3

    def test_numbers_are_its_own(self, furnished: World) -> None:
        """A root and a label key may both be number 1: their files have different names."""
        assert new_root(furnished).number == 1
        assert furnished.key().number == 2
        assert new_root(furnished).number == 2

    @pytest.mark.parametrize("ending", ["key", "jwk"])
    def test_a_file_left_by_a_crash_is_not_overwritten(self, world: World, ending: str) -> None:
        world.folder.path.mkdir()
        left = world.folder.path / f"0001-hidden.{ending}"
        left.write_bytes(b"perhaps the only copy of a root")
        assert new_root(world).number == 2
        assert left.read_bytes() == b"perhaps the only copy of a root"

    def test_numbers_skipped_after_a_restore(self, world: World) -> None:
        with world.database.transaction() as tx:
            tx.insert_many("meta", ("name", "value"), [("hidden_root_floor", "6")])
        assert new_root(world).number == 7

    def test_the_last_number(self, world: World) -> None:
        with world.database.transaction() as tx:
            tx.insert_many("meta", ("name", "value"), [("hidden_root_floor", str(hiding.MAX_NUMBER - 1))])
        assert new_root(world).number == hiding.MAX_NUMBER
        before = world.dump()
        with pytest.raises(ActRefused, match="expected a hidden root number up to 65535, all are used"):
            new_root(world)
        assert world.dump() == before

    def test_no_batch_is_left_to_serve(self, world: World) -> None:
        with world.database.transaction() as tx:
            tx.insert_many("meta", ("name", "value"), [("batch_floor", str(MAX_BATCH))])
        with pytest.raises(ActRefused, match="expected a batch number up to 99999999 to begin with, all are used"):
            new_root(world)
        assert not world.folder.path.exists()

    def test_a_folder_that_cannot_be_made(self, world: World) -> None:
        (world.root / "file").write_text("")
        with pytest.raises(KeyFileError, match="cannot make the key folder"):
            hiding.new_root(world.desk, KeyFolder(world.root / "file" / "keys", None))
        assert world.acts() == []

    def test_the_file_is_there_before_the_registry_knows(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def power_cut(*_: object) -> None:
            raise RuntimeError("power cut")

        with monkeypatch.context() as patch:
            patch.setattr("traceqr.registry.hidden_roots.insert", power_cut)
            with pytest.raises(RuntimeError, match="power cut"):
                new_root(world)
        assert path_of(world).exists()
        assert world.acts() == []
        assert new_root(world).number == 2, "the number without a record is skipped"


class TestServing:
    def test_each_batch_keeps_the_root_of_its_time(self, furnished: World) -> None:
        furnished.issue()
        first = new_root(furnished)
        furnished.issue()
        furnished.issue()
        second = new_root(furnished)
        furnished.issue()
        assert (first.first_batch, second.first_batch) == (2, 4)
        assert [root_of(furnished, batch).number for batch in (2, 3, 4, 5, MAX_BATCH)] == [1, 1, 2, 2, 2]
        assert root_of(furnished, 2).codes(2, 0, 9) != root_of(furnished, 4).codes(2, 0, 9)

    def test_a_batch_from_before_the_first_root(self, furnished: World) -> None:
        furnished.issue()
        words = r"batch 1: expected a hidden root from before the batch was issued, .* traceqr keys new --role hidden"
        with pytest.raises(ActRefused, match=words):
            root_of(furnished, 1)
        new_root(furnished)
        with pytest.raises(ActRefused, match=words) as caught:
            root_of(furnished, 1)
        assert caught.value.field == "batch"

    def test_of_two_that_begin_together_the_later(self, world: World) -> None:
        new_root(world)
        later = new_root(world)
        assert later.first_batch == 1
        assert root_of(world, 1).commitment == later.commitment

    def test_numbers_skipped_after_a_restore_do_not_get_a_later_root(self, furnished: World) -> None:
        """Batches that the registry has forgotten may have had codes of the earlier root."""
        new_root(furnished)
        with furnished.database.transaction() as tx:
            numbering.skip(tx, "batch", 50)
        assert new_root(furnished).first_batch == 51
        assert root_of(furnished, 50).number == 1

    def test_codes(self, furnished: World) -> None:
        new_root(furnished)
        batch = furnished.issue()
        root = root_of(furnished, batch.number)
        codes = root.codes(batch.number, 0, batch.label_count - 1)
        assert [root.code(Serial(batch.number, index)).digits for index in range(10)] == codes
        assert len(set(codes)) == 10

    def test_it_signs_nothing(self, furnished: World) -> None:
        new_root(furnished)
        assert set(furnished.verifier().keyring().keys) == {1}
        with pytest.raises(ActRefused, match="got hidden"):
            furnished.key(Role.HIDDEN)

    def test_a_verifier_needs_none(self, furnished: World) -> None:
        new_root(furnished)
        batch = furnished.issue()
        text = furnished.label(batch)
        for path in furnished.folder.path.iterdir():
            path.unlink()
        assert furnished.verifier().verify(text).code == "genuine"


def _another(world: World) -> None:
    put(path_of(world), keyfiles.armoured_secret(b"x" * 32, None))


def _label_key(world: World) -> None:
    world.key()
    put(path_of(world), (world.folder.path / "0001-label.key").read_bytes())


def _pkcs8(world: World) -> None:
    form = serialization.PrivateFormat.PKCS8
    private = Ed25519PrivateKey.from_private_bytes(root_of(world, 1).secret)
    put(path_of(world), private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def _link(world: World) -> None:
    path_of(world).rename(world.root / "real.key")
    path_of(world).symlink_to(world.root / "real.key")


BAD_FILES: dict[str, tuple[Callable[[World], object], str]] = {
    "missing": (
        lambda w: path_of(w).unlink(),
        "expected a private key at .*0001-hidden.key, found no file; restore it",
    ),
    "empty": (lambda w: put(path_of(w), b""), r"expected an OpenSSH private key in .*0001-hidden.key: it is garbled$"),
    "garbled": (lambda w: put(path_of(w), b"\xff" * 400), "it is garbled$"),
    "bare bytes": (lambda w: put(path_of(w), root_of(w, 1).secret), "it is garbled$"),
    "cut short": (lambda w: put(path_of(w), path_of(w).read_bytes()[:150]), "it is garbled$"),
    "of another format": (_pkcs8, "it is garbled$"),
    "another secret": (_another, "expected hidden root 1 in .*, got another secret: it does not fit the registry"),
    "a label key": (_label_key, "expected hidden root 1 in .*, got another secret"),
    "readable by others": (lambda w: path_of(w).chmod(0o640), "expected mode 0600 on .*, got 0640; run: chmod 600"),
    "a link": (_link, "cannot read .*0001-hidden.key"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_is_not_right(world: World, what: str) -> None:
    new_root(world)
    secret = root_of(world, 1).secret.hex()
    spoil, message = BAD_FILES[what]
    spoil(world)
    with pytest.raises(KeyFileError, match=message) as caught:
        root_of(world, 1)
    assert secret not in str(caught.value)


def test_the_file_of_another_number(world: World) -> None:
    new_root(world)
    world.furnish().issue()
    second = new_root(world)
    assert second.first_batch == 2
    path_of(world, 2).replace(path_of(world))
    with pytest.raises(KeyFileError, match=r"expected hidden root 1 in .*, got another secret"):
        root_of(world, 1)


def test_a_commitment_that_was_changed_is_told(world: World) -> None:
    """By whoever reads the secret, and by the check, which holds the row against the ledger."""
    new_root(world)
    assert check(world.database).findings == ()
    with world.database.transaction() as tx:
        tx.execute("UPDATE hidden_root SET commitment = :other", {"other": "ab" * 32})
    with pytest.raises(KeyFileError, match=r"expected hidden root 1 in .*, got another secret"):
        root_of(world, 1)
    (finding,) = check(world.database).findings
    assert finding.place == "ledger entry 0"
    assert "table hidden_root, row number 1: expected commitment" in finding.message
    assert "found 'abababab" in finding.message


class TestLocked:
    @pytest.fixture
    def locked(self, world: World) -> World:
        world.folder = KeyFolder(world.folder.path, PASSPHRASE)
        new_root(world)
        return world

    def test_it_is_opened_by_its_passphrase_alone(self, locked: World) -> None:
        assert root_of(locked, 1).commitment == locked.one("SELECT commitment FROM hidden_root")["commitment"]
        for passphrase, message in (
            (b"incorrect", "garbled, or the passphrase is wrong"),
            (None, r"0001-hidden.key is encrypted: set TRACEQR_KEY_PASSPHRASE"),
            (b"", "set TRACEQR_KEY_PASSPHRASE"),
        ):
            with pytest.raises(KeyFileError, match=message):
                root_of(locked, 1, KeyFolder(locked.folder.path, passphrase))

    def test_the_secret_is_not_legible_in_it(self, locked: World) -> None:
        secret = root_of(locked, 1).secret
        assert secret not in base64.b64decode(b"".join(path_of(locked).read_bytes().splitlines()[1:-1]))

    def test_garbled(self, locked: World) -> None:
        lines = path_of(locked).read_bytes().splitlines()
        put(path_of(locked), b"\n".join([*lines[:-2], lines[-1], b""]))
        with pytest.raises(KeyFileError, match="garbled, or the passphrase is wrong"):
            root_of(locked, 1)

    def test_another_secret_under_the_same_passphrase(self, locked: World) -> None:
        put(path_of(locked), keyfiles.armoured_secret(b"y" * 32, PASSPHRASE))
        with pytest.raises(KeyFileError, match="got another secret"):
            root_of(locked, 1)


def test_the_drill(furnished: World) -> None:
    """The folder is lost and comes back from the backup: the very same codes are derived."""
    new_root(furnished)
    batch = furnished.issue()
    codes = root_of(furnished, batch.number).codes(batch.number, 0, 9)
    archive = furnished.root / "keys.tar"
    assert keying.backup(furnished.folder, archive) == ["0001-hidden.key", "0001-label.jwk", "0001-label.key"]
    for path in furnished.folder.path.iterdir():
        path.unlink()
    with pytest.raises(KeyFileError, match="restore it from the key backup"):
        root_of(furnished, batch.number)
    assert keying.restore(furnished.folder, archive) == Restored(
        ["0001-hidden.key", "0001-label.jwk", "0001-label.key"], []
    )
    assert stat.S_IMODE(path_of(furnished).stat().st_mode) == 0o600
    assert root_of(furnished, batch.number).codes(batch.number, 0, 9) == codes
