"""Verdicts as the registry would give them, one or more for each code."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.world import ASSOCIATION, gtin, uscc

from traceqr.evidence import (
    Article,
    ArticleGroup,
    Batch,
    Enterprise,
    Evidence,
    Finding,
    Mark,
    MarkState,
    Notice,
    Pledge,
    PledgeState,
    Product,
    Purchase,
    Verdict,
)
from traceqr.instant import DAY_MS, from_iso
from traceqr.label.format import Label
from traceqr.label.host import Origin
from traceqr.label.seal import Seal
from traceqr.label.serial import Serial
from traceqr.verdict import Code, History, Life, State, Step

AT_MS = from_iso("2026-11-20T08:12:00Z")
_KEY = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
_GTIN, _SERIAL = gtin(56_789), Serial(17, 204311)
_SEAL = Seal.sign(_KEY, 1, 7, _GTIN, _SERIAL)
LABEL = Label(Origin("HTTPS://QR.EXAMPLE.ORG"), _GTIN, _SERIAL, _SEAL)
FOREIGN = replace(LABEL, origin=Origin("HTTPS://QR.EXAMP1E.COM"))

PLEDGE = Pledge(
    7, PledgeState.IN_FORCE, "质量月", "Quality Month", "以质取胜", "Win by quality", ASSOCIATION,
    "Example Association", 2026, tuple(Article(f"第{n}条。", f"Article {n}.") for n in range(1, 6)),
    from_iso("2026-08-20T02:00:00Z"), from_iso("2026-08-31T16:00:00Z"), from_iso("2027-08-31T16:00:00Z"), False,
)  # fmt: skip
MARK = Mark(
    "quality-month-2026", "quality-month", "质量月专用标识", "Quality Month mark", "企业公开承诺", "Pledged in public",
    ASSOCIATION, "Example Association", "QM-2026-000012", 12, MarkState.IN_FORCE, AT_MS - 50 * DAY_MS, None,
    from_iso("2026-08-31T16:00:00Z"), from_iso("2027-08-31T16:00:00Z"), False,
)  # fmt: skip
SUSPENDED = replace(MARK, state=MarkState.SUSPENDED, since_ms=AT_MS - DAY_MS, reason="抽查不合格 <b>")
EVIDENCE = Evidence(
    Batch(17, 500_000, "20260915-A2", "2026-09-15", "2028-03-14", AT_MS - 40 * DAY_MS),
    Product(str(_GTIN), 2, "高山绿茶", "Mountain Green Tea", "云岭春", "250 g", "GB/T 14456.2-2018", "a" * 64, False),
    Enterprise(
        "云岭春茶业有限公司（测试）",
        "Yunling Tea",
        uscc(),
        "400 000 1234",
        ASSOCIATION,
        "Example Quality Association",
        False,
    ),
    PLEDGE,
    (),
    AT_MS - 30 * DAY_MS,
)
_ACTIVE = State(Life.ACTIVE)
GENUINE = Verdict(Code.GENUINE, "first-sighting", Step.HISTORY, AT_MS, LABEL, True, _ACTIVE, History(), EVIDENCE)


def _noticed(kind: str, reason: str) -> Evidence:
    return replace(EVIDENCE, notices=(Notice(kind, AT_MS - 3 * DAY_MS, reason),))


def _ruled(code: Code, reason: str, step: Step, evidence: Evidence | None = EVIDENCE) -> Verdict:
    return replace(GENUINE, code=code, reason=reason, step=step, evidence=evidence)


def _without_facts(code: Code, reason: str, step: Step) -> Verdict:
    return Verdict(code, reason, step, AT_MS, LABEL, True)


_RECALLED = replace(
    _noticed("recall", "检出超标"),
    batch=replace(EVIDENCE.batch, expires_on="2026-10-01"),
    product=replace(EVIDENCE.product, changed_since=True),
    pledge=replace(PLEDGE, state=PledgeState.WITHDRAWN),
)

VERDICTS = {
    Code.GENUINE: GENUINE,
    Code.SEEN: replace(
        _ruled(Code.SEEN, "seen-before", Step.HISTORY), history=History(AT_MS - 9 * DAY_MS, 3, 2, own_before=False)
    ),
    Code.SUSPECT: replace(_ruled(Code.SUSPECT, "host-foreign", Step.TRUST), label=FOREIGN, host_official=False),
    Code.INACTIVE: replace(
        _ruled(
            Code.INACTIVE,
            "not-activated",
            Step.ACTIVATION,
            replace(EVIDENCE, activated_ms=None, pledge=replace(PLEDGE, state=PledgeState.AHEAD)),
        ),
        state=State(Life.ISSUED),
    ),
    Code.HELD: _ruled(Code.HELD, "on-hold", Step.STATE, _noticed("hold", "抽检中")),
    Code.RECALLED: _ruled(Code.RECALLED, "under-recall", Step.STATE, _RECALLED),
    Code.VOID: _ruled(Code.VOID, "voided", Step.STATE, replace(_noticed("void", "印制残缺"), pledge=None)),
    Code.FORGED: _without_facts(Code.FORGED, "seal-broken", Step.SEAL),
    Code.UNCHECKED: _without_facts(Code.UNCHECKED, "registry-unreachable", Step.BATCH),
}

_BREACHED = replace(
    PLEDGE,
    state=PledgeState.BREACHED,
    articles=(
        Article("我们的。", "Ours."),
        Article("同行的。", "Theirs.", ArticleGroup.TRADE),
        Article("大家的。", "Everybody's.", ArticleGroup.SOCIETY),
    ),
    findings=(
        Finding("抽检不合格", from_iso("2026-11-01T02:00:00Z"), "已全部召回", from_iso("2026-11-05T02:00:00Z")),
        Finding("<b>虚假宣传</b>", from_iso("2026-11-10T02:00:00Z")),
    ),
    certificate="QM2026-00000007-5",
)

SPECIMENS = {
    **{str(code): verdict for code, verdict in VERDICTS.items()},
    "no-history": replace(GENUINE, reason="history-not-checked", history=None),
    "own": replace(GENUINE, reason="own-earlier-scan", history=History(AT_MS - DAY_MS, 1, 0, own_before=True)),
    "bought": replace(
        GENUINE, evidence=replace(EVIDENCE, purchase=Purchase(AT_MS - DAY_MS, "330100", False, 2, AT_MS, "JP"))
    ),
    "breached": replace(GENUINE, evidence=replace(EVIDENCE, pledge=_BREACHED)),
    "marked": replace(GENUINE, evidence=replace(EVIDENCE, marks=(MARK,))),
    "suspended mark": replace(GENUINE, evidence=replace(EVIDENCE, marks=(MARK, SUSPENDED))),
    "no-label": Verdict(Code.FORGED, "not-a-label", Step.TEXT, AT_MS, None, False),
}
