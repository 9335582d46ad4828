// Ed25519 as docs/label-format.md, section 4, asks for it: RFC 8032, without the cofactor, no S from the order of the group,
// no R of small order. By the platform where its answers are right, else by @noble/ed25519's points.
import { isScalar, scalarOf, littleEndian, weakness } from "./curve.js";

const encoder = new TextEncoder();
const LABEL_DOMAIN = encoder.encode("traceqr.label.v1\0");

/** Whether the seal of a label is the key's, over its product, serial and pledge. */
export function sealHolds(label, key) {
  return signatureHolds(key, label.seal.signature, messageOf(label));
}

/**
 * Whether a signature holds.
 * @param {{octets: Uint8Array}} key of a keyring, which lets no weak key in
 * @param {Uint8Array} signature 64 octets
 * @param {Uint8Array} message
 * @returns {Promise<boolean>}
 */
export async function signatureHolds(key, signature, message) {
  if (signature.length !== 64 || !isScalar(signature.subarray(32)) || weakness(signature.subarray(0, 32)) !== null)
    return false;
  return (await verifier())(key, signature, message);
}

/** The 53 octets that a seal signs. */
export function messageOf({ gtin, serial, seal }) {
  const message = new Uint8Array(53);
  const view = new DataView(message.buffer);
  message.set(LABEL_DOMAIN);
  view.setUint16(17, seal.key);
  view.setUint32(19, seal.pledge);
  message.set(encoder.encode(gtin + serial.digits), 23);
  return message;
}

let chosen = null;

/** What verifies here, chosen once: asking the platform on trial takes a few verifications. */
function verifier() {
  chosen ??= standsTrial(byPlatform).then((stands) => (stands ? byPlatform : byPoints));
  return chosen;
}

/** What verifies here, by name: `platform` or `points`. */
export async function verifierName() {
  return (await verifier()) === byPlatform ? "platform" : "points";
}

/**
 * Whether a way to verify takes what holds, and refuses what holds only where the cofactor is multiplied in, or where the
 * message does not matter.
 */
export async function standsTrial(verify) {
  try {
    const key = { octets: octets(TRIAL.key) };
    const message = octets(TRIAL.message);
    const altered = message.with ? message.with(52, 0x31) : Uint8Array.from([...message.subarray(0, 52), 0x31]);
    return (
      (await verify(key, octets(TRIAL.holds), message)) === true &&
      (await verify(key, octets(TRIAL.cofactor), message)) === false &&
      (await verify(key, octets(TRIAL.holds), altered)) === false
    );
  } catch {
    return false;
  }
}

const imported = new WeakMap();

/** By WebCrypto. Throws where it has no Ed25519. */
export async function byPlatform(key, signature, message) {
  let known = imported.get(key);
  if (!known) {
    known = crypto.subtle.importKey("raw", key.octets, { name: "Ed25519" }, false, ["verify"]);
    imported.set(key, known);
  }
  return crypto.subtle.verify({ name: "Ed25519" }, await known, signature, message);
}

/**
 * By arithmetic: R' = S·B - h·A, encoded, is R. Not by the library's own `verify`, which multiplies by the cofactor with
 * `zip215: false` too.
 */
export async function byPoints(key, signature, message) {
  const { Point } = await import("../vendor/noble-ed25519.js");
  const r = signature.subarray(0, 32);
  const hashed = new Uint8Array([...r, ...key.octets, ...message]);
  const challenge = scalarOf(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed)));
  const point = Point.fromBytes(key.octets, false);
  const scalar = littleEndian(signature.subarray(32));
  const found = Point.BASE.multiply(scalar, false).add(point.multiply(challenge, false).negate()).toBytes();
  return found.every((octet, at) => octet === r[at]);
}

function octets(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

// The vectors `first-sighting` and `signature-r-of-mixed-order` of tests/vectors/label-v1.json.
const TRIAL = {
  key: "ce0bffe2c4428c430177fce0ef335f6ce00bef1753a0e9a6355cb8de58f0a13f",
  message:
    "747261636571722e6c6162656c2e7631000001000000073036393" +
    "03132333435363738393230303030303030313030303030303030",
  holds:
    "a6fcd6ca2eda1b39dc61e5c047ab371f1d8d52ca86e15946bdf9e44a731c41e2" +
    "c9928700247db082f960164ff81a94c5ae89617056851da2c6efc5faa121580d",
  cofactor:
    "d0424b701d60255de5df705071059ccd22b8349bb4138202ebbd65e9e0ad211b" +
    "e16fe15241ef9cd37b1a63c97bbb154252403abbda8d09eb06c5ff801860b40f",
};
