// The worker that keeps the app offline, new versions of it, and how it gets onto the phone's home screen.

import { refresh } from "./frame.js";

/** Register the worker; a version that is ready waits in `app.newer` until it is taken. */
export async function watchWorker(app) {
  if (!navigator.serviceWorker) return;
  const had = Boolean(navigator.serviceWorker.controller);
  let taking = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => had && taking && location.reload());
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
  } catch {
    // Offline, or another version was put out at this moment: the browser tries again at the next start.
  }
}

/** What reads symbols, brought when all else is there, so that it is there without network too. */
async function bringReader({ reader, program }) {
  if (navigator.serviceWorker.controller) await Promise.allSettled([reader, program].filter(Boolean).map((each) => fetch(each)));
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
