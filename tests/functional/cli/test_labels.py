"""Label files: whole or not at all, the same bytes each time, and on the ledger before the first label."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.program import Program
from support.server import ROOT
from support.world import World, gtin

from traceqr.cli import output
from traceqr.cli.labels import MAX_SVG
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.printing import csv, svg
from traceqr.symbol.encode import encode
from traceqr.symbol.symbol import QUIET_ZONE


@pytest.fixture
def batch(program: Program, shop: World) -> int:
    return int(program.json("batch", "issue", "--gtin", gtin(), "--count", 1001, "--lot", "L-7")["number"])


def files(program: Program) -> list[str]:
    kept = ("traceqr.db", "keys", "bin")
    return sorted(path.name for path in program.root.iterdir() if not path.name.startswith(kept))


def exports(shop: World) -> int:
    return shop.acts().count("labels.export")


def test_csv(program: Program, shop: World, batch: int) -> None:
    target = program.root / "labels.csv"
    result = program.run("batch", "labels", batch, "--format", "csv", "-o", target)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"1,001 labels of batch {batch} written to {target}\n"
    assert files(program) == ["labels.csv"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = target.read_bytes().split(b"\r\n")
    assert lines[0] == b"text,serial,serial_readable,gtin,lot,product_name"
    assert len(lines) == 1003
    assert lines[1].endswith(f",0000 0001 0000 0000,{gtin()},L-7,绿茶1".encode())
    assert program.run("batch", "labels", batch, "--format", "csv").stdout_bytes == target.read_bytes()
    assert program.run("batch", "labels", batch, "--format", "csv", "-o", "-").stdout_bytes == target.read_bytes()
    assert exports(shop) == 3


def test_a_range(program: Program, batch: int) -> None:
    lines = program.good("batch", "labels", batch, "--format", "csv", "--first", 5, "--last", 6).splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["0000000100000005", "0000000100000006"]


def test_svg(program: Program, batch: int) -> None:
    text = program.good("batch", "labels", batch, "--format", "svg", "--last", 2)
    assert text.startswith("<svg ")
    assert text.endswith("</svg>\n")
    assert text.count("<g ") == 3


def test_svg_of_too_many(program: Program, shop: World, batch: int) -> None:
    target = program.root / "labels.svg"
    said = program.refused("batch", "labels", batch, "--format", "svg", "-o", target)
    assert "expected at most 1,000 labels for one SVG sheet, got 1,001: choose some with --first" in said
    assert (files(program), exports(shop)) == ([], 0)


@pytest.mark.parametrize("output", [(), ("-o", "-")])
def test_svg_is_not_for_a_terminal(
    program: Program, shop: World, batch: int, output: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traceqr.cli.labels.is_terminal", lambda: True)
    said = program.refused("batch", "labels", batch, "--format", "svg", "--last", 2, *output, code=2)
    assert "Error: expected -o FILE: an SVG sheet is a drawing, of no use on a terminal" in said
    assert exports(shop) == 0
    assert (
        "written to" in program.run("batch", "labels", batch, "--format", "svg", "--last", 2, "-o", "/dev/null").stderr
    )


def test_an_earlier_file_is_replaced_as_a_whole(program: Program, batch: int) -> None:
    target = program.file("labels.csv", "earlier")
    link = program.root / "link.csv"
    link.symlink_to(target)
    result = program.run("batch", "labels", batch, "--format", "csv", "--last", 0, "-o", link)
    assert (result.exit_code, result.stderr) == (0, f"1 label of batch {batch} written to {link}\n")
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"text,serial,")


def test_a_folder_that_is_not_there(program: Program, shop: World, batch: int) -> None:
    target = program.root / "none" / "labels.csv"
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", target)
    assert f"cannot write {target}: No such file or directory" in said
    assert exports(shop) == 0


def test_a_device_is_written_to_and_never_replaced(program: Program, batch: int) -> None:
    assert program.run("batch", "labels", batch, "--format", "csv", "-o", "/dev/null").exit_code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", "/dev/full")
    assert "cannot write /dev/full: No space left on device" in said


def test_a_full_disk_leaves_no_half_file(
    program: Program, batch: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = program.file("labels.csv", "earlier")

    def write(file: object, pieces: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("traceqr.cli.labels.write_text", write)
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", target)
    assert f"cannot write {target}: No space left on device" in said
    assert files(program) == ["labels.csv"]
    assert target.read_text() == "earlier"


def test_a_pipe_takes_the_labels(program: Program, batch: int) -> None:
    done = program.shell(
        f"mkfifo pipe && {{ traceqr batch labels {batch} --format csv -o pipe & wc -l < pipe; wait $!; }}"
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1002")
    assert done.stderr == f"1,001 labels of batch {batch} written to pipe\n"


def test_an_interruption_leaves_no_half_file(program: Program, shop: World) -> None:
    shop.issue(5_000_000)
    process = program.start("batch", "labels", 1, "--format", "csv", "-o", "labels.csv", stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size for path in program.root.glob(".labels.csv.*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr.strip()) == (130, b"")
    assert files(program) == []


def test_a_reader_that_leaves_ends_the_work_without_complaint(program: Program, shop: World) -> None:
    shop.issue(5_000_000)
    done = program.shell("traceqr batch labels 1 --format csv | head -n 2 | wc -l; echo ${PIPESTATUS[0]}")
    assert (done.stdout.split(), done.stderr) == (["2", "1"], "")


def test_a_batch_that_is_void(program: Program, shop: World, batch: int) -> None:
    program.good("batch", "void", batch, "--reason", "misprint", "--yes")
    assert "all are void" in program.refused("batch", "labels", batch, "--format", "csv")
    assert "expected the number of a batch, 9 is none" in program.refused("batch", "labels", 9, "--format", "svg")


def test_a_private_key_that_others_may_read(program: Program, shop: World, batch: int) -> None:
    path = program.root / "keys" / "0001-label.key"
    path.chmod(0o644)
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", program.root / "labels.csv")
    assert f"expected mode 0600 on {path}, got 0644; run: chmod 600 {path}" in said
    assert (files(program), exports(shop)) == ([], 0)


def test_a_private_key_that_is_missing_or_garbled(program: Program, batch: int) -> None:
    path = program.root / "keys" / "0001-label.key"
    path.write_text("garbled")
    assert "it is garbled" in program.refused("batch", "labels", batch, "--format", "csv")
    path.unlink()
    said = program.refused("batch", "labels", batch, "--format", "csv")
    assert f"expected a private key at {path}, found no file; restore it from the key backup" in said


def test_pieces_are_written_few_at_a_time(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        output.write_text(file, (f"{at}\n" for at in range(1000)))
    assert (tmp_path / "file").read_text().split() == [str(at) for at in range(1000)]


PRINTING = (ROOT / "docs" / "printing.md").read_text(encoding="utf-8")


def test_the_columns_of_the_document() -> None:
    rows = re.findall(r"^[|] `([a-z_]+)` [|]", PRINTING, re.MULTILINE)
    assert tuple(rows) == csv.HEADER
    header, line = PRINTING.partition("```csv\n")[2].partition("```")[0].splitlines()
    assert header == ",".join(csv.HEADER)
    text, serial, readable, gtin_, lot, name = line.split(",")
    label = Label.parse(text)
    assert (serial, readable, gtin_) == (str(label.serial), label.serial.readable, str(label.gtin))
    assert (lot, name) == ("L-7", "绿茶 250 g")
    assert encode(label).size == 45


def test_the_sizes_of_the_document() -> None:
    sizes = re.findall(r"^[|] up to ([0-9]+) [|] ([0-9]+) x [0-9]+ [|] ([0-9.]+) mm [|]$", PRINTING, re.MULTILINE)
    assert len(sizes) == 4
    label = Label.parse(re.findall("^HTTPS://[^,]+", PRINTING, re.MULTILINE)[0])
    for length, modules, side in sizes:
        host = ".".join(["A" * 36] * 5)[: int(length)]
        assert encode(replace(label, origin=Origin.parse(f"HTTPS://{host}"))).size == int(modules)
        assert float(side) == pytest.approx((int(modules) + 2 * QUIET_ZONE) * 0.4)
    assert f"labels of {svg.WIDTH_MM} x {svg.HEIGHT_MM} mm" in PRINTING
    assert f"{MAX_SVG:,} at most" in PRINTING
