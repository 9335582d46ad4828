"""What is open to everybody beside labels, put into an app: certificates, rosters, enterprises, marks, recalls."""

from __future__ import annotations

from flask import Flask

from traceqr.registry.database import Database
from traceqr.web import certificates, firms, recalls, registers, rosters
from traceqr.web.exhibit import EXTENSION, Exhibit

PARTS = (certificates, rosters, firms, registers, recalls)


def install(app: Flask, database: Database) -> None:
    """Serve the public pages of this registry."""
    app.extensions[EXTENSION] = Exhibit(database)
    for part in PARTS:
        app.register_blueprint(part.blueprint)
