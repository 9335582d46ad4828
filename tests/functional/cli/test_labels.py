"""Label files: whole or not at all, the same bytes each time, and on the ledger before and after."""

from __future__ import annotations

import csv as standard_csv
import hashlib
import json
import os
import pty
import re
import resource
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.processes import family
from support.program import Program
from support.server import ROOT
from support.small_disk import NotPermitted, small_disk
from support.world import World, gtin

from traceqr import exporting, hiding, issuing
from traceqr.cli.meter import said
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.serial import Serial
from traceqr.printing import csv, formats, svg, volumes
from traceqr.printing.design import built_in
from traceqr.printing.format import PrintError
from traceqr.printing.volumes import Manifest
from traceqr.registry.database import RegistryBusy
from traceqr.symbol.encode import encode
from traceqr.symbol.symbol import QUIET_ZONE

MAX_SVG = 1_000
AGAIN = ("--again", "a roll was damaged")


@pytest.fixture
def batch(program: Program, shop: World) -> int:
    return int(program.json("batch", "issue", "--gtin", gtin(), "--count", 1001, "--lot", "L-7")["number"])


def files(program: Program) -> list[str]:
    kept = ("traceqr.db", "keys", "bin")
    return sorted(path.name for path in program.root.iterdir() if not path.name.startswith(kept))


def exports(shop: World) -> int:
    return shop.acts().count("labels.export")


def payloads(shop: World, act: str) -> list[dict[str, Any]]:
    rows = shop.rows("SELECT entry FROM ledger WHERE act = :act ORDER BY position", act=act)
    return [json.loads(row["entry"])["payload"] for row in rows]


def until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_csv(program: Program, shop: World, batch: int) -> None:
    target = program.root / "labels.csv"
    result = program.run("batch", "labels", batch, "--format", "csv", "-o", target)
    assert (result.exit_code, result.stdout) == (0, "")
    content = target.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert result.stderr.endswith(f"1,001 labels of batch {batch} written to {target}\nSHA-256 {digest}\n")
    assert "A spreadsheet that opens this file may round serials" in result.stderr
    assert files(program) == ["labels.csv"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = content.split(b"\r\n")
    assert lines[0] == b"text,serial,serial_readable,gtin,lot,product_name"
    assert len(lines) == 1003
    assert lines[1].endswith(f",0000 0001 0000 0000,{gtin()},L-7,绿茶1".encode())
    for more in ((), ("-o", "-")):
        assert program.run("batch", "labels", batch, "--format", "csv", *AGAIN, *more).stdout_bytes == content
    assert exports(shop) == 3
    (first, *_), (done, *_) = payloads(shop, "labels.export"), payloads(shop, "labels.exported")
    assert (first["first"], first["last"], first["format"]) == (0, 1000, "csv")
    assert done == {"export": first["export"], "digest": digest, "bytes": len(content), "labels": 1001}


@pytest.mark.parametrize("name", ["txt", "zpl", "tspl", "pdf", "png", "svg", "svg-zip"])
def test_other_formats(program: Program, shop: World, batch: int, name: str) -> None:
    """The same bytes from one process and from two."""
    options = ("--format", name, "--last", 59, "-o")
    assert program.run("batch", "labels", batch, *options, program.root / "one").exit_code == 0
    result = program.run("batch", "labels", batch, *options, program.root / "two", "--jobs", 2, *AGAIN)
    assert (result.exit_code, result.stdout) == (0, "")
    assert (program.root / "one").read_bytes() == (program.root / "two").read_bytes()


def test_a_range(program: Program, batch: int) -> None:
    lines = program.good("batch", "labels", batch, "--format", "csv", "--first", 5, "--last", 6).splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["0000000100000005", "0000000100000006"]


def test_svg(program: Program, batch: int) -> None:
    text = program.good("batch", "labels", batch, "--format", "svg", "--last", 2)
    assert text.startswith("<svg ")
    assert text.endswith("</svg>\n")
    assert text.count("<title>") == 3


def test_svg_of_too_many(program: Program, shop: World, batch: int) -> None:
    target = program.root / "labels.svg"
    said = program.refused("batch", "labels", batch, "--format", "svg", "-o", target)
    assert "expected at most 1,000 labels for one SVG sheet, got 1,001: choose some with --first and --last" in said
    assert (files(program), exports(shop)) == ([], 0)


@pytest.mark.parametrize("output", [(), ("-o", "-")])
@pytest.mark.parametrize("name", ["svg", "pdf", "zpl"])
def test_what_a_terminal_cannot_show(
    program: Program, shop: World, batch: int, name: str, output: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traceqr.cli.labels.is_terminal", lambda: True)
    said = program.refused("batch", "labels", batch, "--format", name, "--last", 2, *output, code=2)
    assert f"Error: expected -o FILE: {name} is for printers and programs, of no use on a terminal" in said
    assert exports(shop) == 0


def test_labels_on_a_terminal_are_asked_for(
    program: Program, shop: World, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export is on the ledger for ever; nobody makes one because he forgot where to."""
    monkeypatch.setattr("traceqr.cli.labels.is_terminal", lambda: True)
    said = program.refused("batch", "labels", batch, "--format", "csv", "--last", 2, code=2)
    assert "expected -o FILE, or -o - for labels on the terminal" in said
    assert exports(shop) == 0
    assert len(program.good("batch", "labels", batch, "--format", "csv", "--last", 2, "-o", "-").splitlines()) == 4


@pytest.mark.parametrize(("name", "ending"), [("png", "png"), ("svg-zip", "SVG")])
def test_a_zip_does_not_look_like_a_picture(program: Program, shop: World, batch: int, name: str, ending: str) -> None:
    target = program.root / f"labels.{ending}"
    said = program.refused("batch", "labels", batch, "--format", name, "-o", target)
    assert f"expected a name that ends in .zip, {name} is a zip of pictures" in said
    assert exports(shop) == 0


@pytest.mark.parametrize("form", [("pdf", "--sheet", "roll"), ("zpl",), ("tspl", "--graphic"), ("svg",)], ids="-".join)
def test_the_place_of_a_hidden_code_may_stay_empty(
    program: Program, shop: World, batch: int, form: tuple[str, ...]
) -> None:
    options = ("--format", *form, "--design", "scratch", "--last", 1, "-o", program.root / "labels")
    result = program.run("batch", "labels", batch, *options)
    assert result.exit_code == 0, result.output
    assert "The place of the hidden code stays empty" in result.stderr
    assert payloads(shop, "labels.export")[0]["content"] == "labels"


class TestOptions:
    def test_those_of_the_format(self, program: Program, shop: World, batch: int) -> None:
        options = ("--format", "csv", "--columns", "serial,text", "--bom", "--last", 1)
        lines = program.run("batch", "labels", batch, *options).stdout_bytes.split(b"\r\n")
        assert lines[0] == b"\xef\xbb\xbfserial,text"
        assert lines[1].startswith(b"0000000100000000,HTTPS://")
        assert payloads(shop, "labels.export")[0]["options"] == {"columns": "serial,text", "bom": True}

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("csv", "--dpi", "300"), "expected options that csv takes (--bom, --columns), got --dpi"),
            (("pdf", "--graphic"), "got --native, --graphic"),
            (("txt", "--sheet", "A4"), "expected options that txt takes (--bom, --columns, --no-header), got --sheet"),
            (("csv", "--columns", "serial,colour"), "expected columns out of text, serial"),
            (("csv", "--columns", ""), "expected columns out of text"),
            (("pdf", "--sheet", "A0"), "expected a sheet of roll, A4, Letter"),
            (("png", "--sheet", "A4"), "expected --sheet contact, or none for png, got 'A4'"),
            (("png", "--sheet", "contact", "--dpi", "300"), "expected no --dpi for a contact sheet"),
            (("pdf", "--design", "none"), "expected a design of classic, strip, marked, scratch, or a file"),
            (("pdf", "--width", "1000"), "expected a label of 10 to 400 mm width, got 1000"),
            (("pdf", "--width", "wide"), "expected a label of 10 to 400 mm width, got wide"),
            (("pdf", "--width", "11"), "module"),
            (("csv", "--with-hidden"), "expected a hidden root"),
        ],
    )  # fmt: skip
    def test_refused_before_anything_is_done(
        self, program: Program, shop: World, batch: int, options: tuple[str, ...], message: str
    ) -> None:
        said = program.refused("batch", "labels", batch, "-o", program.root / "labels", "--format", *options)
        assert message in said
        assert (files(program), exports(shop)) == ([], 0)

    def test_a_design_of_ones_own_is_noted_by_its_digest(self, program: Program, shop: World, batch: int) -> None:
        path = Path(svg.__file__).with_name("designs") / "classic.toml"
        own = program.file("own.toml", path.read_text(encoding="utf-8"))
        result = program.run(
            "batch", "labels", batch, "--format", "pdf", "--design", own, "--last", 0, "-o", program.root / "one.pdf"
        )
        assert result.exit_code == 0, result.output
        assert payloads(shop, "labels.export")[0]["options"] == {
            "design_sha256": hashlib.sha256(own.read_bytes()).hexdigest()
        }

    def test_a_logo_is_noted_too(self, program: Program, shop: World, batch: int) -> None:
        picture = program.root / "logo.png"
        Image.new("RGB", (20, 20), "black").save(picture)
        own = program.file(
            "own.toml",
            'name = "own"\nwidth = 40\nheight = 50\n'
            '[[item]]\nkind = "symbol"\nx = 4\ny = 4\nwidth = 32\nheight = 32\n'
            '[[item]]\nkind = "host"\nx = 2\ny = 37\nwidth = 36\nheight = 3\nsize = 2.4\n'
            '[[item]]\nkind = "logo"\nx = 15\ny = 41\nwidth = 8\nheight = 8\npicture = "logo.png"\n',
        )
        options = ("--format", "pdf", "--design", own, "--sheet", "roll", "--last", 0, "-o", program.root / "one.pdf")
        digests = []
        for colour in ("black", "white"):
            Image.new("RGB", (20, 20), colour).save(picture)
            assert program.run("batch", "labels", batch, *options, *AGAIN).exit_code == 0
            digests.append(payloads(shop, "labels.export")[-1]["options"]["design_sha256"])
            inner = hashlib.sha256(picture.read_bytes()).digest()
            assert digests[-1] == hashlib.sha256(own.read_bytes() + inner).hexdigest()
        assert len(set(digests)) == 2

    def test_a_design_that_is_changed_meanwhile_ends_the_work(self, batch: int, shop: World, tmp_path: Path) -> None:
        path = tmp_path / "own.toml"
        path.write_text((Path(svg.__file__).with_name("designs") / "strip.toml").read_text("utf-8"), "utf-8")
        options = {"design": str(path)} | formats.own_files({"design": str(path)})
        assert formats.make("pdf", shop.plan().job(), options)
        path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
        with pytest.raises(PrintError, match=r"expected the design '.*own.toml' as it was when the work began"):
            formats.make("pdf", shop.plan().job(), options)

    def test_a_sheet_of_ones_own(self, program: Program, shop: World, batch: int) -> None:
        sheet = program.file(
            "sheet.toml",
            'name = "box 7"\nwidth = 210\nheight = 297\ncolumns = 2\nrows = 5\ncell_width = 90\ncell_height = 50\n'
            "left = 10\ntop = 12\ngap_x = 10\ngap_y = 4\n",
        )
        options = ("--format", "pdf", "--design", "strip", "--sheet", sheet, "--marks", "--bleed", "2", "--last", 9)
        result = program.run("batch", "labels", batch, *options, "-o", program.root / "ten.pdf")
        assert "1 page of 210 x 297 mm (box 7), 10 labels" in result.stderr, result.output
        noted = payloads(shop, "labels.export")[0]["options"]
        assert noted["sheet_sha256"] == hashlib.sha256(sheet.read_bytes()).hexdigest()
        assert "sheet" not in noted
        assert "holds" in program.good("batch", "proof", batch, *options[:-2], "--sample", 3)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("pdf", "--sheet", "A4", "--margin", "20", "--gap", "3", "--design", "strip"), "14 labels"),
            (("pdf", "--sheet", "roll", "--bleed", "2", "--design", "strip"), "of 64 x 34 mm (roll)"),
            (("tspl", "--gap", "3", "--head", "104", "--design", "strip"), "print head must be as wide"),
            (("zpl", "--head", "60", "--design", "strip"), "print head must be as wide"),
        ],
    )
    def test_measures(self, program: Program, batch: int, options: tuple[str, ...], said: str) -> None:
        result = program.run("batch", "labels", batch, "--format", *options, "-o", program.root / "labels")
        assert (result.exit_code, said in result.stderr) == (0, True), result.output

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("pdf", "--sheet", "roll", "--gap", "3"), "expected margin and gap with a sheet of A4 or Letter alone"),
            (("pdf", "--sheet", "roll", "--marks"), "a roll, which has none"),
            (("pdf", "--margin", "wide"), "expected --margin in mm, got 'wide'"),
            (("pdf", "--sheet", "none.toml"), "expected a sheet, got 'none.toml': No such file"),
            (("pdf", "--sheet", "B7"), "or a TOML file of your own, got 'B7'"),
            (("tspl", "--gap", "99"), "expected a gap of 0 to 25.4 mm"),
            (("zpl", "--head", "20"), "expected a label at most as wide as the print head, 20 mm"),
            (("zpl", "--gap", "2"), "expected options that zpl takes"),
        ],
    )
    def test_measures_that_are_refused(
        self, program: Program, shop: World, batch: int, options: tuple[str, ...], said: str
    ) -> None:
        refused = program.refused("batch", "labels", batch, "--format", *options, "-o", program.root / "labels")
        assert said in refused
        assert exports(shop) == 0

    def test_a_design_in_another_width(self, program: Program, batch: int) -> None:
        options = ("--format", "pdf", "--sheet", "roll", "--width", "60", "--last", 0)
        result = program.run("batch", "labels", batch, *options, "-o", program.root / "one.pdf")
        assert "1 page of 60 x " in result.stderr


class TestTwice:
    def test_refused_and_allowed_for_a_reason(self, program: Program, shop: World, batch: int) -> None:
        target = program.root / "labels.csv"
        program.run("batch", "labels", batch, "--format", "csv", "--last", 9, "-o", target)
        first = target.read_bytes()
        said = program.refused("batch", "labels", batch, "--format", "txt", "-o", program.root / "again.txt")
        assert re.search("labels 0 to 9 were exported to csv already, by operator at 20..-..-..T", said)
        assert "say why it is needed, for the ledger, with --again REASON" in said
        assert files(program) == ["labels.csv"]
        again = program.run("batch", "labels", batch, "--format", "csv", "--last", 9, "-o", target, *AGAIN)
        assert again.exit_code == 0
        assert target.read_bytes() == first
        noted = payloads(shop, "labels.export")
        assert [each.get("again") for each in noted] == [None, "a roll was damaged"]
        assert noted[1]["earlier"] == noted[0]["export"]

    def test_what_was_exported_is_listed(self, program: Program, batch: int) -> None:
        assert program.good("batch", "exports", batch) == f"nothing was exported of batch {batch}\n"
        content = program.run("batch", "labels", batch, "--format", "csv", "--last", 9).stdout_bytes
        program.refused("batch", "labels", batch, "--format", "txt", "-o", "/dev/full", "--last", 9, *AGAIN)
        latest, first = program.json("batch", "exports", batch)
        assert (latest["digest"], latest["again"], latest["format"]) == (None, "a roll was damaged", "txt")
        assert (first["digest"], first["again"], first["by"]) == (
            hashlib.sha256(content).hexdigest(),
            None,
            "operator",
        )
        assert "broken off" in program.good("batch", "exports", batch).splitlines()[1]
        assert "9 is none" in program.refused("batch", "exports", 9)

    def test_no_reason_is_none(self, program: Program, batch: int) -> None:
        said = program.refused("batch", "labels", batch, "--format", "csv", "--again", " ", code=2)
        assert "expected a reason of 1 to 500 printable characters" in said


def test_an_earlier_file_is_replaced_as_a_whole(program: Program, batch: int) -> None:
    target = program.file("labels.csv", "earlier")
    link = program.root / "link.csv"
    link.symlink_to(target)
    result = program.run("batch", "labels", batch, "--format", "csv", "--last", 0, "-o", link)
    assert result.exit_code == 0
    assert f"\n1 label of batch {batch} written to {link}\n" in result.stderr
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"text,serial,")


@pytest.mark.parametrize("more", [(), ("--resume",)])
def test_a_folder_that_is_not_there(program: Program, shop: World, batch: int, more: tuple[str, ...]) -> None:
    target = program.root / "none" / "labels.csv"
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", target, *more)
    assert f"cannot write {target}: No such file or directory" in said
    assert exports(shop) == 0


def test_a_folder_instead_of_a_file(program: Program, shop: World, batch: int) -> None:
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", program.root)
    assert "Is a directory" in said
    assert exports(shop) == 0


def test_a_device_is_written_to_and_never_replaced(program: Program, batch: int) -> None:
    assert program.run("batch", "labels", batch, "--format", "csv", "-o", "/dev/null").exit_code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", "/dev/full", *AGAIN)
    assert "cannot write /dev/full: No space left on device" in said
    said = program.refused("batch", "labels", batch, "--format", "csv", "-o", "/dev/null", "--resume", *AGAIN)
    assert "expected a file to go on with, /dev/null is a device or a pipe" in said


def test_a_disk_without_room_is_said_before_anything_is_done(program: Program, shop: World) -> None:
    shop.issue(100_000)
    try:
        with small_disk(1) as disk:
            target = disk.folder / "labels.csv"
            said = program.refused("batch", "labels", 1, "--format", "csv", "-o", target)
            assert re.search(r"it takes 2[0-9],[0-9]{3},[0-9]{3} bytes, and 1,[0-9]{3},[0-9]{3} are free on", said)
            assert list(disk.folder.iterdir()) == []
    except NotPermitted as error:
        pytest.skip(f"no disk of its own: {error}")
    assert exports(shop) == 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_disk_that_is_full_in_the_middle_leaves_no_half_file(program: Program, shop: World, jobs: int) -> None:
    shop.issue(100_000)
    target = program.file("labels.csv", "earlier")
    process = program.start(
        *("batch", "labels", 1, "--format", "csv", "-o", target, "--jobs", jobs),
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, 5_000_000)),
    )
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"traceqr: cannot write {target}: File too large".encode() in stderr
    assert files(program) == ["labels.csv"]
    assert target.read_text() == "earlier"
    assert shop.acts()[-1] == "labels.export", "and no entry that says it is whole"


def test_a_pipe_takes_the_labels(program: Program, batch: int) -> None:
    done = program.shell(
        f"mkfifo pipe && {{ traceqr batch labels {batch} --format csv -o pipe & wc -l < pipe; wait $!; }}"
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1002")
    assert f"\n1,001 labels of batch {batch} written to pipe\n" in done.stderr


def begun(program: Program, *more: object, pattern: str = ".labels.csv.*.part") -> subprocess.Popen[bytes]:
    """A long export under way, of which something is written."""
    options = ("--format", "csv", "-o", "labels.csv", *more)
    process = program.start("batch", "labels", 1, *options, stderr=subprocess.PIPE)
    until(lambda: any(path.stat().st_size > 1_000_000 for path in program.root.glob(pattern)))
    return process


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_no_half_file(
    program: Program, shop: World, jobs: int, sent: signal.Signals, code: int
) -> None:
    shop.issue(5_000_000)
    process = begun(program, "--jobs", jobs)
    others = [pid for pid in family(process.pid) if pid != process.pid]
    assert len(others) == (jobs if jobs > 1 else 0)
    process.send_signal(sent)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == code
    assert b"Traceback" not in stderr
    assert b"nothing is kept; what begins with --resume can be gone on with" in stderr
    assert files(program) == []
    assert not any(Path(f"/proc/{pid}").exists() for pid in others)
    assert shop.acts()[-1] == "labels.export", "and no entry that says it is whole"


def test_ctrl_c_at_a_terminal(program: Program, shop: World) -> None:
    """It reaches every process of the terminal's group; what is said is a line of progress, and nothing else."""
    shop.issue(5_000_000)
    main, side = pty.openpty()
    process = program.start(
        *("batch", "labels", 1, "--format", "csv", "-o", "labels.csv", "--jobs", 2),
        stdin=side,
        stderr=side,
        stdout=side,
        start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )
    os.close(side)
    shown = b""
    while b" left" not in shown:
        shown += os.read(main, 4096)
    assert re.search(rb"batch 1:\s+[0-9]+% of 5,000,000 labels, [0-9,]+ a second, [0-9]+ (s|min) left", shown)
    os.write(main, b"\x03")
    assert process.wait(30) == 130
    shown += os.read(main, 4096)
    os.close(main)
    assert b"Traceback" not in shown
    assert files(program) == []


def test_what_is_left_to_do_is_said() -> None:
    assert said("batch 7", "labels", 420, 1_000, 100.0) == "batch 7:  42% of 1,000 labels, 100 a second, 6 s left"
    assert said("batch 7", "labels", 0, 1_000_000, 1_000.0).endswith("1,000 a second, 17 min left")
    assert said("batch 7", "labels", 0, 10_000_000, 1_000.0).endswith("2 h 47 min left")
    assert said("batch 7", "labels", 0, 0, 0.0) == "batch 7:   0% of 0 labels"


class TestResume:
    """What was broken off is gone on with, and is in the end what it would have been."""

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_the_same_bytes(self, program: Program, shop: World, jobs: int) -> None:
        shop.issue(30_000)
        process = begun(program, "--resume", pattern="labels.csv.part")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
        assert files(program) == ["labels.csv.part", "labels.csv.part.marks"]
        target = program.root / "labels.csv"
        result = program.run("batch", "labels", 1, "--format", "csv", "-o", target, "--resume", "--jobs", jobs)
        assert result.exit_code == 0, result.output
        assert re.search("going on with .*labels.csv.part at label [0-9,]+\n", result.stderr)
        assert files(program) == ["labels.csv"]
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        content = target.read_bytes()
        assert content == program.run("batch", "labels", 1, "--format", "csv", *AGAIN).stdout_bytes
        acts = ("labels.export", "labels.resume", "labels.exported")
        (order, _), (resumed,), (done, _) = (payloads(shop, act) for act in acts)
        assert resumed["export"] == done["export"] == order["export"]
        assert 0 < resumed["from"] < 30_000
        assert done["digest"] == hashlib.sha256(content).hexdigest()

    def test_what_is_killed_is_gone_on_with_too(self, program: Program, shop: World) -> None:
        shop.issue(30_000)
        process = begun(program, "--resume", "--jobs", 2, pattern="labels.csv.part")
        others = [pid for pid in family(process.pid) if pid != process.pid]
        process.kill()
        process.communicate(timeout=30)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in others))
        target = program.root / "labels.csv"
        assert program.run("batch", "labels", 1, "--format", "csv", "-o", target, "--resume").exit_code == 0
        assert len(target.read_bytes().splitlines()) == 30_001

    def test_without_a_part_it_is_an_export(self, program: Program, shop: World, batch: int) -> None:
        target = program.root / "labels.csv"
        assert program.run("batch", "labels", batch, "--format", "csv", "-o", target, "--resume").exit_code == 0
        assert (exports(shop), files(program)) == (1, ["labels.csv"])
        said = program.refused("batch", "labels", batch, "--format", "csv", "-o", program.root / "b.csv", "--resume")
        assert "were exported to csv already" in said
        assert files(program) == ["labels.csv"], "no empty part is left"

    def test_a_part_of_no_export(self, program: Program, shop: World, batch: int) -> None:
        whole = program.run("batch", "labels", batch, "--format", "csv").stdout_bytes
        target, part = program.root / "labels.csv", program.root / "labels.csv.part"
        part.write_bytes(whole[:-5])
        said = program.refused("batch", "labels", batch, "--format", "csv", "-o", target, "--resume")
        assert f"expected {part} as it was written when it was broken off, found no mark" in said
        assert files(program) == ["labels.csv.part"]

    def broken_off(self, program: Program, shop: World) -> Path:
        shop.issue(30_000)
        process = begun(program, "--resume", pattern="labels.csv.part")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        return program.root / "labels.csv"

    def test_a_part_that_was_damaged_is_made_again_from_there(self, program: Program, shop: World) -> None:
        """A power cut may leave zeros in the middle; so may a disk."""
        target = self.broken_off(program, shop)
        with target.with_name("labels.csv.part").open("r+b") as part:
            part.seek(700_000)
            part.write(bytes(5_000))
        result = program.run("batch", "labels", 1, "--format", "csv", "-o", target, "--resume")
        assert result.exit_code == 0, result.output
        assert target.read_bytes() == program.run("batch", "labels", 1, "--format", "csv", *AGAIN).stdout_bytes
        assert payloads(shop, "labels.resume")[0]["from"] < 3_000
        assert files(program) == ["labels.csv"]

    def test_a_part_of_another_form(self, program: Program, shop: World) -> None:
        target = self.broken_off(program, shop)
        before = target.with_name("labels.csv.part").read_bytes()
        said = program.refused("batch", "labels", 1, "--format", "csv", "--bom", "-o", target, "--resume")
        assert "labels.csv.part.marks to be of these labels in this form, made by this program; it is of other" in said
        assert target.with_name("labels.csv.part").read_bytes() == before
        assert payloads(shop, "labels.resume") == []

    def test_two_at_once(self, program: Program, shop: World) -> None:
        shop.issue(5_000_000)
        process = begun(program, "--resume", pattern="labels.csv.part")
        target = program.root / "labels.csv"
        said = program.refused("batch", "labels", 1, "--format", "csv", "-o", target, "--resume", *AGAIN)
        assert f"another process goes on with what {target}.part.marks is about" in said
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    @pytest.mark.parametrize("more", [(), ("-o", "-")])
    def test_standard_output(self, program: Program, shop: World, batch: int, more: tuple[str, ...]) -> None:
        said = program.refused("batch", "labels", batch, "--format", "csv", "--resume", *more, code=2)
        assert "expected -o with --resume or --volume" in said


class TestVolumes:
    OPTIONS = ("--format", "csv", "--volume", 400)

    def test_a_format_that_holds_fewer_labels_than_there_are(self, program: Program, batch: int) -> None:
        """A contact sheet has room for 1,000, and there are 1,001."""
        folder, sheets = program.root / "sheets", ("--format", "png", "--sheet", "contact")
        assert "1 to 1,000 labels on a contact sheet" in program.refused(
            "batch", "labels", batch, *sheets, "-o", "sheet.png"
        )
        assert program.run("batch", "labels", batch, *sheets, "--volume", 600, "-o", folder).exit_code == 0
        assert len(list(folder.glob("*.png"))) == 2
        assert "holds" in program.good("batch", "proof", batch, *sheets, "--sample", 2)

    def test_files_and_their_manifest(self, program: Program, shop: World, batch: int) -> None:
        folder = program.root / "print"
        result = program.run("batch", "labels", batch, *self.OPTIONS, "-o", folder, "--jobs", 2)
        assert result.exit_code == 0, result.output
        assert len(list(folder.iterdir())) == 4
        (listed,) = folder.glob("*.manifest.json")
        manifest = Manifest.parse(listed.read_bytes())
        assert [volume.count for volume in manifest.volumes] == [400, 400, 201]
        assert volumes.faults(manifest, folder) == ()
        rows = [line for path in sorted(folder.glob("*.csv")) for line in path.read_bytes().splitlines()[1:]]
        whole = program.run("batch", "labels", batch, "--format", "csv", *AGAIN).stdout_bytes
        assert rows == whole.splitlines()[1:]
        order, done = payloads(shop, "labels.export")[0], payloads(shop, "labels.exported")[0]
        assert order["options"] == {"volume": 400}
        assert done["digest"] == hashlib.sha256(listed.read_bytes()).hexdigest()
        assert done["bytes"] == sum(path.stat().st_size for path in folder.iterdir())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_a_delivery_is_checked_by_its_manifest(self, program: Program, batch: int) -> None:
        folder = program.root / "print"
        program.run("batch", "labels", batch, *self.OPTIONS, "-o", folder)
        (manifest,) = folder.glob("*.manifest.json")
        digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
        assert program.good("batch", "delivery", manifest).splitlines() == [
            f"batch {batch}: 1,001 labels in 3 volumes, all as they were written",
            f"SHA-256 {digest} (of the manifest)",
        ]
        first, second, _ = sorted(folder.glob("*.csv"))
        second.write_bytes(first.read_bytes())
        result = program.run("batch", "delivery", manifest)
        assert result.exit_code == 1
        assert f"{second.name}: expected SHA-256" in result.stdout
        assert "1,001 labels in 3 volumes, 1 of them wrong" in result.stdout
        first.unlink()
        found = json.loads(program.run("batch", "delivery", manifest, "--json").stdout)
        assert [fault.partition(":")[0] for fault in found["faults"]] == [first.name, second.name]
        manifest.write_bytes(manifest.read_bytes().replace(b'"first":0', b'"first":1', 1))
        assert "expected" in program.refused("batch", "delivery", manifest)

    def test_what_is_there_already(self, program: Program, shop: World, batch: int) -> None:
        folder = program.root / "print"
        folder.mkdir()
        (folder / volumes.file_name(batch, 400, 799, "csv")).write_text("x")
        said = program.refused("batch", "labels", batch, *self.OPTIONS, "-o", folder)
        assert "expected none of the volumes in" in said
        assert (exports(shop), len(list(folder.iterdir()))) == (0, 1)

    def broken_off(self, program: Program, shop: World, whole: int, *more: object) -> tuple[Path, tuple[object, ...]]:
        """The folder of a job of 20 volumes that was interrupted after some whole ones, and the options of that job."""
        shop.issue(60_000)
        folder = program.root / "print"
        options = ("--format", "csv", "--volume", 3_000, "-o", folder, *more)
        process = program.start("batch", "labels", 1, *options, stderr=subprocess.PIPE)
        until(lambda: folder.exists() and len(list(folder.glob("batch-*.csv"))) >= whole)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        return folder, options

    def test_broken_off_and_gone_on_with(self, program: Program, shop: World) -> None:
        folder, options = self.broken_off(program, shop, 2, "--resume")
        kept = sorted(path.name for path in folder.iterdir())
        assert kept[0] == ".batch-00000001-labels-00000000-00059999.csv.manifest.json.marks"
        assert all(name.startswith("batch-") for name in kept[1:])
        result = program.run("batch", "labels", 1, *options)
        assert result.exit_code == 0, result.output
        assert "whole volumes, at label " in result.stderr
        (path,) = folder.glob("*manifest.json")
        manifest = Manifest.parse(path.read_bytes())
        assert (volumes.faults(manifest, folder), len(manifest.volumes)) == ((), 20)
        assert payloads(shop, "labels.resume")[0]["from"] % 3_000 == 0
        assert exports(shop) == 1
        fresh = program.root / "fresh"
        assert program.run("batch", "labels", 1, *options[:4], "-o", fresh, *AGAIN).exit_code == 0
        assert {path.name for path in folder.iterdir()} == {path.name for path in fresh.iterdir()}
        assert all(path.read_bytes() == (fresh / path.name).read_bytes() for path in folder.iterdir())

    def test_volumes_that_were_changed_are_not_gone_on_with(self, program: Program, shop: World) -> None:
        folder, options = self.broken_off(program, shop, 3, "--resume")
        first, second, *_ = sorted(folder.glob("batch-*.csv"))
        original = second.read_bytes()
        second.write_bytes(first.read_bytes())
        said = program.refused("batch", "labels", 1, *options)
        assert f"expected {second} as it was written, it was changed" in said
        assert payloads(shop, "labels.resume") == []
        second.write_bytes(original)
        said = program.refused("batch", "labels", 1, *options[:4], "-o", folder)
        assert "go on with --resume" in said
        assert "it is of other work" in program.refused("batch", "labels", 1, *options, "--bom")
        program.run("batch", "labels", 1, *options[:4], "-o", folder, "--first", 0, "--last", 5_999, *AGAIN)
        (marks,) = folder.glob(".*.marks")
        lines = marks.read_bytes().splitlines(keepends=True)
        marks.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])  # a power cut
        result = program.run("batch", "labels", 1, *options)
        assert f"going on after {len(lines) - 3:,} whole volumes" in result.stderr, result.output
        (manifest,) = folder.glob("*00059999.csv.manifest.json")
        assert volumes.faults(Manifest.parse(manifest.read_bytes()), folder) == ()

    def test_an_act_that_is_refused_at_the_end_can_be_done_again(
        self, program: Program, shop: World, batch: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, options = program.root / "print", (*self.OPTIONS, "-o", program.root / "print", "--resume")

        def busy(*_: object) -> None:
            raise RegistryBusy("another process")

        with monkeypatch.context() as short:
            short.setattr(exporting, "finish", busy)
            assert program.run("batch", "labels", batch, *options).exit_code == 1
        assert program.run("batch", "labels", batch, *options).exit_code == 0
        assert shop.acts()[-1] == "labels.exported"
        assert not list(folder.glob(".*"))

    def test_two_in_one_folder(self, program: Program, shop: World) -> None:
        """The second is refused, and takes nothing of the first with it."""
        shop.issue(1_000_000)
        folder = program.root / "print"
        options = ("--format", "csv", "--volume", 10_000, "-o", folder)
        process = program.start("batch", "labels", 1, *options, stderr=subprocess.PIPE)
        until(lambda: folder.exists() and len(list(folder.glob("batch-*.csv"))) >= 1)
        assert "another process goes on with what" in program.refused("batch", "labels", 1, *options, *AGAIN)
        assert len(list(folder.glob("batch-*.csv"))) >= 1
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert list(folder.iterdir()) == [], "and what is broken off for good leaves nothing"

    def test_broken_off_for_good(self, program: Program, shop: World) -> None:
        folder, _ = self.broken_off(program, shop, 2)
        assert list(folder.iterdir()) == []

    def test_too_many(self, program: Program, shop: World, batch: int) -> None:
        shop.issue(20_000)
        said = program.refused("batch", "labels", 2, "--format", "csv", "--volume", 1, "-o", program.root / "print")
        assert "expected at most 10,000 volumes, got 20,000" in said
        assert (files(program), exports(shop)) == ([], 0)


class TestHidden:
    @pytest.fixture
    def secret(self, shop: World) -> int:
        hiding.new_root(shop.desk, shop.folder)
        return issuing.issue(shop.desk, shop.order(5_000)).number

    def test_a_file_of_its_own(self, program: Program, shop: World, secret: int) -> None:
        target = program.root / "codes.csv"
        result = program.run("batch", "hidden", secret, "-o", target)
        assert result.exit_code == 0, result.output
        assert f"5,000 hidden codes of batch {secret} written to {target}\n" in result.stderr
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        with target.open(newline="") as file:
            rows = list(standard_csv.DictReader(file))
        with shop.database.snapshot() as reader:
            root = hiding.root_of(reader, shop.folder, secret)
        assert [row["serial"] for row in rows] == [str(Serial(secret, index)) for index in range(5_000)]
        for index in (0, 1, 4_095, 4_096, 4_999):
            assert rows[index]["hidden_code"] == root.code(Serial(secret, index)).grouped
        assert shop.acts()[-2:] == ["hidden.export", "hidden.exported"]
        assert payloads(shop, "hidden.exported")[0]["digest"] == hashlib.sha256(target.read_bytes()).hexdigest()
        assert b"HTTPS" not in target.read_bytes()

    def test_twice(self, program: Program, shop: World, secret: int) -> None:
        program.good("batch", "hidden", secret, "--last", 3)
        said = program.refused("batch", "hidden", secret, "--first", 3)
        assert "hidden codes of labels 0 to 3 were exported to csv already" in said
        program.good("batch", "hidden", secret, *AGAIN)
        program.good("batch", "labels", secret, "--format", "csv")

    def test_a_batch_without(self, program: Program, shop: World, batch: int) -> None:
        said = program.refused("batch", "hidden", batch, "-o", program.root / "codes.csv")
        assert "expected a hidden root from before the batch was issued" in said
        assert files(program) == []

    def test_on_the_labels_by_a_permission_of_its_own(self, program: Program, shop: World, secret: int) -> None:
        options = ("--format", "pdf", "--design", "scratch", "--last", 3, "-o", program.root / "labels.pdf")
        result = program.run("batch", "labels", secret, *options, "--with-hidden")
        assert result.exit_code == 0, result.output
        assert payloads(shop, "labels.export")[0]["content"] == "both"
        assert "labels with their hidden codes 0 to 3 were exported" in program.refused("batch", "hidden", secret)

    @pytest.mark.parametrize(("name", "message"), [("csv", "csv has none"), ("zpl", "expected pdf")])
    def test_a_form_without_a_place_for_them(
        self, program: Program, shop: World, secret: int, name: str, message: str
    ) -> None:
        said = program.refused("batch", "labels", secret, "--format", name, "--with-hidden")
        assert message in said
        assert exports(shop) == 0


def test_a_reader_that_leaves_ends_the_work_without_complaint(program: Program, shop: World) -> None:
    shop.issue(5_000_000)
    done = program.shell("traceqr batch labels 1 --format csv | head -n 2 | wc -l; echo ${PIPESTATUS[0]}")
    assert (done.stdout.split(), done.stderr) == (["2", "1"], "")


def test_a_batch_that_is_void(program: Program, shop: World, batch: int) -> None:
    program.good("batch", "void", batch, "--reason", "misprint", "--yes")
    assert "all are void" in program.refused("batch", "labels", batch, "--format", "csv")
    assert "expected the number of a batch, 9 is none" in program.refused("batch", "labels", 9, "--format", "svg")
    said = program.refused("batch", "labels", batch, "--format", "csv", "--last", 1001)
    assert "expected labels within 0 to 1000, got 0 to 1001" in said


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
    design = built_in("classic")
    assert f"labels of {design.width:g} x {design.height:g} mm" in PRINTING
    assert f"{MAX_SVG:,} at most" in PRINTING
