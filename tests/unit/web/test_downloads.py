"""Downloads in the process of the test: links, what ends them, where bytes lie, and how many are sent at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from support.print_house import answering, linked_export

from tests.unit.web.world import GREEN_TEA, SECRET, World, browser, settings_of
from traceqr import activating, exporting, keying
from traceqr.activating import Range
from traceqr.exporting import Export
from traceqr.label.gtin import Gtin
from traceqr.label.host import Origin
from traceqr.label.series import Series, Strip
from traceqr.printing import formats
from traceqr.printing.format import Imprint, Job
from traceqr.settings import InvalidSetting
from traceqr.signer.granting import GRACE_MS
from traceqr.web import downloads
from traceqr.web.links import BadLink, Link, Links
from traceqr.web.passes import Pass, Passes
from traceqr.web.streaming import Layout, UnevenFile

LINK = Link("0123456789abcdef", 1_000)
NAME = "batch-00000001-labels-00000000-00000004.csv"
HOUR_MS = 3_600_000


class TestLinks:
    def test_a_link_comes_back(self) -> None:
        assert Links(SECRET).read(Links(SECRET).issue(LINK), 999) == LINK

    def test_it_ends(self) -> None:
        with pytest.raises(BadLink) as bad:
            Links(SECRET).read(Links(SECRET).issue(LINK), 1_000)
        assert bad.value.reason == "link-expired"

    def test_any_change(self) -> None:
        token = Links(SECRET).issue(LINK)
        for place, letter in enumerate(token):
            with pytest.raises(BadLink) as bad:
                Links(SECRET).read(f"{token[:place]}{'A' if letter != 'A' else 'B'}{token[place + 1 :]}", 0)
            assert bad.value.reason == "link-altered"

    @pytest.mark.parametrize("token", ["", ".", "a.b", "ü", "A" * 4_000])
    def test_no_token(self, token: str) -> None:
        with pytest.raises(BadLink):
            Links(SECRET).read(token, 0)

    def test_that_of_another_secret_or_purpose(self) -> None:
        for token in (Links("x" * 40).issue(LINK), Passes(SECRET).issue(Pass(1, 2, "device", 0))):
            with pytest.raises(BadLink):
                Links(SECRET).read(token, 0)


JOBS = {
    name: Job(
        Series(Origin.parse("HTTPS://QR.EXAMPLE.ORG"), Gtin.parse("06901234000016"), 1, 1, 1),
        5,
        1_004,
        Imprint("绿茶", "L-7", "第一茶业"),
    )
    for name in ("csv", "tspl", "pdf", "png")
}
LAYOUTS = {name: Layout.of(formats.make(name, job, {}), job) for name, job in JOBS.items()}


class TestLayout:
    @given(st.sampled_from(sorted(LAYOUTS)), st.data())
    @settings(deadline=None)
    def test_strips_are_those_that_a_stretch_needs(self, name: str, data: st.DataObject) -> None:
        """All of them, in order, and none that has no byte of it."""
        layout = LAYOUTS[name]
        start = data.draw(st.integers(0, layout.size - 1))
        stop = data.draw(st.integers(start + 1, layout.size))
        expected = []
        for place, first in enumerate(range(layout.first, layout.last + 1, layout.step)):
            offset = layout.head + place * layout.width
            if offset < stop and min(offset + layout.width, layout.end) > start:
                expected.append((first, min(first + layout.step - 1, layout.last), offset))
        assert list(layout.strips(start, stop)) == expected

    @pytest.mark.parametrize("name", sorted(LAYOUTS))
    def test_whole_files_have_no_gap(self, name: str) -> None:
        layout, form = LAYOUTS[name], LAYOUTS[name].form
        at = len(form.head())
        for first, last, offset in layout.strips(0, layout.size):
            assert offset == at
            at += len(form.body(Strip(layout.series, first, ("1" * 169,) * (last - first + 1))))
        assert (at, at + len(layout.tail())) == (layout.end, layout.size)
        assert sum(last - first + 1 for first, last, _ in layout.strips(0, layout.size)) == 1_000

    def test_a_strip_of_another_length_is_never_sent(self) -> None:
        layout = LAYOUTS["csv"]
        with pytest.raises(UnevenFile, match="bytes of labels from 5"):
            layout.content(5, [bytes(64)] * (layout.step - 1), layout.head)

    def test_a_format_that_nobody_knows_the_length_of(self) -> None:
        job = JOBS["png"]
        with pytest.raises(UnevenFile, match="expected a format whose length is known"):
            Layout.of(formats.make("png", job, {"sheet": "contact"}), job)


@pytest.fixture
def app(world: World, tmp_path: Path) -> Flask:
    """A node that prints, whose signer is not there yet."""
    chosen = settings_of(TRACEQR_ROLES="public,print", TRACEQR_SIGNER=str(tmp_path / "signer"))
    made = world.app(chosen)
    downloads.install(made, chosen, world.database)
    return made


@pytest.fixture
def visitor(app: Flask, tmp_path: Path, world: World) -> Iterator[FlaskClient]:
    """A print house, while the signer answers."""
    with answering(world.base, tmp_path / "signer"):
        yield browser(app)


def path(world: World, export: Export, hours: float = 24) -> str:
    return f"/print/{Links(SECRET).issue(Link(export.id, world.time() + int(hours * HOUR_MS)))}/{NAME}"


@pytest.fixture
def export(world: World) -> Export:
    world.issue()
    return linked_export(world.base)


def void(world: World, _: Export) -> None:
    activating.void(world.desk, Range(1), "spoilt")


def compromise(world: World, _: Export) -> None:
    keying.compromise(world.desk, 1, "stolen")


def finish(world: World, export: Export) -> None:
    exporting.finish(world.desk, export, "ab" * 32, 1)
    world.time.pass_ms(GRACE_MS)


def let_end(world: World, _: Export) -> None:
    world.time.pass_ms(24 * HOUR_MS)


class TestAnswers:
    def test_the_file(self, world: World, visitor: FlaskClient, export: Export) -> None:
        answer = visitor.get(path(world, export))
        assert answer.status_code == 200
        assert answer.data.decode().count(f"/01/{GREEN_TEA}/21/") == 5
        assert world.base.acts()[-1] == "labels.exported"

    @pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
    @pytest.mark.parametrize(
        ("happens", "words"),
        [
            (void, {"zh-CN": "不得再印制", "zh-TW": "不得再印製", "en": "may no longer be printed"}),
            (compromise, {"zh-CN": "不得再印制", "zh-TW": "不得再印製", "en": "may no longer be printed"}),
            (finish, {"zh-CN": "已被下载过", "zh-TW": "已被下載過", "en": "was fetched before"}),
            (let_end, {"zh-CN": "链接已失效", "zh-TW": "連結已失效", "en": "link has ended"}),
        ],
    )
    def test_what_ended_since(
        self,
        world: World,
        visitor: FlaskClient,
        export: Export,
        happens: Callable[[World, Export], None],
        words: dict[str, str],
        language: str,
    ) -> None:
        address = path(world, export)
        happens(world, export)
        for method in ("GET", "HEAD"):
            answer = visitor.open(address, method=method, headers={"Accept-Language": language})
            assert (answer.status_code, answer.mimetype) == (403, "text/html")
            assert answer.headers["Cache-Control"] == "no-store"
        assert words[language] in visitor.get(address, headers={"Accept-Language": language}).text

    def test_the_ledger_knows_an_earlier_end_than_the_link(self, world: World, visitor: FlaskClient) -> None:
        world.issue()
        made = linked_export(world.base, hours=1)
        world.time.pass_ms(HOUR_MS)
        assert visitor.get(path(world, made)).status_code == 403

    def test_an_export_that_had_no_link(self, world: World, visitor: FlaskClient) -> None:
        world.issue()
        assert visitor.get(path(world, world.base.export())).status_code == 404

    def test_without_a_signer(self, world: World, app: Flask, export: Export) -> None:
        answer = browser(app).get(path(world, export))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")

    def test_with_the_registry_away(self, world: World, visitor: FlaskClient, export: Export) -> None:
        address = path(world, export)
        world.base.take_away()
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        world.base.bring_back()

    def test_no_more_at_once_than_a_process_bears(
        self, world: World, app: Flask, visitor: FlaskClient, export: Export
    ) -> None:
        """Each place is free again however its download ended; what is refused takes none."""
        address = path(world, export)
        held = [visitor.get(address) for _ in range(downloads.MOST)]
        refused = visitor.get(address, headers={"Accept-Language": "en"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert "cannot be fetched just now" in refused.text
        assert visitor.head(address).status_code == 200
        for each in held:
            each.close()
        for _ in range(downloads.MOST + 1):
            assert visitor.get(address, buffered=True).status_code == 200
        assert app.extensions[downloads.EXTENSION].under_way == 0

    def test_a_node_without_the_setting(self, world: World) -> None:
        chosen = settings_of(TRACEQR_ROLES="print")
        with pytest.raises(InvalidSetting, match="TRACEQR_SIGNER is missing"):
            downloads.install(world.app(chosen), chosen, world.database)
