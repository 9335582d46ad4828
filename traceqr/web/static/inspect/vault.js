// Data at rest. A random key seals it (AES-GCM); that key is kept wrapped under the passcode (PBKDF2), and is in memory
// only while the app is unlocked. Nothing can be read without the passcode, by us neither.

export const MIN_PASSCODE = 6;
const ROUNDS = 600_000; // of SHA-256, as OWASP's cheat sheet has it: a third of a second on a phone, once
const FREE_TRIES = 4;
const MAX_WAIT_MS = 5 * 60_000;
const TEXT = new TextEncoder();
const MADE_FOR = TEXT.encode("traceqr.vault.v1");

/** Thrown for a passcode that is not the one. */
export class WrongPasscode extends Error {}

/** Thrown where what is kept is not what was sealed: it was changed, or put in another's place. */
export class Altered extends Error {}

/** Whether a passcode is too easy: too short, one sign alone, or a run such as 123456. */
export function isWeak(passcode) {
  const signs = [...passcode].map((each) => each.codePointAt(0));
  if (signs.length < MIN_PASSCODE || new Set(signs).size < 3) return true;
  const step = signs[1] - signs[0];
  return Math.abs(step) <= 1 && signs.every((each, at) => !at || each - signs[at - 1] === step);
}

/** How long to wait after so many wrong passcodes, before the next is tried. */
export function waitAfter(wrong) {
  return wrong < FREE_TRIES ? 0 : Math.min(MAX_WAIT_MS, 5_000 * 2 ** (wrong - FREE_TRIES));
}

async function wrapping(passcode, salt, rounds) {
  const known = await crypto.subtle.importKey("raw", TEXT.encode(passcode.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, known, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

async function wrap(key, passcode) {
  const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: MADE_FOR };
  const content = await crypto.subtle.wrapKey("raw", key, await wrapping(passcode, salt, ROUNDS), how);
  return { salt, iv, rounds: ROUNDS, content: new Uint8Array(content), digits: /^[0-9]+$/.test(passcode) };
}

async function unwrap({ salt, iv, rounds, content }, passcode, extractable) {
  const how = { name: "AES-GCM", iv, additionalData: MADE_FOR };
  try {
    const key = await wrapping(passcode, salt, rounds);
    return await crypto.subtle.unwrapKey("raw", content, key, how, "AES-GCM", extractable, ["encrypt", "decrypt"]);
  } catch {
    throw new WrongPasscode();
  }
}

export class Vault {
  #key;

  constructor(key) {
    this.#key = key;
  }

  /** A new vault, and what is to be kept of it. */
  static async make(passcode) {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
    const kept = await wrap(key, passcode);
    return { vault: await Vault.open(kept, passcode), kept };
  }

  /** The vault that was kept. Throws `WrongPasscode`. */
  static async open(kept, passcode) {
    return new Vault(await unwrap(kept, passcode, false));
  }

  /** The same key under another passcode. Throws `WrongPasscode` for the old one. */
  static async rewrap(kept, passcode, next) {
    return wrap(await unwrap(kept, passcode, true), next);
  }

  /** Bytes sealed under the name that they are kept by, so that none can stand in another's place. */
  async seal(name, bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: TEXT.encode(name) };
    return { iv, content: new Uint8Array(await crypto.subtle.encrypt(how, this.#key, bytes)) };
  }

  /** What was sealed under this name. Throws `Altered`. */
  async unseal(name, { iv, content }) {
    try {
      const how = { name: "AES-GCM", iv, additionalData: TEXT.encode(name) };
      return new Uint8Array(await crypto.subtle.decrypt(how, this.#key, content));
    } catch (error) {
      throw new Altered(`expected what was sealed as ${name}`, { cause: error });
    }
  }

  sealValue(name, value) {
    return this.seal(name, TEXT.encode(JSON.stringify(value)));
  }

  async unsealValue(name, sealed) {
    return JSON.parse(new TextDecoder().decode(await this.unseal(name, sealed)));
  }
}
