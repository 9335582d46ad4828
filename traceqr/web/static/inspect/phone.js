// This phone: how old its data is, what it holds, who it belongs to.

import { el } from "./dom.js";
import { button, fault } from "./fields.js";
import { dataAge, stage, tell } from "./frame.js";
import { languages, whyNot, wipe } from "./entrance.js";
import { install, isComplete, wayToInstall } from "./installing.js";
import { makeRoom } from "./lists.js";
import { askToKeep, PLAIN, room } from "./store.js";
import { isWeak, MIN_PASSCODE, Vault, WrongPasscode } from "./vault.js";
import { Later, SignedOut } from "./api.js";
import { moment, size, t } from "./words.js";

export async function phoneScreen(app) {
  const { turn } = app, stored = await storage(app), complete = await isComplete(app.data);
  if (app.overtaken(turn)) return;
  stage(app, {
    title: t("This phone"),
    content: [data(app, complete), installing(), stored, owner(app), el("section.panel", {}, el("h2", {}, t("Language")), languages(app)), passcode(app), losing(app)],
  });
}

const pairs = (...told) => el("dl.facts-of", {}, ...told.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value)))));

function data(app, complete) {
  const { manifest, lacking, wrong: broken } = app.bundles, wrong = fault(), progress = el("p.hint", { role: "status" });
  const fetchNow = async () => {
    fetching.disabled = true;
    try {
      await app.updateData((done, all) => (progress.textContent = t("%(done)s of %(all)s parts", { done, all })));
      tell(t("The data is of now."));
      await app.show();
    } catch (error) {
      wrong.show(error instanceof SignedOut ? t("You are signed out. Nothing is lost; sign in to send.") : error instanceof Later ? whyNot(error) : refusedWords(error.reason ?? error.code));
    } finally {
      fetching.disabled = false;
    }
  };
  const fetching = button(t("Fetch the latest data"), fetchNow, "go wide");
  const { words, tone } = dataAge(app);
  return el("section.panel", {},
    el("h2", {}, t("Data for work without network")),
    el("p.big", { "data-age": tone }, words),
    manifest ? pairs([t("Made"), moment(manifest.madeMs)], [t("Good until"), moment(manifest.expiresMs)], [t("Version"), manifest.version], [t("Speaks for"), scopeWords(manifest.scope)], [t("Products and batches"), t("%(parts)s parts, %(lacking)s lacking", { parts: manifest.parts.length, lacking })]) : el("p.hint", {}, t("Without data, a label can only be read, not judged.")),
    el("div", { "data-complete": String(complete) }, pairs([t("App and reader of codes"), complete ? t("on this phone") : t("still on their way: stay online")])),
    broken ? el("p.told.refused", {}, refusedWords(broken)) : null,
    fetching, progress, wrong.place,
    scopeChoice(app));
}

const scopeWords = (scope) => (scope === "all" ? t("the whole country") : t("the province %(code)s", { code: scope.slice(7) }));

function scopeChoice(app) {
  const own = /^[0-9]{2}/.exec(app.me.organisation?.region ?? "")?.[0];
  if (!own || own === "00") return null;
  const region = `region:${own}0000`, chosen = app.scope;
  const choose = async (scope) => {
    app.scope = scope;
    await app.store.write([PLAIN, "scope", scope]);
    await app.bundles.load(scope);
    await app.show();
    app.round();
  };
  return el("div.tabs", { role: "group" }, ...[["all", t("Whole country")], [region, t("Own province")]].map(([scope, words]) => button(words, () => choose(scope), "tab", { "aria-pressed": String(scope === chosen) })));
}

/** Why newer data was not taken. What was held before is kept. */
function refusedWords(reason) {
  return {
    "bundle-malformed": t("The data that came is not written as it must be. What was here before is kept."),
    "bundle-key-unknown": t("The data that came is signed by a key that this phone does not trust. What was here before is kept."),
    "bundle-seal-broken": t("The signature of the data that came does not hold. What was here before is kept."),
    "bundle-key-window": t("The data that came was signed outside the time of its key. What was here before is kept."),
    "bundle-scope": t("The data that came is of another region. What was here before is kept."),
    "bundle-older": t("The data that came is older than what is here. What was here before is kept."),
    "bundle-expired": t("The data that came has expired. What was here before is kept."),
    "bundle-none": t("The server has no data to fetch yet."),
    "part-altered": t("A part of the data came altered, and was refused."),
    "part-malformed": t("A part of the data is not written as it must be, and was refused."),
    "signed-out": t("You are signed out. Nothing is lost; sign in to send."),
    full: t("The phone's storage is full: there is no room for the data."),
  }[reason] ?? t("It did not work: %(code)s", { code: reason });
}

function installing() {
  const way = wayToInstall();
  if (!way) return null;
  const words = {
    now: t("Installed, the app opens from the home screen and the phone keeps its records."),
    ios: t("An iPhone clears what a page keeps after seven days without a visit. Install the app so that nothing is lost: tap Share, then Add to Home Screen."),
    menu: t("Installed, the phone keeps its records: choose Install or Add to home screen in the browser's menu."),
  };
  return el("section.panel.install", {}, el("h2", {}, t("Install the app")), el("p", {}, words[way]), way === "now" ? button(t("Install"), install, "go wide") : null);
}

async function storage(app) {
  const found = await room();
  const keep = async () => {
    tell((await askToKeep()) ? t("The browser has promised to keep it.") : t("The browser does not promise it. Install the app, then ask again."));
    await app.show();
  };
  return el("section.panel", {},
    el("h2", {}, t("What is on this phone")),
    pairs([t("Not sent yet"), app.onlyHere], [t("Drafts"), app.drafts], [t("Used"), found && size(found.used)], [t("Room"), found && size(found.left)], [t("Kept for good"), found && (found.kept ? t("yes") : t("no: the browser may clear it when room is short"))]),
    el("div.pair-of", {}, found && !found.kept ? button(t("Ask to keep it"), keep, "call") : null, button(t("Remove what was received"), async () => (await makeRoom(app), await app.show()), "call")));
}

function owner(app) {
  return el("section.panel", {},
    el("h2", {}, t("Account and device")),
    pairs([t("Inspector"), [app.me.name, app.me.number].filter(Boolean).join(" ")], [t("Body"), app.me.organisation?.name_zh], [t("Device"), app.device.name], [t("Number of the device"), app.device.id]),
    app.revoked ? el("p.told.refused", {}, t("This phone was revoked. What is on it and was not sent is not taken any more: show it to your office before you wipe it.")) : null,
    el("p", {}, el("a", { href: "/account/" }, t("Account in the console"))));
}

function passcode(app) {
  const field = (id, words) => el("div.field", {}, el("label", { for: id }, words), el("input.passcode", { type: "password", id, autocomplete: "off" }));
  const old = field("old", t("Passcode")), next = field("next", t("New passcode")), wrong = fault();
  const change = async () => {
    const value = (each) => each.querySelector("input").value;
    if (isWeak(value(next))) return wrong.show(t("At least %(count)s signs, not all alike and no run such as 123456.", { count: MIN_PASSCODE }));
    try {
      await app.store.write([PLAIN, "vault", await Vault.rewrap(await app.store.get(PLAIN, "vault"), value(old), value(next))]);
      tell(t("The passcode is changed."));
      await app.show();
    } catch (error) {
      if (!(error instanceof WrongPasscode)) throw error;
      wrong.show(t("This is not the passcode."));
    }
  };
  return el("section.panel", {}, el("div.below.first", {}, button(t("Lock now"), () => app.lock(), "call wide")), el("details", {}, el("summary", {}, t("Change the passcode")), old, next, wrong.place, button(t("Change"), change, "go")));
}

function losing(app) {
  return el("section.panel", {}, el("h2", {}, t("Lost or handed on")), el("p", {}, t("If this phone is lost, revoke it in the console from any other device. Before you hand it on, send everything and wipe it.")), button(t("Wipe this phone"), () => wipe(app), "plain-button"));
}
