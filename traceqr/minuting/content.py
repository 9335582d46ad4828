"""What the document of an inspection says, in words: made of its entries as they were signed, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from traceqr.certifying.sections import Label, Section, Table
from traceqr.instant import from_iso
from traceqr.printing.fonts import cleaned

PATH = "/inspections/"
"""Where inspections are shown to those who may see them, on the deployment's host."""

KINDS: Mapping[str, Label] = {
    "routine": ("日常检查", "Routine check"),
    "random": ("双随机抽查", "Random check"),
    "complaint": ("投诉举报核查", "Complaint"),
    "special": ("专项检查", "Special check"),
    "recall": ("召回核查", "Recall"),
    "follow-up": ("复查", "Follow-up"),
}
FINDINGS: Mapping[str, Label] = {
    "conforming": ("未发现问题", "Conforming"),
    "problem": ("发现问题", "Problem found"),
    "unclear": ("待核实", "Unclear"),
}
MEASURES: Mapping[str, Label] = {
    "sealed": ("查封", "Sealed"),
    "seized": ("扣押", "Seized"),
    "sampled": ("抽样取证", "Sampled"),
    "ordered": ("责令改正", "Correction ordered"),
    "other": ("其他", "Other"),
}
ADDITIONS: Mapping[str, Label] = {
    "correction": ("更正", "Correction"),
    "supplement": ("补充", "Supplement"),
    "followed-up": ("改正情况复查", "Followed up"),
    "withdrawn": ("笔录撤回", "Withdrawn"),
}
ROLES: Mapping[str, Label] = {
    "officer": ("检查人员", "Officer"),
    "party": ("当事人", "Party"),
    "witness": ("见证人", "Witness"),
}
VERDICTS: Mapping[str, str] = {
    "genuine": "码真",
    "seen": "已被查询过",
    "suspect": "存疑",
    "inactive": "尚未激活",
    "held": "暂停销售",
    "recalled": "召回",
    "void": "作废",
    "forged": "伪码",
    "unchecked": "暂无法核验",
}
HOW: Mapping[str, str] = {"camera": "扫码", "photo": "照片", "typed": "手工录入（未经证明）"}

MAX_PICTURE_BYTES = 20_000_000
"""Of all photos that are drawn; the others are named by their digests."""


def fitting(photos: Sequence[Mapping[str, Any]]) -> list[str]:
    """The digests of those photos of a record that are drawn: one after the other, as long as there is room."""
    left, found = MAX_PICTURE_BYTES, []
    for photo in photos:
        if photo["bytes"] <= left:
            left -= photo["bytes"]
            found.append(photo["digest"])
    return found


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it was drawn: strokes of points in thousandths of the field's width."""

    role: Label
    name: str
    at: str
    strokes: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of the record: its file, where it is there."""

    caption: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Content:
    """All texts of the document. `facts` are labels with one value each."""

    number: str
    organisation_zh: str
    organisation_en: str
    facts: tuple[tuple[Label, str], ...]
    sections: tuple[Section, ...]
    signatures: tuple[Signed, ...]
    pictures: tuple[Picture, ...]
    address: str
    digest: str
    position: int
    withdrawn: bool = False
    title: Label = ("现场检查笔录", "Record of an On-site Inspection")


@dataclass(frozen=True, slots=True)
class Kept:
    """An inspection as the registry has it. `additions` are number, instant of receipt and content of each."""

    id: str
    organisation_zh: str
    organisation_en: str
    record: Mapping[str, Any]
    digest: str
    position: int
    made_ms: int
    received_ms: int
    additions: Sequence[tuple[int, int, Mapping[str, Any]]] = ()
    withdrawn: bool = False


def content_of(kept: Kept, photos: Mapping[str, bytes], origin: str, zone: tzinfo) -> Content:
    """The document's texts; `photos` are files by their digests, `origin` is that of the deployment."""
    words = _Words(zone)
    return Content(
        number=kept.id,
        organisation_zh=cleaned(kept.organisation_zh),
        organisation_en=cleaned(kept.organisation_en),
        facts=words.facts(kept),
        sections=tuple(words.sections(kept)),
        signatures=tuple(words.signed(each) for each in kept.record["signatures"]),
        pictures=tuple(words.pictures(kept, photos)),
        address=f"{origin}{PATH}{kept.id}",
        digest=kept.digest,
        position=kept.position,
        withdrawn=kept.withdrawn,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """Puts the members of entries into words, with instants of one time zone."""

    zone: tzinfo

    def moment(self, at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, self.zone).strftime("%Y-%m-%d %H:%M")

    def at(self, text: str) -> str:
        return self.moment(from_iso(text))

    def facts(self, kept: Kept) -> tuple[tuple[Label, str], ...]:
        record, premises = kept.record, kept.record["premises"]
        found = (
            (("检查时间", "Time"), f"{self.at(record['started'])} — {self.at(record['ended'])}"),
            (("检查种类", "Kind"), KINDS[record["kind"]][0]),
            (("检查依据", "Legal basis"), record["basis"]),
            (("案件编号", "Case"), record["case"] or ""),
            (("复查的笔录", "Follows"), record["follows"] or ""),
            (("被检查单位", "Premises"), premises["name"]),
            (("统一社会信用代码", "USCC"), premises["uscc"]),
            (("检查地点", "Address"), premises["address"]),
            (("定位", "Position"), self.position(premises["position"])),
            (("现场负责人", "Person met"), premises["person"]),
            (("联系电话", "Phone"), premises["phone"]),
            (("检查人员", "Officers"), "；".join(_officer(each) for each in record["officers"])),
            (("单人检查原因", "Why alone"), record["alone"] or ""),
            (("检查结论", "Finding"), FINDINGS[record["finding"]][0]),
        )
        return tuple((label, cleaned(value)) for label, value in found if value)

    def position(self, value: Mapping[str, Any] | None) -> str:
        if value is None:
            return ""
        return f"{value['latitude']:.6f}, {value['longitude']:.6f}（±{value['accuracy_m']:.0f} m）"

    def sections(self, kept: Kept) -> list[Section]:
        record = kept.record
        found = [Section(("现场检查情况", "What was found"), _lines(record["findings"]))]
        if record["labels"]:
            found.append(Section(("标签查验", "Labels"), "", self.labels(record["labels"])))
        if record["goods"]:
            found.append(Section(("现场物品", "Goods"), "", _goods(record["goods"])))
        if record["measures"]:
            found.append(Section(("采取的措施", "Measures"), "", _measures(record["measures"])))
        if record["photos"]:
            found.append(Section(("现场照片", "Photos"), "", self.photos(record["photos"])))
        found.append(Section(("当事人陈述", "Statement of the party"), _lines(record["statement"]) or "无"))
        if record["refused"]:
            refused = record["refused"]
            witness = f"\n见证人：{refused['witness']}" if refused["witness"] else ""
            found.append(Section(("当事人拒绝签名", "Refused to sign"), _lines(refused["reason"] + witness)))
        return found + [self.addition(kept, each) for each in kept.additions]

    def labels(self, labels: Sequence[Mapping[str, Any]]) -> Table:
        rows = (
            (
                str(place),
                label["serial"] or cleaned(label["text"][:60]),
                f"{HOW[label['how']]}\n{self.at(label['at'])}",
                self.offline(label["offline"]),
                self.online(label["online"]),
            )
            for place, label in enumerate(labels, 1)
        )
        return Table(("序号", "序列号或码文", "方式与时间", "离线结论", "联网结论"), tuple(rows), (7, 28, 20, 25, 20))

    def offline(self, value: Mapping[str, Any] | None) -> str:
        if value is None:
            return "—"
        return f"{VERDICTS[value['verdict']]}\n数据 {self.at(value['made'])} 第 {value['version']} 版"

    def online(self, value: Mapping[str, Any] | None) -> str:
        return "—" if value is None else f"{VERDICTS[value['verdict']]}\n{self.at(value['at'])}"

    def photos(self, photos: Sequence[Mapping[str, Any]]) -> Table:
        rows = (
            (str(place), cleaned(f"{self.at(photo['at'])} {photo['caption']}"), photo["digest"])
            for place, photo in enumerate(photos, 1)
        )
        return Table(("序号", "时间与说明", "SHA-256"), tuple(rows), (8, 42, 50))

    def pictures(self, kept: Kept, photos: Mapping[str, bytes]) -> Iterator[Picture]:
        named = [("", kept.record["photos"])]
        named += [(f"附加记录 {number} ", content["photos"]) for number, _, content in kept.additions]
        for of, some in named:
            for place, photo in enumerate(some, 1):
                yield Picture(f"{of}{self.caption(place, photo)}", photos.get(photo["digest"]))

    def caption(self, place: int, photo: Mapping[str, Any]) -> str:
        return cleaned(f"照片 {place}  {self.at(photo['at'])}  {photo['caption']}")

    def signed(self, value: Mapping[str, Any]) -> Signed:
        strokes = tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in value["strokes"])
        return Signed(ROLES[value["role"]], cleaned(value["name"]), self.at(value["at"]), strokes)

    def addition(self, kept: Kept, added: tuple[int, int, Mapping[str, Any]]) -> Section:
        number, received_ms, content = added
        zh, en = ADDITIONS[content["kind"]]
        about = ""
        if content["measure"] is not None:
            about = f"（措施 {content['measure'] + 1}：{kept.record['measures'][content['measure']]['what']}）\n"
        said = f"{self.moment(received_ms)}\n{about}{content['text']}"
        table = self.photos(content["photos"]) if content["photos"] else None
        return Section((f"附加记录 {number} · {zh}", f"Entry {number}: {en}"), _lines(said), table)


def _lines(text: str) -> str:
    """What the typeface has of a text, line by line."""
    return "\n".join(cleaned(line) for line in text.split("\n"))


def _officer(value: Mapping[str, Any]) -> str:
    number = f"（执法证号 {value['number']}）" if value["number"] else ""
    return f"{value['name']}{number}"


def _goods(goods: Sequence[Mapping[str, Any]]) -> Table:
    rows = (
        tuple(
            cleaned(text)
            for text in (each["name"], each["gtin"], each["lot"], _quantity(each, each["unit"]), each["storage"])
        )
        for each in goods
    )
    return Table(("名称", "商品条码", "批号", "数量", "存放地点"), tuple(rows), (26, 22, 16, 12, 24))


def _measures(measures: Sequence[Mapping[str, Any]]) -> Table:
    rows = (
        (
            str(place),
            MEASURES[each["kind"]][0],
            _lines(each["what"]),
            _quantity(each, ""),
            cleaned("、".join(each["numbers"])),
            each["until"] or "",
        )
        for place, each in enumerate(measures, 1)
    )
    return Table(("序号", "措施", "内容", "数量", "文书、封条或样品编号", "期限"), tuple(rows), (7, 13, 34, 9, 23, 14))


def _quantity(each: Mapping[str, Any], unit: str) -> str:
    return "" if each["quantity"] is None else f"{each['quantity']} {unit}".strip()
