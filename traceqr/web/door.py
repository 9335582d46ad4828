"""The door of the consoles: sessions, who is signed in, and forms that no other site can send.

Only pages of the consoles look at the session cookie: a scan has nothing to do with it, and pays nothing for it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import gevent
from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Identity, Role
from traceqr.attachments import AttachmentFolder
from traceqr.authenticating import Doorkeeper, Entered, SignedIn
from traceqr.contact import ContactSeal
from traceqr.highwater import HighWater
from traceqr.office.house import House
from traceqr.registry.database import Database
from traceqr.second_factor import Vault
from traceqr.settings import Settings
from traceqr.web.crossing import refuse_cross_site
from traceqr.web.device import derive
from traceqr.web.faults import FIELD as FIELD
from traceqr.web.headers import OFFICES
from traceqr.web.problem import coded
from traceqr.web.site import cookies, site
from traceqr.web.watch import note, note_seldom
from traceqr.webhook import WebhookSeal

EXTENSION = "traceqr-door"

KNOWN_AGE_S = 400 * 86_400
"""How long a browser is remembered that an account has been signed in from."""

_BEYOND = 1 << 63
"""The least whole number that is no integer of a database."""

MAX_FORM = 12 * 1024 * 1024
"""Bytes of a form with files."""

_THREADS = 2
"""Passwords hashed at the same time: each takes a core and 32 MiB for a moment."""

HOMES = {
    Role.OPERATOR: "/operator/",
    Role.OFFICER: "/association/",
    Role.INSPECTOR: "/inspections/",
    Role.MANAGER: "/console/",
    Role.CLERK: "/console/",
}

csrf = CSRFProtect()


class User(UserMixin):  # type: ignore[misc]
    """Who is signed in, as Flask-Login knows him: by the token of the session, which ends with it."""

    def __init__(self, token: str, entered: Entered) -> None:
        self.token = token
        self.entered = entered

    def get_id(self) -> str:
        """See `UserMixin.get_id`."""
        return self.token


@dataclass(frozen=True, slots=True)
class Door:
    """What the consoles need beside the site."""

    house: House
    known: URLSafeTimedSerializer
    secure: bool

    @property
    def known_name(self) -> str:
        """Of the cookie by which a browser shows whom it has been signed in to."""
        return "__Secure-traceqr-known" if self.secure else "traceqr-known"


class _Sessions(SecureCookieSessionInterface):
    """Sessions for the paths of the consoles alone, signed with HMAC-SHA-256."""

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """See `SessionInterface.open_session`; None makes one that is empty and cannot be written to."""
        return super().open_session(app, request) if request.path.startswith(OFFICES) else None


def install(app: Flask, settings: Settings, database: Database) -> None:
    """Make the app able to let people in."""
    secret, secure = settings.require_secret_key(), settings.require_origin().scheme == "https"
    app.secret_key = derive(secret, b"session.v1")
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-traceqr-session" if secure else "traceqr-session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # Sec-Fetch-Site and Origin are looked at by crossing.py
    )
    csrf.init_app(app)
    manager = LoginManager()
    manager.session_protection = None  # by address and browser: phones change the one, updates the other
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)
    app.extensions[EXTENSION] = Door(
        _house(settings, database),
        URLSafeTimedSerializer(
            derive(secret, b"known.v1"), salt="known", signer_kwargs={"digest_method": hashlib.sha256}
        ),
        secure,
    )


def _house(settings: Settings, database: Database) -> House:
    def new_id() -> str:
        return secrets.token_hex(8)

    clock, vault = site_clock, Vault.of(settings.require_secret_key())
    doorkeeper = Doorkeeper(database, clock, vault, new_id, _aside())
    return House(
        database,
        clock,
        settings.timezone,
        new_id,
        HighWater(settings.high_water),
        settings.label_origin(),
        vault,
        doorkeeper,
        settings.second_person,
        attachments=AttachmentFolder(settings.attachments) if settings.attachments else None,
        contacts=ContactSeal.of(settings.contact_key or settings.require_secret_key()),
        webhooks=WebhookSeal.of(settings.require_secret_key()),
        loopback_webhooks=settings.loopback_webhooks,
    )


def site_clock() -> int:
    """The clock of the site that is being served."""
    return site().clock()


def _aside() -> Callable[[Callable[[], bool]], bool]:
    """How a password is hashed without holding up the other requests of this process."""
    if not is_module_patched("threading"):
        return lambda call: call()
    threads = ThreadPool(_THREADS, hub=gevent.get_hub())
    return lambda call: bool(threads.apply(call))


def door() -> Door:
    """The door of the current app."""
    found: Door = current_app.extensions[EXTENSION]
    return found


def _load(token: str) -> User | None:
    entered = door().house.doorkeeper.entered(token)
    return User(token, entered) if entered else None


def entered() -> Entered | None:
    """The session of the current request, or None where nobody has signed in."""
    return current_user.entered if current_user.is_authenticated else None


def token() -> str:
    """The token of the current session. Only where somebody has entered."""
    return str(current_user.token)


def identity() -> Identity:
    """Who acts in the current request: `guard` has seen to it that there is one."""
    found: Identity = g.identity
    return found


def guard(*roles: Role) -> Callable[[], BaseResponse | None]:
    """What a blueprint of a console does before each request: nobody but these roles, and no form of another site."""

    def look() -> BaseResponse | None:
        if request.path.startswith(FIELD):
            return _look_at_program(roles)
        refuse_strangers()
        found = entered()
        if found is None or found.identity is None:
            session["next"] = request.full_path.rstrip("?") if request.method == "GET" else request.path
            return redirect(where_now(found))
        if roles and found.identity.role not in roles:
            note_seldom(
                "access-refused", account=found.account.id, endpoint=request.endpoint or "", role=found.identity.role
            )
            return redirect(HOMES[found.identity.role])
        require_own_form()
        refuse_what_nothing_is_called()
        g.identity = found.identity
        return None

    return look


def _look_at_program(roles: tuple[Role, ...]) -> BaseResponse | None:
    """The same for the app of inspectors, which is told by problems and sent nowhere."""
    found = entered()
    if found is None or found.identity is None:
        return coded(401, "signed-out", "expected a session that goes on, got none: sign in and send it again")
    if roles and found.identity.role not in roles:
        note_seldom("access-refused", account=found.account.id, endpoint=request.endpoint or "")
        return coded(403, "role-other", "expected an inspector, got somebody else")
    try:
        refuse_strangers()
        require_own_form()
    except (Forbidden, CSRFError):
        return coded(403, "token-refused", "expected the token of the own session in X-CSRF-Token, got another")
    refuse_what_nothing_is_called()
    g.identity = found.identity
    return None


def refuse_what_nothing_is_called() -> None:
    """Refuse addresses that no database can be asked about: numbers beyond its integers, and the character NUL."""
    named = [*(request.view_args or {}).values(), *(each for _, each in request.args.items(multi=True))]
    refuse_nul(*(each for each in named if isinstance(each, str)))
    if any(each >= _BEYOND for each in named if not isinstance(each, str)):
        raise NotFound


def refuse_nul(*texts: str) -> None:
    """Refuse names and numbers in hidden fields that no database can be asked about. What people type, forms check."""
    if any("\0" in each for each in texts):
        raise NotFound


def protect() -> None:
    """Refuse forms of other sites, and forms of this one that are not of this session."""
    refuse_strangers()
    require_own_form()


def refuse_strangers() -> None:
    """Refuse forms that another site sends."""
    request.max_content_length = MAX_FORM
    if request.method not in ("GET", "HEAD"):
        try:
            refuse_cross_site(request.headers, site().origin.scheme)
        except Forbidden:
            note_seldom("form-refused", reason="cross-site", endpoint=request.endpoint or "")
            raise


def require_own_form() -> None:
    """Refuse forms without the session's own token. Raises `CSRFError`, which is a bad request."""
    if request.method not in ("GET", "HEAD"):
        try:
            csrf.protect()
        except CSRFError:
            note_seldom("form-refused", reason="token", endpoint=request.endpoint or "")
            raise


def csrf_token() -> str:
    """The session's own token, for a program of ours that sends it in a header."""
    return str(generate_csrf())


def where_now(found: Entered | None) -> str:
    """Where somebody must go who is not wholly in yet."""
    if found is None:
        return url_for("signing_in.sign_in")
    return url_for("signing_in.code" if found.has_second_factor else "signing_in.second_factor")


def let_in(signed_in: SignedIn, response: BaseResponse) -> BaseResponse:
    """Put the session into the cookie. Whatever the browser's session held before is gone, but where it was going."""
    going = session.get("next")
    session.clear()
    if going:
        session["next"] = going
    found = door().house.doorkeeper.entered(signed_in.token)
    assert found is not None  # it was begun just now
    login_user(User(signed_in.token, found))
    if signed_in.complete:
        factors = "two" if found.has_second_factor else "one"
        note("signed-in", account=signed_in.account.id, role=signed_in.account.role, factors=factors)
        _remember(response, signed_in.account.id)
    return response


def let_out() -> None:
    """End the session."""
    if current_user.is_authenticated:
        note("signed-out", account=current_user.entered.account.id)
        door().house.doorkeeper.sign_out(current_user.token)
    logout_user()
    session.clear()


def home() -> str:
    """Where one goes after signing in: to the page one came for, if it is one of ours, else to the own console."""
    going = session.pop("next", None)
    if isinstance(going, str) and is_ours(going):
        return going
    found = entered()
    return HOMES[found.identity.role] if found and found.identity else url_for("signing_in.sign_in")


def is_ours(path: str) -> bool:
    """Whether an address is a path of a console: never another site, however a browser would read it."""
    return path.startswith(tuple(f"{office}/" for office in OFFICES)) and "\\" not in path and path.isprintable()


def acquainted() -> str | None:
    """The account that this browser has been signed in to."""
    try:
        return str(door().known.loads(cookies().get(door().known_name, ""), max_age=KNOWN_AGE_S))
    except BadData:
        return None


def _remember(response: BaseResponse, account_id: str) -> None:
    response.set_cookie(
        door().known_name,
        door().known.dumps(account_id),
        max_age=KNOWN_AGE_S,
        path="/account",
        secure=door().secure,
        httponly=True,
        samesite="Lax",
    )
