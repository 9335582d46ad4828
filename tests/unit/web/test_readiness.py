"""Readiness is answered in time, and asks the registry one question at a time."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from support.together import in_threads

from traceqr.errors import RegistryUnavailable, TraceqrError
from traceqr.web import readiness
from traceqr.web.readiness import Readiness


class Asked:
    """A verifier that answers when it is let."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.let = threading.Event()
        self.error = error

    def ready(self) -> None:
        self.times += 1
        self.let.wait(30)
        if self.error:
            raise self.error


def made(asked: Any) -> Readiness:
    return Readiness(asked)


def outcome(ready: Readiness) -> str:
    try:
        ready.require()
    except TraceqrError as error:
        return str(error)
    return "ready"


def test_a_registry_that_says_nothing_counts_as_away_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.05)
    asked = Asked()
    ready = made(asked)
    said = [*in_threads([lambda: outcome(ready)] * 4), outcome(ready)]
    assert said == ["expected an answer of the registry within 0.05 s, got none"] * 5
    assert asked.times == 1
    asked.let.set()


def test_after_an_answer_it_is_asked_anew() -> None:
    asked = Asked()
    asked.let.set()
    ready = made(asked)
    assert [outcome(ready) for _ in range(3)] == ["ready"] * 3
    assert asked.times == 3


@pytest.mark.parametrize("error", [RegistryUnavailable("away"), TraceqrError("a key cannot be read")])
def test_a_fault_is_told_to_all(error: TraceqrError) -> None:
    asked = Asked(error)
    asked.let.set()
    assert outcome(made(asked)) == str(error)


def test_what_nobody_foresaw_is_not_hidden() -> None:
    asked = Asked(KeyError("x"))
    asked.let.set()
    with pytest.raises(KeyError):
        made(asked).require()
