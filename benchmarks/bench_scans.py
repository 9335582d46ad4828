"""Verified, durably recorded scans over HTTP, beside a bare Flask route that returns as many bytes on the same server.

Two workers, sixteen clients on the same machine. Each scan is of another label by another device that comes back with
its cookie: it writes a scan and a sighting. Half of the rounds begin with one side, half with the other.
"""

from __future__ import annotations

import argparse
import statistics

from load import Outcome, drive, get
from measure import table
from serving import BARE, OURS, SECRET, counter, free_port, serving, settings
from stock import stocked

from traceqr.web.device import Devices

CLIENTS = 16
SCANS = 4_000
ROUNDS = 6
WARM = 400
GOALS = {"json": 0.35, "html": 0.25}
ACCEPT = {"json": "application/json", "html": "text/html"}
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; M2) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0"
    " Mobile Safari/537.36 MicroMessenger/8.0.50"
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    for backend in chosen.backend or ["sqlite", "postgres"]:
        for face in ACCEPT:
            _compare(backend, face, chosen.rounds)


def _compare(backend: str, face: str, rounds: int) -> None:
    port, bare_port = free_port(), free_port()
    with stocked(backend, port) as stock:
        texts = stock.labels(SCANS * rounds + WARM)
        devices = Devices(SECRET, secure=False, token_bytes=stock.token_bytes)
        ours = [_scan(text, port, face, devices) for text in texts]
        with serving(OURS, port, stock.folder, **settings(stock, port)):
            size = len(drive(port, ours[:WARM], CLIENTS).last_body)
            bare = [_scan(text, bare_port, face, devices, path_of=port) for text in texts]
            with serving(BARE, bare_port, stock.folder, BARE_BYTES=str(size), BARE_TYPE=ACCEPT[face]):
                drive(bare_port, bare[:WARM], CLIENTS)
                commits, members = (counter(port, f"traceqr_commit_members_{what}") for what in ("count", "sum"))
                pairs = [
                    _round(number, port, ours[part], bare_port, bare[part])
                    for number in range(rounds)
                    for part in [slice(WARM + number * SCANS, WARM + (number + 1) * SCANS)]
                ]
                commits = counter(port, "traceqr_commit_members_count") - commits
                members = counter(port, "traceqr_commit_members_sum") - members
        _tell(backend, face, size, pairs, commits, members, stock.recorded())


def _round(number: int, port: int, ours: list[bytes], bare_port: int, bare: list[bytes]) -> tuple[Outcome, Outcome]:
    if number % 2:
        theirs = drive(bare_port, bare, CLIENTS)
        return drive(port, ours, CLIENTS), theirs
    mine = drive(port, ours, CLIENTS)
    return mine, drive(bare_port, bare, CLIENTS)


def _tell(
    backend: str,
    face: str,
    size: int,
    pairs: list[tuple[Outcome, Outcome]],
    commits: float,
    members: float,
    recorded: int,
) -> None:
    scans = sum(len(ours.latencies) for ours, _ in pairs)
    assert all(set(ours.statuses) == {200} for ours, _ in pairs), "expected a verdict for every scan"
    assert recorded == scans + WARM, f"expected {scans + WARM} scans in the registry, found {recorded}"
    latencies = Outcome(latencies=[latency for ours, _ in pairs for latency in ours.latencies])
    ratio = statistics.median(ours.rate / bare.rate for ours, bare in pairs)
    ours, bare = (statistics.median(side.rate for side in sides) for sides in zip(*pairs, strict=True))
    table(
        f"Recorded scans over HTTP, {backend}, {face}: {scans:,} in {len(pairs)} rounds",
        [
            (f"bare Flask route, {size:,} bytes", f"{bare:,.0f} a second"),
            ("verified, recorded, answered", f"{ours:,.0f} a second"),
            ("ratio, median of the rounds", f"{ratio:.2f} (goal {GOALS[face]})"),
            ("ratio, by round", " ".join(f"{ours.rate / bare.rate:.2f}" for ours, bare in pairs)),
            ("median", f"{latencies.median * 1e3:.1f} ms"),
            ("slowest 1%", f"{latencies.slowest(0.01) * 1e3:.1f} ms (goal below 50)"),
            ("commits", f"{commits:,.0f}, {members / commits:.1f} scans each"),
        ],
    )


def _scan(text: str, port: int, face: str, devices: Devices, path_of: int | None = None) -> bytes:
    """A person's navigation to a label, on a phone that has been here before."""
    return get(
        text.partition(str(path_of or port))[2],
        port,
        Accept=ACCEPT[face],
        Accept_Language="zh-CN,zh;q=0.9",
        Sec_Fetch_Dest="document",
        Sec_Fetch_Mode="navigate",
        User_Agent=PHONE,
        Cookie=f"{devices.name}={devices.new().cookie}",
    )


if __name__ == "__main__":
    main()
