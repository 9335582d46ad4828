"""When something is tried again: waits that grow, with some chance in them so that not all come back at once."""

from __future__ import annotations

from collections.abc import Callable

ATTEMPTS = 10
"""Then it is given up: some three days after the first."""

FIRST_MS, GROWTH, MOST_MS = 60_000, 6, 12 * 3_600_000
"""A minute, 6 minutes, 36 minutes, 3.6 hours, and then 12 hours each time."""

LONGEST_MS = MOST_MS + MOST_MS // 4
"""No wait is longer."""

Draw = Callable[[], float]
"""A number from 0 to 1 by chance."""


def wait_ms(attempts: int, draw: Draw) -> int:
    """How long to wait after so many attempts, at least one: up to a quarter longer than the schedule says."""
    base = min(FIRST_MS * int(GROWTH ** (min(attempts, ATTEMPTS) - 1)), MOST_MS)
    return base + int(base * draw() / 4)
