"""What enterprises of a regulator's region own or have handled, traced: `/inspections/trace`."""

from __future__ import annotations

from traceqr.access import Role
from traceqr.web.trace_desk import build

blueprint = build("inspection_trace", "/inspections/trace", Role.INSPECTOR)
