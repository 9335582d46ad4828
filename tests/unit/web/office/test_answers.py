"""What stands on the answers of the consoles, whatever is asked."""

from __future__ import annotations

import pytest

from tests.unit.web.office.conftest import Offices
from traceqr.access import Role

PAGES = ["/account/", "/account/password", "/console/team", "/console/tokens", "/console/none"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_consoles_are_not_stored(offices: Offices, path: str) -> None:
    answer = offices.as_(Role.MANAGER).get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/account/", "/account/sign-in"])
def test_trace_is_not_answered(offices: Offices, path: str) -> None:
    visitor = offices.as_(Role.MANAGER)
    answer = visitor.client.open(path, method="TRACE", headers={"X-Secret": "not-to-be-echoed"})
    assert answer.status_code == 405
    assert "not-to-be-echoed" not in answer.text
