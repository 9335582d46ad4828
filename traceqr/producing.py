"""Making the bytes of a file of labels: in this process, or by several that seal and form strips of them in turn.

Each process is a new program, so it inherits nothing: no connection to the registry, and no setting that leads to one.
The private key reaches it through a socket that nobody else holds, never by argument, environment or file. Strips come
back in order, and each process has at most `AHEAD` of them under way, so memory stays flat for any number of labels.
"""

from __future__ import annotations

import hashlib
import pickle
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, BinaryIO, Protocol, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr.errors import TraceqrError
from traceqr.label.format import Label
from traceqr.label.series import Series
from traceqr.printing.format import Format, Job
from traceqr.progress import Progress, unshown

AHEAD = 2
"""Strips that a process has under way: one is being made while the one before is taken."""

MAX_JOBS = 64
STRIP_LABELS = 1_024
STRIP_BYTES = 4_000_000
"""A strip has at most about as many labels, and as many bytes; more only where a page has more."""

_UNKNOWN_BYTES = 8_000
"""Taken for a label of a format whose size only making it tells."""

_PATIENCE_S = 5.0
_LENGTHS = struct.Struct("!QQ")
"""Of the work and the key, at the beginning."""

_STRIP = struct.Struct("!QQ")
"""First and last label: what is asked."""

_ANSWER = struct.Struct("!?Q")
"""Whether it failed, and bytes of what follows."""

_BUFFER = 1 << 20
"""Bytes in a socket: a strip should not go through it in a hundred pieces."""

_WORKER = "import sys; from traceqr.producing import serve; serve(int(sys.argv[1]))"


class ProductionError(TraceqrError):
    """A file of labels that could not be made to its end, or not be gone on with."""


@dataclass(frozen=True, slots=True)
class Work:
    """A file to be made: labels `first` to `last` of a series in a format, in strips of `step` labels."""

    form: Format
    series: Series
    first: int
    last: int
    step: int

    @classmethod
    def of(cls, form: Format, job: Job, jobs: int = 1, step: int | None = None) -> Work:
        """The work for a job, with strips of about `step` labels: the bytes are the same for any."""
        return cls(form, job.series, job.first, job.last, _step(form, len(job), jobs, step))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def strips(self, start: int) -> Iterator[tuple[int, int]]:
        """First and last label of each strip, from the one that begins at label `start`."""
        for first in range(start, self.last + 1, self.step):
            yield first, min(first + self.step - 1, self.last)

    def body(self, private: Ed25519PrivateKey, first: int, last: int) -> bytes:
        """One strip: sealed, and in its form."""
        return self.form.body(self.series.strip(private, first, last))


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: SHA-256 in hex, and bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Begun:
    """How far a file had come that was broken off: bytes that are kept, and the label that comes next."""

    size: int
    start: int


def _step(form: Format, count: int, jobs: int, wanted: int | None) -> int:
    each = max(1, form.size // count) if form.size is not None else _UNKNOWN_BYTES
    fitting = wanted or max(1, min(STRIP_LABELS, STRIP_BYTES // each, -(-count // jobs)))
    return -(-fitting // form.unit) * form.unit


def produce(
    work: Work,
    private: Ed25519PrivateKey,
    file: BinaryIO,
    jobs: int = 1,
    begun: Begun | None = None,
    progress: Progress = unshown,
) -> Made:
    """Write a file to its end, its head first; or what is missing of one that was begun and is open at its end.

    Raises `ProductionError`, and `OSError` from the file.
    """
    return write(file, _contents(work, private, jobs, begun, progress), None if begun is None else begun.size)


def write(file: BinaryIO, contents: Iterable[bytes | memoryview], kept: int | None = None) -> Made:
    """Write contents: where `kept` is given, after so many bytes that the file holds already."""
    digest, size = (hashlib.sha256(), 0) if kept is None else (_cut_back(file, kept), kept)
    for content in contents:
        file.write(content)
        digest.update(content)
        size += len(content)
    return Made(digest.hexdigest(), size)


def _contents(
    work: Work, private: Ed25519PrivateKey, jobs: int, begun: Begun | None, progress: Progress
) -> Iterator[bytes | memoryview]:
    if begun is None or begun.size == 0:
        yield work.form.head()
    strips = work.strips(work.first if begun is None else begun.start)
    with _makers(work, private, jobs) as makers:
        for (_, last), content in _in_order(makers, strips):
            yield content
            progress(last - work.first + 1, len(work))
    yield work.form.tail()


def _cut_back(file: BinaryIO, size: int) -> hashlib._Hash:
    """Leave so many bytes of a file, open at their end; gives their digest."""
    file.truncate(size)
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256")
    file.seek(size)
    return digest


def sealed(series: Series, private: Ed25519PrivateKey, indexes: Sequence[int]) -> list[Label]:
    """Some labels of a series, in this process."""
    return [series.strip(private, index, index).label(0) for index in indexes]


def begun(work: Work, private: Ed25519PrivateKey, file: BinaryIO) -> Begun:
    """How far a file has come that was broken off. Its first and last whole strips are made again and compared, so
    that what is gone on with is the file that it is taken for. Raises `ProductionError`.
    """
    if work.form.size is None:
        raise ProductionError(
            "expected a format whose labels are all of one size, to go on with a file that was broken off; this one's"
            " are not: remove the file, and export it again"
        )
    head = work.form.head()
    size = file.seek(0, 2)
    strips = list(islice(work.strips(work.first), 1))
    length = len(work.body(private, *strips[0]))
    whole = min((size - len(head)) // length, len(work) // work.step)
    if whole < 1:
        return Begun(0, work.first)
    last = work.first + (whole - 1) * work.step
    ends = [(0, head), (len(head) + (whole - 1) * length, work.body(private, last, last + work.step - 1))]
    for at, expected in ends:
        file.seek(at)
        if file.read(len(expected)) != expected:
            raise ProductionError(
                f"expected a file of labels {work.first} and up in this form, broken off; found another at byte {at:,}"
            )
    return Begun(len(head) + whole * length, last + work.step)


class _Maker(Protocol):
    """Whoever makes strips: takes them first, and gives the content of each in the order in which it took them."""

    def take(self, first: int, last: int) -> None:
        """Begin a strip."""

    def give(self) -> bytes | memoryview:
        """The content of the strip that was taken first."""


class _Here:
    """The process that asks."""

    def __init__(self, work: Work, private: Ed25519PrivateKey) -> None:
        self._work = work
        self._private = private
        self._taken: deque[tuple[int, int]] = deque()

    def take(self, first: int, last: int) -> None:
        self._taken.append((first, last))

    def give(self) -> bytes:
        return self._work.body(self._private, *self._taken.popleft())


class _There:
    """Another process. What it gives is good until it is asked for the next: the memory is used again."""

    def __init__(self, process: subprocess.Popen[bytes], wire: socket.socket) -> None:
        self._process = process
        self._wire = wire
        self._held = bytearray()

    def begin(self, work: Work, private: Ed25519PrivateKey) -> None:
        """Hand over what all strips have in common."""
        parts = pickle.dumps(work), private.private_bytes_raw()
        self._send(_LENGTHS.pack(*map(len, parts)) + b"".join(parts))

    def take(self, first: int, last: int) -> None:
        self._send(_STRIP.pack(first, last))

    def give(self) -> memoryview:
        try:
            failed, length = _ANSWER.unpack(_received(self._wire, bytearray(_ANSWER.size)))
            if length > len(self._held):
                self._held = bytearray(length)
            content = _received(self._wire, memoryview(self._held)[:length])
        except (EOFError, OSError) as error:
            raise self._death() from error
        if failed:
            raise ProductionError(bytes(content).decode())
        return content

    def _send(self, message: bytes) -> None:
        try:
            self._wire.sendall(message)
        except OSError as error:
            raise self._death() from error

    def _death(self) -> ProductionError:
        try:
            code = self._process.wait(_PATIENCE_S)
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
        except subprocess.TimeoutExpired:
            how = "it closed its socket"
        return ProductionError(f"a process that makes labels ended before its work was done ({how}): nothing is whole")


def _received(wire: socket.socket, held: bytearray | memoryview) -> memoryview:
    """Fill memory from a socket. Raises `EOFError` where the other end is closed before."""
    view = memoryview(held)
    at = 0
    while at < len(view):
        got = wire.recv_into(view[at:])
        if not got:
            raise EOFError
        at += got
    return view


def _in_order(
    makers: Sequence[_Maker], strips: Iterator[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], bytes | memoryview]]:
    """The strips, dealt out in turn and taken back in turn."""
    under_way: deque[tuple[_Maker, tuple[int, int]]] = deque()
    for maker, strip in zip(cycle(makers), strips, strict=False):
        maker.take(*strip)
        under_way.append((maker, strip))
        if len(under_way) == AHEAD * len(makers):
            yield _given(under_way)
    while under_way:
        yield _given(under_way)


def _given(under_way: deque[tuple[_Maker, tuple[int, int]]]) -> tuple[tuple[int, int], bytes | memoryview]:
    maker, strip = under_way.popleft()
    return strip, maker.give()


@contextmanager
def _makers(work: Work, private: Ed25519PrivateKey, jobs: int) -> Iterator[Sequence[_Maker]]:
    """So many processes, ended with the block; none but this for one job, or for a single strip."""
    wanted = min(jobs, -(-len(work) // work.step))
    if wanted <= 1:
        yield [_Here(work, private)]
        return
    with ExitStack() as held:
        started = [held.enter_context(_started()) for _ in range(wanted)]
        for maker in started:
            maker.begin(work, private)
        yield started


@contextmanager
def _started() -> Iterator[_There]:
    """A process that waits for work. In a group of its own, so that Ctrl-C at the terminal does not reach it: it ends
    when the other end of its socket is closed, also by our death.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-I", "-c", _WORKER, str(theirs.fileno())]
        process = subprocess.Popen(  # noqa: S603  our own program
            command, env={}, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], process_group=0
        )
        theirs.close()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        try:
            yield _There(process, ours)
        finally:
            ours.close()
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serve(handle: int) -> None:
    """Make strips for whoever holds the other end of a socket, until it is closed."""
    with socket.socket(fileno=handle) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        try:
            lengths = _LENGTHS.unpack(_received(wire, bytearray(_LENGTHS.size)))
            pickled, raw = (bytes(_received(wire, bytearray(length))) for length in lengths)
            work, private = pickle.loads(pickled), Ed25519PrivateKey.from_private_bytes(raw)  # noqa: S301  our own parent
            while True:
                strip = _STRIP.unpack(_received(wire, bytearray(_STRIP.size)))
                failed, content = _answer(work, private, *strip)
                wire.sendall(_ANSWER.pack(failed, len(content)))
                wire.sendall(content)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def _answer(work: Work, private: Ed25519PrivateKey, first: int, last: int) -> tuple[bool, bytes]:
    """Whether it failed, and the strip, or else what is wrong."""
    try:
        return False, work.body(private, first, last)
    except TraceqrError as error:
        return True, str(error).encode("utf-8", "replace")
    except Exception as error:  # whatever it is, it ends the file, and is told where the operator sees it
        return True, f"labels {first} to {last} could not be made: {error!r}".encode("utf-8", "replace")
