// What stands around each screen: the title, how old the data is, and where one can go, at the thumb.

import { drawing, el, fill } from "./dom.js";
import { LEAST_ROOM } from "./store.js";
import { ago, size, t } from "./words.js";

const DAY_MS = 86_400_000;
let parts = null;

export function frame(app) {
  parts = {
    back: el("a.back", { href: "#/records", hidden: true }, "‹"),
    title: el("h1"),
    state: el("a.state", { href: "#/phone" }),
    notice: el("div.notices", { "aria-live": "polite" }),
    main: el("main", { id: "main" }),
    nav: el("nav.dock"),
    told: el("p.toast", { role: "status", hidden: true }),
  };
  const head = el("header.head", {}, parts.back, parts.title, parts.state);
  document.body.append(head, parts.notice, parts.main, parts.told, parts.nav);
}

/** Show a screen: its title, what is on it, and at the bottom either buttons of its own or the places of the app. */
export function stage(app, { title, content, buttons = null, back = null, plain = false }) {
  parts.title.textContent = title;
  parts.back.hidden = !back;
  if (back) parts.back.href = back;
  parts.back.setAttribute("aria-label", t("Back"));
  parts.plain = plain;
  parts.buttons = buttons;
  fill(parts.main, ...[content].flat());
  document.body.classList.toggle("bare", plain);
  refresh(app);
  window.scrollTo(0, 0);
}

/** Draw anew what tells of the whole: data age, network, what waits. */
export function refresh(app) {
  if (!parts) return;
  const { words, tone } = dataAge(app);
  parts.state.className = `state ${tone}`;
  parts.state.hidden = parts.plain;
  fill(parts.state, el("span.dot", { "aria-hidden": "true" }), el("span", {}, navigator.onLine ? t("Online") : t("Offline")), el("span", {}, words));
  fill(parts.notice, ...(parts.plain ? [] : notices(app)));
  fill(parts.nav, ...(parts.buttons ?? (parts.plain ? [] : places(app))));
  parts.nav.hidden = !parts.nav.childElementCount;
  parts.nav.classList.toggle("acts", Boolean(parts.buttons));
}

/** How old the data is that labels are judged by without network. Always in sight. */
export function dataAge(app) {
  const { manifest, holder } = app.bundles ?? {};
  if (!manifest) return { words: t("No data"), tone: "warn" };
  const why = holder.untimely();
  if (why) return { words: why === "clock-back" ? t("The clock was set back") : t("Data expired"), tone: "stop" };
  return { words: t("Data: %(age)s", { age: ago(holder.age()) }), tone: holder.age() > DAY_MS ? "note" : "good" };
}

function notices(app) {
  const said = [];
  if (app.revoked) said.push(notice("warn", t("This device was revoked: the server takes nothing from it."), "#/phone", t("What now")));
  else if (app.signedOut) said.push(notice("note", t("You are signed out. Nothing is lost; sign in to send."), "/inspect/enter", t("Sign in")));
  if (app.room && app.room.left < LEAST_ROOM) said.push(notice("warn", t("The phone has room for %(size)s more. Send what waits, and remove what was received.", { size: size(app.room.left) }), "#/phone", t("What now")));
  if (app.newer) said.push(el("p.notice-line.note", {}, t("A new version of the app is ready."), el("button.plain-button", { type: "button", onclick: () => app.newer.take() }, t("Take it"))));
  return said;
}

const notice = (tone, words, href, action) => el(`p.notice-line.${tone}`, {}, words, el("a.plain-button", { href }, action));

const PLACES = [
  ["scan", "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16"],
  ["records", "M6 3h9l4 4v14H6zM9 9h6M9 13h7M9 17h5"],
  ["outbox", "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5"],
  ["phone", "M7 2h10v20H7zM11 19h2"],
];

function places(app) {
  const here = location.hash.split("/")[1] || "scan";
  const counts = { records: app.drafts, outbox: app.onlyHere };
  const names = { scan: t("Scan a label"), records: t("Inspections"), outbox: t("Outbox"), phone: t("This phone") };
  return PLACES.map(([name, path]) =>
    el("a", { href: `#/${name}`, "aria-current": name === here ? "page" : null }, sign(path), el("span", {}, names[name]), counts[name] ? el("b", {}, String(counts[name])) : null),
  );
}

export const sign = (path) => drawing(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true" class="sign"><path d="${path}"/></svg>`);

let timer;

/** Say something that passes. */
export function tell(words) {
  parts.told.textContent = words;
  parts.told.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (parts.told.hidden = true), 2_500);
}

/** Ask before what cannot be taken back. */
export function ask({ title, words, yes, no = t("No") }) {
  const dialog = el("dialog.ask", {}, el("form", { method: "dialog" }, el("h2", {}, title), el("p", {}, words), el("div.pair-of", {}, el("button.call", { value: "no" }, no), el("button.go", { value: "yes" }, yes))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    }),
  );
}
