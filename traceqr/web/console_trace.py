"""What an enterprise owns or has handled, traced: `/console/trace`."""

from __future__ import annotations

from traceqr.access import Role
from traceqr.web.trace_desk import build

blueprint = build("console_trace", "/console/trace", Role.MANAGER, Role.CLERK)
