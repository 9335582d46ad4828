"""Addresses of products by the digits that stand under a bar code."""

from __future__ import annotations

import pytest
from stdnum import ean

from tests.unit.web.office.conftest import Offices
from tests.unit.web.world import GREEN_TEA
from traceqr.access import Role

CONSOLE = "/console/products"


@pytest.mark.parametrize("rest", ["", "/places", "/places.csv", "/places.json"])
def test_thirteen_digits_lead_to_fourteen(offices: Offices, rest: str) -> None:
    answer = offices.as_(Role.CLERK).get(f"{CONSOLE}/{GREEN_TEA.trade}{rest}?weeks=4")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{CONSOLE}/{GREEN_TEA}{rest}?weeks=4")


def test_in_the_console_of_an_association_too(offices: Offices) -> None:
    answer = offices.as_(Role.OFFICER).get(f"/association/products/{GREEN_TEA.trade}/places")
    assert answer.headers["Location"] == f"/association/products/{GREEN_TEA}/places"


@pytest.mark.parametrize("body", ["6901234", "69012340001"])
def test_eight_and_twelve_digits(offices: Offices, body: str) -> None:
    digits = body + ean.calc_check_digit(body)
    answer = offices.as_(Role.CLERK).get(f"{CONSOLE}/{digits}")
    assert answer.headers["Location"] == f"{CONSOLE}/{digits.zfill(14)}"


@pytest.mark.parametrize("digits", ["690123400002", "6901234000017", "69012340000160000", "x"])
def test_what_is_no_gtin_is_not_there(offices: Offices, digits: str) -> None:
    assert offices.as_(Role.CLERK).get(f"{CONSOLE}/{digits}/places").status_code == 404


def test_the_gtin_of_the_address_and_no_other(offices: Offices) -> None:
    answer = offices.as_(Role.CLERK).get(f"{CONSOLE}/{GREEN_TEA.trade}?gtin=1&_external=1&_anchor=x")
    assert answer.headers["Location"] == f"{CONSOLE}/{GREEN_TEA}?gtin=1&_external=1&_anchor=x"


def test_strangers_are_led_to_the_door(offices: Offices) -> None:
    answer = offices.as_(Role.OFFICER).get(f"{CONSOLE}/{GREEN_TEA.trade}")
    assert GREEN_TEA.digits not in answer.headers["Location"]
