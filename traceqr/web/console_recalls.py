"""The recalls of an enterprise: `/console/recalls`."""

from __future__ import annotations

from traceqr.access import Role
from traceqr.web.recall_desk import build

PREFIX = "/console/recalls"

blueprint = build("console_recalls", PREFIX, Role.MANAGER, Role.CLERK)
