// Searches pictures for QR codes beside the page, so that its preview never waits. A classic worker: the reader that npm
// brings is a classic script. It asks for nothing but what the page names: script and program of our own site.
"use strict";

const OPTIONS = { formats: ["QRCode"], textMode: "Plain", tryDownscale: true };
let pen = null;

function pixelsOf({ picture, area, to }) {
  if (picture instanceof ImageData) return picture;
  const { width, height } = to;
  pen ??= new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (pen.canvas.width !== width || pen.canvas.height !== height) Object.assign(pen.canvas, { width, height });
  pen.drawImage(picture, area.x, area.y, area.width, area.height, 0, 0, width, height);
  picture.close();
  return pen.getImageData(0, 0, width, height);
}

const tasks = {
  async open({ readerAddress, programAddress }) {
    importScripts(readerAddress);
    await ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => programAddress }, fireImmediately: true });
    return { draws: canDraw() };
  },
  async read({ seen, most, hard }) {
    const options = { ...OPTIONS, tryHarder: hard, tryInvert: hard, maxNumberOfSymbols: most };
    const found = await ZXingWASM.readBarcodes(pixelsOf(seen), options);
    return found.filter((one) => one.isValid).map((one) => one.text);
  },
};

function canDraw() {
  try {
    return new OffscreenCanvas(1, 1).getContext("2d") !== null;
  } catch {
    return false;
  }
}

self.onmessage = async ({ data: { id, task, what } }) => {
  try {
    self.postMessage({ id, answer: await tasks[task](what) });
  } catch (error) {
    self.postMessage({ id, fault: String(error) });
  }
};
