"""The use cases of inspectors, done once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from support.inspections import ID, LABEL, PHOTO, Inspectors, Key, addition, enrolled, inspectors
from support.staff import admitted
from support.world import World, gtin

from traceqr import admitting, equipping, erasing, inspecting, referring
from traceqr.access import Role
from traceqr.registry import field_photos

_HELD: dict[int, Inspectors] = {}


def _field(world: World) -> None:
    _HELD[id(world)] = inspectors(world.furnish())


def held(world: World) -> Inspectors:
    return _HELD[id(world)]


def _inspector(world: World) -> None:
    world.furnish().regulator()
    world.person = admitted(world, Role.INSPECTOR)  # type: ignore[attr-defined]


def _badged(world: World) -> None:
    _inspector(world)
    account = world.person.account.id  # type: ignore[attr-defined]
    equipping.state_badge(world.desk, account, "沪-001")
    admitting.close(world.desk, account)


def _recorded(world: World) -> None:
    _field(world)
    held(world).take(held(world).entry())


def _met(world: World) -> None:
    """An inspection that met the first product."""
    _field(world)
    world.issue()
    held(world).take(held(world).entry(record=held(world).record(labels=[{**LABEL, "text": world.text(1)}])))


def _with_case(world: World) -> None:
    _met(world)
    world.case()


def _take(world: World, text: str) -> Any:
    return inspecting.take(world.desk, held(world).sender, inspecting.read(text), held(world).key.sign_entry(text))


def _add(world: World) -> Any:
    return _take(world, held(world).later(held(world).entry(), addition=addition(kind="followed-up", measure=1)))


def _erase(world: World) -> Any:
    world.clock.pass_days(1_000)
    return erasing.erase(world.desk, None, LONG_AGO)


LONG_AGO = date(2027, 1, 1)

Row = tuple[str, Callable[..., Any], Callable[[World], Any], tuple[str, ...], Callable[[World], Any]]

TABLE: tuple[Row, ...] = (
    (
        "state a badge",
        equipping.state_badge,
        lambda w: equipping.state_badge(w.desk, w.person.account.id, "沪-001"),  # type: ignore[attr-defined]
        ("inspector.badge",),
        _inspector,
    ),
    (
        "erase an inspector",
        admitting.erase,
        lambda w: admitting.erase(w.desk, w.person.account.id),  # type: ignore[attr-defined]
        ("account.erase", "inspector.badge"),
        _badged,
    ),
    (
        "enrol a device",
        equipping.enrol,
        lambda w: enrolled(w, w.person, Key()),  # type: ignore[attr-defined]
        ("device.enrol",),
        _inspector,
    ),
    (
        "revoke a device",
        equipping.revoke,
        lambda w: equipping.revoke(w.desk, held(w).device),
        ("device.revoke",),
        _field,
    ),
    ("take a record", inspecting.take, lambda w: _take(w, held(w).entry()), ("inspection.record",), _field),
    (
        "open a case by an inspection",
        referring.open_case,
        lambda w: referring.open_case(w.desk, ID, 1),
        ("inspection.refer",),
        _met,
    ),
    (
        "tie a case to an inspection",
        referring.refer,
        lambda w: referring.refer(w.desk, ID, "case", str(w.one("SELECT id FROM case_file")["id"])),
        ("inspection.refer",),
        _with_case,
    ),
    ("take an addition", inspecting.take, _add, ("inspection.add",), _recorded),
    ("erase inspections", erasing.erase, _erase, ("inspection.erase",), _recorded),
)


def inspect(world: World) -> None:
    """Inspections of all kinds: with a photo, additions, a correction looked at, one that was withdrawn; a device that
    was lost, a photo that nobody names, and what came of an inspection.
    """
    field = inspectors(world)
    equipping.state_badge(world.desk, field.first.account.id, "沪-001")
    equipping.revoke(world.desk, enrolled(world, field.second, Key()))
    with world.database.recording() as tx:
        field_photos.put(tx, PHOTO["digest"], 1, field.first.account.id, world.clock())
        field_photos.put(tx, "cd" * 32, 1, field.first.account.id, world.clock())
    first = field.entry(record=field.record(photos=[PHOTO]))
    field.take(first)
    field.take(field.later(first, addition=addition(kind="followed-up", measure=1)))
    second = field.entry(inspection="2" * 32, server_time="2026-09-01T00:00:01.000Z")
    field.take(second)
    field.take(field.later(second, inspection="2" * 32, addition=addition(kind="withdrawn")))
    goods = [{**field.record()["goods"][0], "gtin": str(gtin())}]
    field.take(field.entry(inspection="3" * 32, record=field.record(goods=goods)))
    case = referring.open_case(world.desk, "3" * 32, 1)
    referring.refer(world.desk, ID, "case", case)
    field.take(field.entry(inspection="4" * 32, record=field.record(follows="3" * 32, measures=[], case="案-1")))
