"""Refusals that an ordinary mistake leads to, in the words of the reader."""

from __future__ import annotations

import re
from datetime import date

import pytest
from support.staff import PASSWORD, invited
from support.world import gtin

from tests.unit.web.office.conftest import Offices
from traceqr import admitting, claiming, issuing, licensing, pledging
from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.admitting import Newcomer
from traceqr.issuing import Order
from traceqr.label.host import Origin
from traceqr.web.refusals import WORDS, worded

ORIGIN = Origin.parse("https://qr.example.org")


def in_chinese(offices: Offices, message: str) -> str:
    with offices.app.test_request_context("/account/", headers={"Accept-Language": "zh-CN"}):
        return worded(message)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda o: _issue(o, count=0), "请输入 1 至 100,000,000 之间的标签数量。"),
        (lambda o: _issue(o, lot="x" * 65), "生产批号不得超过 64 个字符。"),
        (
            lambda o: _issue(o, produced_on=date(2026, 2, 1), expires_on=date(2026, 1, 1)),
            "有效期早于生产日期。",
        ),
        (lambda o: _issue(o, pledge=99), "该内容已不存在。"),
        (lambda o: _issue(o, gtin=gtin(77)), "该内容已不存在。"),
        (lambda o: licensing.suspend_licence(o.world.desk, 9, "r"), "该内容已不存在。"),
        (lambda o: pledging.accept(o.world.desk, 1), "倡议承诺 1 的当前状态不允许此操作。"),
        (lambda o: claiming.refuse_claim(o.world.desk, _claim(o), "质量检验协会（测试）", "r"), "该事项已有决定。"),
        (lambda o: _admit(o, password="password1234"), "此密码过于常见，请另选一个。"),
        (lambda o: _admit(o, login="nobody"), "请输入邮箱或手机号。"),
        (lambda o: _admit(o, password="short"), "密码至少须有 10 个字符。"),
    ],
)
def test_each(offices: Offices, act: object, words: str) -> None:
    with pytest.raises(ActRefused) as caught:
        act(offices)  # type: ignore[operator]
    assert in_chinese(offices, str(caught.value)) == words, str(caught.value)


def _issue(offices: Offices, **changes: object) -> object:
    given = {"gtin": gtin(56_789), "count": 5, "origin": ORIGIN, **changes}
    return issuing.issue(offices.world.desk, Order(**given))  # type: ignore[arg-type]


def _claim(offices: Offices) -> str:
    return str(offices.world.base.one("SELECT id FROM gtin_claim")["id"])


def _admit(offices: Offices, **changes: str) -> object:
    given = {"login": "new@firm.example", "name": "新人", "password": PASSWORD, **changes}
    return admitting.admit(offices.world.desk, invited(offices.world.base, Role.CLERK), Newcomer(**given))


def test_what_has_no_words_is_shown_as_it_is(offices: Offices) -> None:
    assert in_chinese(offices, "nobody thought of <this>") == "操作未被接受：nobody thought of <this>"


def test_patterns_fill_the_places_of_their_words() -> None:
    for pattern, words in WORDS:
        groups = set(re.compile(pattern).groupindex)
        assert set(re.findall(r"%\((\w+)\)s", words)) <= groups, pattern
