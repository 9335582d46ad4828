// What is added behind a signed record: written and kept as it is typed, with photos, then signed.

import { ADDITIONS } from "./choices.js";
import { el } from "./dom.js";
import { button, choice, fault, lines, savedLine } from "./fields.js";
import { ask, tell } from "./frame.js";
import { tidy } from "./record.js";
import { Saver, STATE } from "./records.js";
import { photoFields } from "./shots.js";
import { chainOf, isWithdrawn, openOf, titleOf } from "./told.js";
import { t } from "./words.js";

const NOT_TAKEN = [STATE.conflict, STATE.refused];

/** Kinds that only an officer of the inspection may add. */
const OF_OFFICERS = ["correction", "withdrawn"];

/** The form, and what settles once all that was typed into it is written; null where nothing can be added. */
export async function addition(app, chain) {
  const { inspection, links } = chain;
  if (!links.length || links.some(({ meta }) => NOT_TAKEN.includes(meta?.state)) || isWithdrawn(chain)) return null;
  const begun = await app.records.addition(inspection);
  const made = begun ?? { inspection, words: titleOf(chain), kind: "supplement", text: "", measure: null, photos: [] };
  const saved = savedLine(), wrong = fault();
  const saver = new Saver({ saveDraft: (each) => app.records.saveAddition(each) }, saved.show);
  const changed = () => saver.save(made), settled = () => saver.settled();
  const keep = async (digest, bytes) => {
    await settled();
    await app.records.saveAdditionWithPhoto(made, digest, bytes);
  };
  const photos = photoFields({ app, of: made, keep, changed, settled });
  const sign = async () => {
    signing.disabled = true;
    await photos.idle();
    const missing = missingIn(made);
    wrong.show(missing ?? "");
    signing.disabled = missing === null;
    if (missing !== null) return;
    await settled();
    const last = (await chainOf(app, inspection)).links.at(-1); // others may have added while this was written
    await app.records.add(inspection, { ...made, measure: made.measure === null ? null : Number(made.measure) }, app.signer(), { entry: last.number, digest: last.digest });
    await app.count();
    tell(t("Signed and kept on this phone."));
    await app.show();
    app.round();
  };
  const drop = async () => {
    if (!(await ask({ title: t("Delete this draft?"), words: t("It is on this phone alone, with its photos. This cannot be taken back."), yes: t("Delete") }))) return;
    await photos.idle();
    await settled();
    await app.records.dropAddition(made);
    await app.count();
    await app.show();
  };
  const signing = button(t("Sign the addition"), sign, "go");
  const form = el("section.panel", {},
    el("details", { open: Boolean(begun), "data-writing": true }, el("summary", {}, t("Add to this record")),
      el("p.hint", {}, t("Nothing that was signed is changed; what is added stands behind it, signed as well.")),
      ...kind(app, chain, made, changed),
      lines(t("Text"), made, "text", changed),
      el("h3", {}, t("Photos")), photos.place, saved.place, wrong.place,
      signing, button(t("Delete this draft"), drop, "plain-button")));
  return { form, settled };
}

/** What it is, and of an ordered correction which one. */
function kind(app, chain, made, changed) {
  const { record } = chain, ordered = record ? openOf(chain) : [];
  const mine = !record || record.officers.some(({ account }) => account === app.me.account);
  const kinds = ADDITIONS.filter(([each]) => (each !== "followed-up" || ordered.length) && (mine || !OF_OFFICERS.includes(each)));
  const choices = ordered.map(({ measure, what, until, looked }) => [String(measure), `${looked ? "✓ " : ""}${what} (${until})`]);
  const which = el("div", { hidden: made.kind !== "followed-up" }, choice(t("Correction"), made, "measure", choices, changed));
  const chosen = () => {
    which.hidden = made.kind !== "followed-up";
    changed();
  };
  return [choice(t("What it is"), made, "kind", kinds, chosen), which];
}

/** What is still missing, in words; null if nothing is. */
function missingIn({ kind: what, text, measure }) {
  if (!tidy(text)) return t("Write what is added.");
  return what === "followed-up" && measure === null ? t("Choose the correction that was looked at.") : null;
}
