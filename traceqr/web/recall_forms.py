"""Forms about recalls: what is recalled, what people are told, how far it has come, how it ended."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired

from traceqr.label.gtin import Gtin, InvalidGtin
from traceqr.office.batches import NotOfThisBatch, place
from traceqr.office.recalls import MAX_CLOSING, MAX_NAME, MAX_REMARK, MOST, Announcement, Lot, Range, Target, Used
from traceqr.web import forms
from traceqr.web.forms import OfficeForm
from traceqr.web.numbers import whole
from traceqr.web.recalls import OUTCOME_NAMES

_ = str

OVER = {
    "lot": _("All batches of a production lot"),
    "batch": _("Labels of one batch"),
    "product": _("The whole product"),
    "material": _("What was made of a lot of a material that nobody has claimed"),
}
GRADES = {"": _("No class"), "1": _("Class 1 recall"), "2": _("Class 2 recall"), "3": _("Class 3 recall")}
PARTS = {"hazard": _("What the hazard is"), "advice": _("What people should do"), "contact": _("Whom they ask")}
LANGUAGES = {"zh_hans": "简体中文", "zh_hant": "繁體中文", "en": "English"}
"""By the ends of the fields' names: languages in themselves."""

NO_GTIN = _("Enter the digits under the bar code: 8, 12, 13 or 14, with the right check digit.")
NO_LOT = _("Enter the production lot as it stands on the batches.")
NO_MATERIAL_LOT = _("Enter the lot of the material as events name it.")
NO_NAME = _("Enter what the material is called: people read it on labels' pages.")
NO_BATCH = _("Enter the number of a batch.")
NO_LABEL = _("This is no label of this batch. Scan it again, or type its serial number.")
ALL_OR_NOTHING = _("Write all three texts in this language, or none.")
NO_COUNT = _("Enter a whole number, at most as many as there are labels.")


class RecallForm(OfficeForm):
    """A recall to issue."""

    over = RadioField(_("What is recalled"), [InputRequired(forms.NEEDED)], choices=forms.choices(OVER.items()))
    gtin = forms.line(_("GTIN"), 14, needed=False, inputmode="numeric", autocomplete="off")
    lot = forms.line(_("Production lot"), 64, needed=False, autocomplete="off")
    name = forms.line(_("Name of the material"), MAX_NAME, needed=False, lang="zh-Hans")
    uscc = forms.line(_("USCC of the enterprise that used it"), 18, needed=False, autocomplete="off")
    batch = forms.line(_("Number of the batch"), 10, needed=False, inputmode="numeric", autocomplete="off")
    first = forms.line(_("First label"), 400, needed=False, autocomplete="off", spellcheck="false")
    last = forms.line(_("Last label"), 400, needed=False, autocomplete="off", spellcheck="false")
    grade = SelectField(_("Class of the recall"), default="", choices=forms.choices(GRADES.items()))
    hazard_zh_hans = forms.lines(PARTS["hazard"], MOST["hazard"], lang="zh-Hans")
    advice_zh_hans = forms.lines(PARTS["advice"], MOST["advice"], lang="zh-Hans")
    contact_zh_hans = forms.lines(PARTS["contact"], MOST["contact"], lang="zh-Hans")
    hazard_zh_hant = forms.lines(PARTS["hazard"], MOST["hazard"], needed=False, lang="zh-Hant")
    advice_zh_hant = forms.lines(PARTS["advice"], MOST["advice"], needed=False, lang="zh-Hant")
    contact_zh_hant = forms.lines(PARTS["contact"], MOST["contact"], needed=False, lang="zh-Hant")
    hazard_en = forms.lines(PARTS["hazard"], MOST["hazard"], needed=False, lang="en")
    advice_en = forms.lines(PARTS["advice"], MOST["advice"], needed=False, lang="en")
    contact_en = forms.lines(PARTS["contact"], MOST["contact"], needed=False, lang="en")

    def is_whole(self) -> bool:
        """Whether each of the languages that may be left out has all texts or none."""
        for ending in ("zh_hant", "en"):
            given = [self[f"{part}_{ending}"] for part in PARTS]
            if any((each.data or "").strip() for each in given):
                for each in given:
                    if not (each.data or "").strip():
                        each.errors = [ALL_OR_NOTHING]
        return not self.errors_of_texts()

    def errors_of_texts(self) -> list[str]:
        """What is wrong with the texts."""
        return [str(error) for part in PARTS for ending in LANGUAGES for error in self[f"{part}_{ending}"].errors]

    def announcement(self) -> Announcement:
        """What people are told."""
        texts = {f"{part}_{ending}": self[f"{part}_{ending}"].data or "" for part in PARTS for ending in LANGUAGES}
        return Announcement(
            {name: text for name, text in texts.items() if text.strip()},
            int(self.grade.data) if self.grade.data else None,
        )

    def target(self) -> Target | None:
        """What is recalled, or None with its faults in the form."""
        if self.over.data == "material":
            return self._material()
        return self._range() if self.over.data == "batch" else self._lot()

    def _material(self) -> Used | None:
        gtin, lot, name = self._gtin(), (self.lot.data or "").strip(), (self.name.data or "").strip()
        if not lot:
            self.lot.errors = [NO_MATERIAL_LOT]
        if not name:
            self.name.errors = [NO_NAME]
        return Used(gtin, lot, name, (self.uscc.data or "").strip().upper()) if gtin and lot and name else None

    def _gtin(self) -> Gtin | None:
        try:
            return Gtin.from_trade((self.gtin.data or "").strip())
        except InvalidGtin:
            self.gtin.errors = [NO_GTIN]
            return None

    def _lot(self) -> Lot | None:
        gtin = self._gtin()
        if gtin is None:
            return None
        lot = (self.lot.data or "").strip()
        if self.over.data == "lot" and not lot:
            self.lot.errors = [NO_LOT]
            return None
        return Lot(gtin, lot if self.over.data == "lot" else None)

    def _range(self) -> Range | None:
        number = whole(self.batch.data, 10)
        if not number:
            self.batch.errors = [NO_BATCH]
            return None
        first, last = self._end(number, "first"), self._end(number, "last")
        return None if self.first.errors or self.last.errors else Range(number, first, last)

    def _end(self, number: int, name: str) -> int | None:
        try:
            return place(number, self[name].data or "")
        except NotOfThisBatch:
            self[name].errors = [NO_LABEL]
            return None


class ProgressForm(OfficeForm):
    """How far a recall has come. `seen` is the page that it stands on."""

    recovered = forms.line(_("Packs taken back so far"), 12, inputmode="numeric", autocomplete="off")
    destroyed = forms.line(_("Packs destroyed so far"), 12, inputmode="numeric", autocomplete="off")
    remark = forms.lines(_("Remark, shown to everybody"), MAX_REMARK, needed=False)
    tell_reach = BooleanField(_("Publish how many labels were looked at since"))
    seen = HiddenField()

    def count(self, name: str, most: int) -> int:
        """A number that was typed; -1 with its fault in the form where it is none."""
        found = whole((self[name].data or "").replace(",", ""), 12)
        if found is None or found > most:
            self[name].errors = [NO_COUNT]
            return -1
        return found


class LiftForm(OfficeForm):
    """How a recall ended. `seen` is the page that it stands on."""

    outcome = RadioField(_("How it ended"), [InputRequired(forms.NEEDED)], choices=forms.choices(OUTCOME_NAMES.items()))
    reason = forms.lines(_("What people are told of it"), MAX_CLOSING)
    seen = HiddenField()
