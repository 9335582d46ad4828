"""Trust bundles for inspectors: the latest manifest of a scope, and the parts that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.bundle.reading import Malformed
from traceqr.bundle.scope import Scope
from traceqr.office.house import Absent, Office
from traceqr.registry import bundles
from traceqr.registry.bundles import MOST_PARTS

_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BundleOffice(Office):
    """Where an inspector's device fetches what it judges by with no network."""

    def digest(self, scope: str) -> str:
        """Of the latest manifest of a scope. Raises `Absent` where none was published, or it is no scope."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            found = bundles.digest_of_manifest(reader, _spelled(scope))
        if found is None:
            raise Absent("expected a scope that was published, it was not")
        return found

    def manifest(self, scope: str) -> tuple[str, bytes]:
        """Digest and file of it. Raises as `digest` does."""
        self.need(Right.INSPECT)
        with self.house.database.snapshot() as reader:
            found = bundles.manifest(reader, _spelled(scope))
        if found is None:
            raise Absent("expected a scope that was published, it was not")
        return found

    def sizes(self, digests: Sequence[str]) -> list[int]:
        """Of some parts, in this order. Raises `Absent` where one is not kept, `ActRefused` for what are no digests."""
        self.need(Right.INSPECT)
        if not 1 <= len(digests) <= MOST_PARTS or not all(map(_DIGEST.fullmatch, digests)):
            raise ActRefused(f"expected 1 to {MOST_PARTS} digests of 64 lower-case hex digits, got others", "d")
        with self.house.database.snapshot() as reader:
            kept = bundles.sizes(reader, digests)
        if missing := [digest for digest in digests if digest not in kept]:
            raise Absent(f"expected parts that are kept, {len(missing)} are not: fetch the manifest again")
        return [kept[digest] for digest in digests]

    def parts(self, digests: Sequence[str]) -> Iterator[bytes]:
        """The parts, one at a time. Raises `Absent` for one that was taken out since `sizes` found it."""
        self.need(Right.INSPECT)
        for digest in digests:
            with self.house.database.snapshot() as reader:
                found = bundles.parts(reader, [digest])
            if digest not in found:
                raise Absent("expected a part that is kept, it was taken out meanwhile")
            yield found[digest]


def _spelled(scope: str) -> str:
    try:
        return str(Scope(scope))
    except Malformed as error:
        raise Absent(str(error)) from error
