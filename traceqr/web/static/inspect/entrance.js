// The screens before all others: setting the device up, and unlocking it.

import { Later, Refused, SignedOut } from "./api.js";
import { makeKeys, proof, publicKey } from "./device.js";
import { drawing, el } from "./dom.js";
import { button, fault } from "./fields.js";
import { ask, stage } from "./frame.js";
import { askToKeep, PLAIN } from "./store.js";
import { isWeak, MIN_PASSCODE, Vault, waitAfter, WrongPasscode } from "./vault.js";
import { emblem, LANGUAGES, language, speak, t } from "./words.js";

function cover(...content) {
  return el("section.cover", {}, el("div.cover-seal", {}, drawing(emblem("front"))), ...content);
}

export function languages(app) {
  const made = Object.entries(LANGUAGES).map(([tag, name]) =>
    button(name, async () => {
      await speak(tag, app.data.words);
      await app.store.write([PLAIN, "language", tag]);
      await app.show();
    }, "tab", { lang: tag, "aria-pressed": String(tag === language()) }),
  );
  return el("div.tabs", { role: "group", "aria-label": t("Language") }, ...made);
}

/** First of all: what this is, and signing in. */
export async function welcome(app) {
  const wrong = fault();
  const go = () => signedIn(wrong, async () => choosePasscode(app, await app.api.me()));
  stage(app, {
    title: "TraceQR", plain: true,
    content: cover(
      languages(app),
      el("h2", {}, t("Inspections in the field")),
      el("p.lead", {}, t("Scan labels and keep records with no network. Setting up takes two minutes and needs network once.")),
      wrong.place,
    ),
    buttons: [button(t("Set this phone up"), go, "go")],
  });
}

function passcodeField(label, name, digits = false) {
  const input = el("input.passcode", { type: "password", id: name, autocomplete: "off", autocapitalize: "off", spellcheck: "false", inputmode: digits ? "numeric" : null, enterkeyhint: "done" });
  return { input, field: el("div.field", {}, el("label", { for: name }, label), input) };
}

function choosePasscode(app, me) {
  const first = passcodeField(t("Passcode"), "passcode"), again = passcodeField(t("The passcode again"), "again"), wrong = fault();
  const set = async () => {
    if (isWeak(first.input.value)) return wrong.show(t("At least %(count)s signs, not all alike and no run such as 123456.", { count: MIN_PASSCODE }));
    if (first.input.value !== again.input.value) return wrong.show(t("The two are not the same."));
    const { vault, kept } = await Vault.make(first.input.value);
    await askToKeep();
    // Set up in another window meanwhile: what is sealed there would be lost under another key.
    if (await app.store.get(PLAIN, "vault")) return app.show();
    await app.store.write([PLAIN, "vault", kept], [PLAIN, "wrong", 0]);
    await app.unlock(vault);
  };
  stage(app, {
    title: "TraceQR", plain: true,
    content: cover(
      el("h2", {}, me.name),
      el("p.lead", {}, t("Choose a passcode for this phone. Records, photos and names on it are encrypted under it. Nobody can get them back without it, the operator neither.")),
      first.field, again.field, wrong.place,
    ),
    buttons: [button(t("Go on"), set, "go")],
  });
  first.input.focus();
}

/** Behind the passcode: ask for it. */
export async function locked(app, kept) {
  const code = passcodeField(t("Passcode"), "passcode", kept.digits), wrong = fault();
  const open = async () => {
    const wait = await stillToWait(app);
    if (wait > 0) return wrong.show(t("Too many wrong passcodes. Wait %(count)s seconds.", { count: Math.ceil(wait / 1000) }));
    unlock.disabled = true;
    try {
      const vault = await Vault.open(kept, code.input.value);
      await app.store.write([PLAIN, "wrong", 0]);
      await app.unlock(vault);
    } catch (error) {
      if (!(error instanceof WrongPasscode)) throw error;
      await app.store.write([PLAIN, "wrong", ((await app.store.get(PLAIN, "wrong")) ?? 0) + 1], [PLAIN, "wrong-at", Date.now()]);
      code.input.value = "";
      wrong.show(t("This is not the passcode."));
    } finally {
      unlock.disabled = false;
    }
  };
  const unlock = button(t("Unlock"), open, "go");
  code.input.addEventListener("keydown", (event) => event.key === "Enter" && open());
  stage(app, {
    title: "TraceQR", plain: true,
    content: cover(languages(app), el("h2", {}, t("Locked")), code.field, wrong.place, button(t("I have forgotten it"), () => wipe(app), "plain-button")),
    buttons: [unlock],
  });
  code.input.focus();
}

/** How long until another passcode may be tried. A clock that was set back does not make it shorter. */
async function stillToWait(app) {
  const wrong = (await app.store.get(PLAIN, "wrong")) ?? 0, at = (await app.store.get(PLAIN, "wrong-at")) ?? 0;
  const wait = waitAfter(wrong), gone = Date.now() - at;
  return gone < 0 ? wait : wait - gone;
}

/** Forget all that is on the device, after asking twice. */
export async function wipe(app) {
  const sure = await ask({
    title: t("Wipe this phone?"),
    words: t("All records, drafts and photos that are on this phone alone are lost for good. What was sent stays on the server."),
    yes: t("Wipe it"),
  });
  if (!sure || !(await ask({ title: t("Really?"), words: t("This cannot be taken back."), yes: t("Yes, wipe it") }))) return;
  await app.store.wipe();
  location.hash = "";
  location.reload();
}

/** Make the device's key, and have it enrolled. */
export async function enrolment(app) {
  const name = el("input", { type: "text", id: "device-name", maxlength: 60, autocomplete: "off", value: t("Duty phone") });
  const code = el("input", { type: "text", id: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 40, spellcheck: "false", autocapitalize: "off" });
  const wrong = fault();
  const enrol = () => signedIn(wrong, () => enrolled(app, name.value.trim(), code.value.trim()));
  stage(app, {
    title: "TraceQR", plain: true,
    content: cover(
      el("h2", {}, t("Enrol this phone")),
      el("p.lead", {}, t("This phone makes a key that never leaves it, and signs your records with it. If the phone is lost, revoke it in the console.")),
      el("div.field", {}, el("label", { for: "device-name" }, t("Name of this phone")), name),
      el("div.field", {}, el("label", { for: "code" }, t("Code of your authenticator app")), code),
      wrong.place,
    ),
    buttons: [button(t("Enrol"), enrol, "go")],
  });
}

/** Do what needs a session: whoever has none is led to where he signs in, and any other fault is shown. */
async function signedIn(wrong, act) {
  try {
    await act();
  } catch (error) {
    if (error instanceof SignedOut) location.href = "/inspect/enter";
    else wrong.show(error instanceof Refused ? notEnrolled(error.code) : whyNot(error));
  }
}

function notEnrolled(code) {
  return {
    "code-refused": t("The code was not taken. Wait for the next one of your app."),
    "devices-too-many": t("You have too many devices: revoke one in the console first."),
    "role-other": t("Whoever is signed in is no inspector: sign in with your own account."),
  }[code] ?? t("It did not work: %(code)s", { code });
}

async function enrolled(app, name, code) {
  const { device: _none, csrf: _csrf, now: _now, ...me } = await app.api.me();
  const keys = (await app.store.get(PLAIN, "pending-keys")) ?? (await makeKeys());
  await app.store.write([PLAIN, "pending-keys", keys]);
  const told = await app.api.enrol({ name, key: await publicKey(keys), code, proof: await proof(keys, me.account) });
  const device = { id: typeof told.device === "string" ? told.device : told.device.id, name, account: me.account, keys };
  await app.records.know("me", me);
  await app.bundles.trust();
  await app.store.write([PLAIN, "device", device], [PLAIN, "pending-keys", null]);
  app.me = me;
  app.device = device;
  location.hash = "/phone";
  await app.unlock(app.records.vault);
}

/** Words for what the network did. */
export function whyNot(error) {
  if (!(error instanceof Later)) return t("It did not work: %(code)s", { code: error.code ?? error.message });
  return {
    offline: t("There is no network."),
    slow: t("The server did not answer in time. Try again later."),
    server: t("The server has a fault. Try again later."),
    portal: t("Something between here and the server answered in its place: does this network ask you to sign in?"),
    busy: t("There were many attempts. Wait a minute, then try again."),
  }[error.reason] ?? t("It did not work: %(code)s", { code: error.reason });
}

/** Where the app cannot run: another window took over, or the browser refuses to keep anything. */
export function closed(error = null) {
  document.body.replaceChildren(
    el("section.cover", {}, el("p.lead", {}, error ? [t("The app cannot run here."), " ", error.message] : t("The app was opened in another window.")), button(t("Start again"), () => location.reload(), "go")),
  );
}
