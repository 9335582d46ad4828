"""Who is it that asks: passwords, codes that are good once, sessions that end, tokens, and attackers who are slowed."""

from __future__ import annotations

import pytest
from support.staff import PASSWORD, VAULT, Person, admitted, enterprise_id, set_factor
from support.together import in_threads
from support.world import World

from traceqr import admitting, authenticating, entrusting, passwords
from traceqr.access import Right, Role, Scope
from traceqr.authenticating import ENTERPRISE, OFFICIAL, PENDING_MS, Doorkeeper, Lifetime, SignInRefused, SlowDown
from traceqr.registry import sessions
from traceqr.registry.pacing import Pace
from traceqr.second_factor import Vault


def keeper_of(world: World, vault: Vault = VAULT) -> Doorkeeper:
    return Doorkeeper(world.database, world.clock, vault, world.desk.new_id)


@pytest.fixture
def keeper(furnished: World) -> Doorkeeper:
    return keeper_of(furnished)


@pytest.fixture
def clerk(furnished: World) -> Person:
    return admitted(furnished, Role.CLERK)


@pytest.fixture
def officer(furnished: World) -> Person:
    return admitted(furnished, Role.OFFICER)


def sign_in(keeper: Doorkeeper, person: Person, password: str = PASSWORD, acquainted: str | None = None) -> str:
    return keeper.sign_in(person.login, password, "firefox", acquainted).token


def sign_in_whole(keeper: Doorkeeper, person: Person) -> str:
    return keeper.give_code(sign_in(keeper, person), person.code()).token


class TestSigningIn:
    def test_a_clerk_by_password(self, keeper: Doorkeeper, clerk: Person) -> None:
        entered = keeper.entered(sign_in(keeper, clerk))
        assert entered is not None
        assert entered.identity == clerk.identity
        assert entered.identity is not None
        assert entered.identity.enterprise == clerk.account.enterprise_id
        assert entered.identity.actor == f"account:{clerk.account.id}"

    @pytest.mark.parametrize("login", ["{}", " {} ", "{upper}"])
    def test_however_the_login_is_written(self, keeper: Doorkeeper, clerk: Person, login: str) -> None:
        written = login.format(clerk.login, upper=clerk.login.upper())
        assert keeper.sign_in(written, PASSWORD, "firefox", None).complete

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "\ud800", "x" * 100_000])
    def test_a_wrong_password(self, keeper: Doorkeeper, clerk: Person, password: str) -> None:
        with pytest.raises(SignInRefused) as caught:
            sign_in(keeper, clerk, password)
        assert str(caught.value) == "expected a login with its password, got another"

    @pytest.mark.parametrize("login", ["", "nobody@firm.example", "\ud800", "x" * 100_000, "13800000000"])
    def test_nobody_gets_the_same_answer(self, keeper: Doorkeeper, login: str) -> None:
        with pytest.raises(SignInRefused) as caught:
            keeper.sign_in(login, PASSWORD, "firefox", None)
        assert str(caught.value) == "expected a login with its password, got another"

    def test_a_closed_account(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        token = sign_in(keeper, clerk)
        admitting.close(furnished.desk, clerk.account.id)
        assert keeper.entered(token) is None
        with pytest.raises(SignInRefused):
            sign_in(keeper, clerk)

    def test_a_dated_hash_is_made_anew(
        self, furnished: World, keeper: Doorkeeper, clerk: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = furnished.one("SELECT password FROM credential")["password"]
        monkeypatch.setattr(passwords, "_HASHER", type(passwords._HASHER)(time_cost=2, memory_cost=16, parallelism=1))
        sign_in(keeper, clerk)
        assert furnished.one("SELECT password FROM credential")["password"] != old
        sign_in(keeper, clerk)


class TestTheSecondFactor:
    def test_is_awaited(self, keeper: Doorkeeper, officer: Person) -> None:
        begun = keeper.sign_in(officer.login, PASSWORD, "firefox", None)
        assert not begun.complete
        entered = keeper.entered(begun.token)
        assert entered is not None
        assert (entered.identity, entered.has_second_factor) == (None, True)

    def test_completes_under_another_token(self, keeper: Doorkeeper, officer: Person) -> None:
        pending = sign_in(keeper, officer)
        whole = keeper.give_code(pending, officer.code())
        assert whole.complete
        assert whole.token != pending
        assert keeper.entered(pending) is None, "a session that was fixed beforehand is worth nothing"
        entered = keeper.entered(whole.token)
        assert entered is not None
        assert entered.identity is not None
        assert entered.identity.region == ""

    def test_a_manager_who_has_one_needs_it(self, furnished: World, keeper: Doorkeeper) -> None:
        manager = admitted(furnished, Role.MANAGER, factor=True)
        assert not keeper.sign_in(manager.login, PASSWORD, "firefox", None).complete

    def test_an_officer_without_one_is_not_in(self, furnished: World, keeper: Doorkeeper) -> None:
        officer = admitted(furnished, Role.OFFICER, factor=False)
        pending = sign_in(keeper, officer)
        entered = keeper.entered(pending)
        assert entered is not None
        assert (entered.identity, entered.has_second_factor) == (None, False)
        with pytest.raises(SignInRefused):
            keeper.give_code(pending, "000000")
        with pytest.raises(SignInRefused):
            keeper.go_on(pending)
        set_factor(officer)
        going = keeper.go_on(pending)
        again = keeper.entered(going.token)
        assert again is not None
        assert again.identity == officer.identity

    def test_a_code_is_good_once(self, keeper: Doorkeeper, officer: Person) -> None:
        code = officer.code()
        keeper.give_code(sign_in(keeper, officer), code)
        with pytest.raises(SignInRefused, match="not used yet"):
            keeper.give_code(sign_in(keeper, officer), code)

    def test_an_earlier_code_is_worth_nothing_after_a_later_one(self, keeper: Doorkeeper, officer: Person) -> None:
        earlier = officer.code(-1)
        keeper.give_code(sign_in(keeper, officer), officer.code())
        with pytest.raises(SignInRefused):
            keeper.give_code(sign_in(keeper, officer), earlier)

    @pytest.mark.parametrize("steps", [-3, -2, 2, 3])
    def test_an_expired_or_future_code(self, keeper: Doorkeeper, officer: Person, steps: int) -> None:
        with pytest.raises(SignInRefused):
            keeper.give_code(sign_in(keeper, officer), officer.code(steps))

    def test_a_clock_that_is_half_a_minute_off(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        furnished.clock.pass_ms(60_000)
        assert keeper.give_code(sign_in(keeper, officer), officer.code(-1)).complete
        assert keeper.give_code(sign_in(keeper, officer), officer.code(1)).complete

    def test_two_at_once_with_one_code(self, furnished: World, officer: Person) -> None:
        keeper = keeper_of(furnished)
        pending = [sign_in(keeper, officer) for _ in range(2)]
        code = officer.code()

        def give(token: str) -> bool:
            try:
                return keeper.give_code(token, code).complete
            except SignInRefused:
                return False

        assert sorted(in_threads([lambda token=token: give(token) for token in pending])) == [False, True]

    def test_recovery_codes_are_good_once_however_they_are_typed(self, keeper: Doorkeeper, officer: Person) -> None:
        code = officer.recovery_codes[0]
        keeper.give_code(sign_in(keeper, officer), f" {code.upper().replace('-', ' ')} ")
        with pytest.raises(SignInRefused):
            keeper.give_code(sign_in(keeper, officer), code)
        keeper.give_code(sign_in(keeper, officer), officer.recovery_codes[1])

    def test_after_the_secret_of_the_deployment_changed_recovery_codes_are_left(
        self, furnished: World, officer: Person
    ) -> None:
        other = keeper_of(furnished, Vault.of("another-secret-" * 4))
        token = other.sign_in(officer.login, PASSWORD, "firefox", None).token
        with pytest.raises(SignInRefused):
            other.give_code(token, officer.code())
        assert other.give_code(token, officer.recovery_codes[0]).complete

    def test_a_recovery_code_of_somebody_else(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        other = admitted(furnished, Role.OFFICER)
        with pytest.raises(SignInRefused):
            keeper.give_code(sign_in(keeper, officer), other.recovery_codes[0])

    def test_is_not_awaited_for_ever(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        pending = sign_in(keeper, officer)
        furnished.clock.pass_ms(PENDING_MS)
        with pytest.raises(SignInRefused):
            keeper.give_code(pending, officer.code())

    def test_guessing_is_slow(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        pending = sign_in(keeper, officer)
        for guess in range(5):
            with pytest.raises(SignInRefused):
                keeper.give_code(pending, f"{guess:06d}")
        with pytest.raises(SlowDown) as caught:
            keeper.give_code(pending, officer.code())
        furnished.clock.pass_ms(caught.value.wait_ms)
        assert keeper.give_code(pending, officer.code()).complete


class TestSessions:
    @pytest.mark.parametrize(("role", "life"), [(Role.OFFICER, OFFICIAL), (Role.MANAGER, ENTERPRISE)])
    def test_end_by_themselves(self, furnished: World, keeper: Doorkeeper, role: Role, life: Lifetime) -> None:
        person = admitted(furnished, role, factor=True)
        token = sign_in_whole(keeper, person)
        for _ in range(life.whole_ms // (life.idle_ms - 1)):
            furnished.clock.pass_ms(life.idle_ms - 1)
            assert keeper.entered(token) is not None
        furnished.clock.pass_ms(life.idle_ms - 1)
        assert keeper.entered(token) is None, "used all the time, and yet it ends"

    def test_end_without_use(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        token = sign_in_whole(keeper, officer)
        furnished.clock.pass_ms(OFFICIAL.idle_ms)
        assert keeper.entered(token) is None

    def test_are_listed_and_ended_one_by_one(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        tokens = []
        for _ in range(3):
            tokens.append(sign_in_whole(keeper, officer))
            furnished.clock.pass_ms(60_000)
        listed = keeper.sessions_of(officer.account.id)
        assert len(listed) == 3
        assert keeper.end(officer.account.id, listed[0].id)
        assert [keeper.entered(token) is not None for token in tokens] == [True, True, False]
        assert not keeper.end(officer.account.id, listed[0].id)

    def test_nobody_ends_those_of_another(self, furnished: World, keeper: Doorkeeper, officer: Person) -> None:
        clerk = admitted(furnished, Role.CLERK)
        token = sign_in(keeper, clerk)
        (listed,) = keeper.sessions_of(clerk.account.id)
        assert not keeper.end(officer.account.id, listed.id)
        assert keeper.entered(token) is not None

    def test_all_others_end_at_once(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        one, two = sign_in(keeper, clerk), sign_in(keeper, clerk)
        keeper.end_others(clerk.account.id, admitting.token_digest(two))
        assert keeper.entered(one) is None
        assert keeper.entered(two) is not None

    def test_a_new_password_ends_the_others(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        one, two = sign_in(keeper, clerk), sign_in(keeper, clerk)
        kept = admitting.token_digest(two)
        admitting.change_password(furnished.desk, clerk.account.id, PASSWORD, "nine-copper-lids-hum", kept)
        assert keeper.entered(one) is None
        assert keeper.entered(two) is not None

    def test_sign_out(self, keeper: Doorkeeper, clerk: Person) -> None:
        token = sign_in(keeper, clerk)
        keeper.sign_out(token)
        assert keeper.entered(token) is None
        keeper.sign_out(token)

    def test_there_are_not_too_many(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        first = sign_in(keeper, clerk)
        for _ in range(sessions.MAX_SESSIONS):
            furnished.clock.pass_ms(1_000)
            sign_in(keeper, clerk)
        assert keeper.entered(first) is None
        assert len(keeper.sessions_of(clerk.account.id)) == sessions.MAX_SESSIONS

    @pytest.mark.parametrize("token", ["", "guessed", "\ud800", "x" * 10_000])
    def test_a_guessed_one(self, keeper: Doorkeeper, clerk: Person, token: str) -> None:
        sign_in(keeper, clerk)
        assert keeper.entered(token) is None

    def test_the_token_is_kept_nowhere(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        assert sign_in(keeper, clerk) not in repr(furnished.dump())

    def test_what_has_ended_is_removed(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        sign_in(keeper, clerk)
        furnished.clock.pass_days(8)
        sign_in(keeper, clerk)
        assert len(furnished.rows("SELECT id FROM session")) == 1
        assert len(furnished.rows("SELECT name FROM pace")) <= 1


class TestAttackers:
    def test_one_account_is_guessed_slowly(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        for _ in range(5):
            with pytest.raises(SignInRefused):
                sign_in(keeper, clerk, "wrong")
        with pytest.raises(SlowDown, match="pause of 60 seconds") as caught:
            sign_in(keeper, clerk)
        furnished.clock.pass_ms(caught.value.wait_ms)
        assert keeper.entered(sign_in(keeper, clerk))

    def test_its_owner_is_not_locked_out(self, furnished: World, keeper: Doorkeeper, clerk: Person) -> None:
        for _ in range(20):
            with pytest.raises((SignInRefused, SlowDown)):
                sign_in(keeper, clerk, "wrong")
        assert keeper.entered(sign_in(keeper, clerk, acquainted=clerk.account.id))

    def test_a_browser_that_knows_another_account_is_a_stranger(
        self, furnished: World, keeper: Doorkeeper, clerk: Person, officer: Person
    ) -> None:
        for _ in range(5):
            with pytest.raises(SignInRefused):
                sign_in(keeper, clerk, "wrong", officer.account.id)
        with pytest.raises(SlowDown):
            sign_in(keeper, clerk, acquainted=officer.account.id)

    def test_one_password_tried_on_many(
        self, furnished: World, keeper: Doorkeeper, clerk: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Spraying: no account is tried more than once, and yet it is slow."""
        monkeypatch.setattr(authenticating, "ANYWHERE", Pace(10, 1_000))
        for number in range(10):
            with pytest.raises(SignInRefused):
                keeper.sign_in(f"victim{number}@firm.example", "Spring2026!", "firefox", None)
        with pytest.raises(SlowDown):
            keeper.sign_in("victim11@firm.example", "Spring2026!", "firefox", None)
        assert keeper.entered(sign_in(keeper, clerk, acquainted=clerk.account.id)), "who is known is not held up"
        furnished.clock.pass_ms(1_000)
        assert keeper.entered(sign_in(keeper, clerk)), "and a stranger no longer than a second"

    def test_names_of_paces_hold_nothing_personal(self, furnished: World, keeper: Doorkeeper) -> None:
        with pytest.raises(SignInRefused):
            keeper.sign_in("victim@firm.example", "x", "firefox", None)
        assert "victim" not in repr(furnished.rows("SELECT name FROM pace"))


class TestTokens:
    def secret(self, world: World, *scopes: Scope, days: int = 30) -> str:
        person = admitted(world, Role.MANAGER)
        return entrusting.issue_token(
            world.desk, enterprise_id(world), person.account.id, "MES", scopes, days
        ).secret

    def test_stand_for_their_enterprise_within_their_scopes(self, furnished: World, keeper: Doorkeeper) -> None:
        identity = keeper.holder(self.secret(furnished, Scope.PRINT))
        assert identity is not None
        assert identity.enterprise == enterprise_id(furnished)
        assert identity.actor.startswith("token:")
        assert [right for right in Right if identity.may(right)] == [Right.PRINT]

    def test_end(self, furnished: World, keeper: Doorkeeper) -> None:
        secret = self.secret(furnished, Scope.READ, days=1)
        assert keeper.holder(secret)
        furnished.clock.pass_days(1)
        assert keeper.holder(secret) is None

    def test_are_revoked(self, furnished: World, keeper: Doorkeeper) -> None:
        secret = self.secret(furnished, Scope.READ)
        entrusting.revoke_token(furnished.desk, str(furnished.one("SELECT id FROM api_token")["id"]))
        assert keeper.holder(secret) is None

    def test_outlive_whoever_made_them(self, furnished: World, keeper: Doorkeeper) -> None:
        secret = self.secret(furnished, Scope.READ)
        admitting.close(furnished.desk, str(furnished.one("SELECT id FROM account")["id"]))
        assert keeper.holder(secret)

    def test_their_use_is_noted_now_and_then(self, furnished: World, keeper: Doorkeeper) -> None:
        secret = self.secret(furnished, Scope.READ)
        keeper.holder(secret)
        first = furnished.one("SELECT used_ms FROM api_token")["used_ms"]
        furnished.clock.pass_ms(1_000)
        keeper.holder(secret)
        assert furnished.one("SELECT used_ms FROM api_token")["used_ms"] == first
        furnished.clock.pass_ms(60_000)
        keeper.holder(secret)
        assert furnished.one("SELECT used_ms FROM api_token")["used_ms"] == first + 61_000

    @pytest.mark.parametrize("secret", ["", "traceqr_", "traceqr_" + "A" * 43, "\ud800"])
    def test_a_guessed_one(self, furnished: World, keeper: Doorkeeper, secret: str) -> None:
        self.secret(furnished, Scope.READ)
        assert keeper.holder(secret) is None


class TestPaces:
    def test_a_burst_and_then_a_rate(self, furnished: World, keeper: Doorkeeper) -> None:
        pace = Pace(3, 1_000)
        for _ in range(3):
            keeper.take("api", "one", pace)
        with pytest.raises(SlowDown) as caught:
            keeper.take("api", "one", pace)
        assert caught.value.wait_ms == 1_000
        keeper.take("api", "another", pace)
        furnished.clock.pass_ms(1_000)
        keeper.take("api", "one", pace)
        with pytest.raises(SlowDown):
            keeper.take("api", "one", pace)

    def test_are_shared_by_all_workers(self, furnished: World) -> None:
        pace = Pace(5, 3_600_000)

        def take(racer: int) -> bool:
            try:
                keeper_of(furnished).take("api", "one", pace)
            except SlowDown:
                return False
            return True

        assert in_threads([lambda racer=racer: take(racer) for racer in range(8)]).count(True) == 5
