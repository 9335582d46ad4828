// Parts of a bundle on their way: taken out of an answer as its octets come, so that one is looked at while the next is fetched.

import { BundleRefused } from "../field/refusals.js";
import { Refused } from "./api.js";

const LENGTH = 4;

/**
 * Parts out of one answer, each behind its length, in the order that they were asked for. Nothing is known of their octets yet.
 * @param {AsyncIterable<Uint8Array>} chunks the answer
 * @param {{digest: string, bytes: number}[]} entries what was asked for, as the manifest names it
 * @returns {AsyncIterable<[string, Uint8Array]>} digest asked for, and octets that came
 */
export async function* framed(chunks, entries) {
  const coming = new Coming(chunks);
  try {
    for (const { digest, bytes } of entries) {
      const length = new DataView((await coming.take(LENGTH)).buffer).getUint32(0);
      // Said before room is made for it: what the manifest does not name is not waited for.
      if (length !== bytes) throw new BundleRefused("part-altered", `expected ${bytes} octets of the part ${digest}, got ${length}`);
      yield [digest, await coming.take(bytes)];
    }
    if (await coming.isMore()) throw malformed();
  } finally {
    await coming.leave();
  }
}

/** Octets that come in chunks of any size. */
class Coming {
  #chunks;
  #chunk = new Uint8Array();

  constructor(chunks) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(length) {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (!(await this.isMore())) throw malformed();
      const some = this.#chunk.subarray(0, length - at);
      taken.set(some, at);
      this.#chunk = this.#chunk.subarray(some.length);
      at += some.length;
    }
    return taken;
  }

  async isMore() {
    while (!this.#chunk.length) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#chunk = value;
    }
    return true;
  }

  async leave() {
    await this.#chunks.return?.();
  }
}

const malformed = () => new Refused(502, { code: "parts-malformed" });
