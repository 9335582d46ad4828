// The page where anybody scans a label from an address that he knows. What is scanned is judged by the server, as if the label
// had been opened; before that, a code that imitates the official address is called so. The page's forms work without this.
import { parseLabel } from "./label.js";
import { lookAlike } from "./look-alike.js";
import { Scanner, ScannerRefused } from "./scanner.js";
import { isReachable, WithoutNetwork } from "./without-network.js";

const panel = document.querySelector(".scanner");
const video = panel.querySelector("video");
const say = panel.querySelector(".say");
const warning = document.querySelector(".imitation");
const alone = document.querySelector(".alone");
const part = (name) => document.querySelector(`[data-${name}]`);
const hosts = JSON.parse(panel.dataset.hosts);
const addresses = { readerAddress: panel.dataset.reader, programAddress: panel.dataset.program };
const scanner = new Scanner({ video, onText: consider, ...addresses });
const offline = new WithoutNetwork();

function tell(name) {
  say.textContent = name ? panel.getAttribute(`data-${name}`) : "";
}

async function start() {
  warn(null);
  alone.hidden = true;
  part("start").hidden = true;
  part("stop").hidden = false;
  video.hidden = false;
  tell("wait");
  try {
    await scanner.start();
    tell("show");
    offerLens(scanner.capabilities);
  } catch (error) {
    if (!(error instanceof ScannerRefused)) throw error;
    stop();
    tell(error.reason);
  }
}

function stop() {
  scanner.stop();
  video.hidden = true;
  part("start").hidden = false;
  for (const name of ["stop", "torch", "zoom"]) part(name).hidden = true;
  tell(null);
}

/** Light and zoom, where the camera has them. */
function offerLens({ torch, zoom }) {
  part("torch").hidden = !torch;
  part("torch").setAttribute("aria-pressed", "false");
  part("zoom").hidden = !zoom;
  if (zoom) Object.assign(part("zoom").querySelector("input"), zoom);
}

/** What was scanned: a label of ours is opened here, whatever address is on it; anything else the server judges. */
async function consider(text) {
  navigator.vibrate?.(60);
  stop();
  if (warn(text)) return;
  const path = pathOf(text);
  if (!(await isReachable())) return tellAlone(text);
  if (path) window.location.assign(path);
  else send(text);
}

/** What can be told with no network. */
async function tellAlone(text) {
  const { finding, recalled, madeMs } = await offline.judge(text);
  alone.dataset.finding = finding;
  for (const each of alone.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== finding;
  part("recall").hidden = !recalled;
  part("made").hidden = madeMs === null;
  part("made").querySelector("time").textContent = madeMs === null ? "" : new Date(madeMs).toLocaleString(document.documentElement.lang);
  part("text").value = text;
  alone.hidden = false;
  alone.scrollIntoView({ block: "center" });
  alone.focus();
}

function pathOf(text) {
  try {
    const label = parseLabel(text);
    return hosts.includes(label.origin.official) ? label.path : null;
  } catch {
    return null;
  }
}

/** Warn of an imitation. Tells whether it is one. */
function warn(text) {
  const found = text === null ? null : lookAlike(text, hosts);
  warning.hidden = !found;
  if (!found) return false;
  part("host").textContent = found.host;
  part("official").textContent = found.official;
  part("imitating").value = text;
  warning.scrollIntoView({ block: "center" });
  warning.focus();
  return true;
}

function send(text) {
  part("text").value = text;
  part("text").form.submit();
}

async function sendPhoto(event) {
  const form = event.target;
  const [photo] = form.elements.photo.files;
  if (!photo) return;
  event.preventDefault();
  // Where it cannot be read here the server reads it, and says what is wrong with it.
  const texts = await Scanner.readPhoto(photo, addresses).catch(() => []);
  // Beside a genuine label there may be one that imitates it.
  if (texts.some(warn)) return;
  if (texts.length === 1 && !(await isReachable())) await tellAlone(texts[0]);
  else form.submit();
}

/** The text that is in the form, once more or for the first time. */
async function sendText(event) {
  event.preventDefault();
  const text = part("text").value.trim();
  if (warn(text)) return;
  if (await isReachable()) send(text);
  else await tellAlone(text);
}

part("start").addEventListener("click", start);
part("stop").addEventListener("click", stop);
for (const each of document.querySelectorAll("[data-again]")) each.addEventListener("click", start);
part("torch").addEventListener("click", async ({ currentTarget: button }) => {
  const on = button.getAttribute("aria-pressed") !== "true";
  if (await scanner.torch(on)) button.setAttribute("aria-pressed", String(on));
});
part("zoom").addEventListener("input", ({ target }) => scanner.zoom(Number(target.value)));
part("text").form.addEventListener("submit", sendText);
part("retry").addEventListener("click", () => part("text").form.requestSubmit());
document.querySelector("form[enctype]").addEventListener("submit", sendPhoto);
window.addEventListener("pagehide", stop);

// Over plain HTTP, and in old browsers, there is no camera to be had.
panel.hidden = !navigator.mediaDevices?.getUserMedia;
for (const each of document.querySelectorAll("[data-again]")) each.hidden = panel.hidden;
offline.prepare().catch(() => {}); // then nothing can be told without network, and that is what is said
