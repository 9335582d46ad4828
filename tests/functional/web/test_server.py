"""The verifier as it is deployed: gunicorn, a registry file, no private keys."""

from __future__ import annotations

import io
import json
import re
import struct
import threading
import urllib.parse
import zlib

import pytest
import segno
from PIL import Image
from support.server import ROOT, Answer
from support.shop import Shop

from traceqr.activating import Range
from traceqr.label.format import Label
from traceqr.recalling import lift, open_on_batch
from traceqr.symbol.encode import encode
from traceqr.symbol.png import to_png

BROWSER = {
    "Accept": "text/html,application/xhtml+xml",
    "Sec_Fetch_Dest": "document",
    "Sec_Fetch_Mode": "navigate",
    "Sec_Fetch_Site": "none",
}
JSON = {"Accept": "application/json"}


LABEL = Label.parse(
    next(
        vector["text"]
        for vector in json.loads((ROOT / "tests" / "vectors" / "label-v1.json").read_text())["vectors"]
        if vector["expected"]["verdict"] == "genuine"
    )
)


def blank_png(width: int, height: int, *, without_pixels: bool = False) -> bytes:
    """A white picture, or the header of one."""
    pixels = b"" if without_pixels else zlib.compress((b"\0" + b"\xff" * width) * height)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", pixels), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def code(answer: Answer) -> str:
    """The verdict of a page or of a JSON answer."""
    if answer.headers["Content-Type"].startswith("application/json"):
        return str(json.loads(answer.text)["code"])
    found = re.search(r'data-verdict="([a-z]+)"', answer.text)
    assert found, answer.text[:500]
    return found[1]


def cookie(answer: Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def image(answer: Answer) -> str:
    found = re.search(r'src="(/seen/[^"]+)"', answer.text)
    assert found
    return found[1]


def look(shop: Shop, index: int) -> Answer:
    """A new phone scans a label and loads the page with its image: the device counts from then on."""
    page = shop.server.get(shop.path(index), **BROWSER)
    shop.server.get(image(page), Cookie=cookie(page), Sec_Fetch_Dest="image", Sec_Fetch_Site="same-origin")
    return page


def recorded(shop: Shop, index: int) -> int:
    """How often the label counts as seen."""
    rows = shop.world.rows(
        "SELECT times_seen FROM sighting WHERE batch = :batch AND label_index = :index",
        batch=shop.batch.number,
        index=index,
    )
    return int(rows[0]["times_seen"]) if rows else 0


def test_a_second_phone_is_told_of_the_first(shop: Shop) -> None:
    assert code(look(shop, 1)) == "genuine"
    second = look(shop, 1)
    assert code(second) == "seen"
    assert recorded(shop, 1) == 2


def test_the_same_phone_is_not_told_of_itself(shop: Shop) -> None:
    first = look(shop, 2)
    again = shop.server.get(shop.path(2), Cookie=cookie(first), **BROWSER)
    assert code(again) == "genuine"
    assert recorded(shop, 2) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {**BROWSER, "Sec_Fetch_Dest": "image", "Sec_Fetch_Mode": "no-cors"},
        {**BROWSER, "Sec_Purpose": "prefetch"},
        {**BROWSER, "Purpose": "prefetch"},
        {"Accept": "text/html", "User_Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"Accept": "image/*"},
        JSON,
    ],
    ids=["img on another site", "prefetch", "old prefetch", "crawler", "old img", "program"],
)
def test_what_is_no_scan_records_nothing_and_learns_no_history(shop: Shop, headers: dict[str, str]) -> None:
    look(shop, 3)
    before = shop.world.rows("SELECT * FROM scan")
    answer = shop.server.get(shop.path(3), **headers)
    assert code(answer) == "genuine", "not seen: it is told nothing of the first scan"
    assert shop.world.rows("SELECT * FROM scan") == before


def test_head_records_nothing(shop: Shop) -> None:
    before = shop.world.rows("SELECT * FROM scan")
    answer = shop.server.raw(
        f"HEAD {shop.path(4)} HTTP/1.1\r\nHost: 127.0.0.1:{shop.server.port}\r\nAccept: text/html\r\n"
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert shop.world.rows("SELECT * FROM scan") == before


def test_cookieless_repeats_never_count(shop: Shop) -> None:
    for _ in range(5):
        page = shop.server.get(shop.path(5), **BROWSER)
        shop.server.get(image(page), Sec_Fetch_Dest="image", Sec_Fetch_Site="same-origin")
        assert code(page) == "genuine"
    assert recorded(shop, 5) == 0


def test_the_image_confirms_only_its_own_device_and_only_here(shop: Shop) -> None:
    page, other = (shop.server.get(shop.path(6), **BROWSER) for _ in range(2))
    shop.server.get(image(page), Cookie=cookie(other))
    shop.server.get(image(page), Cookie=cookie(page), Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="image")
    assert recorded(shop, 6) == 0
    shop.server.get(image(page), Cookie=cookie(page), Sec_Fetch_Site="same-origin", Sec_Fetch_Dest="image")
    shop.server.get(image(page), Cookie=cookie(page), Sec_Fetch_Site="same-origin", Sec_Fetch_Dest="image")
    assert recorded(shop, 6) == 1


def test_no_raw_cookie_agent_or_address_is_kept(shop: Shop) -> None:
    page = shop.server.get(shop.path(7), **BROWSER, User_Agent="Mozilla/5.0 Secret-Agent/1.2 Firefox/130")
    rows = str(shop.world.rows("SELECT * FROM scan"))
    assert cookie(page).partition("=")[2] not in rows
    assert "Secret" not in rows
    assert "127.0.0.1" not in rows


def test_json_of_a_label(shop: Shop) -> None:
    body = json.loads(shop.server.get(shop.path(8), **JSON).text)
    assert (body["code"], body["reason"], body["step"]["number"]) == ("genuine", "history-not-checked", 9)
    assert body["evidence"]["product"]["gtin"] == shop.batch.gtin
    assert body["evidence"]["pledge"]["number"] == 1


def test_a_recall_shows_with_the_next_scan_and_lifting_restores(shop: Shop) -> None:
    assert code(shop.server.get(shop.path(20), **BROWSER)) == "genuine"
    notice = open_on_batch(shop.world.desk, "recall", Range(shop.batch.number, 20, 29), "玻璃碎片")
    page = shop.server.get(shop.path(20), **BROWSER)
    assert code(page) == "recalled"
    assert "玻璃碎片" in page.text
    assert code(shop.server.get(shop.path(19), **BROWSER)) == "genuine"
    lift(shop.world.desk, notice.id, "cleared")
    assert code(shop.server.get(shop.path(20), **BROWSER)) == "genuine"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/01/06901234000016?s={seal}", "not-a-label"),
        ("/01/%30{gtin13}/21/{serial}?s={seal}", "gtin-malformed"),
        ("/01/{gtin}/21/{serial}?%73={seal}&s={seal}", "parameter-malformed"),
        ("/01/{gtin}/21/{serial}?s={seal}&17=301231", "parameter-numeric"),
        ("/01/{gtin}/21/{serial}?s={seal}&s={seal}", "seal-repeated"),
        ("/01/{gtin}/21/{serial}/?s={seal}", "not-a-label"),
        ("/01/{gtin}//21/{serial}?s={seal}", "not-a-label"),
        ("/01/{gtin}/21/{serial}?s={altered}", "seal-broken"),
    ],
)
def test_the_raw_target_decides(shop: Shop, target: str, reason: str) -> None:
    label = Label.parse(shop.text(9))
    seal = str(label.seal)
    altered = seal[:-1] + str((int(seal[-1]) + 1) % 10)
    path = target.format(gtin=label.gtin, gtin13=label.gtin.digits[1:], serial=label.serial, seal=seal, altered=altered)
    answer = shop.server.get(path, **JSON)
    body = json.loads(answer.text)
    assert (answer.status, body["code"], body["reason"]) == (200, "forged", reason)
    page = shop.server.get(path, **BROWSER)
    assert (page.status, code(page)) == (200, "forged")


def test_trackers_and_a_language_may_be_appended(shop: Shop) -> None:
    target = shop.path(10) + "&from=singlemessage&isappinstalled=0&utm_source=x%20y&lang=en"
    assert json.loads(shop.server.get(target, **JSON).text)["code"] == "genuine"


def test_a_foreign_host_is_suspect(shop: Shop) -> None:
    answer = shop.server.get(shop.path(11), **JSON, Host="192.168.7.7")
    assert (json.loads(answer.text)["code"], json.loads(answer.text)["reason"]) == ("suspect", "host-foreign")
    posted = shop.server.post(
        "/api/v1/verify",
        json.dumps(
            {"text": shop.text(11).replace(f"HTTP://127.0.0.1:{shop.server.port}", "HTTPS://QR-CHECK.EXAMPLE")}
        ).encode(),
        Content_Type="application/json",
    )
    assert (json.loads(posted.text)["code"], json.loads(posted.text)["reason"]) == ("suspect", "host-foreign")


def test_too_long_over_http_is_414_and_by_post_forged(shop: Shop) -> None:
    long = shop.path(12) + "&x=" + "y" * 5_000
    answer = shop.server.raw(f"GET {long} HTTP/1.1\r\nHost: 127.0.0.1:{shop.server.port}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 414 ")
    body = json.dumps({"text": "HTTP://127.0.0.1" + long}).encode()
    posted = shop.server.post("/api/v1/verify", body, Content_Type="application/json")
    assert (json.loads(posted.text)["code"], json.loads(posted.text)["reason"]) == ("forged", "text-too-long")


def test_hostile_texts_leave_nothing_in_the_log(shop: Shop) -> None:
    before = shop.server.log.read_bytes()
    hostile = "HTTP://127.0.0.1/01/\r\n[CRITICAL] forged-entry\x1b[31m<script>alert(1)</script>${jndi:x}"
    posted = shop.server.post("/api/v1/verify", json.dumps({"text": hostile}).encode(), Content_Type="application/json")
    assert json.loads(posted.text)["code"] == "forged"
    form = urllib.parse.urlencode({"text": hostile}).encode()
    page = shop.server.post("/check", form, Content_Type="application/x-www-form-urlencoded")
    assert code(page) == "forged"
    assert "<script>" not in page.text
    target = urllib.parse.quote(hostile, safe="/:")
    assert code(shop.server.get(f"/01/{target}", **BROWSER)) == "forged"
    assert shop.server.log.read_bytes() == before


def test_a_pasted_label_leads_to_its_page(shop: Shop) -> None:
    form = urllib.parse.urlencode({"text": f"  {shop.text(13)}\r\n"}).encode()
    answer = shop.server.post("/check", form, Content_Type="application/x-www-form-urlencoded")
    assert (answer.status, answer.headers["Location"]) == (303, shop.path(13))


def upload(shop: Shop, content: bytes, **headers: str) -> Answer:
    head = b'--edge\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\nContent-Type: image/png\r\n\r\n'
    body = head + content + b"\r\n--edge--\r\n"
    return shop.server.post("/check", body, Content_Type="multipart/form-data; boundary=edge", **headers)


def test_a_photo_is_a_scan(shop: Shop) -> None:
    photo = to_png(encode(Label.parse(shop.text(17))))
    first = upload(shop, photo, **{**BROWSER, "Sec_Fetch_Site": "same-origin"})
    assert (first.status, code(first)) == (200, "genuine")
    shop.server.get(image(first), Cookie=cookie(first), Sec_Fetch_Dest="image", Sec_Fetch_Site="same-origin")
    assert shop.world.one("SELECT channel FROM scan WHERE label_index = 17")["channel"] == "photo"
    assert code(upload(shop, photo, **{**BROWSER, "Sec_Fetch_Site": "same-origin"})) == "seen"


def test_a_photo_of_a_code_that_is_no_label_is_forged(shop: Shop) -> None:
    drawn = io.BytesIO()
    segno.make("https://shop.example/win", micro=False).save(drawn, kind="png", scale=6)
    assert code(upload(shop, drawn.getvalue(), **BROWSER)) == "forged"


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "请先选择一张标签照片"),
        (b"%PDF-1.7 not a picture", 400, "无法读取该文件"),
        (to_png(encode(LABEL))[:200], 400, "无法读取该文件"),
        (blank_png(64, 64), 400, "没有找到二维码"),
        (blank_png(60_000, 60_000, without_pixels=True), 413, "太大"),
        (bytes(50_000_000), 413, "太大"),
    ],
    ids=["nothing", "not a picture", "damaged", "no code in it", "decompression bomb", "50 MB"],
)
def test_a_bad_photo_gets_a_clear_message(shop: Shop, content: bytes, status: int, words: str) -> None:
    answer = upload(shop, content, **BROWSER)
    assert answer.status == status
    assert words in answer.text
    assert shop.server.get("/healthz").status == 200


def test_a_form_of_another_site_is_refused(shop: Shop) -> None:
    form = urllib.parse.urlencode({"text": shop.text(14)}).encode()
    answer = shop.server.post(
        "/check", form, Content_Type="application/x-www-form-urlencoded", Sec_Fetch_Site="cross-site"
    )
    assert answer.status == 403


def test_security_headers_on_every_answer(shop: Shop) -> None:
    for path in ("/", shop.path(15), "/nowhere", "/healthz", "/.well-known/traceqr-keys.json", "/favicon.svg"):
        headers = shop.server.get(path, **BROWSER).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path


def test_keys_are_published(shop: Shop) -> None:
    body = json.loads(shop.server.get("/.well-known/traceqr-keys.json").text)
    assert [(key["kid"], key["traceqr_role"]) for key in body["keys"]] == [("1", "label")]


def test_health(shop: Shop) -> None:
    assert shop.server.get("/healthz").status == 200
    assert shop.server.get("/readyz").status == 200


def test_without_its_registry_nothing_good_is_said_and_it_recovers(shop: Shop) -> None:
    path, away, target = shop.world.path, shop.world.path.with_suffix(".away"), shop.path(16)
    path.rename(away)
    try:
        answer = shop.server.get(target, **JSON)
        assert answer.status == 503
        body = json.loads(answer.text)
        assert (body["code"], body["reason"]) == ("unchecked", "registry-unreachable")
        assert shop.server.get("/readyz").status == 503
        assert shop.server.get("/healthz").status == 200
        forged = shop.server.get("/01/x?s=1", **JSON)
        assert json.loads(forged.text)["code"] == "forged"
    finally:
        away.rename(path)
    assert json.loads(shop.server.get(target, **JSON).text)["code"] == "genuine"
    assert shop.server.get("/readyz").status == 200


def test_a_host_reaches_into_no_target(shop: Shop) -> None:
    """Otherwise a label in the Host header would verify under the target of another."""
    host = f"127.0.0.1:{shop.server.port}{shop.path(18)}&x="
    request = f"GET /01/x?s=1 HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    answer = shop.server.raw(request.encode())
    assert b'"forged"' in answer
    assert b'"genuine"' not in answer


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
    ],
)
def test_a_message_with_two_ends_is_refused(shop: Shop, framing: str) -> None:
    """Where a proxy and the server see its end at different places, the second half is a request of somebody else."""
    half = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = shop.server.raw(f"POST /check HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{half}".encode())
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert answer.count(b"HTTP/1.1 ") == 1


def test_no_header_moves_the_application(shop: Shop) -> None:
    request = (
        f"GET {shop.path(19)} HTTP/1.1\r\nHost: 127.0.0.1:{shop.server.port}\r\nSCRIPT_NAME: /01\r\n"
        "Accept: application/json\r\nConnection: close\r\n\r\n"
    )
    answer = shop.server.raw(request.encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"genuine"' in answer


def test_a_costly_photo_holds_up_nobody(shop: Shop) -> None:
    """Each scan of a progressive JPEG walks the whole picture, and there may be thousands."""
    drawn = io.BytesIO()
    Image.new("L", (7_000, 7_000), 255).save(drawn, "JPEG", progressive=True)
    content = drawn.getvalue()
    start = content.rindex(b"\xff\xda")
    costly = content[:-2] + content[start:-2] * 3_000 + content[-2:]
    answers: list[Answer] = []
    uploads = [threading.Thread(target=lambda: answers.append(upload(shop, costly, **BROWSER))) for _ in range(3)]
    for each in uploads:
        each.start()
    alive = [shop.server.get("/healthz").status for _ in range(20)]
    for each in uploads:
        each.join()
    assert alive == [200] * 20
    assert {answer.status for answer in answers} <= {413, 503}
    assert len(answers) == 3
