"""Verified, durably recorded scans over HTTP, beside a bare Flask route that returns as many bytes on the same server.

Two workers, sixteen clients on the same machine. Each scan is of another label by another device that comes back with
its cookie: it writes a scan and a sighting. Half of the rounds begin with one side, half with the other.
"""

from __future__ import annotations

import argparse
import os
import statistics

from load import Outcome, drive, get
from measure import table
from processor import family_s, postmaster
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
                database_pid = postmaster(stock.url) if backend == "postgres" else None
                commits, members = (counter(port, f"traceqr_commit_members_{what}") for what in ("count", "sum"))
                pairs = [
                    _round(number, port, ours[part], bare_port, bare[part], database_pid)
                    for number in range(rounds)
                    for part in [slice(WARM + number * SCANS, WARM + (number + 1) * SCANS)]
                ]
                commits = counter(port, "traceqr_commit_members_count") - commits
                members = counter(port, "traceqr_commit_members_sum") - members
        _tell(backend, face, size, pairs, commits, members, stock.recorded())


Round = tuple[Outcome, Outcome, float]
"""Ours, the bare server's, and the processor seconds of a database during ours."""


def _round(
    number: int, port: int, ours: list[bytes], bare_port: int, bare: list[bytes], database_pid: int | None
) -> Round:
    if number % 2:
        theirs = drive(bare_port, bare, CLIENTS)
        return _ours(port, ours, theirs, database_pid)
    mine, _, seconds = _ours(port, ours, Outcome(), database_pid)
    return mine, drive(bare_port, bare, CLIENTS), seconds


def _ours(port: int, ours: list[bytes], theirs: Outcome, database_pid: int | None) -> Round:
    before = family_s(database_pid) if database_pid else 0.0
    mine = drive(port, ours, CLIENTS)
    return mine, theirs, (family_s(database_pid) if database_pid else 0.0) - before


def _tell(
    backend: str,
    face: str,
    size: int,
    pairs: list[Round],
    commits: float,
    members: float,
    recorded: int,
) -> None:
    scans = sum(len(ours.latencies) for ours, _, _ in pairs)
    assert all(set(ours.statuses) == {200} for ours, _, _ in pairs), "expected a verdict for every scan"
    assert recorded == scans + WARM, f"expected {scans + WARM} scans in the registry, found {recorded}"
    latencies = Outcome(latencies=[latency for ours, _, _ in pairs for latency in ours.latencies])
    ratio = statistics.median(ours.rate / bare.rate for ours, bare, _ in pairs)
    ours, bare = (statistics.median(pair[side].rate for pair in pairs) for side in (0, 1))
    database_s = sum(seconds for _, _, seconds in pairs) / scans
    table(
        f"Recorded scans over HTTP, {backend}, {face}: {scans:,} in {len(pairs)} rounds",
        [
            (f"bare Flask route, {size:,} bytes", f"{bare:,.0f} a second"),
            ("verified, recorded, answered", f"{ours:,.0f} a second"),
            ("ratio, median of the rounds", f"{ratio:.2f} (goal {GOALS[face]})"),
            ("ratio, by round", " ".join(f"{ours.rate / bare.rate:.2f}" for ours, bare, _ in pairs)),
            ("median", f"{latencies.median * 1e3:.1f} ms"),
            ("slowest 1%", f"{latencies.slowest(0.01) * 1e3:.1f} ms (goal below 50)"),
            ("commits", f"{commits:,.0f}, {members / commits:.1f} scans each"),
            *_of_database(ours, bare, database_s),
        ],
    )


def _of_database(ours: float, bare: float, database_s: float) -> list[tuple[str, str]]:
    """What a server of the database takes of the same cores; a file has none. `database_s` is for one scan."""
    if not database_s:
        return []
    cores = os.cpu_count() or 1
    alone = cores / (cores / ours - database_s)
    return [
        ("processor time of the database", f"{database_s * 1e6:,.0f} of {cores / ours * 1e6:,.0f} us a scan"),
        ("ratio, were that on other cores", f"{alone / bare:.2f} (reckoned)"),
    ]


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
