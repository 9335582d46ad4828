"""People who can sign in to the demonstration's consoles, and a file that tells how."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pyotp

from traceqr import admitting, second_factor
from traceqr.access import Role
from traceqr.acting import Desk
from traceqr.admitting import Newcomer
from traceqr.registry import enterprises, organisations
from traceqr.second_factor import Vault


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody signs in by. `secret` and `codes` are of the second factor, empty where the role needs none."""

    role: Role
    body_zh: str
    login: str
    password: str
    secret: str = ""
    codes: tuple[str, ...] = ()


_STAFF = (
    (Role.OPERATOR, "", "operator@demo.example", "演示运营方"),
    (Role.OFFICER, "organisation", "officer@demo.example", "演示协会人员"),
    (Role.MANAGER, "enterprise", "manager@demo.example", "演示企业管理员"),
    (Role.CLERK, "enterprise", "clerk@demo.example", "演示企业经办人"),
)


def employ(desk: Desk, vault: Vault, organisation_zh: str, uscc: str) -> list[Person]:
    """Accounts of an operator, of an officer of an organisation, and of two people of an enterprise."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    with desk.database.snapshot() as reader:
        organisation, firm = organisations.by_name(reader, organisation_zh), enterprises.by_uscc(reader, uscc)
    assert organisation is not None  # both were enrolled before
    assert firm is not None
    return list(_employed(desk, vault, password, organisation.id, firm.id, (organisation.name_zh, firm.name_zh)))


def _employed(
    desk: Desk, vault: Vault, password: str, organisation: str, firm: str, names: tuple[str, str]
) -> Iterator[Person]:
    for role, body, login, name in _STAFF:
        invited = admitting.invite(
            desk,
            role,
            organisation=organisation if body == "organisation" else None,
            enterprise=firm if body == "enterprise" else None,
        )
        account = admitting.admit(desk, invited.token, Newcomer(login, name, password))
        body_zh = {"organisation": names[0], "enterprise": names[1]}.get(body, "")
        if not role.second_factor:
            yield Person(role, body_zh, login, password)
            continue
        secret = second_factor.new_secret()
        code = pyotp.TOTP(secret).generate_otp(desk.clock() // 1000 // second_factor.STEP_S)
        codes = admitting.set_second_factor(desk, vault, account.id, secret, code)
        yield Person(role, body_zh, login, password, secret, tuple(codes))


def told(people: list[Person], origin: str) -> str:
    """The file for whoever tries the demonstration."""
    lines = [f"Sign in at {origin}/account/sign-in", ""]
    for person in people:
        lines.append(f"{person.role}  {person.body_zh}".rstrip())
        lines.append(f"    login     {person.login}")
        lines.append(f"    password  {person.password}")
        if person.secret:
            lines.append(f"    for an authenticator app  {' '.join(_fours(person.secret))}")
            lines.append("    or one of these, each good once:")
            lines += [f"        {code}" for code in person.codes]
        lines.append("")
    return "\n".join(lines)


def _fours(secret: str) -> Iterator[str]:
    return (secret[at : at + 4] for at in range(0, len(secret), 4))
