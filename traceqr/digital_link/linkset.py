"""Links written for programs: linksets (RFC 9264) and `Link` headers (RFC 8288). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from traceqr.digital_link.links import Link, Placed
from traceqr.digital_link.vocabulary import DEFAULT, relation

CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
"""By which a linkset in JSON is JSON-LD."""

MEDIA_TYPE = "application/linkset+json"

MAX_HEADER = 4000
"""Characters of a `Link` header. What has no place in it is in the linkset, which comes first."""


def linkset(origin: str, description: str, links: Sequence[Placed]) -> dict[str, Any]:
    """The linkset: an object for each level that has links, the narrowest first."""
    anchors: dict[str, dict[str, Any]] = {}
    for one in links:
        address = origin + one.about.path
        contexts = anchors.setdefault(address, {"anchor": address, "itemDescription": description})
        contexts.setdefault(relation(one.link.kind), []).append(_target(one.link))
    return {"linkset": list(anchors.values())}


def header(own: str, links: Sequence[Placed]) -> str:
    """The `Link` header: the linkset itself, what makes JSON-LD of it, and links as far as there is room."""
    parts = [
        f'<{own}>; rel="linkset"; type="{MEDIA_TYPE}"; title="Linkset"',
        f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"; title="Context"',
    ]
    used = sum(map(len, parts))
    for one in links:
        written = _written(one.link)
        if (used := used + len(written) + 2) > MAX_HEADER:
            break
        parts.append(written)
    return ", ".join(parts)


def _target(link: Link) -> dict[str, Any]:
    target: dict[str, Any] = {"href": link.href, "title": link.title}
    if link.kind == DEFAULT:  # the standard wants these two alone
        return target
    if link.languages:
        target["hreflang"] = list(link.languages)
    if link.media_type:
        target["type"] = link.media_type
    if link.context:
        target["context"] = [link.context]
    return target


def _written(link: Link) -> str:
    """Titles are of any language, so they are written as RFC 8187 has it, which leaves nothing to quote."""
    parts = [f"<{link.href}>", f'rel="{relation(link.kind)}"', f"title*=UTF-8''{quote(link.title, safe='')}"]
    parts += [f'hreflang="{tag}"' for tag in link.languages]
    parts += [f'type="{link.media_type}"'] if link.media_type else []
    return "; ".join(parts)
