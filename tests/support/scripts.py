"""The browser's modules under test: run by Node, and served to a Chromium as they lie in the tree."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import npm

ROOT = Path(__file__).parents[2]
_POLLED_S = 0.02
"""How soon a server notices that it is to stop."""


def run_by_node(test: Path) -> tuple[int, str]:
    """Run a test file by `node --test`: the exit code, and what it says."""
    _, node = npm.npm_and_node()
    done = subprocess.run([*node, "--test", str(test)], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


class Tree(SimpleHTTPRequestHandler):
    """Files of the tree."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, directory=str(ROOT), **options)  # type: ignore[arg-type]


@contextmanager
def served_tree(handler: type[Tree] = Tree) -> Iterator[str]:
    """The origin of a server of the tree's files, on loopback, which browsers trust as they do HTTPS."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(_POLLED_S,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
