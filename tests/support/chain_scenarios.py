"""The use cases of traceability, done once each; and a chain with something of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.chain import Chain, item, labels, sscc
from support.staff import enterprise_id, organisation_id
from support.world import World, gtin

from traceqr import asking, recalling
from traceqr.asking import Controls
from traceqr.chain import allocating, arranging, capturing
from traceqr.label.gtin import Gtin
from traceqr.recalling import Announcement, Material
from traceqr.registry import capture_jobs
from traceqr.registry.batches import Batch
from traceqr.registry.capture_jobs import CaptureJob
from traceqr.registry.locations import Location
from traceqr.registry.materials import MaterialName
from traceqr.tracing.event import Action, Audience, Declaration, Event, EventKind, Mention, Part
from traceqr.tracing.thing import Thing
from traceqr.webhook import WebhookSeal

GLN = "414/6901234000009"


def location(world: World, key: str = GLN, **changes: str) -> Location:
    """A place of the first enterprise."""
    said = {"kind": "factory", "name_zh": "一号茶厂", "name_en": "Tea factory 1", "region": "330100"}
    said |= {"address": "示例路 1 号"}
    return Location(**{"key": key, "enterprise_id": enterprise_id(world), **said, **changes})


def _second(world: World) -> None:
    world.furnish().enterprise(2)


def _named(world: World) -> None:
    _second(world)
    arranging.name_partner(world.desk, enterprise_id(world), enterprise_id(world, 2))


def _placed(world: World) -> None:
    arranging.set_locations(world.furnish().desk, [location(world)])


def _issued(world: World) -> None:
    world.furnish().issue(100)


PREFIX = "6907777"


def _with_prefix(world: World) -> None:
    world.furnish().claim("prefix", PREFIX)


QUERY = {"EQ_bizStep": ["shipping"]}
SEAL = WebhookSeal.of("a secret of this test deployment only")
CONTROLS = Controls("https://partner.example/events")


def _asked(world: World) -> None:
    asking.define(world.furnish().desk, enterprise_id(world), "shipped", QUERY)


def _subscribed(world: World) -> None:
    _asked(world)
    asking.subscribe(world.desk, SEAL, enterprise_id(world), "shipped", CONTROLS)


LEAVES = Thing.lot(str(gtin(1, "6905555")), "春茶 01")


def material(world: World, enterprise: int = 1) -> Material:
    """Leaves that an enterprise used."""
    return Material(Gtin.parse(LEAVES.gtin or ""), LEAVES.qualifier, "鲜叶", enterprise_id(world, enterprise))


def called(world: World, *names: str, enterprise: int = 1) -> MaterialName:
    """What an enterprise calls the leaves."""
    return MaterialName(LEAVES.gtin or "", enterprise_id(world, enterprise), *names)


def _called(world: World) -> None:
    arranging.name_material(world.furnish().desk, called(world, "鲜叶"))


def announcement() -> Announcement:
    """The words of a recall in one language."""
    return Announcement({"hazard_zh_hans": "农残超标", "advice_zh_hans": "请退回", "contact_zh_hans": "400-000-0000"})


def _made(world: World) -> None:
    _second(world)
    Chain(world).made([labels(world.issue(10), 0, 5)], [LEAVES])


Row = tuple[str, Callable[..., Any], Callable[[World], Any], tuple[str, ...], Callable[[World], Any]]

TABLE: tuple[Row, ...] = (
    (
        "set a location",
        arranging.set_locations,
        lambda w: arranging.set_locations(w.desk, [location(w)]),
        ("location.set",),
        World.furnish,
    ),
    (
        "set a location anew",
        arranging.set_locations,
        lambda w: arranging.set_locations(w.desk, [location(w, name_zh="二号茶厂")]),
        ("location.set",),
        _placed,
    ),
    (
        "name a material",
        arranging.name_material,
        lambda w: arranging.name_material(w.desk, called(w, "鲜叶", "Fresh leaves")),
        ("material.name",),
        World.furnish,
    ),
    (
        "name a material anew",
        arranging.name_material,
        lambda w: arranging.name_material(w.desk, called(w, "嫩叶")),
        ("material.name",),
        _called,
    ),
    (
        "name a partner",
        arranging.name_partner,
        lambda w: arranging.name_partner(w.desk, enterprise_id(w), enterprise_id(w, 2), makes=True),
        ("partner.name",),
        _second,
    ),
    (
        "drop a partner",
        arranging.drop_partner,
        lambda w: arranging.drop_partner(w.desk, enterprise_id(w), enterprise_id(w, 2)),
        ("partner.drop",),
        _named,
    ),
    (
        "set an audience",
        arranging.set_audience,
        lambda w: arranging.set_audience(w.desk, enterprise_id(w), "packing", Audience.PUBLIC),
        ("audience.set",),
        World.furnish,
    ),
    (
        "set several audiences",
        arranging.set_audiences,
        lambda w: arranging.set_audiences(w.desk, enterprise_id(w), dict.fromkeys(("", "packing"), Audience.PUBLIC)),
        ("audience.set",) * 2,
        World.furnish,
    ),
    (
        "allocate SSCCs",
        allocating.allocate,
        lambda w: allocating.allocate(w.desk, enterprise_id(w), PREFIX, "3", 10),
        ("sscc.allocate",),
        _with_prefix,
    ),
    (
        "recall a material",
        recalling.recall,
        lambda w: recalling.recall(w.desk, material(w), announcement()),
        ("material.recall",),
        _made,
    ),
    (
        "recall a material by a reason alone",
        recalling.open_on_material,
        lambda w: recalling.open_on_material(w.desk, material(w), "a reason"),
        ("material.recall",),
        _made,
    ),
    (
        "capture events",
        capturing.capture,
        lambda w: Chain(w).packed(sscc(1), Thing.label(str(gtin()), 1, 3)),
        ("trace.capture",),
        _issued,
    ),
    (
        "define a query",
        asking.define,
        lambda w: asking.define(w.desk, enterprise_id(w), "shipped", QUERY),
        ("query.define",),
        World.furnish,
    ),
    (
        "subscribe to a query",
        asking.subscribe,
        lambda w: asking.subscribe(w.desk, SEAL, enterprise_id(w), "shipped", CONTROLS),
        ("subscription.add", "query.subscribe"),
        _asked,
    ),
    (
        "drop a query",
        asking.drop,
        lambda w: asking.drop(w.desk, enterprise_id(w), "shipped"),
        ("subscription.remove", "query.drop"),
        _subscribed,
    ),
)


def trace(world: World, batch: Batch) -> None:
    """Events of all kinds and standings, one declared an error, with what they mention; places and partners."""
    first, second = enterprise_id(world), enterprise_id(world, 2)
    by_uri = location(world, "uri/urn:example:place:1", kind="farm", name_en="", address="")
    arranging.set_locations(world.desk, [location(world), by_uri])
    arranging.name_material(world.desk, called(world, "鲜叶", "Fresh leaves"))
    arranging.name_partner(world.desk, first, second, makes=True)
    arranging.name_partner(world.desk, second, first)
    arranging.drop_partner(world.desk, second, first)
    arranging.set_audience(world.desk, first, "packing", Audience.PUBLIC)
    arranging.set_audience(world.desk, first, "", Audience.REGULATORS)
    world.claim("prefix", PREFIX)
    allocating.allocate(world.desk, first, PREFIX, "3", 5)
    chain = Chain(world)
    leaves = LEAVES
    recalled = Thing.lot(str(gtin(2)), "L-7")  # a lot of the product that is recalled
    chain.made([labels(batch, 0, 9)], [leaves, recalled], transformation="urn:example:transformation:1")
    chain.packed(sscc(1), labels(batch, 0, 5), read_point=GLN, location=GLN)
    chain.packed(sscc(2), sscc(1), by=2)
    chain.seen(sscc(2, "6909999"), leaves, Thing.parse("uri/urn:example:thing:1"), by=2)
    mentions = (Mention("transaction", "po", "urn:example:po:1"), Mention("source", "owning_party", GLN))
    sold = chain.event(
        EventKind.TRANSACTION, Action.ADD, item(Part.OBJECT, leaves, "12.5", "KGM"), step="shipping", mentions=mentions
    )
    chain.state(sold)
    for name in ("shipped", "dropped"):
        asking.define(world.desk, first, name, QUERY)
    asking.subscribe(world.desk, SEAL, first, "shipped", CONTROLS)
    asking.drop(world.desk, first, "dropped")
    job = CaptureJob(world.desk.new_id(), first, None, "rollback", False, world.clock(), world.clock(), "[]")
    with world.database.recording() as tx:
        capture_jobs.insert(tx, job)
    chain.state(
        Event(
            id=sold.id,
            kind=sold.kind,
            action=sold.action,
            at_ms=sold.at_ms,
            items=sold.items,
            declaration=Declaration(world.clock(), "incorrect_data"),
            content=sold.content,
        )
    )
    recalling.recall(world.desk, material(world, 2), announcement(), organisation_id(world))
