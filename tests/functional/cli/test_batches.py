"""What becomes of labels: print, activate, hold, recall, void; and verify, which tells."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.program import Program
from support.world import World, gtin, viewer

from traceqr.label.format import Label
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.terminal import to_terminal


@pytest.fixture
def batch(program: Program, shop: World) -> int:
    issued = program.json("batch", "issue", "--gtin", gtin(), "--count", 20, "--pledge", 1, "--lot", "L-7")
    return int(issued["number"])


@pytest.fixture
def texts(program: Program, batch: int) -> list[str]:
    lines = program.good("batch", "labels", batch, "--format", "csv").splitlines()
    return [line.partition(",")[0] for line in lines[1:]]


def code(program: Program, text: str) -> str:
    """The verdict, after checking that the exit code goes with it."""
    result = program.run("verify", "--json", text)
    verdict: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (0 if verdict["code"] in ("genuine", "seen") else 1)
    return str(verdict["code"])


def test_the_life_of_labels(program: Program, batch: int, texts: list[str]) -> None:
    assert len(texts) == 20
    assert code(program, texts[0]) == "inactive"
    changed = program.json("batch", "activate", batch, "--last", 9, "--reason", "shipped")
    assert changed == {"batch": batch, "first": 0, "last": 9, "labels": 10}
    assert [code(program, texts[at]) for at in (0, 9, 10)] == ["genuine", "genuine", "inactive"]
    assert program.good("batch", "activate", batch, "--reason", "shipped") == (
        f"activated: 10 labels among 0 to 19 of batch {batch}\n"
    )
    hold = program.json("batch", "hold", batch, "--first", 2, "--last", 3, "--reason", "under test")
    recall = program.json("batch", "recall", batch, "--first", 3, "--reason", "too hot")
    assert [code(program, texts[at]) for at in (1, 2, 3)] == ["genuine", "held", "recalled"]
    assert [notice["id"] for notice in program.json("notice", "list")] == [recall["id"], hold["id"]]
    assert f"batch {batch}, labels 2 to 3" in program.good("notice", "list")
    assert program.good("batch", "lift", recall["id"], "--reason", "safe").startswith(f"lifted: recall {recall['id']}")
    assert [code(program, texts[at]) for at in (1, 2, 4)] == ["genuine", "held", "genuine"]
    program.json("batch", "void", batch, "--first", 4, "--reason", "misprint", "--yes")
    assert [code(program, texts[at]) for at in (2, 3, 4)] == ["held", "held", "void"]
    assert "expected labels that are issued" in program.refused("batch", "activate", batch, "--reason", "x")


def test_holds_and_recalls_of_a_product(program: Program, texts: list[str]) -> None:
    opened = program.json("product", "recall", gtin().trade, "--reason", "too hot")
    assert (opened["gtin"], opened["batch"]) == (gtin().digits, None)
    assert code(program, texts[0]) == "recalled"
    program.json("product", "lift", opened["id"], "--reason", "safe")
    assert code(program, texts[0]) == "inactive"
    said = program.good("product", "hold", gtin().trade, "--reason", "under test")
    assert f"over product {gtin()}\nto end it: traceqr product lift " in said
    assert "expected the GTIN of an enrolled product" in program.refused("product", "hold", gtin(99), "--reason", "x")
    assert "expected the id of an open hold or recall" in program.refused("product", "lift", "none", "--reason", "x")


def test_an_active_batch(program: Program, shop: World) -> None:
    program.good("batch", "issue", "--gtin", gtin(), "--count", 1, "--active")
    text = program.good("batch", "labels", 1, "--format", "csv").splitlines()[1].partition(",")[0]
    assert code(program, text) == "genuine"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--count", 0), "expected a count from 1 to 100,000,000, got 0"),
        (("--count", 100_000_001), "expected a count from 1 to 100,000,000"),
        (("--count", 1, "--pledge", 9), "expected the number of a pledge, 9 is none"),
        (("--count", 1, "--lot", "x" * 65), "expected a lot of 1 to 64"),
        (("--count", 1, "--produced-on", "2026-09-02", "--expires-on", "2026-09-01"), "expected an expiry date from"),
    ],
)
def test_batches_that_are_refused(program: Program, shop: World, options: tuple[object, ...], message: str) -> None:
    assert message in program.refused("batch", "issue", "--gtin", gtin(), *options)


def test_acts_on_what_is_not_there(program: Program, shop: World, batch: int) -> None:
    for act in (("activate",), ("hold",), ("recall",), ("void", "--yes")):
        call = ("batch", *act, "--reason", "x")
        assert "expected the number of a batch, 9 is none" in program.refused(*call, 9)
        assert "expected labels within 0 to 19" in program.refused(*call, batch, "--last", 20)
        said = program.refused(*call, batch, "--first", 15, "--last", 12)
        assert said.endswith("expected labels within 0 to 19, got 15 to 12: the range is the wrong way round\n")
        assert "wrong way round" not in program.refused(*call, batch, "--first", 20)


def test_a_batch_shown(program: Program, batch: int) -> None:
    program.good("batch", "activate", batch, "--last", 3, "--reason", "shipped")
    program.good("batch", "activate", batch, "--first", 4, "--last", 9, "--reason", "shipped too")
    hold = program.json("batch", "hold", batch, "--first", 8, "--last", 11, "--reason", "under test")
    recall = program.json("batch", "recall", batch, "--first", 9, "--last", 9, "--reason", "too hot")
    program.good("batch", "void", batch, "--first", 11, "--last", 12, "--reason", "misprint", "--yes")
    shown = program.json("batch", "show", batch)
    stretches = [(each["first"], each["last"], each["labels"], each["state"], each["life"]) for each in shown["spans"]]
    assert stretches == [
        (0, 7, 8, "active", "active"),
        (8, 8, 1, "held", "active"),
        (9, 9, 1, "recalled", "active"),
        (10, 10, 1, "held", "issued"),
        (11, 12, 2, "void", "void"),
        (13, 19, 7, "issued", "issued"),
    ]
    assert shown["states"] == {"active": 8, "held": 2, "recalled": 1, "void": 2, "issued": 7}
    assert [notice["id"] for notice in shown["notices"]] == [recall["id"], hold["id"]]
    assert (shown["number"], shown["count"], shown["lot"], shown["pledge"]) == (batch, 20, "L-7", 1)
    assert (shown["gtin"], shown["name_zh"], shown["enterprise_zh"]) == (gtin().digits, "绿茶1", "第1茶业有限公司")
    text = program.good("batch", "show", batch)
    for words in (f"batch {batch}\n", "20: 8 active, 2 held, 1 recalled, 2 void, 7 issued", "绿茶1", "too hot", "L-7"):
        assert words in text


def test_a_batch_shown_under_notices_of_its_product(program: Program, batch: int) -> None:
    assert "no hold or recall is open over it" in program.good("batch", "show", batch)
    program.good("batch", "void", batch, "--first", 19, "--reason", "misprint", "--yes")
    held = program.json("product", "hold", gtin(), "--reason", "under test")
    assert program.json("batch", "show", batch)["states"] == {"held": 19, "void": 1}
    program.json("product", "recall", gtin(), "--reason", "too hot")
    program.json("batch", "issue", "--gtin", gtin(), "--count", 1)
    program.json("batch", "hold", batch + 1, "--reason", "another batch")
    shown = program.json("batch", "show", batch)
    assert shown["states"] == {"recalled": 19, "void": 1}
    assert [notice["kind"] for notice in shown["notices"]] == ["recall", "hold"]
    assert shown["notices"][1]["id"] == held["id"]
    assert "expected the number of a batch, 9 is none" in program.refused("batch", "show", 9)


# --- verify


def test_a_verdict_for_people(program: Program, batch: int, texts: list[str]) -> None:
    program.good("batch", "activate", batch, "--reason", "shipped")
    program.good("batch", "recall", batch, "--reason", "too hot")
    result = program.run("verify", texts[0])
    assert result.exit_code == 1
    for words in ("RECALLED  召回", "绿茶1", "第1茶业有限公司", "L-7", "质量月, in-force", "too hot", "qr.example.org"):
        assert words in result.stdout


def test_how_often_it_was_seen(program: Program, shop: World, batch: int, texts: list[str]) -> None:
    program.good("batch", "activate", batch, "--reason", "shipped")
    told = []
    for device in ("one", "two", "three"):
        told.append(re.findall(r"^  seen  +(.*?)(?:, first 20.*)?$", program.good("verify", texts[0]), re.MULTILINE))
        shop.verifier().scan(texts[0], viewer(device))
    assert told == [["never"], ["once"], ["2 times"]]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nsecond line"])
def test_one_line_from_standard_input(program: Program, texts: list[str], end: str) -> None:
    result = program.run("verify", "-", "--json", stdin=f"{texts[0]}{end}")
    assert json.loads(result.stdout)["code"] == "inactive"


@pytest.mark.parametrize("text", ["", " ", "x", "\x1b[2J", "x" * 5000, "码"])
def test_texts_that_are_no_label(program: Program, shop: World, text: str) -> None:
    assert code(program, text) == "forged"
    result = program.run("verify", text)
    assert "FORGED  伪码" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\0", b"x" * 200_000])
def test_input_that_is_no_label(program: Program, shop: World, text: bytes) -> None:
    result = program.run("verify", "-", "--json", stdin=text)
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "forged")


def test_an_altered_digit(program: Program, texts: list[str]) -> None:
    altered = texts[0][:-1] + str((int(texts[0][-1]) + 1) % 10)
    assert code(program, altered) == "forged"


def test_without_a_registry_nothing_good_is_said(program: Program, batch: int, texts: list[str]) -> None:
    program.good("batch", "activate", batch, "--reason", "shipped")
    result = program.run("verify", texts[0], "--json", TRACEQR_DATABASE=f"sqlite:///{program.root / 'none.db'}")
    assert result.exit_code == 1
    assert result.stderr.startswith("traceqr: expected a registry at ")
    verdict = json.loads(result.stdout)
    assert (verdict["code"], verdict["reason"]) == ("unchecked", "registry-unreachable")
    result = program.run("verify", "x", "--json", TRACEQR_DATABASE=f"sqlite:///{program.root / 'none.db'}")
    assert json.loads(result.stdout)["code"] == "forged"


def test_a_foreign_host(program: Program, batch: int, texts: list[str]) -> None:
    program.good("batch", "activate", batch, "--reason", "shipped")
    result = program.run("verify", texts[0], TRACEQR_ORIGIN="https://qr.other.example")
    assert result.exit_code == 1
    assert "SUSPECT  存疑" in result.stdout
    assert "qr.example.org, which is not an official host" in result.stdout


def test_a_photo(program: Program, texts: list[str]) -> None:
    path = program.root / "label.png"
    path.write_bytes(to_png(encode(Label.parse(texts[0]))))
    result = program.run("verify", "--image", path, "--json")
    verdict = json.loads(result.stdout)
    assert (verdict["code"], verdict["label"]["text"]) == ("inactive", texts[0])


def test_photos_that_are_none(program: Program, shop: World) -> None:
    assert "expected a JPEG, PNG" in program.refused("verify", "--image", program.file("a.png", "text"))
    large = program.root / "large.png"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    assert "expected at most 10485760 bytes" in program.refused("verify", "--image", large)
    assert "expected either TEXT or --image" in program.refused("verify", "x", "--image", large, code=2)


def test_a_symbol_on_the_terminal(program: Program, texts: list[str]) -> None:
    assert program.good("symbol", texts[0]) == to_terminal(encode(Label.parse(texts[0])))
    assert "expected https://HOST/01/GTIN" in program.refused("symbol", "x")
