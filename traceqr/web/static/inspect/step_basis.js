// Why one is here, who is here, and where it is.

import { KINDS } from "./choices.js";
import { el, fill } from "./dom.js";
import { button, choice, line } from "./fields.js";
import { position } from "./position.js";
import { officer } from "./record.js";
import { moment, t } from "./words.js";

export function basis(edit) {
  const { record, changed, app } = edit;
  return [
    choice(t("Kind of check"), record, "kind", KINDS, changed),
    line(t("Legal basis"), record, "basis", changed, { maxlength: 500, hint: t("Such as: Product Quality Law, article 18.") }),
    record.kind === "follow-up" || record.follows ? followed(edit) : null,
    line(t("Number of the case"), record, "case", () => ((record.case ||= null), changed()), { optional: true, maxlength: 60 }),
    officers(edit, app),
  ];
}

/** The inspection that this one follows: chosen where it is shown, or its long number typed. */
function followed({ draft, record, changed }) {
  if (draft.followed && record.follows) return el("section.panel", {}, el("h2", {}, t("Inspection that it follows")), el("p", {}, draft.followed.words, " ", el("small", {}, moment(draft.followed.made))), whatWasOrdered(draft));
  return line(t("Inspection that it follows"), record, "follows", () => ((record.follows ||= null), changed()), { optional: true, maxlength: 32, hint: t("Easier: under Inspections open the record that ordered the correction, and begin the follow-up there.") });
}

/** What was to be put right, by the record that is followed. */
export function whatWasOrdered({ followed: before }) {
  return before ? el("ul.rows-of", {}, ...before.ordered.map(({ what, until }) => el("li", {}, el("p.lines", {}, what), el("p.hint", {}, t("by %(day)s", { day: until }))))) : null;
}

function officers(edit, { me }) {
  const { record, changed } = edit;
  const all = [me, ...(me.colleagues ?? []).filter(({ account }) => account !== me.account)];
  const toggle = (one, chosen) => {
    record.officers = all.filter((each) => (each.account === one.account ? chosen : isIn(record, each))).map(officer);
    if (record.officers.length > 1) record.alone = null;
    changed();
    alone.hidden = record.officers.length > 1;
  };
  const made = all.map((one) => {
    const input = el("input", { type: "checkbox", value: one.account, checked: isIn(record, one), disabled: one.account === me.account });
    input.addEventListener("change", () => toggle(one, input.checked));
    return el("label.choice", {}, input, el("span", {}, one.name, one.number ? el("small", {}, ` ${one.number}`) : null));
  });
  const alone = el("div", { hidden: record.officers.length > 1 }, line(t("Why there is one officer alone"), record, "alone", () => ((record.alone ||= null), changed()), { maxlength: 500, hint: t("Two officers are the rule.") }));
  return el("fieldset.choices", {}, el("legend", {}, t("Inspecting officers")), ...made, alone);
}

const isIn = (record, { account }) => record.officers.some((each) => each.account === account);

export function premises(edit) {
  const { record, changed, draft } = edit, place = record.premises;
  return [
    draft.hint?.uscc && !place.uscc ? makers(edit, draft.hint) : null,
    line(t("Name of the premises"), place, "name", changed),
    line(t("Unified social credit code"), place, "uscc", () => ((place.uscc = place.uscc.trim().toUpperCase()), changed()), { optional: true, maxlength: 18, autocapitalize: "characters", spellcheck: "false" }),
    line(t("Address of the premises"), place, "address", changed, { maxlength: 300 }),
    whereabouts(edit),
    line(t("Person who is present"), place, "person", changed, { maxlength: 100 }),
    line(t("Phone of that person"), place, "phone", changed, { optional: true, inputmode: "tel", maxlength: 40 }),
  ];
}

/** Goods are mostly met elsewhere than at their maker's: its name is offered, and never filled in unasked. */
function makers({ record, changed, again }, { firm, uscc }) {
  const take = () => {
    Object.assign(record.premises, { name: record.premises.name || firm, uscc });
    changed();
    again();
  };
  return el("section.panel", {}, el("p.hint", {}, t("On the labels: %(code)s", { code: `${firm} · ${uscc}` })), button(t("These are its premises"), take, "plain-button"));
}

function whereabouts({ app, record, changed }) {
  const shown = el("p.hint", { role: "status" });
  const tell = () => {
    const at = record.premises.position;
    fill(shown, at ? t("%(latitude)s, %(longitude)s, good to %(metres)s m", { latitude: at.latitude.toFixed(5), longitude: at.longitude.toFixed(5), metres: at.accuracy_m }) : t("No position yet."));
  };
  const find = async () => {
    fill(shown, t("Looking for the position ..."));
    const found = await position(app.clock);
    if (!found) return fill(shown, t("The phone tells no position here. The address is enough."));
    record.premises.position = found;
    changed();
    tell();
  };
  tell();
  return el("div.field", {}, button(t("Take the position"), find, "call wide"), shown);
}
