// Drafts and signed inspections that are on this phone, and what waits to be sent.

import { STATE } from "./records.js";
import { FINDINGS, KINDS, wordsOf } from "./choices.js";
import { el, fill } from "./dom.js";
import { button, fault } from "./fields.js";
import { ask, stage, tell } from "./frame.js";
import { newDraft } from "./record.js";
import { whyNot } from "./entrance.js";
import { Later, SignedOut } from "./api.js";
import { dayOf, moment, t } from "./words.js";

/** By inspection: all its entries, the latest inspection first. */
function chains(entries) {
  const found = new Map();
  for (const meta of entries) found.set(meta.inspection, [...(found.get(meta.inspection) ?? []), meta]);
  return [...found.values()].sort((one, other) => other[0].made - one[0].made);
}

export const STATE_WORDS = {
  [STATE.waiting]: ["note", () => t("On this phone alone")],
  [STATE.received]: ["good", () => t("Received by the server")],
  [STATE.conflict]: ["warn", () => t("Conflict: the server has another entry in its place")],
  [STATE.refused]: ["warn", () => t("Not taken by the server")],
};

export function stateFlag({ state }) {
  const [tone, words] = STATE_WORDS[state];
  return el(`span.flag-of.${tone}`, { "data-state": state }, state === STATE.received ? "✓ " : null, words());
}

export async function recordsScreen(app) {
  const { turn } = app, drafts = await app.records.drafts(), added = await app.records.additions(), found = chains(await app.records.entries());
  if (app.overtaken(turn)) return;
  const begin = async () => {
    const draft = newDraft(app.me, app.clock);
    await app.records.saveDraft(draft);
    await app.count();
    app.go(`draft/${draft.id}/basis`);
  };
  stage(app, {
    title: t("Inspections"),
    content: [
      el("div.below.first", {}, button(t("New inspection"), begin, "go")),
      app.records.broken ? el("p.told.refused", {}, t("%(count)s things on this phone cannot be read: they were changed or damaged.", { count: app.records.broken })) : null,
      drafts.length + added.length ? el("section.panel", {}, el("h2", {}, t("Drafts")), el("ul.rows-of", {}, ...drafts.map(draftRow), ...added.map(additionRow))) : null,
      el("section.panel", {}, el("h2", {}, t("Signed")), found.length ? el("ul.rows-of", {}, ...found.map(chainRow)) : el("p.hint", {}, t("There are none on this phone."))),
      toLookAt(app),
      ofTheServer(app, new Set(found.map(([first]) => first.inspection))),
    ],
  });
}

/** What the server has and this phone does not: records of other phones, and those that were removed from this one. */
function ofTheServer(app, here) {
  const ask = async () => {
    const { items } = await app.api.inspections();
    return items.filter(({ inspection }) => !here.has(inspection));
  };
  return asked(t("On the server"), t("Your records that are not on this phone. You may add to them here."), ask, t("There are no others."));
}

/** Ordered corrections that wait, whoever of the office ordered them. */
function toLookAt(app) {
  const ask = async () => (await app.api.due()).items;
  return asked(t("Ordered corrections"), t("Those of your office that nobody has looked at yet."), ask, t("There are none."));
}

function asked(title, hint, ask, none) {
  const place = el("div"), wrong = fault();
  const look = async () => {
    try {
      const items = await ask();
      wrong.show("");
      fill(place, items.length ? el("ul.rows-of", {}, ...items.map(serverRow)) : el("p.hint", {}, none));
    } catch (error) {
      wrong.show(error instanceof SignedOut ? t("You are signed out. Nothing is lost; sign in to send.") : whyNot(error));
    }
  };
  return el("section.panel", {}, el("h2", {}, title), el("p.hint", {}, hint), place, wrong.place, button(t("Show them"), look, "call wide"));
}

function serverRow({ inspection, entries, received, finding, premises, due }) {
  const words = [moment(received), t(wordsOf(FINDINGS, finding)), entries > 1 && t("%(count)s additions", { count: entries - 1 })];
  return el("li", {}, el("a", { href: `#/entry/${inspection}` }, el("strong", {}, premises), el("small", {}, words.filter(Boolean).join(" · ")), due ? dueFlag(Date.parse(due)) : null));
}

/** Until when; a correction is due when its day has ended. */
function dueFlag(at) {
  const until = t("by %(day)s", { day: dayOf(at - 1) });
  return at <= Date.now() ? el("span.flag-of.warn", {}, until, " · ", t("overdue")) : el("span.flag-of.note", {}, until);
}

function additionRow({ inspection, words }) {
  return el("li", {}, el("a", { href: `#/entry/${inspection}` }, el("strong", {}, words), el("span.flag-of.note", {}, t("Addition, not signed yet: on this phone alone"))));
}

function draftRow({ id, step, changed, record }) {
  return el("li", {}, el("a", { href: `#/draft/${id}/${step}` }, el("strong", {}, record.premises.name || t("No name yet")), el("small", {}, `${t(wordsOf(KINDS, record.kind))} · ${moment(changed)}`), el("span.flag-of.note", {}, t("Draft: on this phone alone"))));
}

function chainRow(entries) {
  const [first] = entries, worst = entries.find(({ state }) => state !== STATE.received) ?? first;
  const title = first.told.words || first.inspection.slice(0, 8);
  return el("li", {}, el("a", { href: `#/entry/${first.inspection}` },
    el("strong", {}, title),
    el("small", {}, [moment(first.made), first.told.finding && t(wordsOf(FINDINGS, first.told.finding)), entries.length > 1 && t("%(count)s additions", { count: entries.length - 1 })].filter(Boolean).join(" · ")),
    stateFlag(worst)));
}

export async function outboxScreen(app) {
  const { turn } = app, waiting = await app.outbox.waiting(), progress = el("p.hint.center", { role: "status" });
  if (app.overtaken(turn)) return;
  const send = async () => {
    sending.disabled = true;
    const { sent, ended } = await app.synchronise((at) => (progress.textContent = t("Photo %(at)s of %(count)s", { at: at.photo, count: at.photos })));
    await app.count();
    if (ended) tell(endedWords(ended));
    else if (!sent) tell(t("Everything is sent."));
    if (location.hash === "#/outbox") await app.show();
  };
  const sending = button(t("Send now"), send, "go", { disabled: !waiting.length });
  stage(app, {
    title: t("Outbox"),
    content: [
      el("p.big", { "data-waiting": waiting.length }, waiting.length ? t("%(count)s entries are on this phone alone.", { count: waiting.length }) : t("Everything that was signed is on the server.")),
      app.drafts ? el("p.hint.center", {}, t("%(count)s drafts are on this phone alone: a draft is not sent before it is signed.", { count: app.drafts })) : null,
      el("div.below", {}, sending), progress,
      app.ended && waiting.length ? el("p.hint.center", {}, endedWords(app.ended)) : null,
      waiting.length ? el("section.panel", {}, el("ul.rows-of", {}, ...waiting.map((meta) => waitingRow(app, meta)))) : null,
    ],
  });
}

function endedWords(ended) {
  return {
    "signed-out": t("You are signed out. Nothing is lost; sign in to send."),
    "another-account": t("Entries of another account are on this phone: that account must sign in to send them."),
    elsewhere: t("Another window is sending already."),
    "role-other": t("Whoever is signed in is no inspector: sign in with your own account."),
  }[ended] ?? whyNot(new Later(ended));
}

function waitingRow(app, meta) {
  const again = async () => {
    await app.outbox.again(meta);
    await app.show();
  };
  return el("li", {}, el("a", { href: `#/entry/${meta.inspection}` },
    el("strong", {}, meta.told.words || meta.inspection.slice(0, 8)),
    el("small", {}, [t("Entry %(number)s", { number: meta.entry }), moment(meta.made), t("%(count)s photos", { count: meta.photos.length })].join(" · ")),
    stateFlag(meta)),
    meta.fault ? faultOf(meta) : null,
    meta.state === STATE.refused ? el("p", {}, button(t("Try again"), again, "plain-button")) : null);
}

/** Why the server did not take an entry, as far as it says. */
export function faultOf({ digest, fault }) {
  const words = {
    "entry-conflict": t("The server has another entry with this number. Both stay as they are: show them to your office."),
    "entry-forked": t("The server has another entry before this one. Both stay as they are: show them to your office."),
    "inspection-withdrawn": t("The inspection was withdrawn: nothing is added to it any more."),
    "entry-ahead": t("The entry before this one is not on the server yet."),
    "entry-malformed": t("The server found the entry not written as expected."),
    "signature-broken": t("The signature does not hold: the entry was changed on this phone after it was signed."),
    "altered-here": t("What was kept here is not what was signed: it was changed on this phone."),
    "device-unknown": t("The server does not know this phone."),
    "device-revoked": t("This phone was revoked."),
    "account-other": t("The entry is of another account: that account must sign in to send it."),
    "inspection-other": t("The inspection is of others: only its officers may add to it."),
    "photo-altered": t("A photo is not the one that was signed: it was changed on this phone."),
    "photo-malformed": t("The server cannot read a photo."),
    "photo-too-large": t("A photo is larger than the server takes."),
  }[fault.code] ?? t("The server answered: %(code)s", { code: fault.code });
  const more = [
    fault.digest && [t("here"), digest.slice(0, 16), "·", t("there"), fault.digest.slice(0, 16)].join(" "),
    ...(fault.faults ?? []).slice(0, 5).map(({ where, expected, got }) => `${where}: ${expected} (${got})`),
  ].filter(Boolean);
  return el("div.fault-of", { "data-fault": fault.code }, el("p", {}, words), ...more.map((each) => el("p.digits", {}, each)));
}

/** Forget what the server has. */
export async function makeRoom(app) {
  const received = (await app.records.entries()).filter(({ state }) => state === STATE.received);
  const whole = chains(await app.records.entries()).filter((chain) => chain.every(({ state }) => state === STATE.received)).flat();
  if (!received.length || !(await ask({ title: t("Remove what was received?"), words: t("%(count)s entries that the server has are removed from this phone. Nothing else is.", { count: whole.length }), yes: t("Remove") }))) return;
  await app.records.forget(whole);
  await app.records.forgetTold();
  tell(t("Removed."));
}
