"""The pages of cases, the same for enterprises and associations: a list, one case, and what is done about it. Whose
cases they are is the office's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from traceqr.label.serial import Serial
from traceqr.office.cases import FINDINGS, CaseOffice
from traceqr.web import forms
from traceqr.web.association import seen
from traceqr.web.door import identity
from traceqr.web.forms import OfficeForm
from traceqr.web.office_pages import decided, page
from traceqr.web.places import place_name
from traceqr.web.report_words import ANSWER_NAMES, FINDING_NAMES, REASON_NAMES
from traceqr.web.site import language
from traceqr.web.watch import note

_ = str

STALE = _("The case has changed since you opened this page. Look at it again before you go on.")

STANDING_NAMES = {
    "open": _("open"),
    "late": _("overdue"),
    "answered": _("answered, still open"),
    "closed": _("Case closed"),
    "all": _("all"),
}

_SHUT = "default-src 'none'; sandbox"

MAX_TEXT = 1_000


class AnswerForm(OfficeForm):
    """What those who reported are told."""

    answer = forms.lines(_("Answer to those who reported; each of them reads it"), MAX_TEXT)


class NoteForm(OfficeForm):
    """What the own body alone reads."""

    note = forms.lines(_("Note for colleagues; nobody else reads it"), MAX_TEXT)


class AssignForm(OfficeForm):
    """Who takes care of it."""

    account = SelectField(_("Who takes care of it"), [InputRequired(forms.NEEDED)], validate_choice=False)


class ClosingForm(OfficeForm):
    """What was found."""

    finding = RadioField(
        _("What was found"),
        [InputRequired(forms.NEEDED)],
        choices=forms.choices((code, FINDING_NAMES[code]) for code in FINDINGS),
    )
    text = forms.lines(_("Words beside the finding; each who reported reads them"), MAX_TEXT, needed=False)


class ReopeningForm(OfficeForm):
    """Why it is opened again."""

    reason = forms.lines(_("Why is it opened again? Each who reported reads it."), MAX_TEXT)


FORMS: dict[str, type[OfficeForm]] = {
    "answering": AnswerForm,
    "noting": NoteForm,
    "assigning": AssignForm,
    "closing": ClosingForm,
    "reopening": ReopeningForm,
}


@dataclass(frozen=True)
class CasePages:
    """The pages below an address, of the cases that an office has."""

    base: str
    office: Callable[[], CaseOffice]

    def serve(self, blueprint: Blueprint) -> None:
        """Put them into a console."""
        for path, view in (("", self.listed), ("/<case_id>", self.shown), ("/<case_id>/contacts", self.contacts)):
            blueprint.add_url_rule(self.base + path, view.__name__, view, methods=["GET"])
        blueprint.add_url_rule(self.base + "/<case_id>/photos/<digest>", "photo", self.photo, methods=["GET"])
        for act in (self.assign, self.note, self.answer, self.close, self.reopen):
            blueprint.add_url_rule(f"{self.base}/<case_id>/{act.__name__}", act.__name__, act, methods=["POST"])

    def listed(self) -> BaseResponse:
        """Cases that stand so, fifty at a time."""
        standing, gtin = (request.args.get(name, "").strip()[:20] for name in ("standing", "gtin"))
        return page(
            "office/cases.html",
            found=self.office().queue(standing or "open", gtin, request.args.get("after", "")),
            base=self.base,
            standing=standing or "open",
            gtin=gtin,
            standing_names=STANDING_NAMES,
            finding_names=FINDING_NAMES,
            place_name=lambda place: place_name(place, language()),
        )

    def shown(self, case_id: str) -> BaseResponse:
        """One case with its reports."""
        return self.shown_with(case_id)

    def contacts(self, case_id: str) -> BaseResponse:
        """Whom one may call back; that somebody looked is logged."""
        found = self.office().contacts(case_id)
        note("contacts-shown", account=identity().account, case=case_id)
        return self.shown_with(case_id, contacts=found)

    def photo(self, case_id: str, digest: str) -> BaseResponse:
        """A photo beside a report."""
        response = Response(self.office().photo(case_id, digest), mimetype="image/jpeg")
        response.headers["Content-Security-Policy"] = _SHUT
        response.headers["Cache-Control"] = "no-store"  # the next person at this browser may have no right to it
        return response

    def assign(self, case_id: str) -> BaseResponse:
        """Give it to somebody."""
        form = AssignForm()
        return self._decided(
            case_id, form, lambda: self.office().assign(case_id, seen(), form.account.data), _("The case is given.")
        )

    def note(self, case_id: str) -> BaseResponse:
        """Note something."""
        form = NoteForm()
        return self._decided(case_id, form, lambda: self.office().note(case_id, form.note.data), _("The note is kept."))

    def answer(self, case_id: str) -> BaseResponse:
        """Answer all who reported."""
        form = AnswerForm()
        return self._decided(
            case_id,
            form,
            lambda: self.office().answer(case_id, seen(), form.answer.data),
            _("The answer is given. Whoever reported sees it by the receipt."),
        )

    def close(self, case_id: str) -> BaseResponse:
        """Close it with a finding."""
        form = ClosingForm()
        return self._decided(
            case_id,
            form,
            lambda: self.office().close(case_id, seen(), form.finding.data, form.text.data or ""),
            _("The case is closed."),
        )

    def reopen(self, case_id: str) -> BaseResponse:
        """Open it again."""
        form = ReopeningForm()
        return self._decided(
            case_id,
            form,
            lambda: self.office().reopen(case_id, seen(), form.reason.data),
            _("The case is open again."),
        )

    def _decided(self, case_id: str, form: OfficeForm | None, do: Callable[[], object], message: str) -> BaseResponse:
        return decided(
            form,
            do,
            lambda status, problem: self.shown_with(case_id, status, problem, form),
            STALE,
            (message, f"{self.base}/{case_id}"),
        )

    def shown_with(
        self,
        case_id: str,
        status: int = 200,
        problem: str = "",
        sent: OfficeForm | None = None,
        contacts: object = None,
    ) -> BaseResponse:
        """One case, with what is wrong with a form that was sent, or with contacts."""
        file = self.office().file(case_id, request.args.get("after", ""))
        given = {name: form(formdata=None) for name, form in FORMS.items()}
        given |= {name: sent for name, form in FORMS.items() if isinstance(sent, form)}
        given["assigning"].account.choices = forms.choices((each.id, each.name) for each in file.people)
        return page(
            "office/case.html",
            status,
            file=file,
            base=self.base,
            problem=problem,
            contacts=contacts,
            standing_names=STANDING_NAMES,
            reason_names=REASON_NAMES,
            answer_names=ANSWER_NAMES,
            finding_names=FINDING_NAMES,
            place_name=lambda place: place_name(place, language()),
            serial_of=serial_of,
            **given,
        )


def serial_of(batch: int, index: int) -> str:
    """A serial for people."""
    return Serial(batch, index).readable
