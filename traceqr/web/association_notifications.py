"""What an association wants to be told: `/association/notifications`."""

from __future__ import annotations

from flask import Blueprint

from traceqr.access import Role
from traceqr.office.notifications import NotificationOffice
from traceqr.web.door import door, guard, identity
from traceqr.web.notification_pages import NotificationPages

blueprint = Blueprint("association_notifications", __name__)
blueprint.before_request(guard(Role.OFFICER))


def office() -> NotificationOffice:
    """The desk of whoever asks."""
    return NotificationOffice(door().house, identity())


NotificationPages("/association/notifications", office).serve(blueprint)
