"""Authenticating: who is it that asks? By password and second factor, by the session that follows, or by a token.

What is written here is no act: sessions, used codes and paces change who is let in, and no label, pledge or ledger.

Attackers are slowed, and nobody is locked out: whoever signs in from a browser that the account has used before has a
pace of his own, which no stranger can use up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from traceqr import passwords, second_factor
from traceqr.access import Identity, Role, Scope, region_prefix
from traceqr.admitting import new_token, token_digest
from traceqr.errors import TraceqrError
from traceqr.instant import Clock
from traceqr.registry import accounts, enterprises, opening, organisations, pacing, sessions, tokens
from traceqr.registry.accounts import Account, Credential
from traceqr.registry.database import Database, Reader, Transaction
from traceqr.registry.pacing import Pace
from traceqr.registry.sessions import Session
from traceqr.second_factor import SecretUnreadable, Vault

T = TypeVar("T")

STRANGER = Pace(5, 60_000)
"""Passwords tried for one account from browsers that it has not used before."""

ACQUAINTED = Pace(10, 10_000)
"""The same from a browser that it has used."""

ANYWHERE = Pace(100, 1_000)
"""Wrong passwords from strange browsers, for all accounts together: one common password is tried on many of them."""

CODES = Pace(5, 60_000)
"""Codes of the second factor tried for one account, by whoever knows its password; and the present password, tried by
whoever sits at its session.
"""

_PRUNED = Pace(1, 3_600_000)

PENDING_MS = 10 * 60_000
"""How long the second factor is awaited."""

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Of a session: from its beginning, and without use."""

    whole_ms: int
    idle_ms: int


OFFICIAL = Lifetime(12 * _HOUR_MS, _HOUR_MS)
ENTERPRISE = Lifetime(7 * _DAY_MS, _DAY_MS)

TOUCHED_MS = _MINUTE_MS
"""How often it is noted that a session or a token is used."""


class SignInRefused(TraceqrError):
    """Wrong login, password or code: it is not said which. `account` is the id of the one tried, for the log."""

    def __init__(self, message: str, account: str = "") -> None:
        super().__init__(message)
        self.account = account


class SlowDown(TraceqrError):
    """Too many attempts. `wait_ms` is how long to wait."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"expected a pause of {-(-wait_ms // 1000)} seconds after many attempts, got another attempt")
        self.wait_ms = wait_ms


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and is kept nowhere. Unless it is `complete`, it is good for giving the second
    factor, and where there is none yet, for setting it up.
    """

    token: str
    account: Account
    complete: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """A session as a request finds it. `identity` is None while the second factor is awaited."""

    account: Account
    session: Session
    identity: Identity | None
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Knows the registry, and what is secret of the deployment."""

    database: Database
    clock: Clock
    vault: Vault
    new_id: Callable[[], str]
    aside: Callable[[Callable[[], bool]], bool] = lambda call: call()
    """Runs what computes for long: where it would hold up others, in a thread."""

    # --- signing in

    def sign_in(self, login: str, password: str, agent: str, acquainted: str | None) -> SignedIn:
        """Begin a session. `acquainted` is the account that the browser can show to have been signed in to before.

        Raises `SignInRefused` or `SlowDown`.
        """
        account, held = self._kept(login)
        is_acquainted = account is not None and account.id == acquainted
        name = _pace_name("known" if is_acquainted else "stranger", account.id if account else login)
        self._take(name, ACQUAINTED if is_acquainted else STRANGER, None if is_acquainted else ANYWHERE)
        right = self.aside(lambda: passwords.matches(password, held.password if held else None))
        if account is None or held is None or not right:
            if not is_acquainted:
                self._recorded(lambda tx: pacing.take(tx, _pace_name("anywhere"), ANYWHERE, self.clock()))
            raise SignInRefused("expected a login with its password, got another", account.id if account else "")
        if passwords.is_dated(held.password):
            new = passwords.hashed(password)
            self._recorded(lambda tx: accounts.rehash(tx, account.id, held.password, new))
        complete = held.totp is None and not Role(account.role).second_factor
        begun = self._recorded(lambda tx: self._begin(tx, account, agent, complete, name))
        self._prune()
        return begun

    def give_code(self, token: str, code: str) -> SignedIn:
        """Give the second factor, a code of the app or a recovery code. The session goes on under another token.

        Raises `SignInRefused` or `SlowDown`.
        """
        entered = self.entered(token)
        if entered is None or entered.identity is not None or not entered.has_second_factor:
            raise SignInRefused("expected a session that awaits its second factor, got none")
        self.require_code(entered.account.id, code)
        return self._whole(entered)

    def go_on(self, token: str) -> SignedIn:
        """The session whose second factor was just set up goes on, complete and under another token."""
        entered = self.entered(token)
        if entered is None or not entered.has_second_factor:
            raise SignInRefused("expected a session of an account with a second factor, got none")
        return self._whole(entered)

    def _whole(self, entered: Entered) -> SignedIn:
        """The session goes on, complete and under another token."""

        def begin(tx: Transaction) -> SignedIn:
            sessions.delete(tx, entered.session.digest)
            return self._begin(tx, entered.account, entered.session.agent, True)

        return self._recorded(begin)

    def require_code(self, account_id: str, code: str) -> None:
        """Check a code of the second factor and use it up. Raises `SignInRefused` or `SlowDown`."""
        name = _pace_name("code", account_id)
        self._take(name, CODES)
        plain = "".join(code.split())
        with self.database.snapshot() as reader:
            held = accounts.credential(reader, account_id)
        step = self._step(account_id, held, plain)
        digest = second_factor.recovery_digest(account_id, plain)

        def take(tx: Transaction) -> bool:
            good = (
                accounts.take_step(tx, account_id, step)
                if step is not None
                else accounts.take_recovery_code(tx, account_id, digest)
            )
            if good:
                pacing.forget(tx, name)
            return good

        if not self._recorded(take):
            raise SignInRefused("expected a code that was not used yet, got another", account_id)

    def _step(self, account_id: str, held: Credential | None, code: str) -> int | None:
        if held is None or held.totp is None:
            return None
        try:
            secret = self.vault.open(account_id, held.totp)
        except SecretUnreadable:
            return None  # sealed under another secret of the deployment: a recovery code is good all the same
        return second_factor.step_of(secret, code, self.clock())

    def _kept(self, login: str) -> tuple[Account | None, Credential | None]:
        plain = _plain_login(login)
        with self.database.snapshot() as reader:
            account = accounts.by_login(reader, plain)
            if account is None or account.state != "active":
                return None, None
            return account, accounts.credential(reader, account.id)

    def _begin(self, tx: Transaction, account: Account, agent: str, complete: bool, paid: str = "") -> SignedIn:
        now_ms, token = self.clock(), new_token()
        until_ms = now_ms + (_lifetime(account).whole_ms if complete else PENDING_MS)
        sessions.insert(
            tx,
            Session(token_digest(token), self.new_id(), account.id, int(complete), now_ms, now_ms, until_ms, agent),
        )
        if paid:
            pacing.forget(tx, paid)
        return SignedIn(token, account, complete)

    def _take(self, name: str, pace: Pace, all_together: Pace | None = None) -> None:
        def take(tx: Transaction) -> int:
            now_ms = self.clock()
            if all_together and (wait := pacing.wait_ms(tx, _pace_name("anywhere"), all_together, now_ms)):
                return wait
            return pacing.take(tx, name, pace, now_ms)

        if wait_ms := self._recorded(take):
            raise SlowDown(wait_ms)

    def _prune(self) -> None:
        """Now and then, remove what has ended. Under the lock of acts, one table after the other: two who remove the
        same rows in other orders would wait for each other.
        """
        now_ms = self.clock()
        if self._recorded(lambda tx: pacing.take(tx, "prune", _PRUNED, now_ms)):
            return
        with self.database.transaction() as tx:
            pacing.prune(tx, now_ms)
        with self.database.transaction() as tx:
            sessions.prune(tx, now_ms)

    def _recorded(self, do: Callable[[Transaction], T]) -> T:
        with self.database.recording() as tx:
            opening.require_schema(tx)
            return do(tx)

    # --- sessions

    def entered(self, token: str) -> Entered | None:
        """The session of a cookie, or None where it has ended."""
        now_ms, digest = self.clock(), token_digest(token)
        with self.database.snapshot() as reader:
            session = sessions.by_digest(reader, digest)
            account = accounts.by_id(reader, session.account_id) if session else None
            if session is None or account is None or account.state != "active":
                return None
            if now_ms >= session.until_ms or now_ms >= session.seen_ms + _lifetime(account).idle_ms:
                return None
            held = accounts.credential(reader, account.id)
            identity = identity_of(reader, account) if session.complete else None
        if now_ms - session.seen_ms >= TOUCHED_MS:
            self._recorded(lambda tx: sessions.seen(tx, digest, now_ms))
        return Entered(account, session, identity, held is not None and held.totp is not None)

    def sign_out(self, token: str) -> None:
        """End the session of a cookie."""
        self._recorded(lambda tx: sessions.delete(tx, token_digest(token)))

    def sessions_of(self, account_id: str) -> Sequence[Session]:
        """The sessions of an account that go on, the one used last first."""
        now_ms = self.clock()
        with self.database.snapshot() as reader:
            return [one for one in sessions.of_account(reader, account_id) if one.complete and now_ms < one.until_ms]

    def end(self, account_id: str, session_id: str) -> bool:
        """End one of an account's sessions. False where it has none of that id."""
        return self._recorded(lambda tx: sessions.delete_one(tx, account_id, session_id))

    def end_others(self, account_id: str, keep: str) -> None:
        """End all sessions of an account but that of a digest."""
        self._recorded(lambda tx: sessions.delete_of_account(tx, account_id, keep))

    # --- tokens

    def holder(self, secret: str) -> Identity | None:
        """The identity that a token of an enterprise stands for, or None where it opens nothing."""
        now_ms = self.clock()
        with self.database.snapshot() as reader:
            token = tokens.by_digest(reader, token_digest(secret))
            if token is None or token.state != "active" or now_ms >= token.until_ms:
                return None
            account = accounts.by_id(reader, token.account_id)
            if enterprises.by_id(reader, token.enterprise_id) is None:
                return None
        if token.used_ms is None or now_ms - token.used_ms >= TOUCHED_MS:
            self._recorded(lambda tx: tokens.used(tx, token.id, now_ms))
        # A token outlives the account that made it: programs must not stop because somebody left.
        role = Role(account.role) if account else Role.CLERK
        scopes = frozenset(Scope(scope) for scope in token.scopes.split())
        return Identity(token.account_id, role, token.enterprise_id, token=token.id, scopes=scopes)

    # --- paces of others

    def take(self, kind: str, who: str, pace: Pace) -> None:
        """Let something be done no faster than a pace. Raises `SlowDown`."""
        self._take(_pace_name(kind, who), pace)


def end_sessions(database: Database, account_ids: Iterable[str]) -> None:
    """End all sessions of accounts, which stay open."""
    with database.recording() as tx:
        opening.require_schema(tx)
        for account_id in account_ids:
            sessions.delete_of_account(tx, account_id)


def identity_of(reader: Reader, account: Account) -> Identity:
    """What an account may be and see."""
    organisation = organisations.by_id(reader, account.organisation_id) if account.organisation_id else None
    region = region_prefix(organisation.level, organisation.region) if organisation else None
    return Identity(account.id, Role(account.role), account.enterprise_id, account.organisation_id, region)


def _lifetime(account: Account) -> Lifetime:
    return ENTERPRISE if Role(account.role).of_enterprise else OFFICIAL


def _plain_login(text: str) -> str:
    """As `admitting.parse_login`, but for what is no login: that is one nobody has."""
    login = text[:300].strip().lower().replace("\0", "").encode("utf-8", "replace").decode()
    return login if "@" in login else "".join(char for char in login if char not in " ()-").removeprefix("+86")


def _pace_name(kind: str, who: str = "") -> str:
    """Names hold nothing personal."""
    return f"{kind}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}" if who else kind
