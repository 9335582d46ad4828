"""What enterprises of an association's region own or have handled, traced: `/association/trace`."""

from __future__ import annotations

from traceqr.access import Role
from traceqr.web.trace_desk import build

blueprint = build("association_trace", "/association/trace", Role.OFFICER)
