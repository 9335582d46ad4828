"""The guard's answers: the registry says which root serves a label, the counters whether it may be judged now."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from traceqr.entering import Entry, Judgement
from traceqr.errors import TraceqrError
from traceqr.guard.counters import Counters
from traceqr.guard.frames import parse_request, to_answer
from traceqr.keying import KeyFolder
from traceqr.label import keyfiles
from traceqr.label.hidden import HiddenRoot
from traceqr.label.keyfiles import KeyFileError
from traceqr.label.keyring import Role
from traceqr.registry import batches, hidden_roots
from traceqr.registry.database import Store
from traceqr.registry.hidden_roots import RootRecord
from traceqr.wire.frames import spoken
from traceqr.wire.serving import FAILED, Answer, Say

_MOST_BATCHES = 10_000
"""Batches that are remembered; beyond that all are asked for anew."""


class NoCode(TraceqrError):
    """The label has no hidden code."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What never changes of a batch."""

    count: int
    root: HiddenRoot


class Roots:
    """The hidden roots that are open, by number. Each is read once; one that was made meanwhile, when it is needed."""

    def __init__(self, folder: KeyFolder) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._open: dict[int, HiddenRoot] = {}

    def of(self, record: RootRecord) -> HiddenRoot:
        """The root of a record. Raises `KeyFileError`."""
        with self._guard:
            if record.number not in self._open:
                folder = self._folder
                self._open[record.number] = keyfiles.read_hidden(
                    folder.path, record.number, record.commitment, folder.passphrase
                )
            return self._open[record.number]

    def open_all(self, records: list[RootRecord]) -> list[int]:
        """Open those that lie here; gives their numbers. Raises `KeyFileError`, also where none does."""
        for record in records:
            if keyfiles.exists(self._folder.path, record.number, Role.HIDDEN):
                self.of(record)
        if not self._open:
            raise KeyFileError(
                f"expected a hidden root in {self._folder.path}, found none; run: traceqr keys new --role hidden"
            )
        return sorted(self._open)


class Judge:
    """Says of entries whether they are right. Safe to share between threads."""

    def __init__(self, database: Store, folder: KeyFolder, counters: Counters, say: Say) -> None:
        self._database = database
        self._roots = Roots(folder)
        self._counters = counters
        self._say = say
        self._batches: dict[int, _Batch] = {}

    def open_roots(self) -> list[int]:
        """Open all hidden roots that lie here; gives their numbers. Raises `KeyFileError`, in words."""
        with self._database.snapshot() as reader:
            return self._roots.open_all(hidden_roots.everything(reader))

    def reply(self, content: bytes) -> Answer:
        """The answer to a request as it came. Raises `FrameError` for what is none; what else goes wrong is an answer
        too, and says nothing of the code.
        """
        entry = parse_request(content)
        try:
            return to_answer(self.judged(entry))
        except NoCode as error:
            return FAILED, spoken("no-code", str(error))
        except TraceqrError as error:
            self._say("entry-failed", batch=entry.serial.batch, kind=type(error).__name__, words=str(error))
            return FAILED, spoken("failed", str(error))
        except Exception as error:  # a fault of ours ends this request, not the guard
            self._say("entry-failed", batch=entry.serial.batch, kind=type(error).__name__)
            return FAILED, spoken("failed", "a fault of the guard; its log says more")

    def judged(self, entry: Entry) -> Judgement:
        """Right, wrong or wait. Raises `NoCode` for a label without a code, and other `TraceqrError`."""
        batch = self._batch(entry.serial.batch)
        if entry.serial.index >= batch.count:
            raise NoCode(f"batch {entry.serial.batch}: expected a label of {batch.count}, got {entry.serial.index}")
        # Two codes are compared in constant time, see `HiddenCode`.
        return self._counters.judged(entry, lambda: batch.root.code(entry.serial) == entry.code)

    def _batch(self, number: int) -> _Batch:
        """Once known it is known without the registry."""
        known = self._batches.get(number)
        if known is not None:
            return known
        with self._database.snapshot() as reader:
            batch, record = batches.by_number(reader, number), hidden_roots.of_batch(reader, number)
        if batch is None or record is None:
            raise NoCode(f"batch {number}: expected one with hidden codes, found none")
        if len(self._batches) >= _MOST_BATCHES:
            self._batches.clear()
        known = self._batches[number] = _Batch(batch.label_count, self._roots.of(record))
        return known
