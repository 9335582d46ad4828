"""Who and what the demonstration shows. Everybody here is invented, and every name says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stdnum import ean

from traceqr.campaigning import CampaignEntry
from traceqr.claiming import ClaimEntry
from traceqr.enrolling import EnterpriseEntry, OrganisationEntry
from traceqr.evidence import Article, ArticleGroup
from traceqr.label.gtin import Gtin
from traceqr.licensing import MarkEntry
from traceqr.recalling import Announcement, Statement
from traceqr.recognising import RecognitionEntry

ASSOCIATION = OrganisationEntry(
    "association", "national", "000000", "质量检验协会（演示）", "Quality Association (demo)"
)


REGULATOR = OrganisationEntry("regulator", "city", "330100", "市场监督管理局（演示）", "Market Regulation (demo)")


@dataclass(frozen=True, slots=True)
class Site:
    """A place of an enterprise; `told` is its kind, its names, its region and its address."""

    gln: str
    told: tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """A product: item reference within its maker's GS1 prefix, texts, and the picture to draw."""

    maker: str
    reference: int
    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    motif: str
    colours: tuple[str, str]

    @property
    def gtin(self) -> Gtin:
        """The maker's prefix, the item reference and the check digit."""
        prefix = PREFIXES[self.maker]
        body = f"{prefix}{self.reference:0{12 - len(prefix)}d}"
        return Gtin.from_trade(body + ean.calc_check_digit(body))


TEA, APPLIANCE, TEXTILE, DAIRY = (
    "91530102MA6DEM0178",
    "91440606MA6DEM0254",
    "91330282MA6DEM033H",
    "91150105MA6DEM041H",
)

PREFIXES = {TEA: "69999011", APPLIANCE: "69999022", TEXTILE: "69999033", DAIRY: "69999044"}

ENTERPRISES = (
    EnterpriseEntry(
        TEA, "云岭茶业有限公司（演示）", "Cloud Ridge Tea Co., Ltd. (demo)", "530102", "food", "400-000-0101", "质量部"
    ),
    EnterpriseEntry(
        APPLIANCE,
        "南湾电器股份有限公司（演示）",
        "South Bay Appliance Co., Ltd. (demo)",
        "440606",
        "manufacturing",
        "400-000-0202",
        "售后服务部",
    ),
    EnterpriseEntry(
        TEXTILE,
        "东棉家纺有限公司（演示）",
        "East Cotton Home Textiles (demo)",
        "330282",
        "home",
        "400-000-0303",
        "客服中心",
    ),
    EnterpriseEntry(
        DAIRY,
        "青原牧业有限公司（演示）",
        "Green Steppe Dairy Co., Ltd. (demo)",
        "150105",
        "food",
        "400-000-0404",
        "品控部",
    ),
)

CLAIMS = tuple(
    ClaimEntry(uscc, "prefix", prefix, "中国商品条码系统成员证书（演示）") for uscc, prefix in PREFIXES.items()
)

ITEMS = (
    Item(TEA, 1, "明前滇红 特级", "Yunnan Black Tea, First Flush", "云岭", "200 g 罐装", "GB/T 13738.2", "tin", ("#7c2d1e", "#e9b872")),
    Item(TEA, 2, "古树普洱 熟茶饼", "Aged Pu-erh Tea Cake", "云岭", "357 g 饼", "GB/T 22111", "cake", ("#4a3326", "#c9a67a")),
    Item(TEA, 3, "高山云雾绿茶", "Cloud Mist Green Tea", "云岭", "150 g 袋装", "GB/T 14456.2", "pouch", ("#47683f", "#d6e3bd")),
    Item(TEA, 4, "野生百花蜂蜜", "Wildflower Honey", "云岭", "500 g 瓶装", "GB 14963", "jar", ("#d48a1f", "#f7d68a")),
    Item(APPLIANCE, 1, "电饭煲 NB-40", "Rice Cooker NB-40", "南湾", "4 L / 860 W", "GB 4706.19", "cooker", ("#3c4a57", "#d9dfe3")),
    Item(APPLIANCE, 2, "电热水壶 NB-K17", "Electric Kettle NB-K17", "南湾", "1.7 L / 1800 W", "GB 4706.19", "kettle", ("#26495c", "#c4dbe0")),
    Item(APPLIANCE, 3, "护眼台灯 NB-L5", "Desk Lamp NB-L5", "南湾", "12 W / 4000 K", "GB/T 9473", "lamp", ("#5b5b66", "#f3e3a6")),
    Item(TEXTILE, 1, "长绒棉毛巾 两条装", "Long-Staple Cotton Towels, Pair", "东棉", "34 × 75 cm", "GB/T 22864", "towels", ("#7a8f9e", "#e8e0d5")),
    Item(TEXTILE, 2, "桑蚕丝被 春秋款", "Mulberry Silk Quilt", "东棉", "200 × 230 cm / 1.5 kg", "GB/T 24252", "quilt", ("#a97c8e", "#f0e2e6")),
    Item(TEXTILE, 3, "记忆棉枕", "Memory Foam Pillow", "东棉", "60 × 40 × 11 cm", "QB/T 4839", "pillow", ("#8896b3", "#eceff6")),
    Item(DAIRY, 1, "草原纯牛奶", "Steppe Whole Milk", "青原", "250 mL × 12", "GB 25190", "carton", ("#2f6f8f", "#f4f7f2")),
    Item(DAIRY, 2, "原味酸奶", "Plain Yoghurt", "青原", "180 g × 6", "GB 19302", "cup", ("#8db3c7", "#fbf6ea")),
    Item(DAIRY, 3, "婴幼儿配方奶粉 3 段", "Follow-on Formula, Stage 3", "青原", "800 g 罐装", "GB 10767", "tin", ("#b0606e", "#f0cfc4")),
)  # fmt: skip

_ARTICLES = (
    Article(
        "质量第一：把顾客的安全与健康放在利润之前，不合格的产品不出厂。",
        "Quality first: the safety and health of those who buy come before profit; what fails inspection does not ship.",
    ),
    Article(
        "如实标注：产品名称、成分、产地、执行标准与保质期真实完整，不夸大，不隐瞒。",
        "True labels: name, contents, origin, standard and shelf life are stated in full, with nothing inflated or hidden.",
    ),
    Article(
        "来源可查：每一批次可以追溯到原料与生产记录，发现问题立即停售并召回。",
        "A traceable origin: every batch leads back to its materials and records; a fault stops sales and starts a recall.",
    ),
    Article(
        "有诉必应：对消费者的投诉在七日内答复，接受协会与社会的监督。",
        "Every complaint answered: within seven days, under the eyes of the association and the public.",
    ),
)
_CALLS = (
    Article(
        "倡议同行：公平竞争，不以次充好，共同维护行业的质量声誉。",
        "To our trade: compete fairly, pass off nothing inferior, and keep up the good name of all.",
        ArticleGroup.TRADE,
    ),
    Article(
        "倡议社会各界：参与质量监督，扫码核验，发现问题请告诉我们。",
        "To society: watch over quality with us, check the codes, and tell us what is wrong.",
        ArticleGroup.SOCIETY,
    ),
)
_NEW_ARTICLE = Article(
    "一物一码：随产品提供防伪溯源标签，让每一位消费者都能亲手核验。",
    "A code on each product: every buyer can check it with their own phone.",
)


def marks(year: int) -> tuple[MarkEntry, MarkEntry]:
    """The marks of a year's edition, with artwork of our own: those of real bodies look otherwise."""
    return (
        MarkEntry(
            id=f"quality-month-{year}",
            organisation=ASSOCIATION.name_zh,
            prefix="QM",
            artwork="quality-month",
            name_zh="全国“质量月”活动专用标识（演示）",
            name_en="Quality Month mark (demo)",
            meaning_zh="企业参加本届“质量月”活动，公开作出质量诚信承诺，许可产品在有效期内可以使用本标识。",
            meaning_en="The enterprise takes part in this Quality Month and has pledged quality and integrity in public;"
            " the licensed products may carry the mark while the licence is in force.",
        ),
        MarkEntry(
            id=f"stable-quality-{year}",
            organisation=ASSOCIATION.name_zh,
            prefix="WD",
            artwork="stable-quality",
            name_zh="全国质检稳定合格产品专用标识（演示）",
            name_en="Nationally stable qualified product mark (demo)",
            meaning_zh="产品在连续的质量检验中稳定合格。",
            meaning_en="The product has passed successive quality inspections without a failure.",
        ),
    )


def campaign(year: int, *, with_codes: bool) -> CampaignEntry:
    """The edition of a year; the later text has one article more."""
    return CampaignEntry(
        id=f"quality-month-{year}",
        code=f"QM{year}",
        organiser=ASSOCIATION.name_zh,
        year=year,
        name_zh=f"{year} 年“质量月”企业质量诚信倡议（演示）",
        name_en=f"Quality Month {year} Integrity Pledge (demo)",
        theme_zh="让诚信看得见" if with_codes else "质量在每一道工序",
        theme_en="Integrity you can see" if with_codes else "Quality in every step",
        slogan_zh="质量月，月月讲质量",
        slogan_en="Quality in September, and in every month",
        apply_from=date(year, 7, 1),
        apply_until=date(year, 9, 30),
        valid_from=date(year, 9, 1),
        valid_until=date(year + 1, 8, 31),
        articles=(*_ARTICLES, _NEW_ARTICLE, *_CALLS) if with_codes else _ARTICLES,
    )


def honours(year: int) -> tuple[RecognitionEntry, ...]:
    """Recognitions of the first enterprise, of a year and the one before."""
    by = (ASSOCIATION.name_zh, ASSOCIATION.name_en)
    return (
        RecognitionEntry(TEA, "award", "national", year - 1, "质量奖（演示）", "Quality award (demo)", *by),
        RecognitionEntry(TEA, "practice", "province", year, "追溯典型做法（演示）", "Typical practice (demo)", *by),
    )


RECALL = Announcement(
    {
        "hazard_zh_hans": "部分杯装酸奶封口不严，可能已被杂菌污染，食用后可能引起腹痛、腹泻。",
        "advice_zh_hans": "请停止食用，凭包装退回购买处，可全额退款，无需购物小票。",
        "contact_zh_hans": "质量部（演示）400-000-0404，每日 8:00 至 20:00",
        "hazard_zh_hant": "部分杯裝優酪乳封口不嚴，可能已被雜菌污染，食用後可能引起腹痛、腹瀉。",
        "advice_zh_hant": "請停止食用，憑包裝退回購買處，可全額退款，無需購物收據。",
        "contact_zh_hant": "品質部（演示）400-000-0404，每日 8:00 至 20:00",
        "hazard_en": "Some cups are not sealed tightly and may be spoilt: eating from them can upset the stomach.",
        "advice_en": "Do not eat it. Take it back to where you bought it, in its pack, for a full refund; no receipt needed.",
        "contact_en": "Quality department (demo), 400-000-0404, daily from 8:00 to 20:00",
    },
    2,
)
"""Of the yoghurt."""

RECOVERED = Statement(2_150, 1_980, "各门店已下架，已通知全部经销商。/ Off all shelves; all dealers are told.")
"""How far that has come."""


def _numbered(stem: str) -> str:
    return stem + ean.calc_check_digit(stem)


GARDEN, LABORATORY, FACTORY, SHOP_EAST, SHOP_SOUTH = (_numbered(f"{PREFIXES[TEA]}{at:04d}") for at in range(7001, 7006))
MILL = _numbered(f"{PREFIXES[TEXTILE]}7001")
"""Global location numbers, under the prefixes of those whose places they are."""

PLACES = {
    TEA: (
        Site(GARDEN, ("farm", "云岭茶园（演示）", "Cloud Ridge tea garden (demo)", "530102", "")),
        Site(LABORATORY, ("laboratory", "云岭检验室（演示）", "Cloud Ridge laboratory (demo)", "530102", "")),
        Site(FACTORY, ("factory", "云岭茶厂（演示）", "Cloud Ridge tea factory (demo)", "530102", "")),
        Site(SHOP_EAST, ("shop", "杭州门店（演示）", "Hangzhou shop (demo)", "330106", "")),
        Site(SHOP_SOUTH, ("shop", "广州门店（演示）", "Guangzhou shop (demo)", "440106", "")),
    ),
    TEXTILE: (Site(MILL, ("factory", "东棉家纺厂（演示）", "East Cotton mill (demo)", "330282", "")),),
}

_MATERIALS = "69999099"
"""The prefix of those who sell materials, whom nobody has enrolled."""

LEAVES, SILK, FOAM = (
    (Gtin.from_trade(_numbered(f"{_MATERIALS}{reference:04d}")), lot)
    for reference, lot in ((1, "XY-0326"), (2, "CS-11"), (3, "JM-0815"))
)
"""Materials: GTIN and lot."""

FOAM_NAME = "记忆棉发泡料（演示）"

MATERIAL_NAMES = (
    (TEA, LEAVES, "云南大叶种鲜叶（演示）", "Fresh leaves of large-leaf tea (demo)"),
    (TEXTILE, SILK, "桑蚕丝（演示）", "Mulberry silk (demo)"),
    (TEXTILE, FOAM, FOAM_NAME, "Memory foam (demo)"),
)
"""Who calls which material what."""

FOAM_RECALL = Announcement(
    {
        "hazard_zh_hans": "供应商通报：该批发泡料的挥发性有机物超出限值，用它制成的枕头可能有刺激性气味。",
        "advice_zh_hans": "请停止使用，凭枕头上的标签退回购买处，可全额退款。",
        "contact_zh_hans": "客服中心（演示）400-000-0303，每日 8:00 至 20:00",
        "hazard_zh_hant": "供應商通報：該批發泡料的揮發性有機物超出限值，用它製成的枕頭可能有刺激性氣味。",
        "advice_zh_hant": "請停止使用，憑枕頭上的標籤退回購買處，可全額退款。",
        "contact_zh_hant": "客服中心（演示）400-000-0303，每日 8:00 至 20:00",
        "hazard_en": "The supplier reports that a lot of foam exceeds the limit of volatile compounds: pillows made of it may smell.",
        "advice_en": "Do not use it. Take it back to where you bought it, with its label, for a full refund.",
        "contact_en": "Customer service (demo), 400-000-0303, daily from 8:00 to 20:00",
    },
    3,
)
"""Of pillows that were made of one lot of foam."""
