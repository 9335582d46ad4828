"""The sectors of enterprises in a campaign: a closed list, since rosters and figures are made by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What people call a sector, and what else a table may call it."""

    zh_hans: str
    zh_hant: str
    en: str
    also: tuple[str, ...] = ()


OTHER = "other"

SECTORS: Mapping[str, Words] = {
    "agriculture": Words("农业", "農業", "Agriculture", ("农林牧渔",)),
    "food": Words("食品", "食品", "Food and drink", ("食品饮料", "食品行业")),
    "manufacturing": Words("制造业", "製造業", "Manufacturing", ("制造", "装备制造", "工业制造")),
    "home": Words("家居", "家居", "Home and furnishing", ("家居建材", "家具", "家居行业")),
    "building-materials": Words("建材", "建材", "Building materials", ("建筑材料",)),
    "appliances": Words("家电", "家電", "Household appliances", ("家用电器", "电子电器")),
    "textile": Words("纺织服装", "紡織服裝", "Textiles and clothing", ("纺织", "服装")),
    "chemicals": Words("日化与化工", "日化與化工", "Chemicals and cosmetics", ("化工", "日化", "化妆品")),
    "health": Words("医药健康", "醫藥健康", "Medicine and health", ("医药", "医疗器械")),
    "automotive": Words("汽车", "汽車", "Vehicles", ("汽车及零部件", "汽车行业")),
    "construction": Words("建筑工程", "建築工程", "Construction", ("建筑", "工程建设")),
    "energy": Words("能源", "能源", "Energy", ("电力",)),
    "retail": Words("商业零售", "商業零售", "Retail", ("零售", "商业", "商超")),
    "e-commerce": Words("电子商务", "電子商務", "E-commerce", ("电商",)),
    "hotel": Words("酒店餐饮", "酒店餐飲", "Hotels and catering", ("酒店", "餐饮", "宾馆")),
    "tourism": Words("旅游", "旅遊", "Tourism", ("文旅",)),
    "logistics": Words("物流运输", "物流運輸", "Logistics", ("物流", "交通运输")),
    "finance": Words("金融", "金融", "Finance", ("银行", "保险")),
    "inspection": Words("检验检测认证", "檢驗檢測認證", "Inspection and certification", ("检验检测", "认证")),
    "service": Words("服务业", "服務業", "Services", ("服务", "其他服务业")),
    OTHER: Words("其他", "其他", "Other", ()),
}
"""By code, in the order in which they are offered."""


def known(text: str) -> str:
    """The code itself where it is of the list, else `other`."""
    return text if text in SECTORS else OTHER
