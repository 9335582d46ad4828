"""Recalls of enterprises in an association's region, and those that it orders: `/association/recalls`."""

from __future__ import annotations

from traceqr.access import Role
from traceqr.web.recall_desk import build

PREFIX = "/association/recalls"

blueprint = build("association_recalls", PREFIX, Role.OFFICER)
