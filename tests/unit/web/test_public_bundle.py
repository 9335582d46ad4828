"""The trust bundle that everybody may fetch."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from support.scenarios import announcement

from tests.unit.web.world import GREEN_TEA, HOST, World
from traceqr import bundling, recalling
from traceqr.bundle.scope import PUBLIC
from traceqr.bundle.taking import Taken, take_manifest
from traceqr.label.jwk import keyring_of
from traceqr.label.keyring import Role
from traceqr.recalling import Lot

ADDRESS = "/.well-known/traceqr-bundle"


@pytest.fixture
def published(world: World) -> World:
    world.base.key(Role.BUNDLE)
    publish(world)
    return world


def publish(world: World) -> None:
    bundling.publish(world.desk, world.database, world.base.folder, {HOST})


def taken(client: FlaskClient, world: World, held: Taken | None = None) -> Taken:
    """As a device takes it that trusts the keys as they are published."""
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    trusted = keyring_of(client.get("/.well-known/traceqr-keys.json").get_json()["keys"])
    return take_manifest(answer.get_data(), trusted=trusted, scope=PUBLIC, held=held, at_ms=world.time())


def test_before_one_was_published(client: FlaskClient) -> None:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["reason"] == "bundle-none"


def test_it_is_taken_by_the_published_keys(published: World, client: FlaskClient) -> None:
    manifest = taken(client, published).manifest
    assert (manifest.hosts, manifest.parts, manifest.version) == ((HOST,), (), 1)


def test_an_open_recall_is_in_the_next_one(published: World, client: FlaskClient) -> None:
    held = taken(client, published)
    opened = recalling.recall(published.desk, Lot(GREEN_TEA), announcement())
    publish(published)
    (recall,) = taken(client, published, held).manifest.recalls
    assert (recall.id, recall.gtin) == (opened.id, str(GREEN_TEA))


def test_who_has_it_is_told_so(published: World, client: FlaskClient) -> None:
    answer = client.get(ADDRESS)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    has_it = {"If-None-Match": answer.headers["ETag"]}
    again = client.get(ADDRESS, headers=has_it)
    assert (again.status_code, again.get_data()) == (304, b"")
    recalling.recall(published.desk, Lot(GREEN_TEA), announcement())
    publish(published)
    assert client.get(ADDRESS, headers=has_it).status_code == 200


def test_without_registry(published: World, client: FlaskClient) -> None:
    for file in list(published.database.path.parent.glob("traceqr.db*")):  # type: ignore[attr-defined]
        file.unlink()
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "registry-unreachable")
