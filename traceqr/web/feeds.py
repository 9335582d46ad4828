"""Recalls as feeds: Atom (RFC 4287) and JSON Feed 1.1, made of what `web/recalls.py` has read. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from traceqr.instant import to_iso

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (section 2.2)."""


@dataclass(frozen=True, slots=True)
class Item:
    """A recall for readers of one language. `address` is the page of it, and stays its id for ever."""

    address: str
    title: str
    content: str
    opened_ms: int
    changed_ms: int
    author: str
    author_address: str
    tags: tuple[str, ...]
    more: dict[str, Any]
    """For programs that know TraceQR."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in one language. `home` is the page of the same, `here` the address of the feed itself."""

    title: str
    language: str
    home: str
    here: str
    items: Sequence[Item]

    @property
    def changed_ms(self) -> int:
        """When something of it changed last; the epoch while there is nothing."""
        return max((item.changed_ms for item in self.items), default=0)


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    ET.register_namespace("", ATOM)
    root = ET.Element(_tag("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": feed.language})
    _text(root, "id", feed.here)
    _text(root, "title", feed.title)
    _text(root, "updated", to_iso(feed.changed_ms))
    _link(root, "self", feed.here, "application/atom+xml")
    _link(root, "alternate", feed.home, "text/html")
    _text(root, "generator", "TraceQR")
    for item in feed.items:
        _entry(root, item)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def json_feed(feed: Feed) -> dict[str, Any]:
    """The feed as JSON Feed."""
    return {
        "version": JSON_FEED,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.here,
        "language": feed.language,
        "items": [_item(item, feed.language) for item in feed.items],
    }


def _item(item: Item, language: str) -> dict[str, Any]:
    return {
        "id": item.address,
        "url": f"{item.address}?lang={language}",
        "title": item.title,
        "content_text": item.content,
        "date_published": to_iso(item.opened_ms),
        "date_modified": to_iso(item.changed_ms),
        "authors": [{"name": item.author, "url": item.author_address}],
        "tags": list(item.tags),
        "language": language,
        "_traceqr": item.more,
    }


def _entry(root: ET.Element, item: Item) -> None:
    entry = ET.SubElement(root, _tag("entry"))
    _text(entry, "id", item.address)
    _text(entry, "title", item.title)
    _text(entry, "published", to_iso(item.opened_ms))
    _text(entry, "updated", to_iso(item.changed_ms))
    author = ET.SubElement(entry, _tag("author"))
    _text(author, "name", item.author)
    _text(author, "uri", item.author_address)
    _link(entry, "alternate", item.address, "text/html")
    for tag in item.tags:
        ET.SubElement(entry, _tag("category"), {"term": tag})
    _text(entry, "content", item.content)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = _NO_XML.sub("\ufffd", text)


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(parent, _tag("link"), {"rel": rel, "href": href, "type": kind})


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
