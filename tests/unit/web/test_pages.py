"""The verdict pages: every verdict in every language says what it must."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.web.specimens import EVIDENCE, MARK, SPECIMENS, SUSPENDED, VERDICTS
from tests.unit.web.world import settings_of
from traceqr.evidence import MarkState, PledgeState, Revocation, Verdict
from traceqr.verdict import Code
from traceqr.web.app import create_app
from traceqr.web.assets import ARTWORK_ADDRESSES, STATIC
from traceqr.web.emblems import FRONT, emblems
from traceqr.web.language import Language
from traceqr.web.target import in_each_language
from traceqr.web.verdict_page import VerdictPages
from traceqr.web.words import FACES, NOT_OURS, REASONS

CSS_BYTES = len(STATIC["traceqr.css"].packed)


@pytest.fixture(scope="module")
def pages() -> VerdictPages:
    return create_app(settings_of(), None, lambda _: None).extensions["traceqr"].verdict_pages  # type: ignore[arg-type]


def render(pages: VerdictPages, verdict: Verdict, language: Language = Language.EN) -> str:
    addresses = in_each_language({"RAW_URI": "/01/x?s=1"})
    tokens = {"seen_token": "t" * 150, "entry_pass": "p" * 200, "ticket": "u" * 60}
    return pages.render(language, verdict, **tokens, addresses=addresses, repost=None)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", list(Code))
def test_every_verdict(pages: VerdictPages, code: Code, language: Language) -> None:
    page = render(pages, VERDICTS[code], language)
    assert page.startswith("<!doctype html>")
    assert page.count("<h1") == 1
    assert page.count("<main>") == 1
    assert str(emblems(language)[code]) in page
    assert "qr.example.org" in page
    assert 'src="/seen/' in page
    assert CSS_BYTES + len(gzip.compress(page.encode())) < 20_000


@pytest.mark.parametrize("language", list(Language))
def test_all_emblems_differ(language: Language) -> None:
    drawn = {str(emblems(language)[code]) for code in Code}
    drawn |= {str(emblems(language)[name]) for name in (FRONT, NOT_OURS)}
    assert len(drawn) == 11
    assert all(re.match("<svg[^>]*aria-hidden", one) for one in drawn)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (Code.GENUINE, ["What it does not prove", "a copied label carries the same code", "First look"]),
        (Code.SEEN, ["may have been copied: keep the goods", 'href="tel:4000001234"', 'href="tel:12315"']),
        (Code.SEEN, ["2 other devices have looked", "Seen 3 times in all", "First seen November 11, 2026, 16:12"]),
        (Code.SUSPECT, ["qr.examp1e.com", "not official", "12315", "Enter no personal details"]),
        (
            Code.INACTIVE,
            [
                'href="tel:4000001234"',
                'href="tel:12315"',
                "not activated",
                "Not yet in force",
                "It begins on September 1, 2026.",
            ],
        ),
        (Code.HELD, ["until it is cleared", "抽检中", "Since November 17, 2026, 16:12", 'href="tel:4000001234"']),
        (
            Code.RECALLED,
            ["检出超标", "Past this date", "Withdrawn", "has changed this description", 'href="tel:12315"'],
        ),
        (Code.VOID, ["印制残缺", "declared void"]),
        (Code.FORGED, ["The seal does not match", "Keep the goods", 'href="tel:12315"']),
        (Code.UNCHECKED, ["The registry cannot be reached", "neither good nor bad", "Try again"]),
    ],
)
def test_what_each_says(pages: VerdictPages, code: Code, words: list[str]) -> None:
    page = render(pages, VERDICTS[code])
    for word in words:
        assert word in page, word


@pytest.mark.parametrize("code", [Code.FORGED, Code.UNCHECKED])
def test_nothing_good_beside_a_verdict_without_evidence(pages: VerdictPages, code: Code) -> None:
    page = render(pages, VERDICTS[code])
    assert "Genuine" not in page
    assert "Enterprise" not in page


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("reason", FACES)
def test_what_is_no_label_is_not_called_forged_and_looks_like_nothing_good(
    pages: VerdictPages, reason: str, language: Language
) -> None:
    page = render(pages, replace(SPECIMENS["no-label"], reason=reason), language)
    assert 'class="verdict plain" data-verdict="forged"' in page
    assert {"en": "Not one of our labels", "zh-Hans": "不是本平台的标签", "zh-Hant": "不是本平台的標籤"}[
        language
    ] in page
    assert {"en": "do not trust it", "zh-Hans": "请勿相信", "zh-Hant": "請勿相信"}[language] in page
    drawn = emblems(language)
    assert str(drawn[NOT_OURS]) in page
    assert not any(str(drawn[code]) in page for code in Code)
    for word in ("伪码", "偽碼", "Forged", "码真", "碼真", "真实", "真實", "enuine", "real", "有效", "valid"):
        assert word not in page, word
    assert page.index('class="call" href="/"') < page.index('class="call" href="tel:12315"')
    stands = {"en": "Beneath each of our labels", "zh-Hans": "标签下方均印有", "zh-Hant": "標籤下方均印有"}[language]
    assert re.search(f"{stands}[^<]*<strong>qr.example.org</strong>", page)
    assert not re.search("(Official address|官方网址|官方網址)[：:]", page), "nothing on it may read as confirmed"


@pytest.mark.parametrize("reason", sorted(REASONS.keys() - FACES.keys()))
def test_other_forgeries_keep_the_strong_page(pages: VerdictPages, reason: str) -> None:
    page = render(pages, replace(VERDICTS[Code.FORGED], reason=reason))
    assert 'class="verdict stop" data-verdict="forged"' in page
    assert "Forged code" in page
    assert str(emblems(Language.EN)[Code.FORGED]) in page


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.FORGED])
@pytest.mark.parametrize("reason", FACES)
def test_the_face_belongs_to_forged_alone(pages: VerdictPages, code: Code, reason: str) -> None:
    assert "Not one of our labels" not in render(pages, replace(VERDICTS[code], reason=reason))


@pytest.mark.parametrize("devices", [3, 5, 300])
def test_a_number_of_devices_alone_is_told_and_accuses_nobody(pages: VerdictPages, devices: int) -> None:
    """What makes a label suspect are the measured signs (docs/suspicion.md); the page has no threshold of its own."""
    seen = VERDICTS[Code.SEEN]
    assert seen.history is not None
    few, many = (render(pages, replace(seen, history=replace(seen.history, other_devices=n))) for n in (2, devices))
    assert 'data-verdict="seen"' in many
    assert f"{devices} other devices have looked at this code before." in many
    assert "Often a gift" in many
    assert few.replace("2 other devices", f"{devices} other devices") == many


def test_theft_claims_no_more_than_is_known(pages: VerdictPages) -> None:
    page = render(pages, replace(VERDICTS[Code.SUSPECT], reason="key-compromised", history=None))
    assert "we know of no sighting of this label before the theft" in page


def test_the_raw_reason_is_labelled(pages: VerdictPages) -> None:
    assert "<span>Reference 3 · seal-broken</span>" in render(pages, VERDICTS[Code.FORGED])
    assert "核验参考码 3 · seal-broken" in render(pages, VERDICTS[Code.FORGED], Language.ZH_HANS)


def test_words_of_goods(pages: VerdictPages) -> None:
    held = render(pages, VERDICTS[Code.HELD])
    assert "Expiry date" in held
    assert "Best before" not in held
    assert "eat or drink" not in held
    assert "eat or drink" in render(pages, VERDICTS[Code.RECALLED])


def test_red_is_for_the_genuine_seal_alone() -> None:
    style = STATIC["traceqr.css"].plain.decode()
    red = {line.partition("{")[0].strip() for line in style.splitlines() if "var(--vermilion)" in line}
    assert red == {".ink-seal", "body", ".good", ".number"}, "the mark of the house, the seal, an error's number"


def test_product_enterprise_pledge(pages: VerdictPages) -> None:
    page = render(pages, VERDICTS[Code.GENUINE])
    for word in (
        "Mountain Green Tea",
        "高山绿茶",
        "250 g",
        "GB/T 14456.2-2018",
        "6901234567892",
        "0000 0017 0020 4311",
        "20260915-A2",
        "September 15, 2026",
        "March 14, 2028",
        "400 000 1234",
        'href="tel:4000001234"',
        "Example Quality Association",
        "Quality Month",
        "Win by quality",
        "Example Association",
        "In force",
        "until August 31, 2027",
        "August 20, 2026",
    ):
        assert word in page, word
    assert "06901234567892" not in page, "the GTIN stands in its trade form"
    assert f'src="/pictures/{"a" * 64}"' in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PledgeState.EXPIRED, "It was in force until August 31, 2027."),
        (PledgeState.AHEAD, "It begins on September 1, 2026."),
        (PledgeState.WITHDRAWN, "Withdrawn"),
    ],
)
def test_pledge_not_in_force_says_so(pages: VerdictPages, state: PledgeState, words: str) -> None:
    verdict = VERDICTS[Code.GENUINE]
    assert verdict.evidence is not None
    assert verdict.evidence.pledge is not None
    pledge = replace(verdict.evidence.pledge, state=state, changed_since=True)
    page = render(pages, replace(verdict, evidence=replace(verdict.evidence, pledge=pledge)))
    assert words in page
    assert "In force" not in page
    assert "The pledge text has changed" in page


def test_a_breached_pledge_says_what_was_found_and_what_the_enterprise_replies(pages: VerdictPages) -> None:
    verdict = SPECIMENS["breached"]
    page = render(pages, verdict)
    for words in ("Breached", "did not keep this pledge", "抽检不合格", "Found on November 1, 2026", "已全部召回",
                  "Reply of the enterprise, November 5, 2026", "has not done so", "<b>"):  # fmt: skip
        assert (words in page) is (words != "<b>"), words
    assert "In force" not in page
    assert "&lt;b&gt;" in page, "what an officer types does nothing to the page"


def test_articles_stand_under_whom_they_are_about(pages: VerdictPages) -> None:
    page = render(pages, SPECIMENS["breached"])
    signers, trade, society = (
        page.index(words)
        for words in ("What signers do first", "What they call on their trade for", "What they call on society for")
    )
    assert signers < page.index("Ours.") < trade < page.index("Theirs.") < society < page.index("Everybody")
    assert '<ol start="3">' in page
    assert "What signers do first" not in render(pages, VERDICTS[Code.GENUINE]), "one group needs no heading"


@pytest.mark.parametrize(
    ("language", "revoked", "held", "renamed"),
    [
        (
            Language.EN,
            "no longer has the right to its GTIN",
            "Another enterprise holds that right now.",
            "was Old then",
        ),
        (Language.ZH_HANS, "不再拥有该商品条码的使用权", "该使用权现由其他企业持有", "当时的名称为：旧"),
        (Language.ZH_HANT, "不再擁有該商品條碼的使用權", "該使用權現由其他企業持有", "當時的名稱為：旧"),
    ],
)
def test_a_right_that_was_revoked_is_said_plainly(
    pages: VerdictPages, language: Language, revoked: str, held: str, renamed: str
) -> None:
    verdict = VERDICTS[Code.GENUINE]
    assert verdict.evidence is not None
    assert revoked not in render(pages, verdict, language)
    for another in (True, False):
        gone = Revocation(verdict.at_ms, "质量检验协会（示例）", "Example Association", another)
        enterprise = replace(
            verdict.evidence.enterprise, accepted_by_zh="", accepted_by_en="", revoked=gone, changed_since=True,
            printed_zh="旧", printed_en="Old",
        )  # fmt: skip
        page = render(pages, replace(verdict, evidence=replace(verdict.evidence, enterprise=enterprise)), language)
        assert revoked in page
        assert (held in page) is another
        assert renamed in page
        assert page.index(revoked) < page.index('class="product"'), "above what the enterprise says of the product"
        assert pages_say_nobody_confirmed(page)


def pages_say_nobody_confirmed(page: str) -> bool:
    return not any(words in page for words in ("confirmed by", "使用权审核单位", "使用權審核單位"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "In force</strong> until August 31, 2027"),
        ({"state": MarkState.EXPIRED}, "The licence to use this mark ended on August 31, 2027."),
        ({"state": MarkState.AHEAD}, "It begins on September 1, 2026."),
        ({"changed_since": True}, "The description of this mark has changed"),
    ],
)
def test_marks(pages: VerdictPages, changes: dict[str, Any], words: str) -> None:
    page = render(pages, replace(VERDICTS[Code.GENUINE], evidence=replace(EVIDENCE, marks=(replace(MARK, **changes),))))
    assert words in page
    assert "QM-2026-000012" in page
    assert f'src="{ARTWORK_ADDRESSES["quality-month"]}"' in page
    assert page.index("Quality pledge") < page.index("Quality Month mark")
    assert "Do not rely on the mark" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, "The licence to use this mark is suspended. Do not rely on the mark on this label for now."),
        (Language.ZH_HANS, "该专用标识的使用许可已被暂停，目前请勿采信本标签上的该标识。"),
        (Language.ZH_HANT, "該專用標識的使用許可已被暫停，目前請勿採信本標籤上的該標識。"),
    ],
)
def test_a_suspended_mark_is_said_plainly(pages: VerdictPages, language: Language, words: str) -> None:
    """Before what is known of the product, with the reason."""
    page = render(pages, SPECIMENS["suspended mark"], language)
    assert words in page
    assert "抽查不合格 &lt;b&gt;" in page
    assert page.index(words) < page.index("高山绿茶")
    withdrawn = replace(SUSPENDED, state=MarkState.WITHDRAWN)
    page = render(pages, replace(VERDICTS[Code.GENUINE], evidence=replace(EVIDENCE, marks=(withdrawn,))))
    assert "The licence to use this mark was withdrawn. Do not rely on the mark on this label." in page


@pytest.mark.parametrize("name", SPECIMENS)
def test_reason_without_a_sentence_shows_its_identifier(pages: VerdictPages, name: str) -> None:
    page = render(pages, replace(SPECIMENS[name], reason="never-heard-of"))
    assert "never-heard-of" in page


def test_hostile_evidence_is_escaped(pages: VerdictPages) -> None:
    verdict = VERDICTS[Code.GENUINE]
    assert verdict.evidence is not None
    product = replace(verdict.evidence.product, name_en="<script>1</script>", brand='"><img src=x>')
    page = render(pages, replace(verdict, evidence=replace(verdict.evidence, product=product)))
    assert "<script" not in page
    assert "<img src=x" not in page


def test_language_of_data(pages: VerdictPages) -> None:
    page = render(pages, VERDICTS[Code.GENUINE], Language.ZH_HANT)
    assert '<html lang="zh-Hant">' in page
    assert 'lang="zh-Hans">高山绿茶' in page
    assert 'lang="en">Mountain Green Tea' in page


def test_instants_in_the_deployments_timezone() -> None:
    settings = settings_of(TRACEQR_TIMEZONE="UTC")
    utc = create_app(settings, None, lambda _: None).extensions["traceqr"].verdict_pages  # type: ignore[arg-type]
    assert "Checked November 20, 2026, 08:12" in render(utc, VERDICTS[Code.GENUINE])


def test_the_number_of_the_filing_stands_on_every_page() -> None:
    app = create_app(settings_of(TRACEQR_FILING="京ICP备12345678号-1"), None, lambda _: None)  # type: ignore[arg-type]
    for path in ("/", "/no-such-page"):
        page = app.test_client().get(path, base_url="https://qr.example.org").text
        assert '<a href="https://beian.miit.gov.cn/" rel="noreferrer">京ICP备12345678号-1</a>' in page
    page = create_app(settings_of(), None, lambda _: None).test_client().get("/", base_url="https://qr.example.org").text  # type: ignore[arg-type]
    assert "beian" not in page
