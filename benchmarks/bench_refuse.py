"""Refusing hostile texts, median and worst, beside a raw Ed25519 verification: no text is dear to refuse."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from measure import ORIGIN, Bench, bench, table

from traceqr import exporting, issuing
from traceqr.demo.catalogue import ITEMS
from traceqr.instant import system_clock
from traceqr.label.seal import message
from traceqr.verifying import Verifier

ROUNDS = 500
GOAL_MS = 10


def times_ms(work: Callable[[], object]) -> list[float]:
    """Milliseconds of each round."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def hostile(text: str) -> dict[str, list[str]]:
    """Texts by kind, made of the text of a good label."""
    path, _, seal = text.partition("?s=")
    altered = [seal[:at] + str((int(seal[at]) + 1) % 10) + seal[at + 1 :] for at in range(len(seal) - 100, len(seal))]
    return {
        "1 MB of text": [text + "x" * 1_000_000, "9" * 1_000_000, "HTTP://" + "/" * 1_000_000],
        "64 KB of parameters": [f"{text}{'&a=b' * 16_384}", f"{path}?{'s=1&' * 16_384}", f"{text}{'&' * 65_536}"],
        "look-alike digits": [
            text.translate({ord("0") + digit: start + digit for digit in range(10)})
            for start in (0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE)
        ],
        "a broken seal": [f"{path}?s={broken}" for broken in altered],
    }


def sides(here: Bench) -> tuple[Verifier, str, Callable[[], None]]:
    """A verifier that has read its registry, a good label, and its raw verification."""
    batch = issuing.issue(here.desk, issuing.Order(ITEMS[0].gtin, 1_000, ORIGIN, pledge=4, active=True))
    private = here.private(batch)
    label = exporting.series(batch).strip(private, 0, 0).label(0)
    verifier = Verifier(here.database, {ORIGIN.host}, system_clock)
    assert verifier.verify(str(label)).code == "genuine"
    public, signature = private.public_key(), label.seal.signature
    signed = message(label.seal.key, label.seal.pledge, label.gtin, label.serial)
    return verifier, str(label), lambda: public.verify(signature, signed)


def main() -> None:
    with bench() as here:
        verifier, text, raw = sides(here)
        rows = [("raw Ed25519 verify", _row(times_ms(raw)))]
        worst = 0.0
        for kind, texts in hostile(text).items():
            assert {str(verifier.verify(each).code) for each in texts} == {"forged"}, kind
            turn = iter(texts * ROUNDS)
            taken = times_ms(lambda turn=turn: verifier.verify(next(turn)))  # type: ignore[misc]
            rows.append((kind, _row(taken)))
            worst = max(worst, *taken)
        rows.append(("worst of all", f"{worst:.3f} ms (goal under {GOAL_MS} ms)"))
        table("Refusing hostile texts, no HTTP", rows)


def _row(taken: list[float]) -> str:
    return f"median {statistics.median(taken):.3f} ms, worst {max(taken):.3f} ms"


if __name__ == "__main__":
    main()
