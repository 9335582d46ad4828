"""Loads the demonstration through the same use cases as everybody's data, over the past year, and picks samples."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from traceqr import (
    activating,
    campaigning,
    claiming,
    enrolling,
    exporting,
    hiding,
    issuing,
    keying,
    licensing,
    pledging,
    recalling,
    recognising,
)
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.demo import catalogue, people, pictures, scanning
from traceqr.demo.catalogue import ITEMS, Item
from traceqr.demo.journey import Journey
from traceqr.demo.people import Person
from traceqr.enrolling import ProductEntry
from traceqr.exporting import series
from traceqr.instant import Clock
from traceqr.keying import KeyFolder
from traceqr.label.host import Origin
from traceqr.label.keyring import Role
from traceqr.label.serial import Serial
from traceqr.licensing import LicenceEntry
from traceqr.pledging import PledgeEntry
from traceqr.registry import enterprises, keys, licences, pledges, purchases
from traceqr.registry.batches import Batch
from traceqr.registry.database import Database
from traceqr.registry.exports import Content
from traceqr.registry.purchases import RightEntry
from traceqr.second_factor import Vault
from traceqr.verifying import Verifier, Viewer

IMITATION = Origin.parse("HTTPS://QR-CHECK.EXAMPLE")
"""A host that is not ours, as somebody who imitates the page would print it (RFC 2606 keeps it unused)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A label to show, and the verdict that it is to lead to."""

    verdict: str
    title_zh: str
    title_en: str
    text: str
    hidden: str = ""
    """The code under its scratch layer, as it is printed."""


class Calendar:
    """A clock that the loader sets: the demonstration's year passes in a second, and never overtakes the present."""

    def __init__(self, present: Clock, zone: ZoneInfo) -> None:
        self._present = present
        self._zone = zone
        self._at_ms = 0

    def go_to(self, day: date, hour: int = 9) -> None:
        """Move to an hour of a day, or to the present when that lies ahead."""
        moment = datetime.combine(day, time(hour), self._zone)
        self._at_ms = max(self._at_ms, min(int(moment.timestamp()) * 1000, self._present()))

    def __call__(self) -> int:
        """The instant that was set last."""
        return self._at_ms


class Loader:
    """Fills an empty registry. The editions are this season's and the last one's, whenever the demo is started."""

    def __init__(self, database: Database, folder: KeyFolder, origin: Origin, zone: ZoneInfo, present: Clock) -> None:
        self._calendar = Calendar(present, zone)
        self._database = database
        self._desk = Desk(database, "operator", self._calendar, zone, lambda: secrets.token_hex(8))
        self._folder = folder
        self._origin = origin
        today = datetime.fromtimestamp(present() / 1000, zone).date()
        self._season = today.year if today.month >= 9 else today.year - 1
        self._today = today

    def load(self) -> list[Sample]:
        """Everything: who there is, two editions, batches in every state; returns the samples to show."""
        self._enrol()
        old = self._last_season()
        new = self._this_season()
        return [*new, *old]

    def employ(self, vault: Vault) -> list[Person]:
        """People who can sign in, for the bodies that `load` has enrolled."""
        return people.employ(
            self._desk,
            vault,
            catalogue.ASSOCIATION.name_zh,
            catalogue.REGULATOR.name_zh,
            catalogue.ENTERPRISES[0].uscc,
        )

    def _enrol(self) -> None:
        self._calendar.go_to(date(self._season - 1, 8, 20))
        desk = self._desk
        enrolling.enrol_organisations(desk, [catalogue.ASSOCIATION, catalogue.REGULATOR])
        enrolling.enrol_enterprises(desk, catalogue.ENTERPRISES)
        enrolling.enrol_products(desk, [_product(item) for item in ITEMS])
        self._calendar.go_to(date(self._season - 1, 8, 25))
        for claim in claiming.file_claims(desk, catalogue.CLAIMS):
            claiming.accept_claim(desk, claim.id, catalogue.ASSOCIATION.name_zh)
        self._honour()

    def _honour(self) -> None:
        """What stands on the page of an enterprise beside its pledges."""
        recognising.record_recognitions(self._desk, catalogue.honours(self._season - 1))

    def _last_season(self) -> list[Sample]:
        """A key whose verifying window has passed, a key that was stolen, a pledge that ran out."""
        year = self._season - 1
        self._calendar.go_to(date(year, 9, 1))
        campaigning.open_campaign(self._desk, catalogue.campaign(year, with_codes=False))
        self._pledge_all(year, [catalogue.TEA, catalogue.APPLIANCE, catalogue.TEXTILE])
        keying.new_key(self._desk, self._folder, Role.LABEL, signing_days=30, verifying_days=60)
        hiding.new_root(self._desk, self._folder)
        keying.new_key(self._desk, self._folder, Role.BUNDLE)
        bygone = self._issue(_item("towels"), 5_000, lot="T-0901", active=True)
        self._calendar.go_to(date(year, 10, 10))
        keying.new_key(self._desk, self._folder, Role.LABEL)
        stolen = self._issue(_item("kettle"), 20_000, lot="K17-1010", active=True)
        self._calendar.go_to(date(year, 11, 5))
        keying.new_key(self._desk, self._folder, Role.LABEL)
        expired = self._issue(_item("cake"), 8_000, lot="PU-1105", pledged_in=year, active=True)
        self._calendar.go_to(date(self._season, 3, 2))
        keying.compromise(self._desk, stolen.key_number, "签名密钥的备份介质遗失 / a backup medium of the key was lost")
        return [
            Sample("genuine", "上一届倡议已到期", "An expired pledge", self._text(expired, 12)),
            Sample("suspect", "签名密钥已泄露", "The signing key was stolen", self._text(stolen, 3)),
            Sample("unchecked", "密钥已过核验期", "The key's verifying window has passed", self._text(bygone, 7)),
        ]

    def _this_season(self) -> list[Sample]:
        year = self._season
        self._calendar.go_to(date(year, 9, 1))
        campaigning.open_campaign(self._desk, catalogue.campaign(year, with_codes=True))
        self._pledge_all(year, [catalogue.TEA, catalogue.APPLIANCE, catalogue.DAIRY, catalogue.TEXTILE])
        licensed = self._license(year)
        journey = Journey(self._desk, self._calendar.go_to)
        journey.prepare()
        journey.gather(self._today - timedelta(days=21))
        self._calendar.go_to(self._today - timedelta(days=20))
        tea = self._issue(_item("tin"), 50_000, lot="DH-2103", pledged_in=year, active=True, marks=licensed[:1])
        cooker = self._issue(_item("cooker"), 20_000, lot="NB40-77", pledged_in=year, active=True, marks=licensed[1:3])
        yoghurt = self._issue(_item("cup"), 30_000, lot="YG-0412", pledged_in=year, active=True)
        quilt = self._issue(_item("quilt"), 2_000, lot="SQ-18", pledged_in=year, active=True, marks=licensed[3:])
        honey = self._issue(_item("jar"), 10_000, lot="MH-09", pledged_in=year)
        lamp = self._issue(_item("lamp"), 1_000, lot="L5-31", pledged_in=year, active=True)
        pillow = self._issue(_item("pillow"), 3_000, lot="ZM-26", active=True)
        journey.make(tea, quilt, pillow)
        journey.deliver(tea, self._today - timedelta(days=20))
        self._give_out_codes(lamp)
        copied = self._text(tea, 4_400)
        verifier = self._verifier()
        scanning.going_around(verifier, self._calendar.go_to, copied, self._today - timedelta(days=19))
        self._trouble(tea, cooker, yoghurt, quilt, honey)
        journey.recall_foam()
        seen = self._text(tea, 2_024)
        verifier.scan(seen, Viewer(secrets.token_hex(32), True, "page", "wechat", "zh-Hans"))
        scanning.here_and_there(verifier, [self._text(tea, index) for index in range(3_000, 3_044)])
        return [
            Sample("genuine", "带有倡议承诺的红茶", "Black tea that carries a pledge", self._text(tea, 100)),
            Sample("genuine", "在售的电饭煲", "A rice cooker on sale", self._text(cooker, 42)),
            Sample("seen", "已在另一部手机上查询过", "Seen before by another phone", seen),
            self._with_code("带有涂层验证码的台灯", "A lamp with a code under a scratch layer", lamp, 10),
            self._with_code(
                "验证码已被他人验证", "Its hidden code was entered by another phone", lamp, 11, bought=True
            ),
            Sample("inactive", "尚未激活的蜂蜜", "Honey not yet activated", self._text(honey, 7_000)),
            Sample("held", "暂停销售的电饭煲", "Rice cooker on hold", self._text(cooker, 5_500)),
            Sample("recalled", "召回中的酸奶", "Yoghurt under recall", self._text(yoghurt, 15_000)),
            Sample("recalled", "所用原料被召回的枕头", "A pillow whose foam was recalled", self._text(pillow, 26)),
            Sample("void", "已作废的标签", "A voided label", self._text(tea, 950)),
            Sample("forged", "一位数字被改动", "One digit altered", _altered(self._text(tea, 101))),
            Sample("forged", "超出批次数量", "Beyond the batch's count", self._text(quilt, quilt.label_count)),
            Sample("suspect", "在多地流传的标签", "A code that is going around", copied),
            Sample("suspect", "标签指向陌生域名", "The label leads to a foreign host", self._text(tea, 102, IMITATION)),
            Sample("genuine", "倡议已被撤回", "The pledge was withdrawn", self._text(quilt, 8)),
        ]

    def _trouble(self, tea: Batch, cooker: Batch, yoghurt: Batch, quilt: Batch, honey: Batch) -> None:
        """What has become of the batches since they were issued."""
        self._calendar.go_to(self._today - timedelta(days=12))
        activating.activate(self._desk, Range(honey.number, 0, 4_999), "入库 / stored for sale")
        self._calendar.go_to(self._today - timedelta(days=6))
        pledging.withdraw(self._desk, quilt.pledge, "企业申请退出本届倡议 / withdrawn at the enterprise's request")
        (mark,) = self._marks_of(quilt)
        licensing.suspend_licence(self._desk, mark, "企业退出倡议，待复核 / under review: the pledge was withdrawn")
        faulty = Range(yoghurt.number, 12_000, 17_999)
        recalled = recalling.recall(self._desk, faulty, catalogue.RECALL)
        recalling.state_progress(self._desk, recalled.id, catalogue.RECOVERED)
        doubtful = Range(cooker.number, 5_000, 5_999)
        recalling.open_on_batch(self._desk, "hold", doubtful, "等待复检结果 / awaiting a second inspection")
        lost = Range(tea.number, 900, 999)
        activating.void(self._desk, lost, "一卷标签在运输中丢失 / a roll of labels was lost in transit")
        self._calendar.go_to(self._today - timedelta(days=3))

    def _give_out_codes(self, batch: Batch) -> None:
        """The hidden codes of a batch leave the house for print."""
        with self._desk.database.snapshot() as reader:
            planned = exporting.plan(reader, Range(batch.number), self._calendar())
        exporting.export(self._desk, planned, exporting.Asked("csv", content=Content.HIDDEN))

    def _with_code(self, title_zh: str, title_en: str, batch: Batch, index: int, *, bought: bool = False) -> Sample:
        """A label with its hidden code, which somebody in Hangzhou may have entered."""
        with self._desk.database.snapshot() as reader:
            code = hiding.root_of(reader, self._folder, batch.number).code(Serial(batch.number, index))
        if bought:
            entry = RightEntry(batch.number, index, secrets.token_hex(32), self._calendar(), "330100")
            with self._database.recording() as tx:
                purchases.keep(tx, entry)
        return Sample("genuine", title_zh, title_en, self._text(batch, index), code.grouped)

    def _license(self, year: int) -> tuple[int, ...]:
        """Two marks, and licences of them: for the tea, twice for the rice cooker, for the quilt."""
        for entry in catalogue.marks(year):
            licensing.define_mark(self._desk, entry)
        month, stable = (entry.id for entry in catalogue.marks(year))
        days = {"valid_from": date(year, 9, 1), "valid_until": date(year + 1, 8, 31)}
        wanted = (
            (month, "tin", 500_000),
            (month, "cooker", 60_000),
            (stable, "cooker", 60_000),
            (month, "quilt", 5_000),
        )
        entries = [
            LicenceEntry(mark, _item(motif).maker, (_item(motif).gtin,), quota=quota, **days)
            for mark, motif, quota in wanted
        ]
        return tuple(granted.licence.number for granted in licensing.grant_licences(self._desk, entries))

    def _marks_of(self, batch: Batch) -> list[int]:
        with self._desk.database.snapshot() as reader:
            return licences.of_batch(reader, batch.number)

    def _pledge_all(self, year: int, signers: list[str]) -> None:
        days = {"signed_on": date(year, 9, 1), "valid_from": date(year, 9, 1), "valid_until": date(year + 1, 8, 31)}
        campaign = f"quality-month-{year}"
        pledging.publish_pledges(self._desk, [PledgeEntry(campaign, uscc, **days) for uscc in signers])

    def _pledge_of(self, year: int, uscc: str) -> int:
        with self._desk.database.snapshot() as reader:
            enterprise = enterprises.by_uscc(reader, uscc)
            assert enterprise is not None  # enrolled first of all
            pledge = pledges.of_enterprise(reader, f"quality-month-{year}", enterprise.id)
        assert pledge is not None  # signed at the opening of the edition
        return pledge.number

    def _issue(
        self,
        item: Item,
        count: int,
        *,
        lot: str,
        pledged_in: int | None = None,
        active: bool = False,
        marks: tuple[int, ...] = (),
    ) -> Batch:
        made = datetime.fromtimestamp(self._calendar() / 1000, self._desk.timezone).date()
        expires = made + timedelta(days=540) if item.maker in (catalogue.TEA, catalogue.DAIRY) else None
        pledge = self._pledge_of(pledged_in, item.maker) if pledged_in else 0
        order = issuing.Order(item.gtin, count, self._origin, pledge, lot, made, expires, active, marks)
        return issuing.issue(self._desk, order)

    def _text(self, batch: Batch, index: int, origin: Origin | None = None) -> str:
        """The label at an index, sealed here even past the count: the demonstration plays the insider too."""
        with self._desk.database.snapshot() as reader:
            key = keys.by_number(reader, batch.key_number)
        assert key is not None  # the batch was issued under it
        label = series(batch).strip(self._folder.private(key), index, index).label(0)
        return str(replace(label, origin=origin) if origin else label)

    def _verifier(self) -> Verifier:
        return Verifier(self._database, {self._origin.host}, self._calendar, zone=self._desk.timezone)


def write_samples(path: Path, samples: list[Sample]) -> None:
    """Keep the samples for the page that shows them."""
    path.write_text(json.dumps([asdict(sample) for sample in samples], ensure_ascii=False, indent=1), encoding="utf-8")


def read_samples(path: Path) -> list[Sample]:
    """What `write_samples` wrote."""
    return [Sample(**sample) for sample in json.loads(path.read_text(encoding="utf-8"))]


def _product(item: Item) -> ProductEntry:
    return ProductEntry(
        gtin=item.gtin,
        uscc=item.maker,
        name_zh=item.name_zh,
        name_en=item.name_en,
        brand=item.brand,
        specification=item.specification,
        standard=item.standard,
        picture=pictures.draw(item.motif, item.colours),
    )


def _item(motif: str) -> Item:
    return next(item for item in ITEMS if item.motif == motif)


def _altered(text: str) -> str:
    """The same label with the last digit of its seal changed."""
    return text[:-1] + str((int(text[-1]) + 1) % 10)
