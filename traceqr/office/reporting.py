"""What an officer hands on: the pledges of an edition in his region, and its figures, for spreadsheets and programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from traceqr.access import Right
from traceqr.certificate import CertificateNumber
from traceqr.instant import to_iso
from traceqr.office.review import STANDINGS, ReviewOffice
from traceqr.registry import pledges
from traceqr.registry.campaigns import Campaign
from traceqr.registry.database import Row
from traceqr.rostering import region_name
from traceqr.sector import SECTORS

_PAGE = 1_000
"""Pledges read at once."""

COLUMNS = (
    *("number", "certificate", "uscc", "name_zh", "name_en", "region", "region_name", "sector", "sector_name"),
    *("state", "text_version", "signed", "valid_from", "valid_until"),
)
"""Of a pledge. `signed` is an instant in UTC, the other two are days, the last one included."""

FIGURES = ("region", "region_name", "sector", "sector_name", *STANDINGS)
"""Of the figures: how many pledges of a region and a sector stand how."""


@dataclass(frozen=True, slots=True)
class Report:
    """The pledges of an edition as they were from an instant on, read while somebody goes through them."""

    campaign: Campaign
    at_ms: int
    rows: Iterator[dict[str, str]]


@dataclass(frozen=True, slots=True)
class ReportOffice(ReviewOffice):
    """What leaves the house in an officer's hands: within the region of his association, and without contacts."""

    def report(self, campaign_id: str) -> Report:
        """The pledges of an edition, applications among them, by number. Raises `Absent`."""
        self.need(Right.REVIEW)
        campaign, scope, now_ms = self.edition(campaign_id).campaign, self.scope, self.house.clock()
        return Report(campaign, now_ms, self._rows(campaign, scope, now_ms))

    def figures(self, campaign_id: str) -> list[dict[str, str]]:
        """How many pledges stand how, by region and sector."""
        self.need(Right.REVIEW)
        campaign = self.edition(campaign_id).campaign
        with self.house.database.snapshot() as reader:
            found = pledges.funnel(reader, campaign.id, self.house.clock(), self.scope)
        counts: dict[tuple[str, str], dict[str, str]] = {}
        for row in sorted(found, key=lambda row: (row["region"], row["sector"])):
            under = counts.setdefault((row["region"], row["sector"]), dict.fromkeys(STANDINGS, "0"))
            under[row["standing"]] = str(row["count"])
        return [{**_placed(region, sector), **under} for (region, sector), under in counts.items()]

    def _rows(self, campaign: Campaign, scope: str, now_ms: int) -> Iterator[dict[str, str]]:
        after = 0
        while True:
            with self.house.database.snapshot() as reader:
                found = pledges.in_order(reader, campaign.id, scope, after, _PAGE)
            yield from (self._told(campaign, row, now_ms) for row in found)
            if len(found) < _PAGE:
                return
            after = found[-1]["number"]

    def _told(self, campaign: Campaign, row: Row, now_ms: int) -> dict[str, str]:
        begins, ends = row["valid_from_ms"], row["valid_to_ms"]
        is_over = row["state"] == "published" and ends <= now_ms
        return {
            "number": str(row["number"]),
            "certificate": "" if begins is None else str(CertificateNumber(campaign.code, row["number"])),
            "uscc": row["uscc"],
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            **_placed(row["region"], row["sector"]),
            "state": "expired" if is_over else row["state"],
            "text_version": "" if row["text_version"] is None else str(row["text_version"]),
            "signed": "" if row["signed_ms"] is None else to_iso(row["signed_ms"]),
            "valid_from": "" if begins is None else self._day(begins).isoformat(),
            "valid_until": "" if begins is None else self._day(ends - 1).isoformat(),
        }

    def _day(self, at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms / 1000, self.house.timezone).date()


def _placed(region: str, sector: str) -> dict[str, str]:
    """A region and a sector with their Chinese names, as the roster for the press has them."""
    return {
        "region": region,
        "region_name": region_name(region),
        "sector": sector,
        "sector_name": SECTORS[sector].zh_hans if sector in SECTORS else sector,
    }
