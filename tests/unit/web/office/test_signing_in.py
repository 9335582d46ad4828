"""The door: who gets in, by which forms, and what attackers meet there."""

from __future__ import annotations

import re

import pyotp
import pytest
from flask.sessions import SecureCookieSessionInterface
from support.staff import PASSWORD, invited, set_factor

from tests.unit.web.office.conftest import Offices, Visitor
from traceqr import admitting
from traceqr.access import Role

HOMES = {Role.OPERATOR: "/operator/", Role.MANAGER: "/console/", Role.CLERK: "/console/"}


def where(answer: object) -> str:
    return str(answer.headers["Location"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", Role)
def test_everybody_signs_in_and_out(offices: Offices, role: Role) -> None:
    visitor = offices.as_(role)
    page = visitor.get("/account/")
    assert page.status_code == 200
    assert "My account" in page.text
    assert where(visitor.post("/account/sign-out", form="/account/")) == "/account/sign-in"
    assert where(visitor.get("/account/")) == "/account/sign-in"


@pytest.mark.parametrize("path", ["/account/", "/account/password", "/console/team", "/console/tokens", "/operator/"])
def test_nobody_sees_a_console_without(offices: Offices, path: str) -> None:
    answer = offices.visitor().get(path)
    assert (answer.status_code, where(answer)) == (302, "/account/sign-in")
    assert answer.headers["Cache-Control"] == "no-store"


def test_one_comes_to_the_page_one_came_for(offices: Offices) -> None:
    clerk, visitor = offices.person(Role.CLERK), offices.visitor()
    visitor.get("/console/team?lang=en")
    visitor.sign_in(clerk)
    assert where(visitor.get("/account/go")) == "/console/team?lang=en"


def test_another_roles_console_leads_home(offices: Offices) -> None:
    assert where(offices.as_(Role.CLERK).get("/operator/")) == "/console/"
    assert where(offices.as_(Role.OPERATOR).get("/console/team")) == "/operator/"


class TestWrong:
    def test_password_or_login_is_not_said_which(self, offices: Offices) -> None:
        clerk, visitor = offices.person(Role.CLERK), offices.visitor()
        answers = [
            visitor.post("/account/sign-in", login=login, password="wrong")
            for login in (clerk.login, "nobody@firm.example")
        ]
        texts = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert texts[0] == texts[1]
        assert "do not belong together" in texts[0]

    def test_what_was_typed_stays_but_not_the_password(self, offices: Offices) -> None:
        answer = offices.visitor().post("/account/sign-in", login="x@y.example", password="very-wrong")
        assert "x@y.example" in answer.text
        assert "very-wrong" not in answer.text

    def test_nothing_was_typed(self, offices: Offices) -> None:
        answer = offices.visitor().post("/account/sign-in", login=" ", password="")
        assert answer.status_code == 422
        assert answer.text.count("This must be filled in.") == 2

    def test_many_attempts(self, offices: Offices) -> None:
        clerk, visitor = offices.person(Role.CLERK), offices.visitor()
        for _ in range(5):
            visitor.post("/account/sign-in", login=clerk.login, password="wrong")
        answer = visitor.post("/account/sign-in", login=clerk.login, password=PASSWORD)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        assert "many attempts" in answer.text

    def test_the_owner_comes_in_while_others_try(self, offices: Offices) -> None:
        clerk = offices.person(Role.CLERK)
        known = offices.visitor().sign_in(clerk)
        known.post("/account/sign-out", form="/account/")
        stranger = offices.visitor()
        for _ in range(8):
            stranger.post("/account/sign-in", login=clerk.login, password="wrong")
        known.sign_in(clerk)
        assert known.get("/account/").status_code == 200

    def test_an_altered_proof_of_acquaintance(self, offices: Offices) -> None:
        clerk = offices.person(Role.CLERK)
        known, stranger = offices.visitor().sign_in(clerk), offices.visitor()
        cookie = known.client.get_cookie("__Secure-traceqr-known", domain="qr.example.org", path="/account")
        assert cookie is not None
        stranger.client.set_cookie(cookie.key, cookie.value[:-2] + "AA", domain="qr.example.org", path="/account")
        for _ in range(5):
            stranger.post("/account/sign-in", login=clerk.login, password="wrong")
        assert stranger.post("/account/sign-in", login=clerk.login, password=PASSWORD).status_code == 429


class TestTheSecondFactor:
    def test_no_page_before_it(self, offices: Offices) -> None:
        officer, visitor = offices.person(Role.OFFICER), offices.visitor()
        visitor.post("/account/sign-in", login=officer.login, password=PASSWORD)
        assert where(visitor.get("/account/")) == "/account/code"
        assert where(visitor.get("/account/sign-in")) == "/account/code"

    def test_a_replayed_code(self, offices: Offices) -> None:
        officer, visitor = offices.person(Role.OFFICER), offices.visitor()
        code = officer.code()
        offices.visitor().sign_in(officer)
        visitor.post("/account/sign-in", login=officer.login, password=PASSWORD)
        answer = visitor.post("/account/code", code=code)
        assert answer.status_code == 422
        assert "was used already" in answer.text

    def test_many_codes(self, offices: Offices) -> None:
        officer, visitor = offices.person(Role.OFFICER), offices.visitor()
        visitor.post("/account/sign-in", login=officer.login, password=PASSWORD)
        statuses = [visitor.post("/account/code", code=f"{guess:06}").status_code for guess in range(6)]
        assert statuses == [422] * 5 + [429]

    def test_is_set_up_before_anything_else(self, offices: Offices) -> None:
        officer, visitor = offices.person(Role.OFFICER, factor=False), offices.visitor()
        visitor.post("/account/sign-in", login=officer.login, password=PASSWORD)
        assert where(visitor.get("/account/")) == "/account/second-factor/begin"
        page = visitor.get("/account/second-factor/begin")
        assert "<svg" in page.text
        officer.secret = "".join(re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].split())  # type: ignore[index]
        assert visitor.post("/account/second-factor/begin", code="000000").status_code == 422
        done = visitor.post("/account/second-factor/begin", code=officer.code())
        assert len(re.findall(r"<code>([a-z0-9-]{29})</code>", done.text)) == 10
        assert visitor.get("/account/").status_code == 200
        assert where(visitor.get("/account/second-factor/begin")) == "/account/go"

    def test_moved_to_another_phone(self, offices: Offices) -> None:
        officer = offices.person(Role.OFFICER)
        visitor = offices.visitor().sign_in(officer)
        old = officer.secret
        page = visitor.get("/account/second-factor")
        officer.secret = "".join(re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].split())  # type: ignore[index]
        new_code = officer.code()
        wrong = visitor.post("/account/second-factor", code="000000", new_code=new_code)
        assert wrong.status_code == 422
        officer.secret, secret = old, officer.secret
        done = visitor.post("/account/second-factor", code=officer.code(), new_code=new_code)
        assert done.status_code == 200, done.text
        officer.secret = secret
        offices.world.time.pass_ms(60_000)
        offices.visitor().sign_in(officer)

    def test_the_first_one_needs_the_password(self, offices: Offices) -> None:
        """Whoever finds a browser that is signed in cannot bind the account to his own phone."""
        manager = offices.person(Role.MANAGER)
        visitor = offices.visitor().sign_in(manager)
        page = visitor.get("/account/second-factor").text
        secret = "".join(re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].split())  # type: ignore[index]
        code = pyotp.TOTP(secret).generate_otp(offices.world.base.clock() // 30_000)
        answer = visitor.post("/account/second-factor", password="guessed", new_code=code)
        assert answer.status_code == 422
        assert "not your present password" in answer.text
        assert "guessed" not in answer.text
        answer = visitor.post("/account/second-factor", password=PASSWORD, new_code=code)
        assert (answer.status_code, answer.text.count("<code>")) == (200, 10)

    def test_who_may_not_remove_it(self, offices: Offices) -> None:
        assert offices.as_(Role.OFFICER).get("/account/second-factor/remove").status_code == 404
        manager = offices.person(Role.MANAGER)
        set_factor(manager)
        visitor = offices.visitor().sign_in(manager)
        done = visitor.post("/account/second-factor/remove", code=manager.code())
        assert done.status_code == 303
        assert visitor.get("/account/").text.count("the password alone lets you in") == 1


class TestInvitations:
    def link(self, offices: Offices, role: Role = Role.CLERK) -> str:
        return f"/account/invitation/{invited(offices.world.base, role)}"

    def accept(self, visitor: Visitor, link: str, **changes: str) -> object:
        data = {"login": "new@firm.example", "name": "新人", "password": PASSWORD, "again": PASSWORD, **changes}
        return visitor.post(link, **data)

    def test_is_taken_up_and_one_is_in(self, offices: Offices) -> None:
        visitor, link = offices.visitor(), self.link(offices)
        page = visitor.get(link)
        assert "Enterprise clerk" in page.text
        assert "Tea House No. 1" in page.text
        assert where(self.accept(visitor, link)) == "/account/go"
        assert "新人" in visitor.get("/account/").text
        assert visitor.get(link).status_code == 404

    def test_an_officer_goes_on_to_the_second_factor(self, offices: Offices) -> None:
        visitor = offices.visitor()
        self.accept(visitor, self.link(offices, Role.OFFICER))
        assert where(visitor.get("/account/go")) == "/account/second-factor/begin"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"login": "nobody"}, "mail address or a mobile number"),
            ({"password": "password1234", "again": "password1234"}, "among the first tries"),
            ({"again": "another"}, "not the same"),
            ({"name": " "}, "must be filled in"),
            ({"name": "x" * 81}, "too long"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_rest_stays(
        self, offices: Offices, changes: dict[str, str], why: str
    ) -> None:
        answer = self.accept(offices.visitor(), self.link(offices), **changes)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert why in answer.text  # type: ignore[attr-defined]
        assert 'value="' in answer.text  # type: ignore[attr-defined]
        assert PASSWORD not in answer.text  # type: ignore[attr-defined]

    @pytest.mark.parametrize("token", ["x", "A" * 43, "..%2f..", "%00", "%ff"])
    def test_a_guessed_link(self, offices: Offices, token: str) -> None:
        assert offices.visitor().get(f"/account/invitation/{token}").status_code == 404

    def test_double_clicked(self, offices: Offices) -> None:
        visitor, link = offices.visitor(), self.link(offices)
        token = visitor.token(link)
        data = {"login": "new@firm.example", "name": "新人", "password": PASSWORD, "again": PASSWORD}
        data["csrf_token"] = token
        first = visitor.client.post(link, data=data)
        assert first.status_code == 303
        second = visitor.client.post(link, data=data)
        assert second.status_code in (400, 404), "the token went with the session, the link was used"
        assert len(offices.world.base.rows("SELECT id FROM account")) == 1


class TestForms:
    @pytest.mark.parametrize(
        "headers",
        [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
    )
    def test_of_another_site(self, offices: Offices, headers: dict[str, str]) -> None:
        visitor = offices.as_(Role.MANAGER)
        token = visitor.token("/console/team")
        data = {"csrf_token": token, "role": "clerk"}
        before = offices.world.base.dump()
        assert visitor.client.post("/console/team/invite", data=data, headers=headers).status_code == 403
        assert offices.world.base.dump()["invitation"] == before["invitation"]

    @pytest.mark.parametrize("token", [None, "", "guessed"])
    def test_without_the_sessions_token(self, offices: Offices, token: str | None) -> None:
        visitor = offices.as_(Role.MANAGER)
        data = {"role": "clerk"} | ({"csrf_token": token} if token is not None else {})
        assert visitor.client.post("/console/team/invite", data=data).status_code == 400

    def test_with_anothers_token(self, offices: Offices) -> None:
        token = offices.as_(Role.MANAGER).token("/console/team")
        visitor = offices.as_(Role.MANAGER)
        data = {"csrf_token": token, "role": "clerk"}
        assert visitor.client.post("/console/team/invite", data=data).status_code == 400


class TestSessions:
    def test_one_that_was_fixed_beforehand(self, offices: Offices) -> None:
        """Whoever plants his own session cookie in somebody's browser is not in when that one signs in."""
        attacker, victim = offices.visitor(), offices.visitor()
        attacker.get("/account/sign-in")
        planted = attacker.client.get_cookie("__Host-traceqr-session", domain="qr.example.org")
        assert planted is not None
        victim.client.set_cookie(planted.key, planted.value, domain="qr.example.org")
        victim.sign_in(offices.person(Role.CLERK))
        assert victim.get("/account/").status_code == 200
        assert where(attacker.get("/account/")) == "/account/sign-in"

    def test_a_cookie_of_before_the_sign_out(self, offices: Offices) -> None:
        visitor = offices.as_(Role.CLERK)
        cookie = visitor.client.get_cookie("__Host-traceqr-session", domain="qr.example.org")
        assert cookie is not None
        visitor.post("/account/sign-out", form="/account/")
        visitor.client.set_cookie(cookie.key, cookie.value, domain="qr.example.org")
        assert where(visitor.get("/account/")) == "/account/sign-in"

    def test_signing_out_clears_what_pages_left_in_the_browser(self, offices: Offices) -> None:
        answer = offices.as_(Role.CLERK).post("/account/sign-out", form="/account/")
        assert answer.headers["Clear-Site-Data"] == '"cache"'
        assert answer.headers["Cache-Control"] == "no-store"

    def test_the_present_password_is_guessed_slowly_at_a_stolen_session(self, offices: Offices) -> None:
        visitor, new = offices.as_(Role.CLERK), "nine-copper-lids-hum"
        statuses = [
            visitor.post("/account/password", old=f"guess{number}", new=new, again=new).status_code
            for number in range(6)
        ]
        assert statuses == [422] * 5 + [429]

    def test_cookies_are_signed_with_sha_256(self, offices: Offices) -> None:
        interface = offices.app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        serializer = interface.get_signing_serializer(offices.app)
        assert serializer is not None
        signer = serializer.make_signer(serializer.salt)
        assert len(signer.get_signature(b"x")) == 43, "32 bytes in base64"

    def test_the_cookie_is_for_no_script_and_no_other_host(self, offices: Offices) -> None:
        clerk, visitor = offices.person(Role.CLERK), offices.visitor()
        answer = visitor.post("/account/sign-in", login=clerk.login, password=PASSWORD)
        planted = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-traceqr-session=")]
        assert planted
        for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert attribute in planted[-1]
        assert "Domain" not in planted[-1]

    def test_are_ended_from_the_page(self, offices: Offices) -> None:
        clerk = offices.person(Role.CLERK)
        one, two = offices.visitor().sign_in(clerk), offices.visitor().sign_in(clerk)
        (path,) = re.findall(r'action="(/account/sessions/[0-9a-f]+/end)"', two.get("/account/").text)
        assert two.post(path, form="/account/").status_code == 303
        assert where(one.get("/account/")) == "/account/sign-in"

    def test_of_somebody_else(self, offices: Offices) -> None:
        visitor = offices.as_(Role.CLERK)
        offices.as_(Role.MANAGER)
        for row in offices.world.base.rows("SELECT id, account_id FROM session"):
            own = row["account_id"] == offices.world.base.rows("SELECT id FROM account ORDER BY position")[0]["id"]
            answer = visitor.post(f"/account/sessions/{row['id']}/end", form="/account/")
            assert answer.status_code == (303 if own else 404)
            if own:
                break

    def test_a_scan_knows_nothing_of_them(self, offices: Offices) -> None:
        visitor = offices.as_(Role.CLERK)
        answer = visitor.get("/")
        assert answer.status_code == 200
        assert "session" not in answer.headers.get("Set-Cookie", "")
        assert "script-src" not in answer.headers["Content-Security-Policy"]


class TestOpenRedirects:
    @pytest.mark.parametrize(
        "going",
        [
            "//evil.example/account/",
            "https://evil.example/account/",
            "/\\evil.example/account/",
            "/account\\..\\..//evil.example",
            "/account/\r\nLocation: https://evil.example",
            "javascript:alert(1)",
            "/accountant",
        ],
    )
    def test_lead_home(self, offices: Offices, going: str) -> None:
        clerk, visitor = offices.person(Role.CLERK), offices.visitor()
        visitor.sign_in(clerk)
        with visitor.client.session_transaction(base_url="https://qr.example.org", path="/account/") as session:
            session["next"] = going
        assert where(visitor.get("/account/go")) == "/console/"

    def test_the_parameter_is_not_read(self, offices: Offices) -> None:
        visitor = offices.visitor()
        visitor.get("/account/sign-in?next=https://evil.example/")
        visitor.sign_in(offices.person(Role.CLERK))
        assert where(visitor.get("/account/go?next=https://evil.example/")) == "/console/"


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "words"), [("zh-CN", "登录"), ("zh-TW", "登入"), ("en", "Sign in"), ("fr", "Sign in")]
    )
    def test_each(self, offices: Offices, language: str, words: str) -> None:
        visitor = offices.visitor()
        visitor.language = language
        assert f"<h1>{words}</h1>" in visitor.get("/account/sign-in").text


def test_a_closed_account_is_out_at_once(offices: Offices) -> None:
    clerk = offices.person(Role.CLERK)
    visitor = offices.visitor().sign_in(clerk)
    admitting.close(offices.world.desk, clerk.account.id)
    assert where(visitor.get("/account/")) == "/account/sign-in"
