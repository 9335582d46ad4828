"""Ports of the loopback for servers that tests start."""

from __future__ import annotations

import itertools
import os
import random
import socket

# Below the range the kernel takes a connection's own port from, or a client of another test could hold by chance the
# port on which a server starts again. Processes that test at the same time take every sixteenth, each its own.
_FIRST, _LAST, _TOGETHER = 15_000, 31_000, 16
_own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _TOGETHER
_turns = itertools.count(random.randrange((_LAST - _FIRST) // _TOGETHER))


def free_port() -> int:
    """A port on which nothing listens, and which no other test of this run is given."""
    for turn in itertools.islice(_turns, 100):
        port = _FIRST + turn * _TOGETHER % (_LAST - _FIRST) + _own
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("expected a free port of the loopback, found a hundred that are taken")
