// The few facts about Curve25519 that keys and signatures are checked by before any library sees them.

const P = (1n << 255n) - 19n;
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
const ORDER_EIGHT_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL_ORDER_Y = new Set([0n, 1n, P - 1n, ORDER_EIGHT_Y, P - ORDER_EIGHT_Y]);
const SIGN_BIT = 1n << 255n;

/**
 * What is wrong with 32 octets that should encode a point of large order, or null if nothing is.
 * @param {Uint8Array} octets
 * @returns {"past-the-field"|"small-order"|null}
 */
export function weakness(octets) {
  const y = littleEndian(octets) & (SIGN_BIT - 1n);
  if (y >= P) return "past-the-field";
  return SMALL_ORDER_Y.has(y) ? "small-order" : null;
}

/** Whether the octets encode a point of the curve at all (RFC 8032, section 5.1.3); y must be below p. */
export function isOnCurve(octets) {
  const y = littleEndian(octets) & (SIGN_BIT - 1n);
  const ySquared = (y * y) % P;
  // x^2 = u/v is a square exactly if u * v is, which spares a division.
  const product = ((ySquared - 1n + P) * (D * ySquared + 1n)) % P;
  return power(product, (P - 1n) / 2n) === 1n;
}

/** Whether the second half of a signature is below the order of the group (RFC 8032, section 5.1.7). */
export function isScalar(octets) {
  return littleEndian(octets) < L;
}

/** A digest as a scalar. */
export function scalarOf(digest) {
  return littleEndian(digest) % L;
}

export function littleEndian(octets) {
  let hex = "0x";
  for (let at = octets.length - 1; at >= 0; at -= 1) hex += octets[at].toString(16).padStart(2, "0");
  return BigInt(hex);
}

function power(base, exponent) {
  let result = 1n;
  for (let left = exponent, square = base % P; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
