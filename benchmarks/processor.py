"""Processor time of processes, as Linux counts it."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg

_TICKS = os.sysconf("SC_CLK_TCK")


def family_s(pid: int) -> float:
    """Processor seconds of a process, its children, and those of them that have ended."""
    user, system, *ended = (int(value) for value in _stat(pid)[11:15])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (user + system + sum(ended)) / _TICKS + sum(_own_s(int(child)) for child in children)


def postmaster(url: str) -> int:
    """The first process of a PostgreSQL on this machine: the parent of all others."""
    with psycopg.connect(url) as connection:
        return int(_stat(connection.info.backend_pid)[1])


def _own_s(pid: int) -> float:
    try:
        return sum(int(value) for value in _stat(pid)[11:13]) / _TICKS
    except FileNotFoundError:  # ended meanwhile
        return 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, which is the third (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
