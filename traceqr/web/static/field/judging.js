// From a label's text to a verdict in nine numbered steps. docs/label-format.md, section 7, and for what is judged by a
// bundle docs/bundle-format.md, section 6.
import { InvalidLabel, parseLabel } from "./label.js";
import { KeyRefused, Undecided } from "./refusals.js";
import { sealHolds } from "./seal.js";

export { Undecided };

const STEP_NAMES = ["", "text", "key", "seal", "window", "batch", "state", "trust", "activation", "history"];

/** Reasons by the heaviest sign; any other is that many devices, in many places, look at one code. */
const SIGN_REASONS = new Map([
  ["before-sale", "seen-before-sale"],
  ["after-purchase", "seen-after-purchase"],
]);

/**
 * @typedef {object} Facts what is known of one serial
 * @property {string} gtin  @property {number} pledge  @property {number} key  @property {number} count of its batch
 * @property {{life: "issued"|"active"|"void", held: boolean, recalled: boolean}} state
 * @property {History|null} history null where it may not be told or is not known
 * @property {boolean} [sightedBefore] whether a bundle lists the label among those sighted before the cut-off of its key
 *
 * @typedef {object} History
 * @property {number|null} firstSeenMs  @property {number} timesSeen  @property {number} otherDevices
 * @property {boolean} ownBefore  @property {string[]} signs  @property {boolean} confirmedHere
 *
 * @typedef {object} Verdict
 * @property {number} step that decided  @property {string} stepName  @property {string} verdict  @property {string} reason
 * @property {object|null} label as `parseLabel` gives it  @property {Facts|null} facts
 */

/**
 * All nine steps. Never throws for a bad text.
 * @param {string} text raw
 * @param {object} evidence
 * @param {import("./keyring.js").Keyring} evidence.keyring
 * @param {(label: object) => Promise<Facts|null>|Facts|null} evidence.factsOf asked only for a label whose seal holds; null
 *   says that there is no such batch; throws `Undecided` where it cannot tell
 * @param {string[]} evidence.officialHosts in lower case
 * @param {number} evidence.atMs the present instant
 * @param {object} [evidence.holder] who judges by a bundle; what it brings stands in the place of all others
 * @returns {Promise<Verdict>}
 */
export async function judge(text, evidence) {
  const { keyring, factsOf, officialHosts, atMs, holder } = evidence.holder?.evidence() ?? evidence;
  // 1. text
  let label;
  try {
    label = parseLabel(text);
  } catch (error) {
    if (!(error instanceof InvalidLabel)) throw error;
    return verdict(1, "forged", error.reason);
  }
  // 2. key
  const found = findKey(label, keyring, holder);
  if (found.step) return found;
  // 3. seal
  if (!(await sealHolds(label, found))) return verdict(3, "forged", "seal-broken", label);
  // 4. window
  const outside = holder?.untimely() ?? outsideOf(found.verifying, atMs);
  if (outside) return verdict(4, "unchecked", outside, label);
  // 5. batch
  let facts;
  try {
    facts = await factsOf(label);
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return verdict(5, "unchecked", error.reason, label);
  }
  return decide(label, found, facts, officialHosts);
}

/** Steps 5 to 9, on what is known of the label. */
function decide(label, key, facts, officialHosts) {
  const mismatch = facts === null ? "batch-unknown" : mismatchOf(label, facts);
  // Of a label past the end the batch is told, so that people see by how much; any other mismatch is of another batch.
  if (mismatch) return verdict(5, "forged", mismatch, label, mismatch === "index-past-count" ? facts : null);
  // 6. state
  const { life, held, recalled } = facts.state;
  if (life === "void") return verdict(6, "void", "voided", label, facts);
  if (recalled) return verdict(6, "recalled", "under-recall", label, facts);
  if (held) return verdict(6, "held", "on-hold", label, facts);
  // 7. trust
  if (key.status === "compromised" && !sightedBefore(facts, key.compromisedMs))
    return verdict(7, "suspect", "key-compromised", label, facts);
  if (!officialHosts.includes(label.origin.official)) return verdict(7, "suspect", "host-foreign", label, facts);
  // 8. activation
  if (life !== "active") return verdict(8, "inactive", "not-activated", label, facts);
  // 9. history
  return verdict(9, ...fromHistory(facts.history), label, facts);
}

function findKey(label, keyring, holder) {
  let key;
  if (holder && !keyring) return verdict(2, "unchecked", "data-missing", label);
  try {
    key = keyring.find(label.seal.key);
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
    return verdict(2, "unchecked", "key-refused", label);
  }
  if (key === undefined)
    return holder
      ? verdict(2, "unchecked", "data-without-key", label)
      : verdict(2, "forged", "key-unknown", label);
  return key.role === "label" ? key : verdict(2, "forged", "key-role", label);
}

function outsideOf({ fromMs, toMs }, atMs) {
  if (atMs < fromMs) return "key-window-ahead";
  return atMs < toMs ? null : "key-window-passed";
}

function mismatchOf(label, facts) {
  if (label.seal.key !== facts.key) return "key-mismatch";
  if (label.gtin !== facts.gtin) return "gtin-mismatch";
  if (label.seal.pledge !== facts.pledge) return "pledge-mismatch";
  return label.serial.index < facts.count ? null : "index-past-count";
}

function sightedBefore({ sightedBefore: listed, history }, cutOffMs) {
  if (listed !== undefined) return listed;
  const firstMs = history?.firstSeenMs ?? null;
  return firstMs !== null && firstMs < cutOffMs;
}

function fromHistory(history) {
  if (!history) return ["genuine", "history-not-checked"];
  if (history.confirmedHere) return ["genuine", "purchase-confirmed"];
  if (history.signs.length) return ["suspect", SIGN_REASONS.get(history.signs[0]) ?? "going-around"];
  if (history.otherDevices) return ["seen", "seen-before"];
  return ["genuine", history.ownBefore ? "own-earlier-scan" : "first-sighting"];
}

function verdict(step, verdict, reason, label = null, facts = null) {
  return Object.freeze({ step, stepName: STEP_NAMES[step], verdict, reason, label, facts });
}
