"""What the pages of a body's people have in common: links for those who have lost their access, and its end."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from traceqr.acting import ActRefused
from traceqr.office.people import PeopleOffice
from traceqr.web.office_pages import done, invitation_link, refused

_ = str


def people_routes(
    blueprint: Blueprint, path: str, office: Callable[[], PeopleOffice], show: Callable[[str], BaseResponse]
) -> None:
    """Let the page at a path withdraw invitations, give access anew and close accounts; `show` is the page itself, with
    a link that is told once.
    """

    @blueprint.post(f"{path}/invitations/<invitation_id>/withdraw")
    def withdraw(invitation_id: str) -> BaseResponse:
        """Make a link worthless."""
        try:
            office().withdraw_invitation(invitation_id)
        except ActRefused as refusal:
            return refused(path, refusal)
        return done(_("The invitation is withdrawn."), path)

    @blueprint.post(f"{path}/<account_id>/anew")
    def anew(account_id: str) -> BaseResponse:
        """A link for a colleague who has lost password or phone."""
        try:
            made = office().invite_anew(account_id)
        except ActRefused as refusal:
            return refused(path, refusal)
        return show(invitation_link(made.token))

    @blueprint.post(f"{path}/<account_id>/close")
    def close(account_id: str) -> BaseResponse:
        """End somebody's access."""
        try:
            office().close_account(account_id)
        except ActRefused as refusal:
            return refused(path, refusal)
        return done(_("The account is closed."), path)
