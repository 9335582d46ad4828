"""The bytes of a file of labels: the same from one process or several, in strips of any size, and flat in memory."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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
from traceqr.producing import Begun, ProductionError, Work, produce

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
    """A file that was broken off is gone on with where its last whole strip ends."""

    OF = job(100, 3)

    def go_on(self, content: bytes, name: str = "csv", jobs: int = 1) -> tuple[Begun, bytes]:
        work = Work.of(form_of(name, self.OF), self.OF, jobs, 10)
        file = io.BytesIO(content)
        found = producing.begun(work, PRIVATE, file)
        result = produce(work, PRIVATE, file, jobs, found)
        whole = file.getvalue()
        assert (result.digest, result.size) == (hashlib.sha256(whole).hexdigest(), len(whole))
        return found, whole

    @pytest.mark.parametrize("name", ["csv", "zpl", "pdf"])
    @pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.1, 0.5, 0.93, 0.999, 1.0])
    def test_the_same_bytes(self, name: str, share: float) -> None:
        whole = made(name, self.OF)
        assert self.go_on(whole[: int(len(whole) * share)], name)[1] == whole

    def test_by_several_processes(self) -> None:
        whole = made("csv", self.OF)
        found, content = self.go_on(whole[: len(whole) // 2], jobs=2)
        assert content == whole
        assert 40 <= found.start - 3 <= 50
        assert (found.start - 3) % 10 == 0

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 30_000))
    def test_broken_off_anywhere(self, at: int) -> None:
        whole = made("csv", self.OF)
        found, content = self.go_on(whole[:at])
        assert content == whole
        assert found.size <= at

    @pytest.mark.parametrize("at", [3, -3500])
    def test_another_file(self, at: int) -> None:
        """Its head, or its last whole strip, is not what it is taken for."""
        begun = bytearray(made("csv", self.OF)[:-300])
        begun[at] ^= 1
        with pytest.raises(ProductionError, match="expected a file of labels 3 and up in this form, broken off; found"):
            self.go_on(bytes(begun))

    def test_a_format_of_no_fixed_size(self) -> None:
        class Unsized(Csv):
            size = None  # type: ignore[assignment]

        work = Work(Unsized(self.OF), SERIES, 3, 102, 10)
        with pytest.raises(ProductionError, match="expected a format whose labels are all of one size"):
            producing.begun(work, PRIVATE, io.BytesIO(b"text"))


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
