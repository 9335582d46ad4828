"""What an enterprise owns or has handled, traced: `/console/follow`."""

from __future__ import annotations

from traceqr.access import Role
from traceqr.web.trace_desk import build

blueprint = build("console_follow", "/console/follow", Role.MANAGER, Role.CLERK)
