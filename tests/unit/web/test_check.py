"""The form on the front page: pasted texts, photos, and forms from elsewhere."""

from __future__ import annotations

import gzip
import html
import io
import json
import posixpath
import re
from pathlib import Path

import pytest
import segno
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from tests.unit.web.world import HOST, World, browser
from traceqr.label.format import MAX_TEXT
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png
from traceqr.symbol.reading import MAX_PHOTO_BYTES, MAX_PIXELS, MAX_PIXELS_ELSE
from traceqr.web import modules
from traceqr.web.crossing import is_cross_site

OWN = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Accept": "text/html",
}


def photo(content: bytes) -> dict[str, object]:
    return {"photo": (io.BytesIO(content), "label.png")}


@pytest.mark.parametrize("around", ["{}", "  {}\r\n", "\t{}\u3000"])
def test_text_of_ours_leads_to_its_address(world: World, client: FlaskClient, around: str) -> None:
    label = world.label(world.issue())
    answer = client.post("/check", data={"text": around.format(label)}, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, label.path)


def test_text_of_a_foreign_host_is_judged_here(world: World, client: FlaskClient) -> None:
    text = str(world.label(world.issue())).replace(HOST.upper(), "QR.EXAMPLE.COM")
    answer = client.post("/check", data={"text": text}, headers=OWN)
    assert answer.status_code == 200
    assert "存疑" in answer.text
    assert "qr.example.com" in answer.text
    assert f'name="text" value="{text}"' in answer.text, "the language switch sends the text again"


@pytest.mark.parametrize("text", ["hello", "https://" + "x" * 5000, "<script>alert(1)</script>", "\0", "ｈｔｔｐｓ"])
def test_what_is_no_label_is_called_so(client: FlaskClient, text: str) -> None:
    answer = client.post("/check", data={"text": text}, headers=OWN)
    assert answer.status_code == 200
    assert 'data-verdict="forged"' in answer.text
    assert "不是本平台的标签" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("data", [{}, {"text": ""}, {"text": " \n"}])
def test_nothing_entered(client: FlaskClient, data: dict[str, str]) -> None:
    answer = client.post("/check", data=data, headers=OWN)
    assert answer.status_code == 400
    assert "请先粘贴标签码文" in answer.text
    assert 'role="alert"' in answer.text


def test_photo_is_a_scan(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue())
    answer = client.post("/check", data=photo(to_png(encode(label))), headers=OWN)
    assert answer.status_code == 200
    assert "首次查询" in answer.text
    assert "/seen/" in answer.text
    assert "__Host-traceqr=" in answer.headers["Set-Cookie"]
    with world.database.snapshot() as reader:
        assert [row["channel"] for row in reader.rows("SELECT channel FROM scan")] == ["photo"]


def test_photo_of_a_foreign_host_is_no_scan(world: World, client: FlaskClient) -> None:
    label = world.label(world.issue())
    text = str(label).replace(HOST.upper(), "QR.EXAMPLE.COM")
    answer = client.post("/check", data=photo(to_png(encode(type(label).parse(text)))), headers=OWN)
    assert "存疑" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "请先选择一张标签照片"),
        (b"no picture", 400, "无法读取该文件"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), 400, "无法读取该文件"),
    ],
)
def test_bad_photo(client: FlaskClient, content: bytes, status: int, words: str) -> None:
    answer = client.post("/check", data=photo(content), headers=OWN)
    assert answer.status_code == status
    assert words in answer.text


def test_photo_without_code(client: FlaskClient, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (200, 200), 255).save(tmp_path / "white.png")
    answer = client.post("/check", data=photo((tmp_path / "white.png").read_bytes()), headers=OWN)
    assert answer.status_code == 400
    assert "没有找到二维码" in answer.text


MULTIPART = "multipart/form-data; boundary=b"


def test_too_large_a_photo(client: FlaskClient) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\n\r\n'
    answer = client.post("/check", data=head + bytes(MAX_PHOTO_BYTES + 1) + b"\r\n--b--\r\n", content_type=MULTIPART)
    assert answer.status_code == 413
    assert "图片太大" in answer.text


def test_too_large_a_form(client: FlaskClient) -> None:
    answer = client.post("/check", data=bytes(MAX_PHOTO_BYTES + 200_000), content_type=MULTIPART, headers=OWN)
    assert answer.status_code == 413
    assert "不超过 10 MB" in answer.text


def test_long_text_is_forged_endless_text_is_refused(client: FlaskClient) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n%b\r\n--b--\r\n'
    for body, content_type in ((b"text=%b", "application/x-www-form-urlencoded"), (part, MULTIPART)):
        long = client.post("/check", data=body % (b"x" * 1_000_000), content_type=content_type, headers=OWN)
        assert (long.status_code, "text-too-long" in long.text) == (200, True)
        assert 'data-verdict="forged"' in long.text
        assert len(long.data) < 20_000, "the text is not repeated as a whole"
        endless = client.post("/check", data=body % (b"x" * 2_000_000), content_type=content_type, headers=OWN)
        assert endless.status_code == 413


def test_a_text_stays_too_long_in_another_language(client: FlaskClient) -> None:
    page = client.post("/check", data={"text": "x" * 5000}, headers=OWN).text
    sent_again = re.search('name="text" value="(x+)"', page)
    assert sent_again
    assert "text-too-long" in client.post("/check?lang=en", data={"text": sent_again[1]}, headers=OWN).text


def test_photo_of_an_oversized_text_is_forged(client: FlaskClient) -> None:
    picture = io.BytesIO()
    segno.make("1" * (MAX_TEXT + 1), error="l").save(picture, kind="png", scale=6)
    answer = client.post("/check", data=photo(picture.getvalue()), headers=OWN)
    assert (answer.status_code, "text-too-long" in answer.text) == (200, True)
    assert 'data-verdict="forged"' in answer.text


def test_the_address_opened_again_is_the_page_to_scan_on(client: FlaskClient) -> None:
    answer = client.get("/check?lang=en")
    assert answer.status_code == 200
    assert "Scan a label" in answer.text
    assert "traceqr-lang=en" in answer.headers["Set-Cookie"]


class TestThePageToScanOn:
    def test_needs_no_script(self, client: FlaskClient) -> None:
        page = client.get("/check").text
        assert re.search('<section class="scanner" hidden', page)
        assert re.search('<section class="imitation"[^>]* hidden', page)
        assert page.count('<form method="post" action="/check"') == 3
        assert 'capture="environment"' in page

    def test_names_the_official_hosts_for_its_script(self, client: FlaskClient) -> None:
        page = client.get("/check").text
        assert json.loads(html.unescape(re.findall('data-hosts="([^"]*)"', page)[0])) == [HOST]

    @pytest.mark.parametrize(
        ("tag", "words"), [("zh-Hans", "扫描标签"), ("zh-Hant", "掃描標籤"), ("en", "Scan a label")]
    )
    def test_in_each_language(self, client: FlaskClient, tag: str, words: str) -> None:
        page = client.get(f"/check?lang={tag}").text
        assert f"<h1>{words}</h1>" in page
        assert 'hreflang="zh-Hant"' in page, "the language can be switched"

    def test_it_alone_may_ask_for_the_camera_and_run_the_reader(self, client: FlaskClient) -> None:
        here = client.get("/check").headers
        assert (
            "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'"
            in (here["Content-Security-Policy"])
        )
        assert "camera=(self)" in here["Permissions-Policy"]
        for answer in (client.post("/check", data={"text": "hello"}, headers=OWN), client.get("/")):
            assert "script-src" not in answer.headers["Content-Security-Policy"]
            assert "camera=()" in answer.headers["Permissions-Policy"]

    def test_without_a_registry(self, world: World) -> None:
        world.database.close()
        assert browser(world.app()).get("/check").status_code == 200


class TestModules:
    def test_a_module_is_kept_for_ever_under_the_digest_of_all(self, client: FlaskClient) -> None:
        address = modules.address("field/check.js")
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert gzip.decompress(answer.data) == client.get(address).data

    def test_under_another_digest_there_is_none(self, client: FlaskClient) -> None:
        ours = modules.digest()
        for path in ("0" * 16 + "/field/check.js", *(f"{ours}/field/{name}" for name in ("none.js", "..%2foffice.js"))):
            assert client.get(f"/modules/{path}").status_code == 404

    def test_a_worker_among_them_may_run_the_reader_and_nothing_else(self, client: FlaskClient) -> None:
        policy = client.get(modules.address("field/decoding-worker.js")).headers["Content-Security-Policy"]
        assert policy.split("; ") == [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
        ]

    def test_what_they_import_is_there(self, client: FlaskClient) -> None:
        for name, asset in modules.found().items():
            for target in re.findall(r"""(?:from |import\()"([./][^"]*)\"""", asset.plain.decode()):
                found = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
                assert found in modules.found() or found.startswith("vendor/"), f"{name} imports {target}"

    def test_what_the_page_loads_is_small(self) -> None:
        """All that the page to scan on can load before the decoder, compressed."""
        ours = [asset for name, asset in modules.found().items() if name.startswith("field/")]
        assert 5_000 < sum(len(asset.packed) for asset in ours) < 60_000


def test_too_many_pixels_names_both_limits(client: FlaskClient, tmp_path: Path) -> None:
    from PIL import Image

    assert (MAX_PIXELS, MAX_PIXELS_ELSE) == ({"JPEG": 50_000_000}, 16_000_000)
    Image.new("1", (4001, 4001)).save(tmp_path / "large.png")
    for language, words in (("en", "10 MB, and at most 50 megapixels"), ("zh-Hans", "5000 万（JPEG）或 1600 万")):
        content = photo((tmp_path / "large.png").read_bytes())
        answer = client.post(f"/check?lang={language}", data=content, headers=OWN)
        assert answer.status_code == 413
        assert words in answer.text


@pytest.mark.parametrize(
    ("headers", "scheme", "crosses"),
    [
        ({}, "https", False),
        ({"Sec-Fetch-Site": "same-origin"}, "https", False),
        ({"Sec-Fetch-Site": "none"}, "https", False),
        ({"Sec-Fetch-Site": "same-site"}, "https", True),
        ({"Sec-Fetch-Site": "cross-site"}, "https", True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://qr.example.org"}, "https", True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, "https", False),
        ({"Origin": "https://qr.example.org"}, "https", False),
        ({"Origin": "https://QR.example.org"}, "https", False),
        ({"Origin": "http://qr.example.org"}, "https", True),
        ({"Origin": "https://qr.example.org.evil.example"}, "https", True),
        ({"Origin": "https://evil.example"}, "https", True),
        ({"Origin": "null"}, "https", True),
    ],
)
def test_is_cross_site(headers: dict[str, str], scheme: str, crosses: bool) -> None:
    assert is_cross_site(Headers({"Host": HOST, **headers}), scheme) is crosses


def test_form_of_another_site_is_refused(world: World) -> None:
    client = browser(world.app())
    label = world.label(world.issue())
    answer = client.post("/check", data=photo(to_png(encode(label))), headers={**OWN, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "该表单已被拒绝" in answer.text
    with world.database.snapshot() as reader:
        assert reader.rows("SELECT batch FROM scan") == []
