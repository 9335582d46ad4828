"""Keys from the first day to the last: made, retired, destroyed, stolen; backed up and brought back."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support.world import World, viewer

from traceqr import activating, issuing, keying
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.instant import DAY_MS
from traceqr.keying import KeyFolder, Restored
from traceqr.label import keyfiles
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import KeyRefused, Role, Status
from traceqr.verdict import Code
from traceqr.verifying import Verifier


def files(world: World) -> list[str]:
    return sorted(path.name for path in world.folder.path.iterdir())


class TestNew:
    def test_files_and_record(self, world: World) -> None:
        key = world.key()
        assert (key.number, key.role, key.status) == (1, Role.LABEL, Status.ACTIVE)
        assert files(world) == ["0001-label.jwk", "0001-label.key"]
        assert (world.folder.path / "0001-label.key").stat().st_mode & 0o777 == 0o600
        assert world.folder.path.stat().st_mode & 0o777 == 0o700
        assert world.folder.private(key).public_key().public_bytes_raw() == key.octets
        assert world.verifier().keyring().keys == {1: key}

    def test_windows(self, world: World) -> None:
        key = world.key(signing_days=10, verifying_days=20)
        start = world.clock.at_ms
        assert (key.signing.from_ms, key.signing.to_ms) == (start, start + 10 * DAY_MS)
        assert (key.verifying.from_ms, key.verifying.to_ms) == (start, start + 20 * DAY_MS)

    @pytest.mark.parametrize(("signing", "verifying"), [(20, 10), (0, 10), (-1, 10), (10, 0)])
    def test_windows_that_contradict(self, world: World, signing: int, verifying: int) -> None:
        with pytest.raises(KeyRefused, match="signing window"):
            world.key(signing_days=signing, verifying_days=verifying)
        assert world.acts() == []
        assert not world.folder.path.exists() or files(world) == []

    def test_numbers_run_over_all_roles(self, world: World) -> None:
        assert [world.key(role).number for role in (Role.LABEL, Role.LEDGER, Role.BUNDLE, Role.LABEL)] == [1, 2, 3, 4]

    def test_a_hidden_root_is_no_key_pair(self, world: World) -> None:
        with pytest.raises(ActRefused, match="got hidden"):
            world.key(Role.HIDDEN)

    def test_files_left_by_a_crash_are_not_overwritten(self, world: World) -> None:
        """A crash after the files and before the commit, or a restored registry: their number is skipped."""
        world.folder.path.mkdir()
        left = world.folder.path / "0001-label.key"
        left.write_bytes(b"perhaps the only copy of a key")
        assert world.key().number == 2
        assert left.read_bytes() == b"perhaps the only copy of a key"
        assert world.key().number == 3

    def test_a_folder_that_cannot_be_made(self, world: World) -> None:
        (world.root / "file").write_text("")
        with pytest.raises(KeyFileError, match="cannot make the key folder"):
            keying.new_key(world.desk, KeyFolder(world.root / "file" / "keys", None), Role.LABEL)
        assert world.acts() == []

    def test_the_files_are_there_before_the_registry_knows(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.registry.keys.insert", _raise)
        with pytest.raises(RuntimeError, match="power cut"):
            world.key()
        assert files(world) == ["0001-label.jwk", "0001-label.key"]
        assert world.acts() == []


def _raise(*_: object) -> None:
    raise RuntimeError("power cut")


class TestRetire:
    def test_no_new_batches_but_prints_and_verifies(self, furnished: World) -> None:
        batch = furnished.issue()
        keying.retire(furnished.desk, 1, "yearly")
        with pytest.raises(ActRefused, match="expected an active label key"):
            furnished.issue()
        labels = furnished.labels(batch)
        assert len(labels) == 10
        assert furnished.verifier().verify(str(labels[0])).code == "genuine"

    def test_only_inside_the_verifying_window(self, furnished: World) -> None:
        batch = furnished.issue()
        text = furnished.label(batch)
        keying.retire(furnished.desk, 1, "yearly")
        furnished.clock.pass_days(keying.VERIFYING_DAYS - 0.001)
        assert furnished.verifier().verify(text).code == "genuine"
        furnished.clock.pass_days(0.002)
        assert (furnished.verifier().verify(text).code, furnished.verifier().verify(text).reason) == (
            "unchecked", "key-window-passed",
        )  # fmt: skip
        with pytest.raises(ActRefused, match="key 1 is outside its verifying window"):
            furnished.labels(batch)

    def test_once(self, furnished: World) -> None:
        keying.retire(furnished.desk, 1, "r")
        with pytest.raises(ActRefused, match="key 1: expected it to be active, it is retired"):
            keying.retire(furnished.desk, 1, "r")


class TestDestroy:
    def test_the_private_part_is_gone_and_labels_stay_good(self, furnished: World) -> None:
        batch = furnished.issue()
        text = furnished.label(batch)
        keying.destroy(furnished.desk, furnished.folder, 1, "printed")
        assert files(furnished) == ["0001-label.jwk"]
        assert furnished.verifier().verify(text).code == "genuine"
        with pytest.raises(ActRefused, match="expected a key that may print, key 1 is destroyed"):
            furnished.labels(batch)
        with pytest.raises(ActRefused):
            furnished.issue()

    def test_a_crash_before_the_file_was_removed_can_be_finished(self, furnished: World) -> None:
        key = furnished.folder.path / "0001-label.key"
        content = key.read_bytes()
        keying.destroy(furnished.desk, furnished.folder, 1, "r")
        key.write_bytes(content)  # as a crash between commit and removal leaves it
        before = furnished.dump()
        keying.destroy(furnished.desk, furnished.folder, 1, "r")
        assert not key.exists()
        assert furnished.dump() == before, "the act was recorded once already"
        with pytest.raises(ActRefused, match="it is destroyed"):
            keying.destroy(furnished.desk, furnished.folder, 1, "r")

    def test_recorded_before_it_is_done(self, furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyfiles, "destroy", _raise)
        with pytest.raises(RuntimeError):
            keying.destroy(furnished.desk, furnished.folder, 1, "r")
        assert furnished.acts()[-1] == "key.destroy"

    def test_a_file_that_cannot_be_removed_is_named(self, furnished: World) -> None:
        key = furnished.folder.path / "0001-label.key"
        key.unlink()
        key.mkdir()
        with pytest.raises(KeyFileError, match=r"cannot remove .*0001-label.key"):
            keying.destroy(furnished.desk, furnished.folder, 1, "r")


class TestCompromise:
    def test_seen_before_stays_good_the_rest_is_suspect_and_the_unsold_void(self, furnished: World) -> None:
        sold = furnished.issue(4)
        stock = furnished.issue(3, active=False)
        verifier = furnished.verifier()
        seen, unseen = furnished.label(sold, 0), furnished.label(sold, 1)
        unsold = furnished.label(stock, 0)
        verifier.scan(seen, viewer("phone"))
        furnished.clock.pass_ms(1)
        assert keying.compromise(furnished.desk, 1, "laptop stolen") == 3
        furnished.clock.pass_days(1)
        assert verifier.scan(seen, viewer("phone")).code == "genuine"
        assert verifier.scan(seen, viewer("another")).code == "seen"
        verdict = verifier.scan(unseen, viewer("phone"))
        assert (verdict.code, verdict.reason) == ("suspect", "key-compromised")
        assert verifier.scan(unseen, viewer("another")).code == "suspect", "a scan after the theft proves nothing"
        assert verifier.scan(unsold, viewer()).code == "void"
        assert verifier.verify(seen).code == "suspect", "who is told no history is told nothing good"

    def test_a_void_names_the_theft_as_its_reason(self, furnished: World) -> None:
        stock = furnished.issue(3, active=False)
        keying.compromise(furnished.desk, 1, "laptop stolen")
        evidence = furnished.verifier().verify(furnished.label(stock)).evidence
        assert evidence is not None
        assert [(notice.kind, notice.reason) for notice in evidence.notices] == [("void", "laptop stolen")]

    def test_a_pending_scan_before_the_theft_does_not_vouch(self, furnished: World) -> None:
        batch = furnished.issue()
        verifier = furnished.verifier()
        verifier.scan(furnished.label(batch), viewer("crawler", returned=False))
        furnished.clock.pass_ms(1)
        keying.compromise(furnished.desk, 1, "r")
        furnished.clock.pass_days(1)
        assert verifier.scan(furnished.label(batch), viewer("phone")).code == "suspect"

    def test_as_of_an_earlier_position(self, furnished: World) -> None:
        batch = furnished.issue()
        verifier = furnished.verifier()
        early, late = furnished.label(batch, 0), furnished.label(batch, 1)
        verifier.scan(early, viewer())
        furnished.clock.pass_days(1)
        furnished.enterprise(5)  # the act as of which
        cutoff = len(furnished.acts()) - 1
        furnished.clock.pass_days(1)
        verifier.scan(late, viewer())
        furnished.clock.pass_days(1)
        keying.compromise(furnished.desk, 1, "found out late", cutoff)
        entry = json.loads(furnished.rows("SELECT entry FROM ledger ORDER BY position")[-1]["entry"])
        assert entry["payload"] == {"as_of": cutoff, "reason": "found out late"}
        assert verifier.scan(early, viewer()).code == "genuine"
        assert verifier.scan(late, viewer()).code == "suspect"

    def test_seen_at_the_very_instant_is_not_before(self, furnished: World) -> None:
        batch = furnished.issue()
        verifier = furnished.verifier()
        verifier.scan(furnished.label(batch), viewer())
        keying.compromise(furnished.desk, 1, "r")
        assert verifier.scan(furnished.label(batch), viewer()).code == "suspect"

    @pytest.mark.parametrize("as_of", [-1, 100])
    def test_positions_that_are_not(self, furnished: World, as_of: int) -> None:
        with pytest.raises(ActRefused, match="expected a ledger position from 0 to 8"):
            keying.compromise(furnished.desk, 1, "r", as_of)

    @pytest.mark.parametrize("before", ["active", "retired", "destroyed"])
    def test_from_any_status_once(self, furnished: World, before: str) -> None:
        if before == "retired":
            keying.retire(furnished.desk, 1, "r")
        if before == "destroyed":
            keying.destroy(furnished.desk, furnished.folder, 1, "r")
        keying.compromise(furnished.desk, 1, "r")
        with pytest.raises(ActRefused, match="it is compromised"):
            keying.retire(furnished.desk, 1, "r")

    def test_the_cut_off_moves_back_and_never_forward(self, furnished: World) -> None:
        """A thief may have scanned his labels before the theft was noticed."""
        batch = furnished.issue(4)
        text = furnished.label(batch)
        furnished.clock.pass_days(1)
        furnished.verifier().scan(text, viewer())
        furnished.clock.pass_days(1)
        keying.compromise(furnished.desk, 1, "r")
        (issued,) = furnished.rows("SELECT position FROM ledger WHERE act = 'batch.issue'")
        assert furnished.verifier().verify(text, history=True).code is Code.SEEN
        with pytest.raises(ActRefused, match="expected a ledger position from 0 to"):
            keying.compromise(furnished.desk, 1, "again")
        keying.compromise(furnished.desk, 1, "earlier than thought", issued["position"])
        assert furnished.verifier().verify(text, history=True).code is Code.SUSPECT
        with pytest.raises(ActRefused, match="expected a ledger position from 0 to"):
            keying.compromise(furnished.desk, 1, "later after all", issued["position"] + 1)

    def test_the_stolen_file_can_be_removed(self, furnished: World) -> None:
        keying.compromise(furnished.desk, 1, "r")
        keying.destroy(furnished.desk, furnished.folder, 1, "no use any more")
        assert not (furnished.folder.path / "0001-label.key").exists()
        assert furnished.one("SELECT status FROM signing_key")["status"] == "compromised"
        assert furnished.acts()[-1] == "key.destroy"
        with pytest.raises(ActRefused, match="it is compromised"):
            keying.destroy(furnished.desk, furnished.folder, 1, "again")

    def test_other_keys_are_not_touched(self, furnished: World) -> None:
        old = furnished.issue(2, active=False)
        furnished.key()
        new = furnished.issue(2, active=False)
        keying.compromise(furnished.desk, 1, "r")
        codes = [str(furnished.verifier().verify(furnished.label(batch)).code) for batch in (old, new)]
        assert codes == ["void", "inactive"]
        assert furnished.issue().key_number == 2

    def test_nothing_is_printed_under_it(self, furnished: World) -> None:
        batch = furnished.issue()
        keying.compromise(furnished.desk, 1, "r")
        with pytest.raises(ActRefused, match="key 1 is compromised"):
            furnished.labels(batch)

    def test_recall_stands_above_it(self, furnished: World) -> None:
        batch = furnished.issue()
        keying.compromise(furnished.desk, 1, "r")
        activating.void(furnished.desk, Range(1, 0, 0), "r")
        assert furnished.verifier().verify(furnished.label(batch, 0)).code == "void"


@pytest.mark.parametrize(
    "act", [keying.retire, keying.compromise, lambda d, n, r: keying.destroy(d, KeyFolder(Path("none"), None), n, r)]
)
def test_no_such_key(furnished: World, act: Callable[..., object]) -> None:
    with pytest.raises(ActRefused, match="expected the number of a key, 9 is none"):
        act(furnished.desk, 9, "r")


class TestBackup:
    @pytest.fixture
    def archive(self, furnished: World) -> Path:
        furnished.key(Role.LEDGER)
        target = furnished.root / "keys.tar"
        names = keying.backup(furnished.folder, target)
        assert names == ["0001-label.jwk", "0001-label.key", "0002-ledger.jwk", "0002-ledger.key"]
        return target

    def test_the_drill(self, furnished: World, archive: Path) -> None:
        """All keys lost, brought back, and the very same bytes are printed."""
        batch = furnished.issue()
        before = furnished.labels(batch)
        contents = {path.name: path.read_bytes() for path in furnished.folder.path.iterdir()}
        for path in furnished.folder.path.iterdir():
            path.unlink()
        furnished.folder.path.rmdir()
        with pytest.raises(KeyFileError, match="restore it from the key backup"):
            furnished.labels(batch)
        assert keying.restore(furnished.folder, archive) == Restored(sorted(contents), [])
        assert {path.name: path.read_bytes() for path in furnished.folder.path.iterdir()} == contents
        assert (furnished.folder.path / "0001-label.key").stat().st_mode & 0o777 == 0o600
        assert furnished.folder.path.stat().st_mode & 0o777 == 0o700
        assert furnished.labels(batch) == before

    def test_only_its_owner_can_read_it(self, archive: Path) -> None:
        assert archive.stat().st_mode & 0o777 == 0o600

    def test_what_is_there_stays(self, furnished: World, archive: Path) -> None:
        assert keying.restore(furnished.folder, archive) == Restored([], [])
        (furnished.folder.path / "0001-label.key").write_bytes(b"another")
        (furnished.folder.path / "0002-ledger.key").unlink()
        with pytest.raises(KeyFileError, match="it differs; nothing overwritten"):
            keying.restore(furnished.folder, archive)
        assert (furnished.folder.path / "0001-label.key").read_bytes() == b"another"

    def test_no_file_is_overwritten_by_a_backup(self, furnished: World, archive: Path) -> None:
        before = archive.read_bytes()
        with pytest.raises(KeyFileError, match="expected a new file for the backup of the keys"):
            keying.backup(furnished.folder, archive)
        assert archive.read_bytes() == before

    def test_other_files_in_the_folder_stay_out(self, furnished: World) -> None:
        """A backup that cannot be restored is none."""
        for name in ("README.md", "my-old.key", "0001-label.key.bak", "x-y.jwk"):
            (furnished.folder.path / name).write_text("x")
        target = furnished.root / "keys.tar"
        assert keying.backup(furnished.folder, target) == ["0001-label.jwk", "0001-label.key"]
        restored = keying.restore(KeyFolder(furnished.root / "elsewhere", None), target)
        assert restored.names == ["0001-label.jwk", "0001-label.key"]

    def test_destroyed_keys_are_left_out(self, furnished: World, archive: Path) -> None:
        key = furnished.verifier().keyring().keys[1]
        target = KeyFolder(furnished.root / "elsewhere", None)
        expected = ["0001-label.jwk", "0002-ledger.jwk", "0002-ledger.key"]
        assert keying.restore(target, archive, [key]) == Restored(expected, [1])
        assert sorted(path.name for path in target.path.iterdir()) == expected
        assert keying.restore(target, archive) == Restored(["0001-label.key"], [])

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
    def test_a_private_key_that_others_may_read_is_not_backed_up(self, furnished: World, mode: int) -> None:
        path = furnished.folder.path / "0001-label.key"
        path.chmod(mode)
        target = furnished.root / "keys.tar"
        with pytest.raises(KeyFileError, match=f"expected mode 0600 on {path}, got {mode:04o}; run: chmod 600 {path}"):
            keying.backup(furnished.folder, target)
        assert not target.exists()
        path.chmod(0o400)
        assert len(keying.backup(furnished.folder, target)) == 2

    def test_nothing_to_back_up(self, world: World) -> None:
        with pytest.raises(KeyFileError, match=r"expected key files in .*, found none"):
            keying.backup(world.folder, world.root / "keys.tar")
        assert not (world.root / "keys.tar").exists()

    @pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
    def test_what_could_not_be_restored_is_not_backed_up(self, furnished: World, kind: str) -> None:
        path = furnished.folder.path / "0009-label.key"
        {"link": lambda: path.symlink_to("0001-label.key"), "folder": path.mkdir, "pipe": lambda: os.mkfifo(path)}[
            kind
        ]()
        target = furnished.root / "keys.tar"
        with pytest.raises(KeyFileError, match=r"expected 0009-label.key to be a file"):
            keying.backup(furnished.folder, target)
        assert not target.exists()

    def test_half_a_backup_is_not_left(self, furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        target = furnished.root / "keys.tar"
        with pytest.raises(KeyFileError, match=r"cannot write the backup .*: No space left on device"):
            keying.backup(furnished.folder, target)
        assert not target.exists()

    @pytest.mark.parametrize("kind", ["missing", "garbled", "empty", "truncated", "cut in a header"])
    def test_no_backup_at_all(self, furnished: World, archive: Path, kind: str) -> None:
        content = archive.read_bytes()
        path = furnished.root / "bad.tar"
        if kind != "missing":
            changed = {
                "garbled": b"x" * 2048,
                "empty": b"",
                "truncated": content[:700],
                "cut in a header": content[:1300],
            }
            path.write_bytes(changed[kind])
        target = KeyFolder(furnished.root / "elsewhere", None)
        with pytest.raises(KeyFileError, match="expected a key backup at"):
            keying.restore(target, path)
        assert not target.path.exists() or list(target.path.iterdir()) == [], "nothing before all of it is read"

    @pytest.mark.parametrize(
        "name", ["../0001-label.key", "/etc/0001-label.key", "a/0001-label.key", "authorized_keys", "0001-label.key "]
    )
    def test_a_hostile_name(self, furnished: World, name: str) -> None:
        path = _tar(furnished.root / "bad.tar", tarfile.TarInfo(name))
        with pytest.raises(KeyFileError, match="expected key files only in"):
            keying.restore(furnished.folder, path)

    @pytest.mark.parametrize(
        "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE]
    )
    def test_a_hostile_kind(self, furnished: World, kind: bytes) -> None:
        member = tarfile.TarInfo("0005-label.key")
        member.type, member.linkname = kind, "/etc/passwd"
        path = _tar(furnished.root / "bad.tar", member)
        with pytest.raises(KeyFileError, match="expected key files only in"):
            keying.restore(furnished.folder, path)
        assert "0005-label.key" not in files(furnished)

    def test_a_hostile_size(self, furnished: World) -> None:
        path = _tar(furnished.root / "bad.tar", tarfile.TarInfo("0005-label.key"), b"x" * 70_000)
        with pytest.raises(KeyFileError, match="expected key files only in"):
            keying.restore(furnished.folder, path)


def _tar(path: Path, member: tarfile.TarInfo, content: bytes = b"") -> Path:
    member.size = len(content)
    with tarfile.open(path, "w") as archive:
        archive.addfile(member, io.BytesIO(content))
    return path


def test_a_verifier_needs_no_private_key(furnished: World) -> None:
    """A public node: the registry and nothing else."""
    text = furnished.label(furnished.issue())
    for path in furnished.folder.path.iterdir():
        path.unlink()
    furnished.folder.path.rmdir()
    verdict = Verifier(furnished.database, {"qr.example.org"}, furnished.clock).scan(text, viewer())
    assert verdict.code == "genuine"


def test_an_encrypted_key_is_opened_by_its_passphrase_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfiles, "KDF_ROUNDS", 1)
    world = World(tmp_path, passphrase=b"correct horse").furnish()
    batch = issuing.issue(world.desk, world.order())
    assert len(list(world.labels(batch))) == 10
    for passphrase, message in ((b"wrong", "passphrase is wrong"), (None, "TRACEQR_KEY_PASSPHRASE")):
        with pytest.raises(KeyFileError, match=message):
            KeyFolder(world.folder.path, passphrase).private(world.plan().key)
    world.close()
