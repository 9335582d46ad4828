"""What the interface for enterprises takes and gives, as JSON Schema. Requests are checked by it, and the document of
the interface shows it, so that the two cannot differ.
"""

from __future__ import annotations

from typing import Any

from traceqr import document
from traceqr.claiming import MAX_DOCUMENTS
from traceqr.issuing import MAX_LOT, MAX_MARKET, MAX_MARKS
from traceqr.label.serial import MAX_BATCH, MAX_COUNT, MAX_INDEX
from traceqr.office.handing_out import MAX_HOURS
from traceqr.office.recalls import MAX_CLOSING, MAX_NAME, MAX_REMARK, MOST, OUTCOMES
from traceqr.printing import formats
from traceqr.printing.design import BUILT_IN
from traceqr.web.schema import Schema

MAX_NUMBER = 4_294_967_295
MAX_TEXT = 200
MAX_REASON = 500
MAX_EVIDENCE = 2_000
MAX_WRITTEN = 2_000
MAX_PICTURE = 4_000_000


def line(what: str, most: int, least: int = 1) -> Schema:
    """Text in one line."""
    return {"type": "string", "minLength": least, "maxLength": most, "format": "line", "description": what}


def text(what: str, most: int) -> Schema:
    """Text of several lines."""
    return {"type": "string", "minLength": 1, "maxLength": most, "format": "text", "description": what}


def base64(what: str, most: int) -> Schema:
    """Bytes, at most so many."""
    longest = -(-most // 3) * 4
    return {
        "type": "string",
        "minLength": 4,
        "maxLength": longest,
        "format": "base64",
        "contentEncoding": "base64",
        "description": what,
    }


def whole(what: str, low: int, high: int) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": low, "maximum": high, "description": what}


def one_of(what: str, *names: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(names), "description": what}


def members(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def array(items: Schema, **more: Any) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items, **more}


GTIN: Schema = {
    "type": "string",
    "pattern": "^[0-9]{14}$",
    "format": "gtin",
    "description": "14 digits, padded with zeros.",
}
DAY: Schema = {"type": "string", "format": "date", "description": "Such as 2026-09-01."}
INSTANT: Schema = {"type": "string", "description": "UTC, such as 2026-09-01T00:00:00.000Z."}
TEXT: Schema = {"type": "string"}
ID: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
DIGEST: Schema = {"type": "string", "description": "SHA-256 of the whole file, in hex."}
REASON = line("Why; the ledger keeps it, and of a void, a hold or a recall people read it.", MAX_REASON)
RANGE = {
    "first": whole("Index of the first label; 0 when it is left out.", 0, MAX_INDEX),
    "last": whole("Index of the last label; the batch's own when it is left out.", 0, MAX_INDEX),
}
NUMBER = whole("The number of a batch.", 1, MAX_BATCH)

PRODUCT_TEXT = {
    "name_zh": line("Name in Chinese.", MAX_TEXT),
    "name_en": line("Name in English.", MAX_TEXT, 0),
    "brand": line("Brand.", MAX_TEXT, 0),
    "specification": line("Such as 250 g.", MAX_TEXT, 0),
    "standard": line("The standard that it is made by, such as GB/T 14456.", MAX_TEXT, 0),
}

_PICTURE = {"picture": base64("JPEG, PNG or WebP; the one that there is stays when it is left out.", MAX_PICTURE)}
NEW_PRODUCT = members({"gtin": GTIN, **PRODUCT_TEXT}, _PICTURE)
AMENDED_PRODUCT = members(PRODUCT_TEXT, _PICTURE)
_DOCUMENT = members(
    {"name": line("Of the file.", document.MAX_NAME), "content": base64("PDF, JPEG or PNG.", document.MAX_BYTES)}
)
NEW_CLAIM = members(
    {
        "kind": one_of("A GTIN, or a GS1 company prefix.", "gtin", "prefix"),
        "value": {"type": "string", "pattern": "^[0-9]{7,14}$", "description": "14 digits, or a prefix of 7 to 12."},
        "evidence": line("What shows the right, in words.", MAX_EVIDENCE),
    },
    {"documents": array(_DOCUMENT, maxItems=MAX_DOCUMENTS)},
)
NEW_BATCH = members(
    {"gtin": GTIN, "count": whole("How many labels.", 1, MAX_COUNT)},
    {
        "lot": line("The production lot.", MAX_LOT),
        "produced_on": DAY,
        "expires_on": DAY,
        "pledge": whole("Number of the pledge that the labels carry.", 1, MAX_NUMBER),
        "marks": array(whole("Number of a licence.", 1, MAX_NUMBER), maxItems=MAX_MARKS, uniqueItems=True),
        "active": {"type": "boolean", "description": "For sale at once, without a later activation."},
        "market": array(
            {"type": "string", "pattern": "^[0-9]{6}$", "description": "A region the goods are meant for (GB/T 2260)."},
            maxItems=MAX_MARKET,
            uniqueItems=True,
        ),
    },
)
NEW_PLEDGE = members({"campaign": line("The id of an edition.", 64)})
ANSWER = members({"content": text("The answer.", MAX_WRITTEN)})
REPLY = members({"finding": line("The id of the finding.", 64), "content": text("The reply.", MAX_WRITTEN)})
NEW_STATE = members({"reason": REASON}, RANGE)
WITH_REASON = members({"reason": REASON})
_MEASURE = line("A measure in mm, as the command line takes it.", 40)
OPTIONS = members(
    {},
    {
        "columns": line("csv, txt: such as serial,text.", MAX_TEXT),
        "bom": {"type": "boolean", "description": "csv, txt: a byte order mark."},
        "no_header": {"type": "boolean", "description": "txt: without the names of the columns."},
        "sheet": line("pdf: A4, Letter, roll, or a label sheet. png: contact.", 40),
        "margin": _MEASURE,
        "gap": _MEASURE,
        "bleed": _MEASURE,
        "head": _MEASURE,
        "width": _MEASURE,
        "marks": one_of("pdf: crop marks.", "with", "without"),
        "design": one_of("Of labels.", *BUILT_IN),
        "dpi": {"type": "integer", "enum": [203, 300, 600], "description": "The printer's resolution."},
        "dots": whole("png: dots of a module.", 1, 1_000),
        "level": one_of("Error correction; M by default.", "L", "M", "Q"),
        "drawing": one_of("zpl, tspl: who draws the symbols.", "native", "graphic"),
    },
)
NEW_EXPORT = members(
    {"format": one_of("Of the file.", *formats.NAMES)},
    {
        **RANGE,
        "options": OPTIONS,
        "valid_hours": whole("How long the link is good; 24 when it is left out.", 1, MAX_HOURS),
        "again": line("Why labels are exported that were before.", MAX_REASON),
    },
)

ENTERPRISE = members(
    {
        "uscc": TEXT,
        "name_zh": TEXT,
        "name_en": TEXT,
        "region": TEXT,
        "sector": TEXT,
        "service_phone": TEXT,
    }
)
PRODUCT = members({"gtin": GTIN, "version": COUNT, **dict.fromkeys(PRODUCT_TEXT, TEXT), "picture": nullable(DIGEST)})
CLAIM = members(
    {
        "id": ID,
        "kind": TEXT,
        "value": TEXT,
        "evidence": TEXT,
        "state": one_of("Where it stands.", "filed", "accepted", "refused", "revoked"),
        "decided": nullable(INSTANT),
    }
)
BATCH = members(
    {
        "number": NUMBER,
        "gtin": GTIN,
        "product_version": COUNT,
        "count": COUNT,
        "lot": nullable(TEXT),
        "produced_on": nullable(TEXT),
        "expires_on": nullable(TEXT),
        "market": nullable(TEXT),
        "pledge": nullable(COUNT),
        "first_serial": TEXT,
        "last_serial": TEXT,
    },
    {"issued": INSTANT, "marks": array(COUNT)},
)
SPAN = members(
    {
        "first": COUNT,
        "last": COUNT,
        "life": one_of("Of these labels.", "issued", "active", "void"),
        "holds": COUNT,
        "recalls": COUNT,
    }
)
CHANGED = members({"batch": NUMBER, "first": COUNT, "last": COUNT, "labels": COUNT})
NOTICE = members(
    {
        "id": ID,
        "kind": one_of("What it is.", "hold", "recall"),
        "gtin": GTIN,
        "batch": nullable(COUNT),
        "first": nullable(COUNT),
        "last": nullable(COUNT),
        "lot": nullable(TEXT),
        "material": nullable(TEXT),
        "reason": TEXT,
    },
    {"opened": INSTANT},
)
_WORDS = members(
    {
        "hazard": text("What the hazard is.", MOST["hazard"]),
        "advice": text("What people should do.", MOST["advice"]),
        "contact": text("Whom they ask.", MOST["contact"]),
    }
)
NEW_RECALL = members(
    {"texts": members({"zh-Hans": _WORDS}, {"zh-Hant": _WORDS, "en": _WORDS})},
    {
        "gtin": GTIN,
        "lot": line("All batches of this lot; the whole product when it is left out. With gtin.", MAX_LOT),
        "material": line("What a material is called that is no product: what was made of its lot.", MAX_NAME),
        "batch": whole("Labels of this batch; without gtin and lot.", 1, MAX_BATCH),
        **RANGE,
        "class": whole("1 is the most serious; none when it is left out.", 1, 3),
    },
)
NEW_PROGRESS = members(
    {
        "recovered": whole("Packs taken back so far.", 0, 2**53),
        "destroyed": whole("Packs destroyed so far.", 0, 2**53),
    },
    {
        "remark": text("Shown to everybody.", MAX_REMARK),
        "tell_reach": {"type": "boolean", "description": "Publish how many labels were looked at since."},
    },
)
LIFTING = members(
    {"reason": text("What people are told of it.", MAX_CLOSING), "outcome": one_of("How it ended.", *OUTCOMES)}
)
_TOLD = members({"hazard": TEXT, "advice": nullable(TEXT), "contact": nullable(TEXT)})
RECALL = members(
    {
        "id": ID,
        "gtin": GTIN,
        "batch": nullable(COUNT),
        "first": nullable(COUNT),
        "last": nullable(COUNT),
        "lot": nullable(TEXT),
        "material": nullable(TEXT),
        "class": nullable(COUNT),
        "ordered_by_zh": nullable(TEXT),
        "ordered_by_en": nullable(TEXT),
        "texts": members({}, {"zh-Hans": _TOLD, "zh-Hant": _TOLD, "en": _TOLD}),
        "state": one_of("Where it stands.", "open", "lifted"),
        "opened": INSTANT,
        "changed": INSTANT,
        "lifted": nullable(INSTANT),
        "outcome": nullable(TEXT),
        "closing": nullable(TEXT),
    }
)
RECALL_FILE = members(
    {
        **RECALL["properties"],
        "labels": COUNT,
        "seen_before": COUNT,
        "seen_since": COUNT,
        "more_seen": {"type": "boolean", "description": "Whether there were too many to count."},
        "progress": array(
            members(
                {
                    "id": ID,
                    "recovered": COUNT,
                    "destroyed": COUNT,
                    "reached": nullable(COUNT),
                    "remark": nullable(TEXT),
                    "at": INSTANT,
                }
            )
        ),
    }
)
EXPORT = members(
    {
        "id": ID,
        "first": COUNT,
        "last": COUNT,
        "content": one_of("What it holds.", "labels", "hidden", "both"),
        "format": TEXT,
        "state": one_of("Whether all of it was fetched.", "begun", "whole"),
        "digest": nullable(DIGEST),
        "bytes": nullable(COUNT),
        "begun": INSTANT,
    }
)
HANDED_OUT = members(
    {
        "export": ID,
        "batch": NUMBER,
        "first": COUNT,
        "last": COUNT,
        "format": TEXT,
        "bytes": COUNT,
        "until": INSTANT,
        "address": {"type": "string", "description": "Whoever has it gets the labels: send it by a safe way."},
    }
)
PLEDGE = members(
    {
        "number": COUNT,
        "campaign": TEXT,
        "campaign_zh": TEXT,
        "campaign_en": TEXT,
        "year": COUNT,
        "state": TEXT,
        "signed": nullable(INSTANT),
        "valid_from": nullable(INSTANT),
        "valid_to": nullable(INSTANT),
    }
)
PLEDGE_STATE = members({"number": COUNT, "state": one_of("Where it stands now.", "applied", "breached")})
PLEDGE_FILE = members(
    {
        **PLEDGE["properties"],
        "notes": array(
            members(
                {
                    "kind": one_of("What it is.", "question", "answer", "refusal", "withdrawal"),
                    "content": TEXT,
                    "at": INSTANT,
                }
            )
        ),
        "findings": array(
            members({"id": ID, "content": TEXT, "at": INSTANT, "open": {"type": "boolean"}, "reply": nullable(TEXT)})
        ),
    }
)
EDITION = members(
    {
        "id": ID,
        "year": COUNT,
        "name_zh": TEXT,
        "name_en": TEXT,
        "theme_zh": TEXT,
        "theme_en": TEXT,
        "until": {**INSTANT, "description": "When applications end."},
    }
)
LICENCE = members(
    {
        "number": COUNT,
        "spelled": TEXT,
        "mark": TEXT,
        "mark_zh": TEXT,
        "mark_en": TEXT,
        "valid_from": INSTANT,
        "valid_to": INSTANT,
        "quota": COUNT,
        "used": COUNT,
        "state": one_of("Where it stands.", "granted", "suspended", "withdrawn"),
        "reason": nullable(TEXT),
    },
    {"gtins": array(GTIN)},
)
PROBLEM = members(
    {
        "type": TEXT,
        "title": TEXT,
        "status": COUNT,
        "detail": {"type": "string", "description": "For people."},
        "reason": {"type": "string", "description": "Stable; for programs."},
    },
    {
        "scope": {"type": "string", "description": "What the token lacks (scope-missing)."},
        "version": {"type": "integer", "description": "The present one (version-outdated)."},
        "member": {"type": "string", "description": "What a rule of the registry forbids (refused)."},
        "faults": array(members({"member": TEXT, "expected": TEXT, "got": TEXT}), description="All of them (invalid)."),
    },
)


def page_of(items: Schema) -> Schema:
    """A page of a list."""
    more: Schema = {"type": ["string", "null"], "description": "The cursor of the next page; null on the last one."}
    return members({"items": array(items), "next": more})
