// What reads QR codes from pictures: the browser's own reader where it truly works, else zxing-wasm in a worker.
import { ScannerRefused } from "./refusals.js";

const TRIAL_MS = 3000;

/**
 * @typedef {object} Seen
 * @property {ImageBitmap|VideoFrame|ImageData} picture
 * @property {{x: number, y: number, width: number, height: number}} [area] of it that is searched
 * @property {{width: number, height: number}} [to] the size that the area is searched in
 *
 * The reader to use here.
 * @param {{readerAddress?: string, programAddress?: string}} addresses of zxing-wasm's script and program; without them
 *   only the browser's own reader is tried
 * @returns {Promise<{name: "own"|"brought", takes: "frame"|"bitmap"|"pixels",
 *   read: (seen: Seen, options?: {most?: number, hard?: boolean}) => Promise<string[]>,
 *   close: () => void}>} `read` takes the picture for itself; a frame may be a whole one, with the
 *   area of it that is meant, anything else is what is searched
 * @throws {ScannerRefused} `reader-none`
 */
export async function openDecoder(addresses) {
  const opened = (await ownReader()) ?? (await broughtReader(addresses));
  if (!opened) throw new ScannerRefused("reader-none", "expected a reader of QR codes, got none");
  // A code may say nothing at all. That is no text to judge, nor one that a record can hold.
  return { ...opened, read: async (...what) => (await opened.read(...what)).filter(Boolean) };
}

/**
 * Some browsers name a reader that finds nothing, or that never answers. So it is shown a code first, and has to read it.
 */
async function ownReader() {
  if (!("BarcodeDetector" in globalThis)) return null;
  try {
    const formats = await within(BarcodeDetector.getSupportedFormats());
    if (!formats.includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    const read = async ({ picture }) => {
      const texts = (await detector.detect(picture)).map((found) => found.rawValue);
      picture.close?.();
      return texts;
    };
    const texts = await within(read({ picture: trialPicture() }));
    return texts.join() === TRIAL_TEXT ? { name: "own", takes: "bitmap", read, close: () => {} } : null;
  } catch {
    return null;
  }
}

async function broughtReader({ readerAddress, programAddress }) {
  if (!readerAddress || !programAddress || typeof WebAssembly === "undefined" || typeof Worker === "undefined") return null;
  const worker = new Worker(new URL("./decoding-worker.js", import.meta.url));
  const ask = asking(worker);
  try {
    const { draws } = await ask("open", { readerAddress, programAddress });
    const read = (seen, { most = 8, hard = false } = {}) => ask("read", { seen, most, hard }, transferOf(seen.picture));
    return { name: "brought", takes: draws ? "frame" : "pixels", read, close: () => worker.terminate() };
  } catch {
    worker.terminate();
    return null;
  }
}

const transferOf = (picture) => [picture instanceof ImageData ? picture.data.buffer : picture];

/** Questions to a worker, each with its answer. A worker that breaks down fails all that wait. */
function asking(worker) {
  const waiting = new Map();
  let last = 0;
  let broken = null;
  worker.onmessage = ({ data: { id, answer, fault } }) => {
    const { done, failed } = waiting.get(id);
    waiting.delete(id);
    if (fault === undefined) done(answer);
    else failed(new Error(fault));
  };
  worker.onerror = (event) => {
    broken = new Error(event.message || "expected a worker");
    for (const { failed } of waiting.values()) failed(broken);
    waiting.clear();
  };
  return (task, what, transfer = []) =>
    new Promise((done, failed) => {
      if (broken) return failed(broken);
      last += 1;
      waiting.set(last, { done, failed });
      return worker.postMessage({ id: last, task, what }, transfer);
    });
}

function within(promise) {
  return Promise.race([
    promise,
    new Promise((_, failed) => setTimeout(() => failed(new Error("expected an answer in time")), TRIAL_MS)),
  ]);
}

// A symbol of version 1, a row a number, and what it says.
const TRIAL_TEXT = "TRACEQR";
const TRIAL_ROWS = [
  0x1fd97f, 0x105041, 0x174f5d, 0x17595d, 0x174a5d, 0x104b41, 0x1fd57f, 0x1300, 0x16e34b, 0x437c4, 0x9ea07, 0x15b275,
  0x4f52c, 0x1a47, 0x1fd721, 0x105433, 0x174dfd, 0x175e5a, 0x175164, 0x104cb8, 0x1fd08a,
];

/** The trial's symbol with its quiet zone, eight pixels a module. */
export function trialPicture() {
  const module = 8;
  const side = (TRIAL_ROWS.length + 8) * module;
  const pixels = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let at = 0; at < side * side; at += 1) {
    const row = Math.floor(at / side / module) - 4;
    const column = Math.floor((at % side) / module) - 4;
    const dark = column >= 0 && column < 21 && (TRIAL_ROWS[row] >> (20 - column)) & 1;
    if (dark) pixels.fill(0, 4 * at, 4 * at + 3);
  }
  return new ImageData(pixels, side, side);
}
