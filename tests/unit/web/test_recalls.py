"""Recalls as everybody sees them: on labels, in the public list, on their pages and in feeds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from support.chain import Chain
from support.chain_scenarios import LEAVES, material
from support.scenarios import announcement
from support.staff import organisation_id
from support.world import uscc

from tests.unit.web.world import GREEN_TEA, World
from traceqr import recalling
from traceqr.activating import Range
from traceqr.recalling import Announcement, Lot, Statement
from traceqr.tracing.run import Run
from traceqr.tracing.thing import label_line
from traceqr.web import recalls as views

JSON = {"Accept": "application/json"}
SCRIPT = "<script>alert(1)</script>"
ATOM = "{http://www.w3.org/2005/Atom}"
ORIGIN = "https://qr.example.org"


def page(client: FlaskClient, address: str, language: str = "en", status: int = 200) -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def told(client: FlaskClient, address: str) -> Any:
    answer = client.get(address, headers=JSON)
    assert answer.status_code == 200
    return json.loads(answer.get_data())


def atom(client: FlaskClient, address: str = "/recalls.atom?lang=en") -> ET.Element:
    """Parsed, where it declares nothing that a parser would follow."""
    answer = client.get(address)
    assert answer.mimetype == "application/atom+xml"
    text = answer.get_data()
    assert b"<!" not in text
    return ET.fromstring(text)


def texts_of(root: ET.Element, path: str) -> list[str]:
    return [each.text or "" for each in root.findall("/".join(ATOM + name for name in path.split("/")))]


def recall(world: World, over: Range | Lot | None = None, given: Announcement | None = None) -> str:
    if over is None:
        over = Range(world.issue())
    return recalling.recall(world.desk, over, given or announcement()).id


def hostile() -> Announcement:
    return Announcement(dict.fromkeys(announcement().texts, f"{SCRIPT}]]>&amp;"), 1)


class TestOnLabels:
    @pytest.mark.parametrize(("language", "ending"), [("zh-Hans", "zh_hans"), ("zh-Hant", "zh_hant"), ("en", "en")])
    def test_hazard_and_advice_come_first(self, world: World, client: FlaskClient, language: str, ending: str) -> None:
        batch, given = world.issue(), announcement(1)
        notice = recalling.recall(world.desk, Range(batch), given)
        html = page(client, world.label(batch).path, language)
        assert 'data-verdict="recalled"' in html
        places = [html.index(given.texts[f"{part}_{ending}"]) for part in ("hazard", "advice", "contact")]
        assert places == sorted(places)
        assert places[1] < html.index('class="host"') < html.index('class="facts"') < places[2]
        assert f'href="/recalls/{notice.id}"' in html
        assert html.count(given.texts[f"hazard_{ending}"]) == 1

    def test_what_the_enterprise_advises_stands_alone(self, world: World, client: FlaskClient) -> None:
        """It knows what is to be done: keep it, return it or throw it away."""
        batch, other = world.issue(), world.issue()
        recall(world, Range(batch))
        recalling.open_on_batch(world.desk, "recall", Range(other), "glass")
        general = "Keep the goods, the packaging and the receipt."
        assert general not in page(client, world.label(batch).path)
        assert general in page(client, world.label(other).path)
        assert "12315" in page(client, world.label(batch).path)

    def test_a_text_that_is_missing_is_said_to_be(self, world: World, client: FlaskClient) -> None:
        batch = world.issue()
        recalling.open_on_batch(world.desk, "recall", Range(batch), "封口不严")
        html = page(client, world.label(batch).path)
        assert "This text is in simplified Chinese only." in html
        assert '<div class="recalled" lang="zh-Hans">' in html
        assert "仅有简体中文" not in page(client, world.label(batch).path, "zh-Hans")

    def test_two_recalls_are_both_told(self, world: World, client: FlaskClient) -> None:
        batch = world.issue()
        recall(world, Range(batch))
        recall(world, Range(batch), replace(announcement(), texts={**announcement().texts, "hazard_en": "Lead."}))
        html = page(client, world.label(batch).path)
        assert "Splinters of glass" in html
        assert "Lead." in html

    def test_a_script_is_text(self, world: World, client: FlaskClient) -> None:
        batch = world.issue()
        recall(world, Range(batch), hostile())
        assert "<script" not in page(client, world.label(batch).path)

    def test_who_ordered_it(self, world: World, client: FlaskClient) -> None:
        batch = world.issue()
        recalling.recall(world.desk, Range(batch), announcement(), organisation_id(world.base))
        assert re.search("Ordered by [^<]+Association", page(client, world.label(batch).path))


class TestList:
    def test_there_is_none(self, client: FlaskClient) -> None:
        assert "Nothing has been recalled." in page(client, "/recalls")
        assert "No recall was found." in page(client, "/recalls?q=tea")
        assert told(client, "/recalls") == {"recalls": [], "before": None}

    def test_the_latest_first_with_their_states(self, world: World, client: FlaskClient) -> None:
        first, second = recall(world), recall(world, Lot(GREEN_TEA))
        recalling.lift(world.desk, first, "all is back", "completed")
        html = page(client, "/recalls")
        assert re.findall(r'<li><a href="/recalls/(\w+)"', html) == [second, first]
        assert "Going on" in html
        assert [one["id"] for one in told(client, "/recalls?state=open")["recalls"]] == [second]
        (lifted,) = told(client, "/recalls?state=lifted")["recalls"]
        assert (lifted["id"], lifted["outcome"], lifted["closing"], lifted["state"]) == (
            first,
            "completed",
            "all is back",
            "lifted",
        )

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (str(GREEN_TEA), True),
            (GREEN_TEA.trade, True),
            (uscc(1), True),
            (uscc(1).lower(), True),
            (uscc(2), False),
            ("20260915-A2", True),
            ("6901234000016", False),
            ("%", False),
            ("' OR 1=1 --", False),
            ("\0", True),
            ("x" * 5_000, False),
        ],
    )
    def test_what_is_searched_for(self, world: World, client: FlaskClient, text: str, found: bool) -> None:
        recall(world)
        answer = client.get("/recalls", query_string={"q": text}, headers=JSON)
        assert bool(json.loads(answer.get_data())["recalls"]) is found

    @pytest.mark.parametrize("query", ["state=open%00", "state=none", "before=-1", "before=x", "before=" + "9" * 40])
    def test_what_is_no_filter_filters_nothing(self, world: World, client: FlaskClient, query: str) -> None:
        recall(world)
        assert len(told(client, f"/recalls?{query}")["recalls"]) == 1

    def test_pages(self, world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "PAGE", 2)
        batch = world.issue()
        ids = [recall(world, Range(batch, index, index)) for index in range(5)]
        seen, address = [], "/recalls?q=20260915-A2&state=open"
        for _ in range(3):
            html = page(client, address)
            seen += re.findall(r'<li><a href="/recalls/(\w+)"', html)
            following = re.search(r'rel="next" href="(\?[^"]+)"', html)
            address = f"/recalls{following[1]}".replace("&amp;", "&") if following else ""
        assert seen == ids[::-1]
        assert address == ""
        assert "There are no more." in page(client, "/recalls?before=0")

    def test_feeds_are_named(self, world: World, client: FlaskClient) -> None:
        for address in ("/recalls", f"/recalls/{recall(world)}"):
            html = page(client, address)
            assert (
                '<link rel="alternate" type="application/atom+xml" title="Recall notices" href="/recalls.atom?lang=en">'
                in html
            )
            assert 'type="application/feed+json"' in html


class TestOne:
    def test_all_that_there_is_to_know(self, world: World, client: FlaskClient) -> None:
        one = recall(world, Range(world.issue(), 1, 3))
        recalling.state_progress(world.desk, one, Statement(2, 1, f"off the shelves {SCRIPT}", 3))
        html = page(client, f"/recalls/{one}")
        for words in (
            "Splinters of glass",
            "full refund",
            "Class 2 recall",
            "off the shelves",
            "Labels looked at since",
        ):
            assert words in html
        assert re.search(r"Serials 0000 0001 0000 0001 to 0000 0001 0000 0003", html)
        assert "<script" not in html
        found = told(client, f"/recalls/{one}")
        assert (found["labels"], found["class"], found["state"]) == (3, 2, "open")
        (stated,) = found["progress"]
        assert (stated["recovered"], stated["destroyed"], stated["reached"]) == (2, 1, 3)
        recalling.lift(world.desk, one, f"all is back {SCRIPT}", "completed")
        html = page(client, f"/recalls/{one}")
        assert "Completed: what had to be done is done" in html
        assert "all is back" in html
        assert "<script" not in html

    def test_a_lot_and_a_whole_product(self, world: World, client: FlaskClient) -> None:
        world.issue()
        lot = page(client, f"/recalls/{recall(world, Lot(GREEN_TEA, '20260915-A2'))}")
        assert "All batches of the lot, later ones too" in lot
        assert "The whole product, later batches too" in page(client, f"/recalls/{recall(world, Lot(GREEN_TEA))}")

    @pytest.mark.parametrize("name", ["none", "%00", "x" * 500, "..%2f", "<script>"])
    def test_none_of_that_name(self, client: FlaskClient, name: str) -> None:
        page(client, f"/recalls/{name}", status=404)

    def test_a_hold_is_no_recall(self, world: World, client: FlaskClient) -> None:
        hold = recalling.open_on_batch(world.desk, "hold", Range(world.issue()), "r")
        page(client, f"/recalls/{hold.id}", status=404)

    def test_a_hostile_one(self, world: World, client: FlaskClient) -> None:
        one = recall(world, given=hostile())
        for address in (f"/recalls/{one}", "/recalls"):
            assert "<script" not in page(client, address)


class TestFeeds:
    def test_an_empty_one_is_valid(self, client: FlaskClient) -> None:
        root = atom(client)
        assert texts_of(root, "id") == [f"{ORIGIN}/recalls.atom?lang=en"]
        assert texts_of(root, "updated") == ["1970-01-01T00:00:00.000Z"]
        assert told(client, "/recalls.json")["items"] == []

    def test_what_the_standard_asks_for(self, world: World, client: FlaskClient) -> None:
        """RFC 4287, sections 4.1.1 and 4.1.2: ids, titles and instants; one author; one self link."""
        first = recall(world)
        world.time.pass_ms(5_000)
        recall(world, Lot(GREEN_TEA))
        root = atom(client)
        assert root.tag == f"{ATOM}feed"
        assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        assert links == {"self": f"{ORIGIN}/recalls.atom?lang=en", "alternate": f"{ORIGIN}/recalls?lang=en"}
        entries = root.findall(f"{ATOM}entry")
        assert texts_of(root, "entry/id")[1] == f"{ORIGIN}/recalls/{first}"
        for entry in entries:
            for name in ("id", "title", "updated", "author", "content", "link"):
                assert len(entry.findall(ATOM + name)) == 1, name
        assert texts_of(root, "updated") == [max(texts_of(root, "entry/updated"))]
        assert len(set(texts_of(root, "entry/id"))) == 2

    def test_what_was_done_last_comes_first_and_ids_stay(self, world: World, client: FlaskClient) -> None:
        first, second = recall(world), recall(world, Lot(GREEN_TEA))
        ids = [f"{ORIGIN}/recalls/{one}" for one in (first, second)]
        before = {name: texts_of(atom(client), f"entry/{name}") for name in ("id", "updated", "published")}
        assert before["id"] == ids[::-1]
        world.time.pass_ms(60_000)
        recalling.state_progress(world.desk, first, Statement(1, 0))
        after = {name: texts_of(atom(client), f"entry/{name}") for name in ("id", "updated", "published")}
        assert after["id"] == ids
        assert after["updated"][0] > before["updated"][1]
        assert after["published"] == before["published"][::-1]
        recalling.lift(world.desk, first, "r", "unfounded")
        root = atom(client)
        assert texts_of(root, "entry/title")[0].startswith("[Ended] ")
        assert "lifted" in [each.get("term") for each in root.findall(f"{ATOM}entry/{ATOM}category")]

    def test_json_feed(self, world: World, client: FlaskClient) -> None:
        one = recall(world, given=announcement(1))
        answer = client.get("/recalls.json?lang=zh-Hant")
        assert answer.mimetype == "application/feed+json"
        feed = json.loads(answer.get_data())
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert (feed["feed_url"], feed["language"]) == (f"{ORIGIN}/recalls.json?lang=zh-Hant", "zh-Hant")
        (item,) = feed["items"]
        assert item["id"] == f"{ORIGIN}/recalls/{one}"
        assert item["tags"] == ["open", "class-1"]
        assert announcement().texts["advice_zh_hant"] in item["content_text"]
        assert item["_traceqr"]["gtin"] == str(GREEN_TEA)

    @pytest.mark.parametrize("path", ["/recalls.atom", "/recalls.json"])
    def test_who_has_it_is_told_so(self, world: World, client: FlaskClient, path: str) -> None:
        one = recall(world)
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        assert "Set-Cookie" not in answer.headers
        known = {"If-None-Match": answer.headers["ETag"]}
        dated = {"If-Modified-Since": answer.headers["Last-Modified"]}
        for headers in (known, dated):
            again = client.get(path, headers=headers)
            assert (again.status_code, again.get_data()) == (304, b"")
        world.time.pass_ms(2_000)
        recalling.lift(world.desk, one, "r")
        for headers in (known, dated, {**known, **dated}):
            assert client.get(path, headers=headers).status_code == 200

    def test_the_language_is_that_of_the_address_alone(self, world: World, client: FlaskClient) -> None:
        recall(world)
        plain = client.get("/recalls.atom", headers={"Accept-Language": "en"}).get_data()
        assert plain == client.get("/recalls.atom?lang=zh-Hans").get_data()
        assert plain == client.get("/recalls.atom?lang=tlh").get_data()

    def test_they_are_bounded(self, world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "IN_FEED", 2)
        batch = world.issue()
        ids = [recall(world, Range(batch, index, index)) for index in range(4)]
        assert texts_of(atom(client), "entry/id") == [f"{ORIGIN}/recalls/{one}" for one in (ids[3], ids[2])]
        assert len(told(client, "/recalls.json")["items"]) == 2

    def test_a_hostile_text_is_text(self, world: World, client: FlaskClient) -> None:
        recall(world, given=hostile())
        recalling.open_on_batch(world.desk, "recall", Range(1), "bell \a, half a pair \ufffe")
        root = atom(client)
        assert SCRIPT in texts_of(root, "entry/title")[1]
        assert texts_of(root, "entry/content")[0] == "bell \ufffd, half a pair \ufffd"
        assert SCRIPT in told(client, "/recalls.json")["items"][1]["title"]


def test_json_of_a_verdict_has_the_words(world: World, client: FlaskClient) -> None:
    batch = world.issue()
    recall(world, Range(batch))
    notice: Mapping[str, Any] = told(client, world.label(batch).path)["evidence"]["notices"][0]
    assert notice["reason"] == announcement().texts["hazard_zh_hans"]
    assert notice["recall"]["texts"]["en"]["advice"] == announcement().texts["advice_en"]


def test_a_label_says_which_material_is_recalled_in_its_words(world: World, client: FlaskClient) -> None:
    batch = world.issue()
    made = Run(label_line(str(GREEN_TEA), batch), 0, 1)
    Chain(world.base).made([made], [LEAVES])
    given = replace(material(world.base), name=SCRIPT)
    notice = recalling.recall(world.desk, given, announcement())
    english = page(client, world.label(batch, 1).path, "en")
    assert "A material of this product is recalled:" in english
    assert SCRIPT not in english
    assert "&lt;script&gt;" in english
    assert LEAVES.qualifier in english
    assert "本产品所用的原料已被召回" in page(client, world.label(batch, 1).path, "zh-Hans")
    assert "本產品所用的原料已被召回" in page(client, world.label(batch, 1).path, "zh-Hant")
    assert "material of this product" not in page(client, world.label(batch, 2).path, "en")
    assert told(client, f"/recalls/{notice.id}")["labels_made_of_it"] == {"labels": 2, "batches": 1, "complete": True}
    assert "Labels of products made of it" in page(client, f"/recalls/{notice.id}")
