"""Campaigning: editions, what of them may change, and the versions of their text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.world import ARTICLES, CAMPAIGN, World

from traceqr import campaigning
from traceqr.acting import ActRefused
from traceqr.evidence import Article, ArticleGroup
from traceqr.instant import from_iso
from traceqr.registry import campaigns
from traceqr.sector import SECTORS

MORE = (*ARTICLES, Article("三", "Third"))
CALLS = (
    Article("倡议社会", "To society", ArticleGroup.SOCIETY),
    Article("倡议同行", "To our trade", ArticleGroup.TRADE),
)


def text(world: World, version: int = 1) -> campaigns.PledgeText:
    with world.database.snapshot() as reader:
        found = campaigns.text(reader, CAMPAIGN, version)
    assert found is not None
    return found


class TestCampaigns:
    def test_the_same_again_changes_nothing(self, furnished: World) -> None:
        before = furnished.dump()
        assert campaigning.open_campaign(furnished.desk, furnished.edition()).text_version == 1
        assert furnished.dump() == before

    def test_a_new_text_is_a_new_version_and_signed_pledges_keep_theirs(self, furnished: World) -> None:
        assert campaigning.open_campaign(furnished.desk, furnished.edition(articles=MORE)).text_version == 2
        furnished.enterprise(2)
        assert furnished.pledge(2) == 2
        versions = furnished.rows("SELECT number, text_version FROM pledge ORDER BY number")
        assert [row["text_version"] for row in versions] == [1, 2]

    @pytest.mark.parametrize(
        "change",
        [
            {"year": 2027},
            {"name_zh": "x"},
            {"name_en": "x"},
            {"theme_zh": "x"},
            {"theme_en": "x"},
            {"organiser": "无名"},
            {"code": "QM2027"},
            {"region": "330000"},
        ],
    )
    @pytest.mark.parametrize("articles", [ARTICLES, MORE])
    def test_what_else_stands_on_labels_does_not_change_unnoticed(
        self, furnished: World, change: dict[str, object], articles: tuple[Article, ...]
    ) -> None:
        before = furnished.dump()
        with pytest.raises(ActRefused):
            campaigning.open_campaign(furnished.desk, furnished.edition(articles=articles, **change))
        assert furnished.dump() == before

    def test_no_articles(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="expected at least one article to sign, got none"):
            campaigning.open_campaign(furnished.desk, furnished.edition(articles=()))

    def test_an_organiser_must_be_enrolled(self, world: World) -> None:
        with pytest.raises(ActRefused, match="enrolled organisation, got '质量检验协会（测试）'"):
            campaigning.open_campaign(world.desk, world.edition())


class TestEditions:
    def test_all_of_one(self, world: World) -> None:
        world.association()
        world.association("省质量协会（测试）")
        opened = campaigning.open_campaign(
            world.desk,
            world.edition(
                co_organisers=("省质量协会（测试）",), region="330000", sectors=("retail", "food"), slogan_zh="口号"
            ),
        )
        assert opened.sector_codes == ("food", "retail"), "in the order of the list"
        assert len(opened.co_organiser_ids) == 1
        assert (opened.code, opened.region, opened.slogan_zh) == ("QM2026", "330000", "口号")
        assert opened.apply_from_ms == from_iso("2026-07-01T00:00:00+08:00")
        assert opened.apply_to_ms == from_iso("2027-01-01T00:00:00+08:00")
        with world.database.snapshot() as reader:
            assert campaigns.by_id(reader, CAMPAIGN) == opened == campaigns.by_code(reader, "QM2026")
            (listed,) = campaigns.everything(reader)
        assert listed["organiser_en"] == "Quality Association"

    def test_without_more_all_sectors_of_the_country_are_invited(self, world: World) -> None:
        world.association()
        opened = campaigning.open_campaign(world.desk, world.edition())
        assert (opened.sector_codes, opened.region) == (tuple(SECTORS), "000000")

    def test_articles_stand_in_their_groups(self, world: World) -> None:
        world.association()
        world.campaign(articles=(*CALLS, *ARTICLES))
        assert [article.group for article in text(world).articles] == ["signers", "signers", "trade", "society"]
        before = world.dump()
        world.campaign(articles=(*ARTICLES, CALLS[1], CALLS[0]))
        assert world.dump() == before, "the same text in another order of groups"

    def test_an_article_moved_to_another_group_is_another_text(self, world: World) -> None:
        world.association()
        world.campaign(articles=(*ARTICLES, Article("三", "Third")))
        world.campaign(articles=(*ARTICLES, Article("三", "Third", ArticleGroup.TRADE)))
        assert text(world, 1).digest != text(world, 2).digest

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            (
                {"code": "qm2026"},
                "code",
                "expected a code of 2 to 12 letters A to Z and digits, such as QM2026, got 'qm",
            ),
            ({"code": "Q"}, "code", "expected a code"),
            ({"region": "33"}, "region", "expected a region of 6 digits"),
            ({"sectors": ("food", "fun")}, "sectors", "expected sectors among agriculture, .*, got 'fun'"),
            ({"sectors": ()}, "sectors", "expected sectors among .*, got none"),
            (
                {"apply_until": date(2026, 6, 30)},
                "apply_until",
                "expected a last day from 2026-07-01 on, got 2026-06-30",
            ),
            ({"valid_until": date(2026, 8, 31)}, "valid_until", "expected a last day from 2026-09-01 on"),
            ({"valid_until": date(9999, 12, 31)}, "valid_until", "expected a date from 1970 to 2999"),
            ({"co_organisers": ("无名",)}, "co_organisers", "expected the Chinese name of an enrolled organisation"),
            ({"articles": CALLS}, "articles", "at least one article that binds the signers, got only calls on others"),
        ],
    )
    def test_refusals(self, world: World, change: dict[str, Any], field: str, message: str) -> None:
        world.association()
        before = world.dump()
        with pytest.raises(ActRefused, match=message) as refused:
            world.campaign(**change)
        assert refused.value.field == field
        assert world.dump() == before

    def test_a_code_is_that_of_one_edition(self, furnished: World) -> None:
        with pytest.raises(ActRefused, match="'QM2026' is that of campaign quality-month-2026"):
            furnished.campaign("another", code="QM2026")


class TestAmending:
    @pytest.mark.parametrize(
        "change",
        [
            {"apply_until": date(2027, 1, 31)},
            {"valid_from": date(2026, 9, 15)},
            {"sectors": ("food", "hotel")},
            {"slogan_en": "Every month"},
            {"co_organisers": ("省质量协会（测试）",)},
        ],
    )
    def test_what_is_not_on_labels_may_change(self, furnished: World, change: dict[str, Any]) -> None:
        furnished.association("省质量协会（测试）")
        before = len(furnished.acts())
        furnished.campaign(**change)
        assert furnished.acts()[before:] == ["campaign.amend"]
        again = furnished.dump()
        furnished.campaign(**change)
        assert furnished.dump() == again

    def test_dates_and_text_at_once(self, furnished: World) -> None:
        before = len(furnished.acts())
        furnished.campaign(articles=MORE, apply_until=date(2027, 1, 31))
        assert furnished.acts()[before:] == ["campaign.amend", "campaign.revise"]

    def test_published_pledges_keep_their_dates(self, furnished: World) -> None:
        before = furnished.rows("SELECT * FROM pledge")
        furnished.campaign(valid_until=date(2028, 8, 31))
        assert furnished.rows("SELECT * FROM pledge") == before
