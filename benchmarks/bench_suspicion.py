"""What suspicion costs: recorded scans over HTTP with it and without, on one registry at the same time, and the work
for one label after one sighting and after ten thousand.

Each scan is of another label by another device from another network, whose city a file tells; every eighth label is
scanned four times. Half of the rounds begin with one side, half with the other.
"""

from __future__ import annotations

import argparse
import statistics
import timeit
from pathlib import Path
from random import Random

from bench_scans import CLIENTS, PHONE
from load import drive, get
from measure import table
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from serving import OURS, SECRET, free_port, serving, settings
from stock import Stock, stocked

from traceqr import gazetteer
from traceqr.instant import HOUR_MS
from traceqr.suspicion.trace import Look, Trace
from traceqr.suspicion.weighing import weigh
from traceqr.web.device import Devices

SCANS = 4_000
ROUNDS = 6
WARM = 400
GOAL, GOAL_US = 0.8, 50
SIGHTINGS = (1, 10, 100, 10_000)
NETWORKS = 200


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    _tell_work()
    for backend in chosen.backend or ["sqlite", "postgres"]:
        _compare(backend, chosen.rounds)


def _compare(backend: str, rounds: int) -> None:
    on, off = free_port(), free_port()
    with stocked(backend, on) as stock:
        texts = _texts(stock, (2 * rounds + 2) * SCANS)
        devices, chance = Devices(SECRET, secure=False, token_bytes=stock.token_bytes), Random(1)
        told = settings(stock, on) | {"TRACEQR_PLACES": str(_places(stock.folder))}
        with (
            serving(OURS, on, stock.folder, **told),
            serving(OURS, off, stock.folder, **told, TRACEQR_SUSPICION="off"),
        ):
            rates: dict[int, list[float]] = {on: [], off: []}
            for number in range(rounds + 1):
                for turn, port in enumerate((on, off) if number % 2 else (off, on)):
                    first = (2 * number + turn) * SCANS
                    scans = [_scan(text, port, on, devices, chance) for text in texts[first : first + SCANS]]
                    outcome = drive(port, scans if number else scans[:WARM], CLIENTS)
                    assert set(outcome.statuses) == {200}, outcome.statuses
                    if number:
                        rates[port].append(outcome.rate)
    ratio = statistics.median(with_it / without for with_it, without in zip(rates[on], rates[off], strict=True))
    table(
        f"Recorded scans over HTTP, {backend}, JSON: {SCANS:,} of each in {rounds} rounds",
        [
            ("without suspicion", f"{statistics.median(rates[off]):,.0f} a second"),
            ("with suspicion", f"{statistics.median(rates[on]):,.0f} a second"),
            ("ratio, median of the rounds", f"{ratio:.2f} (goal {GOAL})"),
            ("ratio, by round", " ".join(f"{a / b:.2f}" for a, b in zip(rates[on], rates[off], strict=True))),
        ],
    )


def _texts(stock: Stock, count: int) -> list[str]:
    """Seven labels of eight once, and the eighth four times among those that follow."""
    once = stock.labels(count)
    return [once[place - place % 32] if place % 8 == 0 else text for place, text in enumerate(once)]


def _places(folder: Path) -> Path:
    """A file of networks, each with a city of its own."""
    writer = MMDBWriter(database_type="Bench-City")
    for number, spot in zip(range(NETWORKS), gazetteer.cities(), strict=False):
        location = {"latitude": spot.latitude, "longitude": spot.longitude, "accuracy_radius": 20}
        writer.insert_network(IPSet([f"60.{number}.0.0/16"]), {"country": {"iso_code": "CN"}, "location": location})
    path = folder / "cities.mmdb"
    writer.to_db_file(str(path))
    return path


def _scan(text: str, port: int, address: int, devices: Devices, chance: Random) -> bytes:
    """A person's navigation to a label, on a phone that has been here before."""
    return get(
        text.partition(str(address))[2],
        port,
        Accept="application/json",
        Accept_Language="zh-CN,zh;q=0.9",
        Sec_Fetch_Dest="document",
        Sec_Fetch_Mode="navigate",
        User_Agent=PHONE,
        X_Forwarded_For=f"60.{chance.randrange(NETWORKS)}.{chance.randrange(256)}.{chance.randrange(1, 255)}",
        Cookie=f"{devices.name}={devices.new().cookie}",
    )


def _tell_work() -> None:
    """What is done for a label when another device has seen it: read its trace, take it in, weigh, write."""
    rows = []
    for sightings in SIGHTINGS:
        text, look = _traced(sightings)
        taken = min(timeit.repeat(lambda text=text, look=look: _work(text, look), number=1_000, repeat=15)) / 1_000
        spent = f"{taken * 1e6:.0f} us (goal below {GOAL_US}), trace of {len(text)} bytes"
        rows.append((f"after {sightings:,}", spent))
    table("Suspicion of one label, with one sighting more", rows)


def _traced(sightings: int) -> tuple[str, Look]:
    trace, chance = Trace(), Random(7)
    places = [spot.place for spot in gazetteer.cities()]
    looks = [
        Look(number * HOUR_MS, chance.choice(places), chance.randrange(65_536), market="330000 310000")
        for number in range(sightings + 1)
    ]
    for look in looks[:-1]:
        trace.add(look)
    return str(trace), looks[-1]


def _work(text: str, look: Look) -> str:
    trace = Trace.parse(text)
    trace.add(look)
    weigh(trace, look.at_ms)
    return str(trace)


if __name__ == "__main__":
    main()
