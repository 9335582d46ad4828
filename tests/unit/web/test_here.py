"""Saying where one is: once, for one's own scan, and with what one likes of it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import ENGLISH, NAVIGATION, World, browser
from traceqr.label.format import Label
from traceqr.registry.scan_book import MANY_LABELS, RELOAD_MS
from traceqr.suspicion.trace import Trace
from traceqr.verifying import LOCATED_MS

OWN = {"Sec-Fetch-Site": "same-origin", **ENGLISH}
HANGZHOU = {"latitude": "30.29", "longitude": "120.16"}


@pytest.fixture
def label(world: World) -> Label:
    return world.label(world.issue())


def scan(client: FlaskClient, label: Label) -> str:
    """Open the label and load the image on its page; returns the page."""
    page = client.get(label.path, headers={**NAVIGATION, **ENGLISH}).text
    if image := re.search(r'src="(/seen/[^"]+)"', page):
        client.get(image[1], headers={"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"})
    return page


def places(world: World) -> list[str]:
    return [row["place"] for row in world.base.rows("SELECT place FROM scan ORDER BY at_ms")]


def test_the_page_of_a_scan_leads_there(world: World, client: FlaskClient, label: Label) -> None:
    link = re.search(r'href="(/here/01/[^"]+)"', scan(client, label))
    assert link
    page = client.get(link[1].replace("&amp;", "&"), headers=ENGLISH)
    assert page.status_code == 200
    assert "Where are you?" in page.text
    assert '<option value="330100">Hangzhou</option>' in page.text


def test_a_position_becomes_a_city(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    answer = client.post(f"/here{label.path}", data=HANGZHOU, headers=OWN)
    assert (answer.status_code, places(world)) == (200, ["330100"])
    assert "Hangzhou, Zhejiang" in answer.text
    trace = Trace.parse(world.base.one("SELECT trace FROM sighting")["trace"])
    assert [stay.place for stay in trace.stays] == ["330100"]


def test_a_city_is_chosen_without_script(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    assert client.post(f"/here{label.path}", data={"place": "650100"}, headers=OWN).status_code == 200
    assert places(world) == ["650100"]


def test_it_is_said_once(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    client.post(f"/here{label.path}", data={"place": "650100"}, headers=OWN)
    answer = client.post(f"/here{label.path}", data=HANGZHOU, headers=OWN)
    assert (answer.status_code, places(world)) == (409, ["650100"])


def test_a_stranger_says_nothing_of_anothers_scan(world: World, label: Label) -> None:
    app = world.app()
    scan(browser(app), label)
    other = browser(app)
    scan(other, world.label(world.issue()))
    for stranger in (other, browser(app)):
        assert stranger.post(f"/here{label.path}", data=HANGZHOU, headers=OWN).status_code == 409
    assert places(world)[0] == ""


def regions(world: World) -> float:
    """In how many regions the first label was seen, by its trace."""
    return Trace.parse(world.base.one("SELECT trace FROM sighting WHERE label_index = 0")["trace"]).regions


def test_who_comes_again_and_again_from_elsewhere_is_one_sighting(
    world: World, client: FlaskClient, label: Label
) -> None:
    for place in ("650100", "440100", "510100"):
        scan(client, label)
        assert client.post(f"/here{label.path}", data={"place": place}, headers=OWN).status_code == 200
        world.time.pass_ms(RELOAD_MS + 1)
    assert places(world) == ["650100", "440100", "510100"]
    assert regions(world) == 1


def test_who_goes_through_many_labels_puts_none_anywhere(world: World) -> None:
    app, batch = world.app(), world.issue()
    for place in ("650100", "440100"):
        script = browser(app)
        for index in range(MANY_LABELS, -1, -1):
            scan(script, world.label(batch, index))
        path = world.label(batch, 0).path
        assert script.post(f"/here{path}", data={"place": place}, headers=OWN).status_code == 200
    assert regions(world) == 0


def test_an_hour_later_it_is_too_late(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    world.time.pass_ms(LOCATED_MS + 1)
    assert client.post(f"/here{label.path}", data=HANGZHOU, headers=OWN).status_code == 409


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"latitude": "30.29"},
        {"latitude": "91", "longitude": "0"},
        {"latitude": "nan", "longitude": "inf"},
        {"latitude": "３０", "longitude": "120"},
        {"latitude": "3e1", "longitude": "120"},
        {"place": "999900"},
        {"place": "330106"},
        {"place": "<script>"},
        {"place": "330100' OR 1=1"},
    ],
)
def test_what_is_nowhere_is_not_kept(world: World, client: FlaskClient, label: Label, data: dict[str, str]) -> None:
    scan(client, label)
    answer = client.post(f"/here{label.path}", data=data, headers=OWN)
    assert (answer.status_code, places(world)) == (422, [""])
    assert "<script>" not in answer.text


def test_a_forged_label_names_no_scan(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    forged = label.path[:-1] + ("1" if label.path[-1] == "0" else "0")
    assert client.post(f"/here{forged}", data=HANGZHOU, headers=OWN).status_code == 409


def test_another_site_cannot_say_it(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    answer = client.post(f"/here{label.path}", data=HANGZHOU, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, places(world)) == (403, [""])


def test_a_long_form_is_not_read(world: World, client: FlaskClient, label: Label) -> None:
    scan(client, label)
    assert client.post(f"/here{label.path}", data={"place": "x" * 5000}, headers=OWN).status_code == 413


def test_no_label_leads_to_the_front(client: FlaskClient) -> None:
    assert client.get("/here").headers["Location"] == "/"
    assert client.get("/here/01//evil.example/").status_code == 200


def test_the_page_alone_may_ask_where_one_is(client: FlaskClient, label: Label) -> None:
    here, verdict = client.get(f"/here{label.path}"), client.get(label.path)
    assert "geolocation=(self)" in here.headers["Permissions-Policy"]
    assert "script-src 'self'" in here.headers["Content-Security-Policy"]
    assert "geolocation=()" in verdict.headers["Permissions-Policy"]
    assert "script-src" not in verdict.headers["Content-Security-Policy"]
