"""What a verdict reads of a label: the facts that decide, and the evidence that is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from traceqr.certificate import CertificateNumber
from traceqr.evidence import (
    Batch,
    Enterprise,
    Evidence,
    Finding,
    Mark,
    MarkState,
    Material,
    Notice,
    Pledge,
    PledgeState,
    Product,
    Purchase,
    Revocation,
)
from traceqr.registry import campaigns, claims, pledge_records, recalls
from traceqr.registry.claims import Claim
from traceqr.registry.database import Reader, Row
from traceqr.verdict import Facts, Life, State

MAX_NOTICES = 8
"""Notices shown on one label at most; more than a few over one label is a mistake, and the page must stay small."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The facts of a label, with what the evidence needs beside them."""

    facts: Facts
    life_position: int
    life_ms: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """What all labels of a batch share. It holds as long as no act is added to the ledger, so it may be kept
    together with the ledger's head, and is good for no other.
    """

    enterprise_id: str
    batch: Batch
    product: Product
    enterprise: Enterprise
    pledge: Pledge | None
    """In the state that it is stored in."""

    marks: tuple[Mark, ...] = ()
    """In the states that they are stored in, by the numbers of their licences."""

    hidden_codes: bool = False
    """Whether hidden codes of its labels were ever given out for print."""

    market: str = ""
    """The regions that the goods are meant for, with spaces between; all, if empty."""

    _pledges: dict[PledgeState, Pledge] = field(default_factory=dict, repr=False, compare=False)
    _marks: dict[tuple[MarkState, ...], tuple[Mark, ...]] = field(default_factory=dict, repr=False, compare=False)

    def pledge_at(self, at_ms: int) -> Pledge | None:
        """The pledge in its state at an instant: one object for each state, by which pages that show it are kept."""
        if self.pledge is None:
            return None
        state = self.pledge.state_at(at_ms)
        if state is self.pledge.state:
            return self.pledge
        held = self._pledges.get(state)
        if held is None:
            held = self._pledges[state] = replace(self.pledge, state=state)
        return held

    def marks_at(self, at_ms: int) -> tuple[Mark, ...]:
        """The marks in their states at an instant: one object for each set of states, as of the pledge."""
        if not self.marks:
            return ()
        states = tuple([mark.state_at(at_ms) for mark in self.marks])
        held = self._marks.get(states)
        if held is None:
            held = tuple(mark.in_state(state) for mark, state in zip(self.marks, states, strict=True))
            held = self._marks.setdefault(states, held)
        return held


_STANDING = """
    SELECT s.first, b.gtin, b.pledge, b.key_number, b.label_count, s.life, s.life_position, l.at_ms AS life_ms,
        s.holds + (SELECT COUNT(*) FROM notice n WHERE n.gtin = b.gtin AND n.batch IS NULL
                   AND n.closed_position IS NULL AND n.kind = 'hold') AS holds,
        s.recalls + (SELECT COUNT(*) FROM notice n WHERE n.gtin = b.gtin AND n.batch IS NULL
                     AND n.closed_position IS NULL AND n.kind = 'recall'
                     AND (n.lot IS NULL OR n.lot = b.lot)) AS recalls
    FROM batch b JOIN span s ON s.batch = b.number JOIN ledger l ON l.position = s.life_position
    WHERE b.number = :batch
"""

_OF_INDEX = " AND s.first = (SELECT MAX(p.first) FROM span p WHERE p.batch = :batch AND p.first <= :index)"

_DOSSIER = """
    SELECT b.number, b.label_count, b.lot, b.produced_on, b.expires_on, b.market, issued.at_ms AS issued_ms,
        b.gtin, b.product_version, p.version AS product_now, p.enterprise_id AS product_enterprise,
        v.name_zh AS product_zh, v.name_en AS product_en, v.brand, v.specification, v.standard, v.picture,
        told.entry AS enterprise_then,
        e.id AS enterprise_id, e.name_zh AS enterprise_zh, e.name_en AS enterprise_en, e.uscc, e.service_phone,
        g.number AS pledge, g.state AS pledge_state, g.signed_ms, g.valid_from_ms, g.valid_to_ms, g.text_version,
        c.code AS campaign_code, c.name_zh AS campaign_zh, c.name_en AS campaign_en, c.theme_zh, c.theme_en, c.year,
        c.text_version AS text_now,
        o.name_zh AS organiser_zh, o.name_en AS organiser_en, t.articles,
        (SELECT COUNT(*) FROM label_export x WHERE x.batch = b.number AND x.content <> 'labels') AS hidden_exports
    FROM batch b
        JOIN ledger issued ON issued.position = b.position
        JOIN ledger told ON told.position = b.enterprise_position
        JOIN product p ON p.gtin = b.gtin
        JOIN product_version v ON v.gtin = b.gtin AND v.version = b.product_version
        JOIN enterprise e ON e.id = b.enterprise_id
        LEFT JOIN pledge g ON g.number = b.pledge
        LEFT JOIN campaign c ON c.id = g.campaign_id
        LEFT JOIN organisation o ON o.id = c.organisation_id
        LEFT JOIN pledge_text t ON t.campaign_id = g.campaign_id AND t.version = g.text_version
    WHERE b.number = :batch
"""

_MARKS = """
    SELECT k.mark_id AS id, m.artwork, t.name_zh, t.name_en, t.meaning_zh, t.meaning_en,
        o.name_zh AS organisation_zh, o.name_en AS organisation_en, k.spelled AS licence, k.number,
        k.state, since.at_ms AS since_ms, k.reason, k.valid_from_ms, k.valid_to_ms, k.text_version,
        m.text_version AS text_now
    FROM batch_mark a
        JOIN mark_licence k ON k.number = a.licence
        JOIN mark m ON m.id = k.mark_id
        JOIN mark_text t ON t.mark_id = k.mark_id AND t.version = k.text_version
        JOIN organisation o ON o.id = m.organisation_id
        JOIN ledger since ON since.position = k.state_position
    WHERE a.batch = :batch ORDER BY a.licence
"""

_ITSELF = """
    n.gtin = :gtin AND ((n.batch IS NULL AND (n.lot IS NULL OR n.lot = :lot))
        OR (n.batch = :batch AND n.first <= :index AND n.last >= :index))
"""

_OVER = f"""
    (({_ITSELF}) OR n.id IN (SELECT k.notice_id FROM recall_reach k
        WHERE k.batch = :batch AND k.first <= :index AND k.last >= :index))
"""

_NOTICES = f"""
    SELECT n.kind, n.reason, l.at_ms, n.id, r.grade, {", ".join(f"r.{name}" for name in recalls.TEXTS)},
        o.name_zh AS ordered_zh, o.name_en AS ordered_en,
        CASE WHEN {_ITSELF} THEN 0 ELSE 1 END AS is_of_material,
        COALESCE(n.gtin, n.material) AS gtin,
        COALESCE(n.lot, b.lot, '') AS lot, COALESCE(v.name_zh, n.material_name) AS name_zh, v.name_en,
        e.name_zh AS by_zh, e.name_en AS by_en
    FROM notice n
        JOIN ledger l ON l.position = n.opened_position
        LEFT JOIN recall r ON r.id = n.id
        LEFT JOIN organisation o ON o.id = r.ordered_by
        LEFT JOIN batch b ON b.number = n.batch
        LEFT JOIN product p ON p.gtin = n.gtin
        LEFT JOIN product_version v ON v.gtin = n.gtin AND v.version = COALESCE(b.product_version, p.version)
        LEFT JOIN enterprise e ON e.id = r.enterprise_id
    WHERE {_OVER}
"""

_OPEN_NOTICES = f"{_NOTICES} AND n.closed_position IS NULL ORDER BY n.kind DESC, n.opened_position LIMIT :most"

_LIFTED_LAST = f"""
    {_NOTICES} AND n.kind = :kind
        AND n.closed_position = (SELECT MAX(n.closed_position) FROM notice n WHERE {_OVER} AND n.kind = :kind)
"""


def standing(reader: Reader, batch: int, index: int) -> Standing | None:
    """Facts without history: one probe of `batch` and one of `span`. None for a batch that was never issued.

    An index past the count finds the last span; the facts say the count, and the verdict says over-issue.
    """
    row = reader.row(_STANDING + _OF_INDEX, {"batch": batch, "index": index})
    return _standing(row) if row else None


def standings(reader: Reader, batch: int, most: int) -> list[tuple[int, Standing]] | None:
    """The standing of each span of a batch with the span's first label, in order: all that `standing` would say. Empty
    for a batch that was never issued, None for one that has more than `most` spans.
    """
    rows = reader.rows(_STANDING + " ORDER BY s.first LIMIT :most", {"batch": batch, "most": most + 1})
    return None if len(rows) > most else [(row["first"], _standing(row)) for row in rows]


def _standing(row: Row) -> Standing:
    state = State(Life(row["life"]), bool(row["holds"]), bool(row["recalls"]))
    facts = Facts(row["gtin"], row["pledge"], row["key_number"], row["label_count"], state)
    return Standing(facts, row["life_position"], row["life_ms"])


def dossier(reader: Reader, batch: int) -> Dossier:
    """The dossier of a batch that `standing` found in the same snapshot."""
    row = reader.row(_DOSSIER, {"batch": batch})
    assert row is not None  # the batch is there, and foreign keys hold the rest
    return Dossier(
        enterprise_id=row["enterprise_id"],
        batch=Batch(
            row["number"], row["label_count"], row["lot"], row["produced_on"], row["expires_on"], row["issued_ms"]
        ),
        product=_product(reader, row),
        enterprise=_enterprise(reader, row),
        pledge=pledge_of(reader, row) if row["pledge"] is not None else None,
        marks=tuple(_mark(each) for each in reader.rows(_MARKS, {"batch": batch})),
        hidden_codes=bool(row["hidden_exports"]),
        market=row["market"] or "",
    )


def has_hidden_codes(reader: Reader, batch: int) -> bool:
    """Whether hidden codes of a batch were ever given out for print."""
    row = reader.row(
        "SELECT COUNT(*) AS exports FROM label_export WHERE batch = :batch AND content <> 'labels'", {"batch": batch}
    )
    return bool(row and row["exports"])


def evidence(
    reader: Reader, held: Dossier, index: int, found: Standing, at_ms: int, purchase: Purchase | None = None
) -> Evidence:
    """All that is shown of an issued label, from the dossier of its batch and what concerns the label alone."""
    state = found.facts.state
    return Evidence(
        batch=held.batch,
        product=held.product,
        enterprise=held.enterprise,
        pledge=held.pledge_at(at_ms),
        notices=(*_voiding(reader, found), *_open_notices(reader, held, index, state)),
        activated_ms=found.life_ms if state.life is Life.ACTIVE else None,
        marks=held.marks_at(at_ms),
        hidden_codes=held.hidden_codes,
        purchase=purchase,
    )


def _product(reader: Reader, row: Row) -> Product:
    return Product(
        gtin=row["gtin"],
        version=row["product_version"],
        name_zh=row["product_zh"],
        name_en=row["product_en"],
        brand=row["brand"],
        specification=row["specification"],
        standard=row["standard"],
        picture=row["picture"],
        changed_since=_changed(reader, row),
    )


def _changed(reader: Reader, row: Row) -> bool:
    """Whether the enterprise has changed the product since. What another wrote that holds it now is no such change."""
    if row["product_enterprise"] == row["enterprise_id"]:
        return bool(row["product_now"] != row["product_version"])
    later = reader.rows(
        "SELECT l.entry FROM product_version v JOIN ledger l ON l.position = v.position"
        " WHERE v.gtin = :gtin AND v.version > :version",
        {"gtin": row["gtin"], "version": row["product_version"]},
    )
    return any(json.loads(each["entry"])["payload"]["enterprise"] == row["enterprise_id"] for each in later)


_STORED = {"withdrawn": PledgeState.WITHDRAWN, "breached": PledgeState.BREACHED}


def pledge_of(reader: Reader, row: Row) -> Pledge:
    """The pledge of a row as it is stored. It was published, so what was signed is there, and the dates."""
    state = _STORED.get(row["pledge_state"], PledgeState.IN_FORCE)
    return Pledge(
        number=row["pledge"],
        state=state,
        campaign_zh=row["campaign_zh"],
        campaign_en=row["campaign_en"],
        theme_zh=row["theme_zh"],
        theme_en=row["theme_en"],
        organiser_zh=row["organiser_zh"],
        organiser_en=row["organiser_en"],
        year=row["year"],
        articles=campaigns.articles_of(row["articles"]),
        signed_ms=row["signed_ms"],
        valid_from_ms=row["valid_from_ms"],
        valid_to_ms=row["valid_to_ms"],
        changed_since=row["text_now"] != row["text_version"],
        findings=_findings(reader, row["pledge"]) if state is PledgeState.BREACHED else (),
        certificate=str(CertificateNumber(row["campaign_code"], row["pledge"])),
    )


def _mark(row: Row) -> Mark:
    changed = row["text_now"] != row["text_version"]
    given = {name: value for name, value in row.items() if name not in ("state", "text_version", "text_now")}
    state = MarkState.IN_FORCE if row["state"] == "granted" else MarkState(row["state"])
    return Mark(**given, state=state, changed_since=changed)


def _findings(reader: Reader, number: int) -> tuple[Finding, ...]:
    return tuple(
        Finding(row["content"], row["at_ms"], row["reply"] or "", row["replied_ms"])
        for row in pledge_records.against(reader, number)
    )


def _enterprise(reader: Reader, row: Row) -> Enterprise:
    """The one that issued the batch, whoever holds the product now, with its right to the GTIN."""
    accepted = claims.accepted_to(reader, row["gtin"])
    own = next((claim for claim in accepted if claim.enterprise_id == row["enterprise_id"]), None)
    accepted_by = _decided_by(reader, own)
    then = json.loads(row["enterprise_then"])["payload"]
    now = {"name_zh": row["enterprise_zh"], "name_en": row["enterprise_en"], "service_phone": row["service_phone"]}
    changed = {name: then[name] for name in now if then[name] != now[name]}
    return Enterprise(
        **now,
        uscc=row["uscc"],
        accepted_by_zh=accepted_by[0],
        accepted_by_en=accepted_by[1],
        changed_since=bool(changed),
        printed_zh=changed.get("name_zh", ""),
        printed_en=changed.get("name_en", ""),
        revoked=None if own else _revocation(reader, row, held_by_another=bool(accepted)),
    )


def _revocation(reader: Reader, row: Row, *, held_by_another: bool) -> Revocation | None:
    claim = claims.revoked_for(reader, row["enterprise_id"], row["gtin"])
    if claim is None or claim.decided_ms is None:
        return None
    return Revocation(claim.decided_ms, *_decided_by(reader, claim), held_by_another)


def _decided_by(reader: Reader, claim: Claim | None) -> tuple[str, str]:
    """The Chinese and the English name of the organisation that decided a claim last."""
    if claim is None:
        return "", ""
    row = reader.row("SELECT name_zh, name_en FROM organisation WHERE id = :id", {"id": claim.organisation_id})
    return (row["name_zh"], row["name_en"]) if row else ("", "")


def _voiding(reader: Reader, found: Standing) -> tuple[Notice, ...]:
    """The act that voided the label, if one did."""
    if found.facts.state.life is not Life.VOID:
        return ()
    row = reader.row("SELECT entry FROM ledger WHERE position = :position", {"position": found.life_position})
    assert row is not None  # a foreign key of the span
    return (Notice("void", found.life_ms, json.loads(row["entry"])["payload"]["reason"]),)


def _open_notices(reader: Reader, held: Dossier, index: int, state: State) -> tuple[Notice, ...]:
    """The open notices over the label, recalls first. Asked only where the span or the product says there are any.

    Where the database lets a transaction see what is committed meanwhile, what the state was read by may have been
    lifted since: then that is told, so that nobody reads of a recall without its words.
    """
    if not (state.held or state.recalled):
        return ()
    over = {"gtin": held.product.gtin, "batch": held.batch.number, "lot": held.batch.lot or "", "index": index}
    rows = reader.rows(_OPEN_NOTICES, {**over, "most": MAX_NOTICES})
    kind = "recall" if state.recalled else "hold"
    if not any(row["kind"] == kind for row in rows):
        rows = [*reader.rows(_LIFTED_LAST, {**over, "kind": kind}), *rows]
    return tuple(
        Notice(
            row["kind"],
            row["at_ms"],
            row["reason"],
            recalls.told_of(row) if row["kind"] == "recall" else None,
            _material(row) if row["is_of_material"] else None,
        )
        for row in rows
    )


def _material(row: Row) -> Material:
    return Material(**{name: row[name] or "" for name in Material.__dataclass_fields__})
