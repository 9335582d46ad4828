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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from typing import BinaryIO, Protocol

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

MARK_BYTES = 1 << 20
"""Between two marks at least."""

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
    """How far a file had come that was broken off: bytes that are kept, the label that comes next, and the SHA-256 of
    what is kept, to be gone on with.
    """

    size: int
    start: int
    digest: hashlib._Hash


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file has come: bytes, the label that comes next, and the SHA-256 of those bytes in hex."""

    size: int
    start: int
    digest: str


def unmarked(_mark: Mark) -> None:
    """For whoever does not go on with what was broken off."""


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
    mark: Callable[[Mark], None] = unmarked,
) -> Made:
    """Write a file to its end, its head first; or what is missing of one that was begun.

    `mark` is told from time to time how far the file has come, and where it stood when it was broken off. Raises
    `ProductionError`, and `OSError` from the file.
    """
    written = _Written(file, begun)
    start = marked = work.first if begun is None else begun.start
    if begun is None:
        written.take(work.form.head())
        mark(written.mark(start))
    told, last_mark = written.size, written.mark(start)
    try:
        with _makers(work, private, jobs) as makers:
            for (_, last), content in _in_order(makers, work.strips(start)):
                written.take(content)
                last_mark = written.mark(last + 1)
                if marked == start or written.size - told >= MARK_BYTES:
                    told, marked = written.size, last + 1
                    mark(last_mark)
                progress(last - work.first + 1, len(work))
    except BaseException:
        if last_mark.start > marked:
            with suppress(OSError):  # the disk is full, maybe: what broke it off is to be said
                mark(last_mark)
        raise
    written.take(work.form.tail())
    return written.made()


def write(file: BinaryIO, contents: Iterable[bytes | memoryview]) -> Made:
    """Write contents."""
    written = _Written(file, None)
    for content in contents:
        written.take(content)
    return written.made()


class _Written:
    """What was written to a file, after what is kept of it."""

    def __init__(self, file: BinaryIO, begun: Begun | None) -> None:
        self._file = file
        self.size = 0 if begun is None else begun.size
        self._digest = hashlib.sha256() if begun is None else begun.digest.copy()
        if begun is not None:
            file.truncate(begun.size)
            file.seek(begun.size)

    def take(self, content: bytes | memoryview) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)

    def mark(self, start: int) -> Mark:
        return Mark(self.size, start, self._digest.hexdigest())

    def made(self) -> Made:
        return Made(self._digest.hexdigest(), self.size)


def sealed(series: Series, private: Ed25519PrivateKey, indexes: Sequence[int]) -> list[Label]:
    """Some labels of a series, in this process."""
    return [series.strip(private, index, index).label(0) for index in indexes]


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
