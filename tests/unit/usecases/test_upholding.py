"""Upholding: findings against a pledge, the right to reply, and findings that were wrong."""

from __future__ import annotations

import json

import pytest
from support.world import CAMPAIGN, World

from traceqr import pledging, upholding
from traceqr.acting import ActRefused
from traceqr.evidence import Evidence, Finding, Pledge, PledgeState
from traceqr.registry import pledge_records
from traceqr.verdict_json import to_json, to_text


def evidence(world: World) -> Evidence:
    """Of label 0 of batch 1, as anybody sees it now."""
    found = world.verifier().verify(world.text(1)).evidence
    assert found is not None
    return found


def shown(world: World) -> Pledge:
    pledge = evidence(world).pledge
    assert pledge is not None
    return pledge


def findings(world: World) -> list[pledge_records.Finding]:
    with world.database.snapshot() as reader:
        return pledge_records.findings(reader, 1)


@pytest.fixture
def labelled(furnished: World) -> World:
    furnished.issue()
    return furnished


def test_labels_say_it_at_once_with_the_finding_and_the_reply(labelled: World) -> None:
    assert (shown(labelled).state, shown(labelled).findings) == (PledgeState.IN_FORCE, ())
    since = labelled.clock()
    upholding.declare_breach(labelled.desk, 1, "监督抽检两次不合格")
    assert shown(labelled).state is PledgeState.BREACHED
    assert shown(labelled).findings == (Finding("监督抽检两次不合格", since),)
    labelled.clock.pass_ms(60_000)
    upholding.reply(labelled.desk, 1, "已整改")
    assert shown(labelled).findings == (Finding("监督抽检两次不合格", since, "已整改", since + 60_000),)


def test_it_is_said_past_the_pledges_dates(labelled: World) -> None:
    upholding.declare_breach(labelled.desk, 1, "f")
    labelled.clock.pass_days(400)
    assert shown(labelled).state is PledgeState.BREACHED


def test_in_json(labelled: World) -> None:
    upholding.declare_breach(labelled.desk, 1, "f")
    upholding.reply(labelled.desk, 1, "r")
    verdict = labelled.verifier().verify(labelled.text(1))
    told = to_json(verdict)["evidence"]["pledge"]
    assert (told["state"], told["certificate"]) == ("breached", "QM2026-00000001-Y")
    at = told["findings"][0]["since"]
    assert told["findings"] == [{"text": "f", "since": at, "reply": "r", "replied": at}]
    assert json.loads(to_text(verdict)) == to_json(verdict)


class TestReplies:
    def test_once(self, labelled: World) -> None:
        upheld = upholding.declare_breach(labelled.desk, 1, "f")
        assert upholding.reply(labelled.desk, 1, "r").finding_id == upheld.finding_id
        before = labelled.dump()
        with pytest.raises(ActRefused, match=f"finding {upheld.finding_id}: expected one without a reply, it has one"):
            upholding.reply(labelled.desk, 1, "again")
        with pytest.raises(ActRefused, match="expected one without a reply"):
            upholding.reply(labelled.desk, 1, "again", upheld.finding_id)
        assert labelled.dump() == before

    def test_once_to_each_finding(self, labelled: World) -> None:
        ids = [upholding.declare_breach(labelled.desk, 1, text).finding_id for text in ("f", "g")]
        with pytest.raises(
            ActRefused, match=f"expected one of its findings to be named, {ids[0]}, {ids[1]}"
        ) as refused:
            upholding.reply(labelled.desk, 1, "r")
        assert refused.value.field == "finding"
        upholding.reply(labelled.desk, 1, "to g", ids[1])
        assert upholding.reply(labelled.desk, 1, "to f").finding_id == ids[0], "the one that awaits it"
        assert [(finding.text, finding.reply) for finding in shown(labelled).findings] == [("f", "to f"), ("g", "to g")]

    @pytest.mark.parametrize(("text", "message"), [(" ", "got 0"), ("x" * 2_001, "1 to 2,000 characters, got 2,001")])
    def test_what_is_none(self, labelled: World, text: str, message: str) -> None:
        upholding.declare_breach(labelled.desk, 1, "f")
        with pytest.raises(ActRefused, match=message):
            upholding.reply(labelled.desk, 1, text)

    def test_to_nothing(self, labelled: World) -> None:
        number = labelled.application(2, "breached")
        other = upholding.declare_breach(labelled.desk, 1, "f").finding_id
        for finding in ("none", other):
            with pytest.raises(
                ActRefused, match=f"pledge {number}: expected a finding that stands, '{finding}' is none"
            ):
                upholding.reply(labelled.desk, number, "r", finding)


class TestClearing:
    def test_the_pledge_is_published_again_and_the_finding_stays_in_its_history(self, labelled: World) -> None:
        upholding.declare_breach(labelled.desk, 1, "f")
        upholding.reply(labelled.desk, 1, "r")
        labelled.clock.pass_ms(5)
        assert upholding.clear(labelled.desk, 1, "样品来自他厂").pledge.state == "published"
        assert (shown(labelled).state, shown(labelled).findings) == (PledgeState.IN_FORCE, ())
        (kept,) = findings(labelled)
        assert (kept.content, kept.reply, kept.closing, kept.closed_ms) == ("f", "r", "样品来自他厂", labelled.clock())
        assert labelled.issue().pledge == 1
        with pytest.raises(ActRefused, match="pledge 1: expected it to be breached, it is published"):
            upholding.reply(labelled.desk, 1, "late")

    def test_one_of_two(self, labelled: World) -> None:
        first, second = (upholding.declare_breach(labelled.desk, 1, text).finding_id for text in ("f", "g"))
        with pytest.raises(ActRefused, match="expected one of its findings to be named"):
            upholding.clear(labelled.desk, 1, "r")
        assert upholding.clear(labelled.desk, 1, "r", first).pledge.state == "breached"
        assert [finding.text for finding in shown(labelled).findings] == ["g"]
        with pytest.raises(ActRefused, match=f"expected a finding that stands, '{first}' is none"):
            upholding.clear(labelled.desk, 1, "r", first)
        assert upholding.clear(labelled.desk, 1, "r").finding_id == second
        assert shown(labelled).state is PledgeState.IN_FORCE

    def test_found_again_afterwards(self, labelled: World) -> None:
        upholding.declare_breach(labelled.desk, 1, "f")
        upholding.clear(labelled.desk, 1, "r")
        upholding.declare_breach(labelled.desk, 1, "g")
        assert [finding.text for finding in shown(labelled).findings] == ["g"]
        assert [finding.is_open for finding in findings(labelled)] == [False, True]


def test_a_page_shows_so_many_findings_at_most(labelled: World) -> None:
    for at in range(pledge_records.MAX_SHOWN + 2):
        upholding.declare_breach(labelled.desk, 1, f"f{at}")
    assert [finding.text for finding in shown(labelled).findings] == [f"f{at}" for at in range(8)]


def test_everything_of_one_pledge(labelled: World) -> None:
    labelled.campaign()
    number = labelled.application(2, "returned")
    pledging.answer(labelled.desk, number, "a")
    pledging.accept(labelled.desk, number)
    pledging.sign(labelled.desk, number, labelled.signature())
    pledging.publish(labelled.desk, number)
    upholding.declare_breach(labelled.desk, number, "f")
    with labelled.database.snapshot() as reader:
        found = pledge_records.file_of(reader, number)
        assert pledge_records.file_of(reader, 99) is None
    assert found is not None
    assert (found.pledge.state, found.pledge.campaign_id) == ("breached", CAMPAIGN)
    assert [note.kind for note in found.notes] == ["question", "answer"]
    assert [signature.title for signature in found.signatures] == ["总经理"]
    assert [finding.content for finding in found.findings] == ["f"]
