"""Where a thing came from, for everybody: the page of a label's way, and that of a logistic unit's.

The page of a label carries its whole text, so that only who has the label sees it; looking is never counted as a scan.
That of a logistic unit is open to whoever knows its number, which stands on it in print.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from traceqr.chain import recounting
from traceqr.evidence import Verdict
from traceqr.label.format import Label
from traceqr.tracing.thing import InvalidThing, Thing
from traceqr.web import answering, assets, trace_words, words
from traceqr.web.exhibit import page, reading
from traceqr.web.site import language, site
from traceqr.web.target import label_text, raw_target

blueprint = Blueprint("stories", __name__)

TRACE = "/trace"


@blueprint.get("/trace/01/<anything:rest>")
def label(rest: str) -> Response:  # noqa: ARG001  the raw target decides
    """Where a label's product came from. What is no label of ours is answered as ever, and not counted."""
    here = site()
    verdict = here.verifier.verify(label_text(here.origin.scheme, _of_label()))
    if verdict.label is None or not verdict.sealed or verdict.evidence is None:
        return answering.as_page(here, verdict, language())
    return _of_thing(thing_of(verdict.label), verdict=verdict)


@blueprint.get("/trace/00/<sscc>")
def unit(sscc: str) -> Response:
    """Where a logistic unit was and what is in it."""
    try:
        thing = Thing.unit(sscc)
    except InvalidThing:
        abort(404)
    return unit_page(thing)


@blueprint.get("/trace")
@blueprint.get("/trace/")
def nothing() -> BaseResponse:
    """Without a label there is nothing to tell."""
    return redirect("/", 303)


def unit_path(sscc: str) -> str:
    """The address of the page of a logistic unit, for whoever links to it."""
    return f"{TRACE}/00/{sscc}"


def unit_page(thing: Thing) -> Response:
    """The page of a logistic unit. Of one of which nothing is public there is none."""
    return _of_thing(thing)


def thing_of(label: Label) -> Thing:
    """A label as events name it."""
    return Thing.label(label.gtin.digits, label.serial.batch, label.serial.index)


def _of_thing(thing: Thing, verdict: Verdict | None = None) -> Response:
    with reading() as reader:
        story = recounting.recount(reader, thing)
        names = recounting.names_in(reader, story)
    if verdict is None and not story.lines:
        abort(404)
    return page(
        "story.html",
        story=story,
        names=names,
        verdict=verdict,
        trace_style=assets.address("trace.css"),
        what=trace_words.what,
        names_of_verdicts={code: site().pages.words(language(), name) for code, name in words.NAMES.items()},
        **words_of_stories(),
    )


def words_of_stories() -> dict[str, Any]:
    """The tables that templates of events name."""
    return {
        "gaps": trace_words.GAPS,
        "dispositions": trace_words.DISPOSITION_NAMES,
        "unit_names": trace_words.UNIT_NAMES,
        "step_name": trace_words.what,
    }


def _of_label() -> dict[str, Any]:
    """The environment of this request, as it would be at the label's own address."""
    return {**request.environ, "RAW_URI": raw_target(request.environ).removeprefix(TRACE)}
