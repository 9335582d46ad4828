"""Publishing trust bundles: what the registry says now, signed, for those who will have no network.

Parts are made one at a time and kept at once, each in a recording of its own: nobody is handed one before a manifest
names it. Then one act publishes the manifests of all scopes, and takes out what no publication has named for a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from traceqr import assembling
from traceqr.acting import Act, ActRefused, Desk
from traceqr.bundle.envelope import Envelope
from traceqr.bundle.manifest import Manifest, PartEntry, Recall
from traceqr.bundle.reading import Malformed
from traceqr.bundle.scope import ALL, PUBLIC, Scope
from traceqr.instant import DAY_MS, HOUR_MS
from traceqr.keying import KeyFolder
from traceqr.label.jwk import to_jwk
from traceqr.label.keyring import PublicKey, Role
from traceqr.region import COUNTRY, at_level
from traceqr.registry import bundle_sources, bundles, keys, ledger, numbering, opening
from traceqr.registry.bundles import Publication
from traceqr.registry.database import Database, Reader

LIFETIME_MS = 3 * DAY_MS
"""How long a bundle is good by default: as long as an inspector may be without network, and no longer."""

RENEW_MS = HOUR_MS
"""What has not changed is published again after so long, so that nobody takes it for old."""

LISTED_MS = 30 * DAY_MS
"""A new key is listed for so long before it signs, if there is an older one: devices trust it by what they took."""

KEPT_MS = DAY_MS
"""For so long parts are handed out that no manifest names any more: whoever has fetched an older one fetches on."""


@dataclass(frozen=True, slots=True)
class Published:
    """What is published now. `files` are the sizes of manifests by scope, empty where nothing had changed and nothing
    was published; `left_out` are scopes whose manifest would be too large to be taken.
    """

    publication: Publication
    files: Mapping[str, int]
    parts: int
    octets: int
    """Of all parts."""

    made: int = 0
    """Parts that had changed."""

    made_octets: int = 0
    left_out: tuple[str, ...] = ()


def publish(
    desk: Desk,
    database: Database,
    folder: KeyFolder,
    hosts: Collection[str],
    lifetime_ms: int = LIFETIME_MS,
) -> Published:
    """Publish what the registry says now, unless that is what was published within the hour. Raises `ActRefused`, also
    where another publication came between; `KeyFileError` where the key's private part is not here.
    """
    now_ms = desk.clock()
    with database.snapshot() as reader:
        opening.require_schema(reader)
        key = _signing_key(reader, now_ms)
        before = bundles.latest(reader)
        if before and _is_still(reader, before, key, hosts, now_ms):
            return Published(before, {}, *bundles.stock(reader))
        draft = _Draft.read(reader, database, key, hosts, now_ms)
        if before and draft.repeats(reader, before, now_ms):
            return Published(before, {}, len(draft.parts), draft.octets)
    publication = Publication(draft.number, draft.size, draft.made_ms, draft.made_ms + lifetime_ms, key.number)
    files, left_out = draft.signed(publication, folder)
    with desk.act() as act:
        _publish(act, publication, files, draft)
    sizes = {scope: len(file) for scope, file in files.items()}
    return Published(
        publication, sizes, len(draft.parts), draft.octets, draft.count_made, draft.octets_made, tuple(left_out)
    )


def _publish(act: Act, publication: Publication, files: Mapping[str, bytes], draft: _Draft) -> None:
    if bundles.next_number(act.tx) != publication.number:
        raise ActRefused("expected no other publication meanwhile, another process published: do it again")
    digests = {scope: hashlib.sha256(file).hexdigest() for scope, file in files.items()}
    payload = {
        "ledger_size": publication.ledger_size,
        "made_ms": publication.made_ms,
        "expires_ms": publication.expires_ms,
        "key_number": publication.key_number,
        "manifests": digests,
    }
    position = act.record("bundle.publish", f"bundle:{publication.number}", payload)
    manifests = {scope: (digests[scope], file) for scope, file in files.items()}
    bundles.insert(act.tx, publication, manifests, position)
    if missing := bundles.name_parts(act.tx, [part.digest for part in draft.parts], act.at_ms):
        raise ActRefused(f"expected all parts to be kept, {len(missing)} were taken out meanwhile: do it again")
    bundles.prune(act.tx, publication.number, act.at_ms - KEPT_MS)


def _signing_key(reader: Reader, at_ms: int) -> PublicKey:
    """The newest of those that have been listed for long enough, or else the oldest there is."""
    found = keys.may_sign(reader, Role.BUNDLE, at_ms)
    if not found:
        raise ActRefused("expected a key for bundles, there is none: make one, run: traceqr keys new --role bundle")
    known = [key for key in found if key.signing.from_ms + LISTED_MS <= at_ms]
    return known[-1] if known else found[0]


def _is_still(reader: Reader, before: Publication, key: PublicKey, hosts: Collection[str], now_ms: int) -> bool:
    """Whether nothing can have changed: the act that published it is the last one, or no act at all came since."""
    if ledger.next_position(reader) != before.ledger_size + 1 or before.key_number != key.number:
        return False
    return _is_fresh(before, now_ms) and _public(reader).hosts == tuple(sorted(hosts))


def _is_fresh(before: Publication, now_ms: int) -> bool:
    return before.made_ms <= now_ms < min(before.made_ms + RENEW_MS, before.expires_ms)


def _public(reader: Reader) -> Manifest:
    found = bundles.manifest(reader, str(PUBLIC))
    assert found is not None  # each publication has one
    return Manifest.parse(Envelope.split(found[1]).manifest)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be published, as of one view of the registry."""

    number: int
    size: int
    made_ms: int
    hosts: tuple[str, ...]
    key: PublicKey
    records: tuple[Mapping[str, object], ...]
    next_batch: int
    recalls: tuple[Recall, ...]
    scopes: tuple[Scope, ...]
    parts: tuple[PartEntry, ...]
    octets: int
    count_made: int
    octets_made: int

    @classmethod
    def read(
        cls,
        reader: Reader,
        database: Database,
        key: PublicKey,
        hosts: Collection[str],
        now_ms: int,
    ) -> _Draft:
        """Read it, and keep each part that is not kept yet as soon as it is made."""
        keyring = keys.keyring(reader)
        size = ledger.next_position(reader)
        parts, made = [], []
        for piece in assembling.pieces(reader, keyring):
            kept = bundles.part_of_source(reader, piece.source)
            if kept is None:
                octets = piece.made(reader).encode()
                kept = hashlib.sha256(octets).hexdigest(), len(octets)
                with database.recording() as tx:
                    bundles.keep_part(tx, kept[0], piece.source, octets, now_ms)
                made.append(len(octets))
            parts.append(piece.named(*kept))
        return cls(
            bundles.next_number(reader),
            size,
            now_ms,
            tuple(sorted(hosts)),
            key,
            tuple(to_jwk(keyring.keys[number]) for number in sorted(keyring.keys)),
            numbering.next_number(reader, "batch"),
            assembling.open_recalls(reader),
            _scopes(bundle_sources.regions(reader)),
            tuple(sorted(parts, key=lambda part: (part.batches[0], part.digest))),
            sum(part.size for part in parts),
            len(made),
            sum(made),
        )

    def repeats(self, reader: Reader, before: Publication, now_ms: int) -> bool:
        """Whether it says what was published within the hour."""
        if not _is_fresh(before, now_ms) or before.key_number != self.key.number:
            return False
        if bundles.scopes(reader, before.number) != sorted(map(str, self.scopes)):
            return False
        told, named = _public(reader), {part.digest for part in self.parts}
        now = replace(
            self._manifest(PUBLIC, before), version=told.version, position=told.position, made_ms=told.made_ms
        )
        return told == now and bundles.named(reader) == named

    def signed(self, publication: Publication, folder: KeyFolder) -> tuple[dict[str, bytes], list[str]]:
        """The files of all scopes, and the scopes whose file would be too large."""
        private = folder.private(self.key)
        files, left_out = {}, []
        for scope in self.scopes:
            try:
                manifest = self._manifest(scope, publication).canonical()
            except Malformed:
                left_out.append(str(scope))
                continue
            files[str(scope)] = bytes(Envelope.signed(self.key.number, manifest, private.sign))
        return files, left_out

    def _manifest(self, scope: Scope, publication: Publication) -> Manifest:
        return Manifest(
            scope,
            publication.number,
            publication.ledger_size,
            publication.made_ms,
            publication.expires_ms,
            self.hosts,
            self.records,
            self.next_batch,
            self.recalls,
            tuple(part for part in self.parts if scope.holds(part.region)),
        )


def _scopes(regions: Collection[str]) -> tuple[Scope, ...]:
    """What everybody is told, all there is, and each province where somebody is."""
    provinces = sorted({province for region in regions if (province := at_level(region, 2)) != COUNTRY})
    return (PUBLIC, ALL, *(Scope.of_province(province) for province in provinces))
