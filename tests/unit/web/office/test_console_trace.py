"""Traceability in the console: places, partners, who is told, events; and the small form that states them."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest
from support.chain import Chain, labels, sscc
from support.chain_scenarios import GLN, PREFIX, location
from support.staff import enterprise_id
from support.world import gtin, uscc

from tests.unit.web.office.conftest import Offices, Visitor
from tests.unit.web.world import GREEN_TEA
from traceqr.access import Role
from traceqr.chain import arranging
from traceqr.registry.batches import Batch
from traceqr.tracing.event import Audience, Standing

PLACE = {"kind": "factory", "name_zh": "一号茶厂", "region": "330100"}
SERIALS = "0000000100000000 - 0000000100000002"


@pytest.fixture
def clerk(offices: Offices) -> Visitor:
    return offices.as_(Role.CLERK)


@pytest.fixture
def manager(offices: Offices) -> Visitor:
    return offices.as_(Role.MANAGER)


def issued(offices: Offices) -> Batch:
    return offices.world.base.issue(5, gtin=GREEN_TEA)


def rows(offices: Offices, statement: str, **values: Any) -> list[dict[str, Any]]:
    return offices.world.base.rows(statement, **values)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.text)


class TestPlaces:
    def test_one_is_added_with_its_gln_and_changed(self, offices: Offices, clerk: Visitor) -> None:
        answer = clerk.post("/console/trace/places", gln="6901234000009", extension="A-3", **PLACE)
        assert answer.status_code == 303
        key = "414/6901234000009/A-3"
        assert [row["key"] for row in rows(offices, "SELECT key FROM location")] == [key]
        answer = clerk.post(f"/console/trace/place?key={key}", **{**PLACE, "name_zh": "二号茶厂"})
        assert answer.status_code == 303
        assert "二号茶厂" in clerk.get("/console/trace/places").text

    def test_one_without_gln_gets_an_address(self, offices: Offices, clerk: Visitor) -> None:
        assert clerk.post("/console/trace/places", **PLACE).status_code == 303
        (row,) = rows(offices, "SELECT key FROM location")
        assert re.fullmatch(r"uri/https://qr\.example\.org/places/\w+", row["key"])
        assert clerk.get(f"/console/trace/place?key={row['key']}").status_code == 200

    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("gln", "6901234000001", "This is no valid GLN"),
            ("gln", "69012", "This is no valid GLN"),
            ("region", "33", "Enter the 6 digits"),
            ("name_zh", " ", "This must be filled in."),
            ("extension", "a b c", "This is no valid GLN"),
        ],
    )
    def test_what_is_wrong_is_said(self, offices: Offices, clerk: Visitor, field: str, value: str, told: str) -> None:
        answer = clerk.post("/console/trace/places", **{"gln": "6901234000009", **PLACE, field: value})
        assert answer.status_code == 422
        assert told in answer.text
        assert rows(offices, "SELECT key FROM location") == []

    def test_others_are_not_there(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        base.enterprise(2)
        arranging.set_locations(base.desk, [location(base, enterprise_id=enterprise_id(base, 2))])
        for key in (GLN, "414/x", "", "uri/urn:x:1"):
            assert clerk.get(f"/console/trace/place?key={key}").status_code == 404
        assert "一号茶厂" not in clerk.get("/console/trace/places").text


class TestMaterials:
    def test_one_is_named_and_named_anew(self, offices: Offices, clerk: Visitor) -> None:
        leaves = str(gtin(1, "6905555"))
        for name in ("鲜叶", "一芽一叶"):
            answer = clerk.post("/console/trace/materials", gtin=leaves[1:], name_zh=name, name_en="Leaves")
            assert answer.status_code == 303
        assert [row["name_zh"] for row in rows(offices, "SELECT name_zh FROM material_name")] == ["一芽一叶"]
        assert "一芽一叶" in clerk.get("/console/trace/materials").text

    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("gtin", "6905555000001", "This is no valid GTIN"),
            ("gtin", "x", "This is no valid GTIN"),
            ("gtin", str(GREEN_TEA), "This is an enrolled product"),
            ("name_zh", " ", "This must be filled in."),
        ],
    )
    def test_what_is_wrong_is_said(self, offices: Offices, clerk: Visitor, field: str, value: str, told: str) -> None:
        given = {"gtin": str(gtin(1, "6905555")), "name_zh": "鲜叶", field: value}
        answer = clerk.post("/console/trace/materials", **given)
        assert answer.status_code == 422
        assert told in answer.text
        assert rows(offices, "SELECT gtin FROM material_name") == []


class TestPartners:
    def test_one_is_named_and_dropped(self, offices: Offices, manager: Visitor) -> None:
        offices.world.base.enterprise(2)
        assert manager.post("/console/trace/partners", uscc=uscc(2).lower(), makes="y").status_code == 303
        assert "state events, and what it made for us" in manager.get("/console/trace/partners").text
        path = f"/console/trace/partners/{uscc(2)}/drop"
        assert manager.post(path, form="/console/trace/partners").status_code == 303
        assert "No partner is named yet." in manager.get("/console/trace/partners").text

    @pytest.mark.parametrize("code", [uscc(1), uscc(9), "x"])
    def test_nobody_else_is(self, offices: Offices, manager: Visitor, code: str) -> None:
        assert manager.post("/console/trace/partners", uscc=code).status_code == 422
        assert rows(offices, "SELECT * FROM partner") == []

    def test_a_clerk_names_nobody_and_tells_nobody(self, offices: Offices, clerk: Visitor) -> None:
        token = clerk.token("/console/trace/places")
        for path in ("partners", f"partners/{uscc(1)}/drop", "audiences", "audiences/recommended"):
            data = {"csrf_token": token, "uscc": uscc(1), "step": "packing", "audience": "public"}
            assert clerk.send(f"/console/trace/{path}", data).status_code == 403
        assert rows(offices, "SELECT * FROM step_audience") == []


class TestAudiences:
    def test_one_step(self, offices: Offices, manager: Visitor) -> None:
        assert manager.post("/console/trace/audiences", step="packing", audience="regulators").status_code == 303
        (row,) = rows(offices, "SELECT step, audience FROM step_audience")
        assert (row["step"], row["audience"]) == ("packing", "regulators")

    def test_all_as_recommended_in_one_click(self, offices: Offices, manager: Visitor) -> None:
        path = "/console/trace/audiences"
        assert "Set all as recommended" in manager.get(path).text
        assert manager.post(f"{path}/recommended", form=path).status_code == 303
        found = {row["step"]: row["audience"] for row in rows(offices, "SELECT step, audience FROM step_audience")}
        assert (found["shipping"], found["sampling"], found[""]) == ("public", "regulators", "partners")
        assert "Set all as recommended" not in manager.get(path).text


class TestEvents:
    def test_own_ones_and_what_strangers_state(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        base.enterprise(2)
        chain, batch = Chain(base), issued(offices)
        chain.packed(sscc(1), labels(batch, 0, 4))
        chain.seen(labels(batch, 0, 0), by=2, step="inspecting", audience=Audience.PUBLIC)
        chain.seen(labels(batch, 0, 0), by=2, step="destroying")
        html = words(clerk.get("/console/trace"))
        own, others = html.split("What others state about our things")
        assert "Packed" in own
        assert "Tested" not in own
        assert "Tested" in others
        assert "Stranger: counts for nothing" in others
        assert "Destroyed" not in others, "of what a stranger tells his partners alone nobody else is told"

    def test_pages_of_them(self, offices: Offices, clerk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("traceqr.web.console_trace.PAGE", 2)
        chain, batch = Chain(offices.world.base), issued(offices)
        for step in ("storing", "picking", "loading"):
            chain.seen(labels(batch, 0, 0), step=step)
        first = clerk.get("/console/trace").text
        assert "Loaded" in first
        assert "Stored" not in first
        more = re.search(r'href="(\?before=\d+)"', first)
        assert more
        second = clerk.get(f"/console/trace{more[1]}").text
        assert "Stored" in second
        assert "Picked" not in second

    def test_one(self, offices: Offices, clerk: Visitor) -> None:
        chain, batch = Chain(offices.world.base), issued(offices)
        chain.packed(sscc(1), labels(batch, 0, 4), location=GLN)
        html = words(clerk.get("/console/trace/events/1"))
        assert f"21/{GREEN_TEA}/0000000100000000 … 21/{GREEN_TEA}/0000000100000004" in html
        assert "&#34;bizLocation&#34;" in html or "AggregationEvent" in html
        assert clerk.get("/console/trace/events/2").status_code == 404


class TestStating:
    def test_a_case_is_packed(self, offices: Offices, clerk: Visitor) -> None:
        batch = issued(offices)
        text = offices.world.base.text(batch.number, 4)
        answer = clerk.post("/console/trace/state/pack", parent=f"(00){sscc(1).key}", things=f"{SERIALS}\r\n{text}\r\n")
        assert answer.status_code == 303, words(answer)
        (event,) = rows(offices, "SELECT * FROM trace_event")
        assert (event["kind"], event["step"], event["standing"]) == ("aggregation", "packing", Standing.OWNER)
        assert event["event_id"].startswith("ni:///sha-256;")
        found = rows(offices, "SELECT part, first, last FROM trace_item ORDER BY ordinal, first")
        assert [(row["part"], row["first"], row["last"]) for row in found if row["part"] == "child"] == [
            ("child", 0, 2),
            ("child", 4, 4),
        ]
        assert clerk.get(answer.headers["Location"]).status_code == 200

    def test_cases_are_stacked_shipped_and_received(self, offices: Offices, clerk: Visitor) -> None:
        base = offices.world.base
        arranging.set_locations(base.desk, [location(base)])
        for deed, fields in {
            "palletise": {"parent": sscc(2).key, "things": f"00{sscc(1).key}\n]C100{sscc(3).key}"},
            "ship": {"things": sscc(2).key, "here": GLN, "there": GLN},
            "receive": {"things": f"https://id.gs1.org/00/{sscc(2).key}", "here": GLN},
        }.items():
            base.clock.pass_ms(60_000)
            assert clerk.post(f"/console/trace/state/{deed}", **fields).status_code == 303, deed
        found = rows(offices, "SELECT step, read_point, location FROM trace_event ORDER BY number")
        assert [tuple(row.values()) for row in found] == [
            ("packing", "", ""),
            ("shipping", GLN, ""),
            ("receiving", GLN, GLN),
        ]
        listed = words(clerk.get("/console/trace"))
        assert f'logistic unit <span class="digits">{sscc(2).key}</span>' in listed, "the pallet stands apart"
        assert "2 × logistic unit" in listed
        (mention,) = rows(offices, "SELECT kind, type, value FROM trace_mention")
        assert mention == {"kind": "destination", "type": "location", "value": GLN}

    def test_labels_are_made_of_lots(self, offices: Offices, clerk: Visitor) -> None:
        issued(offices)
        leaves = gtin(1, "6905555")
        lots = f"{leaves} 春茶-01 12.5 kg\n(01){leaves}(10)L2\n{leaves},L3,4"
        assert clerk.post("/console/trace/state/make", inputs=lots, things=SERIALS).status_code == 303
        found = rows(
            offices,
            "SELECT l.text, i.quantity, i.unit FROM trace_item i JOIN trace_line l ON l.number = i.line"
            " WHERE i.part = 'input' ORDER BY i.ordinal",
        )
        assert [tuple(row.values()) for row in found] == [
            (f"10/{leaves}/春茶-01", "12.5", "KGM"),
            (f"10/{leaves}/L2", None, ""),
            (f"10/{leaves}/L3", "4", ""),
        ]

    def test_the_time_may_be_told(self, offices: Offices, clerk: Visitor) -> None:
        answer = clerk.post("/console/trace/state/receive", things=sscc(1).key, at="2026-11-19T08:30")
        assert answer.status_code == 303
        (row,) = rows(offices, "SELECT at_ms FROM trace_event")
        assert row["at_ms"] == 1_795_048_200_000

    @pytest.mark.parametrize(
        ("deed", "fields", "told"),
        [
            ("pack", {"things": SERIALS}, "Scan or type the SSCC"),
            ("pack", {"parent": sscc(1).key}, "Scan or type at least one code."),
            ("pack", {"parent": sscc(1).key, "things": "\n\nhttps://evil.example/x"}, "Line 3 is no code"),
            ("pack", {"parent": sscc(1).key[:-1] + "0", "things": SERIALS}, "Line 1 is no code"),
            ("pack", {"parent": sscc(1).key, "things": sscc(1).key}, "This was refused"),
            ("palletise", {"parent": sscc(1).key, "things": SERIALS}, "Only logistic units"),
            ("receive", {"things": "0000000100000009"}, "There is no label of this serial."),
            ("receive", {"things": "0000000900000000"}, "There is no label of this serial."),
            ("receive", {"things": sscc(1).key, "at": "2027-01-01T00:00"}, "This time has not come yet."),
            ("receive", {"things": sscc(1).key, "at": "yesterday"}, "This was refused"),
            ("receive", {"things": sscc(1).key, "here": "414/x"}, "This was refused"),
            ("make", {"things": SERIALS}, "Say what it was made of."),
            ("make", {"things": SERIALS, "inputs": "06905555000014 L1 3 stones"}, "Write the unit as"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, offices: Offices, clerk: Visitor, deed: str, fields: dict[str, str], told: str
    ) -> None:
        issued(offices)
        answer = clerk.post(f"/console/trace/state/{deed}", **fields)
        assert answer.status_code == 422
        assert told in answer.text
        assert rows(offices, "SELECT * FROM trace_event") == []

    def test_anothers_labels_are_not_made(self, offices: Offices, clerk: Visitor) -> None:
        issued(offices)
        base = offices.world.base
        base.enterprise(2)
        other = offices.as_(Role.CLERK, enterprise_id(base, 2))
        answer = other.post("/console/trace/state/make", inputs="06905555000014 L1", things=SERIALS)
        assert answer.status_code == 422
        assert "not yours to make" in answer.text

    def test_no_other_deeds(self, clerk: Visitor) -> None:
        assert clerk.get("/console/trace/state/steal").status_code == 404


def test_the_form_captures_through_the_use_case(offices: Offices, clerk: Visitor) -> None:
    """Sent twice, it is captured once."""
    fields = {"things": sscc(1).key, "at": "2026-11-19T08:30"}
    for _ in range(2):
        assert clerk.post("/console/trace/state/receive", **fields).status_code == 303
    assert len(rows(offices, "SELECT * FROM capture")) == 1


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_the_forms_speak_the_reader_s_language(clerk: Visitor, language: str) -> None:
    for deed in ("pack", "make"):
        page = clerk.get(f"/console/trace/state/{deed}", **{"Accept-Language": language}).text
        assert 'name="things"' in page
        assert "One code a line" not in page


class TestUnits:
    FORM: ClassVar = {"prefix": PREFIX, "extension": "3", "count": "2"}

    def test_numbers_and_their_labels(self, offices: Offices, clerk: Visitor) -> None:
        offices.world.base.claim("prefix", PREFIX)
        assert clerk.post("/console/trace/units", **self.FORM).status_code == 303
        html = clerk.get("/console/trace/units").text
        assert "369077770000000002" in html
        files = re.findall(r'href="(/console/trace/units/[^"]+)" download', html)
        kinds = [clerk.get(file.replace("&amp;", "&")) for file in files]
        assert [answer.status_code for answer in kinds] == [200] * 6
        assert kinds[0].data.startswith(b"%PDF-")
        assert kinds[2].data.startswith(b"^XA")
        assert kinds[-1].text.split() == ["369077770000000002", "369077770000000019"]

    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("count", "1001", "Enter a number from 1 to 1000."),
            ("count", "", "This must be filled in."),
            ("begin", "999999999", "There are only 1 numbers left here."),
            ("begin", "-1", "Enter a number, or nothing."),
            ("prefix", "6901111", "This is no company prefix"),
            ("extension", "x", "Not a valid choice"),
        ],
    )
    def test_what_is_wrong_is_said(self, offices: Offices, clerk: Visitor, field: str, value: str, told: str) -> None:
        offices.world.base.claim("prefix", PREFIX)
        answer = clerk.post("/console/trace/units", **{**self.FORM, field: value})
        assert answer.status_code == 422
        assert told in answer.text

    def test_without_a_prefix_there_are_none(self, offices: Offices, clerk: Visitor) -> None:
        assert "File a claim to yours first" in clerk.get("/console/trace/units").text
        offices.world.base.claim("prefix", PREFIX, accepted=False)
        assert "File a claim to yours first" in clerk.get("/console/trace/units").text
