"""Admitting: who gets access, by invitation; what they prove themselves by; and when their access ends."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace

from traceqr import passwords, second_factor
from traceqr.access import Role
from traceqr.acting import Act, ActRefused, Desk
from traceqr.noting import salted
from traceqr.passwords import PasswordTooWeak
from traceqr.registry import accounts, enterprises, inspectors, invitations, organisations, sessions
from traceqr.registry.accounts import Account, Credential
from traceqr.registry.database import Reader
from traceqr.registry.invitations import Invitation
from traceqr.second_factor import Vault

INVITED_DAYS = 7
_DAY_MS = 86_400_000
_TOKEN_BYTES = 32

MAX_NAME = 80
_MAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,6}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}|\+[1-9][0-9]{6,14}")

_KIND = {Role.OFFICER: "association", Role.INSPECTOR: "regulator"}
"""Of the organisation that a role is held for."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a person gives who takes up an invitation. `login` is a mail address or a mobile number."""

    login: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and the token that its link carries: it is told once, and kept nowhere."""

    invitation: Invitation
    token: str


def invite(desk: Desk, role: Role, *, enterprise: str | None = None, organisation: str | None = None) -> Invited:
    """Let somebody in, in a role for a body, both named by their ids. Whoever has the link is let in, once."""
    with desk.act() as act:
        _require_body(act.tx, role, enterprise, organisation)
        return _invite(desk, act, role, enterprise, organisation, None)


def invite_anew(desk: Desk, account_id: str) -> Invited:
    """Give an account its access anew, whose owner has lost password or phone. The old ones hold until the link is
    used.
    """
    with desk.act() as act:
        account = _active(act.tx, account_id)
        return _invite(desk, act, Role(account.role), account.enterprise_id, account.organisation_id, account_id)


def withdraw_invitation(desk: Desk, invitation_id: str) -> None:
    """Make a link worthless that nobody has used."""
    with desk.act() as act:
        invitation = invitations.by_id(act.tx, invitation_id)
        if invitation is None or invitation.state != "open":
            raise ActRefused(f"expected an invitation that is open, {invitation_id!r} is none")
        position = act.record("invitation.withdraw", f"invitation:{invitation_id}", {})
        invitations.set_state(act.tx, invitation_id, "withdrawn", position)


def open_invitation(reader: Reader, token: str, now_ms: int) -> Invitation | None:
    """The invitation that a link is good for now, or None."""
    found = invitations.by_digest(reader, token_digest(token))
    return found if found and found.state == "open" and now_ms < found.until_ms else None


def admit(desk: Desk, token: str, newcomer: Newcomer) -> Account:
    """Take up an invitation: makes the account, or gives the one that it is for a new password and no second factor.

    Raises `ActRefused`, with the field at fault.
    """
    login, name = parse_login(newcomer.login), parse_name(newcomer.name)
    password = _hashed(newcomer.password, login, name)  # takes its time: before the lock
    with desk.act() as act:
        invitation = open_invitation(act.tx, token, act.at_ms)
        if invitation is None:
            raise ActRefused("expected the link of an open invitation, got one that was used, has ended or never was")
        if invitation.account_id:
            account = _admitted_anew(act, desk, invitation.account_id, login, name)
        else:
            account = _admitted(act, desk, invitation, login, name)
        position = act.record("credential.set", f"account:{account.id}", {"invitation": invitation.id})
        accounts.put_password(act.tx, account.id, password, position)
        invitations.set_state(
            act.tx,
            invitation.id,
            "used",
            act.record("invitation.use", f"invitation:{invitation.id}", {"account": account.id}),
        )
        return account


def change_password(desk: Desk, account_id: str, old: str, new: str, keep_session: str = "") -> None:
    """Set another password, for whoever knows the present one. All sessions end but that of the digest to keep."""
    held = require_password(desk, account_id, old, "old")
    with desk.database.snapshot() as reader:
        account = _active(reader, account_id)
    password = _hashed(new, account.login, account.name, field="new")
    with desk.act() as act:
        if _credential(act.tx, account_id).password != held.password:
            raise ActRefused("expected the present password, got one that was changed meanwhile", "old")
        position = act.record("credential.set", f"account:{account_id}", {})
        accounts.put_password(act.tx, account_id, password, position)
        sessions.delete_of_account(act.tx, account_id, keep_session)


def require_password(desk: Desk, account_id: str, password: str, field: str = "password") -> Credential:
    """What an account proves itself by, for whoever knows its password. Raises `ActRefused` at the field."""
    with desk.database.snapshot() as reader:
        held = _credential(reader, account_id)
    if not passwords.matches(password, held.password):
        raise ActRefused("expected the present password, got another", field)
    return held


def set_second_factor(desk: Desk, vault: Vault, account_id: str, secret: str, code: str) -> list[str]:
    """Take a second factor into use, proved by its present code, and give recovery codes, which are told this once.

    Replaces one that there is: whoever calls has asked for its code, or for the password where there is none.
    """
    step = second_factor.step_of(secret, code, desk.clock())
    if step is None:
        raise ActRefused("expected the code that the app shows now, got another", "code")
    with desk.act() as act:
        _active(act.tx, account_id)
        _credential(act.tx, account_id)
        position = act.record("second_factor.set", f"account:{account_id}", {})
        accounts.put_totp(act.tx, account_id, vault.seal(account_id, secret), step, position)
        return _new_codes(act, account_id)


def renew_recovery_codes(desk: Desk, account_id: str) -> list[str]:
    """New recovery codes in the place of all that are left."""
    with desk.act() as act:
        _active(act.tx, account_id)
        if _credential(act.tx, account_id).totp is None:
            raise ActRefused("expected an account with a second factor, this has none")
        act.record("recovery_codes.renew", f"account:{account_id}", {})
        return _new_codes(act, account_id)


def remove_second_factor(desk: Desk, account_id: str) -> None:
    """Go back to the password alone, where the role allows it."""
    with desk.act() as act:
        account = _active(act.tx, account_id)
        if Role(account.role).second_factor:
            raise ActRefused(f"expected a role that may do without a second factor, {account.role} may not")
        held = _credential(act.tx, account_id)
        if held.totp is None:
            raise ActRefused("expected an account with a second factor, this has none")
        position = act.record("second_factor.remove", f"account:{account_id}", {})
        accounts.put_totp(act.tx, account_id, None, held.totp_step, position)
        accounts.put_recovery_codes(act.tx, account_id, [])


def close(desk: Desk, account_id: str) -> None:
    """End an account: its sessions end, and it never opens again. What it did stays on the ledger under its id."""
    with desk.act() as act:
        account = _active(act.tx, account_id)
        position = act.record("account.close", f"account:{account_id}", {})
        accounts.update(act.tx, replace(account, state="closed"), position)
        accounts.drop_credential(act.tx, account_id, position)
        sessions.delete_of_account(act.tx, account_id)


def erase(desk: Desk, account_id: str) -> None:
    """Forget whose a closed account was: name, login, and the salt without which its digest tells nothing."""
    with desk.act() as act:
        account = accounts.by_id(act.tx, account_id)
        if account is None or account.state != "closed" or not account.salt:
            raise ActRefused(f"expected the id of a closed account that still has a name, {account_id!r} is none")
        position = act.record("account.erase", f"account:{account_id}", {})
        accounts.update(act.tx, replace(account, login=f"erased:{account_id}", name="", salt=""), position)
        if inspectors.badge(act.tx, account_id):
            payload = {"badge_digest": salted("", "")}
            inspectors.put(act.tx, account_id, "", "", act.record("inspector.badge", f"account:{account_id}", payload))


def parse_login(text: str) -> str:
    """A mail address in lower case, or a mobile number without blanks. Raises `ActRefused`."""
    login = text.strip().lower()
    if "@" not in login:
        login = re.sub(r"[ ()-]", "", login).removeprefix("+86")
    if len(login) <= 254 and (_MAIL.fullmatch(login) or _MOBILE.fullmatch(login)):
        return login
    raise ActRefused("expected a mail address or a mobile number, got something else", "login")


def parse_name(text: str) -> str:
    """A person's name as it is shown and signed with. Raises `ActRefused`."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise ActRefused(f"expected a name of 1 to {MAX_NAME} printable characters, got one of {len(name)}", "name")
    return name


def token_digest(token: str) -> str:
    """What is kept of a token that somebody else holds: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """256 random bits, as they stand in an address or a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _require_body(reader: Reader, role: Role, enterprise: str | None, organisation: str | None) -> None:
    if role.of_enterprise != (enterprise is not None) or role.of_organisation != (organisation is not None):
        wanted = "an enterprise" if role.of_enterprise else "an organisation" if role.of_organisation else "no body"
        raise ActRefused(f"expected {wanted} for the role {role}, got another body", "role")
    if enterprise and enterprises.by_id(reader, enterprise) is None:
        raise ActRefused(f"expected the id of an enrolled enterprise, got {enterprise!r}", "enterprise")
    if organisation:
        found = organisations.by_id(reader, organisation)
        if found is None:
            raise ActRefused(f"expected the id of an enrolled organisation, got {organisation!r}", "organisation")
        if found.kind != _KIND[role]:
            raise ActRefused(f"expected a role for the {found.kind} {found.name_zh!r}, got {role}", "role")


def _invite(
    desk: Desk, act: Act, role: Role, enterprise: str | None, organisation: str | None, account_id: str | None
) -> Invited:
    token = new_token()
    until_ms = act.at_ms + INVITED_DAYS * _DAY_MS
    invitation = Invitation(
        desk.new_id(), token_digest(token), role, organisation, enterprise, account_id, until_ms, "open"
    )
    about = {"role": role, "organisation": organisation, "enterprise": enterprise, "account": account_id}
    payload = {name: str(value) for name, value in about.items() if value}
    position = act.record("invitation.open", f"invitation:{invitation.id}", {**payload, "until_ms": until_ms})
    invitations.insert(act.tx, invitation, position)
    return Invited(invitation, token)


def _admitted(act: Act, desk: Desk, invitation: Invitation, login: str, name: str) -> Account:
    _require_free(act.tx, login)
    account = Account(
        desk.new_id(),
        login,
        name,
        invitation.role,
        invitation.organisation_id,
        invitation.enterprise_id,
        "active",
        desk.new_id(),
    )
    about = {"role": account.role, "organisation": account.organisation_id, "enterprise": account.enterprise_id}
    payload = {name: value for name, value in about.items() if value}
    position = act.record("account.open", f"account:{account.id}", {**payload, "person_digest": person_digest(account)})
    accounts.insert(act.tx, account, position)
    return account


def _admitted_anew(act: Act, desk: Desk, account_id: str, login: str, name: str) -> Account:
    """Who has the link may have another number or address now; what was signed before stays signed by the old name."""
    known = _active(act.tx, account_id)
    if login != known.login:
        _require_free(act.tx, login)
    account = replace(known, login=login, name=name, salt=desk.new_id())
    position = act.record("account.renew", f"account:{account_id}", {"person_digest": person_digest(account)})
    accounts.update(act.tx, account, position)
    accounts.drop_credential(act.tx, account_id, position)
    sessions.delete_of_account(act.tx, account_id)
    return account


def person_digest(account: Account) -> str:
    """What the ledger says of a person: a digest that tells nothing without the salt."""
    return hashlib.sha256(f"{account.salt}\n{account.login}\n{account.name}".encode()).hexdigest()


def _require_free(reader: Reader, login: str) -> None:
    if accounts.by_login(reader, login):
        raise ActRefused("expected a mail address or number that no account has yet, got one that is taken", "login")


def _active(reader: Reader, account_id: str) -> Account:
    account = accounts.by_id(reader, account_id)
    if account is None or account.state != "active":
        raise ActRefused(f"expected the id of an account that is open, {account_id!r} is none")
    return account


def _credential(reader: Reader, account_id: str) -> Credential:
    held = accounts.credential(reader, account_id)
    if held is None:
        raise ActRefused(f"expected an account with a password, {account_id!r} has none")
    return held


def _new_codes(act: Act, account_id: str) -> list[str]:
    codes = second_factor.new_recovery_codes()
    accounts.put_recovery_codes(act.tx, account_id, [second_factor.recovery_digest(account_id, code) for code in codes])
    return codes


def _hashed(password: str, login: str, name: str, field: str = "password") -> str:
    try:
        passwords.require_good(password, [login, login.partition("@")[0], name])
    except PasswordTooWeak as error:
        raise ActRefused(str(error), field) from error
    return passwords.hashed(password)
