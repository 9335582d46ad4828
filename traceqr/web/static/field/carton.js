// The console's page where the first and the last label of a carton or a roll are scanned. What is read goes into the form,
// which works without this.
import { Scanner, ScannerRefused } from "./scanner.js";

const panel = document.querySelector(".scanner");
const fields = { first: document.getElementById("first"), last: document.getElementById("last") };
const { form } = fields.first;
const video = panel.querySelector("video");
const say = panel.querySelector(".say");
const button = (name) => panel.querySelector(`[data-${name}]`);
const scanner = new Scanner({
  video,
  onText: take,
  alone: true,
  readerAddress: panel.dataset.reader,
  programAddress: panel.dataset.program,
});

function take(text) {
  navigator.vibrate?.(60);
  button("again").hidden = false;
  if (!fields.first.value) {
    fields.first.value = text;
    button("one").hidden = false;
    tell("last");
  } else if (text === fields.first.value) {
    tell("same");
  } else {
    fields.last.value = text;
    finish();
  }
}

function finish() {
  stop();
  tell("both");
  form.requestSubmit();
}

function tell(name) {
  say.textContent = panel.dataset[name];
}

function stop() {
  scanner.stop();
  video.hidden = true;
  button("start").hidden = false;
}

async function start() {
  button("start").hidden = true;
  video.hidden = false;
  try {
    // Said first: a label may be read before this is done waiting.
    tell(fields.first.value ? "last" : "first");
    await scanner.start();
  } catch (error) {
    stop();
    tell("denied");
    if (!(error instanceof ScannerRefused)) throw error;
  }
}

button("start").addEventListener("click", start);
button("one").addEventListener("click", () => {
  fields.last.value = fields.first.value;
  finish();
});
button("again").addEventListener("click", () => {
  fields.first.value = fields.last.value = "";
  button("one").hidden = button("again").hidden = true;
  stop(); // a label that is still in sight is told anew
  start();
});
window.addEventListener("pagehide", stop);

// Over plain HTTP, and in old browsers, there is no camera to be had.
panel.hidden = !navigator.mediaDevices?.getUserMedia;
