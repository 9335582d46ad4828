"""The links of an enterprise: about its products and their lots, and about its parcels and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traceqr import linking
from traceqr.access import Right
from traceqr.acting import ActRefused
from traceqr.digital_link.identified import Identified, InvalidDigitalLink
from traceqr.digital_link.links import Link
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.house import Absent
from traceqr.registry import claims, links
from traceqr.registry.links import KeptLink
from traceqr.registry.products import Product

OTHER_KEYS = ("00", "414", "417")
"""What has links and is no product: parcels, places, and parties."""


@dataclass(frozen=True, slots=True)
class ProductLinks:
    """All links of a product, those of its lots behind its own. Without an accepted claim they are shown to nobody."""

    product: Product
    claimed: bool
    links: Sequence[KeptLink]


@dataclass(frozen=True, slots=True)
class LinkOffice(EnterpriseOffice):
    """The links of the identity's own enterprise."""

    def of_product(self, gtin: str) -> ProductLinks:
        """The links of one product. Raises `Absent`."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            product = self.own_product(reader, gtin)
            return ProductLinks(
                product,
                claims.accepted_for(reader, self.enterprise, product.gtin) is not None,
                links.everything_about(reader, Identified("01", product.gtin), self.enterprise),
            )

    def of_others(self) -> Mapping[str, int]:
        """The paths of parcels and places with links, and how many each has."""
        self.need(Right.SEE)
        with self.house.database.snapshot() as reader:
            return links.of_others(reader, self.enterprise)

    def of_key(self, key: str, value: str) -> Sequence[KeptLink]:
        """The links of a parcel or a place. Raises `Absent`."""
        self.need(Right.SEE)
        if key not in OTHER_KEYS:
            raise Absent("expected an SSCC or a GLN, got another key")
        try:
            what = Identified(key, value)
        except InvalidDigitalLink as error:
            raise Absent("expected an SSCC or a GLN, got another number") from error
        with self.house.database.snapshot() as reader:
            found = links.everything_about(reader, what, self.enterprise)
        if not found:
            raise Absent("expected something that has links, got another")
        return found

    def set_on_product(self, gtin: str, lot: str, link: Link) -> None:
        """Keep a link of a product, or of a lot of it where one is named. Raises `Absent` and `ActRefused`."""
        self.need(Right.EDIT_PRODUCTS)
        with self.house.database.snapshot() as reader:
            product = self.own_product(reader, gtin)
        qualifiers = (("10", lot),) if lot else ()
        self._set(Identified("01", product.gtin) if not lot else _named("01", product.gtin, qualifiers, "lot"), link)

    def set_on_other(self, key: str, value: str, link: Link) -> Identified:
        """Keep a link of a parcel or a place. Raises `ActRefused`."""
        self.need(Right.EDIT_PRODUCTS)
        if key not in OTHER_KEYS:
            raise ActRefused("expected an SSCC or a GLN, got another key", "key")
        what = _named(key, value, (), "value")
        self._set(what, link)
        return what

    def remove(self, link_id: str) -> KeptLink:
        """Let a link stand no more. Raises `Absent`."""
        self.need(Right.EDIT_PRODUCTS)
        with self.house.database.snapshot() as reader:
            known = links.by_id(reader, link_id)
        if known is None or known.enterprise_id != self.enterprise:
            raise Absent("expected the id of an own link, got another")
        linking.remove_link(self.desk, self.enterprise, link_id)
        return known

    def _set(self, what: Identified, link: Link) -> None:
        linking.set_link(self.desk, self.enterprise, what, link)


def _named(key: str, value: str, qualifiers: tuple[tuple[str, str], ...], field: str) -> Identified:
    try:
        return Identified(key, value, qualifiers)
    except InvalidDigitalLink as error:
        raise ActRefused(str(error), field) from error
