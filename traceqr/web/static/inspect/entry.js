// A signed inspection: what stands in it, what was added, and whether the server has it.

import { ADDITIONS } from "./choices.js";
import { el } from "./dom.js";
import { button, choice, fault, lines } from "./fields.js";
import { stage, tell } from "./frame.js";
import { faultOf, stateFlag } from "./lists.js";
import { newDraft, tidy } from "./record.js";
import { STATE } from "./records.js";
import { Altered } from "./vault.js";
import { summaryOf } from "./step_signing.js";
import { row } from "./verdicts.js";
import { wordsOf } from "./choices.js";
import { moment, t } from "./words.js";

export async function entryScreen(app, inspection) {
  const metas = await app.records.entriesOf(inspection);
  if (!metas.length) return app.go("records");
  const shown = await Promise.all(metas.map((meta) => section(app, meta)));
  stage(app, {
    title: metas[0].told.words || t("Inspection"),
    back: "#/records",
    content: [...shown, online(metas[0]), await addition(app, metas)],
  });
}

/** An inspection that is not on this phone: nothing of it can be shown here, but it can be added to. */
export async function serverScreen(app, inspection, entries, digest) {
  const own = await app.records.entriesOf(inspection);
  if (own.length) return app.go(`entry/${inspection}`);
  const last = { inspection, entry: Number(entries) - 1, digest, state: STATE.received, told: {} };
  stage(app, { title: t("Inspection"), back: "#/records", content: [online(last), await addition(app, [last])] });
}

/** Where the server shows it, with its document. */
function online({ inspection, state }) {
  return state === STATE.received ? el("p.center", {}, el("a.plain-button", { href: `/inspections/${inspection}` }, t("Open its page and document"))) : null;
}

async function section(app, meta) {
  const facts = el("dl.facts-of", {}, ...[
    [t("Signed"), moment(meta.made)],
    [t("Received"), meta.received && moment(meta.received)],
    [t("Place in the ledger"), meta.position ?? null],
    [t("Digest"), meta.digest],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd.digits", {}, String(value)))));
  return el("section.panel", { "data-entry": meta.entry },
    el("h2", {}, meta.entry ? t("Addition %(number)s", { number: meta.entry }) : t("Record")),
    el("p", {}, stateFlag(meta)), meta.fault ? faultOf(meta) : null,
    await content(app, meta), facts);
}

async function content(app, meta) {
  try {
    const { record, addition } = JSON.parse((await app.records.signed(meta)).text);
    if (addition) return el("div", {}, el("h3", {}, t(wordsOf(ADDITIONS, addition.kind))), el("p.lines", {}, addition.text));
    return el("div", {}, summaryOf(record), record.labels.length ? el("details", {}, el("summary", {}, t("Labels")), el("ol.looks", {}, ...record.labels.map((label) => row({ label, about: null, shown: null })))) : null);
  } catch (error) {
    if (!(error instanceof Altered)) throw error;
    return el("p.told.refused", {}, t("What was kept here is not what was signed: it was changed on this phone."));
  }
}

/** What may be added behind the last entry. */
async function addition(app, metas) {
  const last = metas.at(-1), wrong = fault(), made = { kind: "supplement", text: "", measure: null, photos: [] };
  const ordered = metas[0].told.ordered ?? [];
  const kinds = ADDITIONS.filter(([kind]) => kind !== "followed-up" || ordered.length);
  if (last.state === STATE.conflict || last.state === STATE.refused) return null;
  const add = async () => {
    const text = tidy(made.text);
    if (!text) return wrong.show(t("Write what is added."));
    if (made.kind === "followed-up" && made.measure === null) return wrong.show(t("Choose the correction that was looked at."));
    await app.records.add(metas[0].inspection, { ...made, text, measure: made.kind === "followed-up" ? Number(made.measure) : null }, app.signer(), last);
    await app.count();
    tell(t("Signed and kept on this phone."));
    await app.show();
    app.round();
  };
  const follow = async () => {
    const draft = newDraft(app.me, app.clock, { follows: metas[0].inspection });
    const { record } = JSON.parse((await app.records.signed(metas[0])).text);
    draft.record.premises = { ...record.premises, position: null };
    await app.records.saveDraft(draft);
    await app.count();
    app.go(`draft/${draft.id}/basis`);
  };
  const which = el("div", { hidden: true }, choice(t("Correction"), made, "measure", ordered.map(({ measure, what, until }) => [String(measure), `${what} (${until})`]), () => {}));
  return el("section.panel", {},
    ordered.length ? el("div.below.first", {}, button(t("Begin a follow-up"), follow, "go")) : null,
    el("details", {}, el("summary", {}, t("Add to this record")),
      el("p.hint", {}, t("Nothing that was signed is changed; what is added stands behind it, signed as well.")),
      choice(t("What it is"), made, "kind", kinds, () => (which.hidden = made.kind !== "followed-up")), which,
      lines(t("Text"), made, "text", () => {}), wrong.place,
      button(t("Sign the addition"), add, "go")));
}
