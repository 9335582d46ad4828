"""How long wrong entries make wait. Pure.

Wrong entries are a debt that time pays off: one is forgiven every `forgive_ms`. As long as no more than `free` are
unforgiven nobody waits; then the delay is `SHORTEST_MS`, and doubles with every `step` more, up to `LONGEST_MS`. More
than it takes to get there is not remembered, so that whoever has been away for a few hours begins anew.

What is kept of a debt is the instant at which all of it is paid.
"""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST_MS = 15_000
LONGEST_MS = 900_000
"""Nobody ever waits for longer because of wrong entries, his own or those of others."""

_DOUBLINGS = 6
"""15 seconds doubled so often are more than 15 minutes."""


@dataclass(frozen=True, slots=True)
class Budget:
    """So many wrong entries are free, the delay doubles with so many more, and one is forgiven in so long a time."""

    free: int
    step: int
    forgive_ms: int

    @property
    def most(self) -> int:
        """Wrong entries that are remembered at most."""
        return self.free + self.step * _DOUBLINGS + 1

    def delay_ms(self, unforgiven: int) -> int:
        """The delay after so many wrong entries."""
        if unforgiven <= self.free:
            return 0
        return min(LONGEST_MS, SHORTEST_MS << min((unforgiven - self.free - 1) // self.step, _DOUBLINGS))

    def unforgiven(self, paid_ms: int, now_ms: int) -> int:
        """How many are unforgiven of a debt that is paid at an instant. Never more than `most`, whatever the clock."""
        return min(self.most, -(-max(0, paid_ms - now_ms) // self.forgive_ms))

    def delay_at(self, paid_ms: int, now_ms: int) -> int:
        """The delay now."""
        return self.delay_ms(self.unforgiven(paid_ms, now_ms))

    def with_one_more(self, paid_ms: int, now_ms: int) -> int:
        """When all will be paid, with one more wrong entry."""
        return min(max(paid_ms, now_ms) + self.forgive_ms, now_ms + self.most * self.forgive_ms)


MINUTE_MS = 60_000

OF_DEVICE_AND_LABEL = Budget(free=4, step=1, forgive_ms=10 * MINUTE_MS)
"""Somebody who reads a scratched code wrongly tries again a few times."""

OF_DEVICE = Budget(free=12, step=1, forgive_ms=10 * MINUTE_MS)
"""Over all labels: a device that guesses across a batch waits as if they were one label."""

OF_LABEL = Budget(free=10, step=2, forgive_ms=10 * MINUTE_MS)
"""By all devices together."""

OF_BATCH = Budget(free=200, step=100, forgive_ms=10_000)
"""Over all labels and devices: people mistype, and most of what they mistype is told by the check digits."""
