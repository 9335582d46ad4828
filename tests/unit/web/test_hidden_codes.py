"""Entering hidden codes on the page of a scan: the form, the pass that it carries, and the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.hidden import code, guarding, issue_with_codes, right_code, wrong_code
from werkzeug.test import TestResponse

from tests.unit.web.world import ENGLISH, GREEN_TEA, NAVIGATION, World, browser
from traceqr import keying, recalling
from traceqr.activating import Range
from traceqr.entering import Entries, Outcome
from traceqr.guard.asking import Line
from traceqr.label.serial import Serial
from traceqr.web import entry_passes, entry_words
from traceqr.web.hidden_codes import MAX_FORM
from traceqr.web.language import Language

OWN = {**NAVIGATION, "Sec-Fetch-Site": "same-origin", **ENGLISH}
LABEL = Serial(1, 2)


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    issue_with_codes(world.base, 5, gtin=GREEN_TEA)
    with guarding(world.base, tmp_path / "guard") as line:
        yield world.app(entries=Entries(world.database, line, world.time))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return browser(app)


def scan(world: World, client: FlaskClient, index: int = LABEL.index, batch: int = 1, **headers: str) -> str:
    answer = client.get(world.label(batch, index).path, headers={**NAVIGATION, **ENGLISH, **headers})
    assert answer.status_code == 200
    return answer.text


def pass_in(page: str) -> str:
    found = re.search('name="pass" value="([^"]+)"', page)
    assert found, "expected a page with a form for the hidden code"
    return found[1]


def enter(client: FlaskClient, token: str, typed: str, **headers: str) -> TestResponse:
    return client.post("/hidden-code", data={"pass": token, "code": typed}, headers={**OWN, **headers})


def right(world: World) -> str:
    return right_code(world.base, LABEL).grouped


def outcome(answer: TestResponse) -> str:
    found = re.search('data-outcome="([a-z-]+)"', answer.text)
    assert found
    return found[1]


class TestTheForm:
    def test_a_scan_is_asked_for_the_code(self, world: World, client: FlaskClient) -> None:
        page = scan(world, client)
        assert pass_in(page)
        assert 'inputmode="numeric"' in page
        assert "Code under the scratch layer" in page
        assert "<script" not in page

    def test_each_label_has_a_pass_of_its_own(self, world: World, client: FlaskClient) -> None:
        """Though their pages are kept: the second is filled in from the first."""
        assert len({pass_in(scan(world, client, index)) for index in range(5)}) == 5

    def test_what_is_no_scan_has_no_form(self, world: World, app: Flask) -> None:
        path = world.label(1, 2).path
        for headers in ({"Sec-Purpose": "prefetch"}, {"User-Agent": "Googlebot"}, {"Sec-Fetch-Dest": "image"}):
            assert 'name="pass"' not in browser(app).get(path, headers={**NAVIGATION, **headers}).text

    def test_labels_without_codes_have_none(self, world: World, client: FlaskClient) -> None:
        assert 'name="pass"' not in scan(world, client, 0, world.issue())

    def test_without_a_guard_there_is_none(self, world: World, app: Flask) -> None:
        client = browser(world.app())
        assert 'name="pass"' not in scan(world, client)
        token = pass_in(scan(world, browser(app)))
        assert enter(client, token, right(world)).status_code == 403

    @pytest.mark.parametrize("kind", ["hold", "recall"])
    def test_what_is_stopped_says_so_and_nothing_else(self, world: World, client: FlaskClient, kind: str) -> None:
        recalling.open_on_batch(world.desk, kind, Range(1, 2, 2), "r")
        assert 'name="pass"' not in scan(world, client)

    def test_what_is_not_for_sale_yet(self, world: World, client: FlaskClient) -> None:
        batch = issue_with_codes(world.base, 5, gtin=GREEN_TEA, active=False)
        assert 'name="pass"' not in scan(world, client, 0, batch.number)

    def test_a_stolen_key_asks_for_it(self, world: World, client: FlaskClient) -> None:
        label = world.label(1, 2)
        keying.compromise(world.desk, 1, "stolen")
        page = client.get(label.path, headers={**NAVIGATION, **ENGLISH}).text
        assert 'data-verdict="suspect"' in page
        assert outcome(enter(client, pass_in(page), right(world))) == "confirmed"


class TestAnswers:
    def test_confirmed(self, world: World, client: FlaskClient) -> None:
        answer = enter(client, pass_in(scan(world, client)), right(world))
        assert (answer.status_code, outcome(answer)) == (200, "confirmed")
        assert "nobody has entered it before" in answer.text
        assert "Confirmed November 20, 2026, 16:12" in answer.text
        assert "0000 0001 0000 0002" in answer.text
        assert 'name="pass"' not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"

    def test_it_is_told_to_everyone_after(self, world: World, app: Flask, client: FlaskClient) -> None:
        enter(client, pass_in(scan(world, client)), right(world))
        assert "You have entered the hidden code of this label, as the first." in scan(world, client)
        other = browser(app)
        page = scan(world, other)
        assert "Another device has entered the hidden code of this label" in page
        assert "Hidden code entered" not in scan(world, other, 3)
        world.time.pass_days(1)
        second = enter(other, pass_in(page), right(world))
        assert outcome(second) == entry_words.STALE, "a page that is a day old"

    def test_a_second_device_is_warned(self, world: World, app: Flask, client: FlaskClient) -> None:
        enter(client, pass_in(scan(world, client)), right(world))
        other = browser(app)
        answer = enter(other, pass_in(scan(world, other)), right(world))
        assert (answer.status_code, outcome(answer)) == (200, "already-confirmed")
        assert 'class="verdict stop"' in answer.text
        assert "another device entered it first" in answer.text
        assert "Confirmed November 20, 2026, 16:12" in answer.text
        assert 'href="tel:12315"' in answer.text
        page = scan(world, client)
        assert "Afterwards the code was entered rightly once more" in page

    @pytest.mark.parametrize("face", ["already-confirmed", "wrong"])
    def test_a_warning_leads_to_a_report_about_the_label(
        self, world: World, app: Flask, client: FlaskClient, face: str
    ) -> None:
        typed = right(world)
        if face == "wrong":
            typed = wrong_code(right_code(world.base, LABEL)).digits
        else:
            other = browser(app)
            enter(other, pass_in(scan(world, other)), typed)
        answer = enter(client, pass_in(scan(world, client)), typed)
        link = re.search(r'href="(/report\?t=([^"]+))"', answer.text)
        assert link
        assert link[2].startswith(f"suspect.{face}.{LABEL.batch}.{LABEL.index}.")
        assert client.get(link[1]).status_code == 200

    def test_what_is_right_or_only_mistyped_leads_to_none(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        for typed in ("744509610378", right(world)):
            assert "/report" not in enter(client, token, typed).text

    def test_the_same_device_again(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        enter(client, token, right(world))
        assert outcome(enter(client, token, right(world))) == "confirmed-again"

    def test_wrong(self, world: World, client: FlaskClient) -> None:
        answer = enter(client, pass_in(scan(world, client)), wrong_code(right_code(world.base, LABEL)).digits)
        assert (answer.status_code, outcome(answer)) == (200, "wrong")
        assert "the label is most likely a copy" in answer.text
        assert outcome(enter(client, pass_in(answer.text), right(world))) == "confirmed"

    @pytest.mark.parametrize(
        ("typed", "expected"), [("744509610378", "mistyped"), ("12345", "malformed"), ("", "malformed")]
    )
    def test_typing_errors_have_the_form_again(
        self, world: World, client: FlaskClient, typed: str, expected: str
    ) -> None:
        answer = enter(client, pass_in(scan(world, client)), typed)
        assert (answer.status_code, outcome(answer)) == (200, expected)
        assert outcome(enter(client, pass_in(answer.text), right(world))) == "confirmed"

    def test_wait(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        for number in range(1, 6):
            enter(client, token, code(number).digits)
        answer = enter(client, token, right(world))
        assert (answer.status_code, outcome(answer)) == (429, "wait")
        assert 1 <= int(answer.headers["Retry-After"]) <= 15
        assert re.search(r"again in \d+ seconds?\.", answer.text)

    def test_others_who_guess_make_wait_and_say_so(self, world: World, app: Flask, client: FlaskClient) -> None:
        for number in range(1, 12):
            other = browser(app)
            assert outcome(enter(other, pass_in(scan(world, other)), code(number).digits)) == "wrong"
        answer = enter(client, pass_in(scan(world, client)), right(world))
        assert (answer.status_code, outcome(answer)) == (429, entry_words.WAIT_FOR_OTHERS)
        assert "Your turn is kept" in answer.text

    def test_a_guard_that_is_away_says_neither(self, world: World, tmp_path: Path) -> None:
        issue_with_codes(world.base, 5, gtin=GREEN_TEA)
        client = browser(world.app(entries=Entries(world.database, Line(tmp_path / "none", 0), world.time)))
        answer = enter(client, pass_in(scan(world, client)), right(world))
        assert (answer.status_code, outcome(answer)) == (503, "not-available")
        assert answer.headers["Retry-After"] == "30"
        assert "neither good nor bad" in answer.text

    def test_entering_is_no_scan(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        before = world.base.rows("SELECT * FROM scan")
        for typed in (right(world), code(1).digits, "1"):
            enter(client, token, typed)
        assert world.base.rows("SELECT * FROM scan") == before

    @pytest.mark.parametrize("language", list(Language))
    def test_in_every_language(self, world: World, client: FlaskClient, language: Language) -> None:
        spoken = {"Accept-Language": str(language)}
        token = pass_in(scan(world, client, **spoken))
        answer = enter(client, token, right(world), **spoken)
        assert f'<html lang="{language}">' in answer.text
        assert {"en": "is right", "zh-Hans": "验证码正确", "zh-Hant": "驗證碼正確"}[language] in answer.text

    def test_every_outcome_has_words(self) -> None:
        for face in (*Outcome, entry_words.WAIT_FOR_OTHERS, entry_words.STALE):
            for table in (entry_words.TITLES, entry_words.LEADS, entry_words.STEPS, entry_words.TONES):
                assert face in table
            assert face in entry_words.EMBLEMS


JSON = {"Accept": "application/json"}


class TestJson:
    def test_confirmed(self, world: World, client: FlaskClient) -> None:
        answer = enter(client, pass_in(scan(world, client)), right(world), **JSON)
        assert answer.json == {
            "outcome": "confirmed",
            "at": "2026-11-20T08:12:00.000Z",
            "purchase": {
                "confirmed": "2026-11-20T08:12:00.000Z",
                "place": None,
                "own_device": True,
                "entries_by_others": 0,
                "last_by_others": None,
                "last_place_of_others": None,
            },
            "wait_seconds": None,
            "wait_for_others": False,
        }

    def test_mistyped_and_stale(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        told: Any = enter(client, token, "744509610378", **JSON).json
        assert (told["outcome"], told["purchase"]) == ("mistyped", None)
        stale = enter(client, "forged", right(world), **JSON)
        assert (stale.status_code, stale.json) == (403, {"outcome": "stale"})


class TestPasses:
    def test_another_device_cannot_use_it(self, world: World, app: Flask, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        other = browser(app)
        scan(world, other, 0)
        answer = enter(other, token, right(world))
        assert (answer.status_code, outcome(answer)) == (403, entry_words.STALE)
        assert world.base.rows("SELECT * FROM purchase") == []

    def test_a_browser_without_cookies_is_the_device_that_scanned(self, world: World, app: Flask) -> None:
        token = pass_in(scan(world, browser(app)))
        assert outcome(enter(browser(app), token, right(world))) == "confirmed"
        assert outcome(enter(browser(app), token, right(world))) == "confirmed-again"

    def test_after_some_hours_it_is_stale(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        world.time.pass_ms(entry_passes.MAX_AGE_MS)
        assert outcome(enter(client, token, "1")) == "malformed"
        world.time.pass_ms(1)
        assert outcome(enter(client, token, right(world))) == entry_words.STALE

    @pytest.mark.parametrize("token", ["", "x", "eyJiYXRjaCI6MX0.x", "\x00", "a" * 2_000])
    def test_what_is_none(self, client: FlaskClient, token: str) -> None:
        assert outcome(enter(client, token, code(1).digits)) == entry_words.STALE

    def test_that_of_the_image_is_none(self, world: World, client: FlaskClient) -> None:
        found = re.search(r"/seen/([^\"]+)\.gif", scan(world, client))
        assert found
        assert outcome(enter(client, found[1], right(world))) == entry_words.STALE

    def test_it_is_for_its_label_alone(self, world: World, client: FlaskClient) -> None:
        """The code of another label, which one may own, is wrong for this one."""
        assert outcome(enter(client, pass_in(scan(world, client, 3)), right(world))) == "wrong"


class TestOdd:
    def test_from_another_site(self, world: World, client: FlaskClient) -> None:
        token = pass_in(scan(world, client))
        answer = enter(client, token, right(world), **{"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert world.base.rows("SELECT * FROM purchase") == []

    def test_the_address_without_the_form(self, client: FlaskClient) -> None:
        answer = client.get("/hidden-code")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")

    def test_a_form_that_is_too_large(self, client: FlaskClient) -> None:
        assert enter(client, "x", "1" * MAX_FORM).status_code == 413

    def test_what_is_typed_is_not_repeated(self, world: World, client: FlaskClient) -> None:
        typed = "<b>7445</b>"
        assert typed not in enter(client, pass_in(scan(world, client)), typed).text
        digits = right_code(world.base, LABEL).digits
        answer = enter(client, pass_in(scan(world, client)), digits).text
        assert digits not in answer
        assert digits[:4] + "-" not in answer
