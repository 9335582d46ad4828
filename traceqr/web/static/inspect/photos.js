// Photos of the goods: made small enough to send, hashed when they are taken, and never touched again.

import { sha256 } from "./device.js";

const SIDE = 2048, QUALITIES = [0.82, 0.6, 0.4, 0.2];
const MOST_BYTES = 5_000_000; // that the server takes

/** Thrown for a file that the browser cannot read as a picture. */
export class NoPicture extends Error {}

/** A JPEG file of a picture, turned upright and without what the camera has written about itself. */
export async function taken(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new NoPicture("expected a picture", { cause: error });
  }
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = drawn(bitmap, Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  bitmap.close();
  const bytes = await small(canvas);
  return { bytes, digest: await sha256(bytes) };
}

/** As good as it may be large. A photo of sand takes more than one of a wall. */
async function small(canvas) {
  for (const quality of QUALITIES) {
    const blob = await jpeg(canvas, quality);
    if (blob.size <= MOST_BYTES) return new Uint8Array(await blob.arrayBuffer());
  }
  throw new NoPicture("expected a picture that can be made small");
}

function drawn(bitmap, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // a JPEG has no transparency
  pen.fillRect(0, 0, width, height);
  pen.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

function jpeg(canvas, quality) {
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new NoPicture("expected a picture"))), "image/jpeg", quality));
}

/** Draw a kept photo into a canvas, as small as it is shown. */
export async function show(canvas, bytes) {
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  const side = canvas.width, scale = side / Math.min(bitmap.width, bitmap.height);
  const width = bitmap.width * scale, height = bitmap.height * scale;
  canvas.getContext("2d").drawImage(bitmap, (side - width) / 2, (side - height) / 2, width, height);
  bitmap.close();
}
