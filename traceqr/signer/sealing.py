"""The signer's answers: each request is judged by the registry before a key is touched."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceqr import exporting
from traceqr.acting import ActRefused, Desk
from traceqr.errors import TraceqrError
from traceqr.keying import KeyFolder
from traceqr.label.keyfiles import KeyFileError, private_path
from traceqr.label.keyring import PublicKey, Role
from traceqr.registry import keys
from traceqr.signer.frames import DONE, FAILED, REFUSED, FinishRequest, SealRequest, parse_request
from traceqr.signer.granting import Grant, NotGranted, grant
from traceqr.wire.frames import spoken
from traceqr.wire.serving import Answer, Say

MOST_PASSES = 8
"""Times that the labels of one link are sealed at most: once, and for downloads that break off, or come in small parts,
at the edges of which labels are sealed again.
"""

_EDGES = MOST_PASSES * 1_024
"""Labels that may be sealed besides: of a small file each part needs all."""

_MOST_EXPORTS = 10_000
"""Exports whose labels are counted; beyond that the oldest is forgotten."""


class Keys:
    """The private keys that are open, by number. Each is read once; one that was made meanwhile, when it is needed."""

    def __init__(self, folder: KeyFolder) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._open: dict[int, Ed25519PrivateKey] = {}

    def of(self, key: PublicKey) -> Ed25519PrivateKey:
        """The private part of a key. Raises `KeyFileError`."""
        with self._guard:
            if key.number not in self._open:
                self._open[key.number] = self._folder.private(key)
            return self._open[key.number]

    def open_all(self, found: list[PublicKey]) -> list[int]:
        """Open those that lie here; gives their numbers. Raises `KeyFileError`, also where none does."""
        for key in found:
            if private_path(self._folder.path, key).exists():
                self.of(key)
        if not self._open:
            raise KeyFileError(f"expected a label key that may print in {self._folder.path}, found none")
        return sorted(self._open)

    def keep_only(self, numbers: set[int]) -> None:
        """Forget all others: they were retired from printing since they were opened."""
        with self._guard:
            for number in self._open.keys() - numbers:
                del self._open[number]


class Passes:
    """How many labels of each export were sealed since the signer started: a link is for one file, and for going on
    with it where the line broke, not for copies.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._sealed: dict[str, int] = {}

    def take(self, export: str, count: int, labels: int) -> None:
        """Count `count` labels of an export of so many. Raises `NotGranted` past what `MOST_PASSES` allows."""
        with self._guard:
            sealed = self._sealed.get(export, 0) + count
            if sealed > MOST_PASSES * labels + _EDGES:
                raise NotGranted(
                    "export-spent",
                    f"expected the labels of export {export} to be sealed some {MOST_PASSES} times at most, more is"
                    " asked for: make another link, for which the ledger keeps a reason",
                )
            self._sealed[export] = sealed
            if len(self._sealed) > _MOST_EXPORTS:
                del self._sealed[next(iter(self._sealed))]


class Signer:
    """Seals labels of exports that are on the ledger. Safe to share between threads."""

    def __init__(self, desk: Desk, folder: KeyFolder, say: Say) -> None:
        self._desk = desk
        self._keys = Keys(folder)
        self._passes = Passes()
        self._say = say

    def open_keys(self) -> list[int]:
        """Open all label keys that may print now; gives their numbers. Raises `KeyFileError`, in words."""
        return self._keys.open_all(self._printable())

    def reply(self, content: bytes) -> Answer:
        """The answer to a request as it came. Raises `FrameError` for what is none."""
        return self.answer(parse_request(content))

    def answer(self, request: SealRequest | FinishRequest) -> Answer:
        """Never raises: what goes wrong is an answer too."""
        work: Callable[[], bytes] = (
            (lambda: self._sealed(request)) if isinstance(request, SealRequest) else (lambda: self._finished(request))
        )
        try:
            return DONE, work()
        except NotGranted as error:
            if error.reason == "labels-withdrawn":
                self._forget()
            return self._refused(request, error.reason, str(error))
        except ActRefused as error:
            return self._refused(request, "act-refused", str(error))
        except TraceqrError as error:
            return self._failed(request, error, str(error))
        except Exception as error:  # a fault of ours ends this request, not the signer
            return self._failed(request, error, "a fault of the signer; its log says more")

    def _sealed(self, request: SealRequest) -> bytes:
        plan = self._grant(request.export).plan
        if not plan.first <= request.first <= request.last <= plan.last:
            raise NotGranted(
                "range-outside",
                f"expected labels of {plan.first} to {plan.last}, which export {request.export} has, got"
                f" {request.first} to {request.last}",
            )
        self._passes.take(request.export, request.last - request.first + 1, len(plan))
        return b"".join(plan.series.signatures(self._keys.of(plan.key), request.first, request.last))

    def _finished(self, request: FinishRequest) -> bytes:
        made = self._grant(request.export).export
        exporting.finish(self._desk, made, request.digest, request.size)
        self._say("export-finished", export=made.id, bytes=request.size)
        return b""

    def _grant(self, export: str) -> Grant:
        with self._desk.database.snapshot() as reader:
            return grant(reader, export, self._desk.clock())

    def _printable(self) -> list[PublicKey]:
        with self._desk.database.snapshot() as reader:
            found = keys.keyring(reader).keys.values()
        now = self._desk.clock()
        return [key for key in found if key.role is Role.LABEL and key.may_print(now)]

    def _forget(self) -> None:
        """Of a key that was destroyed or stolen nothing stays in memory."""
        try:
            self._keys.keep_only({key.number for key in self._printable()})
        except TraceqrError as error:
            self._say("keys-unknown", kind=type(error).__name__)

    def _refused(self, request: SealRequest | FinishRequest, reason: str, words: str) -> Answer:
        self._say("request-refused", export=request.export, reason=reason)
        return REFUSED, spoken(reason, words)

    def _failed(self, request: SealRequest | FinishRequest, error: Exception, words: str) -> Answer:
        self._say("request-failed", export=request.export, kind=type(error).__name__, words=str(error))
        return FAILED, spoken("failed", words)
