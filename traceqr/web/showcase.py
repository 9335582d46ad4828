"""What is open to everybody beside labels, put into an app: certificates, rosters, enterprises, products, marks,
recalls, passports, the public trust bundle, reports, and the resolver.
"""

from __future__ import annotations

from flask import Flask

from traceqr.registry.database import Database
from traceqr.web import (
    certificates,
    firms,
    passports,
    product_pages,
    public_bundle,
    recalls,
    registers,
    reports,
    resolving,
    rosters,
    stories,
)
from traceqr.web.exhibit import EXTENSION, Exhibit
from traceqr.web.site import EXTENSION as SITE

PARTS = (certificates, rosters, firms, registers, recalls, public_bundle, product_pages, stories, passports)


def install(app: Flask, database: Database) -> None:
    """Serve the public pages of this registry."""
    app.extensions[EXTENSION] = Exhibit(database)
    for part in PARTS:
        app.register_blueprint(part.blueprint)
    resolving.install(app)
    reports.install(app, app.extensions[SITE].settings, database)
