"""The page of notifications, the same for enterprises and associations: who is told what, and whether it arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from traceqr.acting import ActRefused
from traceqr.office.notifications import MAX_SUBSCRIPTIONS, SHOWN_DAYS, NotificationOffice, Subscribed
from traceqr.web import forms
from traceqr.web.forms import OfficeForm
from traceqr.web.language import Language
from traceqr.web.notification_words import EVENT_NAMES, FAULT_NAMES, KIND_NAMES, STATE_NAMES, detail, subject_name
from traceqr.web.office_pages import done, page, refused
from traceqr.web.site import language

_ = str


class SubscribeForm(OfficeForm):
    """Who is to be told, and of what."""

    kind = RadioField(
        _("How"),
        [InputRequired(forms.NEEDED)],
        choices=forms.choices(KIND_NAMES.items()),
        default="mail",
    )
    address = forms.line(_("Mail address, or address of the program"), 500, autocomplete="off", spellcheck="false")
    events = SelectMultipleField(
        _("What is told"),
        [InputRequired(forms.NEEDED)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    spoken = RadioField(
        _("Language of mails"),
        [InputRequired(forms.NEEDED)],
        choices=forms.choices((str(each), each.own_name) for each in Language),
    )


@dataclass(frozen=True)
class NotificationPages:
    """The page at an address, of the body that an office has."""

    base: str
    office: Callable[[], NotificationOffice]

    def serve(self, blueprint: Blueprint) -> None:
        """Put it into a console."""
        blueprint.add_url_rule(self.base, "notifications", self.notifications, methods=["GET", "POST"])
        acts = {"remove": self.remove, "renew": self.renew, "try": self.try_out}
        for name, act in acts.items():
            blueprint.add_url_rule(f"{self.base}/<subscription_id>/{name}", name, act, methods=["POST"])
        blueprint.add_url_rule(
            f"{self.base}/<subscription_id>/<notification_id>/again", "again", self.again, methods=["POST"]
        )

    def notifications(self) -> BaseResponse:
        """Who is told, and what was sent; and somebody more."""
        form = self._form()
        if not form.is_submitted():
            return self._shown(form)
        if form.validate():
            try:
                made = self.office().subscribe(
                    form.kind.data, form.address.data, form.events.data, form.spoken.data or str(language())
                )
            except ActRefused as refusal:
                form.take_refusal(refusal)
            else:
                if made.secret:
                    return self._shown(self._form(fresh=True), made)
                return done(_("The subscription is made. Try it with a test."), self.base)
        return self._shown(form, status=422)

    def remove(self, subscription_id: str) -> BaseResponse:
        """Tell no more."""
        return self._done(lambda: self.office().remove(subscription_id), _("The subscription is removed."))

    def renew(self, subscription_id: str) -> BaseResponse:
        """Another secret, shown once."""
        try:
            made = self.office().renew_secret(subscription_id)
        except ActRefused as refusal:
            return refused(self.base, refusal)
        return self._shown(self._form(fresh=True), made)

    def try_out(self, subscription_id: str) -> BaseResponse:
        """Send a test."""
        return self._done(
            lambda: self.office().try_out(subscription_id), _("A test is on its way. See below whether it arrives.")
        )

    def again(self, subscription_id: str, notification_id: str) -> BaseResponse:
        """Send something once more."""
        return self._done(
            lambda: self.office().again(subscription_id, notification_id), _("It will be sent again now.")
        )

    def _done(self, do: Callable[[], None], message: str) -> BaseResponse:
        try:
            do()
        except ActRefused as refusal:
            return refused(self.base, refusal)
        return done(message, self.base)

    def _form(self, *, fresh: bool = False) -> SubscribeForm:
        form = SubscribeForm(formdata=None) if fresh else SubscribeForm()
        form.events.choices = forms.choices((event, EVENT_NAMES[event]) for event in self.office().events)
        if not form.is_submitted() or fresh:
            form.spoken.data = str(language())
        return form

    def _shown(self, form: SubscribeForm, made: Subscribed | None = None, status: int = 200) -> BaseResponse:
        here = self.office()
        return page(
            "office/notifications.html",
            status,
            base=self.base,
            subscriptions=here.subscriptions(),
            deliveries=here.deliveries(request.args.get("after", "")),
            form=form,
            made=made,
            event_names=EVENT_NAMES,
            kind_names=KIND_NAMES,
            state_names=STATE_NAMES,
            fault_names=FAULT_NAMES,
            language_names={str(each): each.own_name for each in Language},
            subject_name=subject_name,
            detail=detail,
            shown_days=SHOWN_DAYS,
            most=MAX_SUBSCRIPTIONS,
        )
