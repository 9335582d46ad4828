// The public keys that a verifier holds, from their published records. docs/label-format.md, section 6.
import { isOnCurve, weakness } from "./curve.js";
import { KeyRefused } from "./refusals.js";

export { KeyRefused };

const STATUSES = ["active", "retired", "destroyed", "compromised"];
const KID = /^[1-9][0-9]{0,4}$/;

/** Keys by number, and the numbers of records that were refused on loading. */
export class Keyring {
  #keys;
  #refused;

  constructor(keys, refused) {
    this.#keys = keys;
    this.#refused = refused;
  }

  /**
   * From a JWK set, or a list of its records. A record that must not be used is remembered as refused.
   * @param {{keys: object[]}|object[]} jwks
   */
  static of(jwks) {
    const records = Array.isArray(jwks) ? jwks : (jwks?.keys ?? []);
    const keys = new Map();
    const refused = new Map();
    for (const record of records) {
      const number = Number(record?.kid);
      try {
        // Of two records of one number nobody can tell which is meant.
        if (keys.has(number) || refused.has(number)) throw new KeyRefused(number, "expected one record of a number, got two");
        keys.set(number, keyOf(record));
      } catch (error) {
        if (!(error instanceof KeyRefused)) throw error;
        keys.delete(number);
        refused.set(number, error);
      }
    }
    return new Keyring(keys, refused);
  }

  /**
   * The key of a number, or undefined if there is no record of it.
   * @throws {KeyRefused} if its record was refused
   */
  find(number) {
    if (this.#refused.has(number)) throw this.#refused.get(number);
    return this.#keys.get(number);
  }

  /** All keys that were not refused, by number. */
  get keys() {
    return [...this.#keys.values()].sort((one, other) => one.number - other.number);
  }
}

/** A record as a key. */
function keyOf(record) {
  const number = Number(record?.kid);
  const refuse = (message) => {
    throw new KeyRefused(number, message);
  };
  if (typeof record?.kid !== "string" || !KID.test(record.kid) || number > 65535)
    refuse("expected a number from 1 to 65535");
  if (record.kty !== "OKP" || record.crv !== "Ed25519") refuse("expected the algorithm Ed25519");
  const status = record.traceqr_status;
  if (!STATUSES.includes(status)) refuse("expected a known status");
  const signing = windowOf(record.traceqr_signing_ms, refuse);
  const verifying = windowOf(record.traceqr_verifying_ms, refuse);
  if (!(signing.fromMs < signing.toMs && signing.toMs <= verifying.toMs))
    refuse("expected a signing window that ends inside the verifying window");
  const compromisedMs = record.traceqr_compromised_ms ?? null;
  if ((status === "compromised") !== Number.isSafeInteger(compromisedMs))
    refuse("expected a cut-off exactly when it is compromised");
  const octets = pointOf(record.x, refuse);
  return Object.freeze({ number, role: record.traceqr_role, status, octets, signing, verifying, compromisedMs });
}

function windowOf(pair, refuse) {
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(Number.isSafeInteger))
    refuse("expected a window of two instants");
  return Object.freeze({ fromMs: pair[0], toMs: pair[1] });
}

function pointOf(x, refuse) {
  const octets = fromBase64Url(x);
  if (octets?.length !== 32) refuse("expected a public key of 32 bytes in base64url");
  const weak = weakness(octets);
  if (weak === "past-the-field") refuse("expected the canonical encoding of a point");
  if (weak === "small-order") refuse("expected a point of large order");
  if (!isOnCurve(octets)) refuse("expected a point on the curve");
  return octets;
}

function fromBase64Url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}
