"""Pledges: an enterprise in a campaign, from its application on. What is written about it is in `pledge_records`."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from traceqr import region as regions
from traceqr.registry import numbering
from traceqr.registry.database import Reader, Row, Transaction

STATES = ("applied", "returned", "accepted", "refused", "signed", "published", "withdrawn", "breached")
"""As they are stored, in the order of a pledge's life. That it has expired follows from its dates."""


@dataclass(frozen=True, slots=True)
class Pledge:
    """An application, and what has become of it. `region` and `sector` are those that the enterprise applied with.

    What was signed is None until it is, and so are the dates until it is published: `valid_to_ms` is not included.
    """

    number: int
    campaign_id: str
    enterprise_id: str
    state: str
    region: str
    sector: str
    text_version: int | None = None
    signed_ms: int | None = None
    valid_from_ms: int | None = None
    valid_to_ms: int | None = None

    @property
    def was_published(self) -> bool:
        """Whether labels may carry it, whatever its state is now."""
        return self.valid_from_ms is not None

    def in_force(self, at_ms: int) -> bool:
        """Whether it is published and inside its dates."""
        if self.state != "published" or self.valid_from_ms is None or self.valid_to_ms is None:
            return False
        return self.valid_from_ms <= at_ms < self.valid_to_ms


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a queue ends, and the next one goes on."""

    region: str
    number: int


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a state, and a region within which it lies; a sector, and a code or a part of a name, where
    they are not empty.
    """

    state: str
    scope: str = regions.COUNTRY
    sector: str = ""
    text: str = ""


_PLEDGE = tuple(Pledge.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_PLEDGE)} FROM pledge"
_LISTED = (
    "SELECT g.number, g.campaign_id, g.enterprise_id, e.uscc, e.name_zh, e.name_en, g.state, g.region, g.sector,"
    " g.text_version, g.signed_ms, g.valid_from_ms, g.valid_to_ms"
    " FROM pledge g JOIN enterprise e ON e.id = g.enterprise_id"
)

_NAMED = (
    " AND (e.uscc = :text OR REPLACE(e.name_zh, :text, '') <> e.name_zh OR REPLACE(e.name_en, :text, '') <> e.name_en)"
)
"""A part of a text, found alike by both engines: without it the text is another."""


def next_number(tx: Transaction) -> int:
    """The number of the next pledge. Pledges are never deleted, so numbers are never used twice."""
    return numbering.next_number(tx, "pledge")


def insert(tx: Transaction, pledge: Pledge, position: int) -> None:
    """Add a pledge."""
    tx.insert_many("pledge", (*_PLEDGE, "position"), [(*asdict(pledge).values(), position)])


def update(tx: Transaction, pledge: Pledge, position: int) -> None:
    """Write a pledge as it is now; number, campaign and enterprise stay."""
    values = {name: value for name, value in asdict(pledge).items() if name not in ("campaign_id", "enterprise_id")}
    tx.execute(
        "UPDATE pledge SET state = :state, region = :region, sector = :sector, text_version = :text_version,"
        " signed_ms = :signed_ms, valid_from_ms = :valid_from_ms, valid_to_ms = :valid_to_ms, position = :position"
        " WHERE number = :number",
        {**values, "position": position},
    )


def by_number(reader: Reader, number: int) -> Pledge | None:
    """The pledge of that number."""
    row = reader.row(_SELECT + " WHERE number = :number", {"number": number})
    return Pledge(**row) if row else None


def last_change(reader: Reader, number: int) -> int:
    """The ledger's entry by which something was changed last in a pledge or in the findings against it; 0 where there
    is no such pledge.
    """
    row = reader.row(
        "SELECT g.position, (SELECT MAX(f.reply_position) FROM pledge_finding f WHERE f.pledge = g.number) AS replied"
        " FROM pledge g WHERE g.number = :number",
        {"number": number},
    )
    return max(row["position"], row["replied"] or 0) if row else 0


def of_enterprise(reader: Reader, campaign_id: str, enterprise_id: str) -> Pledge | None:
    """An enterprise's pledge in a campaign."""
    row = reader.row(
        _SELECT + " WHERE campaign_id = :campaign AND enterprise_id = :enterprise",
        {"campaign": campaign_id, "enterprise": enterprise_id},
    )
    return Pledge(**row) if row else None


def everything(reader: Reader) -> list[Row]:
    """All pledges with campaign and enterprise, latest first."""
    return reader.rows(_LISTED + " ORDER BY g.number DESC")


def through_the_years(reader: Reader, enterprise_id: str) -> list[Row]:
    """An enterprise's pledges with their campaigns, latest year first."""
    return reader.rows(
        "SELECT g.number, g.campaign_id, g.state, g.region, g.sector, g.text_version, g.signed_ms, g.valid_from_ms,"
        " g.valid_to_ms, c.code, c.year, c.name_zh AS campaign_zh, c.name_en AS campaign_en"
        " FROM pledge g JOIN campaign c ON c.id = g.campaign_id"
        " WHERE g.enterprise_id = :enterprise ORDER BY c.year DESC, g.number DESC",
        {"enterprise": enterprise_id},
    )


def queue(reader: Reader, campaign_id: str, state: str, scope: str, most: int, after: Place | None = None) -> list[Row]:
    """Pledges of a campaign in a state whose enterprises lie within a region, by region and then by number: at most
    `most` of them, from the one on that follows `after`.
    """
    return sought(reader, campaign_id, Sought(state, scope), most, after)


def sought(reader: Reader, campaign_id: str, what: Sought, most: int, after: Place | None = None) -> list[Row]:
    """As `queue`, of those that are looked for alone. Parts of names are found as they are spelled."""
    lowest, highest = regions.bounds(what.scope)
    begin = after if after and after.region >= lowest else Place(lowest, 0)
    by_sector = " AND g.sector = :sector" if what.sector else ""
    return reader.rows(
        _LISTED + " WHERE g.campaign_id = :campaign AND g.state = :state AND (g.region, g.number) > (:region, :number)"
        f" AND g.region <= :highest{by_sector}{_NAMED if what.text else ''} ORDER BY g.region, g.number LIMIT :most",
        {
            "campaign": campaign_id,
            "state": what.state,
            "region": begin.region,
            "number": begin.number,
            "highest": highest,
            "most": most,
            **({"sector": what.sector} if what.sector else {}),
            **({"text": what.text} if what.text else {}),
        },
    )


def in_order(reader: Reader, campaign_id: str, scope: str, after: int, most: int) -> list[Row]:
    """Pledges of a campaign within a region, whatever their state, by number: at most `most`, from above `after` on. A
    number never changes, so page by page each is there once, as it is then.
    """
    lowest, highest = regions.bounds(scope)
    return reader.rows(
        _LISTED + " WHERE g.campaign_id = :campaign AND g.number > :after AND g.region BETWEEN :lowest AND :highest"
        " ORDER BY g.number LIMIT :most",
        {"campaign": campaign_id, "after": after, "lowest": lowest, "highest": highest, "most": most},
    )


def funnel(reader: Reader, campaign_id: str, at_ms: int, scope: str = regions.COUNTRY) -> list[Row]:
    """How many pledges of a campaign, within a region, are in each state at an instant, by sector and region: rows of
    `standing` (a state, or `expired`), `region`, `sector` and `count`, in no order.
    """
    lowest, highest = regions.bounds(scope)
    return reader.rows(
        "SELECT g.standing, g.region, g.sector, COUNT(*) AS count FROM"
        " (SELECT region, sector, CASE WHEN state = 'published' AND valid_to_ms <= :at_ms THEN 'expired'"
        " ELSE state END AS standing FROM pledge WHERE campaign_id = :campaign"
        " AND region BETWEEN :lowest AND :highest) g GROUP BY g.standing, g.region, g.sector",
        {"campaign": campaign_id, "at_ms": at_ms, "lowest": lowest, "highest": highest},
    )
