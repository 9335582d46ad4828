"""A large job in volumes: files of so many labels each, and a manifest by which the print house knows that it has all.

The manifest is canonical JSON (RFC 8785), so the same volumes always give the same manifest, and a digest of it stands
for the whole delivery. It lists for each volume its name, its labels, its bytes and their SHA-256. It proves that files
arrived whole; it is not signed, and says nothing of who made them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import rfc8785

from traceqr.label.serial import MAX_BATCH, MAX_INDEX
from traceqr.printing.format import PrintError

DEFAULT_COUNT = 100_000
"""Labels of a volume: what print houses ask for, 50 to 100 thousand, and below the rows of an older spreadsheet."""

MAX_VOLUMES = 10_000
"""Volumes of a job, so that nobody fills a folder with a file for each label by mistake."""

MAX_MANIFEST = 8 * 1024 * 1024
"""Bytes of a manifest: twice what `MAX_VOLUMES` volumes need."""

MANIFEST_SUFFIX = "manifest.json"

_VERSION = "traceqr.volumes.v1"
_NAME = re.compile(r"batch-[0-9]{8}-labels-[0-9]{8}-[0-9]{8}\.[a-z0-9]{1,8}(\.[a-z0-9]{1,8})?")
_SHA256 = re.compile("[0-9a-f]{64}")

Option = str | int | bool


@dataclass(frozen=True, slots=True)
class Volume:
    """A file of a job: labels `first` to `last`."""

    name: str
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many labels."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Written:
    """A volume that was written: its bytes, and their SHA-256 in hex."""

    name: str
    first: int
    last: int
    count: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, volume: Volume, size: int, sha256: str) -> Self:
        """A planned volume with what became of it."""
        return cls(volume.name, volume.first, volume.last, volume.count, size, sha256)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a delivery consists of. `options` are those of the format, such as its columns, in plain values."""

    batch: int
    gtin: str
    format: str
    options: Mapping[str, Option]
    volumes: tuple[Written, ...]

    def __post_init__(self) -> None:
        _check(self)

    @property
    def name(self) -> str:
        """Of its file: as that of a volume of all labels, with `.manifest.json` behind it."""
        suffix = self.volumes[0].name.partition(".")[2]
        return manifest_name(self.batch, self.volumes[0].first, self.volumes[-1].last, suffix)

    def to_json(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return rfc8785.dumps(
            {
                "version": _VERSION,
                "batch": self.batch,
                "gtin": self.gtin,
                "format": self.format,
                "options": dict(self.options),
                "first": self.volumes[0].first,
                "last": self.volumes[-1].last,
                "count": sum(volume.count for volume in self.volumes),
                "volumes": [asdict(volume) for volume in self.volumes],
            }
        )

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Strict: what `to_json` wrote, to the byte. Raises `PrintError`."""
        if len(content) > MAX_MANIFEST:
            raise PrintError(f"expected a manifest of at most {MAX_MANIFEST:,} bytes, got {len(content):,}")
        try:
            values: Any = json.loads(content)
            volumes = tuple(Written(**volume) for volume in values["volumes"])
            manifest = cls(values["batch"], values["gtin"], values["format"], values["options"], volumes)
            written = manifest.to_json()
        # Whatever a file from outside holds, it ends here: values of other kinds fail in many ways.
        except (
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
            rfc8785.CanonicalizationError,
        ) as error:
            raise PrintError(f"expected a manifest of version {_VERSION}, got other content") from error
        if written != content:
            raise PrintError("expected a manifest as it was written, got one that was changed")
        return manifest


def file_name(batch: int, first: int, last: int, suffix: str) -> str:
    """`batch-00000001-labels-00000000-00099999.csv`: sorts by batch and label, and says what is in it."""
    return f"batch-{batch:08d}-labels-{first:08d}-{last:08d}.{suffix}"


def manifest_name(batch: int, first: int, last: int, suffix: str) -> str:
    """`batch-00000001-labels-00000000-00099999.csv.manifest.json`: deliveries in two formats are told apart."""
    return file_name(batch, first, last, f"{suffix}.{MANIFEST_SUFFIX}")


def plan(batch: int, first: int, last: int, suffix: str, count: int = DEFAULT_COUNT) -> tuple[Volume, ...]:
    """Labels `first` to `last` in volumes of `count`, the last with what is left.

    Raises `PrintError` for a range without labels, and for more than `MAX_VOLUMES` volumes.
    """
    if not 1 <= batch <= MAX_BATCH or not 0 <= first <= last <= MAX_INDEX:
        raise PrintError(f"expected labels of a batch, from the first up to the last, got {first} to {last} of {batch}")
    if count < 1:
        raise PrintError(f"expected volumes of one label at least, got {count}")
    volumes = -(-(last - first + 1) // count)
    if volumes > MAX_VOLUMES:
        raise PrintError(f"expected at most {MAX_VOLUMES:,} volumes, got {volumes:,}: choose more labels for each")
    ranges = ((start, min(start + count - 1, last)) for start in range(first, last + 1, count))
    return tuple(Volume(file_name(batch, start, end, suffix), start, end) for start, end in ranges)


def faults(manifest: Manifest, folder: Path) -> tuple[str, ...]:
    """What is wrong with the files of a delivery, one sentence for each that is missing or not as it was; none if good.

    Reads each file once, a megabyte at a time.
    """
    found = (_fault(volume, folder / volume.name) for volume in manifest.volumes)
    return tuple(fault for fault in found if fault)


def _fault(volume: Written, path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size != volume.bytes:
                return f"{volume.name}: expected {volume.bytes:,} bytes, got {size:,}"
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return f"{volume.name}: expected in the folder, not found"
    except OSError as error:
        return f"{volume.name}: expected a readable file, got {error.strerror}"
    return None if digest == volume.sha256 else f"{volume.name}: expected SHA-256 {volume.sha256}, got {digest}"


def _check(manifest: Manifest) -> None:
    """Raise `PrintError` unless the volumes are those of one range, in order, without gap or overlap."""
    _check_kinds(manifest)
    expected = manifest.volumes[0].first
    for volume in manifest.volumes:
        suffix = volume.name.partition(".")[2]
        # The name is made anew and compared: what a manifest from outside names is a file of the folder, never a path.
        named = _NAME.fullmatch(volume.name) and volume.name == file_name(
            manifest.batch, volume.first, volume.last, suffix
        )
        if not named or volume.first != expected or volume.count != volume.last - volume.first + 1:
            raise PrintError(f"expected the volume that begins at label {expected}, got {volume.name!r}")
        if volume.count < 1 or volume.bytes < 0 or not _SHA256.fullmatch(volume.sha256):
            raise PrintError(f"{volume.name}: expected labels, bytes and a SHA-256 in hex, got others")
        expected = volume.last + 1


def _check_kinds(manifest: Manifest) -> None:
    if not 1 <= len(manifest.volumes) <= MAX_VOLUMES:
        raise PrintError(f"expected 1 to {MAX_VOLUMES:,} volumes, got {len(manifest.volumes):,}")
    numbers = [
        manifest.batch,
        *(n for each in manifest.volumes for n in (each.first, each.last, each.count, each.bytes)),
    ]
    # JSON's true is an int to Python.
    if any(type(number) is not int for number in numbers):
        raise PrintError("expected numbers for batch, labels and bytes, got others")
    if any(type(value) not in (str, int, bool) for value in manifest.options.values()):
        raise PrintError("expected options of plain values, got others")
