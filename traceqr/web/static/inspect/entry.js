// A signed inspection: what stands in it, what was added, and whether the server has it.

import { Later, Refused, SignedOut } from "./api.js";
import { addition } from "./adding.js";
import { ADDITIONS, wordsOf } from "./choices.js";
import { el } from "./dom.js";
import { button } from "./fields.js";
import { refresh, stage } from "./frame.js";
import { faultOf, stateFlag } from "./lists.js";
import { whyNot } from "./entrance.js";
import { newDraft, orderedIn } from "./record.js";
import { STATE } from "./records.js";
import { gallery } from "./shots.js";
import { summaryOf } from "./step_signing.js";
import { askForInspection, chainOf, isWithdrawn, NoChain, openOf, titleOf } from "./told.js";
import { row } from "./verdicts.js";
import { moment, t } from "./words.js";

export async function entryScreen(app, inspection) {
  const { turn } = app, chain = await chainOf(app, inspection), adding = await addition(app, chain);
  if (app.overtaken(turn)) return;
  if (adding) app.leave = adding.settled;
  show(app, chain, adding?.form ?? null);
  const [first] = chain.links;
  if (first?.meta?.entry === 0 && first.meta.state !== STATE.received) return; // the server has nothing of it
  askServer(app, chain);
}

function show(app, chain, adding, wrong = null) {
  const { links, record, inspection } = chain, isThere = links.some(({ received }) => received);
  stage(app, {
    title: titleOf(chain),
    back: "#/records",
    content: [
      links.length || wrong ? null : el("p.lead", { role: "status" }, t("Asking the server for this inspection ...")),
      wrong && el("p.told.refused", { role: "alert" }, wrong),
      isWithdrawn(chain) ? el("p.told.refused", {}, t("The whole record was made in error")) : null,
      ...links.map((link) => section(app, chain, link)),
      isThere ? el("p.center", {}, el("a.plain-button", { href: `/inspections/${inspection}` }, t("Open its page and document"))) : null,
      record && !isWithdrawn(chain) && orderedIn(record).length ? corrections(app, chain) : null,
      adding,
    ],
  });
}

/** What others have added, and the whole of what is not on this phone; shown when it is news. */
async function askServer(app, chain) {
  if (!navigator.onLine && chain.links.length) return;
  const here = location.hash;
  try {
    if (!(await askForInspection(app, chain.inspection))) return;
    if (location.hash === here) await app.again("entry");
  } catch (error) {
    if (!app.records) return; // locked meanwhile
    if (error instanceof SignedOut) app.signedOut = true;
    if (!chain.links.length && location.hash === here) show(app, chain, null, reason(error));
    refresh(app);
  }
}

function reason(error) {
  if (error instanceof SignedOut) return t("You are signed out. Nothing is lost; sign in to send.");
  if (error instanceof NoChain) return t("What the server told is not written as it must be.");
  if (error instanceof Refused && error.code === "inspection-none") return t("Your office has no such inspection.");
  if (error instanceof Later || error instanceof Refused) return whyNot(error);
  throw error;
}

function section(app, { inspection, record }, link) {
  const { number, meta, content, digest, made, received, position } = link;
  const facts = el("dl.facts-of", {}, ...[
    [t("Signed"), moment(made)],
    [t("Received"), received && moment(received)],
    [t("Place in the ledger"), position ?? null],
    [t("Digest"), digest],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd.digits", {}, String(value)))));
  return el("section.panel", { "data-entry": number },
    el("h2", {}, number ? t("Addition %(number)s", { number }) : t("Record")),
    el("p", {}, stateFlag(meta ?? { state: STATE.received }), meta ? null : el("small", {}, " ", t("not on this phone"))),
    meta?.fault ? faultOf(meta) : null,
    content ? told(app, content, record, meta ? null : `/inspections/${inspection}/photos/`) : el("p.told.refused", {}, t("What was kept here is not what was signed: it was changed on this phone.")),
    facts);
}

function told(app, content, first, address) {
  if (content.addition) {
    const { kind, text, measure, photos } = content.addition;
    return el("div", {}, el("h3", {}, t(wordsOf(ADDITIONS, kind))), measure === null ? null : el("p.hint", {}, first?.measures[measure]?.what), el("p.lines", {}, text), gallery(app, photos, address));
  }
  const { record } = content;
  return el("div", {}, summaryOf(record),
    record.labels.length ? el("details", {}, el("summary", {}, t("Labels")), el("ol.looks", {}, ...record.labels.map((label) => row({ label, about: null, shown: null })))) : null,
    record.photos.length ? el("details", {}, el("summary", {}, t("Photos")), gallery(app, record.photos, address)) : null);
}

/** What was ordered, which of it was looked at, and the way to look at the rest. */
function corrections(app, chain) {
  const { record, inspection, links } = chain;
  const follow = async () => {
    const ordered = orderedIn(record), made = links[0].made;
    const draft = newDraft(app.me, app.clock, { follows: inspection, premises: record.premises, followed: { words: titleOf(chain), made, ordered } });
    await app.records.saveDraft(draft);
    await app.count();
    app.go(`draft/${draft.id}/basis`);
  };
  return el("section.panel", {},
    el("h2", {}, t("Ordered corrections")),
    el("ul.rows-of", {}, ...openOf(chain).map(({ what, until, looked }) => el("li", {}, el("p.lines", {}, what), el("p.hint", {}, t("by %(day)s", { day: until }), " ", looked ? el("span.flag-of.good", {}, "✓ ", t("looked at")) : null)))),
    button(t("Begin a follow-up"), follow, "go"));
}
