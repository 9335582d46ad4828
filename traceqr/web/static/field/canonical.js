// Canonical JSON, RFC 8785: what is signed and hashed has one spelling.

const encoder = new TextEncoder();

/**
 * A JSON value in its one spelling. Names are sorted by their UTF-16 code units; numbers and strings are written as
 * ECMAScript does, which is what the RFC asks for.
 * @returns {string}
 * @throws {TypeError} for what JSON cannot say: fractions without an end, halves of characters, functions
 */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "string" && !hasLoneHalf(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const members = Object.keys(value).sort();
    return `{${members.map((name) => `${canonical(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  throw new TypeError(`expected a JSON value, got ${typeof value}`);
}

/** The octets of a value's one spelling. */
export function canonicalOctets(value) {
  return encoder.encode(canonical(value));
}

/**
 * Read octets that must be the one spelling of a value: decode, encode again, compare.
 * @param {Uint8Array} octets
 * @throws {SyntaxError|TypeError|RangeError} if they are not
 */
export function readCanonical(octets) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  const value = JSON.parse(text);
  if (canonical(value) !== text) throw new SyntaxError("expected the one spelling of this value, got another");
  return value;
}

function hasLoneHalf(text) {
  return /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
