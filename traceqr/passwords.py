"""Passwords: which are good enough, and what is kept instead of them (Argon2id, RFC 9106)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from traceqr.errors import TraceqrError

MIN_LENGTH, MAX_LENGTH = 10, 256
"""Characters. Longer than anybody types, and what a hash takes no time over."""

_GUESSED = 72
"""Characters that are looked at for patterns: more takes seconds, and needs no look."""

_STRONG_ENOUGH = 3
"""Of 0 to 4: more than 10^8 guesses by whoever has the hash."""

# 32 MiB and three passes: some 50 ms of one core, so that a flood of sign-ins does not take all memory.
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)

@cache
def _nobody() -> str:
    """Checked where there is no account, so that the answer takes as long."""
    return _HASHER.hash("the password of nobody")


class PasswordTooWeak(TraceqrError):
    """A password that is too short, too long or too easily guessed."""


def require_good(password: str, known: Sequence[str]) -> None:
    """Raise `PasswordTooWeak`. `known` are words that others would try first: the person's name, the login."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise PasswordTooWeak(
            f"expected a password of {MIN_LENGTH} to {MAX_LENGTH} characters, got one of {len(password)}"
        )
    from zxcvbn import zxcvbn  # its lists of words: only for who sets a password

    if zxcvbn(password[:_GUESSED], user_inputs=[*known, "traceqr"])["score"] < _STRONG_ENOUGH:
        raise PasswordTooWeak("expected a password that is hard to guess, got one that is found among the first tries")


def hashed(password: str) -> str:
    """What is kept of a password, with its parameters and its salt."""
    return _HASHER.hash(_octets(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was hashed; in the same time where none is kept, or it is too long."""
    good = kept is not None and len(password) <= MAX_LENGTH
    try:
        return _HASHER.verify(kept or _nobody(), _octets(password[:MAX_LENGTH])) and good
    except (Argon2Error, InvalidHashError):
        return False


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # what no browser sends must not raise


def is_dated(kept: str) -> bool:
    """Whether a hash was made with other parameters than are asked for today."""
    return _HASHER.check_needs_rehash(kept)
