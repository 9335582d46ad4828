"""Events that an enterprise asks for, on both backends: each way to find them, in each order, page by page."""

from __future__ import annotations

import pytest
from support.chain import Chain, item, labels, sscc
from support.staff import enterprise_id
from support.world import World, gtin

from traceqr import asking
from traceqr.chain import seeking
from traceqr.epcis.query import EventQuery, from_query_string
from traceqr.registry import trace_search
from traceqr.tracing.event import Action, EventKind, Mention, Part
from traceqr.tracing.thing import Thing

PLACE = "414/6901234000009"
LOT = Thing.lot(str(gtin()), "L1")


@pytest.fixture
def chain(furnished: World) -> Chain:
    furnished.enterprise(2)
    chain = Chain(furnished)
    batch = furnished.issue(10)
    chain.packed(sscc(1), labels(batch, 0, 4), read_point=PLACE, location=PLACE)
    chain.made([LOT], [Thing.parse("uri/urn:x:leaves")], transformation="urn:x:making:1")
    mention = Mention("transaction", "po", "urn:x:po:1")
    chain.state(
        chain.event(EventKind.OBJECT, Action.OBSERVE, item(Part.OBJECT, sscc(1)), step="shipping", mentions=(mention,))
    )
    chain.packed(sscc(2), sscc(1), by=2)
    return chain


def found(chain: Chain, query: EventQuery, by: int = 1) -> list[str]:
    """The steps of what is found, page after page."""
    steps: list[str] = []
    mark = None
    while True:
        with chain.world.database.snapshot() as reader:
            page = seeking.search(reader, enterprise_id(chain.world, by), query, mark)
        steps += [telling.event.step for telling in page.events]
        mark = page.next
        if mark is None:
            return steps


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("", ["commissioning", "packing", "commissioning", "shipping"]),
        ("orderBy=recordTime", ["commissioning", "packing", "commissioning", "shipping"]),
        ("EQ_bizStep=packing,shipping", ["packing", "shipping"]),
        ("EQ_readPoint=urn:epc:id:sgln:6901234.00000.0", ["packing"]),
        ("WD_bizLocation=https://id.gs1.org/414/6901234000009", ["packing"]),
        ("eventType=TransformationEvent", ["commissioning"]),
        ("EQ_transformationID=urn:x:making:1", ["commissioning"]),
        ("EQ_bizTransaction_po=urn:x:po:1", ["shipping"]),
        ("MATCH_epcClass=urn:x:nothing", []),
        ("MATCH_inputEPCClass=urn:x:leaves", []),
        ("MATCH_inputEPC=urn:x:leaves", ["commissioning"]),
        (f"MATCH_outputEPCClass=https://id.gs1.org/01/{gtin()}/10/L1", ["commissioning"]),
        (f"MATCH_epc=https://id.gs1.org/01/{gtin()}/21/0000000100000004", ["commissioning", "packing"]),
        (f"MATCH_epc=https://id.gs1.org/01/{gtin()}/21/0000000100000005", ["commissioning"]),
        (f"MATCH_epc=https://id.gs1.org/01/{gtin()}", ["commissioning", "packing"]),
        ("EQ_eventID=https://events.example/3", ["shipping"]),
        ("GE_eventTime=2999-01-01T00:00:00Z", []),
    ],
)
def test_each_way(chain: Chain, query: str, steps: list[str]) -> None:
    ordered = "&orderDirection=" if query else "orderDirection="
    ascending = from_query_string(f"{query}{ordered}ASC&perPage=1")
    assert found(chain, ascending) == steps
    assert found(chain, from_query_string(f"{query}{ordered}DESC&perPage=2")) == steps[::-1]


def test_of_others_by_thing(chain: Chain) -> None:
    case = f"MATCH_anyEPC=https://id.gs1.org/00/{sscc(1).key}"
    assert found(chain, from_query_string(case), by=2) == ["packing"]
    assert found(chain, from_query_string(case)) == ["shipping", "packing"]


def test_what_came_since(chain: Chain) -> None:
    with chain.world.database.snapshot() as reader:
        mark = asking.read_mark(asking.spelled(seeking.here(reader)))
    chain.seen(sscc(1), step="arriving")
    chain.world.clock.pass_ms(1)
    chain.world.issue(1)
    query = from_query_string("orderBy=recordTime&orderDirection=ASC")
    with chain.world.database.snapshot() as reader:
        page = seeking.search(reader, enterprise_id(chain.world), query, seeking.since(reader, mark))
    assert [telling.event.step for telling in page.events] == ["arriving", "commissioning"]


def test_values(chain: Chain) -> None:
    owner = enterprise_id(chain.world)
    with chain.world.database.snapshot() as reader:
        assert trace_search.values(reader, owner, "step", 10, own=True) == ["commissioning", "packing", "shipping"]
        assert trace_search.values(reader, owner, "location", 10, own=False) == [PLACE]
        assert trace_search.values(reader, owner, "step", 2, own=True) == ["commissioning", "packing"]
