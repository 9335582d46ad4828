"""A bundle's files on a server, as the inspectors' app asks for them; and a network that ends in their middle."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from support.scripts import Tree

API = "/inspect/api/"


@dataclass
class Shelf:
    """Manifest and parts, which tests may change. Of an answer of parts, `most` octets come, and then nothing until
    `released`, when it ends.
    """

    manifest: bytes = b""
    parts: dict[str, bytes] = field(default_factory=dict)
    asked: list[Sequence[str]] = field(default_factory=list)
    tail: bytes = b""
    most: int | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def handler(self) -> type[Tree]:
        """What answers for it."""

        class Handler(_Handler):
            shelf = self

        return Handler

    def framed(self, digests: Sequence[str]) -> bytes:
        """Parts, each behind its length."""
        self.asked.append(digests)
        found = [self.parts[digest] for digest in digests]
        return b"".join(len(part).to_bytes(4, "big") + part for part in found) + self.tail


class _Handler(Tree):
    shelf: Shelf

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path.startswith(f"{API}bundles/"):
            self._answer(self.shelf.manifest)
        elif path.path == f"{API}parts":
            self._answer(self.shelf.framed(parse_qs(path.query)["d"][0].split(",")), self.shelf.most)
        else:
            super().do_GET()

    def _answer(self, content: bytes, most: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:most])
        if most is not None:
            self.wfile.flush()
            self.shelf.released.wait(30)
