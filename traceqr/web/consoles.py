"""All that is behind the door, put into an app: the role `console`."""

from __future__ import annotations

from flask import Flask

from traceqr.registry.database import Database
from traceqr.settings import Settings
from traceqr.web import (
    association,
    association_cases,
    association_claims,
    association_editions,
    association_enterprises,
    association_exports,
    association_findings,
    association_imports,
    association_licences,
    association_marks,
    association_notifications,
    association_officers,
    association_places,
    association_recalls,
    association_recognitions,
    association_suspects,
    console,
    console_batches,
    console_cases,
    console_claims,
    console_history,
    console_notifications,
    console_places,
    console_pledges,
    console_printing,
    console_product_tables,
    console_products,
    console_recalls,
    console_scan,
    console_suspects,
    door,
    enterprise_api,
    office_pages,
    openapi,
    operator,
    own_account,
    signing_in,
    team,
)

PARTS = (
    signing_in,
    own_account,
    team,
    operator,
    association,
    association_editions,
    association_enterprises,
    association_exports,
    association_imports,
    association_officers,
    association_claims,
    association_cases,
    association_findings,
    association_licences,
    association_marks,
    association_notifications,
    association_recalls,
    association_places,
    association_recognitions,
    association_suspects,
    console,
    console_cases,
    console_product_tables,
    console_products,
    console_batches,
    console_claims,
    console_places,
    console_pledges,
    console_printing,
    console_history,
    console_notifications,
    console_recalls,
    console_scan,
    console_suspects,
    enterprise_api,
    openapi,
)


def install(app: Flask, settings: Settings, database: Database) -> None:
    """Serve the consoles of this registry."""
    door.install(app, settings, database)
    office_pages.install(app)
    for part in PARTS:
        app.register_blueprint(part.blueprint)
