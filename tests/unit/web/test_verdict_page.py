"""Verdict pages that are kept: none is shown for what it was not rendered for."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from tests.unit.web.specimens import AT_MS, EVIDENCE, GENUINE, LABEL, MARK, SPECIMENS, SUSPENDED
from tests.unit.web.world import keep_compiled, settings_of
from traceqr.evidence import Evidence, MarkState, Notice, Pledge, PledgeState, Purchase, Verdict
from traceqr.instant import DAY_MS
from traceqr.label.serial import Serial
from traceqr.registry.dossiers import Dossier
from traceqr.verdict import Code, Step
from traceqr.web import verdict_page
from traceqr.web.app import create_app
from traceqr.web.language import Language
from traceqr.web.target import in_each_language
from traceqr.web.verdict_page import Shown, VerdictPages

HERE = in_each_language({"RAW_URI": "/01/x?s=1"})


@pytest.fixture
def pages() -> VerdictPages:
    return fresh()


def fresh() -> VerdictPages:
    app = create_app(settings_of(), None, lambda _: None)  # type: ignore[arg-type]
    keep_compiled(app)
    found: VerdictPages = app.extensions["traceqr"].verdict_pages
    return found


def page(pages: VerdictPages, verdict: Verdict, language: Language = Language.EN, **more: Any) -> str:
    given: dict[str, Any] = {"seen_token": "t" * 20, "ticket": "u" * 30, "addresses": HERE, "repost": None, **more}
    return pages.render(language, verdict, **given)


@pytest.mark.parametrize("name", SPECIMENS)
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("token", [None, "t" * 20, '"><script>'])
def test_a_kept_page_is_the_one_that_would_be_rendered(name: str, language: Language, token: str | None) -> None:
    verdict, pages = SPECIMENS[name], fresh()
    other = replace(
        verdict,
        at_ms=verdict.at_ms + 60_000,
        label=replace(verdict.label, serial=Serial(17, 5)) if verdict.label else None,
    )
    hostile = in_each_language({"RAW_URI": '/01/x?s=1&a="><script>'})
    page(pages, other, language, seen_token=token and "other")
    kept = page(pages, verdict, language, seen_token=token, addresses=hostile)
    assert kept == page(fresh(), verdict, language, seen_token=token, addresses=hostile)
    assert "<script" not in kept
    assert "\0" not in kept


OTHERS: dict[str, dict[str, Any]] = {
    "code": {"code": Code.INACTIVE},
    "reason": {"reason": "own-earlier-scan"},
    "step": {"step": Step.TRUST},
    "history_checked": {"history": None},
    "host_official": {"host_official": False},
    "host": {"label": replace(LABEL, origin=LABEL.origin.lower()), "host_official": True},
    "history": {"history": None},
    "evidence": {"evidence": None},
    "expired": {"at_ms": AT_MS + 900 * DAY_MS},
}
"""By field of `Shown`: a verdict that differs in it."""

PARTS: dict[str, dict[str, Any]] = {
    "batch": {"batch": replace(EVIDENCE.batch, lot="OTHER")},
    "product": {"product": replace(EVIDENCE.product, name_en="Other tea")},
    "enterprise": {"enterprise": replace(EVIDENCE.enterprise, name_en="Other house")},
    "pledge": {"pledge": None},
    "notices": {"notices": (Notice("recall", AT_MS, "Moisture"),)},
    "marks": {"marks": (SUSPENDED,)},
    "activated_ms": {"activated_ms": AT_MS - 3 * DAY_MS},
    "purchase": {"purchase": Purchase(AT_MS - DAY_MS, "330100", own=True)},
}
"""By field of `Evidence`: what differs in it."""


def test_every_field_is_thought_of() -> None:
    assert set(OTHERS) == {each.name for each in fields(Shown)}
    # Whether there are hidden codes is shown by the form, which comes with its pass.
    assert set(PARTS) == {each.name for each in fields(Evidence)} - {"hidden_codes"}


@pytest.mark.parametrize("name", sorted(set(OTHERS) - {"host"}))
def test_another_verdict_has_another_page(pages: VerdictPages, name: str) -> None:
    other = replace(GENUINE, **OTHERS[name])
    first, second = page(pages, GENUINE), page(pages, other)
    assert first != second
    assert second == page(fresh(), other)


@pytest.mark.parametrize("name", PARTS)
def test_other_evidence_has_another_page(pages: VerdictPages, name: str) -> None:
    other = replace(GENUINE, evidence=replace(EVIDENCE, **PARTS[name]))
    first, second = page(pages, GENUINE), page(pages, other)
    assert first != second
    assert second == page(fresh(), other)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": MarkState.SUSPENDED, "reason": "r"},
        {"state": MarkState.WITHDRAWN, "reason": "r"},
        {"state": MarkState.EXPIRED},
        {"state": MarkState.AHEAD},
        {"licence": "QM-2026-000099"},
        {"changed_since": True},
    ],
)
def test_another_state_of_a_mark_has_another_page(pages: VerdictPages, changes: dict[str, Any]) -> None:
    """The page of a mark in force is kept, and a suspension must not be answered with it."""
    before = replace(GENUINE, evidence=replace(EVIDENCE, marks=(MARK,)))
    after = replace(GENUINE, evidence=replace(EVIDENCE, marks=(replace(MARK, **changes),)))
    first, second = page(pages, before), page(pages, after)
    assert first != second
    assert second == page(fresh(), after)


def test_a_foreign_host_is_not_another_ones(pages: VerdictPages) -> None:
    suspect = SPECIMENS["suspect"]
    assert suspect.label is not None
    other = replace(suspect, label=LABEL)
    assert "qr.examp1e.com" in page(pages, suspect)
    assert "qr.examp1e.com" not in page(pages, other)


def test_with_and_without_token(pages: VerdictPages) -> None:
    assert "/seen/" in page(pages, GENUINE)
    assert "/seen/" not in page(pages, GENUINE, seen_token=None)


def test_with_and_without_the_form_for_hidden_codes(pages: VerdictPages) -> None:
    """Kept once each, and filled in with each label's own pass."""
    assert 'name="pass"' not in page(pages, GENUINE)
    for own in ("p" * 20, "q" * 20):
        assert f'name="pass" value="{own}"' in page(pages, GENUINE, entry_pass=own)
    assert 'name="pass"' not in page(pages, GENUINE)
    assert kept_pages(pages) == 2


def test_each_label_has_its_own_serial_time_token_and_addresses(pages: VerdictPages) -> None:
    page(pages, GENUINE)
    assert GENUINE.label is not None
    other = replace(GENUINE, label=replace(GENUINE.label, serial=Serial(17, 7)), at_ms=AT_MS + 3_600_000)
    shown = page(pages, other, seen_token="u" * 20, addresses=in_each_language({"RAW_URI": "/01/y?s=2"}))
    for expected in ("0000 0017 0000 0007", "17:12", "u" * 20, "/01/y?s=2&amp;lang=en"):
        assert expected in shown
    assert kept_pages(pages) == 1


def test_pages_that_are_seldom_the_same_are_not_kept(pages: VerdictPages) -> None:
    page(pages, SPECIMENS["seen"])
    page(pages, SPECIMENS["bought"])
    page(pages, GENUINE, repost="a text")
    assert kept_pages(pages) == 0


def test_a_pledge_that_has_ended_is_one_object(pages: VerdictPages) -> None:
    """Most pledges end after a year: their pages are kept like others."""
    pledge = EVIDENCE.pledge
    assert pledge is not None
    dossier = Dossier("e1", EVIDENCE.batch, EVIDENCE.product, EVIDENCE.enterprise, pledge)
    later = AT_MS + 400 * DAY_MS
    for minute in range(5):
        ended = dossier.pledge_at(later + minute * 60_000)
        assert isinstance(ended, Pledge)
        assert ended.state is PledgeState.EXPIRED
        page(pages, replace(GENUINE, evidence=replace(EVIDENCE, pledge=ended)))
    assert kept_pages(pages) == 1
    assert dossier.pledge_at(AT_MS) is pledge


def test_memory_is_bounded(pages: VerdictPages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict_page, "MAX_KEPT", 30_000)
    most = 0
    for number in range(40):
        evidence = replace(EVIDENCE, batch=replace(EVIDENCE.batch, lot=f"L-{number}"))
        assert f"L-{number}<" in page(pages, replace(GENUINE, evidence=evidence))
        most = max(most, kept_pages(pages))
    assert 1 < most < 10


def kept_pages(pages: VerdictPages) -> int:
    return len(pages._kept)
