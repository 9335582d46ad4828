// What was found, what was done about it, and what the party says.

import { FINDINGS, MEASURES } from "./choices.js";
import { el } from "./dom.js";
import { button, choice, day, line, lines, whole } from "./fields.js";
import { NEW } from "./record.js";
import { whatWasOrdered } from "./step_basis.js";
import { t } from "./words.js";

export function finding(edit) {
  const { record, changed } = edit;
  const add = () => {
    record.measures.push(NEW.measure());
    changed();
    edit.again(".item");
  };
  return [
    edit.draft.followed ? el("section.panel", {}, el("h2", {}, t("Ordered corrections")), whatWasOrdered(edit.draft)) : null,
    choice(t("Result of the check"), record, "finding", FINDINGS, changed),
    lines(t("What the check found"), record, "findings", changed, { rows: 6 }),
    el("h2", {}, t("Measures taken")),
    ...record.measures.map((measure, at) => one(edit, measure, at)),
    button(t("Add a measure"), add, "call wide"),
    lines(t("Statement of the party"), record, "statement", changed, { optional: true, hint: t("In the party's own words.") }),
  ];
}

function one(edit, measure, at) {
  const { record, changed } = edit;
  const drop = () => {
    record.measures.splice(at, 1);
    changed();
    edit.again();
  };
  const kindChanged = () => {
    if (measure.kind !== "ordered") measure.until = null;
    changed();
    edit.again();
  };
  return el("section.panel.item", {},
    choice(t("Measure %(number)s", { number: at + 1 }), measure, "kind", MEASURES, kindChanged),
    lines(t("What it is about"), measure, "what", changed, { maxlength: 1000, rows: 2 }),
    el("div.pair-of", {}, whole(t("Quantity"), measure, "quantity", changed), line(t("Numbers of documents, seals or samples"), measure, "numbers", changed, { optional: true, maxlength: 500 })),
    measure.kind === "ordered" ? day(t("To be put right by"), measure, "until", changed) : null,
    button(t("Take out"), drop, "plain-button"));
}
