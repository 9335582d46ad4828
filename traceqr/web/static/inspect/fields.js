// Fields that write into an object as they are typed into.

import { el, fill } from "./dom.js";
import { NotKept } from "./store.js";
import { t } from "./words.js";

let count = 0;

function labelled(label, input, { hint, optional }) {
  input.id ||= `f${(count += 1)}`;
  const told = hint ? el("p.hint", { id: `${input.id}-hint` }, hint) : null;
  if (told) input.setAttribute("aria-describedby", told.id);
  return el("div.field", {}, el("label", { for: input.id }, label, optional ? el("small", {}, " ", t("(optional)")) : null), input, told);
}

/** One line of text. `onChange` is called at each sign. */
export function line(label, of, name, onChange, { hint, optional, ...rest } = {}) {
  const input = el("input", { type: "text", maxlength: 200, autocomplete: "off", value: of[name] ?? "", ...rest });
  input.addEventListener("input", () => ((of[name] = input.value), onChange()));
  return labelled(label, input, { hint, optional });
}

export function lines(label, of, name, onChange, { hint, optional, ...rest } = {}) {
  const input = el("textarea", { rows: 4, maxlength: 5000, value: of[name] ?? "", ...rest });
  input.addEventListener("input", () => ((of[name] = input.value), onChange()));
  return labelled(label, input, { hint, optional });
}

/** A whole number, or null. What is no number is kept as it is, for the faults to name it. */
export function whole(label, of, name, onChange, { hint, optional = true } = {}) {
  const input = el("input", { type: "text", inputmode: "numeric", maxlength: 12, autocomplete: "off", value: of[name] ?? "" });
  input.addEventListener("input", () => {
    const typed = input.value.trim();
    of[name] = typed === "" ? null : /^[0-9]{1,12}$/.test(typed) ? Number(typed) : typed;
    onChange();
  });
  return labelled(label, input, { hint, optional });
}

export function day(label, of, name, onChange) {
  const input = el("input", { type: "date", value: of[name] ?? "" });
  input.addEventListener("input", () => ((of[name] = input.value || null), onChange()));
  return labelled(label, input, {});
}

/** One of several, each as large as a thumb. */
export function choice(legend, of, name, choices, onChange) {
  const group = `g${(count += 1)}`;
  const made = choices.map(([value, words]) => {
    const input = el("input", { type: "radio", name: group, value, checked: of[name] === value });
    input.addEventListener("change", () => ((of[name] = value), onChange()));
    return el("label.choice", {}, input, el("span", {}, t(words)));
  });
  return el("fieldset.choices", {}, el("legend", {}, legend), ...made);
}

/** A place for a fault, and how to show it. */
export function fault() {
  const place = el("p.told.refused", { role: "alert", hidden: true });
  return { place, show: (words) => ((place.textContent = words), (place.hidden = !words)) };
}

/** A line that says whether what was typed is kept: `show` is told what a `Saver` tells. */
export function savedLine() {
  const place = el("p.saved", { role: "status" });
  const show = (state) => {
    if (state instanceof NotKept) {
      fill(place, state.reason === "full" ? t("NOT SAVED: the phone's storage is full. Make room, then change something here again.") : t("NOT SAVED: the browser did not keep it."));
      place.className = "saved told refused";
    } else if (state === "saving") {
      fill(place, "…");
    } else if (state === "saved") {
      fill(place, t("Saved on this phone"));
      place.className = "saved";
    }
  };
  return { place, show };
}

export const button = (words, onclick, kind = "call", more = {}) => el(`button.${kind}`, { type: "button", onclick, ...more }, words);
