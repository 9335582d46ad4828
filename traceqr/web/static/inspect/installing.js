// The worker that keeps the app offline, new versions of it, and how it gets onto the phone's home screen.

import { refresh } from "./frame.js";

/** Register the worker; a version that is ready waits in `app.newer` until it is taken. */
export async function watchWorker(app) {
  if (!navigator.serviceWorker) return;
  let taking = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => taking && location.reload());
  const ready = (worker) => {
    if (!navigator.serviceWorker.controller) return;
    app.newer = { take: async () => ((taking = true), await app.saver?.settled(), worker.postMessage("take")) };
    refresh(app);
  };
  try {
    const registered = await navigator.serviceWorker.register(app.data.worker, { scope: "/inspect/" });
    if (registered.waiting) ready(registered.waiting);
    registered.addEventListener("updatefound", () => {
      const worker = registered.installing;
      worker.addEventListener("statechange", () => worker.state === "installed" && ready(worker));
    });
    await navigator.serviceWorker.ready;
    await bringReader(app.data);
    await app.again("phone");
  } catch {
    // Offline, or another version was put out at this moment: the browser tries again at the next start.
  }
}

/** What reads symbols, brought when all else is there, so that it is there without network too. */
async function bringReader({ reader, program }) {
  if (!navigator.serviceWorker.controller) await controlled(); // at the first visit the page is there before the worker
  await Promise.allSettled([reader, program].filter(Boolean).map((each) => fetch(each)));
}

function controlled() {
  return new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
}

/** Whether all is on the phone that scanning needs without network. */
export async function isComplete({ reader, program }) {
  if (!navigator.serviceWorker?.controller) return false;
  const kept = await Promise.all([reader, program].filter(Boolean).map((each) => caches.match(each)));
  return kept.every(Boolean);
}

let offered = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // asked when people look for it, not in the middle of a scan
  offered = event;
});

export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** How this phone installs: `now` can be asked for, `ios` by hand, or `menu` of the browser. */
export function wayToInstall() {
  if (isInstalled()) return null;
  if (offered) return "now";
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  return apple ? "ios" : "menu";
}

export async function install() {
  await offered?.prompt();
  offered = null;
}
