// What was found: labels, goods, photos.

import { el } from "./dom.js";
import { button, line, whole } from "./fields.js";
import { NEW } from "./record.js";
import { photoFields } from "./shots.js";
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
    edit.again(".item");
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

export function photos(edit) {
  const { app, draft, record, changed } = edit;
  const keep = async (digest, bytes) => {
    draft.changed = app.clock.now();
    await app.saver.settled();
    await app.records.saveDraftWithPhoto(draft, digest, bytes);
  };
  return photoFields({ app, of: record, changed, keep, settled: () => app.saver.settled() }).place;
}
