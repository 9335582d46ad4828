"""What an enterprise sees first: the first page of its console with ten million labels and a million scans, beside a
bare Flask page of as many bytes under the same server.

The labels are issued as batches are; of the sums that scans leave behind there are as many rows as a million scans over
a year by four processes leave. What was scanned stands in `sighting`, as much of it as the page can look at.
"""

from __future__ import annotations

import http.cookiejar
import random
import re
import urllib.parse
import urllib.request
from types import SimpleNamespace

from load import drive, get
from measure import ORIGIN, bench, table
from serving import BARE, OURS, free_port, serving, settings

from traceqr import activating, admitting, issuing
from traceqr.access import Role
from traceqr.activating import Range
from traceqr.admitting import Newcomer
from traceqr.demo.catalogue import ITEMS
from traceqr.instant import CHINA, day_number, system_clock

BATCHES, LABELS, SPANS = 200, 50_000, 10
SCANS, DAYS = 1_000_000, 365
SCANNED = 2_500
"""Labels of each of the latest batches that were scanned; half a million of all."""

REQUESTS, ROUNDS, GOAL = 300, 3, 20
PASSWORD = "seven-tin-kettles-sing"
SHARES = {"genuine": 0.62, "seen": 0.33, "inactive": 0.02, "recalled": 0.01, "suspect": 0.02}


def furnish(here) -> str:
    """Ten million labels in two hundred batches, a tenth of each activated at a time; gives a login."""
    order = issuing.Order(ITEMS[0].gtin, LABELS, ORIGIN, 0)
    numbers = [issuing.issue(here.desk, order).number for _ in range(BATCHES)]
    share = LABELS // SPANS
    for number in numbers:
        for at in range(0, SPANS, 2):
            activating.activate(here.desk, Range(number, at * share, (at + 1) * share - 1), "")
    with here.database.snapshot() as reader:
        row = reader.row("SELECT enterprise_id FROM batch WHERE number = :number", {"number": numbers[0]})
    enterprise = row["enterprise_id"]
    _scan(here.database, enterprise, numbers)
    token = admitting.invite(here.desk, Role.MANAGER, enterprise=enterprise).token
    return admitting.admit(here.desk, token, Newcomer("bench@firm.example", "测速员", PASSWORD)).login


def _scan(database, enterprise: str, numbers: list[int]) -> None:
    """The sums of a million scans, and the labels that were scanned."""
    today, chance, rows = day_number(system_clock(), CHINA), random.Random(5), []
    for day in range(today - DAYS + 1, today + 1):
        for verdict, share in SHARES.items():
            scans = max(1, round(SCANS / DAYS * share))
            batches = chance.sample(numbers, 20) if verdict == "suspect" else [0]
            places = [(batch, 0) for batch in batches]
            each = max(1, scans // len(places))
            rows += [(enterprise, day, verdict, batch, lane, each) for batch, lane in places]
    with database.maintenance() as tx:
        tx.execute("DELETE FROM scan_day")  # what the demonstration has scanned
        tx.insert_many("scan_day", ("enterprise_id", "day", "verdict", "batch", "lane", "scans"), rows)
        columns = ("batch", "label_index", "first_seen_ms", "last_seen_ms", "times_seen", "devices", "trace", "signs")
        seen = ((number, index, 1, 1, 1, 1, "", "") for number in numbers for index in range(SCANNED))
        tx.insert_many("sighting", columns, seen)


def signed_in(port: int, login: str) -> str:
    """The cookie of a session."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/account/sign-in"
    page = opener.open(address).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    form = urllib.parse.urlencode({"csrf_token": token, "login": login, "password": PASSWORD}).encode()
    opener.open(urllib.request.Request(address, form, {"Origin": f"http://127.0.0.1:{port}"})).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def main() -> None:
    with bench() as here:
        login = furnish(here)
        stock = SimpleNamespace(url=f"sqlite:///{here.folder}/traceqr.db", folder=here.folder)
        port, bare_port = free_port(), free_port()
        told = settings(stock, port) | {"TRACEQR_ROLES": "public,console"}
        told["TRACEQR_HIGH_WATER"] = str(here.folder / "high-water.json")
        with serving(OURS, port, here.folder, **told):
            cookie = signed_in(port, login)
            kinds = {
                f"of the last {days} days": get(f"/console/?days={days}", port, Accept="text/html", Cookie=cookie)
                for days in (30, 90)
            }
            body = drive(port, list(kinds.values()) * 4, 1).last_body
            assert re.search(rb"<dd>1\d,\d{3},\d{3}</dd>", body), "ten million, and what the demonstration has"
            with serving(BARE, bare_port, here.folder, BARE_BYTES=str(len(body)), BARE_TYPE="text/html"):
                bare, taken = [], {name: [] for name in kinds}
                for _ in range(ROUNDS):
                    bare.append(drive(bare_port, [get("/01/x", bare_port)] * REQUESTS, 1).median)
                    for name, request in kinds.items():
                        outcome = drive(port, [request] * REQUESTS, 1)
                        assert set(outcome.statuses) == {200}, outcome.statuses
                        taken[name].append(outcome.median)
        rows = [("bare page of as many bytes", f"{min(bare) * 1e3:.2f} ms")]
        rows += [
            (name, f"{min(each) * 1e3:.2f} ms, {min(each) / min(bare):.1f} times (goal {GOAL})")
            for name, each in taken.items()
        ]
        table(f"Dashboard of {BATCHES * LABELS:,} labels and {SCANS:,} scans, {len(body):,} bytes, one client", rows)


if __name__ == "__main__":
    main()
