"""The consoles over the small world, and people who sign in to them by the forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support import staff
from support import world as support
from support.staff import Person

from tests.unit.web.world import World, browser, build, furnish
from traceqr.access import Role
from traceqr.second_factor import Vault
from traceqr.web import consoles


@dataclass
class Visitor:
    """A browser that sends forms as people do: with what stands hidden in them."""

    client: FlaskClient
    language: str = "en"

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={"Accept-Language": self.language, **headers})

    def post(self, path: str, *, form: str | None = None, **data: Any) -> Any:
        """Send a form with the token of the page that it stands on; `form` is that page, unless it is the same."""
        return self.send(path, {**self.hidden(form or path), **data})

    def send(self, path: str, data: dict[str, Any]) -> Any:
        """Send just that."""
        return self.client.post(path, data=data, headers={"Accept-Language": self.language})

    def hidden(self, path: str) -> dict[str, str]:
        """What stands hidden in the forms of a page: its token, and as what something was shown."""
        seen = re.search(r'name="seen" value="([0-9]+)"', page := self.get(path).text)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, f"{path} has no form"
        return {"csrf_token": found[1], **({"seen": seen[1]} if seen else {})}

    def token(self, path: str) -> str:
        return self.hidden(path)["csrf_token"]

    def sign_in(self, person: Person) -> Visitor:
        answer = self.post("/account/sign-in", login=person.login, password=person.password)
        assert answer.status_code == 303, answer.text
        if person.secret:
            answer = self.post("/account/code", code=person.code())
            assert answer.status_code == 303, answer.text
            person.world.clock.pass_ms(30_000)
        return self


@dataclass
class Offices:
    """A deployment with consoles."""

    world: World
    app: Flask

    def visitor(self) -> Visitor:
        return Visitor(browser(self.app))

    def person(self, role: Role, body: str | None = None, **more: Any) -> Person:
        return staff.admitted(self.world.base, role, body, **more)

    def as_(self, role: Role, body: str | None = None) -> Visitor:
        """Somebody of that role who has signed in."""
        return self.visitor().sign_in(self.person(role, body))


def _with_regulator(base: support.World) -> None:
    furnish(base)
    base.regulator()


@pytest.fixture
def offices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offices]:
    world = build(tmp_path, _with_regulator)
    settings = replace(
        world.settings, roles=frozenset({"public", "console", "inspect"}), high_water=tmp_path / "high-water.json"
    )
    app = world.app(settings)
    consoles.install(app, settings, world.database)
    monkeypatch.setattr(staff, "VAULT", Vault.of(settings.secret_key))
    yield Offices(world, app)
    world.base.close()
