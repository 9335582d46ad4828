"""What counts as a sighting, from the first request to the confirming image, over a real registry."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.unit.web.world import NAVIGATION, World, browser
from traceqr.activating import Range
from traceqr.recalling import open_on_batch
from traceqr.web import public

IMAGE = {"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"}


def scan(client: FlaskClient, path: str, **headers: str) -> dict[str, object]:
    """What a navigation is told, as JSON."""
    answer = client.get(path, headers={**NAVIGATION, **headers, "Accept": "application/json"})
    return answer.get_json()


def open_page(client: FlaskClient, path: str, **headers: str) -> str:
    return client.get(path, headers={**NAVIGATION, **headers}).text


def image_in(page: str) -> str | None:
    found = re.search(r'src="(/seen/[^"]+\.gif)"', page)
    return found[1] if found else None


def visit(client: FlaskClient, path: str) -> str:
    """Open the page and load what is on it, as a browser does."""
    page = open_page(client, path)
    if image := image_in(page):
        client.get(image, headers=IMAGE)
    return page


@pytest.fixture
def path(world: World) -> str:
    return world.label(world.issue()).path


def test_second_device_sees_the_first(world: World, client: FlaskClient, path: str) -> None:
    assert "首次查询" in visit(client, path)
    other = scan(browser_with_other_cookies(world), path)
    assert (other["code"], other["history"]["times_seen"]) == ("seen", 1)  # type: ignore[index]


def browser_with_other_cookies(world: World) -> FlaskClient:
    """A browser whose cookie differs: the app's random source starts anew with each app."""
    app = world.app()
    devices = app.extensions["traceqr"].devices
    for _ in range(7):
        devices.new()
    return browser(app)


def test_the_answer_to_a_broken_seal_waits_unless_the_device_was_here(
    world: World, client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(public, "sleep", waited.append)
    broken = path[:-1] + str((int(path[-1]) + 1) % 10)
    assert scan(client, broken)["reason"] == "seal-broken"
    assert waited == [public.BROKEN_SEAL_PAUSE_S]
    assert client.get(broken, headers={"Accept": "application/json"}).get_json()["reason"] == "seal-broken"
    assert len(waited) == 2, "asked by a program too"
    visit(client, path)
    assert scan(client, broken)["reason"] == "seal-broken"
    assert scan(client, path)["code"] == "genuine"
    assert len(waited) == 2


def test_cookie_alone_is_no_sighting(world: World, client: FlaskClient, path: str) -> None:
    open_page(client, path)
    assert scan(browser_with_other_cookies(world), path)["code"] == "genuine"


def test_coming_back_with_the_cookie_is_a_sighting(world: World, client: FlaskClient, path: str) -> None:
    first = client.get(path, headers=NAVIGATION)
    assert "__Host-traceqr=" in first.headers["Set-Cookie"]
    again = client.get(path, headers=NAVIGATION)
    assert "Set-Cookie" not in again.headers
    assert image_in(again.text) is None
    assert scan(browser_with_other_cookies(world), path)["code"] == "seen"


def test_own_second_look(client: FlaskClient, path: str) -> None:
    visit(client, path)
    again = scan(client, path)
    assert (again["code"], again["reason"]) == ("genuine", "own-earlier-scan")
    assert "您此前查询过该码" in open_page(client, path)


def test_cookieless_repeats_are_no_devices(world: World, path: str) -> None:
    app = world.app()
    assert _scans(world) == 0
    for _ in range(3):
        open_page(browser(app), path)
    assert scan(browser(app), path)["code"] == "genuine"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Purpose": "prefetch"},
        {"User-Agent": "Slackbot-LinkExpanding 1.0"},
    ],
)
def test_unrecorded_requests_learn_nothing(
    world: World, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    visit(client, path)
    told = scan(browser_with_other_cookies(world), path, **headers)
    assert (told["code"], told["history"], told["history_checked"]) == ("genuine", None, False)
    page = browser_with_other_cookies(world).get(path, headers={**NAVIGATION, **headers})
    assert "未核对查询记录" in page.text
    assert image_in(page.text) is None
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/html", "application/json, */*"])
def test_program_with_a_persons_cookie_records_nothing(
    world: World, client: FlaskClient, path: str, accept: str
) -> None:
    visit(browser_with_other_cookies(world), path)
    visit(client, world.label(1, 1).path)
    before = _scans(world)
    told = client.get(path, headers={"Accept": accept}).get_json()
    assert (told["code"], told["history"]) == ("genuine", None)
    assert _scans(world) == before


def test_head_records_nothing(world: World, client: FlaskClient, path: str) -> None:
    answer = client.head(path, headers=NAVIGATION)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert _scans(world) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"},
    ],
)
def test_image_from_elsewhere_confirms_nothing(
    world: World, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    image = image_in(open_page(client, path))
    assert image is not None
    good = client.head(image, headers=IMAGE)
    bad = client.get(image, headers=headers)
    assert (good.status_code, bad.status_code, bad.mimetype) == (200, 200, "image/gif")
    assert scan(browser_with_other_cookies(world), path)["code"] == "genuine"


def test_image_with_another_cookie_confirms_nothing(world: World, client: FlaskClient, path: str) -> None:
    image = image_in(open_page(client, path))
    assert image is not None
    other = browser_with_other_cookies(world)
    open_page(other, world.label(world.issue()).path)
    told = other.get(image, headers=IMAGE)
    none = browser(world.app()).get(image, headers=IMAGE)
    own = client.get(image, headers=IMAGE)
    assert told.data == none.data == own.data
    assert told.headers["Cache-Control"] == "no-store"


def test_late_image_confirms_nothing(world: World, client: FlaskClient, path: str) -> None:
    image = image_in(open_page(client, path))
    assert image is not None
    world.time.at_ms += 600_001
    assert client.get(image, headers=IMAGE).status_code == 200
    assert scan(browser_with_other_cookies(world), path)["code"] == "genuine"


def test_old_phone_without_sec_fetch(world: World, client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    image = image_in(page)
    assert image is not None
    client.get(image)
    assert scan(browser_with_other_cookies(world), path)["code"] == "seen"


def test_forged_labels_set_no_cookie(client: FlaskClient, path: str) -> None:
    answer = client.get(path[:-1] + str((int(path[-1]) + 1) % 10), headers=NAVIGATION)
    assert "Set-Cookie" not in answer.headers
    assert "伪码" in answer.text


def test_recalled_says_so_whoever_asks(world: World, client: FlaskClient) -> None:
    batch = world.issue()
    path = world.label(batch).path
    open_on_batch(world.desk, "recall", Range(batch), "部分产品<b>超标</b>")
    for headers in (NAVIGATION, {"Accept": "text/html", "User-Agent": "Googlebot"}):
        page = client.get(path, headers=headers).text
        assert "召回通知" in page
        assert "部分产品&lt;b&gt;超标&lt;/b&gt;" in page


def test_scan_keeps_no_raw_agent(world: World, client: FlaskClient, path: str) -> None:
    open_page(client, path, **{"User-Agent": "Firefox/130 somebody's own"})
    with world.database.snapshot() as reader:
        row = reader.row("SELECT device, channel, agent, language, confirmed FROM scan")
    assert row is not None
    assert (row["channel"], row["agent"], row["language"], row["confirmed"]) == ("page", "firefox", "zh-Hans", 0)
    assert re.fullmatch("[0-9a-f]{64}", row["device"])


def _scans(world: World) -> int:
    with world.database.snapshot() as reader:
        return len(reader.rows("SELECT batch FROM scan"))
