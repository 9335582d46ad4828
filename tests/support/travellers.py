"""A label that many strangers look at, in many cities, as copies of it bring about."""

from __future__ import annotations

from support.world import World, viewer

CITIES = ("330100", "440100", "110000", "510100", "210100", "420100", "610100", "350100", "530100", "650100")


def go_around(world: World, text: str, devices: int = 12, cities: tuple[str, ...] = CITIES) -> None:
    """So many strangers, a day apart, each at the next of the cities."""
    verifier = world.verifier()
    for number in range(devices):
        world.clock.pass_days(1)
        place = cities[number % len(cities)]
        verifier.scan(text, viewer(f"{number:032x}", place=place, network=f"n{number}"))
