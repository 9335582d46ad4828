"""Restoring: going on with a registry that has lost acts, without giving any number or position out twice.

Lost acts may have issued batches, published pledges and made keys, and labels of them may be on goods. So positions of
lost entries are filled, the numbers they may have used are skipped, and new batches get a new label key. Labels of
batches that the registry has forgotten are `forged` from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from traceqr.acting import Act, ActRefused, Desk, RegistryBehind, behind, present, spelled
from traceqr.highwater import Mark
from traceqr.keying import KeyDraft, KeyFolder, add_key
from traceqr.label.keyring import PublicKey, Role
from traceqr.registry import meta, numbering, sscc_allocations
from traceqr.registry.database import Reader

MAX_LOST = 1_000_000
"""Lost acts that are accepted at once. More of them speak for a high-water file of another registry."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be accepted.

    `expected` is the mark of the high-water file (None where there is none), `found` the registry's own. `lost` is how
    many acts are counted as lost, `filled` how many positions of the ledger are to be filled for them: none where the
    registry has another history, which has used those positions.
    """

    expected: Mark | None
    found: Mark
    lost: int
    filled: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted, by the ledger entry at `position`.

    `key` is the new label key, None where nothing was lost; `next_numbers` are those that come next, by table.
    """

    finding: Finding
    position: int
    key: PublicKey | None
    next_numbers: dict[str, int]


def examine(desk: Desk, lost: int | None = None) -> Finding:
    """What `accept` would accept. Changes nothing. Raises `ActRefused` when there is nothing to accept."""
    with desk.database.snapshot() as reader:
        return _finding(reader, desk, lost)


def accept(
    desk: Desk, folder: KeyFolder, lost: int | None = None, watch: Callable[[range], Iterable[int]] = iter
) -> Accepted:
    """Accept the registry as it is. `lost` says how many acts may be lost, where the high-water file cannot; 0 says
    that none is, and begins the file anew. `watch` sees the positions that are filled. Raises `ActRefused` when there
    is nothing to accept.

    All is one act, so a crash before its commit leaves at most the files of a key that nobody knows, whose number is
    skipped. A crash after it, before the mark is advanced, leaves the old mark: the registry remembers that it was
    accepted against that one, so the next act goes ahead and advances it. Where there was no mark, accepting is to be
    done again, which skips some numbers more.
    """
    draft = KeyDraft.generate(folder)
    with desk.act(accepting=True) as act:
        finding = _finding(act.tx, desk, lost)
        for position in watch(range(finding.found.size, finding.found.size + finding.filled)):
            act.record("ledger.lost", f"entry:{position}", {})
        position = act.record("ledger.restore", "ledger", _payload(finding))
        for table in numbering.NUMBERED:
            if finding.lost:
                numbering.skip(act.tx, table, finding.lost)
        sscc_allocations.skip(act.tx, finding.lost)
        if finding.expected:
            meta.write(act.tx, meta.ACCEPTED_MARK, spelled(finding.expected))
        key = add_key(act, folder, draft, Role.LABEL) if finding.lost else None
        return Accepted(finding, position, key, _next_numbers(act))


def _finding(reader: Reader, desk: Desk, lost: int | None) -> Finding:
    wrong = behind(reader, desk.high_water) if desk.high_water else None
    finding = _stated(present(reader), lost) if wrong is None else _found(wrong, lost)
    if finding.lost > MAX_LOST:
        raise ActRefused(
            f"expected at most {MAX_LOST:,} lost acts, got {finding.lost:,}: is the high-water file that of another"
            " registry?",
            "lost",
        )
    return finding


def _stated(found: Mark, lost: int | None) -> Finding:
    """The high-water file finds nothing wrong, or there is none; but it may have gone back with the registry."""
    if not lost:
        raise ActRefused(
            "expected a registry that is behind its high-water file, it is not: nothing to accept; if the file is"
            " as old as the registry, say how many acts may be lost, and run: traceqr ledger accept-restore --lost N",
            "lost",
        )
    return Finding(None, found, lost, lost)


def _found(wrong: RegistryBehind, lost: int | None) -> Finding:
    expected, found = wrong.expected, wrong.found
    if expected is None:
        if lost is None:
            raise wrong  # it says that the number is needed
        return Finding(None, found, lost, lost)
    missing = max(expected.size - found.size, 0)
    least = missing or 1
    if lost is not None and lost < least:
        raise ActRefused(f"expected at least {least:,} lost acts, as the high-water file says, got {lost:,}", "lost")
    if missing:
        return Finding(expected, found, lost or missing, lost or missing)
    # Another history. Where it parted is not known: every act up to the mark may be one that this one lacks.
    return Finding(expected, found, lost or expected.size, 0)


def _payload(finding: Finding) -> dict[str, object]:
    expected = {"expected": _said(finding.expected)} if finding.expected else {}
    return {**expected, "found": _said(finding.found), "lost": finding.lost}


def _said(mark: Mark) -> dict[str, object]:
    return {"size": mark.size, "root": mark.root}


def _next_numbers(act: Act) -> dict[str, int]:
    return {table: numbering.next_number(act.tx, table) for table in numbering.NUMBERED}
