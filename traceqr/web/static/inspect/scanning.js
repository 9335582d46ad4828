// The screen that scans: one label, or a shelf of them in a row. What was scanned is kept until it is put into a record.

import { drawing, el, fill } from "./dom.js";
import { button, fault } from "./fields.js";
import { refresh, sign, stage, tell } from "./frame.js";
import { askServer, look, typed } from "./looking.js";
import { newDraft, MOST } from "./record.js";
import { card, details, row, tally } from "./verdicts.js";
import { emblem, t } from "./words.js";

const SIGNS = { torch: "M8 2h8v5l-2 3v12h-4V10L8 7zM8 7h8", photo: "M3 7h5l2-3h4l2 3h5v13H3zM12 9.5a4 4 0 1 0 .01 0", type: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8", camera: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16" };

/** `into` is the draft that labels are scanned for, if they are for one. */
export async function scanScreen(app, draftId = null) {
  const draft = draftId ? await app.records.draft(draftId) : null;
  const shelf = draft ? draft.record.labels.map((label) => ({ label, about: null, shown: null })) : ((await app.records.known("shelf")) ?? []);
  const screen = new ScanScreen(app, draft, shelf);
  app.leave = () => screen.leave();
  screen.show();
  if (app.cameraWanted) await screen.start();
}

class ScanScreen {
  constructor(app, draft, shelf) {
    Object.assign(this, { app, draft, shelf });
    this.video = el("video", { muted: true, playsinline: true, "aria-label": t("What the camera sees") });
    this.wrong = fault();
    this.window = el("div.window", {}, this.video, el("div.aim", { "aria-hidden": "true" }));
    this.tools = el("div.tools");
    this.latest = el("div.latest", { "aria-live": "assertive" });
    this.counts = el("div");
    this.list = el("ol.looks");
  }

  show() {
    const { app, draft } = this;
    const finish = draft
      ? button(t("Back to the record"), () => app.go(`draft/${draft.id}/labels`), "go")
      : button(t("Begin a record with these"), () => this.toRecord(), "go");
    // Before the list, which may be as long as a shelf.
    this.after = el("div.below", {}, finish);
    this.clearing = el("div.below", {}, button(t("Clear the list"), () => this.clear(), "plain-button"));
    stage(app, {
      title: t("Scan a label"),
      back: draft ? `#/draft/${draft.id}/labels` : null,
      content: [this.window, this.wrong.place, this.latest, this.counts, draft ? null : this.after, this.list, draft ? null : this.clearing, this.tools],
      buttons: draft ? [finish] : null,
    });
    this.draw();
  }

  draw() {
    const [first, ...rest] = this.shelf.toReversed?.() ?? [...this.shelf].reverse();
    fill(this.latest, first ? [card(first, { fresh: true }), el("details", {}, el("summary", {}, t("Particulars")), details(first))] : this.running ? null : el("div.empty-scan", {}, drawing(emblem("front")), el("p.hint", {}, t("Point the camera at a label: the code with the address printed beneath it."))));
    fill(this.counts, this.shelf.length ? tally(this.shelf) : null);
    fill(this.list, ...rest.slice(0, 60).map((seen) => row(seen)));
    this.after.hidden = this.clearing.hidden = !this.shelf.length;
    this.drawTools();
  }

  drawTools() {
    const can = this.scanner?.capabilities ?? {};
    const photo = el("input.unseen", { type: "file", accept: "image/*", capture: "environment", id: "label-photo", onchange: (event) => this.readPhoto(event.target) });
    this.window.classList.toggle("running", Boolean(this.running));
    fill(this.tools,
      this.running ? tool("camera", t("Stop"), () => this.pause()) : tool("camera", t("Camera"), () => this.start(), "go"),
      this.running && can.torch ? tool("torch", t("Light"), () => this.light(), "", { "aria-pressed": String(Boolean(this.lit)) }) : null,
      el("label.tool", { for: "label-photo" }, sign(SIGNS.photo), el("span", {}, t("Photo"))), photo,
      tool("type", t("Type"), () => this.type()),
      this.running && can.zoom ? el("input.zoom", { type: "range", "aria-label": t("Zoom"), min: can.zoom.min, max: can.zoom.max, step: can.zoom.step || 0.1, value: this.zoomed ?? can.zoom.min, oninput: (event) => this.scanner.zoom(Number((this.zoomed = event.target.value))) }) : null,
    );
  }

  async start() {
    const { Scanner } = await import("../field/scanner.js");
    const { reader, program } = this.app.data;
    this.scanner = new Scanner({ video: this.video, onText: (text) => this.take(text, "camera"), readerAddress: reader, programAddress: program });
    try {
      await this.scanner.start();
      this.running = this.app.cameraWanted = true;
      this.wrong.show("");
    } catch (error) {
      this.running = this.app.cameraWanted = false;
      this.wrong.show(cameraFault(error.reason));
    }
    this.draw();
  }

  /** Answers that come after this change nothing any more: what is in a record by now is the record's. */
  async leave() {
    this.left = true;
    this.stop();
    if (this.draft) await this.app.saver.settled();
  }

  stop() {
    this.scanner?.stop();
    this.running = false;
  }

  pause() {
    this.app.cameraWanted = false;
    this.stop();
    this.draw();
  }

  async light() {
    this.lit = !this.lit;
    await this.scanner.torch(this.lit);
    this.drawTools();
  }

  async readPhoto(input) {
    const [file] = input.files;
    if (!file) return;
    const { Scanner } = await import("../field/scanner.js");
    try {
      const { reader, program } = this.app.data;
      const texts = [await Scanner.readPhoto(file, { readerAddress: reader, programAddress: program })].flat().filter(Boolean);
      this.wrong.show(texts.length ? "" : t("No code was found in the photo. Move closer, hold still, avoid glare."));
      for (const text of texts) await this.take(text, "photo");
    } catch (error) {
      this.wrong.show(cameraFault(error.reason));
    }
    input.value = "";
  }

  /** What was read: judged, kept, shown. The same label again is the same label. */
  async take(read, how) {
    const text = read.replace(/\p{Cs}/gu, "\ufffd"); // half a character has no spelling that a record could keep
    if (this.shelf.some(({ label }) => label.text === text)) return;
    if (this.shelf.length >= MOST.labels) return this.wrong.show(t("There are more than 500 labels: make a second record."));
    const seen = await look(this.app, text, how);
    if (this.left || this.shelf.some(({ label }) => label.text === text)) return;
    navigator.vibrate?.(seen.shown.verdict === "genuine" ? 60 : [60, 80, 60]);
    await this.add(seen);
    await askServer(this.app, seen);
    if (!this.left) await this.changed();
    refresh(this.app);
  }

  async type() {
    const input = el("input", { type: "text", inputmode: "numeric", maxlength: 24, autocomplete: "off", id: "serial" }), wrong = fault();
    const dialog = el("dialog.ask", {}, el("form", { method: "dialog" },
      el("h2", {}, t("Type the serial")), el("p.hint", {}, t("Only if the code cannot be read. A typed serial proves nothing, and the record says so.")),
      el("div.field", {}, el("label", { for: "serial" }, t("16 digits below the code")), input), wrong.place,
      el("div.pair-of", {}, el("button.call", { value: "no", formnovalidate: true }, t("No")), button(t("Take it"), () => take(), "go"))));
    const take = async () => {
      const digits = input.value.replace(/\s/g, "");
      if (!/^[0-9]{16}$/.test(digits)) return wrong.show(t("A serial has 16 digits."));
      dialog.close();
      await this.add(typed(this.app, digits));
    };
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  }

  async add(seen) {
    this.shelf.push(seen);
    await this.changed();
  }

  async changed() {
    if (this.draft) {
      this.draft.record.labels = this.shelf.map(({ label }) => label);
      this.draft.changed = this.app.clock.now();
      await this.app.saver.save(this.draft);
    } else await this.app.records.know("shelf", this.shelf);
    this.draw();
  }

  async clear() {
    this.shelf.length = 0;
    await this.changed();
  }

  async toRecord() {
    await this.leave();
    const draft = newDraft(this.app.me, this.app.clock, { labels: this.shelf.map(({ label }) => label) });
    const first = this.shelf.find(({ about }) => about?.name_zh);
    if (first) draft.hint = { firm: first.about.firm_zh, uscc: first.about.uscc };
    draft.record.goods = goodsOf(this.shelf);
    await this.app.records.saveDraft(draft);
    await this.app.records.know("shelf", []);
    await this.app.count();
    tell(t("The labels are in the record."));
    this.app.go(`draft/${draft.id}/basis`);
  }
}

/** One line for each product and lot among what was scanned; how many there are on the shelf, people count. */
export function goodsOf(looks) {
  const found = new Map();
  for (const { about } of looks) {
    if (!about?.name_zh && !about?.name_en) continue;
    const key = `${about.gtin} ${about.lot ?? ""}`;
    if (!found.has(key)) found.set(key, { gtin: about.gtin, name: about.name_zh || about.name_en, lot: about.lot ?? "", quantity: null, unit: "", storage: "" });
  }
  return [...found.values()];
}

const tool = (name, words, onclick, kind = "", more = {}) => el(`button.tool${kind ? `.${kind}` : ""}`, { type: "button", onclick, ...more }, sign(SIGNS[name]), el("span", {}, words));

function cameraFault(reason) {
  return {
    "camera-denied": t("The camera was refused. Allow it in the browser's settings, or take a photo."),
    "camera-none": t("No camera was found. Choose a photo, or type the serial."),
    "reader-none": t("This browser cannot read codes before the reader is there: it comes with the first network."),
  }[reason] ?? t("The camera did not work. Take a photo instead.");
}
