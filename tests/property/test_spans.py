"""Spans against a naive model that keeps the state of every label of a small batch by itself."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.world import ENGINES, World, gtin, new_world

from traceqr import activating, keying, recalling
from traceqr.acting import ActRefused
from traceqr.activating import Range
from traceqr.registry import dossiers, spans
from traceqr.registry.spans import Span
from traceqr.verdict import Life, State

COUNT = 40
BATCHES = (1, 2)

indexes = st.integers(0, COUNT - 1)
ranges = st.tuples(indexes, indexes).map(lambda pair: (min(pair), max(pair)))
kinds = st.sampled_from(recalling.KINDS)


@dataclass(frozen=True)
class Open:
    """A notice as the model keeps it: over labels of one batch, or over the product when `batch` is None."""

    kind: str
    batch: int | None
    first: int = 0
    last: int = 0

    def covers(self, batch: int, index: int) -> bool:
        return self.batch is None or (self.batch == batch and self.first <= index <= self.last)


class Labels(RuleBasedStateMachine):
    """Two batches of one product, and everything that can happen to their labels, in any order."""

    engine = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.held = ExitStack()
        folder = self.held.enter_context(tempfile.TemporaryDirectory(prefix="traceqr-spans-"))
        self.world = self.held.enter_context(new_world(self.engine, Path(folder))).furnish()
        self.life: dict[tuple[int, int], str] = {}
        self.open: dict[str, Open] = {}

    def teardown(self) -> None:
        self.held.close()

    @initialize(active=st.tuples(st.booleans(), st.booleans()))
    def issue(self, active: tuple[bool, bool]) -> None:
        for number, sold in zip(BATCHES, active, strict=True):
            assert self.world.issue(COUNT, active=sold).number == number
            self.life.update({(number, index): "active" if sold else "issued" for index in range(COUNT)})

    def _changed(self, batch: int, labels: tuple[int, int], sources: set[str], life: str) -> int:
        reached = [(batch, i) for i in range(labels[0], labels[1] + 1) if self.life[batch, i] in sources]
        self.life.update(dict.fromkeys(reached, life))
        return len(reached)

    @rule(batch=st.sampled_from(BATCHES), labels=ranges)
    def activate(self, batch: int, labels: tuple[int, int]) -> None:
        expected = self._changed(batch, labels, {"issued"}, "active")
        with pytest.raises(ActRefused) if not expected else contextlib.nullcontext():
            assert activating.activate(self.world.desk, Range(batch, *labels), "r").labels == expected

    @rule(batch=st.sampled_from(BATCHES), labels=ranges)
    def void(self, batch: int, labels: tuple[int, int]) -> None:
        expected = self._changed(batch, labels, {"issued", "active"}, "void")
        with pytest.raises(ActRefused) if not expected else contextlib.nullcontext():
            assert activating.void(self.world.desk, Range(batch, *labels), "r").labels == expected

    @rule(kind=kinds, batch=st.sampled_from(BATCHES), labels=ranges)
    def open_on_batch(self, kind: str, batch: int, labels: tuple[int, int]) -> None:
        notice = recalling.open_on_batch(self.world.desk, kind, Range(batch, *labels), "r")
        self.open[notice.id] = Open(kind, batch, *labels)

    @rule(kind=kinds)
    def open_on_product(self, kind: str) -> None:
        notice = recalling.open_on_product(self.world.desk, kind, gtin(), "r")
        self.open[notice.id] = Open(kind, None)

    @rule(choice=st.randoms(use_true_random=False))
    def lift(self, choice: object) -> None:
        if self.open:
            notice = choice.choice(sorted(self.open))  # type: ignore[attr-defined]
            recalling.lift(self.world.desk, notice, "r")
            del self.open[notice]
            with pytest.raises(ActRefused):
                recalling.lift(self.world.desk, notice, "r")

    @rule()
    def lift_everything(self) -> None:
        for notice in self.open:
            recalling.lift(self.world.desk, notice, "r")
        self.open.clear()

    @invariant()
    def the_state_of_every_label_is_that_of_the_model(self) -> None:
        with self.world.database.snapshot() as reader:
            for (batch, index), life in self.life.items():
                covering = {notice.kind for notice in self.open.values() if notice.covers(batch, index)}
                standing = dossiers.standing(reader, batch, index)
                assert standing is not None
                assert standing.facts.state == State(Life(life), "hold" in covering, "recall" in covering)

    @invariant()
    def spans_are_whole_disjoint_and_merged(self) -> None:
        if not self.life:
            return
        with self.world.database.snapshot() as reader:
            for batch in BATCHES:
                check_whole(spans.of_batch(reader, batch))


def check_whole(found: list[Span]) -> None:
    """Together they are 0 to COUNT - 1, none overlaps, and no two neighbours are alike."""
    assert found[0].first == 0
    assert found[-1].last == COUNT - 1
    for span, after in itertools.pairwise(found):
        assert span.first <= span.last
        assert after.first == span.last + 1
        assert replace(span, first=after.first, last=after.last) != after


TestLabels = Labels.TestCase
TestLabels.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


class LabelsOnAServer(Labels):
    """The same; fewer examples, since each label is asked for by itself over a connection."""

    engine = "postgres"


TestLabelsOnAServer = LabelsOnAServer.TestCase
TestLabelsOnAServer.settings = settings(TestLabels.settings, max_examples=8)


@pytest.fixture(scope="module", params=ENGINES)
def module_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_world(request.param, tmp_path_factory.mktemp("spans")) as made:
        yield made.furnish()


changes = st.tuples(ranges, st.sampled_from(["issued", "active", "void"]), st.integers(-1, 1), st.integers(-1, 1))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(changes, max_size=25))
def test_any_change_of_any_range(module_world: World, steps: list[tuple[tuple[int, int], str, int, int]]) -> None:
    """`spans.change` alone, with changes that no use case makes, label by label."""

    class Undo(Exception):
        pass

    if not module_world.rows("SELECT number FROM batch"):
        module_world.issue(COUNT)
    model = [Span(0, 0, "active", 0)] * COUNT
    with contextlib.suppress(Undo), module_world.database.transaction() as tx:
        tx.execute("UPDATE span SET life_position = 0")
        for (first, last), life, holds, recalls in steps:

            def how(span: Span, life: str = life, holds: int = holds, recalls: int = recalls) -> Span:
                return replace(
                    span, life=life, holds=max(0, span.holds + holds), recalls=max(0, span.recalls + recalls)
                )

            changed = spans.change(tx, 1, first, last, how)
            new = [how(label) if first <= index <= last else label for index, label in enumerate(model)]
            assert changed == sum(a != b for a, b in zip(model, new, strict=True))
            model = new
            found = spans.of_batch(tx, 1)
            check_whole(found)
            spread = [replace(span, first=0, last=0) for span in found for _ in range(len(span))]
            assert spread == model
            assert spans.within(tx, 1, first, last) == [s for s in found if s.first <= last and s.last >= first]
        raise Undo


def test_acts_repeated_do_not_add_spans(world: World) -> None:
    """Hold and lift a hundred times over shifting ranges: what is left is one span."""
    world.furnish().issue(COUNT)
    for at in range(100):
        notice = recalling.open_on_batch(world.desk, "hold", Range(1, at % 30, at % 30 + 7), "r")
        assert world.one("SELECT COUNT(*) AS spans FROM span")["spans"] in (2, 3)
        recalling.lift(world.desk, notice.id, "r")
    assert world.rows("SELECT first, last, holds FROM span") == [{"first": 0, "last": COUNT - 1, "holds": 0}]


def test_a_compromise_voids_what_is_not_activated_under_whatever_lies_over_it(world: World) -> None:
    world.furnish().issue(COUNT, active=False)
    activating.activate(world.desk, Range(1, 10, 19), "r")
    activating.void(world.desk, Range(1, 15, 24), "r")
    notice = recalling.open_on_batch(world.desk, "recall", Range(1, 5, 29), "r")
    assert keying.compromise(world.desk, 1, "stolen") == 10 + 15
    recalling.lift(world.desk, notice.id, "r")
    with world.database.snapshot() as reader:
        found = spans.of_batch(reader, 1)
        check_whole(found)
        lives = "".join(span.life[0] * len(span) for span in found)
    assert lives == "v" * 10 + "a" * 5 + "v" * 25
