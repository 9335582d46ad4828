"""People who have access, as tests need them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pyotp
from support.world import World

from traceqr import admitting, second_factor
from traceqr.access import Identity, Role
from traceqr.admitting import Newcomer
from traceqr.authenticating import identity_of
from traceqr.registry import accounts
from traceqr.registry.accounts import Account
from traceqr.second_factor import Vault

PASSWORD = "seven-tin-kettles-sing"
VAULT = Vault.of("only-for-tests-" * 4)

_logins = itertools.count(1)


@dataclass
class Person:
    """An account, and what its owner knows and holds."""

    world: World
    account: Account
    secret: str = ""
    recovery_codes: tuple[str, ...] = ()
    password: str = PASSWORD

    @property
    def login(self) -> str:
        return self.account.login

    @property
    def identity(self) -> Identity:
        with self.world.database.snapshot() as reader:
            return identity_of(reader, self.account)

    def code(self, steps: int = 0) -> str:
        """What the app shows, now or so many steps from now."""
        return pyotp.TOTP(self.secret).generate_otp(self.world.clock() // 30_000 + steps)


def enterprise_id(world: World, number: int = 1) -> str:
    return str(world.rows("SELECT id FROM enterprise ORDER BY position, id")[number - 1]["id"])


def organisation_id(world: World, kind: str = "association") -> str:
    return str(world.rows("SELECT id FROM organisation WHERE kind = :kind ORDER BY position", kind=kind)[0]["id"])


def invited(world: World, role: Role, body: str | None = None) -> str:
    """The token of an invitation; for the first enterprise or organisation unless told otherwise."""
    if role.of_enterprise:
        return admitting.invite(world.desk, role, enterprise=body or enterprise_id(world)).token
    if role.of_organisation:
        kind = "association" if role is Role.OFFICER else "regulator"
        return admitting.invite(world.desk, role, organisation=body or organisation_id(world, kind)).token
    return admitting.invite(world.desk, role).token


def admitted(world: World, role: Role, body: str | None = None, *, factor: bool | None = None) -> Person:
    """Somebody with an account; with a second factor where the role needs one, unless told otherwise."""
    number = next(_logins)
    newcomer = Newcomer(f"person{number}@firm.example", f"测试员{number}", PASSWORD)
    person = Person(world, admitting.admit(world.desk, invited(world, role, body), newcomer))
    if factor if factor is not None else role.second_factor:
        set_factor(person)
    return person


def set_factor(person: Person) -> None:
    person.secret = second_factor.new_secret()
    codes = admitting.set_second_factor(person.world.desk, VAULT, person.account.id, person.secret, person.code())
    person.recovery_codes = tuple(codes)
    person.world.clock.pass_ms(30_000)  # the code that proved it is used up


def renewed(person: Person) -> Account:
    """The account as it is now."""
    with person.world.database.snapshot() as reader:
        account = accounts.by_id(reader, person.account.id)
    assert account is not None
    return account
