"""The products of an enterprise: enrolled, amended, held and recalled as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceqr import enrolling, picture, recalling
from traceqr.access import Right
from traceqr.acting import ActRefused, Desk
from traceqr.enrolling import ProductEntry
from traceqr.label.gtin import Gtin
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.picture import Picture, PictureError, PictureTooLarge
from traceqr.registry import claims, notices, products
from traceqr.registry.database import Reader, Row
from traceqr.registry.products import Product

MOST_BYTES = picture.MAX_BYTES
"""Of a picture."""

COMPARED = ("name_zh", "name_en", "brand", "specification", "standard", "picture")


class StaleVersion(ActRefused):
    """Somebody else has changed the product since the form was shown."""


class UnreadablePicture(ActRefused):
    """What was given is no picture that is taken."""


class HugePicture(UnreadablePicture):
    """A picture of too many bytes or pixels."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says of a product. `picture` is the content of a file, or empty; `bare` says that the one that is
    there goes.
    """

    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    picture: bytes = b""
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a product, since when it is, and the names of the fields that it changed."""

    row: Row
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A product with all that is known of it. `claimed` says whether the enterprise's right to the GTIN is accepted."""

    product: Product
    claimed: bool
    versions: tuple[Version, ...]
    notices: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ProductOffice(EnterpriseOffice):
    """The products of the identity's own enterprise."""

    def listed(self, after: str = "", contains: str = "", most: int = 50) -> Sequence[Row]:
        """Products by GTIN, from above `after` on."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return products.of_enterprise(reader, self.enterprise, after, contains, most)

    def file(self, gtin: str) -> ProductFile:
        """One product. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            product = self.own_product(reader, gtin)
            return ProductFile(
                product,
                claims.accepted_for(reader, self.enterprise, product.gtin) is not None,
                _compared(products.history(reader, product.gtin)),
                # Batch 0 is none: what is open over the product as a whole.
                notices.open_on_batch(reader, product.gtin, 0),
            )

    def has(self, gtin: str) -> bool:
        """Whether it is one of the own products."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            found = products.by_gtin(reader, gtin)
        return found is not None and found.enterprise_id == self.enterprise

    def enrol(self, gtin: Gtin, typed: Typed) -> None:
        """Add a product. Raises `ActRefused`."""
        self.need(Right.EDIT_PRODUCTS)
        picture = read_picture(typed.picture)
        with self.desk.together() as (desk, tx):
            known = products.by_gtin(tx, gtin.digits)
            if known is not None and known.enterprise_id == self.enterprise:
                raise ActRefused(f"expected a GTIN that is not enrolled yet, got {gtin}", "gtin")
            self._enter(desk, tx, gtin, typed, picture)

    def amend(self, gtin: str, typed: Typed, version: int) -> None:
        """A new version after the one that was shown. Raises `Absent` and `StaleVersion`."""
        self.need(Right.EDIT_PRODUCTS)
        picture = read_picture(typed.picture)
        with self.desk.together() as (desk, tx):
            product = self.own_product(tx, gtin)
            if product.version != version:
                raise StaleVersion(f"expected a form of version {product.version}, got one of {version}")
            self._enter(desk, tx, Gtin.parse(product.gtin), typed, picture)

    def hold(self, gtin: str, reason: str) -> None:
        """Stop the sale of every label of a product."""
        recalling.open_on_product(self.desk, "hold", self._changeable(gtin), reason)

    def _changeable(self, gtin: str) -> Gtin:
        self.need(Right.CHANGE_STATE)
        with self.house.database.snapshot() as reader:
            return Gtin.parse(self.own_product(reader, gtin).gtin)

    def _enter(self, desk: Desk, reader: Reader, gtin: Gtin, typed: Typed, picture: Picture | None) -> None:
        texts = (typed.name_zh, typed.name_en, typed.brand, typed.specification, typed.standard)
        enrolling.enrol_products(desk, [ProductEntry(gtin, self.own(reader).uscc, *texts, picture, typed.bare)])


def read_picture(content: bytes) -> Picture | None:
    """A picture as it is kept, None for no bytes. Raises `UnreadablePicture`. It takes its time: before the lock."""
    try:
        return Picture.parse(content) if content else None
    except PictureTooLarge as error:
        raise HugePicture(str(error), "picture") from error
    except PictureError as error:
        raise UnreadablePicture(str(error), "picture") from error


def _compared(rows: Sequence[Row]) -> tuple[Version, ...]:
    """Latest first, each with what it changed of the one before it."""
    pairs = zip(rows, [*rows[1:], None], strict=True)
    return tuple(
        Version(row, tuple(name for name in COMPARED if old is not None and row[name] != old[name]))
        for row, old in pairs
    )
