"""Reports by people, through the form as a browser sends it, and the page that a receipt leads to."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from support.world import uscc

from tests.unit.test_photo import HANGZHOU, REFUSED, picture
from tests.unit.web.world import NAVIGATION, SECRET, World, browser, build
from traceqr import handling, reporting
from traceqr.instant import DAY_MS
from traceqr.photo import Photo
from traceqr.registry.pacing import Pace
from traceqr.reporting import DEVICE, Scanned, Sender
from traceqr.web import reports
from traceqr.web.tickets import MAX_AGE_MS, Tickets

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
ABROAD = {"X-Forwarded-For": "203.0.113.9, 8.8.8.8"}


@dataclass
class Street:
    """A deployment with five active labels, and people who scan them."""

    world: World
    app: Flask
    batch: int

    def person(self) -> Person:
        return Person(self, browser(self.app))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return self.world.base.rows(sql)

    def count(self, table: str) -> int:
        return int(self.world.base.one(f"SELECT COUNT(*) AS n FROM {table}")["n"])


@dataclass
class Person:
    """Somebody with a browser of his own."""

    street: Street
    client: FlaskClient
    language: str = "en"

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**NAVIGATION, "Accept-Language": self.language, **headers})

    def scan(self, index: int = 0) -> str:
        """The address of the form, as it stands on the page of a label."""
        page = self.get(self.street.world.label(self.street.batch, index).path).text
        return form_on(page)

    def fill(self, path: str) -> dict[str, Any]:
        """What stands hidden in the form."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        return {name: hidden(page.text, name) for name in ("t", "n")}

    def send(self, data: dict[str, Any], **headers: str) -> Any:
        return self.client.post(
            "/report",
            data=data,
            content_type="multipart/form-data",
            headers={"Accept-Language": self.language, "Sec-Fetch-Site": "same-origin", **headers},
        )

    def report(self, index: int = 0, **said: Any) -> Any:
        return self.send({**self.fill(self.scan(index)), "reason": "copied", **said})


def form_on(page: str) -> str:
    found = re.search(r'href="(/report\?t=[^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def photo(content: bytes, name: str = "IMG_0001.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


@pytest.fixture
def street(tmp_path: Path) -> Any:
    world = build(tmp_path)
    yield Street(world, world.app(), world.issue())
    world.base.close()


class TestTheWayThere:
    def test_a_report_is_filed_and_followed(self, street: Street) -> None:
        person = street.person()
        sent = person.report(content="The seal was broken.", shop="集市 3 号", contact="138-0000-0000")
        assert (sent.status_code, sent.headers["Location"][:9]) == (303, "/reports/")
        page = person.get(sent.headers["Location"])
        assert page.status_code == 200
        assert sent.headers["Location"].removeprefix("/reports/") in page.text
        assert "Waiting for an answer" in page.text
        assert "The seal was broken." not in page.text
        assert "138-0000" not in page.text
        assert street.count("report") == 1

    @pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
    def test_in_each_language(self, street: Street, language: str) -> None:
        person = street.person()
        person.language = language
        page = person.get(person.scan()).text
        assert {"en": "What is wrong?", "zh-Hans": "问题类型", "zh-Hant": "問題類型"}[language] in page
        assert street.person().report(content="x").status_code == 303

    @pytest.mark.parametrize("text", ["https://elsewhere.example/", "HTTPS://QR.EXAMPLE.ORG/01/x?s=1", "x" * 9_000])
    def test_from_what_is_no_label_of_ours(self, street: Street, text: str) -> None:
        person = street.person()
        page = person.client.post("/check", data={"text": text}, headers={"Accept-Language": "en"})
        path = form_on(page.text if page.status_code == 200 else person.get(page.headers["Location"]).text)
        assert "It goes to the quality association." in person.get(path).text
        assert person.send({**person.fill(path), "reason": "copied"}).status_code == 303
        assert street.rows("SELECT gtin, batch, enterprise_id FROM case_file") == [
            {"gtin": "", "batch": 0, "enterprise_id": None}
        ]

    def test_from_a_forged_label(self, street: Street) -> None:
        """It names a product of ours, and reaches nobody by that."""
        person = street.person()
        path = street.world.label(street.batch).path
        forged = path[:-1] + ("1" if path[-1] != "1" else "2")
        page = person.get(forged).text
        assert "Forged code" in page
        person.send({**person.fill(form_on(page)), "reason": "copied"})
        assert street.rows("SELECT enterprise_id FROM case_file") == [{"enterprise_id": None}]
        assert street.rows("SELECT verdict, verdict_reason FROM report") == [
            {"verdict": "forged", "verdict_reason": "seal-broken"}
        ]

    def test_a_label_that_is_not_activated(self, street: Street) -> None:
        batch = street.world.issue(active=False)
        person = street.person()
        page = person.get(street.world.label(batch).path).text
        person.send({**person.fill(form_on(page)), "reason": "inactive"})
        assert street.rows("SELECT verdict, batch FROM report") == [{"verdict": "inactive", "batch": batch}]

    def test_pages_of_labels_carry_their_own_tickets(self, street: Street) -> None:
        first, second = street.person().scan(0), street.person().scan(1)
        assert f".{street.batch}.0." in first
        assert f".{street.batch}.1." in second

    def test_crawlers_stay_away(self, street: Street) -> None:
        assert "Disallow: /report" in street.person().get("/robots.txt").text


class TestTickets:
    @pytest.mark.parametrize(
        "ticket",
        [
            "",
            "x",
            "genuine.r.1.0.1.AAAA",
            "é",
            "genuine.first-sighting.1.0.x.y",
            "." * 6,
            "a" * 5_000,
            "\0",
            "1.1.1.1.1.1",
        ],
    )
    def test_one_that_is_not_ours(self, street: Street, ticket: str) -> None:
        person = street.person()
        assert person.client.get("/report", query_string={"t": ticket}).status_code == 410
        assert person.send({"t": ticket, "reason": "copied"}).status_code == 410
        assert street.count("report") == 0

    def test_one_of_another_label(self, street: Street) -> None:
        """The serial is part of what is signed."""
        path = street.person().scan(0)
        assert street.person().get(path.replace(f".{street.batch}.0.", f".{street.batch}.1.")).status_code == 410

    def test_one_that_is_too_old(self, street: Street) -> None:
        person = street.person()
        path = person.scan()
        street.world.time.pass_ms(MAX_AGE_MS)
        assert person.get(path).status_code == 200
        street.world.time.pass_ms(1)
        assert person.get(path).status_code == 410

    def test_one_of_another_deployment(self, street: Street) -> None:
        now = street.world.time()
        scanned = Scanned("genuine", "first-sighting", street.batch, 0)
        assert Tickets(SECRET).read(Tickets(SECRET).issue(scanned, now), now) == scanned
        assert Tickets(SECRET).read(Tickets("another secret " * 3).issue(scanned, now), now) is None

    def test_without_one_there_is_no_form(self, street: Street) -> None:
        assert street.person().get("/report").status_code == 410


class TestBadInput:
    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ({"reason": ""}, "Choose what is wrong."),
            ({"reason": "revenge"}, "Choose what is wrong."),
            ({"reason": "other"}, "Say in a few words what is wrong."),
            ({"content": "x" * 1_001}, "This is too long."),
            ({"shop": "x" * 201}, "This is too long."),
            ({"contact": "x" * 101}, "This is too long."),
            ({"content": "a\0b"}, "There are characters that cannot be shown"),
            ({"shop": "a\u202eb"}, "There are characters that cannot be shown"),
            ({"contact": "a\x1b[31m"}, "There are characters that cannot be shown"),
        ],
    )
    def test_it_is_said_at_its_field(self, street: Street, said: dict[str, str], told: str) -> None:
        sent = street.person().report(**said)
        assert sent.status_code == 422
        assert told in sent.text
        assert street.count("case_file") == 0

    def test_what_was_typed_stays(self, street: Street) -> None:
        sent = street.person().report(reason="", content="\n the first line", shop="a shop", contact="a phone")
        assert "\n\n the first line</textarea>" in sent.text, "a browser drops the first line break"
        assert 'value="a shop"' in sent.text
        assert 'value="a phone"' in sent.text

    def test_script_in_every_text(self, street: Street) -> None:
        sent = street.person().report(
            reason=SCRIPT, content=SCRIPT, shop=SCRIPT, contact=SCRIPT, n=SCRIPT, position=SCRIPT
        )
        assert sent.status_code == 422
        assert "<script" not in sent.text
        assert "<img src=x" not in sent.text

    def test_a_form_of_another_site(self, street: Street) -> None:
        person = street.person()
        data = {**person.fill(person.scan()), "reason": "copied"}
        assert person.send(data, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert street.count("report") == 0

    def test_a_form_that_is_too_large(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reports, "MAX_FORM", 20_000)
        assert street.person().report(photos=photo(bytes(30_000))).status_code == 413

    def test_a_form_of_a_thousand_fields(self, street: Street) -> None:
        assert street.person().report(**{f"f{at}": "x" for at in range(1_000)}).status_code == 413

    def test_the_registry_is_away(self, street: Street) -> None:
        person = street.person()
        data = {**person.fill(person.scan()), "reason": "copied"}
        street.world.base.take_away()
        try:
            assert person.send(data).status_code == 503
            assert person.get("/reports/" + "0" * 20).status_code == 503
        finally:
            street.world.base.bring_back()

    def test_an_answer_of_nothing(self, street: Street) -> None:
        assert street.person().client.post("/report").status_code == 410


class TestPhotos:
    def kept(self, street: Street) -> list[bytes]:
        folder = street.world.settings.attachments
        assert folder is not None
        return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]

    def test_up_to_four_are_encoded_anew(self, street: Street) -> None:
        sent = [photo(picture(kind, gps=HANGZHOU)) for kind in ("JPEG", "PNG", "WEBP")] + [photo(picture(size=(9, 9)))]
        assert street.person().report(photos=sent).status_code == 303
        assert street.count("report_photo") == 4
        for content in self.kept(street):
            assert b"who took it" not in content
            with Image.open(io.BytesIO(content)) as image:
                assert (image.format, dict(image.getexif())) == ("JPEG", {})

    @pytest.mark.parametrize(("said", "place", "latitude"), [({}, "", None), ({"position": "on"}, "330100", 3_024)])
    def test_the_position_is_kept_on_consent_alone(
        self, street: Street, said: dict[str, str], place: str, latitude: int | None
    ) -> None:
        street.person().report(photos=photo(picture(gps=HANGZHOU)), **said)
        assert street.rows("SELECT latitude FROM report_photo") == [{"latitude": latitude}]
        assert street.rows("SELECT place FROM report") == [{"place": place}]
        assert street.rows("SELECT place FROM case_file") == [{"place": place and "330000"}]

    @pytest.mark.parametrize("what", ["GIF", "HEIC", "SVG", "bomb", "picture and archive", "cut off"])
    def test_what_is_no_photo(self, street: Street, what: str) -> None:
        sent = street.person().report(photos=photo(REFUSED[what][0], "photo.jpg"))
        assert sent.status_code == 422
        assert 'id="wrong-photos"' in sent.text
        assert "Photos must be chosen again." in sent.text
        assert street.count("case_file") == 0
        assert self.kept(street) == []

    def test_five(self, street: Street) -> None:
        sent = street.person().report(photos=[photo(picture(size=(at, at))) for at in range(5, 10)])
        assert sent.status_code == 422
        assert "Choose at most 4 photos." in sent.text

    def test_a_field_without_a_file_is_none(self, street: Street) -> None:
        assert street.person().report(photos=photo(b"", "")).status_code == 303
        assert street.count("report_photo") == 0

    def test_where_there_is_no_folder_none_are_asked_for(self, street: Street) -> None:
        world = street.world
        app = world.app(replace(world.settings, attachments=None))
        other = Street(world, app, street.batch).person()
        assert 'type="file"' not in other.get(other.scan()).text
        assert "cannot be taken just now" in other.report(photos=photo(picture())).text

    def test_a_full_disk(self, street: Street) -> None:
        folder = street.world.settings.attachments
        assert folder is not None
        folder.write_text("a file, where the folder should be", encoding="utf-8")
        sent = street.person().report(photos=photo(picture()))
        assert sent.status_code == 422
        assert "cannot be taken just now" in sent.text
        assert street.count("report") == 0


class TestFloods:
    def test_the_same_form_sent_twice_is_one_report(self, street: Street) -> None:
        person = street.person()
        data = {**person.fill(person.scan()), "reason": "copied", "content": "x"}
        first, second = person.send(dict(data)), person.send(dict(data))
        assert first.headers["Location"] == second.headers["Location"]
        assert street.count("report") == 1
        assert person.send({**data, "content": "y"}).headers["Location"] != first.headers["Location"]

    def test_the_same_words_from_elsewhere(self, street: Street) -> None:
        words = "All of these labels are copied, believe me."
        assert street.person().report(content=words).status_code == 303
        sent = street.person().report(1, content=words)
        assert sent.status_code == 422
        assert "exactly these words already" in sent.text

    def test_one_browser(self, street: Street) -> None:
        person = street.person()
        answers = [person.report(at % 5, content=str(at)) for at in range(DEVICE.burst + 1)]
        assert [answer.status_code for answer in answers] == [303] * DEVICE.burst + [429]
        assert int(answers[-1].headers["Retry-After"]) > 60
        assert f">{DEVICE.burst}</textarea>" in answers[-1].text.replace("\n", ""), "what was typed is still there"

    def test_photos_of_what_is_too_fast_or_filed_already_are_not_looked_at(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Looking at them takes seconds of a core."""
        person = street.person()
        looked: list[bytes] = []
        monkeypatch.setattr(reports, "read_photo", lambda content: looked.append(content) or Photo(content, None))
        data = {**person.fill(person.scan()), "reason": "copied"}
        first, second = (person.send({**data, "photos": photo(b"a photo")}) for _ in range(2))
        assert (first.headers["Location"], looked) == (second.headers["Location"], [b"a photo"])
        for at in range(1, DEVICE.burst):
            person.report(at)
        assert person.report(0, photos=photo(b"another")).status_code == 429
        assert looked == [b"a photo"]

    def test_one_network_with_many_browsers(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reporting, "NETWORK", Pace(3, 60_000))
        answers = []
        for at in range(4):
            person = street.person()
            answers.append(person.send({**person.fill(person.scan(at)), "reason": "copied"}, **ABROAD).status_code)
        assert answers == [303, 303, 303, 429]
        person = street.person()
        data = {**person.fill(person.scan(4)), "reason": "copied"}
        assert person.send(data, **{"X-Forwarded-For": "9.9.9.9"}).status_code == 303, "another network"

    def test_no_address_and_no_cookie_is_in_the_registry(self, street: Street) -> None:
        person = street.person()
        person.report(content="x")
        sent = {**person.fill(person.scan(1)), "reason": "copied"}
        assert person.send(sent, **ABROAD).status_code == 303
        cookie = person.client.get_cookie("__Host-traceqr", domain="qr.example.org")
        assert cookie is not None
        dumped = repr(street.world.base.dump("scan", "sighting", "visitor"))
        assert "8.8.8.8" not in dumped
        assert cookie.value not in dumped
        scanned = street.rows("SELECT device FROM scan")
        assert not any(row["device"] in dumped for row in scanned), "who scanned is not who reported"

    def test_who_keeps_no_cookies_is_told_by_his_network(self, street: Street) -> None:
        person = street.person()
        data = {**person.fill(person.scan()), "reason": "copied"}
        bare = Person(street, street.app.test_client(use_cookies=False))
        assert bare.send(data, **ABROAD).status_code == 303
        assert [
            row["name"].rpartition(":")[0] for row in street.rows("SELECT name FROM report_pace ORDER BY name")
        ] == [
            "attempt:network",
            "report",
            "report:label",
            "report:network",
        ]


class TestReceipts:
    @pytest.mark.parametrize(
        "typed", ["x", "0" * 20, "00000-00000-00000-00001", "%00", "..%5c..", "'; DROP TABLE report; --", "9" * 4_000]
    )
    def test_a_wrong_one(self, street: Street, typed: str) -> None:
        page = street.person().get(f"/reports/{typed}")
        assert page.status_code == 404
        assert "There is no report with this number." in page.text

    def test_it_is_found_however_it_is_typed(self, street: Street) -> None:
        person = street.person()
        address = person.report().headers["Location"]
        plain = address.removeprefix("/reports/").replace("-", " ").lower()
        found = person.client.get("/reports", query_string={"receipt": plain})
        assert (found.status_code, found.headers["Location"]) == (303, address)
        assert person.client.get("/reports", query_string={"receipt": "x"}).status_code == 404
        assert person.get("/reports").status_code == 200

    def test_answers_are_shown_escaped_and_late_is_said(self, street: Street) -> None:
        person, base = street.person(), street.world.base
        address = person.report().headers["Location"]
        street.world.time.pass_ms(8 * 86_400_000)
        assert "The answer is overdue" in person.get(address).text
        case_id = base.one("SELECT id FROM case_file")["id"]
        handling.escalate(base.desk, case_id)
        handling.answer(base.desk, case_id, f"Sorry.\n{SCRIPT}")
        page = person.get(address).text
        assert "Sorry." in page
        assert "<script" not in page
        assert "the association takes part in it" in page
        handling.close(base.desk, case_id, "copied", "Thank you.")
        page = person.get(address).text
        assert "Case closed" in page
        assert "The label was copied" in page
        assert "Thank you." in page

    def test_it_is_not_kept_by_caches(self, street: Street) -> None:
        person = street.person()
        assert person.get(person.report().headers["Location"]).headers["Cache-Control"] == "no-store"


class TestTheEnterprisesPage:
    def page(self, street: Street, **headers: str) -> Any:
        return street.person().client.get(f"/enterprises/{uscc()}", headers={"Accept-Language": "en", **headers})

    def test_nothing_was_reported(self, street: Street) -> None:
        assert "Nobody has reported anything in the last 12 months." in self.page(street).text

    def test_how_reports_were_answered_is_public(self, street: Street) -> None:
        base = street.world.base
        for at, place in enumerate(("110100", "310100", "330100")):
            base.report(Scanned("genuine", "r", street.batch, at), Sender(place=place))
        assert "No answer is due yet" in self.page(street).text
        cases = [row["id"] for row in base.rows("SELECT id FROM case_file ORDER BY place")]
        street.world.time.pass_ms(2 * DAY_MS)
        handling.answer(base.desk, cases[0], "x")
        street.world.time.pass_ms(6 * DAY_MS)
        handling.answer(base.desk, cases[1], "x")
        page = self.page(street).text
        assert "33% answered within 7 days" in page
        assert "1 of 3 answered in time" in page
        assert "half of the answers within 2 days" in page
        assert self.page(street, Accept="application/json").json["answering"] == {
            "cases": 3,
            "due": 3,
            "answered": 2,
            "in_time": 1,
            "share_percent": 33,
            "median_days": 2,
            "within_days": 7,
        }

    def test_forgeries_of_it_do_not_count_against_it(self, street: Street) -> None:
        street.world.base.report(Scanned("forged", "seal-broken"))
        assert "Nobody has reported anything" in self.page(street).text

    def test_a_year_later_it_is_over(self, street: Street) -> None:
        street.world.base.report(Scanned("genuine", "r", street.batch, 0))
        street.world.time.pass_ms(365 * DAY_MS + 1)
        assert "Nobody has reported anything" in self.page(street).text
