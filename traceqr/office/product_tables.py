"""Tables of products that an enterprise takes in: of its own, and of nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.access import Right
from traceqr.importing.decoding import Upload
from traceqr.importing.fault import ImportRefused
from traceqr.importing.products import import_products
from traceqr.office.enterprise import EnterpriseOffice
from traceqr.office.taking_in import Outcome, Table


@dataclass(frozen=True, slots=True)
class ProductTableOffice(EnterpriseOffice):
    """What an enterprise takes in."""

    def code(self) -> str:
        """The unified social credit code of the enterprise, which may stand in the table."""
        self.need(Right.EDIT_PRODUCTS)
        with self.house.database.snapshot() as reader:
            return self.own(reader).uscc

    def take(self, table: Table, *, dry_run: bool) -> Outcome:
        """Take a table in, whole or not at all; a `dry_run` changes nothing."""
        own = self.code()
        try:
            return Outcome(import_products(self.desk, Upload(table.name, table.content), dry_run=dry_run, own=own))
        except ImportRefused as error:
            return Outcome(None, error.faults, error.complete)
