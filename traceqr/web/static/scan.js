// Reads labels with the phone's camera: by the browser's own reader where it has one for QR codes, else by zxing-wasm.
// What is read goes into the form, which works without it.
"use strict";

const PAUSE_MS = 120;
const SIDE = 1280; // pixels of the longer side that are searched

const scanner = document.querySelector(".scanner");
const fields = { first: document.getElementById("first"), last: document.getElementById("last") };
const form = fields.first.form;
const video = scanner.querySelector("video");
const say = scanner.querySelector(".say");
const button = (name) => scanner.querySelector(`[data-${name}]`);
const canvas = document.createElement("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
let running = false;

async function ownReader() {
  if (!("BarcodeDetector" in window)) return null;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!formats.includes("qr_code")) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (picture) => (await detector.detect(picture)).map((found) => found.rawValue);
}

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = () => failed(new Error(`expected the script ${address}`));
    document.head.append(script);
  });
}

async function broughtReader() {
  const { reader, program } = scanner.dataset;
  if (!reader || typeof WebAssembly === "undefined") return null;
  await load(reader);
  await ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => program }, fireImmediately: true });
  const options = { formats: ["QRCode"], maxNumberOfSymbols: 2, tryDownscale: true };
  return async (picture) => (await ZXingWASM.readBarcodes(picture, options)).filter((one) => one.isValid).map((one) => one.text);
}

function frame() {
  const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function take(text) {
  if (!fields.first.value) {
    fields.first.value = text;
    button("one").hidden = false;
    tell("last");
  } else if (text === fields.first.value) {
    if (say.dataset.told === "last") return; // the camera still sees it
    tell("same");
  } else {
    fields.last.value = text;
    finish();
  }
  if (navigator.vibrate) navigator.vibrate(60);
  button("again").hidden = false;
}

function finish() {
  stop();
  tell("both");
  form.requestSubmit();
}

function tell(name) {
  say.dataset.told = name;
  say.textContent = scanner.dataset[name];
}

function stop() {
  running = false;
  for (const track of video.srcObject ? video.srcObject.getTracks() : []) track.stop();
  video.srcObject = null;
  video.hidden = true;
  button("start").hidden = false;
}

async function watch(read) {
  while (running) {
    if (video.videoWidth) {
      const texts = await read(frame()).catch(() => []);
      // Two labels in sight: nobody knows which is meant.
      if (running && texts.length === 1) take(texts[0]);
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

async function start() {
  button("start").hidden = true;
  try {
    const read = (await ownReader()) || (await broughtReader());
    if (!read) throw new Error("expected a reader of QR codes");
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
    });
    video.hidden = false;
    await video.play();
    running = true;
    tell(fields.first.value ? "last" : "first");
    watch(read);
  } catch {
    stop();
    tell("denied");
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
  tell("first");
  if (!running) start();
});
window.addEventListener("pagehide", stop);

// Over plain HTTP, and in old browsers, there is no camera to be had.
scanner.hidden = !(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
