"""What those who run a deployment may watch of its verifying: counts, sizes and durations. No label, no person.

The observer is told in the path of every scan, so each of its methods is quick, and none raises.
"""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Whoever counts or logs. Methods are called by all threads of a process; where greenlets answer, by theirs alone,
    since counting and logging take locks that are not made to be shared with a thread beside them.
    """

    def decided(self, code: str, recorded: bool) -> None:
        """A verdict was given: by a scan that may be recorded, or by a verification that never is."""

    def committed(self, size: int, seconds: float, waiting: int) -> None:
        """A group of `size` scans and confirmations is in the registry; `waiting` others arrived in the meantime. The
        `seconds` are from before it had the registry's lock to the end of its commit.
        """

    def entered(self, outcome: str) -> None:
        """A hidden code was entered."""

    def reached(self, recording: bool) -> None:
        """The registry has answered, to a reader or to one that records."""

    def unavailable(self, kind: str, recording: bool) -> None:
        """The registry could not be used. `kind` is as of `kind_of`."""


class Silent:
    """The observer of those who watch nothing."""

    def decided(self, code: str, recorded: bool) -> None:
        """See `Observer.decided`."""

    def committed(self, size: int, seconds: float, waiting: int) -> None:
        """See `Observer.committed`."""

    def entered(self, outcome: str) -> None:
        """See `Observer.entered`."""

    def reached(self, recording: bool) -> None:
        """See `Observer.reached`."""

    def unavailable(self, kind: str, recording: bool) -> None:
        """See `Observer.unavailable`."""


SILENT = Silent()


def kind_of(error: BaseException) -> str:
    """The class of an error, or of what it came from: `OperationalError`, `PoolTimeout`, `DiskFull`. The message may
    name places or people, so it goes no further.
    """
    return type(error.__cause__ or error).__name__
