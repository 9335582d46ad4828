// Looks at what was scanned: by the bundle, and by the server where there is network. The two are kept apart.

import { Later, Refused, SignedOut } from "./api.js";
import { instant } from "./clock.js";

/** A look: the label as a record has it, and beside it what screens show and records do not keep. */
export async function look(app, text, how) {
  const found = await app.bundles.holder.judge(text);
  const { manifest } = app.bundles;
  const label = {
    text, serial: found.label?.serial.digits ?? null, how, at: instant(app.clock.now()),
    offline: manifest ? { verdict: found.verdict, reason: found.reason, step: found.step, scope: manifest.scope, version: manifest.version, made: manifest.content.made } : null,
    online: null,
  };
  return { label, about: aboutOf(found), shown: { verdict: found.verdict, reason: found.reason } };
}

/** A serial that was typed proves nothing: nobody knows whether a seal was there. */
export function typed(app, serial) {
  return { label: { text: null, serial, how: "typed", at: instant(app.clock.now()), offline: null, online: null }, about: null, shown: null };
}

/** Ask the server as well. Says whether it answered; what it says is put beside the other. */
export async function askServer(app, seen) {
  if (!seen.label.text || !navigator.onLine) return false;
  try {
    const told = await app.api.scan(seen.label.text);
    seen.label.online = { verdict: told.code, reason: told.reason, at: instant(app.clock.server() ?? app.clock.now()) };
    seen.about = aboutOnline(told) ?? seen.about;
    seen.history = told.history ?? null;
    return true;
  } catch (error) {
    if (error instanceof SignedOut) app.signedOut = seen.signedOut = true;
    else if (!(error instanceof Later || error instanceof Refused)) throw error;
    seen.unanswered = true;
    return false;
  }
}

/** What a bundle says of a label beside its state. */
function aboutOf({ label, facts }) {
  if (!facts?.product) return label ? { gtin: label.gtin } : null;
  const { product, enterprise, batch } = facts;
  return {
    gtin: product.gtin, name_zh: product.name_zh, name_en: product.name_en, specification: product.specification,
    firm_zh: enterprise.name_zh, firm_en: enterprise.name_en, uscc: enterprise.uscc,
    lot: batch.lot, produced: batch.produced, expires: batch.expires, batch: batch.number,
    pledge: facts.pledgeOf, marks: facts.marks, recalls: facts.recalls ?? [],
  };
}

/** The same of the server's answer. */
function aboutOnline({ label, evidence }) {
  if (!evidence) return null;
  const { product, enterprise, batch } = evidence;
  return {
    gtin: label.gtin, name_zh: product.name_zh, name_en: product.name_en, specification: product.specification,
    firm_zh: enterprise.name_zh, firm_en: enterprise.name_en, uscc: enterprise.uscc,
    lot: batch.lot, produced: batch.produced_on, expires: batch.expires_on, batch: batch.number, pledge: evidence.pledge,
    marks: evidence.marks ?? [], recalls: evidence.notices?.flatMap(({ recall }) => (recall ? [recall] : [])) ?? [],
  };
}
