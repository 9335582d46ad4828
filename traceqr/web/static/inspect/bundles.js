// Keeps the trust bundle that labels are judged by without network: fetches it, takes it by its rules, remembers its parts.
// The digest of a part is checked as soon as it is there, while others are still on their way; its bits wait until a label
// asks for them.

import { BundleRefused, Holder, Manifest, takeManifest, takePart } from "../field/bundle.js";
import { Keyring } from "../field/keyring.js";
import { framed } from "./arriving.js";
import { DATA, PLAIN, Writer } from "./store.js";

const GROUP = 32; // parts of one answer
const LANES = 2; // answers at a time: while the server thinks of one, the other comes
const TRUSTED = "trusted-keys";
const VERSIONS = "bundle-versions"; // the greatest of each scope that was ever taken: manifests of other scopes are forgotten

const manifestKey = (scope) => `manifest/${scope}`;
const partKey = (digest) => `part/${digest}`;

export class Bundles {
  #store;
  #api;
  #clock;
  #tag = null;

  constructor({ store, api, clock }) {
    this.#store = store;
    this.#api = api;
    this.#clock = clock;
    this.manifest = null;
    this.holder = this.#holder(null);
    this.lacking = 0;
    this.fault = null;
    /** Parts that are written wrongly: what has the same digest is no better, and is not fetched again for this manifest. */
    this.refused = new Set();
  }

  /** Why data was not taken when it was last fetched, or what has proved bad since. Null if nothing is wrong. */
  get wrong() {
    return this.fault ?? (this.refused.size ? "part-malformed" : null);
  }

  /** Trust the keys that the site publishes now. Done once, when the device is set up. */
  async trust() {
    const { keys } = await this.#api.keys();
    await this.#store.write([PLAIN, TRUSTED, keys]);
  }

  /** What was kept when the app last ran. It was taken in its time; that it may have expired since is the holder's to say. */
  async load(scope) {
    const kept = await this.#store.get(DATA, manifestKey(scope));
    this.#tag = kept?.tag ?? null;
    await this.#hold(kept ? Manifest.kept(kept.bytes) : null);
  }

  async #trusted() {
    return Keyring.of((await this.#store.get(PLAIN, TRUSTED)) ?? []);
  }

  async #hold(manifest) {
    if (manifest?.scope !== this.manifest?.scope || manifest?.version !== this.manifest?.version) this.refused.clear();
    this.manifest = manifest;
    this.lacking = (await this.#lackingParts()).length;
    this.holder = this.#holder(manifest);
  }

  #holder(manifest) {
    const parts = async (digest) => (this.refused.has(digest) ? null : ((await this.#store.get(DATA, partKey(digest))) ?? null));
    return new Holder({ manifest, parts, onRefused: (digest, error) => this.#provedBad(digest, error), clock: this.#clock.holders });
  }

  /** What was altered on the phone can be had again; what is written wrongly cannot. */
  async #provedBad(digest, { reason }) {
    if (reason === "part-malformed") this.refused.add(digest);
    else await this.#store.write([DATA, partKey(digest), null]).catch(() => {});
    this.lacking = (await this.#lackingParts()).length;
  }

  /** Fetch what is newer: the manifest first, then parts that are lacking. Says whether anything changed; throws what the interface throws, and `BundleRefused`. */
  async update(scope, onProgress = () => {}) {
    const kept = await this.#store.get(DATA, manifestKey(scope));
    const newer = this.manifest !== null && Boolean(kept) && kept.tag !== this.#tag;
    if (newer) await this.load(scope); // another window has taken it
    const answer = await this.#api.manifest(scope, this.manifest?.scope === scope ? kept?.tag : null);
    if (answer) await this.#take(scope, answer);
    const lacking = (await this.#lackingParts()).filter(({ digest }) => !this.refused.has(digest));
    if (lacking.length) await this.#fetchParts(lacking, onProgress);
    if (answer) await this.#prune();
    return newer || answer !== null || lacking.length > 0;
  }

  async #take(scope, { bytes, tag }) {
    const manifest = await takeManifest(bytes, { trusted: await this.#trusted(), scope, held: this.manifest, atMs: this.#clock.now() });
    const versions = (await this.#store.get(PLAIN, VERSIONS)) ?? {}, known = versions[scope] ?? 0;
    if (manifest.version < known) throw new BundleRefused("bundle-older", `expected a version from ${known} on, got ${manifest.version}`);
    await this.#store.write(
      [DATA, manifestKey(scope), { bytes, tag, taken: this.#clock.now() }],
      [PLAIN, TRUSTED, manifest.content.keys],
      [PLAIN, VERSIONS, { ...versions, [scope]: manifest.version }],
    );
    this.#tag = tag;
    await this.#hold(manifest);
  }

  async #lackingParts() {
    const held = new Set(await this.#store.keys(DATA, "part/"));
    const isLacking = ({ digest }) => !held.has(partKey(digest)) || this.refused.has(digest);
    return this.manifest?.parts.filter(isLacking) ?? [];
  }

  /** Each part is kept as it comes, so that what was fetched before the network went is not fetched again. */
  async #fetchParts(parts, onProgress) {
    const { manifest } = this, groups = grouped(parts), writer = new Writer(this.#store), faults = [];
    let done = 0;
    const arrived = async (digest, octets) => {
      if (await this.#isGood(manifest, digest, octets, faults)) writer.write([DATA, partKey(digest), octets]);
      onProgress((done += 1), parts.length);
      return !writer.fault;
    };
    // Who cannot go on leaves nothing to the other but what is on its way to it.
    const stopped = (error) => (faults.unshift(error), groups.splice(0));
    await Promise.all(Array.from({ length: LANES }, () => this.#fetchGroups(groups, arrived).catch(stopped)));
    await writer.settled().catch(stopped);
    this.lacking = (await this.#lackingParts()).length;
    if (faults.length) throw faults[0];
  }

  /** One answer after the other, until there is none left or `arrived` wants no more. */
  async #fetchGroups(groups, arrived) {
    for (let group = groups.shift(); group; group = groups.shift()) {
      const answer = this.#api.parts(group.map(({ digest }) => digest));
      for await (const [digest, octets] of framed(answer, group)) if (!(await arrived(digest, octets))) return;
    }
  }

  /** Whether a part is good as far as one sees without its bits. One that is not keeps none of the others away. */
  async #isGood(manifest, digest, octets, faults) {
    try {
      await takePart(manifest, digest, octets, { lookThrough: false });
      return true;
    } catch (error) {
      if (!(error instanceof BundleRefused)) throw error;
      if (error.reason === "part-malformed") this.refused.add(digest);
      faults.push(error);
      return false;
    }
  }

  /** Forget parts that the manifest no longer names, and manifests of other scopes. */
  async #prune() {
    const named = new Set(this.manifest.parts.map(({ digest }) => partKey(digest)));
    const parts = (await this.#store.keys(DATA, "part/")).filter((key) => !named.has(key));
    const others = (await this.#store.keys(DATA, "manifest/")).filter((key) => key !== manifestKey(this.manifest.scope));
    if (parts.length + others.length) await this.#store.write(...[...parts, ...others].map((key) => [DATA, key, null]));
  }
}

const grouped = (parts) => Array.from({ length: Math.ceil(parts.length / GROUP) }, (_, at) => parts.slice(at * GROUP, (at + 1) * GROUP));
