"""What is wrong with a file, in the words of the reader."""

from __future__ import annotations

import re

import pytest

from tests.unit.web.office.conftest import Offices
from traceqr.importing.fault import Fault
from traceqr.web import fault_words
from traceqr.web.fault_words import EXPECTED, HINTS, Told


def in_chinese(offices: Offices, message: str) -> Told:
    with offices.app.test_request_context("/association/", headers={"Accept-Language": "zh-CN"}):
        (one,) = fault_words.told([Fault(2, "uscc", message, "信用代码")])
    return one


def test_patterns_fill_the_places_of_their_words() -> None:
    for pattern, words in (*EXPECTED, *HINTS):
        groups = set(re.compile(pattern).groupindex) - {"came"}
        assert set(re.findall(r"%\((\w+)\)s", words)) <= groups, pattern


def test_each(offices: Offices) -> None:
    for message, expected, came, hint in (
        ("expected a value, got an empty cell", "非空内容", "空", ""),
        (
            "expected a unified social credit code of 18 characters, got '6.9E+17' with 7; Excel has shortened a long"
            " number: format the column as text (文本) and enter it anew",
            "18 个字符",
            "6.9E+17",
            "Excel 已将长数字改写为科学记数：请将该列设为文本格式后重新录入。",
        ),
        (
            "expected check character 'X' at the end of unified social credit code '91330106MA2DEMXA17', got '7': one"
            " of its characters is mistyped",
            "末位应为 X；若末位无误，则另有字符录入有误",
            "91330106MA2DEMXA17",
            "",
        ),
        (
            "expected an enterprise within region 330000, one's own, got one of 110105, where it is enrolled",
            "本机构辖区 330000 内的企业",
            "110105",
            "",
        ),
        ("expected at most 20,000,000 bytes, got more", "不超过 20,000,000 字节", "更多", ""),
        ("expected a date from 2000 to 2199, got '1999-01-01'", "2000 年至 2199 年之间的日期", "1999-01-01", ""),
        ("expected a region of 6 digits (GB/T 2260), got 'a\\'b'", "6 位行政区划代码（GB/T 2260）", "a'b", ""),
        ("expected text without control characters, got '\\u202e'", "不含控制字符的文本", "\\u202e", ""),
        ("nobody thought of <this>", "nobody thought of <this>", "空", ""),
    ):
        assert in_chinese(offices, message) == Told(2, "uscc (信用代码)", expected, came, hint), message


@pytest.mark.parametrize("text", ["'", "'\\", "'" * 99, "\\'" * 99, "'(" + "[" * 500 + "'"])
def test_what_came_is_never_run(offices: Offices, text: str) -> None:
    assert isinstance(in_chinese(offices, f"expected one line, got {text}").came, str)
