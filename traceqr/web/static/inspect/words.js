// Words on screen. Message ids are English sentences; a pack of the server's catalogues has them in the other languages.

export const LANGUAGES = { "zh-Hans": "简体", "zh-Hant": "繁體", en: "English" };

let pack = { words: {}, verdicts: {} }, emblems = {};
let tag = "en";

/** The language that the device asks for. */
export function wished(languages = navigator.languages ?? []) {
  for (const each of languages) {
    if (/^zh\b/i.test(each)) return /hant|tw|hk|mo/i.test(each) && !/hans/i.test(each) ? "zh-Hant" : "zh-Hans";
    if (/^en\b/i.test(each)) return "en";
  }
  return languages.length ? "en" : "zh-Hans";
}

/** Load the words of a language; `base` is where the packs are. */
export async function speak(language, base) {
  const script = language === "zh-Hant" ? language : "zh-Hans"; // of the characters in the emblems
  [pack, emblems] = await Promise.all([`${language}.json`, `emblems-${script}.json`].map((name) => fetched(base + name)));
  tag = language;
  document.documentElement.lang = language;
  document.title = t("Inspections · TraceQR");
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`expected ${address}, got ${answer.status}`);
  return answer.json();
}

/** A message in the reader's language, its places such as `%(count)s` filled in. */
export function t(message, values = {}) {
  const words = pack.words[message] ?? message;
  return words.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

export const language = () => tag;
export const isChinese = () => tag !== "en";
export const verdictWords = () => pack.verdicts;
export const emblem = (face) => emblems[face];

/** A name that is kept in two languages. */
export const named = (zh, en) => (isChinese() ? zh : en || zh) ?? "";

/** An instant as the device's owner reads it. */
export function moment(at) {
  return new Date(at).toLocaleString(tag, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });
}

/** The day of an instant, as the device's owner reads it. */
export const dayOf = (at) => new Date(at).toLocaleDateString(tag, { year: "numeric", month: "2-digit", day: "2-digit" });

/** How long ago, in words. */
export function ago(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return t("just now");
  if (minutes < 60) return t("%(count)s min ago", { count: minutes });
  if (minutes < 48 * 60) return t("%(count)s h ago", { count: Math.floor(minutes / 60) });
  return t("%(count)s days ago", { count: Math.floor(minutes / 1440) });
}

export function size(bytes) {
  const mega = bytes / 1024 / 1024;
  return mega >= 1024 ? `${(mega / 1024).toFixed(1)} GB` : `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`;
}
