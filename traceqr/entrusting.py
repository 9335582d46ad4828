"""Entrusting: tokens that an enterprise gives to its own programs, each good for named things and for a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from traceqr.access import Scope
from traceqr.acting import ActRefused, Desk
from traceqr.admitting import new_token, token_digest
from traceqr.registry import enterprises, tokens
from traceqr.registry.tokens import Token

MAX_DAYS = 366
MAX_NAME = 60
MAX_TOKENS = 50
"""Of one enterprise, that are good at the same time."""

PREFIX = "traceqr_"
"""By which people, and programs that look for secrets where they should not be, know one."""

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Entrusted:
    """A token, and its secret: it is told once, and kept nowhere."""

    token: Token
    secret: str


def issue_token(
    desk: Desk, enterprise_id: str, account_id: str, name: str, scopes: Iterable[Scope], days: int
) -> Entrusted:
    """Make a token. `account_id` is who answers for it. Raises `ActRefused`, with the field at fault."""
    wanted, plain = sorted(set(scopes)), " ".join(name.split())
    if not 1 <= len(plain) <= MAX_NAME or not plain.isprintable():
        raise ActRefused(f"expected a name of 1 to {MAX_NAME} printable characters, got {name[:MAX_NAME]!r}", "name")
    if not wanted:
        raise ActRefused("expected at least one thing that the token is good for, got none", "scopes")
    if not 1 <= days <= MAX_DAYS:
        raise ActRefused(f"expected 1 to {MAX_DAYS} days, got {days}", "days")
    secret = PREFIX + new_token()
    with desk.act() as act:
        if enterprises.by_id(act.tx, enterprise_id) is None:
            raise ActRefused(f"expected the id of an enrolled enterprise, got {enterprise_id!r}")
        held = [token for token in tokens.of_enterprise(act.tx, enterprise_id) if is_good(token, act.at_ms)]
        if len(held) >= MAX_TOKENS:
            raise ActRefused(f"expected at most {MAX_TOKENS} tokens at a time; revoke one that is not needed")
        token = Token(
            desk.new_id(),
            token_digest(secret),
            enterprise_id,
            account_id,
            plain,
            " ".join(wanted),
            act.at_ms + days * _DAY_MS,
            None,
            "active",
        )
        payload = {"enterprise": enterprise_id, "scopes": token.scopes, "until_ms": token.until_ms}
        tokens.insert(act.tx, token, act.record("token.issue", f"token:{token.id}", payload))
        return Entrusted(token, secret)


def revoke_token(desk: Desk, token_id: str) -> None:
    """Make a token worthless from the next request on."""
    with desk.act() as act:
        token = tokens.by_id(act.tx, token_id)
        if token is None or token.state != "active":
            raise ActRefused(f"expected the id of a token that was not revoked, {token_id!r} is none")
        tokens.revoke(act.tx, token_id, act.record("token.revoke", f"token:{token_id}", {}))


def is_good(token: Token, now_ms: int) -> bool:
    """Whether a token opens anything now."""
    return token.state == "active" and now_ms < token.until_ms
