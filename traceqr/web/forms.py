"""What the forms of the consoles have in common. Labels and messages are message ids; templates put in the language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field, FileField, Form, PasswordField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from traceqr.acting import ActRefused
from traceqr.instant import InvalidDate, parse_date
from traceqr.legible import unshown
from traceqr.web.refusals import worded

_ = str

NEEDED = _("This must be filled in.")
TOO_LONG = _("This is too long.")
REGION = _("Region code")
NO_REGION = _("Enter the 6 digits of the region; 000000 is the whole country.")
UNSHOWN = _("There are characters that cannot be shown: leave them out.")
NO_DAY = _("Enter a day, such as 2026-09-01.")

_BLANKS = {ord(each): " " for each in "\t\r\n"}


class OfficeForm(FlaskForm):  # type: ignore[misc]
    """A form of a console. What was typed stays in it when something is wrong."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Messages are ours, in each language."""

        locales = False

    def take_refusal(self, refusal: ActRefused) -> None:
        """Show why an act was refused, at the field that is at fault, or above the form."""
        found = self._fields.get(refusal.field)
        message = worded(str(refusal))
        if found is None:
            self.form_errors.append(message)
        else:
            found.errors = [*found.errors, message]


class Needed(DataRequired):  # type: ignore[misc]
    """Something other than blanks must be there."""

    def __init__(self) -> None:
        super().__init__(message=NEEDED)


class AtMost(Length):  # type: ignore[misc]
    """So many characters."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most, message=TOO_LONG)


class Shown:
    """Characters that people see: none that controls, or turns the reading direction. Tabs and line breaks may be."""

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        """Raise `ValidationError` for others."""
        if unshown((field.data or "").translate(_BLANKS)):
            raise ValidationError(UNSHOWN)


class Chosen:
    """A file must be chosen, now or in an earlier step: who handles the form sees to it."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing: see above."""


def file(label: str, accept: str) -> Field:
    """A file that is needed, of the kinds that a browser offers."""
    return FileField(label, [Chosen()], render_kw={"accept": accept})


def line(label: str, most: int = 200, *, needed: bool = True, **render: Any) -> Field:
    """One line of text."""
    return StringField(label, [*([Needed()] if needed else []), AtMost(most), Shown()], render_kw=render or None)


def lines(label: str, most: int = 2_000, *, needed: bool = True, **render: Any) -> Field:
    """Several lines of text."""
    return TextAreaField(label, [*([Needed()] if needed else []), AtMost(most), Shown()], render_kw=render or None)


def day(label: str) -> Field:
    """A day of the calendar, which `parse_date` takes."""
    return StringField(label, [Needed(), _is_day], render_kw={"type": "date"})


def spelled(label: str, pattern: str, why: str, most: int, **render: Any) -> Field:
    """A code of a fixed spelling, with the message for any other."""
    told = {"autocomplete": "off", "spellcheck": "false", **render}
    return StringField(label, [Needed(), AtMost(most), Regexp(rf"\s*({pattern})\s*\Z", message=why)], render_kw=told)


def region(label: str = REGION) -> Field:
    """A region by its code."""
    return spelled(label, "[0-9]{6}", NO_REGION, 20, inputmode="numeric")


def _is_day(form: Form, field: Field) -> None:  # noqa: ARG001
    try:
        parse_date(field.data.strip())
    except InvalidDate as error:
        raise ValidationError(NO_DAY) from error


def password(label: str, *, new: bool = False) -> Field:
    """A password: a new one, or one that is known. Blanks in it count."""
    told = {"autocomplete": "new-password" if new else "current-password"}
    return PasswordField(label, [Needed(), AtMost(1_000)], render_kw=told)


def code(label: str) -> Field:
    """A code of the second factor, or a recovery code."""
    told = {"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false", "autocapitalize": "off"}
    return StringField(label, [Needed(), AtMost(40)], render_kw=told)


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """What may be chosen: values with their words."""
    return [SelectChoice(value, words) for value, words in pairs]
