// How a look is shown: the verdict by bundle and the server's apart, each with its age, and what the label is of.

import { drawing, el, grouped } from "./dom.js";
import { ago, emblem, moment, named, t, verdictWords } from "./words.js";

/** The face of a verdict: its words, emblem and tone. */
function face({ verdict, reason }) {
  const words = verdictWords();
  const name = verdict === "forged" ? (words.faces[reason] ?? verdict) : verdict;
  return { name: words.names[name], tone: words.tones[name], drawn: emblem(name), meaning: words.meanings[name] };
}

/** Of two verdicts the one to act by: the server's knows the history, but a bundle's is never forgotten when it is worse. */
const GRAVITY = ["forged", "void", "recalled", "held", "suspect", "inactive", "unchecked", "seen", "genuine"];

export function leading({ label }) {
  const { offline, online } = label;
  if (!online || online.verdict === "unchecked") return offline ?? online;
  if (!offline || offline.verdict === "unchecked") return online;
  return GRAVITY.indexOf(offline.verdict) < GRAVITY.indexOf(online.verdict) ? offline : online;
}

/** The verdict that a look leads to; null where a serial was typed. A code that is no label is forged without any data. */
const shownOf = (seen) => leading(seen) ?? seen.shown ?? (seen.label.how === "typed" ? null : NOTHING_KNOWN);

const UNPROVEN = () => ({ name: t("Typed: unproven"), tone: "plain", drawn: emblem("unchecked"), meaning: t("A serial that was typed proves nothing about a label.") });

const NOTHING_KNOWN = { verdict: "unchecked", reason: "data-missing" };

const faceOf = (seen) => (shownOf(seen) ? face(shownOf(seen)) : UNPROVEN());

/** A look as a large card: what one reads at arm's length. */
export function card(seen, { fresh = false } = {}) {
  const { name, tone, drawn, meaning } = faceOf(seen), about = seen.about;
  return el(`article.verdict-card.${tone}`, { "data-verdict": shownOf(seen)?.verdict ?? "typed", "data-fresh": fresh },
    el("div.stamp", {}, drawn ? drawing(drawn) : null),
    el("div.told-of", {},
      el("h2", {}, name),
      el("p.meaning", {}, reasonOf(seen) ?? meaning),
      about?.name_zh || about?.name_en ? el("p.goods", {}, named(about.name_zh, about.name_en)) : null,
      seen.label.serial ? el("p.digits", {}, grouped(seen.label.serial)) : null,
    ),
    apart(seen),
  );
}

/** A look as a line of a list. */
export function row(seen, ...more) {
  const { name, tone, drawn } = faceOf(seen), about = seen.about;
  return el(`li.verdict-row.${tone}`, { "data-verdict": shownOf(seen)?.verdict ?? "typed" },
    el("div.stamp", {}, drawn ? drawing(drawn) : null),
    el("div.told-of", {},
      el("strong", {}, name),
      el("span.digits", {}, seen.label.serial ? grouped(seen.label.serial) : short(seen.label.text ?? "")),
      about?.name_zh || about?.name_en ? el("small", {}, named(about.name_zh, about.name_en)) : null,
    ),
    ...more,
  );
}

const short = (text) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);

function reasonOf(seen) {
  const shown = shownOf(seen);
  return shown && verdictWords().reasons[shown.reason];
}

/** The two verdicts one below the other, so that nobody takes the one for the other. */
export function apart(seen) {
  const { offline, online, how } = seen.label;
  if (how === "typed") return null;
  return el("dl.apart", {},
    el("div", {}, el("dt", {}, t("By data on this phone")), el("dd", { "data-offline": offline?.verdict ?? "none" }, offline ? [told(offline), " ", el("small", {}, t("data of %(moment)s, version %(version)s", { moment: moment(offline.made), version: offline.version }))] : t("No data"))),
    el("div", {}, el("dt", {}, t("By the server")), el("dd", { "data-online": online?.verdict ?? "none" }, online ? [told(online), " ", el("small", {}, ago(Date.now() - Date.parse(online.at)))] : seen.signedOut ? t("Not asked: you are signed out") : seen.unanswered ? t("The server gave no answer") : t("Not asked: no network"))),
  );
}

function told(one) {
  const words = verdictWords();
  return one.verdict === "genuine" && one.reason === "history-not-checked" ? t("Code valid, history not checked") : face(one).name;
}

/** All that is known of a label. */
export function details(seen) {
  const { about, history, label } = seen;
  const pairs = [
    [t("Product"), about && named(about.name_zh, about.name_en)],
    [t("Specification"), about?.specification],
    ["GTIN", about?.gtin],
    [t("Enterprise"), about && named(about.firm_zh, about.firm_en)],
    [t("Credit code"), about?.uscc],
    [t("Batch"), about?.batch],
    [t("Lot"), about?.lot],
    [t("Produced on"), about?.produced],
    [t("Expires on"), about?.expires],
    [t("Pledge"), about?.pledge && `${named(about.pledge.campaign_zh, about.pledge.campaign_en)} · ${about.pledge.number}`],
    [t("Marks"), about?.marks?.map((each) => named(each.name_zh, each.name_en)).join(" · ")],
    [t("Times seen"), history && t("%(count)s times, first %(moment)s", { count: history.times_seen, moment: history.first_seen ? moment(history.first_seen) : "—" })],
    [t("Scanned"), moment(label.at)],
    [t("Reason"), [label.offline?.reason, label.online?.reason].filter(Boolean).join(" · ")],
  ];
  return el("dl.facts-of", {}, ...pairs.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value)))));
}

/** How many of each verdict, the gravest first. */
export function tally(looks) {
  const counts = new Map();
  for (const seen of looks) {
    const { name, tone } = faceOf(seen);
    const known = counts.get(name) ?? { name, tone, count: 0, gravity: shownOf(seen) ? GRAVITY.indexOf(shownOf(seen).verdict) : 99 };
    counts.set(name, { ...known, count: known.count + 1 });
  }
  const sorted = [...counts.values()].sort((one, other) => one.gravity - other.gravity);
  return el("ul.tally", { "aria-label": t("Tally") }, ...sorted.map(({ name, tone, count }) => el(`li.${tone}`, {}, el("b", {}, String(count)), ` ${name}`)));
}
