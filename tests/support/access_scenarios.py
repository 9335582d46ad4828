"""The use cases about accounts, tokens and second persons, done once each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
from support.staff import PASSWORD, VAULT, admitted, enterprise_id, invited, set_factor
from support.world import World

from traceqr import admitting, entrusting, notifying, seconding
from traceqr.access import Role, Scope
from traceqr.admitting import Newcomer
from traceqr.notifying import Body, Wish
from traceqr.registry import accounts
from traceqr.registry.accounts import Account
from traceqr.webhook import WebhookSeal

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEAL = WebhookSeal.of("only-for-tests-" * 4)


def _manager(world: World) -> None:
    admitted(world.furnish(), Role.MANAGER)


def _with_factor(world: World) -> None:
    set_factor(admitted(world.furnish(), Role.MANAGER, factor=False))


def _closed(world: World) -> None:
    _manager(world)
    admitting.close(world.desk, account(world).id)


def _invited(world: World) -> None:
    world.token = invited(world.furnish(), Role.CLERK)  # type: ignore[attr-defined]


def _invited_anew(world: World) -> None:
    _manager(world)
    world.token = admitting.invite_anew(world.desk, account(world).id).token  # type: ignore[attr-defined]


def _with_token(world: World) -> None:
    _manager(world)
    _issue_token(world)


def _subscribe(world: World) -> Any:
    wish = Wish("webhook", "https://hooks.firm.example/traceqr", ["label.suspect", "recall.issued"])
    return notifying.add(world.desk, SEAL, Body(enterprise_id(world)), wish)


def _subscribed(world: World) -> None:
    _subscribe(world.furnish())


def subscription_id(world: World) -> str:
    return str(world.one("SELECT id FROM subscription")["id"])


def _proposed(world: World) -> None:
    _manager(world)
    world.second = admitted(world, Role.MANAGER).identity  # type: ignore[attr-defined]
    _propose(world)


def _seconded(world: World) -> None:
    _proposed(world)
    seconding.second(world.desk, proposal_id(world), world.second)  # type: ignore[attr-defined]


def account(world: World) -> Account:
    with world.database.snapshot() as reader:
        found = accounts.by_id(reader, str(world.rows("SELECT id FROM account ORDER BY position, id")[0]["id"]))
    assert found is not None
    return found


def proposal_id(world: World) -> str:
    return str(world.one("SELECT id FROM proposal")["id"])


def _admit(world: World) -> Any:
    return admitting.admit(world.desk, world.token, Newcomer("someone@firm.example", "某人", PASSWORD))  # type: ignore[attr-defined]


def _issue_token(world: World) -> Any:
    return entrusting.issue_token(world.desk, enterprise_id(world), account(world).id, "MES", [Scope.PRINT], 30)


def _propose(world: World) -> Any:
    why = {"reason": "r"}
    return seconding.propose(world.desk, "product.recall", "product:1", why, enterprise=enterprise_id(world))


def _set_factor(world: World) -> Any:
    step = world.clock() // 30_000
    code = pyotp.TOTP(_SECRET).generate_otp(step)
    return admitting.set_second_factor(world.desk, VAULT, account(world).id, _SECRET, code)


Row = tuple[str, Callable[..., Any], Callable[[World], Any], tuple[str, ...], Callable[[World], Any]]

TABLE: tuple[Row, ...] = (
    (
        "invite",
        admitting.invite,
        lambda w: admitting.invite(w.desk, Role.CLERK, enterprise=enterprise_id(w)),
        ("invitation.open",),
        World.furnish,
    ),
    (
        "invite anew",
        admitting.invite_anew,
        lambda w: admitting.invite_anew(w.desk, account(w).id),
        ("invitation.open",),
        _manager,
    ),
    (
        "withdraw invitation",
        admitting.withdraw_invitation,
        lambda w: admitting.withdraw_invitation(w.desk, str(w.one("SELECT id FROM invitation")["id"])),
        ("invitation.withdraw",),
        _invited,
    ),
    ("admit", admitting.admit, _admit, ("account.open", "credential.set", "invitation.use"), _invited),
    ("admit anew", admitting.admit, _admit, ("account.renew", "credential.set", "invitation.use"), _invited_anew),
    (
        "change password",
        admitting.change_password,
        lambda w: admitting.change_password(w.desk, account(w).id, PASSWORD, "nine-copper-lids-hum"),
        ("credential.set",),
        _manager,
    ),
    ("set second factor", admitting.set_second_factor, _set_factor, ("second_factor.set",), _manager),
    (
        "renew recovery codes",
        admitting.renew_recovery_codes,
        lambda w: admitting.renew_recovery_codes(w.desk, account(w).id),
        ("recovery_codes.renew",),
        _with_factor,
    ),
    (
        "remove second factor",
        admitting.remove_second_factor,
        lambda w: admitting.remove_second_factor(w.desk, account(w).id),
        ("second_factor.remove",),
        _with_factor,
    ),
    ("close account", admitting.close, lambda w: admitting.close(w.desk, account(w).id), ("account.close",), _manager),
    ("erase account", admitting.erase, lambda w: admitting.erase(w.desk, account(w).id), ("account.erase",), _closed),
    ("issue token", entrusting.issue_token, _issue_token, ("token.issue",), _manager),
    (
        "revoke token",
        entrusting.revoke_token,
        lambda w: entrusting.revoke_token(w.desk, str(w.one("SELECT id FROM api_token")["id"])),
        ("token.revoke",),
        _with_token,
    ),
    ("subscribe", notifying.add, _subscribe, ("subscription.add",), World.furnish),
    (
        "renew a webhook's secret",
        notifying.renew_secret,
        lambda w: notifying.renew_secret(w.desk, SEAL, subscription_id(w)),
        ("subscription.renew_secret",),
        _subscribed,
    ),
    (
        "unsubscribe",
        notifying.remove,
        lambda w: notifying.remove(w.desk, subscription_id(w)),
        ("subscription.remove",),
        _subscribed,
    ),
    ("propose", seconding.propose, _propose, ("proposal.open",), _manager),
    (
        "second",
        seconding.second,
        lambda w: seconding.second(w.desk, proposal_id(w), w.second),  # type: ignore[attr-defined]
        ("proposal.second",),
        _proposed,
    ),
    (
        "decline",
        seconding.decline,
        lambda w: seconding.decline(w.desk, proposal_id(w), w.second),  # type: ignore[attr-defined]
        ("proposal.decline",),
        _proposed,
    ),
    (
        "withdraw proposal",
        seconding.withdraw,
        lambda w: seconding.withdraw(w.desk, proposal_id(w)),
        ("proposal.withdraw",),
        _proposed,
    ),
    (
        "carry out",
        seconding.carry_out,
        lambda w: seconding.carry_out(w.desk, proposal_id(w), "product.recall", "product:1", {"reason": "r"}),
        ("proposal.carry_out",),
        _seconded,
    ),
)
