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
from traceqr.registry.enterprises import Enterprise
from traceqr.registry.organisations import Organisation
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
    (Role.INSPECTOR, "regulator", "inspector@demo.example", "演示执法人员甲"),
    (Role.INSPECTOR, "regulator", "inspector2@demo.example", "演示执法人员乙"),
    (Role.MANAGER, "enterprise", "manager@demo.example", "演示企业管理员"),
    (Role.CLERK, "enterprise", "clerk@demo.example", "演示企业经办人"),
)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Whom people work for, by the names in `_STAFF`."""

    organisation: Organisation
    regulator: Organisation
    enterprise: Enterprise


def employ(desk: Desk, vault: Vault, organisation_zh: str, regulator_zh: str, uscc: str) -> list[Person]:
    """Accounts of an operator, of an officer of an association, of two inspectors of a regulator, and of two people of
    an enterprise.
    """
    with desk.database.snapshot() as reader:
        organisation, firm = organisations.by_name(reader, organisation_zh), enterprises.by_uscc(reader, uscc)
        regulator = organisations.by_name(reader, regulator_zh)
    assert organisation is not None  # all were enrolled before
    assert regulator is not None
    assert firm is not None
    return list(_employed(desk, vault, Bodies(organisation, regulator, firm)))


def _employed(desk: Desk, vault: Vault, bodies: Bodies) -> Iterator[Person]:
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    for role, held_for, login, name in _STAFF:
        body = getattr(bodies, held_for) if held_for else None
        invited = admitting.invite(
            desk,
            role,
            organisation=body.id if body and role.of_organisation else None,
            enterprise=body.id if body and role.of_enterprise else None,
        )
        account = admitting.admit(desk, invited.token, Newcomer(login, name, password))
        body_zh = body.name_zh if body else ""
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
