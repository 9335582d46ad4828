"""What a certificate says, in words: made of the rows of the registry and the deployment's address, of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from traceqr.evidence import PledgeState
from traceqr.printing.fonts import cleaned
from traceqr.registry.certificates import Certified

PATH = "/certificates/"
"""Where verification pages are, on the deployment's host."""

Label = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """All texts of a certificate. `facts` are labels in two languages with one value each."""

    number: str
    name_zh: str
    name_en: str
    campaign_zh: str
    campaign_en: str
    theme_zh: str
    theme_en: str
    organisers_zh: tuple[str, ...]
    statement_zh: str
    statement_en: str
    facts: tuple[tuple[Label, str], ...]
    address: str
    title_zh: str = "倡议公告证明"
    title_en: str = "Certificate of a Published Quality Pledge"
    number_label: str = "证明编号 No."
    check_zh: str = "本证明以查验页显示的当前状态为准。扫码或登录以下网址查验："
    check_en: str = "Only the state that the verification page shows counts. Scan the symbol, or open:"


def may_be_drawn(certified: Certified) -> bool:
    """Whether there is a certificate: not of a pledge that was withdrawn or breached."""
    return certified.pledge.state not in (PledgeState.WITHDRAWN, PledgeState.BREACHED)


def content_of(certified: Certified, origin: str, zone: tzinfo) -> Content:
    """The certificate's texts; `origin` is that of the deployment, such as `https://qr.example.org`."""
    pledge = certified.pledge

    def day(at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, zone).date().isoformat()

    count = len(pledge.articles)
    zh = tuple(cleaned(each.zh) for each in certified.organisers)
    facts = (
        (("统一社会信用代码", "Unified social credit code"), certified.uscc),
        (("主办单位", "Organiser"), _both(certified.organisers[0].zh, certified.organisers[0].en)),
        (("协办单位", "Co-organisers"), "、".join(zh[1:])),
        (("签署日期", "Signed on"), day(pledge.signed_ms)),
        (("有效期", "Valid"), f"{day(pledge.valid_from_ms)} — {day(pledge.valid_to_ms - 1)}"),
        (("承诺文本摘要", "SHA-256 of the pledge text"), _grouped(certified.text_digest)),
        (("公告日期", "Published on"), f"{day(certified.entry_ms)}（公开账簿 Ledger entry {certified.entry}）"),
    )
    return Content(
        number=pledge.certificate,
        name_zh=cleaned(certified.name_zh),
        name_en=cleaned(certified.name_en),
        campaign_zh=cleaned(pledge.campaign_zh),
        campaign_en=cleaned(pledge.campaign_en),
        theme_zh=cleaned(pledge.theme_zh),
        theme_en=cleaned(pledge.theme_en),
        organisers_zh=zh,
        statement_zh=f"已签署本届活动质量诚信倡议承诺（共 {count} 条），并向社会公告，接受社会监督。",
        statement_en=f"has signed the quality and integrity pledge of this edition ({count}"
        f" {'article' if count == 1 else 'articles'}), which is published and open to supervision by all.",
        facts=tuple((label, value) for label, value in facts if value),
        address=f"{origin}{PATH}{pledge.certificate}",
    )


def _both(zh: str, en: str) -> str:
    return cleaned(f"{zh} {en}")


def _grouped(digest: str) -> str:
    """A digest in groups of eight, so that it can be read aloud and broken into lines."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
