// Signatures drawn on the screen, a refusal with its witness, and the last look before the device signs.

import { FINDINGS, KINDS, MEASURES, wordsOf } from "./choices.js";
import { el } from "./dom.js";
import { button, fault, line } from "./fields.js";
import { ask, tell } from "./frame.js";
import { instant } from "./clock.js";
import { faultsOf, signatureOf, signers, TooLarge, unsigned } from "./record.js";
import { draw, Pad } from "./strokes.js";
import { tally } from "./verdicts.js";
import { moment, t } from "./words.js";

export function signing(edit) {
  const { record, changed } = edit;
  const refuse = el("input", { type: "checkbox", id: "refused", checked: Boolean(record.refused) });
  refuse.addEventListener("change", () => {
    record.refused = refuse.checked ? { reason: "", witness: "" } : null;
    if (record.refused) record.signatures = record.signatures.filter(({ role }) => role !== "party");
    changed();
    edit.again();
  });
  return [
    el("p.lead", {}, t("Read the record out, or hand it over to be read. Then everybody signs with a finger.")),
    summaryOf(record),
    ...signers(record).map((who) => field(edit, who)),
    el("label.choice", {}, refuse, el("span", {}, t("The party does not sign"))),
    record.refused ? el("section.panel.item", {}, line(t("Reason, as the party gives it"), record.refused, "reason", changed, { maxlength: 500 }), line(t("Witness"), record.refused, "witness", changed, { maxlength: 100 })) : null,
  ];
}

const roleWords = (role) => ({ officer: t("Officer"), party: t("Party"), witness: t("Witness") })[role];

function field(edit, who) {
  const { app, record, changed } = edit, known = signatureOf(record, who);
  const canvas = el("canvas.pad", { width: 1000, height: 380, role: "img", "aria-label": t("Signature of %(name)s", { name: who.name }), "data-role": who.role });
  const keep = (strokes) => {
    record.signatures = record.signatures.filter((each) => each !== signatureOf(record, who));
    if (strokes.length) record.signatures.push({ role: who.role, name: who.name, account: who.account, strokes: structuredClone(strokes), at: instant(app.clock.now()) });
    changed();
  };
  const again = () => {
    keep([]);
    edit.again();
  };
  if (known) requestAnimationFrame(() => draw(canvas, known.strokes));
  else new Pad(canvas, keep);
  return el("section.panel.sign-field", {},
    el("h2", {}, el("small", {}, roleWords(who.role)), " ", who.name || "—"),
    canvas,
    button(t("Sign anew"), again, "plain-button"));
}

/** The record in short, for the eyes of those who sign. */
export function summaryOf(record) {
  const pairs = [
    [t("Kind of check"), t(wordsOf(KINDS, record.kind))],
    [t("Legal basis"), record.basis],
    [t("Inspecting officers"), record.officers.map(({ name, number }) => [name, number].filter(Boolean).join(" ")).join("、")],
    [t("Why there is one officer alone"), record.alone],
    [t("Premises"), [record.premises.name, record.premises.uscc, record.premises.address].filter(Boolean).join(" · ")],
    [t("Person who is present"), record.premises.person],
    [t("From, until"), `${moment(record.started)}${record.ended ? ` – ${moment(record.ended)}` : ""}`],
    [t("Goods"), record.goods.map(({ name, lot, quantity, unit, storage }) => [name, lot, quantity === null ? null : `${quantity} ${unit}`, storage].filter(Boolean).join(" · ")).join("\n")],
    [t("Photos"), record.photos.length || null],
    [t("Result of the check"), record.finding && t(wordsOf(FINDINGS, record.finding))],
    [t("What the check found"), record.findings],
    [t("Measures taken"), record.measures.map(({ kind, what, quantity, numbers, until }) => [t(wordsOf(MEASURES, kind)), what, quantity, [numbers].flat().join("、"), until && t("by %(day)s", { day: until })].filter((each) => each || each === 0).join(" · ")).join("\n")],
    [t("Statement of the party"), record.statement],
    [t("The party does not sign"), record.refused && [record.refused.reason, t("Witness"), record.refused.witness].join(" · ")],
  ];
  return el("section.panel.summary", {},
    el("dl.facts-of", {}, ...pairs.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd.lines", {}, String(value))))),
    record.labels.length ? [el("h2", {}, t("Labels")), tally(record.labels.map((label) => ({ label, about: null, shown: null })))] : null);
}

export function review(edit) {
  const { app, draft, record } = edit, wrong = fault();
  const faults = faultsOf(record), missing = faults.length ? [] : unsigned(record);
  const open = [
    ...faults.map(({ step, message }) => [step, t(message)]),
    ...missing.map(({ role, name }) => ["signing", t("The signature of %(name)s is missing.", { name: name || roleWords(role) })]),
  ];
  const sign = async () => {
    const sure = await ask({ title: t("Sign and close the record?"), words: t("This phone signs it. After that nothing of it can be changed; what is wrong is corrected by an addition."), yes: t("Sign"), no: t("Not now") });
    if (!sure) return;
    edit.last.disabled = true;
    try {
      await app.saver.settled();
      const meta = await app.records.sign(draft, app.signer());
      await app.count();
      tell(t("Signed and kept on this phone."));
      app.go(`entry/${meta.inspection}`);
      app.round();
    } catch (error) {
      edit.last.disabled = false;
      wrong.show(error instanceof TooLarge ? t("The record is too large: take labels out, and make a second record of them.") : t("It was not signed: %(why)s", { why: error.message }));
    }
  };
  edit.last = button(t("Sign and close"), sign, "go", { disabled: open.length > 0 });
  return [
    open.length ? el("section.panel.open-points", {}, el("h2", {}, t("Still open")), el("ul.rows-of", {}, ...open.map(([step, words]) => el("li", {}, el("a", { href: `#/draft/${draft.id}/${step}` }, words))))) : el("p.told", {}, t("Nothing is missing.")),
    wrong.place,
    summaryOf(record),
    button(t("Delete this draft"), () => edit.drop(), "plain-button"),
  ];
}
