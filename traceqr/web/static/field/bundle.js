// Judging with no network, by a trust bundle. docs/bundle-format.md, sections 5 and 6.
import { Clock } from "./clock.js";
import { judge } from "./judging.js";
import { Manifest, takeManifest } from "./manifest.js";
import { liesIn, Part, takePart } from "./parts.js";
import { BundleRefused, Undecided } from "./refusals.js";

export { BundleRefused, Clock, Manifest, Part, takeManifest, takePart };

/** Parts kept in memory: an inspector's labels are mostly of a few enterprises. */
const MOST_PARTS = 4;

/** Who keeps a bundle and judges by it. */
export class Holder {
  #manifest;
  #fetch;
  #clock;
  #parts = new Map();
  #refused = new Set();
  #onRefused;

  /**
   * @param {object} what
   * @param {Manifest|null} what.manifest null without a bundle
   * @param {(digest: string) => Promise<Uint8Array|null>} what.parts the octets of a part that was taken, null if it is not
   *   held
   * @param {(digest: string, error: BundleRefused) => void} [what.onRefused] told of a part that proved bad when it was opened
   * @param {Clock|(() => number)} [what.clock]
   */
  constructor({ manifest, parts, onRefused = () => {}, clock = new Clock() }) {
    this.#manifest = manifest;
    this.#fetch = parts;
    this.#onRefused = onRefused;
    this.#clock = typeof clock === "function" ? new Clock({ now: clock }) : clock;
    if (manifest) this.#clock.learn(manifest.madeMs);
  }

  /** Judge a label's text by the bundle. History is never known. */
  judge(text) {
    return judge(text, { holder: this });
  }

  /** Milliseconds since the bundle was made, or null without one. */
  age() {
    return this.#manifest && this.#clock.nowMs() - this.#manifest.madeMs;
  }

  /** Why nothing that needs time can be decided: `clock-back`, `data-expired`, or null. */
  untimely() {
    if (this.#clock.isSetBack()) return "clock-back";
    return this.#clock.nowMs() < this.#manifest.expiresMs ? null : "data-expired";
  }

  get manifest() {
    return this.#manifest;
  }

  /** What `judge` goes by. */
  evidence() {
    return {
      keyring: this.#manifest?.keyring ?? null,
      officialHosts: this.#manifest?.hosts ?? [],
      factsOf: (label) => this.#factsOf(label),
      atMs: this.#clock.nowMs(),
      holder: this,
    };
  }

  async #factsOf({ serial: { batch: number, index } }) {
    if (number >= this.#manifest.nextBatch) throw new Undecided("data-without-batch");
    const entry = this.#manifest.entryOf(number);
    if (!entry && this.#manifest.scope === "all") return null;
    if (!entry) throw new Undecided("data-not-held");
    try {
      const part = await this.#part(entry.digest);
      return await this.#told(part, part.batch(number), index);
    } catch (error) {
      if (!(error instanceof BundleRefused)) throw error;
      // Octets of another digest may be replaced by good ones; those of this digest stay what they are.
      if (error.reason === "part-malformed") this.#refused.add(entry.digest);
      this.#parts.delete(entry.digest);
      this.#onRefused(entry.digest, error);
      throw new Undecided("data-not-held", error.message);
    }
  }

  async #told(part, batch, index) {
    // Before anything of a batch is told. Where its bits are bad, nobody knows what else is.
    await part.examine(batch);
    const facts = { gtin: part.product.gtin, pledge: batch.pledge, key: batch.key, count: batch.count, history: null };
    const about = { batch, ...aboutOf(part, batch) };
    // Past the end there is no state to look up, and none is asked for: step 5 ends the matter.
    const state = index < batch.count ? await this.#stateOf(part, batch, index) : { state: null };
    return { ...facts, ...about, ...state };
  }

  async #stateOf(part, batch, index) {
    const recalls = batch.recalls.filter((range) => liesIn([range], index)).map(([, , id]) => id);
    const life = await part.lifeOf(batch, index);
    return {
      state: { life, held: liesIn(batch.holds, index), recalled: recalls.length > 0 },
      sightedBefore: await part.wasSighted(batch, index),
      recalls: [...new Set(recalls)].map((id) => this.#manifest.recalls.get(id)),
    };
  }

  /** A part that is held, opened once; its bits wait until a label asks for them. */
  async #part(digest) {
    const known = this.#parts.get(digest);
    if (known) return known;
    const octets = this.#refused.has(digest) ? null : await this.#fetch(digest);
    if (!octets) throw new Undecided("data-not-held");
    const part = await takePart(this.#manifest, digest, octets, { lookThrough: false });
    if (this.#parts.size >= MOST_PARTS) this.#parts.delete(this.#parts.keys().next().value);
    this.#parts.set(digest, part);
    return part;
  }
}

/** What people are told of a label beside its state. */
function aboutOf(part, batch) {
  return {
    product: part.product,
    enterprise: part.enterprise,
    pledgeOf: part.pledges.get(batch.pledge) ?? null,
    marks: batch.marks.map((licence) => part.marks.get(licence)).filter(Boolean),
  };
}
