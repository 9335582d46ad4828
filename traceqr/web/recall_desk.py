"""Recalls in the consoles: an enterprise's own, and those that an association orders. Both have the same pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.access import Role
from traceqr.acting import ActRefused
from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.house import Stale
from traceqr.office.recalls import Announcement, Preview, RecallOffice, Statement, Target
from traceqr.office.tracking import MAX_SHOWN
from traceqr.web.door import door, guard, identity
from traceqr.web.numbers import whole
from traceqr.web.office_pages import done, page, refused
from traceqr.web.recall_forms import LANGUAGES, PARTS, LiftForm, ProgressForm, RecallForm
from traceqr.web.recalls import OUTCOME_NAMES, STATES, serials_of

_ = str

PAGE = 50
MEANWHILE = _("Nothing was done: somebody else was quicker. See how it stands now.")

_OPEN = {"open": True, "lifted": False}
_PREFILLED = ("over", "gtin", "lot", "name", "uscc", "batch", "first", "last", "hazard_zh_hans")
_NOT_CARRIED = ("csrf_token", "step")


def office() -> RecallOffice:
    """The desk of whoever asks."""
    return RecallOffice(door().house, identity())


def build(name: str, prefix: str, *roles: Role) -> Blueprint:
    """The pages below `prefix`, for those roles."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(guard(*roles))
    pages = _Pages(prefix)
    for rule, view, methods in (
        ("", pages.listed, ["GET"]),
        ("/new", pages.new, ["GET", "POST"]),
        ("/proposals/<proposal_id>", pages.proposed, ["GET"]),
        ("/proposals/<proposal_id>/do", pages.carry_out, ["POST"]),
        ("/<recall_id>", pages.shown, ["GET"]),
        ("/<recall_id>/progress", pages.progress, ["POST"]),
        ("/<recall_id>/lift", pages.lift, ["POST"]),
    ):
        blueprint.add_url_rule(prefix + rule, view.__name__, view, methods=methods)
    return blueprint


class _Pages:
    """The views, with the address that they stand below."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def listed(self) -> BaseResponse:
        """Recalls, latest first, and what waits for a second person."""
        text, state = request.args.get("q", "").replace("\0", "").strip()[:60], request.args.get("state", "")
        before = whole(request.args.get("before"))
        rows = office().listed(text, _OPEN.get(state), before, PAGE + 1)
        last = rows[PAGE - 1]["position"] if len(rows) > PAGE else None
        return self._page(
            "recalls.html",
            recalls=rows[:PAGE],
            waiting=office().waiting() if before is None else [],
            q=text,
            state=state if state in STATES else "",
            states=STATES,
            last=last,
        )

    def new(self) -> BaseResponse:
        """A recall is written, looked at, and issued."""
        if request.method == "GET":
            given = {name: request.args.get(name, "")[:500] for name in _PREFILLED}
            office().listed(most=1)  # the right to it
            form = RecallForm(formdata=None, data={name: text for name, text in given.items() if text})
            if form.over.data == "material" and not form.uscc.data:
                form.uscc.data = _first_user(form)
            return self._new(form)
        form, step = RecallForm(), request.form.get("step", "")
        if step == "change":
            form.validate()
            for field in form:
                field.errors = []
            return self._new(form)
        told = _told(form)
        if told is None:
            return self._new(form, 422)
        try:
            if step == "save":
                return self._issued(*told)
            return self._look(form, office().look(*told))
        except ActRefused as refusal:
            form.take_refusal(refusal)
            return self._new(form, 422)

    def _issued(self, target: Target, announcement: Announcement) -> BaseResponse:
        made = office().issue(target, announcement)
        if made is None:
            return done(_("The recall waits for the yes of a second person."), self._prefix)
        return done(_("It is recalled. Every label says so from now on."), f"{self._prefix}/{made.id}")

    def proposed(self, proposal_id: str) -> BaseResponse:
        """What somebody has proposed."""
        found = office().proposed(proposal_id)
        return self._page("recall_proposed.html", proposal=found.proposal, **_shown_of(found.preview))

    def carry_out(self, proposal_id: str) -> BaseResponse:
        """Recall as two people have agreed to."""
        try:
            made = office().carry_out(proposal_id)
        except ActRefused as refusal:
            return refused(f"{self._prefix}/proposals/{proposal_id}", refusal)
        return done(_("It is recalled. Every label says so from now on."), f"{self._prefix}/{made.id}")

    def shown(self, recall_id: str) -> BaseResponse:
        """One recall."""
        return self._shown(recall_id)

    def progress(self, recall_id: str) -> BaseResponse:
        """State how far it has come."""
        form, file = ProgressForm(), office().file(recall_id)
        valid = form.validate()
        most = file.labels + file.spread.labels
        recovered, destroyed = form.count("recovered", most), form.count("destroyed", most)
        if not valid or recovered < 0 or destroyed < 0:
            return self._shown(recall_id, 422, stating=form)
        statement = Statement(recovered, destroyed, form.remark.data or "")
        try:
            office().state_progress(recall_id, whole(form.seen.data) or 0, statement, tell_reach=form.tell_reach.data)
        except ActRefused as refusal:
            return self._refused(recall_id, refusal)
        return done(_("The progress is published."), f"{self._prefix}/{recall_id}")

    def lift(self, recall_id: str) -> BaseResponse:
        """End it."""
        form = LiftForm()
        office().file(recall_id)
        if not form.validate():
            return self._shown(recall_id, 422, lifting=form)
        try:
            office().lift(recall_id, whole(form.seen.data) or 0, form.reason.data, form.outcome.data)
        except ActRefused as refusal:
            return self._refused(recall_id, refusal)
        return done(_("The recall is lifted."), f"{self._prefix}/{recall_id}")

    def _refused(self, recall_id: str, refusal: ActRefused) -> BaseResponse:
        if isinstance(refusal, Stale):
            return self._shown(recall_id, 409, problem=MEANWHILE)
        return refused(f"{self._prefix}/{recall_id}", refusal)

    def _shown(
        self,
        recall_id: str,
        status: int = 200,
        problem: str = "",
        stating: ProgressForm | None = None,
        lifting: LiftForm | None = None,
    ) -> BaseResponse:
        file = office().file(recall_id)
        return self._page(
            "recall.html",
            status,
            file=file,
            problem=problem,
            serials=serials_of(file.row),
            stating=stating or ProgressForm(formdata=None),
            lifting=lifting or LiftForm(formdata=None),
            outcome_names=OUTCOME_NAMES,
        )

    def _new(self, form: RecallForm, status: int = 200) -> BaseResponse:
        return self._page("recall_new.html", status, form=form, parts=PARTS, written=LANGUAGES)

    def _look(self, form: RecallForm, preview: Preview) -> BaseResponse:
        carried = [(field.name, field.data or "") for field in form if field.name not in _NOT_CARRIED]
        return self._page("recall_look.html", carried=carried, **_shown_of(preview))

    def _page(self, template: str, status: int = 200, **values: Any) -> BaseResponse:
        return page(f"console/{template}", status, prefix=self._prefix, **values)


def _first_user(form: RecallForm) -> str:
    """To whom an association may address what it orders; whoever knows better types another."""
    try:
        gtin = Gtin.from_trade(form.gtin.data or "")
    except InvalidGtin:
        return ""
    return next(iter(office().users(gtin, form.lot.data or "")), "")


def _told(form: RecallForm) -> tuple[Target, Announcement] | None:
    """What is recalled and what is said, or None with its faults in the form."""
    valid = form.validate()
    whole_texts = form.is_whole()
    target = form.target() if form.over.data else None
    return (target, form.announcement()) if valid and whole_texts and target is not None else None


def _shown_of(preview: Preview) -> dict[str, Any]:
    """What the page of a preview shows."""
    cover = preview.cover
    row = {"batch": cover.batch, "first": cover.first, "last": cover.last, "lot": cover.lot, "gtin": cover.gtin}
    row |= {"material": cover.material}
    return {"preview": preview, "row": row, "serials": serials_of(row), "in_each": preview.in_each, "most": MAX_SHOWN}
