"""Which requests are scans by a person. Everything else is answered, but records nothing and is told no history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

_AHEAD = ("prefetch", "preview", "prerender")
_AHEAD_HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")

ACCEPT, AGENT = "HTTP_ACCEPT", "HTTP_USER_AGENT"

Environ = Mapping[str, Any]

_MACHINES = (
    "facebookexternalhit",
    "facebot",
    "meta-externalagent",
    "twitterbot",
    "slackbot",
    "slack-imgproxy",
    "discordbot",
    "linkedinbot",
    "whatsapp/",
    "telegrambot",
    "skypeuripreview",
    "pinterestbot",
    "redditbot",
    "viber/",
    "line-poker",
    "mattermost-bot",
    "googlebot",
    "google-inspectiontool",
    "googleother",
    "bingbot",
    "bingpreview",
    "baiduspider",
    "sogou web spider",
    "sogou inst spider",
    "360spider",
    "yisouspider",
    "bytespider",
    "toutiaospider",
    "petalbot",
    "applebot",
    "yandexbot",
    "duckduckbot",
    "ahrefsbot",
    "semrushbot",
    "mj12bot",
    "gptbot",
    "ccbot",
    "ia_archiver",
    "dingtalkbot",
    "larkurlpreview",
)
"""Crawlers and link previews that name themselves, in lower case. None may be part of a browser's own name."""

_FAMILIES = (
    ("micromessenger", "wechat"),
    ("alipayclient", "alipay"),
    ("huaweibrowser", "huawei"),
    ("miuibrowser", "xiaomi"),
    ("samsungbrowser", "samsung"),
    ("edg", "edge"),
    ("firefox", "firefox"),
    ("fxios", "firefox"),
    ("chrome", "chrome"),
    ("crios", "chrome"),
    ("safari", "safari"),
)
"""The first that occurs decides: many browsers carry the names of others behind their own."""

_HTML = ("text/html", "application/xhtml+xml")

_READ = 1024
"""Characters of a user agent looked at."""


def is_scan(environ: Environ, known: bool, methods: Collection[str] = ("GET",)) -> bool:
    """Whether a person opened this address: a top-level navigation, not sent ahead, not by a machine.

    `environ` is the WSGI environment. `known` says whether the request carries a device cookie of ours. Browsers before
    2020 and some in-app ones send no Sec-Fetch headers; from those the wish for a page, or the cookie, is taken for it,
    unless JSON is preferred.
    """
    if environ["REQUEST_METHOD"] not in methods or _sent_ahead(environ) or is_machine(environ.get(AGENT, "")):
        return False
    destination, mode = environ.get("HTTP_SEC_FETCH_DEST"), environ.get("HTTP_SEC_FETCH_MODE")
    if destination is None and mode is None:
        accept = environ.get(ACCEPT, "")
        return not prefers_json(accept) and (known or "text/html" in accept.lower())
    return destination in (None, "document") and mode in (None, "navigate")


@lru_cache(maxsize=512)
def prefers_json(accept: str) -> bool:
    """Whether an Accept header (RFC 9110, section 12.5.1) names JSON with a higher weight than HTML, or with the same
    and before it. A wildcard names neither.
    """
    if "json" not in accept.lower():
        return False
    ranges = enumerate(parse_accept_header(accept, MIMEAccept))
    ranks = [(weight, -place, name.partition(";")[0].lower()) for place, (name, weight) in ranges if weight > 0]
    json = max((rank for rank in ranks if rank[2].endswith(("/json", "+json"))), default=None)
    html = max((rank for rank in ranks if rank[2] in _HTML), default=None)
    return json is not None and (html is None or json > html)


def is_machine(agent: str) -> bool:
    """Whether a user agent names itself a crawler or a link preview."""
    return _is_machine(agent[:_READ])


@lru_cache(maxsize=2048)
def _is_machine(agent: str) -> bool:
    name = agent.lower()
    return any(machine in name for machine in _MACHINES)


def family(agent: str) -> str:
    """The browser in one coarse word. Nothing finer is kept, so that it identifies nobody."""
    return _family(agent[:_READ])


@lru_cache(maxsize=2048)
def _family(agent: str) -> str:
    name = agent.lower()
    return next((known for part, known in _FAMILIES if part in name), "other")


def _sent_ahead(environ: Environ) -> bool:
    """Whether a browser says that nobody looks at the answer yet."""
    for name in _AHEAD_HEADERS:
        value = environ.get(name)
        if value and any(word in value.lower() for word in _AHEAD):
            return True
    return False
