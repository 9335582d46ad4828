// The record of an inspection: a draft, what is still wrong with it, and the signed entry that it becomes.
// The format is that of docs/inspection-format.md; nothing here knows the screen or the network.

import { canonical } from "../field/canonical.js";
import { say } from "./choices.js";
import { instant } from "./clock.js";
import { newId, sha256, sign } from "./device.js";

export const FORMAT = "traceqr.inspection.v1";
export const MOST = { labels: 500, photos: 200, goods: 200, measures: 50, numbers: 50, quantity: 1e12, octets: 1024 * 1024 };

/** The screens of a draft, in order. */
export const STEPS = ["basis", "premises", "labels", "goods", "photos", "finding", "signing", "review"];

const SPELLED = { uscc: /^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/, gtin: /^[0-9]{14}$/, day: /^(?:19[789]|2[0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}$/, inspection: /^[0-9a-f]{32}$/ };

/** Control characters but for line feeds, halves of characters, and what turns the reading direction. */
const UNSHOWN = /(?!\n)[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

export const officer = ({ account, name, number }) => ({ account, name: cut(name, 80), number: cut(number ?? "", 40) });

/** A new draft of an inspection that begins now. `followed` is what it looks at, for the screens: `{words, made, ordered}`. */
export function newDraft(me, clock, { labels = [], follows = null, premises = null, followed = null } = {}) {
  const record = {
    started: instant(clock.now()), ended: null, kind: follows ? "follow-up" : "routine", basis: "", case: null, follows,
    officers: [officer(me)], alone: null,
    premises: { name: "", uscc: "", address: "", person: "", phone: "", ...premises, position: null },
    labels, goods: [], photos: [], finding: "", findings: "", measures: [], statement: "", signatures: [], refused: null,
  };
  return { id: newId(), account: me.account, changed: clock.now(), step: "basis", followed, record };
}

/** What a measure, a product or a party begins as. */
export const NEW = {
  measure: () => ({ kind: "sealed", what: "", quantity: null, numbers: "", until: null }),
  goods: () => ({ gtin: "", name: "", lot: "", quantity: null, unit: "", storage: "" }),
};

/** A GTIN with its check digit, as 14 digits; null for anything else. */
export function gtinOf(typed) {
  const digits = typed.trim();
  if (!/^([0-9]{8}|[0-9]{12,14})$/.test(digits)) return null;
  const whole = digits.padStart(14, "0");
  const sum = [...whole].reduce((total, each, at) => total + Number(each) * (at % 2 ? 1 : 3), 0);
  return sum % 10 ? null : whole;
}

/** Text as it is kept: no signs that nobody sees, line breaks as one sign, no blanks around. */
export function tidy(text) {
  return text.replace(/\r\n?/g, "\n").replace(UNSHOWN, " ").trim();
}

/** One line, of so many characters. What is on the screen is never longer; what comes from elsewhere may be. */
const cut = (text, most) => [...tidy(text ?? "").replaceAll("\n", " ")].slice(0, most).join("");

/** The numbers of documents, seals or samples, which people type with whatever signs between them. */
export const numbersOf = (typed) => typed.split(/[,，、;；\n]+/).map((each) => cut(each, 60)).filter(Boolean).slice(0, MOST.numbers);

/** Who must sign: every officer, and the party unless it refused. */
export function signers(record) {
  const officers = record.officers.map(({ account, name }) => ({ role: "officer", account, name }));
  const party = { role: "party", account: null, name: record.premises.person };
  return record.refused ? officers : [...officers, party];
}

export const signatureOf = (record, { role, account }) =>
  record.signatures.find((each) => each.role === role && (role !== "officer" || each.account === account));

const given = (text) => tidy(text ?? "") !== "";

/** What is still wrong, as `{step, message}`; a record without faults may be signed. */
export function faultsOf(record) {
  const faults = [];
  const need = (good, step, message) => good || faults.push({ step, message });
  need(given(record.basis), "basis", say("The legal basis is missing."));
  need(record.officers.length > 1 || given(record.alone), "basis", say("Two officers are the rule: choose a colleague, or say why you are alone."));
  need(!record.follows || SPELLED.inspection.test(record.follows), "basis", say("The inspection that it follows has 32 signs, 0 to 9 and a to f."));
  need(given(record.premises.name), "premises", say("The name of the premises is missing."));
  need(given(record.premises.address), "premises", say("The address is missing."));
  need(!record.premises.uscc || SPELLED.uscc.test(record.premises.uscc), "premises", say("This is no unified social credit code: it has 18 signs."));
  need(record.labels.length <= MOST.labels, "labels", say("There are more than 500 labels: make a second record."));
  record.goods.forEach((each) => goodsFaults(each, need));
  need(record.photos.length <= MOST.photos, "photos", say("There are more than 200 photos: make a second record."));
  need(given(record.finding), "finding", say("Say whether something was wrong."));
  need(given(record.findings), "finding", say("Write what was found."));
  record.measures.forEach((each) => measureFaults(each, need));
  if (record.refused) {
    need(given(record.refused.reason), "signing", say("Write why the party does not sign."));
    need(given(record.refused.witness), "signing", say("Name the witness of the refusal."));
  } else need(given(record.premises.person), "premises", say("The name of the person who is present is missing."));
  return faults;
}

function goodsFaults(goods, need) {
  need(given(goods.name), "goods", say("A product has no name."));
  need(!goods.gtin || gtinOf(goods.gtin), "goods", say("A product code is not right: its last digit does not fit."));
  need(isCount(goods.quantity), "goods", say("A quantity is no whole number."));
}

function measureFaults(measure, need) {
  need(given(measure.what), "finding", say("A measure does not say what it is about."));
  need(isCount(measure.quantity), "finding", say("A quantity is no whole number."));
  need(measure.kind !== "ordered" || SPELLED.day.test(measure.until ?? ""), "finding", say("An ordered correction needs the day until which it is due."));
}

const isCount = (value) => value === null || (Number.isSafeInteger(value) && value >= 0 && value <= MOST.quantity);

/** Who has not signed yet. */
export const unsigned = (record) => signers(record).filter((each) => !signatureOf(record, each));

/** The record as it is signed: only what the format has, each of its kind. */
export function settled(record, endedMs) {
  return {
    ...record,
    ended: instant(endedMs),
    basis: tidy(record.basis),
    case: given(record.case) ? cut(record.case, 60) : null,
    follows: record.follows || null,
    alone: record.officers.length > 1 ? null : tidy(record.alone),
    premises: settledPremises(record.premises),
    goods: record.goods.map(settledGoods),
    photos: settledPhotos(record.photos),
    findings: tidy(record.findings),
    measures: record.measures.map((each) => ({ ...each, what: tidy(each.what), numbers: numbersOf(each.numbers), until: each.until || null })),
    statement: tidy(record.statement),
    signatures: record.signatures.map((each) => ({ ...each, name: cut(each.name, 100) })),
    refused: record.refused && { reason: tidy(record.refused.reason), witness: cut(record.refused.witness, 100) },
  };
}

/** The same of an addition. */
export function settledAddition({ kind, text, measure, photos }) {
  return { kind, text: tidy(text), measure: kind === "followed-up" ? measure : null, photos: settledPhotos(photos) };
}

const settledPhotos = (photos) => photos.map((each) => ({ ...each, caption: cut(each.caption, 200) }));

function settledPremises({ name, uscc, address, person, phone, position }) {
  return { name: cut(name, 200), uscc, address: cut(address, 300), person: cut(person, 100), phone: cut(phone, 40), position };
}

function settledGoods({ gtin, name, lot, quantity, unit, storage }) {
  return { gtin: gtin ? gtinOf(gtin) : "", name: cut(name, 200), lot: cut(lot, 60), quantity, unit: cut(unit, 20), storage: cut(storage, 200) };
}

/** Thrown where an entry is larger than the server takes. */
export class TooLarge extends Error {}

/** An entry, signed: its text, digest and signature. `content` is `{record}` or `{addition}`. */
export async function signedEntry({ inspection, entry, previous }, content, { keys, device, account, clock }) {
  const text = canonical({
    format: FORMAT, inspection, entry, previous, device, account, made: instant(clock.now()), server_time: instant(clock.server()), ...content,
  });
  const octets = new TextEncoder().encode(text);
  if (octets.length > MOST.octets) throw new TooLarge(`expected at most ${MOST.octets} octets, got ${octets.length}`);
  return { text, digest: await sha256(octets), signature: await sign(keys, FORMAT, octets) };
}

/** What lists show of an entry, so that they need not open it. */
export function summary(content) {
  const { record, addition } = content;
  if (addition) return { kind: addition.kind, words: addition.text.slice(0, 80), photos: addition.photos.length };
  return {
    kind: record.kind, words: record.premises.name, finding: record.finding, labels: record.labels.length, photos: record.photos.length,
    ordered: orderedIn(record),
  };
}

/** The corrections that a record orders, each with its place in the list of measures. */
export const orderedIn = ({ measures }) => measures.flatMap(({ kind, what, until }, at) => (kind === "ordered" ? [{ measure: at, what, until }] : []));
