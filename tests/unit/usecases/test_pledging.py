"""Pledging: campaigns, the text that is signed, and when a pledge is in force."""

from __future__ import annotations

from datetime import date

import pytest
from support.world import ARTICLES, ASSOCIATION, CAMPAIGN, World, uscc

from traceqr import pledging
from traceqr.acting import ActRefused, EntriesRefused
from traceqr.evidence import Article, PledgeState
from traceqr.instant import DAY_MS, from_iso
from traceqr.pledging import CampaignEntry, PledgeEntry

MORE = (*ARTICLES, Article("三", "Third"))


def shown(world: World, batch_number: int = 1) -> object:
    """The pledge as a verdict shows it now."""
    from traceqr.registry import batches

    with world.database.snapshot() as reader:
        batch = batches.by_number(reader, batch_number)
    assert batch is not None
    evidence = world.verifier().verify(world.label(batch)).evidence
    assert evidence is not None
    assert evidence.pledge is not None
    return evidence.pledge


class TestCampaigns:
    def entry(self, articles: tuple[Article, ...] = ARTICLES, **changes: object) -> CampaignEntry:
        values: dict[str, object] = {
            "id": CAMPAIGN, "organiser": ASSOCIATION, "year": 2026, "name_zh": "质量月", "name_en": "Quality Month",
            "theme_zh": "质量强国", "theme_en": "Strong through quality", "articles": articles,
        }  # fmt: skip
        return CampaignEntry(**{**values, **changes})  # type: ignore[arg-type]

    def test_the_same_again_changes_nothing(self, furnished: World) -> None:
        before = furnished.dump()
        assert pledging.open_campaign(furnished.desk, self.entry()).text_version == 1
        assert furnished.dump() == before

    def test_a_new_text_is_a_new_version_and_signed_pledges_keep_theirs(self, furnished: World) -> None:
        furnished.issue()
        assert pledging.open_campaign(furnished.desk, self.entry(MORE)).text_version == 2
        furnished.enterprise(2)
        assert furnished.pledge(2) == 2
        versions = furnished.rows("SELECT number, text_version FROM pledge ORDER BY number")
        assert [row["text_version"] for row in versions] == [1, 2]
        pledge = shown(furnished)
        assert (pledge.articles, pledge.changed_since) == (ARTICLES, True)  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "change",
        [
            {"year": 2027},
            {"name_zh": "x"},
            {"name_en": "x"},
            {"theme_zh": "x"},
            {"theme_en": "x"},
            {"organiser": "无名"},
        ],
    )
    @pytest.mark.parametrize("articles", [ARTICLES, MORE])
    def test_what_else_stands_on_labels_does_not_change_unnoticed(
        self, furnished: World, change: dict[str, object], articles: tuple[Article, ...]
    ) -> None:
        before = furnished.dump()
        with pytest.raises(ActRefused):
            pledging.open_campaign(furnished.desk, self.entry(articles, **change))
        assert furnished.dump() == before

    def test_no_articles(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="expected at least one article to sign, got none"):
            pledging.open_campaign(furnished.desk, self.entry(()))

    def test_an_organiser_must_be_enrolled(self, world: World) -> None:
        with pytest.raises(ActRefused, match="enrolled organisation, got '质量检验协会（测试）'"):
            pledging.open_campaign(world.desk, self.entry())


class TestPledges:
    def entry(self, **changes: object) -> PledgeEntry:
        values: dict[str, object] = {
            "campaign": CAMPAIGN, "uscc": uscc(1), "signed_on": date(2026, 8, 20), "valid_from": date(2026, 9, 1),
            "valid_until": date(2027, 8, 31),
        }  # fmt: skip
        return PledgeEntry(**{**values, **changes})  # type: ignore[arg-type]

    def publish(self, world: World, **changes: object) -> object:
        return pledging.publish_pledges(world.desk, [self.entry(**changes)])

    def test_the_same_again_changes_nothing(self, furnished: World) -> None:
        before = furnished.dump()
        self.publish(furnished)
        assert furnished.dump() == before

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            ({"campaign": "none"}, "campaign", "expected the id of an open campaign, got 'none'"),
            ({"uscc": uscc(5)}, "uscc", "import enterprises first"),
            ({"valid_until": date(2026, 8, 31)}, "valid_until", "expected a last day from 2026-09-01 on"),
            ({"valid_until": date(2027, 9, 1)}, "uscc", "with other dates"),
            ({"signed_on": date(2026, 8, 21)}, "uscc", "with other dates"),
            ({"valid_until": date(9999, 12, 31)}, "valid_until", "expected a date from 1970 to 2999, got 9999-12-31"),
            ({"signed_on": date(1, 1, 1)}, "signed_on", "expected a date from 1970 to 2999"),
        ],
    )
    def test_refusals(self, furnished: World, change: dict[str, object], field: str, message: str) -> None:
        before = furnished.dump()
        with pytest.raises(EntriesRefused, match=message) as caught:
            self.publish(furnished, **change)
        assert caught.value.refusals[0][1].field == field
        assert furnished.dump() == before

    def test_a_day_is_a_day_of_the_deployments_time_zone(self, furnished: World) -> None:
        row = furnished.one("SELECT valid_from_ms, valid_to_ms FROM pledge")
        assert row["valid_from_ms"] == from_iso("2026-09-01T00:00:00+08:00")
        assert row["valid_to_ms"] == from_iso("2027-09-01T00:00:00+08:00")

    def test_one_day_long(self, furnished: World) -> None:
        furnished.enterprise(2)
        self.publish(furnished, uscc=uscc(2), valid_from=date(2026, 9, 1), valid_until=date(2026, 9, 1))
        row = furnished.one("SELECT valid_to_ms - valid_from_ms AS length FROM pledge WHERE number = 2")
        assert row == {"length": DAY_MS}

    @pytest.mark.parametrize(
        ("at", "state"),
        [
            ("2026-08-31T23:59:59.999+08:00", PledgeState.AHEAD),
            ("2026-09-01T00:00:00+08:00", PledgeState.IN_FORCE),
            ("2027-08-31T23:59:59.999+08:00", PledgeState.IN_FORCE),
            ("2027-09-01T00:00:00+08:00", PledgeState.EXPIRED),
        ],
    )
    def test_its_state_follows_from_its_dates(self, furnished: World, at: str, state: PledgeState) -> None:
        furnished.issue()
        furnished.clock.at_ms = from_iso("2026-09-02T00:00:00+08:00")
        verifier = furnished.verifier()
        verifier.keyring()
        furnished.clock.at_ms = from_iso(at)
        with furnished.database.transaction() as tx:  # so that the key's window holds before September too
            tx.execute("UPDATE signing_key SET verifying_from_ms = 0")
        assert shown(furnished).state is state  # type: ignore[attr-defined]

    def test_withdrawn_is_shown_at_once_and_for_ever(self, furnished: World) -> None:
        furnished.issue()
        assert shown(furnished).state is PledgeState.IN_FORCE  # type: ignore[attr-defined]
        pledging.withdraw_pledge(furnished.desk, 1, "goods were not as promised")
        assert shown(furnished).state is PledgeState.WITHDRAWN  # type: ignore[attr-defined]
        furnished.clock.pass_days(400)
        assert shown(furnished).state is PledgeState.WITHDRAWN  # type: ignore[attr-defined]
        with pytest.raises(ActRefused, match="pledge 1: expected it to be published, it is withdrawn"):
            pledging.withdraw_pledge(furnished.desk, 1, "again")

    def test_nobodys(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="expected the number of a pledge, 2 is none"):
            pledging.withdraw_pledge(furnished.desk, 2, "r")
