"""Products and their versions, and pictures."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass

from traceqr.registry.database import Reader, Row, Transaction

SEARCHED = 10_000
"""Products of an enterprise that a search looks at, at most."""


@dataclass(frozen=True, slots=True)
class ProductText:
    """What a version of a product says. `picture` is the digest of a stored picture, or None."""

    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    picture: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product in its present version."""

    gtin: str
    enterprise_id: str
    version: int
    text: ProductText


_TEXT = tuple(ProductText.__dataclass_fields__)


def insert_version(tx: Transaction, product: Product, position: int) -> None:
    """Add version `product.version`, the first one with the product itself; a later one may change its enterprise."""
    if product.version == 1:
        tx.insert_many("product", ("gtin", "enterprise_id", "version"), [(product.gtin, product.enterprise_id, 1)])
    else:
        tx.execute(
            "UPDATE product SET version = :version, enterprise_id = :enterprise WHERE gtin = :gtin",
            {"version": product.version, "enterprise": product.enterprise_id, "gtin": product.gtin},
        )
    tx.insert_many(
        "product_version",
        ("gtin", "version", *_TEXT, "position"),
        [(product.gtin, product.version, *asdict(product.text).values(), position)],
    )


def by_gtin(reader: Reader, gtin: str) -> Product | None:
    """The product of a GTIN of 14 digits."""
    row = reader.row(
        "SELECT p.gtin, p.enterprise_id, p.version, v.name_zh, v.name_en, v.brand, v.specification, v.standard,"
        " v.picture FROM product p JOIN product_version v ON v.gtin = p.gtin AND v.version = p.version"
        " WHERE p.gtin = :gtin",
        {"gtin": gtin},
    )
    if row is None:
        return None
    return Product(
        row["gtin"], row["enterprise_id"], row["version"], ProductText(**{name: row[name] for name in _TEXT})
    )


def everything(reader: Reader) -> list[Row]:
    """All products in their present versions, each with its enterprise's code and Chinese name, by GTIN."""
    return reader.rows(
        "SELECT p.gtin, p.version, v.name_zh, v.name_en, v.brand, v.specification, v.standard, v.picture, e.uscc,"
        " e.name_zh AS enterprise_zh FROM product p JOIN product_version v ON v.gtin = p.gtin AND v.version = p.version"
        " JOIN enterprise e ON e.id = p.enterprise_id ORDER BY p.gtin"
    )


def of_enterprise(reader: Reader, enterprise_id: str, after: str = "", contains: str = "", most: int = 50) -> list[Row]:
    """Products of an enterprise in their present versions, by GTIN, from above `after` on: those with `contains` in
    their GTIN, names or brand, whatever its case. A search looks at `SEARCHED` products.
    """
    # Databases do not agree on the case of letters, so it is compared here.
    rows = reader.rows(
        "SELECT q.gtin, q.version, v.name_zh, v.name_en, v.brand, v.specification, v.picture FROM"
        " (SELECT p.gtin, p.version FROM product p WHERE p.enterprise_id = :enterprise AND p.gtin > :after"
        " ORDER BY p.gtin LIMIT :most) q"
        " JOIN product_version v ON v.gtin = q.gtin AND v.version = q.version ORDER BY q.gtin",
        {"enterprise": enterprise_id, "after": after, "most": SEARCHED if contains else most},
    )
    return [row for row in rows if _holds(row, contains.casefold())][:most]


def _holds(row: Row, text: str) -> bool:
    return any(text in row[name].casefold() for name in ("gtin", "name_zh", "name_en", "brand"))


def history(reader: Reader, gtin: str, most: int = 50) -> list[Row]:
    """The versions of a product with the instants since when they are, latest first."""
    return reader.rows(
        f"SELECT v.version, {', '.join('v.' + name for name in _TEXT)}, l.at_ms FROM product_version v"
        " JOIN ledger l ON l.position = v.position WHERE v.gtin = :gtin ORDER BY v.version DESC LIMIT :most",
        {"gtin": gtin, "most": most},
    )


def name_of(reader: Reader, gtin: str, version: int) -> str:
    """The Chinese name in one version of a product; empty when there is no such version."""
    row = reader.row(
        "SELECT name_zh FROM product_version WHERE gtin = :gtin AND version = :version",
        {"gtin": gtin, "version": version},
    )
    return str(row["name_zh"]) if row else ""


def insert_picture(tx: Transaction, digest: str, media_type: str, content: bytes) -> None:
    """Keep a picture under its digest, once."""
    tx.execute(
        "INSERT INTO picture (digest, media_type, content) VALUES (:digest, :media_type, :content)"
        " ON CONFLICT (digest) DO NOTHING",
        {"digest": digest, "media_type": media_type, "content": base64.b64encode(content).decode("ascii")},
    )


def picture(reader: Reader, digest: str) -> tuple[bytes, str] | None:
    """Bytes and media type of a picture."""
    row = reader.row("SELECT media_type, content FROM picture WHERE digest = :digest", {"digest": digest})
    return (base64.b64decode(row["content"]), row["media_type"]) if row else None
