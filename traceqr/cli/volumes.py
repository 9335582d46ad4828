"""Labels in volumes: a folder with files of so many labels each, and the manifest that a print house checks them by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from traceqr import exporting
from traceqr.cli.house import House
from traceqr.cli.marks import Marks, held
from traceqr.cli.meter import Meter
from traceqr.cli.output import OutputError, opened, require_room
from traceqr.cli.ready import Ready
from traceqr.cli.showing import plain
from traceqr.exporting import Asked, Export
from traceqr.printing import volumes
from traceqr.printing.volumes import Manifest, Volume, Written
from traceqr.producing import Mark, Work, produce


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What is to be written, and where."""

    house: House
    ready: Ready
    asked: Asked
    folder: Path
    planned: tuple[Volume, ...]
    jobs: int
    resume: bool


def write_volumes(house: House, ready: Ready, asked: Asked, folder: Path, count: int, jobs: int, resume: bool) -> None:
    """Write all volumes, and then the manifest. One export: its digest is that of the manifest, which has theirs.

    What ends the work early leaves nothing of it, or with `resume` the volumes that are whole, to go on after them.
    """
    plan = ready.plan
    planned = volumes.plan(plan.batch.number, plan.first, plan.last, ready.form.suffix, count)
    _make_folder(folder)
    name = volumes.manifest_name(plan.batch.number, plan.first, plan.last, ready.form.suffix)
    with held(folder / f".{name}.marks", ready.identity) as marks:
        there = _there(planned, folder, marks, resume)
        _require_room(ready, planned, folder, sum(volume.bytes for volume in there))
        made, manifest = _written(_Delivery(house, ready, asked, folder, planned, jobs, resume), there, marks)
        content = manifest.to_json()
        with opened(folder / manifest.name) as file:
            file.write(content)
        digest = hashlib.sha256(content).hexdigest()
        exporting.finish(house.desk, made, digest, sum(volume.bytes for volume in manifest.volumes) + len(content))
        marks.remove()  # until here `--resume` finds all of it
    _say_done(ready, planned, folder, manifest.name, digest)


def _written(what: _Delivery, there: list[Written], marks: Marks) -> tuple[Export, Manifest]:
    ready, written, batch = what.ready, list(there), what.ready.plan.batch
    with ready.told(), Meter(f"batch {batch.number}", "labels") as meter, _undone(what, marks):
        made = _begun(what, len(there))
        marks.begin(len(there))
        for volume in what.planned[len(there) :]:
            written.append(_volume(what, volume, meter))
            marks.add(_mark(written[-1]))
        return made, Manifest(batch.number, batch.gtin, ready.name, _plain(what.asked), tuple(written))


def _mark(volume: Written) -> Mark:
    """A volume that is whole."""
    return Mark(volume.bytes, volume.last + 1, volume.sha256)


def _begun(what: _Delivery, whole: int) -> Export:
    desk, plan = what.house.desk, what.ready.plan
    if not whole:
        return exporting.export(desk, plan, what.asked)
    start = what.planned[whole - 1].last + 1
    click.echo(f"going on after {whole:,} whole volumes, at label {start:,}", err=True)
    return exporting.resume(desk, plan, what.asked, start)


def _there(planned: tuple[Volume, ...], folder: Path, marks: Marks, resume: bool) -> list[Written]:
    """The volumes that are whole already, from the first on, each as it was written; those after them are made again.
    Raises `OutputError` for those that nobody asked for, and for what was changed.
    """
    found = next((volume.name for volume in planned if (folder / volume.name).exists()), None)
    known = marks.read()
    if not resume and (found or known):
        advice = "go on with --resume" if known else "choose another folder"
        raise OutputError(f"expected none of the volumes in {folder}, found {found or 'the record of some'}: {advice}")
    whole: list[Written] = []
    for volume, mark in zip(planned, known, strict=False):
        path = folder / volume.name
        if mark.start != volume.last + 1 or not path.exists():
            break
        whole.append(_as_noted(volume, mark, path))
    return whole


def _as_noted(volume: Volume, mark: Mark, path: Path) -> Written:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    written = Written.of(volume, path.stat().st_size, digest)
    if _mark(written) != mark:
        raise OutputError(
            f"expected {path} as it was written, it was changed: remove it and the volumes after it, and go on"
        )
    return written


def _volume(what: _Delivery, volume: Volume, meter: Meter) -> Written:
    ready = what.ready
    job, form = ready.part(volume.first, volume.last)
    before, total = volume.first - ready.plan.first, len(ready.plan)
    with opened(what.folder / volume.name) as file:
        work = Work.of(form, job, what.jobs)
        made = produce(work, ready.private, file, what.jobs, None, lambda done, _: meter(before + done, total))
    return Written.of(volume, made.size, made.digest)


@contextmanager
def _undone(what: _Delivery, marks: Marks) -> Iterator[None]:
    """Removes volumes when what should follow them does not come, unless it may come later. None was there before."""
    try:
        yield
    except BaseException:
        if not what.resume:
            for volume in what.planned:
                (what.folder / volume.name).unlink(missing_ok=True)
            marks.begin(0)
        raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error


def _require_room(ready: Ready, planned: tuple[Volume, ...], folder: Path, there: int) -> None:
    # All volumes but the last are like the first.
    _, last = ready.part(planned[-1].first, planned[-1].last)
    if ready.form.size is not None and last.size is not None:
        require_room(folder / "volume", ready.form.size * (len(planned) - 1) + last.size - there)


def _plain(asked: Asked) -> dict[str, str | int | bool]:
    return {**asked.options, "with_hidden": True} if asked.content == "both" else dict(asked.options)


def _say_done(ready: Ready, planned: tuple[Volume, ...], folder: Path, manifest: str, digest: str) -> None:
    files = "1 volume" if len(planned) == 1 else f"{len(planned):,} volumes"
    labels = "1 label" if len(ready.plan) == 1 else f"{len(ready.plan):,} labels"
    click.echo(f"{labels} of batch {ready.plan.batch.number} written to {plain(folder)}: {files}, {manifest}", err=True)
    click.echo(f"SHA-256 {digest} (of the manifest)", err=True)
