// Photos on the screen: taken and looked through, for a record and for what is added to one.

import { el, fill } from "./dom.js";
import { button, fault, line } from "./fields.js";
import { ask } from "./frame.js";
import { instant } from "./clock.js";
import { NoPicture, show, taken } from "./photos.js";
import { position } from "./position.js";
import { MOST } from "./record.js";
import { NotKept } from "./store.js";
import { t } from "./words.js";

/**
 * What takes and shows `of.photos`. `keep(digest, bytes)` writes a photo and what names it, both or none; `changed` writes
 * what was typed, and `settled` waits until it is written. Gives the `place`, and `idle`, which waits for photos on their way.
 */
export function photoFields({ app, of, keep, changed, settled }) {
  const wrong = fault(), list = el("ul.shots"), told = el("p.hint", { role: "status" });
  let running = Promise.resolve();
  const draw = () => {
    fill(told, t("%(count)s photos. Each is hashed when it is taken, and keeps its time and place.", { count: of.photos.length }));
    fill(list, ...of.photos.map((photo, at) => shot(photo, at)));
  };
  const take = async (input) => {
    fill(told, t("The photos are being kept ..."));
    const place = await position(app.clock, 4_000), faults = [];
    for (const file of [...input.files]) faults.push(await one(file, place));
    input.value = "";
    draw();
    wrong.show(faults.find(Boolean) ?? "");
  };
  /** Gives what went wrong, or nothing. */
  const one = async (file, place) => {
    if (of.photos.length >= MOST.photos) return t("There are more than 200 photos: make a second record.");
    try {
      const { bytes, digest } = await taken(file);
      if (of.photos.some((each) => each.digest === digest)) return "";
      of.photos.push({ digest, bytes: bytes.length, at: instant(app.clock.now()), position: place, caption: "" });
      await keep(digest, bytes);
      return "";
    } catch (error) {
      if (error instanceof NoPicture) return t("This file is not a picture that this phone can read.");
      if (!(error instanceof NotKept)) throw error;
      of.photos.pop();
      return t("NOT SAVED: the phone's storage is full. Send what waits, and remove what was received.");
    }
  };
  const shot = (photo, at) => {
    const drop = async () => {
      if (!(await ask({ title: t("Take this photo out?"), words: t("It is deleted from this phone."), yes: t("Take out") }))) return;
      of.photos.splice(of.photos.indexOf(photo), 1);
      changed();
      draw();
      await settled();
      await app.records.dropPhoto(photo.digest);
    };
    return el("li", {}, picture(app, photo, at), line(t("Caption"), photo, "caption", changed, { optional: true }), el("p.digits", {}, photo.digest.slice(0, 16)), button(t("Take out"), drop, "plain-button"));
  };
  const input = (id, more) => el("input.unseen", { type: "file", accept: "image/*", id, onchange: (event) => (running = running.catch(() => {}).then(() => take(event.target))), ...more });
  draw();
  const place = el("div.photo-fields", {},
    el("div.pair-of", {}, el("label.go.wide", { for: "take-photo" }, t("Take a photo")), el("label.call.wide", { for: "choose-photos" }, t("Choose photos"))),
    input("take-photo", { capture: "environment" }), input("choose-photos", { multiple: true }),
    wrong.place, told, list);
  return { place, idle: () => running };
}

/** A photo that this phone keeps, as small as it is shown. */
function picture(app, photo, at) {
  const canvas = el("canvas", { width: 240, height: 240, role: "img", "aria-label": wordsOf(photo, at) });
  whenInSight(canvas, async () => {
    try {
      await show(canvas, await app.records.photo(photo.digest));
    } catch {
      canvas.replaceWith(el("p.hint", {}, t("Not readable")));
    }
  });
  return canvas;
}

const wordsOf = (photo, at) => photo.caption || t("Photo %(number)s", { number: at + 1 });

/** Photos of a signed entry: from this phone, or else from `address`, which the server shows them under. */
export function gallery(app, photos, address = null) {
  if (!photos.length) return null;
  const one = (photo, at) => (address ? el("img", { src: address + photo.digest, alt: wordsOf(photo, at), loading: "lazy", width: 120, height: 120 }) : picture(app, photo, at));
  return el("ul.shots.shown", {}, ...photos.map((photo, at) => el("li", {}, one(photo, at), el("p", {}, photo.caption || wordsOf(photo, at)))));
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
