"""The roster of an edition with 10,000 enterprises: its first page, another page and searches, beside a bare Flask page
of as many bytes under the same server.
"""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

from load import drive, get
from measure import bench, table
from serving import BARE, OURS, free_port, serving, settings
from stdnum.cn import uscc as stdnum_uscc

from traceqr import campaigning, enrolling
from traceqr.demo import catalogue
from traceqr.enrolling import EnterpriseEntry
from traceqr.pledging import PledgeEntry, publish_pledges
from traceqr.sector import SECTORS

COUNT = 10_000
REQUESTS = 1_500
ROUNDS = 3
GOAL = 3
REGIONS = ("330106", "330100", "310115", "440300", "110105", "510100", "420100", "320500")
NAMES = ("清泉茶业", "远山食品", "华光电器", "安居家具", "长河建材", "明月纺织", "东方药业", "北辰汽车")


def entries() -> list[EnterpriseEntry]:
    stems = [f"91330106{number:09d}" for number in range(1, COUNT + 1)]
    sectors = tuple(SECTORS)
    return [
        EnterpriseEntry(
            uscc=stem + str(stdnum_uscc.calc_check_digit(stem)),
            name_zh=f"{NAMES[at % len(NAMES)]}第{at}有限公司（示例）",
            name_en="",
            region=REGIONS[at % len(REGIONS)],
            sector=sectors[at % len(sectors)],
            service_phone="",
            contact="",
        )
        for at, stem in enumerate(stems)
    ]


def furnish(desk) -> str:
    today = date.today()  # noqa: DTZ011
    entry = replace(catalogue.campaign(today.year + 1, with_codes=True), apply_from=today, region="000000")
    campaigning.open_campaign(desk, entry)
    firms = entries()
    enrolling.enrol_enterprises(desk, firms)
    until = today + timedelta(days=300)
    publish_pledges(desk, [PledgeEntry(entry.id, firm.uscc, today, today, until) for firm in firms])
    return entry.id


def main() -> None:
    with bench() as here:
        roster = f"/rosters/{furnish(here.desk)}"
        stock = SimpleNamespace(url=f"sqlite:///{here.folder}/traceqr.db", folder=here.folder)
        kinds = {
            "first page": lambda _: roster,
            "the same search again": lambda _: f"{roster}?q=qqcy",
            "a search that nobody made before": lambda at: f"{roster}?q=qqcyd{at}",
            "a page that nobody asked for before": lambda at: f"{roster}?page={at % 200 + 1}&new={at}",
        }
        port, bare_port = free_port(), free_port()
        rows = []
        with serving(OURS, port, here.folder, **settings(stock, port)):
            for _ in range(8):
                size = len(drive(port, [get(roster, port, Accept="text/html")], 1).last_body)
            with serving(BARE, bare_port, here.folder, BARE_BYTES=str(size), BARE_TYPE="text/html"):
                taken = {name: [] for name in ("bare page", *kinds)}
                for around in range(ROUNDS):
                    asked = {"bare page": [get("/01/x", bare_port)] * REQUESTS}
                    for name, address in kinds.items():
                        places = range(around * REQUESTS, (around + 1) * REQUESTS)
                        asked[name] = [get(address(at), port, Accept="text/html") for at in places]
                    for name, requests in asked.items():
                        outcome = drive(bare_port if name == "bare page" else port, requests, 1)
                        assert set(outcome.statuses) == {200}, outcome.statuses
                        taken[name].append(outcome.median)
        bare = min(taken["bare page"])
        rows = [("bare page of as many bytes", f"{bare * 1e3:.2f} ms")]
        for name in kinds:
            ours = min(taken[name])
            rows.append((name, f"{ours * 1e3:.2f} ms, {ours / bare:.2f} times (goal {GOAL})"))
        table(f"Roster of {COUNT:,} enterprises, a page of {size:,} bytes, one client", rows)


if __name__ == "__main__":
    main()
