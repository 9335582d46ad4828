// The signed manifest of a trust bundle: reading and taking it. docs/bundle-format.md, sections 2 and 4.
import { readCanonical } from "./canonical.js";
import { Keyring } from "./keyring.js";
import { BundleRefused, KeyRefused } from "./refusals.js";
import { signatureHolds } from "./seal.js";
import {
  byText,
  isAscending,
  isCount,
  isInstant,
  isLike,
  isListOf,
  isNullOr,
  isObject,
  isObjectWithin,
  isOneOf,
  isText,
  isTuple,
  isWhole,
} from "./shape.js";

const MAGIC = [0x54, 0x51, 0x42, 0x31];
const HEAD = MAGIC.length + 2 + 64;
const MOST_OCTETS = 8 << 20;
const DOMAIN = new TextEncoder().encode("traceqr.bundle.v1\0");
const MOST_BATCHES = 64;
const MOST_BATCH = 99_999_999;

const isSpoken = isObject({ zh: isText, en: isText });
const isWording = isObject({ hazard: isText, advice: isText, contact: isText });
const isRecall = isObject({
  id: isLike(/^[0-9a-z-]{1,64}$/),
  gtin: isLike(/^[0-9]{14}$/),
  since: isInstant,
  grade: isNullOr(isCount(1, 3)),
  ordered: isNullOr(isSpoken),
  words: isObjectWithin({ "zh-Hans": isWording, "zh-Hant": isWording, en: isWording }),
});
const isEntry = isObject({
  digest: isLike(/^[0-9a-f]{64}$/),
  bytes: isCount(1),
  gtin: isLike(/^[0-9]{14}$/),
  enterprise: isLike(/^[0-9A-Z]{18}$/),
  region: isLike(/^[0-9]{6}$/),
  batches: (value) => isListOf(isCount(1, MOST_BATCH), MOST_BATCHES)(value) && value.length > 0 && isAscending(value),
});
const isWindow = isTuple(isWhole, isWhole);
/** What a record says may be refused on loading, by its number alone. Its form may not. */
const isRecord = isObject({
  kty: isText,
  crv: isText,
  x: isText,
  kid: isLike(/^(?:0|[1-9][0-9]{0,4})$/),
  use: isText,
  alg: isText,
  traceqr_role: isText,
  traceqr_status: isText,
  traceqr_signing_ms: isWindow,
  traceqr_verifying_ms: isWindow,
  traceqr_compromised_ms: isNullOr(isWhole),
});
const isManifest = isObject({
  format: isOneOf("traceqr.bundle.v1"),
  scope: isLike(/^(?:public|all|region:(?!00)[0-9]{2}0000)$/),
  version: isCount(1),
  position: isCount(0),
  made: isInstant,
  expires: isInstant,
  hosts: (value) => isListOf(isLike(/^[a-z0-9.-]{1,253}(?::[0-9]{1,5})?$/))(value) && isAscending(value, byText),
  keys: (value) => isListOf(isRecord)(value) && isAscending(value, (one, other) => one.kid - other.kid),
  next_batch: isCount(1, MOST_BATCH + 1),
  recalls: (value) => isListOf(isRecall)(value) && isAscending(value, (one, other) => byText(one.id, other.id)),
  parts: (value) => isListOf(isEntry)(value) && isAscending(value, byPlace),
});

/** A manifest that was taken. Made by `takeManifest` alone, or by `Manifest.kept` from what it made. */
export class Manifest {
  #places = null;
  #entries = null;

  /** @private */
  constructor(octets, content) {
    this.octets = octets;
    this.content = content;
    this.scope = content.scope;
    this.version = content.version;
    this.position = content.position;
    this.madeMs = Date.parse(content.made);
    this.expiresMs = Date.parse(content.expires);
    this.hosts = content.hosts;
    this.nextBatch = content.next_batch;
    this.parts = content.parts;
    this.keyring = Keyring.of(content.keys);
    this.recalls = new Map(content.recalls.map((recall) => [recall.id, recall]));
  }

  /** A manifest that was taken before and kept by this device as its file: form alone is looked at. */
  static kept(octets) {
    return new Manifest(octets, readForm(octets).content);
  }

  /** The entry of the part that holds a batch, or undefined. */
  entryOf(batch) {
    this.#places ??= new Map(this.parts.flatMap((entry) => entry.batches.map((number) => [number, entry])));
    return this.#places.get(batch);
  }

  /** The entry of a part, or undefined. */
  entry(digest) {
    this.#entries ??= new Map(this.parts.map((entry) => [entry.digest, entry]));
    return this.#entries.get(digest);
  }
}

/**
 * Take a manifest, or refuse it and keep what was held.
 * @param {Uint8Array} octets the file
 * @param {object} against
 * @param {Keyring} against.trusted keys that were published when the device was set up
 * @param {string} against.scope the one that was asked for
 * @param {Manifest|null} [against.held] of the same scope; its record of a key goes before that of `trusted`
 * @param {number} against.atMs the holder's present instant
 * @returns {Promise<Manifest>}
 * @throws {BundleRefused}
 */
export async function takeManifest(octets, { trusted, scope, held = null, atMs }) {
  // 1. form
  const { content, keyNumber, signature, signed } = readForm(octets);
  // 2. key
  const key = trustedKey(keyNumber, trusted, held);
  // 3. signature
  if (!(await signatureHolds(key, signature, signed)))
    throw new BundleRefused("bundle-seal-broken", "expected a signature of the bundle key over this manifest");
  // 4. window
  const madeMs = Date.parse(content.made);
  if (madeMs < key.signing.fromMs || madeMs >= key.signing.toMs)
    throw new BundleRefused("bundle-key-window", "expected an instant inside the key's signing window");
  // 5. scope
  if (content.scope !== scope) throw new BundleRefused("bundle-scope", `expected ${scope}, got ${content.scope}`);
  // 6. version
  if (held && held.scope === scope) refuseOlder(octets, content, held);
  // 7. expiry
  if (Date.parse(content.expires) <= atMs)
    throw new BundleRefused("bundle-expired", `expected a bundle that is still good, got one up to ${content.expires}`);
  return new Manifest(octets, content);
}

function readForm(octets) {
  try {
    if (octets.length < HEAD || octets.length > HEAD + MOST_OCTETS) throw new RangeError("expected another length");
    if (!MAGIC.every((octet, at) => octets[at] === octet)) throw new RangeError("expected TQB1");
    const content = readCanonical(octets.subarray(HEAD));
    if (!isManifest(content) || !agreesWithItself(content))
      throw new TypeError("expected exactly the members of a manifest, each of its kind");
    return { content, keyNumber: octets[4] * 256 + octets[5], signature: octets.slice(6, HEAD), signed: signedBy(octets) };
  } catch (error) {
    throw new BundleRefused("bundle-malformed", error.message);
  }
}

/** What the signature is over: the domain, the key's number, and the manifest. */
function signedBy(octets) {
  const signed = new Uint8Array(DOMAIN.length + 2 + octets.length - HEAD);
  signed.set(DOMAIN);
  signed.set(octets.subarray(4, 6), DOMAIN.length);
  signed.set(octets.subarray(HEAD), DOMAIN.length + 2);
  return signed;
}

function trustedKey(number, trusted, held) {
  const key = find(held?.keyring, number) ?? find(trusted, number);
  if (key?.role !== "bundle" || !["active", "retired"].includes(key.status))
    throw new BundleRefused("bundle-key-unknown", `expected a bundle key that is trusted, got number ${number}`);
  return key;
}

function find(keyring, number) {
  try {
    return keyring?.find(number);
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
    throw new BundleRefused("bundle-key-unknown", error.message);
  }
}

function refuseOlder(octets, content, held) {
  const same = octets.length === held.octets.length && octets.every((octet, at) => octet === held.octets[at]);
  if (content.version > held.version || (content.version === held.version && same)) return;
  throw new BundleRefused("bundle-older", `expected a version above ${held.version}, got ${content.version}`);
}

function byPlace(one, other) {
  return one.batches[0] - other.batches[0] || byText(one.digest, other.digest);
}

function agreesWithItself({ scope, made, expires, next_batch: next, parts }) {
  const batches = parts.flatMap((entry) => entry.batches);
  const isOfScope = ({ region }) => scope === "all" || scope === `region:${region.slice(0, 2)}0000`;
  return (
    made < expires &&
    batches.every((batch) => batch < next) &&
    new Set(batches).size === batches.length &&
    parts.every(isOfScope)
  );
}
