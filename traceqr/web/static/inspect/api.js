// How the app talks to the server. Answers are told apart by what one does next: go on, sign in, send it again later,
// or look at why it was refused. A captive portal's page is no answer of the server's.

const BASE = "/inspect/api/";
const ANSWER_MS = 20_000, FILE_MS = 120_000;

/** The session is over. */
export class SignedOut extends Error {}

/** No answer that counts; the same request is good later. `reason`: offline, slow, server, portal, busy. */
export class Later extends Error {
  constructor(reason, cause) {
    super(`expected an answer, got ${reason}`, { cause });
    this.reason = reason;
  }
}

/** The server does not take it. `code` is stable, `body` has the particulars. */
export class Refused extends Error {
  constructor(status, body) {
    super(`expected it to be taken, got ${status} ${body.code}`);
    this.status = status;
    this.code = body.code ?? String(status);
    this.body = body;
  }
}

export class Api {
  #csrf = "";
  #onTime;

  /** `onTime` is told the server's time whenever it says it, in ms. */
  constructor(onTime = () => {}) {
    this.#onTime = onTime;
  }

  async me(device) {
    const told = await this.#json("GET", `me${device ? `?device=${encodeURIComponent(device)}` : ""}`);
    const now = Date.parse(told.now);
    // Whoever answers in the server's place must not become this device's clock.
    if (typeof told.account !== "string" || typeof told.csrf !== "string" || Number.isNaN(now)) throw new Later("portal");
    this.#csrf = told.csrf;
    this.#onTime(now);
    return told;
  }

  enrol(body) {
    return this.#json("POST", "devices", JSON.stringify(body));
  }

  /** The public keys of the site. They need no session. */
  async keys() {
    const answer = await this.#ask("GET", "/.well-known/traceqr-keys.json", undefined, {}, ANSWER_MS);
    await this.#look(answer);
    if (!isJson(answer)) throw new Later("portal");
    return read(answer);
  }

  /** Which of these photos the server lacks. */
  async missing(digests) {
    const lacking = [];
    for (let at = 0; at < digests.length; at += 50) {
      lacking.push(...(await this.#json("GET", `photos?d=${digests.slice(at, at + 50).join(",")}`)).missing);
    }
    return lacking;
  }

  putPhoto(digest, bytes) {
    return this.#json("PUT", `photos/${digest}`, bytes, { "Content-Type": "image/jpeg" }, FILE_MS);
  }

  send(text, signature) {
    return this.#json("POST", "entries", JSON.stringify({ entry: text, signature }), undefined, FILE_MS);
  }

  inspections(next = "") {
    return this.#json("GET", `inspections${next ? `?after=${encodeURIComponent(next)}` : ""}`);
  }

  /** Inspections of the own office with a correction that nobody has looked at. */
  due() {
    return this.#json("GET", "inspections/due");
  }

  /** An inspection of the own office, as it was signed. */
  inspection(id) {
    return this.#json("GET", `inspections/${encodeURIComponent(id)}`);
  }

  scan(text) {
    return this.#json("POST", "scans", JSON.stringify({ text }), undefined, 8_000);
  }

  /** The manifest's file with its tag, or null if the one with `tag` is still the latest. */
  async manifest(scope, tag) {
    const path = scope === "public" ? "/.well-known/traceqr-bundle" : `${BASE}bundles/${scope}`;
    const answer = await this.#ask("GET", path, undefined, tag ? { "If-None-Match": tag } : {}, FILE_MS);
    if (answer.status === 304) return null;
    await this.#look(answer);
    return { bytes: await octets(answer), tag: answer.headers.get("ETag") };
  }

  /** Parts, each behind its length, as one answer: its octets as they come. */
  async *parts(digests) {
    const answer = await this.#ask("GET", `${BASE}parts?d=${digests.join(",")}`, undefined, {}, FILE_MS);
    await this.#look(answer);
    refuseText(answer);
    yield* chunks(answer.body);
  }

  async #json(method, path, body, headers = { "Content-Type": "application/json" }, within = ANSWER_MS) {
    const answer = await this.#ask(method, BASE + path, body, body === undefined ? {} : headers, within);
    await this.#look(answer);
    if (!isJson(answer)) throw new Later("portal");
    return read(answer);
  }

  async #ask(method, path, body, headers, within) {
    if (method !== "GET") headers = { ...headers, "X-CSRF-Token": this.#csrf };
    const how = { method, body, headers, redirect: "manual", credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(within) };
    try {
      return await fetch(path, how);
    } catch (error) {
      throw cutOff(error);
    }
  }

  /** Throws for what is no good answer. */
  async #look(answer) {
    if (answer.type === "opaqueredirect") throw new Later("portal"); // nothing of ours redirects
    if (answer.ok) return;
    if (answer.status === 429) throw new Later("busy");
    if (answer.status >= 500) throw new Later("server");
    if (!isJson(answer)) throw new Later("portal");
    const body = await read(answer);
    if (answer.status === 401) throw new SignedOut();
    throw new Refused(answer.status, body);
  }
}

const isJson = (answer) => /^application\/([a-z-]+\+)?json\b/.test(answer.headers.get("Content-Type") ?? "");

async function read(answer) {
  try {
    const told = await answer.json();
    if (typeof told !== "object" || told === null) throw new TypeError("expected an object");
    return told;
  } catch (error) {
    throw new Later("portal", error);
  }
}

async function octets(answer) {
  refuseText(answer);
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw cutOff(error);
  }
}

/** Octets of an answer as they come; whoever leaves off before the end wants no more of it. */
async function* chunks(body) {
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } catch (error) {
    throw cutOff(error);
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** What a network between says to everybody. */
function refuseText(answer) {
  if (/^text\//.test(answer.headers.get("Content-Type") ?? "")) throw new Later("portal");
}

const cutOff = (error) => new Later(error.name === "TimeoutError" ? "slow" : "offline", error);
