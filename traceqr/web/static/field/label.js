// Label format 1, strictly and from the raw text: nothing is decoded, trimmed or folded. docs/label-format.md, section 5.
import { parseOrigin } from "./origin.js";
import { InvalidLabel } from "./refusals.js";

export { InvalidLabel };

const MAX_TEXT = 4096;
const MAX_PARAMETERS = 64;
const SEAL_BYTES = 70;
const LIMIT = 1n << BigInt(8 * SEAL_BYTES);

const SHAPE = /^([^/?#]*:\/\/[^/?#]*)\/01\/([^/?#]*)\/21\/([^/?#]*)(?:\?([^#]*))?$/;
const NAME = /^[A-Za-z0-9._~-]+$/;
const ALL_NUMERIC = /^[0-9]+$/;
const VALUE = /^[!$%'()*+,\-./0-9:=?@A-Z[\]_a-z~]*$/;

/**
 * Read a label's text. The checks are made in the order of the specification, and the first that fails gives the reason.
 * @param {string} text raw, as the symbol held it
 * @returns {{text: string, path: string, origin: {scheme: string, host: string, port: number|null, official: string},
 *   gtin: string, serial: {batch: number, index: number, digits: string},
 *   seal: {key: number, pledge: number, signature: Uint8Array}}} frozen; `path` is the request target without what was
 *   appended to the text
 * @throws {InvalidLabel} and nothing else
 */
export function parseLabel(text) {
  if (typeof text !== "string") throw new InvalidLabel("not-a-label", `expected a text, got ${typeof text}`);
  if (isTooLong(text)) throw new InvalidLabel("text-too-long", `expected at most ${MAX_TEXT} characters`);
  const shape = SHAPE.exec(text);
  if (shape === null) throw new InvalidLabel("not-a-label", "expected https://HOST/01/GTIN/21/SERIAL?s=SEAL");
  const [, origin, gtin, digits, query] = shape;
  const seal = sealOf(query);
  const label = {
    text,
    origin: parseOrigin(origin),
    gtin: parseGtin(gtin),
    serial: parseSerial(digits),
    seal: parseSeal(seal),
    path: `/01/${gtin}/21/${digits}?s=${seal}`,
  };
  // Decode, encode, compare: the last word on "one spelling", whatever the parsers above let through.
  if (encoded(label) !== label.path) throw new InvalidLabel("not-a-label", "expected the one spelling of this label");
  return Object.freeze(label);
}

/** Characters are code points: what lies beyond the basic plane counts once. */
function isTooLong(text) {
  if (text.length <= MAX_TEXT) return false;
  return text.length > 2 * MAX_TEXT || [...text].length > MAX_TEXT;
}

/** The value of the one `s`. Every other parameter must be harmless. */
function sealOf(query) {
  if (query === undefined) throw new InvalidLabel("seal-missing", "expected the seal as ?s=..., got no query");
  const parameters = query.split("&");
  if (parameters.length > MAX_PARAMETERS)
    throw new InvalidLabel("parameter-malformed", `expected at most ${MAX_PARAMETERS} parameters`);
  const seals = [];
  for (const parameter of parameters) {
    const at = parameter.indexOf("=");
    const [name, value] = at < 0 ? [parameter, ""] : [parameter.slice(0, at), parameter.slice(at + 1)];
    if (name === "s") seals.push(value);
    else if (ALL_NUMERIC.test(name))
      throw new InvalidLabel("parameter-numeric", "expected no application identifier beside the seal");
    else if (!NAME.test(name) || !VALUE.test(value))
      throw new InvalidLabel("parameter-malformed", "expected parameters of plain ASCII");
  }
  if (seals.length !== 1)
    throw new InvalidLabel(seals.length ? "seal-repeated" : "seal-missing", "expected exactly one parameter s");
  return seals[0];
}

function parseGtin(digits) {
  if (!/^[0-9]{14}$/.test(digits)) throw new InvalidLabel("gtin-malformed", "expected a GTIN of 14 digits");
  let sum = 0;
  for (let at = 0; at < 13; at += 1) sum += Number(digits[at]) * (at % 2 ? 1 : 3);
  if (Number(digits[13]) !== (10 - (sum % 10)) % 10)
    throw new InvalidLabel("gtin-check-digit", "expected another check digit at the end of the GTIN");
  return digits;
}

function parseSerial(digits) {
  if (!/^[0-9]{16}$/.test(digits) || digits.startsWith("00000000"))
    throw new InvalidLabel("serial-malformed", "expected a serial of 16 digits, its batch number from 1");
  return Object.freeze({ batch: Number(digits.slice(0, 8)), index: Number(digits.slice(8)), digits });
}

function parseSeal(digits) {
  if (!/^[0-9]{169}$/.test(digits)) throw new InvalidLabel("seal-malformed", "expected a seal of 169 digits");
  const value = BigInt(digits);
  if (value >= LIMIT) throw new InvalidLabel("seal-overflow", "expected a seal whose value is below 2^560");
  const octets = octetsOf(value);
  const view = new DataView(octets.buffer);
  return Object.freeze({ key: view.getUint16(0), pledge: view.getUint32(2), signature: octets.slice(6) });
}

function octetsOf(value) {
  const hex = value.toString(16).padStart(2 * SEAL_BYTES, "0");
  return Uint8Array.from({ length: SEAL_BYTES }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/** The label's request target, built anew from what was read. */
function encoded({ gtin, serial, seal }) {
  const hex = [
    seal.key.toString(16).padStart(4, "0"),
    seal.pledge.toString(16).padStart(8, "0"),
    ...Array.from(seal.signature, (octet) => octet.toString(16).padStart(2, "0")),
  ].join("");
  const digits = (number) => String(number).padStart(8, "0");
  const sealed = BigInt(`0x${hex}`).toString().padStart(169, "0");
  return `/01/${gtin}/21/${digits(serial.batch)}${digits(serial.index)}?s=${sealed}`;
}
