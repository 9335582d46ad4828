"""`traceqr recall`: from a file with all words, through progress, to the end; by two where two must agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.chain import Chain, labels
from support.chain_scenarios import LEAVES
from support.program import Program
from support.staff import admitted
from support.world import ASSOCIATION, World, gtin, uscc

from traceqr import seconding
from traceqr.access import Role

EXAMPLE = (Path(__file__).parents[3] / "docs" / "examples" / "recall.toml").read_text(encoding="utf-8")
HERE = EXAMPLE.replace("06999905500019", str(gtin()))


@pytest.fixture
def file(tmp_path: Path, shop: World) -> Path:
    """A recall of a lot that there is."""
    shop.issue(20, lot="20260915-A2")
    path = tmp_path / "recall.toml"
    path.write_text(HERE, encoding="utf-8")
    return path


def test_from_the_first_word_to_the_last(program: Program, shop: World, file: Path) -> None:
    opened = program.json("recall", "issue", file)
    assert (opened["lot"], opened["batch"]) == ("20260915-A2", None)
    told = program.json("recall", "show", opened["id"])
    assert (told["class"], told["labels"], told["texts"]["en"]["hazard"][:10]) == (2, 20, "Some packs")
    assert "lot 20260915-A2" in program.good("notice", "list")
    stated = program.json(
        "recall", "progress", opened["id"], "--recovered", 9, "--destroyed", 4, "--tell-reach", "--remark", "门店已下架"
    )
    assert stated["reached"] == 0
    shown = program.good("recall", "show", opened["id"])
    for words in ("部分包装封口不严", "9 taken back, 4 destroyed. 门店已下架", "class       2", "labels      20"):
        assert words in shown
    assert "expected recovered from 0 to 20" in program.refused(
        "recall", "progress", opened["id"], "--recovered", 21, "--destroyed", 4
    )
    program.good("recall", "lift", opened["id"], "--reason", "全部收回", "--outcome", "completed")
    assert "is none" in program.refused("recall", "lift", opened["id"], "--reason", "x")
    (row,) = program.json("recall", "list", "--state", "lifted")
    assert (row["id"], row["outcome"], row["closing"]) == (opened["id"], "completed", "全部收回")
    assert program.json("recall", "list", "--state", "open") == []
    assert "ended" in program.good("recall", "show", opened["id"])
    assert program.json("check")["whole"]


def test_a_reason_alone_does_still(program: Program, shop: World, file: Path) -> None:
    opened = program.json("batch", "recall", 1, "--last", 4, "--reason", "too hot")
    told = program.json("recall", "show", opened["id"])
    assert told["texts"] == {"zh-Hans": {"hazard": "too hot", "advice": None, "contact": None}}
    assert "expected the id of a recall" in program.refused("recall", "show", "none")
    hold = program.json("batch", "hold", 1, "--reason", "x")
    assert "expected the id of a recall" in program.refused("recall", "lift", hold["id"], "--reason", "x")


def test_ordered_by_an_organisation(program: Program, shop: World, file: Path) -> None:
    file.write_text(f'ordered_by = "{ASSOCIATION}"\n{HERE}', encoding="utf-8")
    told = program.json("recall", "show", program.json("recall", "issue", file)["id"])
    assert told["ordered_by_zh"] == ASSOCIATION
    file.write_text(f'ordered_by = "无"\n{HERE}', encoding="utf-8")
    assert "expected the Chinese name of an enrolled organisation" in program.refused("recall", "issue", file)


def test_of_an_unknown_lot(program: Program, shop: World, file: Path) -> None:
    file.write_text(HERE.replace("20260915-A2", "L9"), encoding="utf-8")
    assert "expected a lot that a batch of" in program.refused("recall", "issue", file)


def test_takes_two(program: Program, shop: World, file: Path) -> None:
    operator = admitted(shop, Role.OPERATOR).identity
    said = program.run("recall", "issue", file, TRACEQR_SECOND_PERSON="needed")
    assert said.stdout.startswith("proposed, not done: lot.recall of product:")
    proposal = said.stdout.split()[-1]
    seconding.second(shop.desk, proposal, operator)
    file.write_text(HERE.replace("class = 2", "class = 3"), encoding="utf-8")
    again = ("recall", "issue", file, "--proposal", proposal)
    assert "as was agreed to" in program.refused(*again, TRACEQR_SECOND_PERSON="needed")
    file.write_text(HERE, encoding="utf-8")
    assert program.run(*again, TRACEQR_SECOND_PERSON="needed").exit_code == 0
    assert shop.acts()[-2:] == ["proposal.carry_out", "lot.recall"]


def test_of_a_material_that_nobody_has_claimed(program: Program, shop: World) -> None:
    batch = shop.issue(10)
    Chain(shop).made([labels(batch, 0, 3)], [LEAVES])
    given = ("--gtin", LEAVES.gtin, "--lot", LEAVES.qualifier, "--name", "鲜叶", "--reason", "农残超标")
    assert "USCC of an enrolled enterprise" in program.refused("material", "recall", *given, "--uscc", uscc(9))
    named = (*given, "--uscc", uscc())
    assert "expected the Chinese name" in program.refused("material", "recall", *named, "--ordered-by", "无")
    opened = program.json("material", "recall", *named, "--ordered-by", ASSOCIATION)
    assert f"what was made of 鲜叶, GTIN {LEAVES.gtin}" in program.good("notice", "list")
    assert "made of it  4 of 1 batches" in program.good("recall", "show", opened["id"])
    assert program.json("recall", "show", opened["id"])["labels_made_of_it"] == 4
    assert "lifted" in program.good("material", "lift", opened["id"], "--reason", "x")
    assert program.json("check")["whole"]
