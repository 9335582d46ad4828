"""Entries of an inspection: what is taken, and every way in which one can be wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.inspections import (
    FIRST,
    ID,
    LABEL,
    MADE,
    PHOTO,
    SECOND,
    STROKES,
    addition,
    canonical,
    digest,
    envelope,
    later,
    record,
)

from traceqr.inspection.entry import MAX_BYTES, Entry, InvalidEntry
from traceqr.inspection.shapes import Fault
from traceqr.instant import from_iso


def parsed(value: Any) -> Entry:
    return Entry.parse(canonical(value))


def faults(value: Any) -> list[Fault]:
    with pytest.raises(InvalidEntry) as caught:
        parsed(value)
    return list(caught.value.faults)


def wheres(value: Any) -> list[str]:
    return [fault.where for fault in faults(value)]


class TestWhatIsTaken:
    def test_entry_0(self) -> None:
        text = canonical(envelope())
        entry = Entry.parse(text)
        assert (entry.inspection, entry.number, entry.previous, entry.account) == (ID, 0, None, FIRST)
        assert (entry.kind, entry.made_ms, entry.server_ms) == ("record", from_iso(MADE), None)
        assert entry.content["findings"].startswith("货架上的绿茶")
        assert entry.digest == digest(text)

    def test_an_addition(self) -> None:
        entry = parsed(later("cd" * 32, server_time=MADE))
        assert (entry.number, entry.previous, entry.kind) == (1, "cd" * 32, "supplement")
        assert entry.server_ms == from_iso(MADE)

    @pytest.mark.parametrize(
        "changes",
        [
            {"started": "1970-01-01T00:00:00.000Z", "ended": "2999-12-31T23:59:59.999Z"},
            {"labels": [LABEL]},
            {"labels": [{**LABEL, "text": None, "how": "typed", "offline": None, "online": None}]},
            {"labels": [{**LABEL, "text": "HTTP://EVIL.EXAMPLE/\0", "serial": None, "how": "photo"}]},
            {"photos": [PHOTO]},
            {"case": "沪市监案〔2026〕1 号", "follows": "f" * 32},
            {"refused": {"reason": "当事人离开", "witness": ""}, "signatures": record()["signatures"][:2]},
            {"officers": record()["officers"][:1], "alone": "另一名执法人员临时处置突发情况"}
            | {"signatures": [record()["signatures"][0], record()["signatures"][2]]},
            {"premises": {**record()["premises"], "uscc": "91310000000000001X", "position": None}},
        ],
        ids=["odd-clock", "label", "typed", "no-label-of-ours", "photo", "case", "refused", "alone", "enterprise"],
    )
    def test_records_of_many_kinds(self, changes: dict[str, Any]) -> None:
        assert parsed(envelope(record=record(**changes))).kind == "record"


class TestTextThatIsNoEntry:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "canonical JSON (RFC 8785)"),
            ("entry", "canonical JSON (RFC 8785)"),
            ("[" * 100_000, "canonical JSON (RFC 8785)"),
            ("NaN", "canonical JSON (RFC 8785)"),
            ("1e999", "canonical JSON (RFC 8785)"),
            ("9007199254740993", "canonical JSON (RFC 8785)"),
            ('{"a":1,"a":1}', "canonical JSON (RFC 8785)"),
            ('{"b":1,"a":1}', "canonical JSON (RFC 8785)"),
            ('{"a":1.0}', "canonical JSON (RFC 8785)"),
            (json.dumps(envelope()), "canonical JSON (RFC 8785)"),
            (canonical(envelope()) + "\n", "canonical JSON (RFC 8785)"),
            ("\ufeff" + canonical(envelope()), "canonical JSON (RFC 8785)"),
            ("\ud800", "Unicode"),
            ("[]", "an object"),
            ("null", "an object"),
            ('"' + "a" * MAX_BYTES + '"', f"at most {MAX_BYTES:,} octets"),
        ],
    )
    def test_it_is_refused_as_a_whole(self, text: str, expected: str) -> None:
        with pytest.raises(InvalidEntry) as caught:
            Entry.parse(text)
        assert [(fault.where, fault.expected) for fault in caught.value.faults] == [("", expected)]

    def test_one_octet_altered_is_another_digest(self) -> None:
        text = canonical(envelope())
        assert Entry.parse(text.replace("24", "23")).digest != Entry.parse(text).digest


class TestTheEnvelope:
    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("format", "traceqr.inspection.v2"),
            ("inspection", ID.upper()),
            ("inspection", ID[:-1]),
            ("entry", -1),
            ("entry", 1_000),
            ("entry", True),
            ("entry", "0"),
            ("previous", "ab"),
            ("device", "D1"),
            ("account", None),
            ("made", "2026-09-01T08:00:00.000+08:00"),
            ("made", "2026-09-01T00:00:00Z"),
            ("made", "2026-02-30T00:00:00.000Z"),
            ("made", 1788220800000),
            ("made", "1969-12-31T23:59:59.999Z"),
            ("made", "3000-01-01T00:00:00.000Z"),
            ("server_time", "9999-12-31T23:59:59.999Z"),
            ("server_time", ""),
        ],
    )
    def test_a_member_of_the_wrong_kind(self, member: str, value: Any) -> None:
        assert member in wheres(envelope(**{member: value}))

    def test_a_member_too_many(self) -> None:
        assert faults(envelope(more=1)) == [Fault("", "no other member", '"more"')]

    def test_a_member_too_few(self) -> None:
        value = envelope()
        del value["device"]
        assert faults(value) == [Fault("device", "the member", "none")]

    def test_entry_0_with_a_previous_one(self) -> None:
        assert wheres(envelope(previous="ab" * 32)) == ["previous"]

    def test_entry_1_without(self) -> None:
        value = later("ab" * 32)
        value["previous"] = None
        assert wheres(value) == ["previous"]

    def test_entry_0_with_an_addition(self) -> None:
        value = envelope(addition=addition())
        assert Fault("", "no other member", '"addition"') in faults(value)

    def test_entry_1_with_a_record(self) -> None:
        assert Fault("", "no other member", '"record"') in faults(envelope(entry=1, previous="ab" * 32))

    def test_made_by_somebody_who_is_no_officer_of_it(self) -> None:
        assert wheres(envelope(account="00000000000000a3")) == ["record/officers"]


def _premises(**changes: Any) -> dict[str, Any]:
    return {"premises": {**record()["premises"], **changes}}


def _label(**changes: Any) -> dict[str, Any]:
    return {"labels": [{**LABEL, **changes}]}


def _measure(**changes: Any) -> dict[str, Any]:
    return {"measures": [{**record()["measures"][1], **changes}]}


def _signatures(*changes: dict[str, Any]) -> dict[str, Any]:
    given = record()["signatures"]
    return {"signatures": [{**one, **more} for one, more in zip(given, changes, strict=False)]}


class TestTheRecord:
    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"kind": "raid"}, "kind"),
            ({"basis": ""}, "basis"),
            ({"basis": " "}, "basis"),
            ({"basis": "a" * 501}, "basis"),
            ({"basis": "a\0"}, "basis"),
            ({"basis": "a\u202eb"}, "basis"),
            ({"case": ""}, "case"),
            ({"case": "a\nb"}, "case"),
            ({"follows": "x"}, "follows"),
            ({"follows": ID}, "follows"),
            ({"officers": []}, "officers"),
            ({"officers": "甲"}, "officers"),
            ({"officers": [*record()["officers"], {"account": FIRST, "name": "甲", "number": ""}]}, "officers"),
            ({"officers": record()["officers"][:1]}, "alone"),
            ({"alone": "就一个人"}, "alone"),
            (_premises(name=""), "premises/name"),
            (_premises(uscc="9131"), "premises/uscc"),
            (_premises(uscc="91310000000000001x"), "premises/uscc"),
            (_premises(position={}), "premises/position/latitude"),
            (_premises(position={"latitude": 91, "longitude": 0, "accuracy_m": 1, "at": MADE})
             , "premises/position/latitude"),
            (_premises(position={"latitude": "31", "longitude": 0, "accuracy_m": 1, "at": MADE})
             , "premises/position/latitude"),
            (_premises(position={"latitude": 31, "longitude": 0, "accuracy_m": -1, "at": MADE})
             , "premises/position/accuracy_m"),
            ({"labels": [LABEL] * 501}, "labels"),
            (_label(text=None), "labels/0/text"),
            (_label(how="typed"), "labels/0/text"),
            (_label(text=None, serial=None, how="typed"), "labels/0/serial"),
            (_label(text="a" * 8_193), "labels/0/text"),
            (_label(serial="1"), "labels/0/serial"),
            (_label(how="heard"), "labels/0/how"),
            (_label(offline={**LABEL["offline"], "verdict": "good"}), "labels/0/offline/verdict"),
            (_label(offline={**LABEL["offline"], "step": 10}), "labels/0/offline/step"),
            (_label(offline={**LABEL["offline"], "version": 0}), "labels/0/offline/version"),
            (_label(online={**LABEL["online"], "reason": "Seen Before"}), "labels/0/online/reason"),
            (_label(online=False), "labels/0/online"),
            ({"goods": [{**record()["goods"][0], "gtin": "6901234"}]}, "goods/0/gtin"),
            ({"goods": [{**record()["goods"][0], "quantity": 1.5}]}, "goods/0/quantity"),
            ({"goods": [{**record()["goods"][0], "quantity": -1}]}, "goods/0/quantity"),
            ({"goods": record()["goods"] * 201}, "goods"),
            ({"photos": [PHOTO, PHOTO]}, "photos"),
            ({"photos": [{**PHOTO, "digest": "AB" * 32}]}, "photos/0/digest"),
            ({"photos": [{**PHOTO, "bytes": 5_000_001}]}, "photos/0/bytes"),
            ({"photos": [{**PHOTO, "digest": f"{place:064x}"} for place in range(201)]}, "photos"),
            ({"finding": "good"}, "finding"),
            ({"findings": ""}, "findings"),
            ({"findings": "a" * 5_001}, "findings"),
            (_measure(kind="fined"), "measures/0/kind"),
            (_measure(until=None), "measures/0/until"),
            (_measure(until="2026-9-16"), "measures/0/until"),
            (_measure(until="2026-02-30"), "measures/0/until"),
            (_measure(until="0026-09-16"), "measures/0/until"),
            (_measure(until="9999-12-31"), "measures/0/until"),
            ({"started": "0001-01-01T00:00:00.000Z"}, "started"),
            ({"ended": "9999-12-31T23:59:59.999Z"}, "ended"),
            (_measure(what=""), "measures/0/what"),
            (_measure(numbers=[""]), "measures/0/numbers/0"),
            ({"statement": None}, "statement"),
            ({"signatures": record()["signatures"][1:]}, "signatures"),
            ({"signatures": record()["signatures"][:2]}, "signatures"),
            ({"signatures": [*record()["signatures"], record()["signatures"][0]]}, "signatures"),
            (_signatures({}, {"account": FIRST}, {}), "signatures"),
            (_signatures({"account": None}, {}, {}), "signatures/0/account"),
            (_signatures({}, {}, {"account": SECOND}), "signatures/2/account"),
            (_signatures({"strokes": []}, {}, {}), "signatures/0/strokes"),
            (_signatures({"strokes": [[]]}, {}, {}), "signatures/0/strokes/0"),
            (_signatures({"strokes": [[[1]]]}, {}, {}), "signatures/0/strokes/0/0"),
            (_signatures({"strokes": [[[1, 3_001]]]}, {}, {}), "signatures/0/strokes/0/0"),
            (_signatures({"strokes": [[[1, True]]]}, {}, {}), "signatures/0/strokes/0/0"),
            (_signatures({"strokes": [[[1, 2]] * 20_000]}, {}, {}), "signatures"),
            (_signatures({"role": "judge"}, {}, {}), "signatures/0/role"),
            ({"refused": {"reason": "", "witness": ""}}, "refused/reason"),
            ({"refused": {"reason": "不在场", "witness": "丁"}}, "signatures"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(self, changes: dict[str, Any], where: str) -> None:
        assert f"record/{where}" in wheres(envelope(record=record(**changes)))

    def test_all_faults_are_told_at_once_and_not_too_many(self) -> None:
        found = faults(envelope(record=record(labels=[{} for _ in range(30)], kind="raid")))
        assert len(found) == 20

    def test_what_came_is_shown_short_and_in_ascii(self) -> None:
        (fault,) = faults(envelope(record=record(kind="乱" * 500)))
        assert fault.got.isascii()
        assert len(fault.got) <= 60

    def test_strokes_may_have_decimals(self) -> None:
        assert STROKES[0][1] == [150, 220.5]
        assert parsed(envelope())


class TestAdditions:
    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"kind": "erased"}, "kind"),
            ({"text": ""}, "text"),
            ({"measure": 0}, "measure"),
            ({"kind": "followed-up"}, "measure"),
            ({"kind": "followed-up", "measure": 50}, "measure"),
            ({"photos": [PHOTO, PHOTO]}, "photos"),
            ({"photos": None}, "photos"),
        ],
    )
    def test_what_is_wrong_is_named(self, changes: dict[str, Any], where: str) -> None:
        assert f"addition/{where}" in wheres(later("ab" * 32, addition=addition(**changes)))
