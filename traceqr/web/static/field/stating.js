// The console's page where codes are scanned into the fields of an event. What is read goes into the field that was chosen
// last; hand scanners type into it by themselves. The form works without this.
import { Scanner, ScannerRefused } from "./scanner.js";

const panel = document.querySelector(".scanner");
const form = document.querySelector("form.codes");
const fields = ["parent", "inputs", "things"].map((name) => form.elements.namedItem(name)).filter(Boolean);
const video = panel.querySelector("video");
const say = panel.querySelector(".say");
const button = (name) => panel.querySelector(`[data-${name}]`);
const scanner = new Scanner({
  video,
  onText: take,
  readerAddress: panel.dataset.reader,
  programAddress: panel.dataset.program,
});
let chosen = fields[0];

function choose(field) {
  chosen = field;
  for (const each of fields) each.classList.toggle("chosen", each === field);
}

const linesOf = (field) => field.value.split("\n").map((line) => line.trim());

function take(text) {
  if (fields.some((field) => linesOf(field).includes(text))) {
    say.textContent = panel.dataset.twice;
    return;
  }
  navigator.vibrate?.(60);
  if (chosen.tagName === "TEXTAREA") {
    const before = chosen.value.trimEnd();
    chosen.value = `${before}${before && "\n"}${text}\n`;
    say.textContent = String(linesOf(chosen).filter(Boolean).length);
  } else {
    chosen.value = text;
    choose(fields[fields.indexOf(chosen) + 1] ?? chosen);
  }
}

function stop() {
  scanner.stop();
  video.hidden = button("stop").hidden = true;
  button("start").hidden = false;
}

async function start() {
  button("start").hidden = true;
  video.hidden = button("stop").hidden = false;
  try {
    say.textContent = panel.dataset.ready;
    await scanner.start();
  } catch (error) {
    stop();
    say.textContent = panel.dataset.denied;
    if (!(error instanceof ScannerRefused)) throw error;
  }
}

for (const field of fields) {
  field.addEventListener("focus", () => choose(field));
  // A hand scanner ends each code with Enter: in a field of one line that goes on to the next, and does not send the form.
  if (field.tagName !== "TEXTAREA")
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      (fields[fields.indexOf(field) + 1] ?? field).focus();
    });
}
choose(chosen);
button("start").addEventListener("click", start);
button("stop").addEventListener("click", stop);
window.addEventListener("pagehide", stop);

// Over plain HTTP, and in old browsers, there is no camera to be had.
panel.hidden = !navigator.mediaDevices?.getUserMedia;
