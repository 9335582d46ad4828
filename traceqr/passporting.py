"""Publishing product passports: signing what the registry says now, for nodes that hold no key to hand out.

A credential is signed where it says something new, or where half of its term is over. Nodes hand one out as long as it
says what the registry says at that moment (`current`), so that nothing is good any more that was recalled, suspended or
withdrawn since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from traceqr import canonical
from traceqr.acting import ActRefused, Desk
from traceqr.digital_link.identified import Identified
from traceqr.documenting import Clerk
from traceqr.instant import DAY_MS
from traceqr.keying import KeyFolder
from traceqr.label.keyring import Keyring, PublicKey, Role
from traceqr.passport.conformity import conformity
from traceqr.passport.credential import PREFIX, dated, source
from traceqr.passport.facts import Document, Issuer, Term
from traceqr.passport.identity import key_id, may_be_trusted
from traceqr.passport.proof import Enveloped
from traceqr.registry import keys, opening, passports
from traceqr.registry.database import Database, Reader, Row
from traceqr.registry.passports import Issue, Kept

LIFETIME_MS = 7 * DAY_MS
"""How long a credential is good: whoever has one does not hear of what has changed since, for so long at most."""

MOST_SIGNED = 500
"""Credentials signed by one act, with those of the product that brings it so far."""

PRODUCTS = 200
"""Products that are looked at in one go, at most."""


@dataclass(frozen=True, slots=True)
class Published:
    """What one go has signed: nothing, where `issue` is None. `after` is the product to go on behind, or None."""

    issue: Issue | None
    looked_at: int
    after: str | None


def publish(
    desk: Desk,
    database: Database,
    folder: KeyFolder,
    origin: str,
    after: str = "",
    lifetime_ms: int = LIFETIME_MS,
) -> Published:
    """Sign what is due of the products behind `after`. Raises `ActRefused`; `KeyFileError` where the key's private part
    is not here.
    """
    issuer, now_ms = Issuer(origin.lower()), desk.clock()
    with database.snapshot() as reader:
        opening.require_schema(reader)
        key = _signing_key(reader, now_ms)
        number = passports.next_number(reader)
        due, looked_at, last = _due(reader, Clerk(reader, now_ms, desk.timezone), issuer, after, lifetime_ms)
    if not due:
        return Published(None, looked_at, last)
    private, term = folder.private(key), Term(now_ms, now_ms + lifetime_ms)
    signed = [
        _kept(path, document, str(Enveloped.signed(dated(document, term), key_id(issuer, key.number), private.sign)))
        for path, document in due
    ]
    issue = Issue(number, now_ms, now_ms + lifetime_ms, key.number, len(signed), _digest(signed))
    with desk.act() as act:
        if passports.next_number(act.tx) != number:
            raise ActRefused("expected no other issue meanwhile, another process published: do it again")
        payload = {
            name: getattr(issue, name) for name in ("made_ms", "expires_ms", "key_number", "credentials", "digest")
        }
        position = act.record("passport.publish", f"passport_issue:{number}", payload)
        passports.insert(act.tx, issue, signed, position)
        passports.prune(act.tx, now_ms)
    return Published(issue, looked_at, last)


def current(reader: Reader, path: str, document: Document, keyring: Keyring, now_ms: int) -> str | None:
    """The envelope of a credential, if one is kept that is good and says just what `document` says."""
    row = passports.kept(reader, path)
    if row is None or row["source"] != source(document) or not row["made_ms"] <= now_ms < row["expires_ms"]:
        return None
    return str(row["content"]) if may_be_trusted(keyring.keys.get(row["key_number"]), now_ms) else None


def _signing_key(reader: Reader, now_ms: int) -> PublicKey:
    found = keys.may_sign(reader, Role.PASSPORT, now_ms)
    if not found:
        raise ActRefused("expected a key for passports, there is none: make one, run: traceqr keys new --role passport")
    return found[-1]


def _due(
    reader: Reader, clerk: Clerk, issuer: Issuer, after: str, lifetime_ms: int
) -> tuple[list[tuple[str, Document]], int, str | None]:
    """What is to be signed, how many credentials were looked at, and the last product."""
    due: dict[str, Document] = {}
    keyring, looked_at = keys.keyring(reader), 0
    gtins = passports.products_after(reader, after, PRODUCTS)
    for gtin in gtins:
        found = {path: document for path, document in _documents(clerk, issuer, gtin) if path not in due}
        held = passports.sources(reader, list(found))
        looked_at += len(found)
        due.update(
            (path, document)
            for path, document in found.items()
            if not _is_fresh(held.get(path), document, keyring, clerk.now_ms, lifetime_ms)
        )
        if len(due) >= MOST_SIGNED:
            return list(due.items()), looked_at, gtin
    return list(due.items()), looked_at, gtins[-1] if len(gtins) == PRODUCTS else None


def _documents(clerk: Clerk, issuer: Issuer, gtin: str) -> Iterator[tuple[str, Document]]:
    """All credentials about a product, by their paths."""
    term = Term(clerk.now_ms)
    for what in (Identified("01", gtin), *clerk.lots(gtin)):
        contents = clerk.of(what)
        if contents is None:
            continue
        for one in contents.attestations if not what.qualifiers else ():
            yield one.path, conformity(issuer, one, term)
        if contents.way and (told := contents.events(issuer, term)):
            yield contents.way.path, told
        yield f"{PREFIX}{what.path}", contents.passport(issuer, term)


def _is_fresh(row: Row | None, document: Document, keyring: Keyring, now_ms: int, lifetime_ms: int) -> bool:
    if row is None or row["source"] != source(document):
        return False
    good = may_be_trusted(keyring.keys.get(row["key_number"]), now_ms)
    return good and row["expires_ms"] - now_ms > lifetime_ms // 2


def _kept(path: str, document: Document, content: str) -> Kept:
    return Kept(path, source(document), hashlib.sha256(content.encode("ascii")).hexdigest(), content)


def _digest(signed: list[Kept]) -> str:
    """Over the digest of each credential by its path."""
    return hashlib.sha256(canonical.encode({one.path: one.digest for one in signed})).hexdigest()
