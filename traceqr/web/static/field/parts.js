// A part of a trust bundle: product, enterprise and batches, and the labels' bits. docs/bundle-format.md, section 3.
import { readCanonical } from "./canonical.js";
import { inflate } from "./inflating.js";
import { BundleRefused } from "./refusals.js";
import {
  byText,
  isAscending,
  isCount,
  isDay,
  isInstant,
  isLike,
  isListOf,
  isNullOr,
  isObject,
  isOneOf,
  isPlain,
  isText,
  isTextOrNull,
  isTuple,
} from "./shape.js";

const MOST_DESCRIPTION = 16 << 20;
const MOST_BATCHES = 64;
const MOST_COUNT = 100_000_000;
const MOST_KEPT = 4;
const LIVES = ["issued", "active", "void"];

const isPlace = isCount(0, MOST_COUNT - 1);
const isBlob = isTuple(isCount(0), isCount(1));
const isProduct = isObject({
  gtin: isLike(/^[0-9]{14}$/),
  name_zh: isText,
  name_en: isText,
  brand: isText,
  specification: isText,
  standard: isText,
});
const isEnterprise = isObject({
  uscc: isText,
  name_zh: isText,
  name_en: isText,
  region: isText,
  service_phone: isText,
});
const isPledge = isObject({
  number: isCount(1, 2 ** 32 - 1),
  state: isOneOf("published", "withdrawn", "breached"),
  campaign_zh: isText,
  campaign_en: isText,
  year: isCount(0, 9999),
  valid_from: isInstant,
  valid_to: isInstant,
});
const isMark = isObject({
  licence: isText,
  name_zh: isText,
  name_en: isText,
  state: isOneOf("granted", "suspended", "withdrawn"),
  valid_from: isInstant,
  valid_to: isInstant,
  reason: isTextOrNull,
});
const isBatch = isObject({
  number: isCount(1, 99_999_999),
  count: isCount(1, MOST_COUNT),
  key: isCount(1, 65_535),
  pledge: isCount(0, 2 ** 32 - 1),
  marks: (value) => isListOf(isText)(value) && isAscending(value, byText),
  lot: isTextOrNull,
  produced: isNullOr(isDay),
  expires: isNullOr(isDay),
  origin: isText,
  life: isPlain,
  holds: isListOf(isTuple(isPlace, isPlace)),
  recalls: isListOf(isTuple(isPlace, isPlace, isText)),
  sighted: (value) => value === null || Array.isArray(value) || isObject({ bits1: isBlob })(value),
});
const isDescription = isObject({
  product: isProduct,
  enterprise: isEnterprise,
  pledges: isListOf(isPledge),
  marks: isListOf(isMark),
  batches: isListOf(isBatch, MOST_BATCHES),
});

/** A part that was taken. Bits are inflated and looked through when a label asks for them; those of a few batches are kept. */
export class Part {
  #blobs = new Map();
  #octets;
  #batches;

  /** @private */
  constructor(digest, description, octets) {
    this.digest = digest;
    this.product = description.product;
    this.enterprise = description.enterprise;
    this.pledges = new Map(description.pledges.map((pledge) => [pledge.number, pledge]));
    this.marks = new Map(description.marks.map((mark) => [mark.licence, mark]));
    this.batches = description.batches;
    this.#batches = new Map(description.batches.map((batch) => [batch.number, batch]));
    this.#octets = octets;
  }

  /** What is said of a batch, or undefined. */
  batch(number) {
    return this.#batches.get(number);
  }

  /**
   * The life of a label: `issued`, `active` or `void`.
   * @throws {BundleRefused} `part-malformed`
   */
  async lifeOf(batch, index) {
    if (batch.life.runs) return LIVES[batch.life.runs.find(([last]) => index <= last)[1]];
    const bits = await this.#lives(batch);
    return LIVES[(bits[index >> 2] >> (2 * (index & 3))) & 3];
  }

  /**
   * Whether a label was sighted before the cut-off of its key.
   * @throws {BundleRefused} `part-malformed`
   */
  async wasSighted(batch, index) {
    if (batch.sighted === null) return false;
    if (Array.isArray(batch.sighted)) return liesIn(batch.sighted, index);
    const bits = await this.#sighted(batch);
    return ((bits[index >> 3] >> (index & 7)) & 1) === 1;
  }

  /**
   * Look through all bits of a batch: whether they have the length that the count allows, and say nothing that has no meaning.
   * @throws {BundleRefused} `part-malformed`
   */
  async examine(batch) {
    if (batch.life.bits) await this.#lives(batch);
    if (batch.sighted?.bits1) await this.#sighted(batch);
  }

  #lives({ life, count }) {
    return this.#bits(life.bits, octetsOfLives(count), (bits) => refuseOddLives(bits, count));
  }

  #sighted({ sighted, count }) {
    return this.#bits(sighted.bits1, octetsOfMarks(count), (bits) => refuseOddMarks(bits, count));
  }

  /** Bits that were looked through. No others are kept, and none are told of. */
  async #bits(blob, length, refuseOdd) {
    const name = blob.join();
    const known = this.#blobs.get(name) ?? (await this.#inflate(blob, length));
    if (!this.#blobs.delete(name)) refuseOdd(known);
    this.#blobs.set(name, known);
    if (this.#blobs.size > MOST_KEPT) this.#blobs.delete(this.#blobs.keys().next().value);
    return known;
  }

  async #inflate([offset, length], expected) {
    const bits = await inflate(this.#octets.subarray(offset, offset + length), expected).catch((error) =>
      malformed(error.message),
    );
    return bits.length === expected ? bits : malformed(`expected ${expected} octets of bits, got ${bits.length}`);
  }
}

/**
 * Take a part.
 * @param {import("./manifest.js").Manifest} manifest that names it
 * @param {string} digest
 * @param {Uint8Array} octets
 * @param {{lookThrough?: boolean}} [options] false puts off looking through the bits of its batches until labels ask for them
 * @returns {Promise<Part>}
 * @throws {BundleRefused} `part-altered` or `part-malformed`
 */
export async function takePart(manifest, digest, octets, { lookThrough = true } = {}) {
  const entry = manifest.entry(digest);
  if (!entry || octets.length !== entry.bytes || (await sha256(octets)) !== digest)
    throw new BundleRefused("part-altered", `expected the part ${digest}`);
  const { description, blobs } = await readDescription(octets);
  refuseOdd(description, entry, manifest, blobs.length);
  const part = new Part(digest, description, blobs);
  if (lookThrough) for (const batch of part.batches) await part.examine(batch);
  return part;
}

async function readDescription(octets) {
  try {
    const length = new DataView(octets.buffer, octets.byteOffset).getUint32(0);
    if (4 + length > octets.length) throw new RangeError("expected a description inside the part");
    const description = readCanonical(await inflate(octets.subarray(4, 4 + length), MOST_DESCRIPTION));
    return { description, blobs: octets.subarray(4 + length) };
  } catch (error) {
    return malformed(error.message);
  }
}

function refuseOdd(description, entry, manifest, room) {
  if (!isDescription(description)) malformed("expected exactly the members of a description, each of its kind");
  const { product, enterprise, batches } = description;
  const numbers = batches.map((batch) => batch.number);
  if (product.gtin !== entry.gtin || enterprise.uscc !== entry.enterprise || enterprise.region !== entry.region)
    malformed("expected product and enterprise as in the manifest");
  if (numbers.join() !== entry.batches.join()) malformed("expected the batches that the manifest names");
  refuseOddNames(description);
  for (const batch of batches) refuseOddBatch(batch, manifest);
  const end = blobsOf(batches).reduce((at, [offset, length]) => (offset === at ? at + length : NaN), 0);
  if (end !== room) malformed("expected blobs one behind the other, and nothing behind the last");
}

/** Pledges and marks are in order, in force for some time, and those that the batches name are there. */
function refuseOddNames({ pledges, marks, batches }) {
  const lasts = ({ valid_from: from, valid_to: to }) => from < to;
  const inOrder =
    isAscending(pledges, (one, other) => one.number - other.number) &&
    isAscending(marks, (one, other) => byText(one.licence, other.licence));
  const numbers = new Set([0, ...pledges.map((pledge) => pledge.number)]);
  const licences = new Set(marks.map((mark) => mark.licence));
  const isKnown = (batch) => numbers.has(batch.pledge) && batch.marks.every((licence) => licences.has(licence));
  if (!inOrder || ![...pledges, ...marks].every(lasts) || !batches.every(isKnown))
    malformed("expected pledges and marks in order, those of the batches among them");
}

function blobsOf(batches) {
  return batches.flatMap(({ life, sighted }) => [life.bits, sighted?.bits1]).filter(Boolean);
}

function refuseOddBatch({ count, life, holds, recalls, sighted }, manifest) {
  const runs = isObject({ runs: isListOf(isTuple(isPlace, isOneOf(0, 1, 2))) })(life);
  if (!(runs ? areRuns(life.runs, count) : isObject({ bits: isBlob })(life))) malformed("expected runs or bits of lives");
  if (!areRanges(holds, count)) malformed("expected disjoint ranges of holds");
  if (!areRecalls(recalls, count, manifest.recalls)) malformed("expected ranges of recalls that the manifest has");
  if (Array.isArray(sighted) && !(isListOf(isTuple(isPlace, isPlace))(sighted) && areRanges(sighted, count)))
    malformed("expected disjoint ranges of sighted labels");
}

function areRuns(runs, count) {
  return (
    runs.length > 0 &&
    runs.at(-1)[0] === count - 1 &&
    runs.every(([last, life], at) => at === 0 || (last > runs[at - 1][0] && life !== runs[at - 1][1]))
  );
}

function areRanges(ranges, count) {
  return ranges.every(
    ([first, last], at) => first <= last && last < count && (at === 0 || first > ranges[at - 1][1] + 1),
  );
}

function areRecalls(recalls, count, known) {
  const inOrder = (one, other) => one[0] - other[0] || one[1] - other[1] || byText(one[2], other[2]);
  return (
    isAscending(recalls, inOrder) &&
    recalls.every(([first, last, id]) => first <= last && last < count && known.has(id))
  );
}

/** Whether an index lies in one of some ranges `[first, last, ...]`. */
export function liesIn(ranges, index) {
  return ranges.some(([first, last]) => first <= index && index <= last);
}

const octetsOfLives = (count) => Math.ceil(count / 4);
const octetsOfMarks = (count) => Math.ceil(count / 8);

function refuseOddLives(bits, count) {
  // Both bits of a pair are set where the lower one is, and the upper one when it has been moved down to it.
  let both = 0;
  for (let at = 0; at < bits.length; at += 1) both |= bits[at] & (bits[at] >> 1) & 0x55;
  if (both) malformed("expected lives below 3");
  if (count % 4 && bits.at(-1) >> (2 * (count % 4))) malformed("expected unused bits to be 0");
}

function refuseOddMarks(bits, count) {
  if (count % 8 && bits.at(-1) >> (count % 8)) malformed("expected unused bits to be 0");
}

async function sha256(octets) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
  return Array.from(digest, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

function malformed(message) {
  throw new BundleRefused("part-malformed", message);
}
