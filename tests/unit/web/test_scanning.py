"""Which requests count as scans: the table, case by case."""

from __future__ import annotations

import pytest

from traceqr.web.scanning import family, is_machine, is_scan


def environ(method: str, headers: dict[str, str]) -> dict[str, str]:
    """A request as WSGI (PEP 3333) hands it on."""
    return {"REQUEST_METHOD": method} | {f"HTTP_{name.upper().replace('-', '_')}": headers[name] for name in headers}


DOCUMENT = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WECHAT = (
    "Mozilla/5.0 (Linux; Android 9; M2) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/78.0 "
    "Mobile Safari/537.36 MMWEBID/1 MicroMessenger/7.0.20 NetType/WIFI Language/zh_CN"
)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"

CASES = [
    ("a navigation", "GET", {**DOCUMENT, **PAGE}, False, True),
    ("a navigation that asks for anything", "GET", {**DOCUMENT, "Accept": "*/*"}, False, True),
    ("an old phone", "GET", PAGE, False, True),
    ("WeChat", "GET", {**PAGE, "User-Agent": WECHAT}, False, True),
    ("a known device without Sec-Fetch", "GET", {"Accept": "*/*"}, True, True),
    ("a program", "GET", {"Accept": "*/*", "User-Agent": "curl/8.0"}, False, False),
    ("no headers at all", "GET", {}, False, False),
    ("JSON for a stranger", "GET", {"Accept": "application/json"}, False, False),
    ("JSON before a page", "GET", {"Accept": "application/json, text/html"}, False, False),
    ("JSON rather than a page", "GET", {"Accept": "text/html;q=0.9, application/json"}, False, False),
    ("a page before JSON", "GET", {"Accept": "text/html, application/json"}, False, True),
    ("a page rather than JSON", "GET", {"Accept": "application/json;q=0.5, text/html;q=0.9"}, False, True),
    ("XHTML before JSON", "GET", {"Accept": "application/xhtml+xml, text/html, application/json"}, False, True),
    ("JSON of some kind", "GET", {"Accept": "application/ld+json, text/html;q=0.9"}, False, False),
    ("JSON refused", "GET", {"Accept": "application/json;q=0, text/html;q=0.1"}, False, True),
    ("JSON for a known device", "GET", {"Accept": "application/json"}, True, False),
    ("JSON or anything, a known device", "GET", {"Accept": "application/json, text/plain, */*"}, True, False),
    ("JSON before a page, a known device", "GET", {"Accept": "application/json, text/html"}, True, False),
    ("a page before JSON, a known device", "GET", {"Accept": "text/html, application/json"}, True, True),
    ("a navigation that asks for JSON", "GET", {**DOCUMENT, "Accept": "application/json"}, False, True),
    ("HEAD", "HEAD", {**DOCUMENT, **PAGE}, True, False),
    ("POST", "POST", {**DOCUMENT, **PAGE}, True, False),
    ("an image", "GET", {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors", **PAGE}, True, False),
    ("a frame", "GET", {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate", **PAGE}, True, False),
    ("an object", "GET", {"Sec-Fetch-Dest": "object", "Sec-Fetch-Mode": "navigate", **PAGE}, True, False),
    ("a script's fetch", "GET", {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", **PAGE}, True, False),
    ("destination alone, right", "GET", {"Sec-Fetch-Dest": "document"}, False, True),
    ("mode alone, wrong", "GET", {"Sec-Fetch-Mode": "cors", **PAGE}, True, False),
    ("prefetch", "GET", {**DOCUMENT, **PAGE, "Sec-Purpose": "prefetch"}, True, False),
    ("prerender", "GET", {**DOCUMENT, **PAGE, "Sec-Purpose": "prefetch;prerender"}, True, False),
    ("old prefetch", "GET", {**PAGE, "Purpose": "prefetch"}, True, False),
    ("Safari's preview", "GET", {**PAGE, "X-Purpose": "preview"}, True, False),
    ("old Firefox's prefetch", "GET", {**PAGE, "X-Moz": "Prefetch"}, True, False),
    ("Facebook's preview", "GET", {**PAGE, "User-Agent": "facebookexternalhit/1.1"}, True, False),
    ("Baidu", "GET", {**PAGE, "User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}, True, False),
    ("WhatsApp's preview", "GET", {**PAGE, "User-Agent": "WhatsApp/2.23.20 A"}, True, False),
]


@pytest.mark.parametrize(
    ("method", "headers", "known", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_is_scan(method: str, headers: dict[str, str], known: bool, expected: bool) -> None:
    assert is_scan(environ(method, headers), known) is expected


def test_photo_is_a_post() -> None:
    assert is_scan(environ("POST", {**DOCUMENT, **PAGE}), False, methods=("POST",))
    assert not is_scan(environ("GET", {**DOCUMENT, **PAGE}), False, methods=("POST",))


@pytest.mark.parametrize("agent", [WECHAT, CHROME, "", CHROME + " Edg/130", CHROME.replace("Chrome", "HeadlessChrome")])
def test_people_are_no_machines(agent: str) -> None:
    assert not is_machine(agent)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (WECHAT, "wechat"),
        (CHROME, "chrome"),
        (CHROME + " Edg/130.0", "edge"),
        (CHROME + " HuaweiBrowser/15", "huawei"),
        (CHROME + " XiaoMi/MiuiBrowser/18", "xiaomi"),
        (CHROME + " SamsungBrowser/23", "samsung"),
        (CHROME + " AliApp(AP/10.5) AlipayClient/10.5", "alipay"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605 Version/17 Mobile/15E Safari/604", "safari"),
        ("Mozilla/5.0 (X11; rv:130.0) Gecko/20100101 Firefox/130.0", "firefox"),
        ("x" * 100_000 + "chrome", "other"),
        ("", "other"),
    ],
)
def test_family(agent: str, expected: str) -> None:
    assert family(agent) == expected
