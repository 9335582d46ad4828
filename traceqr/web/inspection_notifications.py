"""What a regulator wants to be told: `/inspections/notifications`. Mails on inspections lead officers there as well."""

from __future__ import annotations

from flask import Blueprint

from traceqr.access import Role
from traceqr.office.notifications import NotificationOffice
from traceqr.web.door import door, guard, identity
from traceqr.web.notification_pages import NotificationPages

blueprint = Blueprint("inspection_notifications", __name__)
blueprint.before_request(guard(Role.OFFICER, Role.INSPECTOR))


def office() -> NotificationOffice:
    """The desk of whoever asks."""
    return NotificationOffice(door().house, identity())


NotificationPages("/inspections/notifications", office).serve(blueprint)
