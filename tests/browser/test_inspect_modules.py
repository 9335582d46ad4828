"""The modules of the inspectors' app in a real Chromium: what they keep, seal and sign, as Python reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import rfc8785
from playwright.sync_api import Browser, Page
from support.scripts import served_tree


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with served_tree() as origin:
        opened = browser.new_context().new_page()
        opened.goto(f"{origin}/tests/field/empty.html")
        yield opened
        opened.context.close()


@pytest.fixture(autouse=True)
def nobody_stays() -> None:
    """The page stays for all tests of this module."""


def run(page: Page, name: str, *given: object) -> Any:
    return page.evaluate(
        "async ([name, given]) => (await import('/tests/browser/inspect_modules.mjs'))[name](...given)",
        [name, given],
    )


def test_an_entry_is_canonical_and_hashed(page: Page) -> None:
    made = run(page, "signed")
    octets = made["text"].encode()
    entry = json.loads(octets)
    assert rfc8785.dumps(entry) == octets
    assert hashlib.sha256(octets).hexdigest() == made["digest"]
    record = entry["record"]
    assert record["basis"] == "《产品质量法》第十八条\n“二”"
    assert record["case"] == "C-1"
    assert record["premises"]["name"] == "示例茶业"
    assert record["goods"][0]["gtin"] == "06901234567892"
    assert [each["numbers"] for each in record["measures"]] == [["封-001", "封-002", "封-003"], []]
    assert record["alone"] is None
    assert entry["server_time"] is None
    assert made["extractable"] is False


def test_a_vault_opens_by_its_passcode_alone(page: Page) -> None:
    assert run(page, "vaults") == {
        "read": {"words": "知道"},
        "after": {"words": "知道"},
        "hidden": True,
        "wrong": "WrongPasscode",
        "old": "WrongPasscode",
        "altered": "Altered",
        "swapped": "Altered",
        "digits": [False, True],
    }


def test_weak_passcodes(page: Page) -> None:
    weak = ["", "12345", "123456", "654321", "111111", "121212", "abcdef"]
    good = ["135790", "73519204", "seven tin", "茶叶仓库二层"]
    assert run(page, "weak", weak + good) == [True] * len(weak) + [False] * len(good)


def test_wrong_passcodes_make_one_wait(page: Page) -> None:
    assert run(page, "waits", [0, 3, 4, 5, 8, 100]) == [0, 0, 5_000, 10_000, 80_000, 300_000]


def test_a_draft_becomes_an_entry_and_additions_follow(page: Page) -> None:
    found = run(page, "chain")
    assert found["drafts"] == 0
    assert (found["numbers"], found["previous"]) == ([0, 1], True)
    assert found["ordered"] == [{"measure": 1, "what": "撤下", "until": "2026-09-20"}]
    assert found["waiting"] == 2, "what was not received cannot be forgotten"
    assert found["keys"] == found["photos"] == [], "what was received can"
    assert found["readable"] is False


def test_a_chain_grows_one_entry_at_a_time(page: Page) -> None:
    assert run(page, "twice") == {"again": "Error", "numbers": [1, 2, 3], "chained": True}


def test_what_was_damaged_hides_nothing_else(page: Page) -> None:
    assert run(page, "damaged") == [1, 1]


def test_photos_stay_while_a_record_names_them(page: Page) -> None:
    assert run(page, "shared") == [1, 1, 0]


def test_what_the_server_tells_is_a_chain_or_is_not_kept(page: Page) -> None:
    found = run(page, "told")
    assert found["asked"] == ["true", "false", *["NoChain"] * 5]
    assert (found["numbers"], found["name"]) == ([0, 1], "示例茶业")
    assert found["looked"] == [{"measure": 1, "what": "撤下", "until": "2026-09-20", "looked": True}]


def test_what_is_given_up_takes_no_photo_of_another_record_along(page: Page) -> None:
    assert run(page, "givenUp") == [2, 1, 1]


def test_what_was_typed_last_is_kept(page: Page) -> None:
    found = run(page, "typing")
    assert (found["kept"], found["last"]) == ("sign 49", "saved")
    assert found["writes"] < 50, "one writing at a time"


def test_all_or_none_is_written(page: Page) -> None:
    assert run(page, "together") == {"refused": "broken", "one": 1, "two": None}


def test_a_full_phone_is_told_and_keeps_what_it_had(browser: Browser) -> None:
    """On an origin of its own, whose room is small from the beginning: browsers remember how much there was."""
    with served_tree() as origin:
        page = browser.new_context().new_page()
        page.goto(f"{origin}/tests/field/empty.html")
        session = page.context.new_cdp_session(page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 600_000})
        found = run(page, "filling", 3_000_000)
        page.context.close()
    assert found == {"refused": "full", "photos": 1, "findings": True, "state": "full"}


FAULTS = [
    ("basis", " ", "basis"),
    ("officers", [], "basis"),
    ("follows", "yes", "basis"),
    ("premises.name", "", "premises"),
    ("premises.address", "\u202e", "premises"),
    ("premises.person", "", "premises"),
    ("premises.uscc", "91330100", "premises"),
    ("labels", [{}] * 501, "labels"),
    ("goods.0.gtin", "6901234567890", "goods"),
    ("goods.0.name", "", "goods"),
    ("goods.0.quantity", "many", "goods"),
    ("goods.0.quantity", 10**13, "goods"),
    ("photos", [{}] * 201, "photos"),
    ("finding", "", "finding"),
    ("findings", "\n", "finding"),
    ("measures.0.what", "", "finding"),
    ("measures.0.quantity", -1, "finding"),
    ("measures.1.until", None, "finding"),
    ("measures.1.until", "0026-09-20", "finding"),
    ("refused", {"reason": "", "witness": "x"}, "signing"),
    ("refused", {"reason": "x", "witness": ""}, "signing"),
]


def test_what_is_wrong_with_a_record_is_told_by_its_screen(page: Page) -> None:
    assert run(page, "faults", [["case", None]]) == [[]]
    found = run(page, "faults", [[path, value] for path, value, _ in FAULTS])
    for (path, value, step), steps in zip(FAULTS, found, strict=True):
        assert steps == [step], (path, value if not isinstance(value, list) else len(value))


def test_no_bundle_is_older_than_one_that_any_window_has_taken(page: Page) -> None:
    refused = "bundle-older"
    expected = {"told": True, "seen": 13, "older": refused, "after": refused, "forgotten": 1}
    assert run(page, "publications") == expected


def test_what_can_never_be_taken_is_told_and_not_sent_for_ever(page: Page) -> None:
    codes = ["entry-conflict", "entry-forked", "inspection-withdrawn", "entry-ahead", "photos-missing"]
    expected = [["conflict", 1], ["conflict", 1], ["refused", 1], ["waiting", 2], ["waiting", 2]]
    assert run(page, "refusals", codes) == expected


def test_what_is_not_the_servers_word_sets_no_clock(page: Page) -> None:
    good = {"account": "00000000000000a1", "csrf": "x", "now": "1970-01-01T00:00:01.000Z"}
    odd: list[dict[str, object]] = [{}, {"status": "ok"}, {**good, "now": "soon"}, {**good, "now": None}]
    found = run(page, "garbage", [*odd, {**good, "csrf": None}, {**good, "account": 1}, good])
    assert found == [["portal"] * 6 + ["nothing"], [1_000]]


def test_the_servers_time_is_kept_apart(page: Page) -> None:
    assert run(page, "times") == {
        "unknown": None,
        "passed": 2_005_000,
        "forward": 2_005_000,
        "restarted": 2_065_000,
        "back": None,
        "noticed": True,
    }
