// Reads labels with the camera, one after the other or several at once, and from photos.
import { openDecoder } from "./decoder.js";
import { ScannerRefused } from "./refusals.js";

export { ScannerRefused };

/** A text that is still in sight is not told again; one that was out of sight for so long is. */
const FORGOTTEN_AFTER_MS = 3000;
/** Between two searches at least: a phone in the hand gets warm, and is no quicker for it. */
const PAUSE_MS = 60;
const MOST_FAILED = 5;
const WHOLE_SIDE = 1280;
const MIDDLE_SIDE = 720;
const PHOTO_SIDE = 2400;
const CAMERA = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } } };

/** The camera, and what reads its pictures. */
export class Scanner {
  #video;
  #onText;
  #alone;
  #addresses;
  #track = null;
  #decoder = null;
  #running = null;
  #seen = new Map();
  #wake = () => document.visibilityState === "hidden" || this.#video.play().catch(() => {});

  /** How many pictures were searched, for whoever measures. */
  searched = 0;

  /**
   * @param {object} what
   * @param {HTMLVideoElement} what.video shows what the camera sees; should be `muted` and `playsinline`
   * @param {(text: string) => void} what.onText told of each label that comes into sight, raw
   * @param {boolean} [what.alone] where nobody would know which of several is meant: a label is told of only when no other is in sight
   * @param {string} [what.readerAddress] of zxing-wasm's script  @param {string} [what.programAddress] of its program
   */
  constructor({ video, onText, alone = false, readerAddress, programAddress }) {
    this.#video = video;
    this.#onText = onText;
    this.#alone = alone;
    this.#addresses = { readerAddress, programAddress };
  }

  /**
   * Start camera and reader. The preview is there before the reader is.
   * @throws {ScannerRefused} `camera-denied`, `camera-none` or `reader-none`
   */
  async start() {
    if (this.#running) return;
    const run = (this.#running = Symbol("run"));
    try {
      const stream = await openCamera();
      if (this.#running !== run) return end(stream);
      [this.#track] = stream.getVideoTracks();
      this.#video.srcObject = stream;
      document.addEventListener("visibilitychange", this.#wake);
      await this.#video.play().catch(() => {});
      const decoder = await openDecoder(this.#addresses);
      if (this.#running !== run) return decoder.close();
      this.#decoder = decoder;
    } catch (error) {
      if (this.#running === run) this.stop();
      throw error;
    }
    this.#watch(run);
  }

  /** Stop the camera, and forget what was seen. Can be started again. */
  stop() {
    this.#running = null;
    document.removeEventListener("visibilitychange", this.#wake);
    if (this.#video.srcObject) end(this.#video.srcObject);
    this.#video.srcObject = null;
    this.#track = null;
    this.#seen.clear();
    this.#decoder?.close();
    this.#decoder = null;
  }

  /** What this camera can do, once it has started. */
  get capabilities() {
    const able = this.#track?.getCapabilities?.() ?? {};
    const { min, max, step = 0.1 } = able.zoom ?? {};
    return {
      torch: able.torch === true,
      zoom: max > min ? { min, max, step, value: this.#track.getSettings().zoom ?? min } : null,
      reader: this.#decoder?.name ?? null,
    };
  }

  /** Light on or off. Tells whether the camera has obeyed. */
  torch(on) {
    return this.#constrain({ torch: on });
  }

  /** Nearer or farther, within `capabilities.zoom`. Tells whether the camera has obeyed. */
  zoom(value) {
    return this.#constrain({ zoom: value });
  }

  /**
   * The texts of all codes in a photo, none if there are none.
   * @param {Blob} blob
   * @param {{readerAddress?: string, programAddress?: string}} addresses
   * @returns {Promise<string[]>}
   * @throws {ScannerRefused} `photo-unreadable` for what is no picture, `reader-none`
   */
  static async readPhoto(blob, addresses) {
    const whole = await createImageBitmap(blob).catch((error) => {
      throw new ScannerRefused("photo-unreadable", error.message);
    });
    const decoder = await openDecoder(addresses);
    try {
      const picture = await pictureOf(decoder, whole, { width: whole.width, height: whole.height }, PHOTO_SIDE);
      return [...new Set(await decoder.read(picture, { most: 32, hard: true }))];
    } finally {
      whole.close();
      decoder.close();
    }
  }

  async #constrain(wish) {
    if (!this.#track) return false;
    try {
      await this.#track.applyConstraints({ advanced: [wish] });
      const [name] = Object.keys(wish);
      return this.#track.getSettings()[name] === undefined || this.#track.getSettings()[name] === wish[name];
    } catch {
      return false;
    }
  }

  async #watch(run) {
    let failed = 0;
    for (let turn = 0; this.#running === run; turn += 1) {
      if (this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && document.visibilityState !== "hidden")
        try {
          const texts = await this.#search(turn);
          if (this.#running === run) this.#tell(texts);
          failed = 0;
        } catch {
          // A picture could not be had. Where none can be had in this way, there is another.
          failed += 1;
          if (failed === MOST_FAILED && this.#decoder) this.#decoder.takes = "pixels";
        }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }

  /** By turns the middle, where a label that is held up lies, fine; and the whole, where a shelf does. */
  async #search(turn) {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const side = Math.min(width, height, 900);
    const middle = { x: (width - side) >> 1, y: (height - side) >> 1, width: side, height: side };
    const [area, most] = turn % 2 ? [{ width, height }, WHOLE_SIDE] : [middle, MIDDLE_SIDE];
    const picture = await pictureOf(this.#decoder, this.#video, area, most);
    const texts = await this.#decoder.read(picture, { most: 12 });
    this.searched += 1;
    return texts;
  }

  #tell(texts) {
    const now = performance.now();
    for (const [text, at] of this.#seen) if (now - at > FORGOTTEN_AFTER_MS) this.#seen.delete(text);
    if (this.#alone && new Set(texts).size > 1) return;
    for (const text of texts) {
      const known = this.#seen.has(text);
      this.#seen.set(text, now);
      if (!known) this.#onText(text);
    }
  }
}

async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new ScannerRefused("camera-none", "expected a camera, got none: over plain HTTP there is none to be had");
  try {
    return await navigator.mediaDevices.getUserMedia(CAMERA);
  } catch (error) {
    const denied = ["NotAllowedError", "SecurityError", "PermissionDeniedError"].includes(error.name);
    throw new ScannerRefused(denied ? "camera-denied" : "camera-none", error.message);
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

const canvas = { pen: null };

/** An area of a video or a picture, no larger than is asked for, as the reader takes it. */
async function pictureOf(decoder, source, { x = 0, y = 0, width, height }, most) {
  const scale = Math.min(1, most / Math.max(width, height));
  const to = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  if (decoder.takes === "bitmap") {
    const size = { resizeWidth: to.width, resizeHeight: to.height };
    return { picture: await createImageBitmap(source, x, y, width, height, size) };
  }
  // Drawn where it is searched, or here where the browser cannot draw there. A frame is handed on without being drawn at all:
  // measured on a phone six times slower, that is three times as many searches, and a preview that runs.
  if (decoder.takes === "frame") {
    const picture = frameOf(source) ?? (await createImageBitmap(source));
    return { picture, area: { x, y, width, height }, to };
  }
  canvas.pen ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  Object.assign(canvas.pen.canvas, to);
  canvas.pen.drawImage(source, x, y, width, height, 0, 0, to.width, to.height);
  return { picture: canvas.pen.getImageData(0, 0, to.width, to.height) };
}

function frameOf(source) {
  if (typeof VideoFrame === "undefined" || !(source instanceof HTMLVideoElement)) return null;
  try {
    return new VideoFrame(source);
  } catch {
    return null;
  }
}
