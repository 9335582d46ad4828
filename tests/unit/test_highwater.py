"""The high-water file: whole at every instant, forward only, and never taken for missing when it is garbled."""

from __future__ import annotations

import fcntl
import os
import random
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from traceqr import highwater
from traceqr.highwater import HighWater, HighWaterError, Mark

ROOT = "ab" * 32
OTHER = "cd" * 32


@pytest.fixture
def water(tmp_path: Path) -> HighWater:
    return HighWater(tmp_path / "keys" / "high-water.json")


def names(water: HighWater) -> list[str]:
    return sorted(path.name for path in water.path.parent.iterdir())


def test_where_there_is_none(water: HighWater) -> None:
    assert water.read() is None
    assert not water.path.parent.exists(), "reading makes nothing"


def test_what_is_written_is_read(water: HighWater) -> None:
    water.advance(Mark(7, ROOT))
    assert water.read() == Mark(7, ROOT)
    assert water.path.read_text() == f'{{"size": 7, "root": "{ROOT}"}}\n'
    assert names(water) == ["high-water.json", "high-water.json.lock"], "no draft is left"


def test_it_goes_forward_only(water: HighWater) -> None:
    for size in (3, 9, 5, 9, 0):
        water.advance(Mark(size, ROOT))
    assert water.read() == Mark(9, ROOT)


def test_another_root_at_the_same_size(water: HighWater) -> None:
    water.advance(Mark(9, ROOT))
    with pytest.raises(HighWaterError, match=f"expected the root {ROOT[:12]} after 9 entries, .*, got {OTHER[:12]}"):
        water.advance(Mark(9, OTHER))
    assert water.read() == Mark(9, ROOT)


def test_only_the_owner_may_read_it(water: HighWater) -> None:
    mask = os.umask(0)
    try:
        water.advance(Mark(1, ROOT))
    finally:
        os.umask(mask)
    assert stat.S_IMODE(water.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(water.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "expected JSON"),
        (b'{"size": 7, "root": "', "expected JSON"),
        (b"\xff\xfe", "expected JSON"),
        (b"[" * 4_000, "expected JSON"),
        (b"[7]", "expected the number of ledger entries as size, got None"),
        (b"7", "expected the number of ledger entries as size, got None"),
        (f'{{"root": "{ROOT}"}}'.encode(), "expected the number of ledger entries as size, got None"),
        (f'{{"size": 7, "root": "{ROOT}", "size": 8}}'.encode(), "expected each member once, got ['size', 'root', "),
        (f'{{"size": "7", "root": "{ROOT}"}}'.encode(), "expected the number of ledger entries as size, got '7'"),
        (f'{{"size": true, "root": "{ROOT}"}}'.encode(), "expected the number of ledger entries as size, got True"),
        (f'{{"size": -1, "root": "{ROOT}"}}'.encode(), "expected the number of ledger entries as size, got -1"),
        (f'{{"size": 1.5, "root": "{ROOT}"}}'.encode(), "expected the number of ledger entries as size, got 1.5"),
        (f'{{"size": {2**63}, "root": "{ROOT}"}}'.encode(), "expected the number of ledger entries as size, got 9"),
        (b'{"size": 7}', "expected 64 lower-case hex digits as root, got None"),
        (f'{{"size": 7, "root": "{ROOT[:-1]}"}}'.encode(), "expected 64 lower-case hex digits as root"),
        (f'{{"size": 7, "root": "{ROOT.upper()}"}}'.encode(), "expected 64 lower-case hex digits as root"),
    ],
)
def test_a_garbled_file_is_an_error(water: HighWater, content: bytes, expected: str) -> None:
    water.path.parent.mkdir()
    water.path.write_bytes(content)
    for use in (water.read, lambda: water.advance(Mark(9, ROOT))):
        with pytest.raises(HighWaterError, match="is garbled: ") as caught:
            use()
        assert expected in str(caught.value)
        assert str(caught.value).endswith("move it away and run: traceqr ledger accept-restore --lost N")
    assert water.path.read_bytes() == content, "what is garbled may be the last trace there is"


def test_something_else_than_a_file(water: HighWater) -> None:
    water.path.mkdir(parents=True)
    with pytest.raises(HighWaterError, match=r"cannot read the high-water file .*: Is a directory"):
        water.read()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(HighWaterError, match=r"cannot write the high-water file .*: File exists"):
        HighWater(tmp_path / "keys" / "high-water.json").advance(Mark(1, ROOT))


def test_the_draft_of_a_crash_is_begun_anew_and_never_followed(water: HighWater, tmp_path: Path) -> None:
    water.advance(Mark(1, ROOT))
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (water.path.parent / ".high-water.json.new").symlink_to(precious)
    water.advance(Mark(2, ROOT))
    assert (water.read(), precious.read_text()) == (Mark(2, ROOT), "kept")
    assert not water.path.is_symlink()


def test_it_is_on_the_disk_before_it_has_its_name(water: HighWater, monkeypatch: pytest.MonkeyPatch) -> None:
    water.advance(Mark(1, ROOT))
    steps: list[tuple[str, Mark | None]] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        steps.append(("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file", water.read()))
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        steps.append(("name", water.read()))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    water.advance(Mark(2, OTHER))
    assert steps == [("file", Mark(1, ROOT)), ("name", Mark(1, ROOT)), ("folder", Mark(2, OTHER))]


def test_who_is_far_enough_writes_nothing(water: HighWater, monkeypatch: pytest.MonkeyPatch) -> None:
    water.advance(Mark(2, ROOT))
    before = water.path.stat()
    water.advance(Mark(2, ROOT))
    water.advance(Mark(1, OTHER))
    assert water.path.stat() == before


def test_a_writer_that_never_lets_go(water: HighWater, monkeypatch: pytest.MonkeyPatch) -> None:
    water.advance(Mark(1, ROOT))
    monkeypatch.setattr(highwater, "PATIENCE_S", 0.05)
    with water.path.with_name("high-water.json.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(HighWaterError, match=r"another process holds .*high-water.json.lock for more than 0.05 s"):
            water.advance(Mark(2, ROOT))
        assert water.read() == Mark(1, ROOT), "reading waits for nobody"
    water.advance(Mark(2, ROOT))


WRITER = """
import sys
from pathlib import Path
from traceqr.highwater import HighWater, Mark
water = HighWater(Path(sys.argv[1]))
for size in map(int, sys.argv[2:]):
    water.advance(Mark(size, f"{size:064x}"))
"""


def test_several_processes_write_and_one_reads(water: HighWater) -> None:
    """Each writes marks in an order of its own; whoever reads sees whole marks that never go back."""
    sizes = [random.Random(seed).sample(range(1, 200), 60) for seed in range(3)]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(water.path), *map(str, order)], stderr=subprocess.PIPE)
        for order in sizes
    ]
    seen: list[int] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            if mark := water.read():
                assert mark.root == f"{mark.size:064x}"
                seen.append(mark.size)

    reader = threading.Thread(target=read)
    reader.start()
    said = [writer.communicate(timeout=60)[1] for writer in writers]
    over.set()
    reader.join()
    assert said == [b"", b"", b""]
    highest = max(max(order) for order in sizes)
    assert seen == sorted(seen)
    assert water.read() == Mark(highest, f"{highest:064x}")
