"""Who is let in: invitations, passwords, second factors, and the end of an account."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from support.staff import PASSWORD, VAULT, admitted, enterprise_id, invited, organisation_id, renewed, set_factor
from support.world import World

from traceqr import admitting, entrusting, passwords, second_factor
from traceqr.access import Role, Scope
from traceqr.acting import ActRefused
from traceqr.admitting import Newcomer
from traceqr.registry import accounts

SOMEBODY = Newcomer("someone@firm.example", "某人", PASSWORD)


class TestInviting:
    @pytest.mark.parametrize("role", Role)
    def test_every_role_for_its_body(self, furnished: World, role: Role) -> None:
        if role is Role.INSPECTOR:
            furnished.regulator()
        account = admitting.admit(furnished.desk, invited(furnished, role), SOMEBODY)
        assert (account.role, account.login, account.state) == (role, SOMEBODY.login, "active")
        assert bool(account.enterprise_id) == role.of_enterprise
        assert bool(account.organisation_id) == role.of_organisation

    def test_a_role_without_its_body(self, furnished: World) -> None:
        for role, body in (
            (Role.CLERK, {}),
            (Role.OFFICER, {"enterprise": enterprise_id(furnished)}),
            (Role.OPERATOR, {"enterprise": enterprise_id(furnished)}),
            (Role.INSPECTOR, {"organisation": organisation_id(furnished)}),
            (Role.CLERK, {"enterprise": "0" * 16}),
            (Role.OFFICER, {"organisation": "0" * 16}),
        ):
            with pytest.raises(ActRefused, match="expected"):
                admitting.invite(furnished.desk, role, **body)

    def test_a_link_is_good_once(self, furnished: World) -> None:
        token = invited(furnished, Role.CLERK)
        admitting.admit(furnished.desk, token, SOMEBODY)
        with pytest.raises(ActRefused, match="link of an open invitation"):
            admitting.admit(furnished.desk, token, replace(SOMEBODY, login="other@firm.example"))

    def test_a_link_ends(self, furnished: World) -> None:
        token = invited(furnished, Role.CLERK)
        furnished.clock.pass_days(admitting.INVITED_DAYS)
        with pytest.raises(ActRefused, match="has ended"):
            admitting.admit(furnished.desk, token, SOMEBODY)

    def test_a_withdrawn_link(self, furnished: World) -> None:
        made = admitting.invite(furnished.desk, Role.CLERK, enterprise=enterprise_id(furnished))
        admitting.withdraw_invitation(furnished.desk, made.invitation.id)
        with pytest.raises(ActRefused, match="link of an open invitation"):
            admitting.admit(furnished.desk, made.token, SOMEBODY)
        with pytest.raises(ActRefused, match="is open"):
            admitting.withdraw_invitation(furnished.desk, made.invitation.id)

    @pytest.mark.parametrize("token", ["", "guessed", "\ud800", "x" * 5000])
    def test_a_guessed_link(self, furnished: World, token: str) -> None:
        invited(furnished, Role.CLERK)
        with pytest.raises(ActRefused, match="link of an open invitation"):
            admitting.admit(furnished.desk, token, SOMEBODY)

    def test_the_token_is_kept_nowhere(self, furnished: World) -> None:
        token = invited(furnished, Role.CLERK)
        assert token not in repr(furnished.dump())


class TestNewcomers:
    @pytest.mark.parametrize(
        ("login", "kept"),
        [
            ("  Wang.Li@Firm.example ", "wang.li@firm.example"),
            ("138 0000 0000", "13800000000"),
            ("+86 138-0000-0000", "13800000000"),
            ("+85290000000", "+85290000000"),
        ],
    )
    def test_logins(self, login: str, kept: str) -> None:
        assert admitting.parse_login(login) == kept

    @pytest.mark.parametrize("login", ["", "x", "a@b", "a b@c.example", "12800000000", "1380000000", "a@b.example\nx"])
    def test_what_is_no_login(self, login: str) -> None:
        with pytest.raises(ActRefused, match="mail address or a mobile number") as caught:
            admitting.parse_login(login)
        assert caught.value.field == "login"

    @pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x00b", "a\u202eb"])
    def test_what_is_no_name(self, name: str) -> None:
        with pytest.raises(ActRefused, match="printable") as caught:
            admitting.parse_name(name)
        assert caught.value.field == "name"

    @pytest.mark.parametrize(
        ("password", "why"),
        [
            ("short", "10 to 256"),
            ("x" * 257, "10 to 256"),
            ("password1234", "hard to guess"),
            ("qwertyuiop12", "hard to guess"),
            ("aaaaaaaaaaaa", "hard to guess"),
            ("someone@firm.example", "hard to guess"),
        ],
    )
    def test_bad_passwords(self, furnished: World, password: str, why: str) -> None:
        token = invited(furnished, Role.CLERK)
        with pytest.raises(ActRefused, match=why) as caught:
            admitting.admit(furnished.desk, token, replace(SOMEBODY, password=password))
        assert caught.value.field == "password"
        assert password not in str(caught.value)

    def test_a_login_that_is_taken(self, furnished: World) -> None:
        taken = admitted(furnished, Role.CLERK).login
        before = furnished.dump()
        token = invited(furnished, Role.MANAGER)
        with pytest.raises(ActRefused, match="taken") as caught:
            admitting.admit(furnished.desk, token, replace(SOMEBODY, login=taken.upper()))
        assert caught.value.field == "login"
        assert furnished.dump()["account"] == before["account"]


class TestThePerson:
    def test_is_not_on_the_ledger(self, furnished: World) -> None:
        person = admitted(furnished, Role.OFFICER)
        told = " ".join(str(row["entry"]) for row in furnished.rows("SELECT entry FROM ledger"))
        assert person.account.id in told
        for personal in (person.login, person.account.name, PASSWORD, person.secret, *person.recovery_codes):
            assert personal not in told

    def test_password_secret_and_codes_are_kept_in_no_form_that_can_be_used(self, furnished: World) -> None:
        person = admitted(furnished, Role.OFFICER)
        kept = repr(furnished.dump())
        for secret in (PASSWORD, person.secret, *person.recovery_codes):
            assert secret not in kept

    def test_is_forgotten(self, furnished: World) -> None:
        person = admitted(furnished, Role.CLERK)
        with pytest.raises(ActRefused, match="closed account"):
            admitting.erase(furnished.desk, person.account.id)
        admitting.close(furnished.desk, person.account.id)
        admitting.erase(furnished.desk, person.account.id)
        left = repr(furnished.dump())
        assert person.login not in left
        assert person.account.name not in left
        with pytest.raises(ActRefused, match="still has a name"):
            admitting.erase(furnished.desk, person.account.id)


class TestAccessAnew:
    def test_a_link_gives_a_new_password_and_no_second_factor(self, furnished: World) -> None:
        person = admitted(furnished, Role.OFFICER)
        token = admitting.invite_anew(furnished.desk, person.account.id).token
        with furnished.database.snapshot() as reader:
            old = accounts.credential(reader, person.account.id)
        assert old is not None
        assert old.totp, "nobody is locked out by a link that somebody else asked for"
        again = admitting.admit(furnished.desk, token, replace(SOMEBODY, login=person.login))
        assert again.id == person.account.id
        with furnished.database.snapshot() as reader:
            held = accounts.credential(reader, again.id)
            assert accounts.recovery_codes_left(reader, again.id) == 0
        assert held is not None
        assert held.totp is None
        assert held.password != old.password

    def test_of_an_account_that_is_closed(self, furnished: World) -> None:
        person = admitted(furnished, Role.CLERK)
        token = admitting.invite_anew(furnished.desk, person.account.id).token
        admitting.close(furnished.desk, person.account.id)
        with pytest.raises(ActRefused, match="account that is open"):
            admitting.admit(furnished.desk, token, SOMEBODY)
        with pytest.raises(ActRefused, match="account that is open"):
            admitting.invite_anew(furnished.desk, person.account.id)


class TestSecondFactors:
    def test_the_secret_opens_for_its_account_alone(self, furnished: World) -> None:
        person, other = admitted(furnished, Role.OFFICER), admitted(furnished, Role.OFFICER)
        with furnished.database.snapshot() as reader:
            held = accounts.credential(reader, person.account.id)
        assert held is not None
        assert held.totp is not None
        assert VAULT.open(person.account.id, held.totp) == person.secret
        for vault, account in ((VAULT, other.account.id), (second_factor.Vault.of("another" * 9), person.account.id)):
            with pytest.raises(second_factor.SecretUnreadable, match="does not open"):
                vault.open(account, held.totp)

    @pytest.mark.parametrize("code", ["000000", "12345", "１２３４５６", "", "abcdef"])
    def test_is_set_with_its_code_only(self, furnished: World, code: str) -> None:
        person = admitted(furnished, Role.MANAGER, factor=False)
        secret = second_factor.new_secret()
        with pytest.raises(ActRefused, match="code that the app shows") as caught:
            admitting.set_second_factor(furnished.desk, VAULT, person.account.id, secret, code)
        assert caught.value.field == "code"

    def test_who_may_do_without(self, furnished: World) -> None:
        manager, officer = admitted(furnished, Role.MANAGER, factor=True), admitted(furnished, Role.OFFICER)
        admitting.remove_second_factor(furnished.desk, manager.account.id)
        with pytest.raises(ActRefused, match="with a second factor"):
            admitting.remove_second_factor(furnished.desk, manager.account.id)
        with pytest.raises(ActRefused, match="with a second factor"):
            admitting.renew_recovery_codes(furnished.desk, manager.account.id)
        with pytest.raises(ActRefused, match="may do without"):
            admitting.remove_second_factor(furnished.desk, officer.account.id)

    def test_recovery_codes_are_renewed(self, furnished: World) -> None:
        person = admitted(furnished, Role.OFFICER)
        new = admitting.renew_recovery_codes(furnished.desk, person.account.id)
        assert len(set(new)) == second_factor.RECOVERY_CODES
        assert not set(new) & set(person.recovery_codes)

    def test_recovery_codes_are_too_long_to_be_found_from_their_digests(self) -> None:
        codes = second_factor.new_recovery_codes()
        assert len(set(codes)) == 10
        alphabet = set("".join(codes)) - {"-"}
        assert len(alphabet) >= 29, "of 31"
        assert all(len(code.replace("-", "")) * math.log2(31) > 112 for code in codes)

    def test_the_address_for_the_app(self) -> None:
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        told = second_factor.address(secret, "a@b.example")
        assert told == f"otpauth://totp/TraceQR:a%40b.example?secret={secret}&issuer=TraceQR"


class TestPasswords:
    def test_one_of_the_longest_kind_is_compared_whole(self) -> None:
        longest = "nine copper lids " * 15 + "x"
        assert len(longest) == passwords.MAX_LENGTH
        kept = passwords.hashed(longest)
        assert passwords.matches(longest, kept)
        assert not passwords.matches(longest + "y", kept)

    def test_are_changed_by_who_knows_the_present_one(self, furnished: World) -> None:
        person = admitted(furnished, Role.CLERK)
        with pytest.raises(ActRefused, match="present password") as caught:
            admitting.change_password(furnished.desk, person.account.id, "wrong", "nine-copper-lids-hum")
        assert caught.value.field == "old"
        with pytest.raises(ActRefused, match="hard to guess") as caught:
            admitting.change_password(furnished.desk, person.account.id, PASSWORD, "password1234")
        assert caught.value.field == "new"
        admitting.change_password(furnished.desk, person.account.id, PASSWORD, "nine-copper-lids-hum")
        with pytest.raises(ActRefused, match="present password"):
            admitting.change_password(furnished.desk, person.account.id, PASSWORD, "nine-copper-lids-sing")


class TestTokens:
    @pytest.mark.parametrize(
        ("name", "scopes", "days", "field"),
        [
            ("", [Scope.READ], 30, "name"),
            ("x" * 61, [Scope.READ], 30, "name"),
            ("a\x07", [Scope.READ], 30, "name"),
            ("MES", [], 30, "scopes"),
            ("MES", [Scope.READ], 0, "days"),
            ("MES", [Scope.READ], 367, "days"),
        ],
    )
    def test_bad_ones(self, furnished: World, name: str, scopes: list[Scope], days: int, field: str) -> None:
        person = admitted(furnished, Role.MANAGER)
        with pytest.raises(ActRefused) as caught:
            entrusting.issue_token(furnished.desk, enterprise_id(furnished), person.account.id, name, scopes, days)
        assert caught.value.field == field

    def test_there_are_not_too_many(self, furnished: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(entrusting, "MAX_TOKENS", 2)
        person, body = admitted(furnished, Role.MANAGER), enterprise_id(furnished)
        for name in ("one", "two"):
            entrusting.issue_token(furnished.desk, body, person.account.id, name, [Scope.READ], 1)
        with pytest.raises(ActRefused, match="at most 2 tokens"):
            entrusting.issue_token(furnished.desk, body, person.account.id, "three", [Scope.READ], 1)
        furnished.clock.pass_days(1)
        entrusting.issue_token(furnished.desk, body, person.account.id, "three", [Scope.READ], 1)

    def test_the_secret_is_kept_nowhere(self, furnished: World) -> None:
        person, body = admitted(furnished, Role.MANAGER), enterprise_id(furnished)
        made = entrusting.issue_token(furnished.desk, body, person.account.id, "MES", [Scope.READ], 1)
        assert made.secret.startswith("traceqr_")
        assert made.secret not in repr(furnished.dump())
        payload = json.loads(furnished.rows("SELECT entry FROM ledger ORDER BY position DESC LIMIT 1")[0]["entry"])
        assert "MES" not in repr(payload), "names of machines are nobody's business"

    def test_revoked_twice(self, furnished: World) -> None:
        person, body = admitted(furnished, Role.MANAGER), enterprise_id(furnished)
        made = entrusting.issue_token(furnished.desk, body, person.account.id, "MES", [Scope.READ], 1)
        entrusting.revoke_token(furnished.desk, made.token.id)
        with pytest.raises(ActRefused, match="not revoked"):
            entrusting.revoke_token(furnished.desk, made.token.id)


def test_a_closed_account_is_gone_for_good(furnished: World) -> None:
    person = admitted(furnished, Role.MANAGER, factor=True)
    admitting.close(furnished.desk, person.account.id)
    assert renewed(person).state == "closed"
    with pytest.raises(ActRefused, match="account that is open"):
        set_factor(person)
    with pytest.raises(ActRefused, match="account that is open"):
        admitting.close(furnished.desk, person.account.id)
