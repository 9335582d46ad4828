// The device's key: ECDSA on P-256, which every browser keeps without ever giving the private part away.

export const HOW = { name: "ECDSA", hash: "SHA-256" };
const KIND = { name: "ECDSA", namedCurve: "P-256" };
const TEXT = new TextEncoder();

export const hex = (bytes) => Array.from(new Uint8Array(bytes), (each) => each.toString(16).padStart(2, "0")).join("");

export function base64url(bytes) {
  const signs = Array.from(new Uint8Array(bytes), (each) => String.fromCharCode(each)).join("");
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function sha256(bytes) {
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

export const newId = () => hex(crypto.getRandomValues(new Uint8Array(16)));

/** A new pair of keys. The private one can sign and nothing else. */
export function makeKeys() {
  return crypto.subtle.generateKey(KIND, false, ["sign", "verify"]);
}

/** The public key as the server takes it. */
export async function publicKey(keys) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  return { kty, crv, x, y };
}

/** What is signed: the purpose, a zero octet, the content. */
function message(purpose, content) {
  const signed = new Uint8Array(purpose.length + 1 + content.length);
  signed.set(TEXT.encode(purpose));
  signed.set(content, purpose.length + 1);
  return signed;
}

/** The signature over octets, for one purpose, as base64url. */
export async function sign(keys, purpose, content) {
  return base64url(await crypto.subtle.sign(HOW, keys.privateKey, message(purpose, content)));
}

/** What proves to the server that the account has the key. */
export const proof = (keys, account) => sign(keys, "traceqr.device.v1", TEXT.encode(account));
