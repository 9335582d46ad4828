"""The audit that the other tests rest on finds each thing that it is there for."""

from __future__ import annotations

from collections import Counter

import pytest
from support.audit import recorded, wounds
from support.burst import Burst, Told, require_kept
from support.world import ON_A_FILE, World, viewer

DAMAGE = {
    "a scan is gone": "DELETE FROM scan WHERE device = 'a'",
    "a sighting is gone": "DELETE FROM sighting",
    "a count is wrong": "UPDATE sighting SET times_seen = times_seen + 1",
    "a span is gone": "DELETE FROM span",
    "a span is short": "UPDATE span SET last = last - 1",
    "an entry is gone": "DELETE FROM ledger WHERE position = 3",
    "an entry was changed": "UPDATE ledger SET entry = replace(entry, 'tester', 'nobody') WHERE position = 3",
    "a root was changed": f"UPDATE ledger SET root_hash = '{'0' * 64}' WHERE position = 3",
}


@pytest.fixture
def scanned(furnished: World) -> World:
    """A registry in which two devices have scanned a label."""
    text = furnished.label(furnished.issue(5))
    for device in ("a", "b"):
        furnished.verifier().scan(text, viewer(device))
    assert wounds(furnished.database) == []
    return furnished


@ON_A_FILE
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_found(scanned: World, kind: str) -> None:
    with scanned.database.maintenance() as tx:
        for trigger in ("ledger_no_update", "ledger_no_delete"):
            tx.run_script(f"DROP TRIGGER {trigger};")
        tx.run_script("PRAGMA defer_foreign_keys = ON;")
        assert tx.execute(DAMAGE[kind]) > 0
        if kind == "an entry is gone":  # nothing refers to what is not there, as if it had never been
            tx.execute("DELETE FROM trail WHERE position = 3")
            for table in ("organisation", "enterprise", "gtin_claim", "product_version", "campaign", "pledge_text"):
                tx.execute(f"UPDATE {table} SET position = 2 WHERE position = 3")
    assert wounds(scanned.database) != []


def told(status: int, code: str, device: str, index: int = 0) -> Told:
    reason = "registry-unreachable" if status == 503 else "a-reason"
    return Told((1, index, device), status, {"code": code, "reason": reason}, 0, 0)


GOOD = (told(200, "genuine", "a"), told(503, "unchecked", "b"), told(200, "seen", "b"))
BAD = {
    "lost": ((*GOOD, told(200, "seen", "c")), {}),
    "there twice": (GOOD, {(1, 0, "a"): 2}),
    "there unasked": (GOOD, {(1, 0, "d"): 1}),
    "two are the first": ((GOOD[0], told(200, "genuine", "b")), {}),
    "a wrong verdict": ((*GOOD, told(200, "forged", "a")), {}),
    "unchecked with 200": ((*GOOD, told(200, "unchecked", "a")), {}),
    "good with 503": ((*GOOD, told(503, "genuine", "a")), {}),
    "a crash": ((*GOOD, told(500, "none", "a")), {}),
}


@ON_A_FILE
def test_a_burst_that_was_kept_passes(scanned: World) -> None:
    assert require_kept(burst(GOOD), recorded(scanned.database)) == 2


@ON_A_FILE
@pytest.mark.parametrize("kind", BAD)
def test_a_burst_that_was_not_kept_fails(scanned: World, kind: str) -> None:
    answers, more = BAD[kind]
    with pytest.raises(AssertionError):
        require_kept(burst(answers), recorded(scanned.database) | Counter(more))


def burst(answers: tuple[Told, ...]) -> Burst:
    return Burst(0, [], list(answers), {one.pair for one in answers})
