"""Labels in volumes: a folder with files of so many labels each, and the manifest that a print house checks them by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from traceqr import exporting
from traceqr.cli.house import House
from traceqr.cli.meter import Meter
from traceqr.cli.output import OutputError, opened, require_room
from traceqr.cli.ready import Ready
from traceqr.cli.showing import plain
from traceqr.exporting import Asked, Export
from traceqr.printing import volumes
from traceqr.printing.volumes import Manifest, Volume, Written
from traceqr.producing import Work, produce


def write_volumes(house: House, ready: Ready, asked: Asked, folder: Path, count: int, jobs: int, resume: bool) -> None:
    """Write all volumes, and then the manifest. One export: its digest is that of the manifest, which has theirs.

    What ends the work early leaves nothing of it, or with `resume` the volumes that are whole, to go on after them.
    """
    plan = ready.plan
    planned = volumes.plan(plan.batch.number, plan.first, plan.last, ready.form.suffix, count)
    there = _there(ready, planned, folder, resume)
    _make_room(ready, planned, folder, sum(volume.bytes for volume in there))
    written = list(there)
    with (
        ready.told(),
        _undone(folder, [] if resume else planned),
        Meter(f"batch {plan.batch.number}", "labels") as meter,
    ):
        made = _begun(house, ready, asked, planned, len(there))
        for volume in planned[len(there) :]:
            written.append(_volume(ready, volume, folder, jobs, meter))
        manifest = Manifest(plan.batch.number, plan.batch.gtin, ready.name, _plain(asked), tuple(written))
        content = manifest.to_json()
        with opened(folder / manifest.name) as file:
            file.write(content)
    digest = hashlib.sha256(content).hexdigest()
    exporting.finish(house.desk, made, digest, sum(volume.bytes for volume in written) + len(content))
    _say_done(ready, planned, folder, manifest.name, digest)


def _begun(house: House, ready: Ready, asked: Asked, planned: tuple[Volume, ...], whole: int) -> Export:
    if not whole:
        return exporting.export(house.desk, ready.plan, asked)
    start = planned[whole - 1].last + 1
    click.echo(f"going on after {whole:,} whole volumes, at label {start:,}", err=True)
    return exporting.resume(house.desk, ready.plan, asked, start)


def _there(ready: Ready, planned: tuple[Volume, ...], folder: Path, resume: bool) -> list[Written]:
    """The volumes that are whole already, from the first on. Raises `OutputError` for those that nobody asked for."""
    found = [volume for volume in planned if (folder / volume.name).exists()]
    if found and not resume:
        raise OutputError(f"expected none of the volumes in {folder}, found {found[0].name}: go on with --resume")
    if found != list(planned[: len(found)]):
        raise OutputError(f"expected the volumes in {folder} from the first on without a gap, found {found[-1].name}")
    return [_measured(ready, volume, folder / volume.name) for volume in found]


def _measured(ready: Ready, volume: Volume, path: Path) -> Written:
    size = path.stat().st_size
    _, form = ready.part(volume.first, volume.last)
    if form.size is not None and size != form.size:
        raise OutputError(f"expected {path} to have {form.size:,} bytes, got {size:,}: remove it, and go on")
    with path.open("rb") as file:
        return Written.of(volume, size, hashlib.file_digest(file, "sha256").hexdigest())


def _volume(ready: Ready, volume: Volume, folder: Path, jobs: int, meter: Meter) -> Written:
    job, form = ready.part(volume.first, volume.last)
    before, total = volume.first - ready.plan.first, len(ready.plan)
    with opened(folder / volume.name) as file:
        work = Work.of(form, job, jobs)
        made = produce(work, ready.private, file, jobs, None, lambda done, _: meter(before + done, total))
    return Written.of(volume, made.size, made.digest)


@contextmanager
def _undone(folder: Path, planned: tuple[Volume, ...] | list[Volume]) -> Iterator[None]:
    """Removes volumes again when what should follow them does not come. None of them was there before."""
    try:
        yield
    except BaseException:
        for volume in planned:
            (folder / volume.name).unlink(missing_ok=True)
        raise


def _make_room(ready: Ready, planned: tuple[Volume, ...], folder: Path, there: int) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error
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
