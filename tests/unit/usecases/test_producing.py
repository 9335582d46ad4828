"""The bytes of a file of labels: the same from one process or several, in strips of any size, and flat in memory."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from support.processes import family
from support.world import ORIGIN, gtin

from traceqr import producing
from traceqr.errors import TraceqrError
from traceqr.label.series import Series
from traceqr.printing.csv import Csv
from traceqr.printing.design import built_in
from traceqr.printing.format import Format, Imprint, Job
from traceqr.printing.pdf import Pdf
from traceqr.printing.zpl import Zpl
from traceqr.producing import Begun, Mark, ProductionError, Work, produce

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SERIES = Series(ORIGIN, gtin(), 7, 1, 3)


def job(count: int, first: int = 0) -> Job:
    return Job(SERIES, first, first + count - 1, Imprint("绿茶"))


def form_of(name: str, of: Job) -> Format:
    if name == "csv":
        return Csv(of)
    return Pdf(of) if name == "pdf" else Zpl(of, built_in("classic"))


def made(name: str, of: Job, jobs: int = 1, step: int | None = None) -> bytes:
    file = io.BytesIO()
    form = form_of(name, of)
    result = produce(Work.of(form, of, jobs, step), PRIVATE, file, jobs)
    content = file.getvalue()
    assert (result.digest, result.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert form.size == len(content)
    return content


@pytest.mark.parametrize("name", ["csv", "zpl", "pdf"])
def test_the_same_bytes_from_any_number_of_processes(name: str) -> None:
    of = job(70, 5)
    whole = made(name, of)
    assert whole == made(name, of, 2, 9) == made(name, of, 3, 1)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 1000))
def test_the_same_bytes_in_strips_of_any_size(count: int, step: int, first: int) -> None:
    of = job(count, first)
    assert made("csv", of, 1, step) == made("csv", of)


def test_parts_are_the_whole() -> None:
    lines = made("csv", job(20)).splitlines()
    parts = [made("csv", job(count, first)).splitlines()[1:] for first, count in ((0, 7), (7, 1), (8, 12))]
    assert lines[1:] == [line for part in parts for line in part]


@pytest.mark.parametrize(
    ("count", "jobs", "step", "expected"),
    [(10_000, 1, None, 1_024), (10_000, 2, 5, 5), (10, 2, None, 5), (1, 8, None, 1), (10_000, 1, 4_000, 4_000)],
)
def test_strips(count: int, jobs: int, step: int | None, expected: int) -> None:
    of = job(count)
    work = Work.of(Csv(of), of, jobs, step)
    assert work.step == expected
    strips = list(work.strips(work.first))
    assert [first for first, _ in strips] == list(range(0, count, expected))
    assert (strips[0][0], strips[-1][1], len(work)) == (0, count - 1, count)


def test_strips_are_whole_pages() -> None:
    from traceqr.printing.sheets import sheet

    design = built_in("classic")
    of = job(100)
    form = Pdf(of, design, sheet("A4", design))
    for jobs, step in ((1, None), (2, None), (1, 1), (1, 30)):
        assert Work.of(form, of, jobs, step).step % form.unit == 0


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    of = job(10)
    produce(Work.of(Csv(of), of, 2, 4), PRIVATE, io.BytesIO(), 2, None, lambda done, total: told.append((done, total)))
    assert told == [(4, 10), (8, 10), (10, 10)]


class Sink(io.BytesIO):
    """Does something once, at the first label that is written."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def write(self, content: object) -> int:
        self.calls += 1
        if self.calls == 2:
            self.act()
        return super().write(content)  # type: ignore[arg-type]

    def act(self) -> None:
        raise NotImplementedError


def children() -> list[int]:
    return [pid for pid in family(os.getpid()) if pid != os.getpid()]


class TestProcesses:
    @pytest.fixture(autouse=True)
    def _none_is_left(self) -> Iterator[None]:
        before = children()
        yield
        assert children() == before

    def test_one_that_dies(self) -> None:
        class Killing(Sink):
            def act(self) -> None:
                os.kill(children()[-1], signal.SIGKILL)

        of = job(20_000)
        with pytest.raises(ProductionError, match=r"a process that makes labels ended .* \(signal 9\)"):
            produce(Work.of(Csv(of), of, 2, 500), PRIVATE, Killing(), 2)

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_an_error_of_a_format(self, jobs: int) -> None:
        work = Work(Pdf(job(20)), SERIES, 0, 39, 10)
        with pytest.raises(TraceqrError, match=r"expected labels 0 to 19 .*got 20 to 29"):
            produce(work, PRIVATE, io.BytesIO(), jobs)

    def test_an_error_that_nobody_foresaw(self) -> None:
        work = Work(None, SERIES, 0, 39, 10)  # type: ignore[arg-type]
        with producing._makers(work, PRIVATE, 2) as makers:
            makers[0].take(0, 9)
            with pytest.raises(ProductionError, match="labels 0 to 9 could not be made: AttributeError"):
                makers[0].give()

    @pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
    def test_a_file_that_takes_no_more(self, error: type[BaseException]) -> None:
        class Refusing(Sink):
            def act(self) -> None:
                raise error

        of = job(20_000)
        with pytest.raises(error):
            produce(Work.of(Csv(of), of, 2, 500), PRIVATE, Refusing(), 2)

    def test_they_know_nothing_of_the_registry_and_no_argument_is_a_secret(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[tuple[bytes, bytes, set[str]]] = []

        class Looking(Sink):
            def act(self) -> None:
                for pid in children():
                    folder = Path(f"/proc/{pid}")
                    open_files = {str(each.readlink()) for each in (folder / "fd").iterdir()}
                    seen.append(((folder / "environ").read_bytes(), (folder / "cmdline").read_bytes(), open_files))

        monkeypatch.setenv("TRACEQR_DATABASE", "sqlite:////nowhere")
        monkeypatch.setenv("TRACEQR_KEY_PASSPHRASE", "secret")
        of = job(20_000)
        with Path(__file__).open("rb"):
            produce(Work.of(Csv(of), of, 2, 500), PRIVATE, Looking(), 2)
        assert len(seen) == 2
        for environment, command, files in seen:
            assert b"TRACEQR" not in environment
            assert PRIVATE.private_bytes_raw().hex().encode() not in command
            assert __file__ not in files


class TestGoingOn:
    """A file that was broken off is gone on with at a mark."""

    OF = job(100, 3)

    def work(self, name: str = "csv", jobs: int = 1) -> Work:
        return Work.of(form_of(name, self.OF), self.OF, jobs, 10)

    def marks(self, monkeypatch: pytest.MonkeyPatch, name: str = "csv") -> list[Mark]:
        """A mark after each strip."""
        monkeypatch.setattr(producing, "MARK_BYTES", 1)
        found: list[Mark] = []
        produce(self.work(name), PRIVATE, io.BytesIO(), 1, None, mark=found.append)
        return found

    @pytest.mark.parametrize("name", ["csv", "zpl", "pdf"])
    def test_marks_say_what_stands_before_them(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        whole, found = made(name, self.OF), self.marks(monkeypatch, name)
        unit = self.work(name).step
        assert [mark.start - 3 for mark in found] == [min(at, 100) for at in range(0, 100 + unit, unit)]
        assert all(mark.digest == hashlib.sha256(whole[: mark.size]).hexdigest() for mark in found)

    @pytest.mark.parametrize("name", ["csv", "zpl", "pdf"])
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_the_same_bytes_from_each_mark(self, monkeypatch: pytest.MonkeyPatch, name: str, jobs: int) -> None:
        whole = made(name, self.OF)
        for mark in self.marks(monkeypatch, name)[:: 1 if jobs == 1 else 4]:
            file = io.BytesIO(whole[: mark.size] + b"torn")
            begun = Begun(mark.size, mark.start, hashlib.sha256(whole[: mark.size]))
            result = produce(self.work(name, jobs), PRIVATE, file, jobs, begun)
            assert file.getvalue() == whole
            assert (result.digest, result.size) == (hashlib.sha256(whole).hexdigest(), len(whole))

    def test_what_is_broken_off_says_where(self) -> None:
        class Refusing(io.BytesIO):
            def write(self, content: Any) -> int:
                if self.tell() > 8_000:
                    raise KeyboardInterrupt
                return super().write(content)

        file, found = Refusing(), list[Mark]()
        with pytest.raises(KeyboardInterrupt):
            produce(self.work(), PRIVATE, file, 1, None, mark=found.append)
        assert [mark.start for mark in found] == [3, 13, 33], "after head and first strip, and where it ended"
        assert hashlib.sha256(file.getvalue()[: found[-1].size]).hexdigest() == found[-1].digest

    def test_a_mark_that_cannot_be_made_hides_no_reason(self) -> None:
        def full(_mark: Mark) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(OSError, match="No space left"):
            produce(self.work(), PRIVATE, io.BytesIO(), 1, None, mark=full)

    def test_a_head_alone_is_gone_on_with(self) -> None:
        whole, head = made("csv", self.OF), Csv(self.OF).head()
        file = io.BytesIO(head + b"torn")
        produce(self.work(), PRIVATE, file, 1, Begun(len(head), 3, hashlib.sha256(head)))
        assert file.getvalue() == whole


@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_stays_flat(jobs: int) -> None:
    """200,000 labels, 58 MB: a process that held them, or many strips of them, would be larger than one of few."""
    peaks = [_peak(count, jobs) for count in (2_000, 200_000)]
    assert max(peaks) < 200 * 1024
    assert peaks[1] - peaks[0] < 20 * 1024


def _peak(count: int, jobs: int) -> int:
    """Kilobytes of the larger of the program and its processes."""
    code = f"""
import resource
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.series import Series
from traceqr.printing.csv import Csv
from traceqr.printing.format import Imprint, Job
from traceqr.producing import Work, produce
series = Series(Origin.parse({str(ORIGIN)!r}), Gtin.parse({str(gtin())!r}), 7, 1, 3)
job = Job(series, 0, {count - 1}, Imprint("x"))
with open("/dev/null", "wb") as file:
    produce(Work.of(Csv(job), job, {jobs}), Ed25519PrivateKey.generate(), file, {jobs})
# Its own peak since it began: the rusage of a program counts what its parent had before that.
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    return int(done.stdout)
