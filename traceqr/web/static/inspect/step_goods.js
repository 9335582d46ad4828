// What was found: labels, goods, photos.

import { el } from "./dom.js";
import { button, fault, line, whole } from "./fields.js";
import { ask } from "./frame.js";
import { instant } from "./clock.js";
import { NoPicture, show, taken } from "./photos.js";
import { position } from "./position.js";
import { MOST, NEW } from "./record.js";
import { NotKept } from "./store.js";
import { row, tally } from "./verdicts.js";
import { t } from "./words.js";

export function labels(edit) {
  const { app, draft, record, changed } = edit;
  const looks = record.labels.map((label) => ({ label, about: null, shown: null }));
  const drop = (at) => {
    record.labels.splice(at, 1);
    changed();
    edit.again();
  };
  return [
    button(t("Scan labels"), () => app.go(`scan/${draft.id}`), "go wide"),
    looks.length ? tally(looks) : el("p.hint", {}, t("No labels were scanned. That is allowed: goods without labels are goods too.")),
    el("ol.looks", {}, ...looks.map((seen, at) => row(seen, button("×", () => drop(at), "drop", { "aria-label": t("Take out") })))),
  ];
}

export function goods(edit) {
  const { record, changed } = edit;
  const add = () => {
    record.goods.push(NEW.goods());
    changed();
    edit.again();
  };
  return [...record.goods.map((each, at) => one(edit, each, at)), button(t("Add a product"), add, "call wide")];
}

function one(edit, goods, at) {
  const { record, changed } = edit;
  const drop = () => {
    record.goods.splice(at, 1);
    changed();
    edit.again();
  };
  return el("section.panel.item", {},
    el("h2", {}, t("Product %(number)s", { number: at + 1 })),
    line(t("Name of the product"), goods, "name", changed),
    line(t("GTIN"), goods, "gtin", changed, { optional: true, inputmode: "numeric", maxlength: 14 }),
    el("div.pair-of", {}, line(t("Lot"), goods, "lot", changed, { optional: true, maxlength: 60 }), whole(t("Quantity"), goods, "quantity", changed), line(t("Unit"), goods, "unit", changed, { optional: true, maxlength: 20 })),
    line(t("Storage place"), goods, "storage", changed, { optional: true }),
    button(t("Take out"), drop, "plain-button"));
}

export async function photos(edit) {
  const { record } = edit, wrong = fault();
  const take = async (input) => {
    const place = await position(edit.app.clock, 4_000), told = [];
    for (const file of [...input.files]) {
      if (record.photos.length < MOST.photos) told.push(await keep(edit, file, place));
      else told.push(t("There are more than 200 photos: make a second record."));
    }
    await edit.again();
    edit.warn(told.find(Boolean) ?? "");
  };
  const input = el("input.unseen", { type: "file", accept: "image/*", capture: "environment", id: "take-photo", onchange: (event) => take(event.target) });
  const many = el("input.unseen", { type: "file", accept: "image/*", multiple: true, id: "choose-photos", onchange: (event) => take(event.target) });
  edit.warn = wrong.show;
  return [
    el("div.pair-of", {}, el("label.go.wide", { for: "take-photo" }, t("Take a photo")), el("label.call.wide", { for: "choose-photos" }, t("Choose photos"))), input, many,
    wrong.place,
    el("p.hint", {}, t("%(count)s photos. Each is hashed when it is taken, and keeps its time and place.", { count: record.photos.length })),
    el("ul.shots", {}, ...record.photos.map((photo, at) => shot(edit, photo, at))),
  ];
}

/** Keep a photo with the draft, both or none. Gives what went wrong, or nothing. */
async function keep({ app, draft, record }, file, place) {
  try {
    const { bytes, digest } = await taken(file);
    if (record.photos.some((each) => each.digest === digest)) return "";
    record.photos.push({ digest, bytes: bytes.length, at: instant(app.clock.now()), position: place, caption: "" });
    draft.changed = app.clock.now();
    await app.saver.settled();
    await app.records.saveDraftWithPhoto(draft, digest, bytes);
    return "";
  } catch (error) {
    if (error instanceof NoPicture) return t("This file is not a picture that this phone can read.");
    if (!(error instanceof NotKept)) throw error;
    record.photos.pop();
    return t("NOT SAVED: the phone's storage is full. Send what waits, and remove what was received.");
  }
}

/** Two hundred photos are not all read at once: a phone has no room for them in its memory. */
function whenInSight(place, act) {
  const watching = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    watching.disconnect();
    act();
  }, { rootMargin: "200px" });
  watching.observe(place);
}

function shot(edit, photo, at) {
  const { app, record, changed } = edit;
  const canvas = el("canvas", { width: 240, height: 240, role: "img", "aria-label": photo.caption || t("Photo %(number)s", { number: at + 1 }) });
  whenInSight(canvas, async () => {
    try {
      await show(canvas, await app.records.photo(photo.digest));
    } catch {
      canvas.replaceWith(el("p.hint", {}, t("Not readable")));
    }
  });
  const drop = async () => {
    if (!(await ask({ title: t("Take this photo out?"), words: t("It is deleted from this phone."), yes: t("Take out") }))) return;
    record.photos.splice(at, 1);
    changed();
    await app.saver.settled();
    await app.records.dropPhoto(photo.digest);
    edit.again();
  };
  return el("li", {}, canvas, line(t("Caption"), photo, "caption", changed, { optional: true }), el("p.digits", {}, photo.digest.slice(0, 16)), button(t("Take out"), drop, "plain-button"));
}
