// Keeps the trust bundle that labels are judged by without network: fetches it, takes it by its rules, remembers its parts.

import { BundleRefused, Holder, Manifest, takeManifest, takePart } from "../field/bundle.js";
import { Keyring } from "../field/keyring.js";
import { Refused } from "./api.js";
import { DATA, PLAIN } from "./store.js";

const GROUP = 32; // parts of one answer
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
    this.manifest = manifest;
    const held = new Set(await this.#store.keys(DATA, "part/"));
    this.lacking = manifest?.parts.filter(({ digest }) => !held.has(partKey(digest))).length ?? 0;
    this.holder = this.#holder(manifest);
  }

  #holder(manifest) {
    const parts = async (digest) => (await this.#store.get(DATA, partKey(digest))) ?? null;
    return new Holder({ manifest, parts, clock: this.#clock.holders });
  }

  /** Fetch what is newer: the manifest first, then parts that are lacking. Says whether anything changed; throws what the interface throws, and `BundleRefused`. */
  async update(scope, onProgress = () => {}) {
    const kept = await this.#store.get(DATA, manifestKey(scope));
    const newer = this.manifest !== null && Boolean(kept) && kept.tag !== this.#tag;
    if (newer) await this.load(scope); // another window has taken it
    const answer = await this.#api.manifest(scope, this.manifest?.scope === scope ? kept?.tag : null);
    if (answer) await this.#take(scope, answer);
    const lacking = await this.#lackingParts();
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
    return this.manifest.parts.filter(({ digest }) => !held.has(partKey(digest)));
  }

  /** Each group is kept as it comes, so that what was fetched before the network went is not fetched again. */
  async #fetchParts(parts, onProgress) {
    for (let at = 0; at < parts.length; at += GROUP) {
      const group = parts.slice(at, at + GROUP);
      const contents = split(await this.#api.parts(group.map(({ digest }) => digest)), group.length);
      for (const [index, { digest }] of group.entries()) await takePart(this.manifest, digest, contents[index]);
      await this.#store.write(...group.map(({ digest }, index) => [DATA, partKey(digest), contents[index]]));
      onProgress(Math.min(parts.length, at + GROUP), parts.length);
    }
    await this.#hold(this.manifest);
  }

  /** Forget parts that the manifest no longer names, and manifests of other scopes. */
  async #prune() {
    const named = new Set(this.manifest.parts.map(({ digest }) => partKey(digest)));
    const parts = (await this.#store.keys(DATA, "part/")).filter((key) => !named.has(key));
    const others = (await this.#store.keys(DATA, "manifest/")).filter((key) => key !== manifestKey(this.manifest.scope));
    if (parts.length + others.length) await this.#store.write(...[...parts, ...others].map((key) => [DATA, key, null]));
  }
}

/** Parts out of one answer, each behind its length. */
export function split(answer, count) {
  const found = [], view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  let at = 0;
  while (at + 4 <= answer.length && found.length < count) {
    const length = view.getUint32(at);
    found.push(answer.subarray(at + 4, at + 4 + length).slice());
    at += 4 + length;
  }
  if (at !== answer.length || found.length !== count) throw new Refused(502, { code: "parts-malformed" });
  return found;
}
