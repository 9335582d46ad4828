"""docs/suspicion.md says what the code weighs by."""

from __future__ import annotations

import re
from pathlib import Path

from traceqr.instant import DAY_MS
from traceqr.registry.scan_book import MANY_LABELS
from traceqr.registry.scan_statements import VISIT_MS
from traceqr.suspicion import bursts
from traceqr.suspicion.trace import FAR_KM, HALF_LIFE_MS, REGION_KM, TOGETHER
from traceqr.suspicion.weighing import THRESHOLD, WEIGHTS
from traceqr.web.whereabouts import MAX_RADIUS_KM

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "suspicion.md").read_text(encoding="utf-8")


def test_the_table_of_weights() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| ([0-9.]+) \| ([0-9.]+) \| ?([0-9.]*) \|$", PAGE, re.MULTILINE)
    told = {sign: (float(each), float(free), float(most or "inf")) for sign, each, free, most in rows}
    assert told == {str(sign): (weight.each, weight.free, weight.most) for sign, weight in WEIGHTS.items()}


def test_the_constants() -> None:
    for words in (
        f"from {THRESHOLD} on the label is suspect",
        f"more than {MANY_LABELS} labels of a batch within {VISIT_MS // DAY_MS} days",
        f"worth half after {HALF_LIFE_MS // DAY_MS} days",
        f"gives {TOGETHER} of that",
        f"within {REGION_KM:.0f} km are one",
        f"more than {FAR_KM:.0f} km away",
        f"at least {bursts.LEAST} scans",
        f"the {bursts.BASE_DAYS} days before",
        f"than {MAX_RADIUS_KM} km says nothing",
    ):
        assert words in " ".join(PAGE.split()), words
