"""Cartons and rolls by their first and last label: by text, by serial, by photo; what is refused, in which words."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from support.staff import enterprise_id

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr.access import Identity, Role, Scope
from traceqr.label.format import Label
from traceqr.label.serial import Serial
from traceqr.office.house import Denied
from traceqr.office.spans import SpanOffice
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.web.door import EXTENSION

SCAN = "/console/scan"


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


def issued(offices: Offices, *, active: bool = True) -> int:
    """A batch of twenty labels."""
    return offices.world.base.issue(20, gtin=GREEN_TEA, lot="20260915-A2", active=active).number


def serial(batch: int, index: int) -> str:
    return str(Serial(batch, index))


def text(offices: Offices, batch: int, index: int) -> str:
    return str(offices.world.base.text(batch, index))


def lives(offices: Offices) -> list[tuple[Any, ...]]:
    rows = offices.world.base.rows("SELECT first, last, life, holds, recalls FROM span ORDER BY batch, first")
    return [tuple(row.values()) for row in rows]


def figures(answer: Any) -> list[str]:
    return [" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in re.findall(r"<dd>(.*?)</dd>", answer.text)]


class TestLooking:
    def test_both_codes_tell_batch_and_span(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices, active=False)
        before = lives(offices)
        answer = clerk.post(SCAN, first=text(offices, batch, 3), last=text(offices, batch, 12))
        assert answer.status_code == 200, answer.text
        assert figures(answer)[:4] == ["10", Serial(batch, 3).readable, Serial(batch, 12).readable, str(batch)]
        assert lives(offices) == before, "nothing is done yet"

    def test_the_other_way_round(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        answer = clerk.post(SCAN, first=serial(batch, 12), last=serial(batch, 3))
        assert figures(answer)[:3] == ["10", Serial(batch, 3).readable, Serial(batch, 12).readable]

    def test_one_label(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        assert figures(clerk.post(SCAN, first=serial(batch, 3), last=serial(batch, 3)))[0] == "1"

    def test_a_serial_as_people_read_it(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        answer = clerk.post(SCAN, first=Serial(batch, 0).readable, last=f" {serial(batch, 19)} ")
        assert figures(answer)[0] == "20"

    def test_says_in_which_states_they_are(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices, active=False)
        do(clerk, batch, 0, 4, act="activate")
        answer = clerk.post(SCAN, first=serial(batch, 3), last=serial(batch, 9))
        assert "active" in answer.text
        assert figures(answer)[-2:] == ["2", "5"]

    def test_by_photo(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        photo = to_png(encode(Label.parse(text(offices, batch, 2))))
        answer = clerk.post(SCAN, first_photo=(io.BytesIO(photo), "first.png"), last=serial(batch, 5))
        assert figures(answer)[:3] == ["4", Serial(batch, 2).readable, Serial(batch, 5).readable]

    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
    def test_in_each_language(self, offices: Offices, clerk: Visitor, language: str) -> None:
        batch = issued(offices)
        clerk.language = language
        for page in (clerk.get(SCAN), clerk.post(SCAN, first=serial(batch, 0), last=serial(batch, 1))):
            assert not re.findall(r">(Scan[^<]*|Labels|Do it|What was scanned)<", page.text)


REFUSED: dict[str, tuple[Callable[[Offices, int], str], str]] = {
    "nothing": (lambda _, __: "", "Scan this label, choose a photo of it"),
    "a web address": (lambda _, __: "https://example.com/", "This is no label."),
    "an index alone": (lambda _, __: "5", "This is no label."),
    "a script": (lambda _, __: "<script>alert(1)</script>", "This is no label."),
    "digits of another script": (lambda _, __: "\u0663" * 16, "This is no label."),
    "a batch that is not there": (lambda _, __: serial(99_999, 1), "This is no label of your enterprise."),
    "past the end of the batch": (lambda _, batch: serial(batch, 20), "This is no label of your enterprise."),
    "another address": (
        lambda offices, batch: re.sub("://[^/]+", "://EVIL.EXAMPLE", text(offices, batch, 1)),
        "This is no label of this system",
    ),
    "another batch": (lambda offices, _: serial(issued(offices), 1), "of different batches"),
}


class TestRefusing:
    @pytest.mark.parametrize("kind", REFUSED)
    def test_what_is_no_use(self, offices: Offices, clerk: Visitor, kind: str) -> None:
        batch = issued(offices)
        make, words = REFUSED[kind]
        made = make(offices, batch)
        answer = clerk.post(SCAN, first=serial(batch, 0), last=made)
        assert answer.status_code == 422
        assert words in answer.text
        assert serial(batch, 0) in answer.text, "what was read is kept"
        assert "<script>alert" not in answer.text

    def test_labels_of_another_enterprise(self, offices: Offices) -> None:
        base = offices.world.base
        batch = issued(offices)
        base.enterprise(2)
        other = offices.as_(Role.MANAGER, enterprise_id(base, 2))
        there = other.post(SCAN, first=text(offices, batch, 0), last=serial(batch, 5))
        nowhere = other.post(SCAN, first=serial(99_999, 0), last=serial(99_999, 5))
        for answer in (there, nowhere):
            assert answer.status_code == 422
            assert "This is no label of your enterprise." in answer.text
        before = lives(offices)
        answer = other.post(
            "/console/scan/do", form=SCAN, first=serial(batch, 0), last=serial(batch, 5), act="activate"
        )
        assert answer.status_code == 422
        assert lives(offices) == before

    @pytest.mark.parametrize(
        ("photo", "words"),
        [(b"no picture", "is not a picture we can read"), (b"", "is not a picture we can read")],
    )
    def test_photos_that_cannot_be_read(self, offices: Offices, clerk: Visitor, photo: bytes, words: str) -> None:
        batch = issued(offices)
        answer = clerk.post(SCAN, first_photo=(io.BytesIO(photo), "first.jpg"), last=serial(batch, 1))
        assert answer.status_code == 422
        assert words in answer.text


def do(visitor: Visitor, batch: int, first: int, last: int, **data: str) -> Any:
    return visitor.post("/console/scan/do", form=SCAN, first=serial(batch, first), last=serial(batch, last), **data)


class TestDoing:
    def test_activate(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices, active=False)
        answer = do(clerk, batch, 3, 12, act="activate")
        assert answer.headers["Location"] == f"/console/batches/{batch}"
        assert [span[:3] for span in lives(offices)] == [(0, 2, "issued"), (3, 12, "active"), (13, 19, "issued")]

    def test_hold(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        assert do(clerk, batch, 3, 12, act="hold", reason="密封不良").status_code == 303
        assert lives(offices)[1] == (3, 12, "active", 1, 0)

    def test_a_recall_is_written_on_a_page_of_its_own(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        before = lives(offices)
        answer = do(clerk, batch, 3, 12, act="recall", reason="密封不良")
        page = clerk.get(answer.headers["Location"]).text
        assert re.search('name="first"[^>]* value="3"', page)
        assert "密封不良</textarea>" in page
        assert lives(offices) == before

    def test_void(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        assert do(clerk, batch, 0, 3, act="void", reason="破损", sure="y").status_code == 303
        assert lives(offices)[0][:3] == (0, 3, "void")

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({}, "field wrong"),
            ({"act": "burn"}, "choice"),
            ({"act": "hold"}, "field wrong"),
            ({"act": "void", "reason": "x"}, "Tick the box"),
            ({"act": "hold", "reason": "x" * 501}, ""),
        ],
    )
    def test_what_is_missing(self, offices: Offices, clerk: Visitor, data: dict[str, str], words: str) -> None:
        batch = issued(offices)
        before = lives(offices)
        answer = do(clerk, batch, 3, 12, **data)
        assert answer.status_code == 422
        assert words.lower() in answer.text.lower()
        assert figures(answer)[0] == "10", "what was scanned is shown still"
        assert lives(offices) == before

    def test_twice(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices, active=False)
        assert do(clerk, batch, 0, 3, act="activate").status_code == 303
        again = do(clerk, batch, 0, 3, act="activate")
        assert again.status_code == 422
        assert "No label in this range can be changed so." in again.text

    def test_a_token_without_the_right(self, offices: Offices) -> None:
        base = offices.world.base
        batch = issued(offices)
        identity = Identity("a", Role.CLERK, enterprise_id(base), token="t", scopes=frozenset({Scope.READ}))
        with pytest.raises(Denied):
            SpanOffice(offices.app.extensions[EXTENSION].house, identity).scanned(serial(batch, 0), serial(batch, 1))


class TestThePage:
    def test_alone_may_ask_for_the_camera_and_run_the_reader(self, clerk: Visitor) -> None:
        here, elsewhere = clerk.get(SCAN).headers, clerk.get("/console/batches").headers
        assert "script-src 'self' 'wasm-unsafe-eval'" in here["Content-Security-Policy"]
        assert "camera=(self)" in here["Permissions-Policy"]
        assert "microphone=()" in here["Permissions-Policy"]
        assert "wasm" not in elsewhere["Content-Security-Policy"]
        assert "camera=()" in elsewhere["Permissions-Policy"]

    def test_files_of_the_reader_are_named_or_not_there(self, clerk: Visitor) -> None:
        assert clerk.get("/scanner/../scanner.py").status_code == 404
        assert clerk.get("/scanner/nothing.js").status_code == 404

    def test_the_form_needs_no_script(self, clerk: Visitor) -> None:
        page = clerk.get(SCAN).text
        assert re.search(r'<div class="scanner" hidden', page)
        assert 'name="first_photo"' in page
        assert 'capture="environment"' in page
