"""What must be known before the first label is made: the labels, their key, and the form that they are to have."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr import __version__, exporting
from traceqr.activating import Range
from traceqr.cli.house import House
from traceqr.cli.showing import plain
from traceqr.exporting import Asked, Plan
from traceqr.hiding import root_of
from traceqr.printing import formats
from traceqr.printing.format import Format, Job
from traceqr.printing.formats import Codes
from traceqr.producing import Work, sealed
from traceqr.registry.exports import Content


@dataclass(frozen=True, slots=True)
class Ready:
    """Labels that can be made: everything that can be refused before is not."""

    name: str
    options: Mapping[str, Any]
    plan: Plan
    job: Job
    form: Format
    """Of all labels of the job, or of those in the first of several files."""
    private: Ed25519PrivateKey = field(repr=False)
    codes: Codes | None = field(repr=False)

    def asked(self, again: str, volume: int | None = None) -> Asked:
        """What is put on the ledger of it: of a design of one's own the digest, not where the file lies."""
        noted = formats.noted(self.options) | ({"volume": volume} if volume else {})
        return Asked(self.name, noted, Content.BOTH if self.codes else Content.LABELS, again, self.shows_marks)

    @property
    def shows_marks(self) -> bool:
        """Whether the labels bear the artworks of marks."""
        return formats.shows_marks(self.name, self.options)

    @property
    def identity(self) -> str:
        """A digest of what the bytes of the file depend on: the program, the file's head, and what was asked for."""
        codes = self.codes(self.job.first, self.job.first) if self.codes else ()
        form = sorted(formats.noted(self.options).items())
        head = hashlib.sha256(self.form.head()).hexdigest()
        parts = (__version__, self.job, self.name, form, self.form.size, head, self.plan.key.octets, codes)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @contextmanager
    def told(self) -> Iterator[None]:
        """What the one who prints should know is said before, to somebody who watches, or else with what was done."""
        watched = sys.stderr.isatty()
        if watched:
            self._tell()
        yield
        if not watched:
            self._tell()

    def _tell(self) -> None:
        for note in self.form.notes:
            click.echo(plain(note), err=True)
        if formats.blank_code(self.options, self.codes):
            click.echo("The place of the hidden code stays empty. The codes come in a file of their own:", err=True)
            click.echo(f"traceqr batch hidden {self.plan.batch.number}", err=True)

    def work(self, jobs: int) -> Work:
        """The making of the whole file."""
        return Work.of(self.form, self.job, jobs)

    def part(self, first: int, last: int) -> tuple[Job, Format]:
        """The same form of fewer labels."""
        job = Job(self.job.series, first, last, self.job.imprint, self.job.level, self.job.mask)
        return job, formats.make(self.name, job, self.options, self.codes)


def get_ready(
    house: House,
    target: Range,
    name: str,
    options: Mapping[str, Any],
    with_hidden: bool = False,
    most: int | None = None,
) -> Ready:
    """Raises `ActRefused`, `KeyFileError`, `PrintError` and `SymbolError`: nothing is on the ledger yet. Where labels
    are written in several files, or only some of them are made, the form is that of the first `most`.
    """
    formats.check(name, options)
    with house.reading() as reader:
        plan = exporting.plan(reader, target, house.desk.clock())
        number = plan.batch.number
        codes = partial(root_of(reader, house.key_folder, number).codes, number) if with_hidden else None
    private = house.key_folder.private(plan.key)
    mask = formats.mask(name, options, partial(sealed, plan.series, private), plan.batch.label_count)
    job = plan.job(formats.level_of(options), mask)
    shown = job if most is None else replace(job, last=min(job.last, job.first + most - 1))
    return Ready(name, options, plan, job, formats.make(name, shown, options, codes), private, codes)
