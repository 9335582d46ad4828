// What the device keeps, in IndexedDB. Whatever tells of people or findings is sealed by the vault before it gets here;
// what is plain says which device this is, and what everybody may know.

import { openDB } from "../vendor/idb.js";

export const PLAIN = "plain", SEALED = "sealed", PHOTOS = "photos", DATA = "data";

/** Thrown where the browser would not keep what it was given. `reason` is `full` or `broken`. */
export class NotKept extends Error {
  constructor(reason, cause) {
    super(`expected to keep it, got ${reason}`, { cause });
    this.name = "NotKept";
    this.reason = reason;
  }
}

function refused(error) {
  return new NotKept(error.name === "QuotaExceededError" ? "full" : "broken", error);
}

/** What was begun and cannot be ended leaves nothing behind. */
function undo(act, asked) {
  asked.forEach((each) => each.catch(() => {}));
  try {
    act?.abort();
  } catch {
    // it has ended by itself
  }
}

/** All that is under one name: a string, or a number made one, so that ranges are prefixes. */
const beneath = (prefix) => IDBKeyRange.bound(prefix, prefix + "\uffff");

export class Store {
  #db;

  constructor(db) {
    this.#db = db;
  }

  /** `onClosed` is called when another window wants a newer one, or the browser takes it away. */
  static async open(onClosed = () => {}, name = "traceqr-inspect") {
    const db = await openDB(name, 1, {
      upgrade: (made) => [PLAIN, SEALED, PHOTOS, DATA].forEach((each) => made.createObjectStore(each)),
      blocking: () => (db.close(), onClosed()),
      terminated: onClosed,
    });
    return new Store(db);
  }

  get(place, key) {
    return this.#db.get(place, key);
  }

  /** Keys that begin so, in order. */
  keys(place, prefix) {
    return this.#db.getAllKeys(place, beneath(prefix));
  }

  values(place, prefix) {
    return this.#db.getAll(place, beneath(prefix));
  }

  /** All or none of `[place, key, value]`, a value of null being one to be forgotten. What this has promised is on the disk. */
  async write(...changes) {
    if (!changes.length) return;
    const asked = [];
    let act = null;
    try {
      act = this.#db.transaction([...new Set(changes.map(([place]) => place))], "readwrite", { durability: "strict" });
      asked.push(act.done);
      for (const [place, key, value] of changes) asked.push(value === null ? act.objectStore(place).delete(key) : act.objectStore(place).put(value, key));
      await Promise.all(asked);
    } catch (error) {
      undo(act, asked);
      throw refused(act?.error ?? error);
    }
  }

  /** Forget all. What was not sent is lost. */
  async wipe() {
    const act = this.#db.transaction([PLAIN, SEALED, PHOTOS, DATA], "readwrite", { durability: "strict" });
    await Promise.all([...act.objectStoreNames].map((each) => act.objectStore(each).clear()));
    await act.done;
  }

  close() {
    this.#db.close();
  }
}

/** Writes what comes one after the other: what came while the last was written is written together, in one act. */
export class Writer {
  #store;
  #waiting = [];
  #writing = null;
  /** Why it has stopped writing, or null. */
  fault = null;

  constructor(store) {
    this.#store = store;
  }

  write(change) {
    this.#waiting.push(change);
    this.#writing ??= this.#write();
  }

  async #write() {
    try {
      while (this.#waiting.length) await this.#store.write(...this.#waiting.splice(0));
      this.#writing = null;
    } catch (error) {
      this.fault = error;
    }
  }

  /** All is written. @throws {NotKept} */
  async settled() {
    await this.#writing;
    if (this.fault) throw this.fault;
  }
}

/** Below this, people are told before it is too late: some thirty photos. */
export const LEAST_ROOM = 64 * 1024 * 1024;

/** Bytes that are left to this site, and whether the browser has promised not to clear them. Null where it does not tell. */
export async function room() {
  if (!navigator.storage?.estimate) return null;
  const { quota, usage } = await navigator.storage.estimate();
  return { left: quota - usage, used: usage, kept: (await navigator.storage.persisted?.()) ?? false };
}

/** Ask the browser to keep what is here until people remove it. */
export async function askToKeep() {
  return (await navigator.storage?.persist?.()) ?? false;
}
