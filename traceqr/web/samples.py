"""Sample labels that a demonstration shows: one or more for every verdict that can occur."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from traceqr.errors import TraceqrError
from traceqr.label.format import InvalidLabel, Label
from traceqr.symbol.encode import encode
from traceqr.symbol.svg import to_svg
from traceqr.verdict import Code
from traceqr.web import words

MAX_SAMPLES = 100


class SamplesError(TraceqrError):
    """The samples file is missing or not a list of samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A label text, what it shows, and its label if it is one."""

    verdict: Code
    title_zh: str
    title_en: str
    text: str
    label: Label | None
    face: str
    """The key of the words and the emblem that its page will wear."""

    hidden: str = ""
    """The code under its scratch layer, if it has one."""

    @classmethod
    def parse(cls, record: object) -> Sample:
        """From one member of the file. Raises `SamplesError`."""
        if not isinstance(record, dict):
            raise SamplesError(f"expected an object per sample, got {type(record).__name__}")
        try:
            text, verdict = str(record["text"]), Code(record["verdict"])
            label, reason = _label(text)
            titles = str(record["title_zh"]), str(record["title_en"])
            hidden = str(record.get("hidden", ""))
            return cls(verdict, *titles, text, label, words.face(verdict, reason), hidden)
        except (KeyError, ValueError) as error:
            raise SamplesError(f"expected verdict, title_zh, title_en and text in a sample: {error}") from error

    def path_on(self, hosts: frozenset[str]) -> str | None:
        """The label's path if it leads to one of `hosts`."""
        return self.label.path if self.label and self.label.origin.host in hosts else None


def read_samples(path: Path | None) -> tuple[Sample, ...]:
    """The samples of a file, none if there is no file set. Raises `SamplesError`."""
    if path is None:
        return ()
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SamplesError(f"TRACEQR_SAMPLES: expected a JSON file at {path}, got none") from error
    if not isinstance(records, list) or len(records) > MAX_SAMPLES:
        raise SamplesError(f"TRACEQR_SAMPLES: expected a list of at most {MAX_SAMPLES} samples in {path}")
    return tuple(map(Sample.parse, records))


@lru_cache(maxsize=MAX_SAMPLES)
def symbol_svg(label: Label) -> str:
    """The QR symbol of a sample. Made once: the library takes milliseconds for each."""
    return to_svg(encode(label))


def _label(text: str) -> tuple[Label | None, str]:
    """The label, or why the text is none."""
    try:
        return Label.parse(text), ""
    except InvalidLabel as error:
        return None, error.reason
