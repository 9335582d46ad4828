"""Recalls from TOML files: what stands in them, and every fault by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from traceqr.activating import Range
from traceqr.importing.fault import ImportRefused
from traceqr.importing.recalls import parse_recall
from traceqr.recalling import Lot, require_whole

EXAMPLE = (Path(__file__).parents[3] / "docs" / "examples" / "recall.toml").read_text(encoding="utf-8")
WORDS = '[zh-Hans]\nhazard = "碎屑"\nadvice = "退回"\ncontact = "质量部"\n'
OF_A_PRODUCT = 'gtin = "6999905500019"\n'


def test_the_example() -> None:
    entry = parse_recall("recall.toml", EXAMPLE)
    assert isinstance(entry.target, Lot)
    assert (str(entry.target.gtin), entry.target.lot) == ("06999905500019", "20260915-A2")
    assert entry.announcement.grade == 2
    assert require_whole(entry.announcement).texts["advice_en"].startswith("Do not drink it.")


@pytest.mark.parametrize(
    ("head", "target"),
    [("batch = 7\n", Range(7)), ("batch = 7\nfirst = 0\nlast = 499\n", Range(7, 0, 499))],
)
def test_labels_of_a_batch(head: str, target: Range) -> None:
    assert parse_recall("x", head + WORDS).target == target


FAULTS: dict[str, tuple[str, list[str]]] = {
    "no TOML": ("hazard: x", [""]),
    "nothing": ("", ["", "zh-Hans"]),
    "both": ('batch = 7\ngtin = "6999905500019"\n' + WORDS, [""]),
    "labels of a product": (OF_A_PRODUCT + "first = 1\n" + WORDS, [""]),
    "a bad GTIN": ('gtin = "6999905500018"\n' + WORDS, ["gtin"]),
    "a GTIN without quotes": ("gtin = 6999905500019\n" + WORDS, ["gtin"]),
    "a batch in quotes": ('batch = "7"\n' + WORDS, ["batch"]),
    "a batch that is true": ("batch = true\n" + WORDS, ["batch"]),
    "an endless number": ("batch = " + "9" * 5_000 + "\n" + WORDS, [""]),
    "a huge number": ("batch = 9999999999\n" + WORDS, ["batch"]),
    "no such class": (OF_A_PRODUCT + "class = 4\n" + WORDS, ["class"]),
    "another key": (OF_A_PRODUCT + "reason = 'x'\n" + WORDS, ["reason"]),
    "no words": (OF_A_PRODUCT, ["zh-Hans"]),
    "words that are no table": (OF_A_PRODUCT + "zh-Hans = 'x'\n", ["zh-Hans"]),
    "half of a language": (OF_A_PRODUCT + WORDS + "[en]\nhazard = 'x'\n", ["en"]),
    "an empty hazard": (OF_A_PRODUCT + WORDS.replace("碎屑", " "), ["zh-Hans.hazard"]),
    "a number for a hazard": (OF_A_PRODUCT + WORDS.replace('"碎屑"', "7"), ["zh-Hans.hazard"]),
    "text turned round": (OF_A_PRODUCT + WORDS.replace("退回", "\u202e退"), ["zh-Hans.advice"]),
    "a long text": (OF_A_PRODUCT + WORDS.replace("质量部", "长" * 201), ["zh-Hans.contact"]),
    "two faults": ("batch = -1\nclass = 9\n" + WORDS, ["batch", "class"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_named(name: str) -> None:
    text, places = FAULTS[name]
    with pytest.raises(ImportRefused) as caught:
        parse_recall("x", text)
    assert sorted(fault.column for fault in caught.value.faults) == sorted(places)
