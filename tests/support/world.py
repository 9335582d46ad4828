"""A whole small world for tests: a real registry and real keys in a folder, and a clock that the test owns."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg.conninfo import conninfo_to_dict
from stdnum import ean
from stdnum.cn import uscc as stdnum_uscc
from support import kept, postgres

from traceqr import (
    campaigning,
    claiming,
    enrolling,
    exporting,
    issuing,
    keying,
    licensing,
    linking,
    pledging,
    recognising,
    upholding,
)
from traceqr.acting import Desk
from traceqr.activating import Range
from traceqr.attachments import AttachmentFolder
from traceqr.campaigning import CampaignEntry
from traceqr.claiming import ClaimEntry
from traceqr.contact import ContactSeal
from traceqr.digital_link.identified import Identified
from traceqr.digital_link.links import Link
from traceqr.document import Document
from traceqr.enrolling import EnterpriseEntry, OrganisationEntry, ProductEntry
from traceqr.evidence import Article
from traceqr.exporting import Asked, Export, Plan
from traceqr.instant import DAY_MS, from_iso
from traceqr.issuing import Order
from traceqr.keying import KeyFolder
from traceqr.label.format import Label
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.keyring import PublicKey, Role
from traceqr.licensing import LicenceEntry, MarkEntry
from traceqr.pledging import PledgeEntry, Signature
from traceqr.receipt import Receipt
from traceqr.recognising import RecognitionEntry
from traceqr.registry import opening
from traceqr.registry.batches import Batch
from traceqr.registry.database import Database, Row
from traceqr.registry.links import KeptLink
from traceqr.reporting import ReportDesk as ReportDesk
from traceqr.reporting import Scanned, Sender, Statement
from traceqr.verifying import Verifier, Viewer

ZONE = ZoneInfo("Asia/Shanghai")
ORIGIN = Origin.parse("HTTPS://QR.EXAMPLE.ORG")
ENGINES = ("sqlite", "postgres")
ON_A_FILE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For tests of what only a registry in a file has."""
ON_A_SERVER = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
"""For tests of what only a registry on a server has."""
HOSTS = frozenset({"qr.example.org"})
START_MS = from_iso("2026-09-01T08:00:00+08:00")
ASSOCIATION = "质量检验协会（测试）"
CAMPAIGN = "quality-month-2026"
MARK = "quality-month-2026"
ARTICLES = (Article("质量第一", "Quality first"), Article("有诺必践", "We keep our word"))
CONTACTS = ContactSeal.of("only-for-tests-" * 4)
TABLES = [
    "meta",
    "ledger",
    "organisation",
    "enterprise",
    "gtin_claim",
    "document",
    "claim_document",
    "picture",
    "product",
    "product_version",
    "link",
    "campaign",
    "pledge_text",
    "pledge",
    "pledge_signature",
    "pledge_note",
    "pledge_finding",
    "mark",
    "mark_text",
    "mark_licence",
    "licence_product",
    "recognition",
    "signing_key",
    "hidden_root",
    "batch",
    "batch_mark",
    "span",
    "notice",
    "recall",
    "recall_reach",
    "recall_affected",
    "recall_progress",
    "bundle",
    "bundle_manifest",
    "bundle_part",
    "passport_issue",
    "passport",
    "label_export",
    "scan",
    "sighting",
    "purchase",
    "visitor",
    "suspect",
    "scan_day",
    "scan_place",
    "scan_batch",
    "account",
    "credential",
    "recovery_code",
    "invitation",
    "session",
    "api_token",
    "pace",
    "case_file",
    "report",
    "report_photo",
    "case_suspect",
    "case_answer",
    "case_note",
    "case_event",
    "report_pace",
    "inspector",
    "field_device",
    "field_photo",
    "inspection",
    "inspection_entry",
    "inspection_officer",
    "inspection_product",
    "inspection_photo",
    "inspection_correction",
    "inspection_referral",
    "location",
    "partner",
    "step_audience",
    "material_name",
    "sscc_allocation",
    "capture",
    "trace_line",
    "trace_event",
    "trace_item",
    "trace_mention",
    "trace_concern",
    "capture_job",
    "trail",
    "answered",
    "proposal",
    "subscription",
    "named_query",
    "query_subscription",
    "notification",
    "delivery",
]


def uscc(number: int = 1) -> str:
    """A valid unified social credit code of an invented enterprise."""
    stem = f"91310000{number:09d}"
    return stem + str(stdnum_uscc.calc_check_digit(stem))


def gtin(number: int = 1, prefix: str = "6901234") -> Gtin:
    """A valid GTIN under a company prefix of 7 digits from the Chinese range 690 to 699."""
    stem = f"0{prefix}{number:05d}"
    return Gtin.parse(stem + str(ean.calc_check_digit(stem)))


def certificate(content: bytes = b"%PDF-1.7 a certificate %%EOF", name: str = "certificate.pdf") -> Document:
    """A document as it would be kept, without having been looked at."""
    return Document(hashlib.sha256(content).hexdigest(), "application/pdf", name, content)


@dataclass
class SetClock:
    """Stands still until the test moves it."""

    at_ms: int = START_MS

    def __call__(self) -> int:
        return self.at_ms

    def pass_ms(self, milliseconds: int) -> None:
        self.at_ms += milliseconds

    def pass_days(self, days: float) -> None:
        self.at_ms += int(days * DAY_MS)


class Ids:
    """Ids as `secrets.token_hex(8)` makes them, in a fixed order; `start` keeps processes apart."""

    def __init__(self, start: int = 0) -> None:
        self._numbers = itertools.count(start + 1)

    def __call__(self) -> str:
        return f"{next(self._numbers):016x}"


@dataclass
class World:
    """Registry, keys and clock in one folder; what is not there yet is made on demand."""

    root: Path
    clock: SetClock = field(default_factory=SetClock)
    passphrase: bytes | None = None
    url: str = ""
    """Of an empty place for the registry; a file in the folder where it is not given."""
    made: bool = False
    """Whether the registry at the URL is there already, and empty."""
    copied: bool = False
    """Whether it may be a copy of what an earlier world of this process has come to; else all is done anew."""
    registry: postgres.Registry | None = None
    """The one at the URL, with its connections, where others are given it after this world."""
    database: Database = field(init=False)
    folder: KeyFolder = field(init=False)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.url = self.url or f"sqlite:///{self.path}"
        if self.registry:
            self.database = self.registry.database
        else:
            self.database = opening.open_database(self.url) if self.made else opening.create(self.url)
        self.folder = KeyFolder(self.root / "keys", self.passphrase)
        self.desk = Desk(self.database, "tester", self.clock, ZONE, Ids())

    @property
    def path(self) -> Path:
        return self.root / "traceqr.db"

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def another(self, ids_from: int = 0) -> Iterator[Desk]:
        """A desk at the same registry as another process would have it."""
        database = opening.open_database(self.url)
        try:
            yield Desk(database, "another", self.clock, ZONE, Ids(ids_from))
        finally:
            database.close()

    @property
    def on_a_file(self) -> bool:
        return opening.is_sqlite(self.url)

    @property
    def url_parts(self) -> dict[str, str]:
        """Of a registry on a server: `user`, `host`, `dbname`."""
        return {name: str(value) for name, value in conninfo_to_dict(self.url).items()}

    def act_under_way(self) -> bool:
        """Whether somebody holds the lock of acts now."""
        if self.on_a_file:
            with self.path.with_name("traceqr.db.lock").open("ab") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return True
                return False
        with self.another() as desk, desk.database.snapshot() as reader:
            return bool(
                reader.rows(
                    "SELECT 1 AS held FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )

    def take_away(self) -> None:
        """The registry cannot be reached any more: the file is gone, or the server lets nobody in."""
        if self.on_a_file:
            self.path.rename(self.root / "away")
        else:
            postgres.close_doors(self.url)

    def bring_back(self) -> None:
        if self.on_a_file:
            (self.root / "away").rename(self.path)
        else:
            postgres.open_doors(self.url)

    # --- who and what there is

    def association(self, name_zh: str = ASSOCIATION) -> None:
        enrolling.enrol_organisations(
            self.desk, [OrganisationEntry("association", "national", "000000", name_zh, "Quality Association")]
        )

    def regulator(self, name_zh: str = "市场监督管理局（测试）") -> None:
        enrolling.enrol_organisations(
            self.desk, [OrganisationEntry("regulator", "city", "310100", name_zh, "Market Regulation")]
        )

    def enterprise(self, number: int = 1, **changes: Any) -> EnterpriseEntry:
        entry = EnterpriseEntry(
            **{
                "uscc": uscc(number),
                "name_zh": f"第{number}茶业有限公司",
                "name_en": f"Tea House No. {number}",
                "region": "310000",
                "sector": "food",
                "service_phone": "400-000-0000",
                "contact": "质量部 000-0000-0001",
                **changes,
            }
        )
        enrolling.enrol_enterprises(self.desk, [entry])
        return entry

    def product(self, number: int = 1, enterprise: int = 1, prefix: str = "6901234", **changes: Any) -> Gtin:
        entry = ProductEntry(
            **{
                "gtin": gtin(number, prefix),
                "uscc": uscc(enterprise),
                "name_zh": f"绿茶{number}",
                "name_en": f"Green Tea {number}",
                "brand": "清泉",
                "specification": "250 g",
                "standard": "GB/T 14456",
                "picture": None,
                **changes,
            }
        )
        enrolling.enrol_products(self.desk, [entry])
        return entry.gtin

    def claim(
        self,
        kind: str = "prefix",
        value: str = "6901234",
        enterprise: int = 1,
        *,
        accepted: bool = True,
        documents: tuple[Document, ...] = (),
    ) -> str:
        entry = ClaimEntry(uscc(enterprise), kind, value, "GS1 certificate", documents)
        (claim,) = claiming.file_claims(self.desk, [entry])
        if accepted:
            claiming.accept_claim(self.desk, claim.id, ASSOCIATION)
        return claim.id

    def edition(
        self, campaign_id: str = CAMPAIGN, articles: tuple[Article, ...] = ARTICLES, **changes: Any
    ) -> CampaignEntry:
        return CampaignEntry(
            **{
                "id": campaign_id,
                "code": "QM" + campaign_id.rpartition("-")[2].upper(),
                "organiser": ASSOCIATION,
                "year": 2026,
                "name_zh": "质量月",
                "name_en": "Quality Month",
                "theme_zh": "质量强国",
                "theme_en": "Strong through quality",
                "apply_from": date(2026, 7, 1),
                "apply_until": date(2026, 12, 31),
                "valid_from": date(2026, 9, 1),
                "valid_until": date(2027, 8, 31),
                "articles": articles,
                **changes,
            }
        )

    def campaign(self, campaign_id: str = CAMPAIGN, articles: tuple[Article, ...] = ARTICLES, **changes: Any) -> str:
        return campaigning.open_campaign(self.desk, self.edition(campaign_id, articles, **changes)).id

    def text_digest(self, campaign_id: str = CAMPAIGN) -> str:
        """Of the text that is the one to sign."""
        row = self.one(
            "SELECT t.digest FROM campaign c JOIN pledge_text t ON t.campaign_id = c.id AND t.version = c.text_version"
            " WHERE c.id = :id",
            id=campaign_id,
        )
        return str(row["digest"])

    def signature(self, **changes: str) -> Signature:
        """One that a signatory gives under the present text."""
        given = {"name": "李诚", "title": "总经理", "text_digest": self.text_digest(), "account_id": "account-1"}
        return Signature(**{**given, **changes})

    def application(self, enterprise: int = 2, state: str = "applied", campaign_id: str = CAMPAIGN) -> int:
        """The number of an application of an enterprise, brought to a state through what leads there."""
        self.enterprise(enterprise)
        number = pledging.apply(self.desk, campaign_id, uscc(enterprise)).number
        steps = {
            "applied": (),
            "returned": (lambda: pledging.ask_back(self.desk, number, "请补充材料"),),
            "refused": (lambda: pledging.refuse(self.desk, number, "材料不全"),),
            "accepted": (lambda: pledging.accept(self.desk, number),),
        }
        signed = (*steps["accepted"], lambda: pledging.sign(self.desk, number, self.signature()))
        published = (*signed, lambda: pledging.publish(self.desk, number))
        steps |= {
            "signed": signed,
            "published": published,
            "withdrawn": (*published, lambda: pledging.withdraw(self.desk, number, "企业申请退出")),
            "breached": (*published, lambda: upholding.declare_breach(self.desk, number, "抽检不合格")),
        }
        for step in steps[state]:
            step()
        return number

    def pledge(self, enterprise: int = 1, campaign_id: str = CAMPAIGN, **changes: Any) -> int:
        entry = PledgeEntry(
            **{
                "campaign": campaign_id,
                "uscc": uscc(enterprise),
                "signed_on": date(2026, 8, 20),
                "valid_from": date(2026, 9, 1),
                "valid_until": date(2027, 8, 31),
                **changes,
            }
        )
        pledging.publish_pledges(self.desk, [entry])
        return int(self.one("SELECT MAX(number) AS number FROM pledge")["number"])

    def mark(self, mark_id: str = MARK, **changes: Any) -> str:
        entry = MarkEntry(
            **{
                "id": mark_id,
                "organisation": ASSOCIATION,
                "prefix": "QM",
                "artwork": "quality-month",
                "name_zh": "质量月专用标识",
                "name_en": "Quality Month mark",
                "meaning_zh": "活动期间公开承诺",
                "meaning_en": "Pledged in public during the campaign",
                **changes,
            }
        )
        return licensing.define_mark(self.desk, entry).id

    def licence(self, mark_id: str = MARK, enterprise: int = 1, **changes: Any) -> int:
        """A licence for the first product, of 100 labels, for September and October."""
        entry = LicenceEntry(
            **{
                "mark": mark_id,
                "uscc": uscc(enterprise),
                "gtins": (gtin(),),
                "valid_from": date(2026, 9, 1),
                "valid_until": date(2026, 10, 31),
                "quota": 100,
                **changes,
            }
        )
        (granted,) = licensing.grant_licences(self.desk, [entry])
        return granted.licence.number

    def recognition(self, enterprise: int = 1, **changes: Any) -> int:
        """A national quality award of 2025; its number."""
        entry = RecognitionEntry(
            **{
                "uscc": uscc(enterprise),
                "kind": "award",
                "level": "national",
                "year": 2025,
                "name_zh": "质量奖",
                "name_en": "Quality award",
                "conferred_by_zh": ASSOCIATION,
                "conferred_by_en": "",
                **changes,
            }
        )
        recognising.record_recognitions(self.desk, [entry])
        return int(self.one("SELECT MAX(number) AS number FROM recognition")["number"])

    def report_desk(self, database: Database | None = None) -> ReportDesk:
        """Where people report, with a folder for their photos."""
        folder = AttachmentFolder(self.root / "attachments")
        return ReportDesk(database or self.database, self.clock, self.desk.new_id, CONTACTS, folder)

    def report(self, scanned: Scanned | None = None, sender: Sender | None = None, **said: Any) -> Receipt:
        """Something reported of the first label of the first batch, unless told otherwise; its receipt."""
        receipt = Receipt.drawn(bytes.fromhex(self.desk.new_id()) * 2)
        statement = Statement(**{"reason": "copied", **said})
        self.report_desk().file(
            scanned or Scanned("genuine", "first-sighting", 1, 0), sender or Sender(), statement, receipt
        )
        return receipt

    def case(self, **said: Any) -> str:
        """The id of a case with one report."""
        self.report(**said)
        return str(self.rows("SELECT id FROM case_file ORDER BY opened_ms DESC, id DESC")[0]["id"])

    def licensed(self) -> World:
        """Furnished, with a mark and a licence of it (number 1)."""
        self.furnish().mark()
        self.licence()
        return self

    def key(self, role: Role = Role.LABEL, **days: int) -> PublicKey:
        return keying.new_key(self.desk, self.folder, role, **days)

    def link(self, path: str = "", **changes: Any) -> KeptLink:
        """A link of the first enterprise, about its first product unless told otherwise."""
        told = {"kind": "gs1:instructions", "href": "https://tea.example/brew", "title": "How to brew", **changes}
        whose = self.one("SELECT id FROM enterprise ORDER BY position LIMIT 1")["id"]
        return linking.set_link(self.desk, whose, Identified.parse(path or f"/01/{gtin()}"), Link(**told))

    def furnish(self) -> World:
        """An association, an enterprise with its prefix, a product, a campaign, a pledge (number 1) and a key."""
        kept.begin(self, World._furnish)
        return self

    def _furnish(self) -> None:
        self.association()
        self.enterprise()
        self.product()
        self.claim()
        self.campaign()
        self.pledge()
        self.key()

    # --- labels

    def order(self, count: int = 10, **changes: Any) -> Order:
        return Order(**{"gtin": gtin(), "count": count, "origin": ORIGIN, "pledge": 1, **changes})

    def issue(self, count: int = 10, **changes: Any) -> Batch:
        """A batch, active unless told otherwise."""
        return issuing.issue(self.desk, self.order(count, **{"active": True, **changes}))

    def plan(self, batch: int = 1, first: int | None = None, last: int | None = None) -> Plan:
        """Labels that may be printed now."""
        with self.database.snapshot() as reader:
            return exporting.plan(reader, Range(batch, first, last), self.clock())

    def export(self, batch: int = 1, first: int | None = None, last: int | None = None, **asked: Any) -> Export:
        """An export on the ledger, of CSV unless told otherwise."""
        return exporting.export(self.desk, self.plan(batch, first, last), Asked(**{"format": "csv", **asked}))

    def labels(self, batch: Batch) -> list[Label]:
        """Its labels, if they may be printed, made without an export."""
        plan = self.plan(batch.number)
        strip = plan.series.strip(self.folder.private(plan.key), plan.first, plan.last)
        return [strip.label(place) for place in range(len(strip))]

    def text(self, batch: int, index: int = 0) -> str:
        """The text of one label that may be printed."""
        plan = self.plan(batch, index, index)
        return plan.series.strip(self.folder.private(plan.key), index, index).texts[0]

    def label(self, batch: Batch, index: int = 0) -> str:
        """The text of one label, made without an export, also past the batch's count."""
        key = next(key for key in self.verifier().keyring().keys.values() if key.number == batch.key_number)
        return exporting.series(batch).strip(self.folder.private(key), index, index).texts[0]

    def verifier(self, database: Database | None = None, *, watching: bool = True) -> Verifier:
        return Verifier(database or self.database, HOSTS, self.clock, watching=watching)

    # --- what the registry holds

    def rows(self, sql: str, **params: Any) -> list[Row]:
        with self.database.snapshot() as reader:
            return reader.rows(sql, params)

    def one(self, sql: str, **params: Any) -> Row:
        (row,) = self.rows(sql, **params)
        return row

    def dump(self, *without: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, sorted, apart from the tables named."""
        with self.database.snapshot() as reader:
            return {
                table: sorted((tuple(row.values()) for row in reader.rows(f"SELECT * FROM {table}")), key=repr)
                for table in TABLES
                if table not in without
            }

    def acts(self) -> list[str]:
        """The names of all acts, in order."""
        return [row["act"] for row in self.rows("SELECT act FROM ledger ORDER BY position")]


@contextmanager
def new_world(engine: str, root: Path, clock: SetClock | None = None, *, alone: bool = False) -> Iterator[World]:
    """A world on one of the engines, closed and gone afterwards; `alone` where its connections are to be new ones."""
    with ExitStack() as held:
        if engine == "postgres" and not alone:
            registry = held.enter_context(postgres.kept_registry())
            yield World(root, clock or SetClock(), url=registry.url, made=True, copied=True, registry=registry)
            return
        url = held.enter_context(postgres.new_registry()) if engine == "postgres" else _new_file(root)
        world = World(root, clock or SetClock(), url=url, made=True, copied=True)
        held.callback(world.close)
        yield world


def new_in_file(root: Path, clock: SetClock) -> World:
    """A world in a file, for whoever closes it himself."""
    return World(root, clock, url=_new_file(root), made=True, copied=True)


def _new_file(root: Path) -> str:
    """The URL of an empty registry in a folder, a copy of one that was made in this process."""
    path = root / "traceqr.db"
    shutil.copy(_template(), path)
    return f"sqlite:///{path}"


@cache
def empty_file() -> bytes:
    """What an empty registry in a file is, byte for byte."""
    return _template().read_bytes()


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tqnew"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    opening.create(f"sqlite:///{folder / 'traceqr.db'}").close()
    return folder / "traceqr.db"


def viewer(
    device: str = "device-1",
    *,
    returned: bool = True,
    channel: str = "page",
    place: str = "",
    network: str = "one network",
) -> Viewer:
    """Somebody with a device. All are of one network unless it is said otherwise, so that no number of them is odd."""
    return Viewer(device, returned, channel, "chrome", "zh-Hans", place, network)
