"""Whether a node can give verdicts, answered soon enough for those who ask every second."""

from __future__ import annotations

import threading

from traceqr.errors import RegistryUnavailable
from traceqr.verifying import Verifier

PATIENCE_S = 1.0
"""A registry that has not answered within so many seconds counts as away."""


class Readiness:
    """One question to the registry is under way at a time, however many ask, and in a thread of its own: so an answer
    takes no longer than the patience, though the registry's own time for giving up is longer.
    """

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._guard = threading.Lock()
        self._question: _Question | None = None

    def require(self) -> None:
        """Raise `TraceqrError`, with the reason, unless labels can be verified now."""
        with self._guard:
            question, new = self._question or _Question(), self._question is None
            self._question = question
        if new:  # outside the guard, which the thread takes as well: where it runs at once, it would wait for ever
            threading.Thread(target=self._ask, args=(question,), name="readiness", daemon=True).start()
        if not question.answered.wait(PATIENCE_S):
            raise RegistryUnavailable(f"expected an answer of the registry within {PATIENCE_S:g} s, got none")
        if question.error is not None:
            raise question.error

    def _ask(self, question: _Question) -> None:
        try:
            self._verifier.ready()
        except Exception as error:  # raised again in every thread that waits for it
            question.error = error
        finally:
            with self._guard:
                self._question = None
            question.answered.set()


class _Question:
    __slots__ = ("answered", "error")

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.error: Exception | None = None
