"""All that is behind the door, put into an app: the roles `console` and `inspect`."""

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
    association_trace,
    console,
    console_batches,
    console_cases,
    console_claims,
    console_event_tables,
    console_follow,
    console_history,
    console_links,
    console_notifications,
    console_places,
    console_pledges,
    console_printing,
    console_product_tables,
    console_products,
    console_recalls,
    console_scan,
    console_stating,
    console_suspects,
    console_trace,
    console_units,
    door,
    enterprise_api,
    epcis_queries,
    epcis_resources,
    inspect_api,
    inspect_bundles,
    inspection_notifications,
    inspection_trace,
    inspections,
    office_pages,
    openapi,
    operator,
    own_account,
    own_devices,
    signing_in,
    team,
)

PARTS = (
    signing_in,
    own_account,
    own_devices,
    inspections,
    inspection_notifications,
    inspection_trace,
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
    association_trace,
    console,
    console_cases,
    console_product_tables,
    console_event_tables,
    console_products,
    console_batches,
    console_claims,
    console_places,
    console_pledges,
    console_printing,
    console_follow,
    console_history,
    console_links,
    console_notifications,
    console_recalls,
    console_scan,
    console_stating,
    console_suspects,
    console_trace,
    console_units,
    enterprise_api,
    epcis_resources,
    epcis_queries,
    openapi,
)


DOOR = (signing_in, own_account)
FIELD = (*DOOR, own_devices, inspections, inspection_notifications, inspection_trace, inspect_api, inspect_bundles)
"""What inspectors need: to sign in, and what their devices ask for."""


def install(app: Flask, settings: Settings, database: Database) -> None:
    """Serve the consoles of this registry, as the roles of the process have it."""
    door.install(app, settings, database)
    office_pages.install(app)
    roles = (("console", PARTS), ("inspect", FIELD))
    served = (part.blueprint for role, parts in roles if role in settings.roles for part in parts)
    for blueprint in dict.fromkeys(served):
        app.register_blueprint(blueprint)
