"""What docs/privacy.md promises of a scan, looked for in the bytes of the registry and of the log of a real server."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import ROOT, SECRET, Answer
from support.shop import Shop, open_shop

from traceqr.registry.sqlite import SqliteDatabase

ADDRESS = "203.0.113.77"
"""Of a person, as a proxy in front would pass it on (RFC 5737 keeps it unused)."""
AGENT = "Mozilla/5.0 (Linux; Android 14; PrivatePhone-4711) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
REFERRER = "https://shop.example/private-basket-4712"
PERSON = {
    "Accept": "text/html",
    "Sec_Fetch_Dest": "document",
    "Sec_Fetch_Mode": "navigate",
    "Sec_Fetch_Site": "none",
    "Accept_Language": "zh-CN,zh;q=0.9,en-GB;q=0.4713",
    "User_Agent": AGENT,
    "Referer": REFERRER,
    "X_Forwarded_For": ADDRESS,
    "X_Real_Ip": ADDRESS,
    "Forwarded": f"for={ADDRESS}",
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as opened:
        yield opened


def cookie(answer: Answer) -> str:
    found = re.search(r"traceqr=([A-Za-z0-9_-]{43});", answer.headers["Set-Cookie"])
    assert found
    return found[1]


def scan(shop: Shop, index: int) -> str:
    """A person scans a label, loads the page's image, and scans again a moment later; returns his cookie."""
    page = shop.server.get(shop.path(index), **PERSON)
    mine = cookie(page)
    image = re.search(r'src="(/seen/[^"]+)"', page.text)
    assert image
    shop.server.get(image[1], Cookie=f"traceqr={mine}", Sec_Fetch_Dest="image", X_Forwarded_For=ADDRESS)
    shop.server.get(shop.path(index), Cookie=f"traceqr={mine}", **PERSON)
    # And what is no scan, or none that can be read.
    shop.server.get(shop.path(index)[:-1] + "x", Cookie=f"traceqr={mine}", **PERSON)
    shop.server.get("/no-such-page", Cookie=f"traceqr={mine}", **PERSON)
    return mine


def test_neither_registry_nor_log_holds_what_tells_who_scanned(shop: Shop) -> None:
    cookies = [scan(shop, index) for index in range(3)]
    rows = shop.world.rows("SELECT * FROM scan")
    assert len(rows) == 3, "there is something to look at"
    assert {row["confirmed"] for row in rows} == {1}

    raw = [base64.urlsafe_b64decode(each + "=")[:16] for each in cookies]
    forbidden = [ADDRESS, "127.0.0.1\0", AGENT, "PrivatePhone", REFERRER, "private-basket", "4713", *cookies, SECRET]
    needles = [text.encode() for text in forbidden] + raw + [each.hex().encode() for each in raw]
    assert isinstance(shop.world.database, SqliteDatabase)
    shop.world.database.close()
    places = [*shop.world.root.glob("traceqr.db*"), shop.server.log]
    assert len(places) >= 3
    for place in places:
        content = place.read_bytes()
        assert [needle for needle in needles if needle in content] == [], place.name


def test_what_a_scan_is_kept_as(shop: Shop) -> None:
    """Each column, by name: a new one has to be thought about here and in docs/privacy.md."""
    mine = scan(shop, 7)
    (row,) = shop.world.rows("SELECT * FROM scan")
    told = {"batch", "label_index", "device", "at_ms", "channel", "agent", "language", "confirmed"}
    assert set(row) == told | {"early", "place", "network", "shared"}
    assert (row["place"], row["early"], row["shared"]) == ("", 0, 0)
    assert -1 <= row["network"] < 65_536
    assert (row["channel"], row["agent"], row["language"]) == ("page", "chrome", "zh-Hans")
    assert re.fullmatch("[0-9a-f]{64}", row["device"])
    assert mine not in row["device"]
    (summary,) = shop.world.rows("SELECT * FROM sighting")
    counted = {"batch", "label_index", "first_seen_ms", "last_seen_ms", "times_seen", "devices"}
    assert set(summary) == counted | {"trace", "signs"}
    (visit,) = shop.world.rows("SELECT * FROM visitor")
    assert set(visit) == {"batch", "device", "labels", "last_index", "last_ms"}


def test_a_person_who_sends_his_cookie_is_found_by_it(shop: Shop) -> None:
    """By the lines of the page, as they stand there."""
    mine = scan(shop, 8)
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    environment = {**os.environ, "TRACEQR_SECRET_KEY": SECRET, "COOKIE": mine, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", lines], env=environment, capture_output=True, text=True, check=True)
    found = shop.world.rows("SELECT label_index FROM scan WHERE device = :device", device=done.stdout.strip())
    assert found == [{"label_index": 8}]


def test_the_contact_of_an_enterprise_is_on_no_page_and_not_on_the_ledger(shop: Shop) -> None:
    contact = shop.world.one("SELECT contact FROM enterprise")["contact"]
    assert contact == "质量部 000-0000-0001"
    ledger = json.dumps(shop.world.rows("SELECT entry FROM ledger"), ensure_ascii=False)
    assert "contact" in ledger
    pages = [shop.server.get(shop.path(1), **PERSON).text, shop.server.get("/", **PERSON).text]
    for text in (ledger, *pages):
        assert contact not in text
        assert "000-0000-0001" not in text
