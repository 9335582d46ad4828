"""Allocating: the next numbers for logistic units (SSCC), under a GS1 company prefix that an enterprise has a right to.

No number is given out twice: not under a prefix that lies within another, not after the prefix has passed to another
enterprise, and not after a restore.
"""

from __future__ import annotations

from traceqr.acting import Act, ActRefused, Desk
from traceqr.registry import claims, sscc_allocations
from traceqr.registry.database import Reader
from traceqr.registry.sscc_allocations import MAX_COUNT, Allocation
from traceqr.tracing.thing import on_line

STEM = 17
"""Digits of an SSCC before its check digit."""


def allocate(
    desk: Desk, enterprise_id: str, prefix: str, extension: str, count: int, begin: int | None = None
) -> Allocation:
    """The next `count` numbers, or those from reference `begin` on, where earlier ones are used elsewhere. Raises
    `ActRefused`.
    """
    if not 1 <= count <= MAX_COUNT:
        raise ActRefused(f"expected a count from 1 to {MAX_COUNT:,}, got {count:,}", "count")
    if not (len(extension) == 1 and extension.isascii() and extension.isdigit()):
        raise ActRefused(f"expected an extension digit from 0 to 9, got {extension!r}", "extension")
    with desk.act() as act:
        if prefix not in prefixes(act.tx, enterprise_id):
            raise ActRefused(f"expected a company prefix of the enterprise's own, got {prefix!r}", "prefix")
        return _allocated(act, desk, enterprise_id, extension + prefix, count, begin)


def prefixes(reader: Reader, enterprise_id: str) -> list[str]:
    """The company prefixes that an enterprise has a right to."""
    rows = claims.of_enterprise(reader, enterprise_id)
    return sorted(row["value"] for row in rows if row["kind"] == "prefix" and row["state"] == "accepted")


def _allocated(act: Act, desk: Desk, enterprise_id: str, line: str, count: int, begin: int | None) -> Allocation:
    width = STEM - len(line)
    low, high = int(line + "0" * width), int(line + "9" * width)
    skipped = sscc_allocations.skipped(act.tx)
    next_ = max(low, _next(act.tx, low, high, skipped))
    if begin is not None and low + begin < next_:
        raise ActRefused(
            f"expected a reference from {next_ - low} on, got {begin}: those before are given out", "begin"
        )
    first = next_ if begin is None else low + begin
    if first + count - 1 > high:
        left = max(0, high - first + 1)
        raise ActRefused(f"expected at most the {left:,} numbers that are left on this line, got {count:,}", "count")
    told = {"low": f"{first:0{STEM}d}", "high": f"{first + count - 1:0{STEM}d}", "skipped": skipped}
    found = Allocation(id=desk.new_id(), enterprise_id=enterprise_id, **told)  # type: ignore[arg-type]
    position = act.record("sscc.allocate", f"sscc_allocation:{found.id}", {"enterprise": enterprise_id, **told})
    sscc_allocations.insert(act.tx, found, position)
    return found


def _next(reader: Reader, low: int, high: int, skipped: int) -> int:
    """The first number that was never given out, with what must be skipped since the last one was."""
    before = sscc_allocations.latest_within(reader, f"{low:0{STEM}d}", f"{high:0{STEM}d}")
    if before is None:
        return low + skipped
    return int(before.high) + 1 + skipped - before.skipped


def ssccs(stems: list[str]) -> list[str]:
    """Numbers with their check digits."""
    return [on_line(f"00/{stem[:-8]}########", int(stem[-8:])).key for stem in stems]
