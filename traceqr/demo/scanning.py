"""People who scan the demonstration's labels: here and there, many on one day, and one label going around."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from traceqr.verifying import Verifier, Viewer

Goto = Callable[[date, int], None]
"""Sets the clock to an hour of a day."""

TOWNS = (
    *("530100", "530100", "530100", "440100", "440300", "310000", "330100", "110000", "510100", "500000", ""),
    *("420100", "320100", "610100", "530600", "532900", "810000", "SG", "370200", "350200", "210100", ""),
)
"""Where people are who scan. Tea is drunk most where it grows; of some the place is not known."""

AROUND = ("440100", "110000", "330100", "510100", "420100", "210100", "610100", "350100")

AGENTS = ("wechat", "wechat", "alipay", "huawei", "safari", "xiaomi")


def here_and_there(verifier: Verifier, labels: Sequence[str]) -> None:
    """Each of some labels is scanned once, by somebody else each time, at one place or another."""
    for number, text in enumerate(labels):
        verifier.scan(text, _somebody(number, TOWNS[number % len(TOWNS)]))


def going_around(verifier: Verifier, go_to: Goto, text: str, first: date) -> None:
    """In a week, strangers in many cities look at one label: as copies bring it about, or a picture of it."""
    for number in range(14):
        go_to(first + timedelta(days=number // 2), 10 + 5 * (number % 2))
        verifier.scan(text, _somebody(number, AROUND[number % len(AROUND)]))


def _somebody(number: int, place: str) -> Viewer:
    agent = AGENTS[number % len(AGENTS)]
    return Viewer(secrets.token_hex(32), True, "page", agent, "zh-Hans", place, secrets.token_hex(8))
