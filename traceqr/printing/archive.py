"""A zip file of labels, one member each, written strictly forward, with no memory of what was written.

The directory at the end of a zip file repeats of each member its name, its size, its place and its CRC-32 (PKWARE
APPNOTE 6.3.10, section 4.3.12). Names are serials. All members have one size, so their places are arithmetic. And all
have one CRC, since each ends in a counterweight. So pieces are made apart from each other, by many processes, the size
of the file is known before it is made, and one that was broken off is gone on with.

Members are stored, since what is in them is compressed already or of one length by design. Their time is the first
that zip knows, 1980-01-01: the same labels give the same bytes. From 65,535 members or 4 GiB on the file is in the form
of zip64.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from traceqr.label.series import Series, Strip
from traceqr.printing.counterweight import TARGET, Counterweight
from traceqr.printing.format import Job, PrintError
from traceqr.printing.stencil import INDEX, Slot, Source, Stencil

MOST_LABELS = 100_000
"""Of an archive: programs that open it read its whole directory first, and folders of more files than that choke."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_EXTRA64 = struct.Struct("<2HQ")

_PLAIN, _ZIP64 = 20, 45
"""Versions of the format that a program needs to read it (section 4.4.3)."""

_UNIX = 3 << 8
_MODE = 0o100600 << 16
"""Readable by the owner alone, once it is unpacked: each of these files is a label."""

_DATE = 1 << 5 | 1
"""1980-01-01, at midnight."""

_LIMIT16, _LIMIT32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip file of labels `first` to `last` of a batch: members of `member` bytes, named `SERIAL.suffix`."""

    batch: int
    first: int
    last: int
    suffix: str
    member: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._directory + len(self) * self._entry + len(self._end())

    def header(self) -> tuple[bytes | Slot, ...]:
        """What stands before the content of a member."""
        fields = (*self._facts(), self.member, self.member, self._name_length, 0)
        return (_LOCAL.pack(b"PK\3\4", *fields), *self._name())

    def tail(self) -> bytes:
        """The directory, about 70 bytes a member."""
        content = Stencil.of(self._central())
        entries = np.tile(np.frombuffer(content.content, np.uint8), (len(self), 1))
        indices = np.arange(self.first, self.last + 1)[:, None]
        starts = (np.arange(len(self), dtype="<u8") * self._each)[:, None].view(np.uint8)
        for at, slot in content.slots:
            digits = indices // 10 ** np.arange(7, -1, -1) % 10 + ord("0")
            entries[:, at : at + slot.width] = digits if slot is INDEX else starts[:, : slot.width]
        return entries.tobytes() + self._end()

    @property
    def _name_length(self) -> int:
        return 16 + 1 + len(self.suffix)

    @property
    def _each(self) -> int:
        """Bytes of a member and its header."""
        return _LOCAL.size + self._name_length + self.member

    @property
    def _directory(self) -> int:
        """Where the directory begins."""
        return len(self) * self._each

    @property
    def _entry(self) -> int:
        return _CENTRAL.size + self._name_length + (_EXTRA64.size if self._is_far else 0)

    @property
    def _is_far(self) -> bool:
        """Whether places need more than 32 bits; then all are written so."""
        return self._directory >= _LIMIT32

    @property
    def _is_zip64(self) -> bool:
        return self._is_far or len(self) >= _LIMIT16

    def _facts(self) -> tuple[int, ...]:
        """Version needed, flags, method (stored), time, date, CRC-32."""
        return (_ZIP64 if self._is_far else _PLAIN, 0, 0, 0, _DATE, TARGET)

    def _name(self) -> tuple[bytes | Slot, ...]:
        return (f"{self.batch:08d}".encode(), INDEX, f".{self.suffix}".encode())

    def _central(self) -> tuple[bytes | Slot, ...]:
        """An entry of the directory: its place stands in its extra field where it needs more than 32 bits."""
        extra = _EXTRA64.size if self._is_far else 0
        fields = (*self._facts(), self.member, self.member, self._name_length, extra, 0, 0, 0, _MODE, _LIMIT32)
        record = _CENTRAL.pack(b"PK\1\2", _UNIX | _PLAIN, *fields)
        if self._is_far:
            return (record, *self._name(), _EXTRA64.pack(1, 8, 0)[:4], Slot("place", (8,), 8))
        return (record[:-4], Slot("place", (4,), 4), *self._name())

    def _end(self) -> bytes:
        """The end of the directory, before it the same in zip64 where needed (sections 4.3.14 to 4.3.16)."""
        count, length, at = len(self), len(self) * self._entry, self._directory
        plain = [min(count, _LIMIT16)] * 2 + [min(length, _LIMIT32), min(at, _LIMIT32)]
        end = _END.pack(b"PK\5\6", 0, 0, *plain, 0)
        if not self._is_zip64:
            return end
        size = _END64.size - 12  # without its signature and this number
        record = _END64.pack(b"PK\6\6", size, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, length, at)
        return record + _LOCATOR.pack(b"PK\6\7", 0, at + length, 1) + end


@dataclass(frozen=True, slots=True)
class Members:
    """The members of an archive: `stencil` lays down header and content, of which the last bytes are the weight's."""

    archive: Archive
    stencil: Stencil
    weight: Counterweight
    _header: int

    @classmethod
    def of(cls, job: Job, suffix: str, content: Sequence[bytes | Slot], weight: Counterweight) -> Members:
        """An archive of a job's labels; `content` is a member's up to the counterweight."""
        parts = [*content, weight.blank]
        archive = Archive(job.series.batch, job.first, job.last, suffix, len(Stencil.of(parts)))
        header = archive.header()
        return cls(archive, Stencil.of([*header, *parts]), weight, len(Stencil.of(header)))

    def filled(self, strip: Strip, sources: Mapping[Slot, Source]) -> bytes:
        """The members of a strip."""
        content = bytearray(self.stencil.filled(strip, sources))
        view, each, weight = memoryview(content), len(self.stencil), self.weight
        for at in range(0, len(content), each):
            end = at + each - len(weight)
            view[end : at + each] = weight.after(zlib.crc32(view[at + self._header : end]))
        return bytes(content)


def check_strip(job: Job, strip: Strip) -> None:
    """Raise `PrintError` for labels of another job."""
    last = strip.first + len(strip) - 1
    if strip.series != job.series or not job.first <= strip.first <= last <= job.last:
        raise PrintError(
            f"expected labels {job.first} to {job.last} of {job.series.head}, "
            f"got {strip.first} to {last} of {strip.series.head}"
        )


def check_count(job: Job, most: int) -> None:
    """Raise `PrintError` for a job without labels, or with more than an archive holds."""
    if len(job) < 1:
        raise PrintError(f"expected a first label up to the last, got {job.first} to {job.last}")
    if len(job) > most:
        raise PrintError(
            f"expected at most {most:,} labels in one archive, got {len(job):,}: write volumes with --volume {most}"
        )


def folder_note(series: Series, suffix: str) -> str:
    """How its members are called."""
    return f"Each label is a file named by its serial: {series.batch:08d}00000000.{suffix} is the batch's first."
