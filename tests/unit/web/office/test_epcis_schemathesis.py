"""Requests that are made up from the document of the interface: whatever is sent, nothing breaks on our side."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from support.epcis import document_of

from tests.unit.web.office.conftest import Offices
from tests.unit.web.office.test_epcis import CONTROLS, partner, stated

EXAMPLES = 5
"""Of each operation."""


def test_nothing_breaks(offices: Offices) -> None:
    """No answer is a 5xx but the 501 that says what is left out, and each refusal is a problem document."""
    who = partner(offices)
    who.capture(document_of([stated(number) for number in range(3)]))
    who.post("/queries", {"name": "0", "query": {}})
    who.post("/queries/0/subscriptions", CONTROLS)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", offices.app).include(path_regex="^/epcis/")
    told: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def sent(case: schemathesis.Case) -> None:
            offices.world.time.pass_ms(1_000)
            answer = case.call(headers={"Authorization": f"Bearer {who.secret}"})
            told.setdefault(case.operation.label, set()).add(answer.status_code)
            assert answer.status_code < 500 or answer.status_code == 501, (case.method, case.formatted_path)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"]

        sent()
    assert len(told) > 25
    reached = [label for label, statuses in told.items() if min(statuses) < 300]
    assert len(reached) > 8, told
