// What the tests of keeping a bundle run in Chromium: the app's own modules, and its own way to the server.
import { Api } from "../../traceqr/web/static/inspect/api.js";
import { Bundles } from "../../traceqr/web/static/inspect/bundles.js";
import { Clock } from "../../traceqr/web/static/inspect/clock.js";
import { DATA, PLAIN, Store } from "../../traceqr/web/static/inspect/store.js";

let app = null;

/** The app as it starts: with what the device has kept. `keys` are trusted when it is set up. */
export async function start(keys = null) {
  const store = await Store.open();
  if (keys) await store.write([PLAIN, "trusted-keys", keys]);
  app = { store, bundles: new Bundles({ store, api: new Api(), clock: new Clock({}) }), progress: [] };
  await app.bundles.load("all");
}

/** What comes of fetching. */
export async function update() {
  const fault = await app.bundles.update("all", (done, all) => app.progress.push([done, all])).then(() => null, (error) => error.reason ?? error.code ?? String(error));
  return { fault, ...state() };
}

let under = null;

/** Begin to fetch, and do not wait. */
export const begin = () => void (under = update());

/** What came of what was begun. */
export const ended = () => under;

export const state = () => ({ lacking: app.bundles.lacking, wrong: app.bundles.wrong, progress: app.progress.splice(0) });

export async function judge(texts) {
  const found = [];
  for (const text of texts) found.push((await app.bundles.holder.judge(text)).reason);
  return found;
}

/** Digests of the parts that are on the disk. */
export const kept = async () => (await app.store.keys(DATA, "part/")).map((key) => key.slice(5));

/** The disk gives other octets than it was given. */
export async function spoil(digest) {
  const octets = await app.store.get(DATA, `part/${digest}`);
  octets[octets.length - 9] ^= 1;
  await app.store.write([DATA, `part/${digest}`, octets]);
}
