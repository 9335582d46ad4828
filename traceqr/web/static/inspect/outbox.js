// Hands signed entries to the server: photos first, then the entry, each as often as it takes. The server knows what it has
// by digests, so sending again does no harm; a lock sees to it that of two windows one sends.

import { Later, Refused, SignedOut } from "./api.js";
import { STATE } from "./records.js";

/** Photos that are under way at once: on a slow line the way back and forth takes longer than the photo. */
const LANES = 3;

const LOCK = "traceqr-inspect-outbox";

/** What an answer says of an entry for good. All else is tried again: the entry before it, or a photo, is on its way. */
const FINAL = Object.fromEntries([
  ...["entry-conflict", "entry-forked"].map((code) => [code, STATE.conflict]),
  ...["entry-malformed", "signature-broken", "device-unknown", "device-revoked", "account-other", "inspection-other", "inspection-withdrawn"].map((code) => [code, STATE.refused]),
  ...["photo-altered", "photo-malformed", "photo-too-large"].map((code) => [code, STATE.refused]),
]);

export class Outbox {
  #records;
  #api;
  #device;

  constructor(records, api, device) {
    this.#records = records;
    this.#api = api;
    this.#device = device;
  }

  /** Entries that the server does not have. */
  async waiting() {
    return (await this.#records.entries()).filter(({ state }) => state !== STATE.received);
  }

  /** Send what waits. Gives `{sent, told, ended}`: how many the server took, of how many it said anything; `ended` says why it stopped before the end: signed-out, another-account, elsewhere, or a reason to wait. */
  async send(onProgress = () => {}) {
    return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? this.#sendAll(onProgress) : { sent: 0, told: 0, ended: "elsewhere" }));
  }

  async #sendAll(onProgress) {
    let sent = 0, told = 0;
    try {
      const me = await this.#api.me(this.#device);
      const metas = (await this.waiting()).filter(({ state }) => state === STATE.waiting);
      const own = metas.filter(({ account }) => account === me.account);
      const halted = new Set(); // inspections of which an earlier entry was not taken
      for (const meta of own) {
        if (halted.has(meta.inspection)) continue;
        const taken = await this.#sendOne(meta, onProgress);
        told += 1;
        if (taken) sent += 1;
        else halted.add(meta.inspection);
      }
      return { sent, told, me, ended: own.length < metas.length ? "another-account" : null };
    } catch (error) {
      if (error instanceof SignedOut) return { sent, told, ended: "signed-out" };
      if (error instanceof Later) return { sent, told, ended: error.reason };
      if (error instanceof Refused) return { sent, told, ended: error.code };
      throw error;
    }
  }

  /** Whether the server has the entry now. */
  async #sendOne(meta, onProgress) {
    try {
      await this.#sendPhotos(meta, onProgress);
      const { text, signature } = await this.#records.signed(meta);
      const answer = await this.#api.send(text, signature);
      return await this.#received(meta, answer);
    } catch (error) {
      if (error instanceof Later || error instanceof SignedOut) throw error;
      await this.#records.mark(meta, outcome(error));
      return false;
    }
  }

  /** The server's receipt must be of these octets; else it is another's. */
  async #received(meta, { digest, received, position }) {
    if (digest !== meta.digest) throw new Later("portal");
    await this.#records.mark(meta, { state: STATE.received, received, position, fault: null });
    return true;
  }

  async #sendPhotos(meta, onProgress) {
    const missing = meta.photos.length ? await this.#api.missing([...new Set(meta.photos)]) : [];
    const waiting = [...missing];
    let done = 0;
    const lane = async () => {
      while (waiting.length) {
        const digest = waiting.shift();
        await this.#api.putPhoto(digest, await this.#records.photo(digest));
        onProgress({ meta, photo: (done += 1), photos: missing.length });
      }
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
    } finally {
      waiting.length = 0; // where one has failed, the others begin nothing more
    }
  }

  /** Let an entry that was refused be tried again, after whatever was wrong has been put right. */
  again(meta) {
    return meta.state === STATE.refused ? this.#records.mark(meta, { state: STATE.waiting, fault: null }) : meta;
  }
}

function outcome(error) {
  if (!(error instanceof Refused)) return { state: STATE.refused, fault: { code: "altered-here" } };
  const { code, body } = error;
  const told = { code, digest: body.digest, faults: body.faults, missing: body.missing };
  return { state: FINAL[code] ?? STATE.waiting, fault: told };
}
