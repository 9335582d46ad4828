// The inspectors' app: starts it, holds what its screens share, and shows the screen that the address names.

import { Api, Later, SignedOut } from "./api.js";
import { Bundles } from "./bundles.js";
import { Clock } from "./clock.js";
import { frame, refresh, tell } from "./frame.js";
import { Outbox } from "./outbox.js";
import { Records, Saver } from "./records.js";
import { PLAIN, room, Store } from "./store.js";
import { closed, enrolment, locked, welcome } from "./entrance.js";
import { SCREENS } from "./screens.js";
import { speak, t, wished } from "./words.js";
import { watchWorker } from "./installing.js";

const IDLE_MS = 10 * 60_000; // in the background, before the passcode is asked for again
const ROUND_MS = 60_000, SELDOM_MS = 10 * 60_000;

/** What the screens share. `vault`, `records` and all behind them are null while the app is locked. */
class App {
  data = document.body.dataset;
  store = null;
  records = null;
  me = null;
  device = null;
  leave = () => {};
  leaving = Promise.resolve();
  turn = 0;
  gentle = 0;
  shown = Promise.resolve();
  /** Other windows of the app: what one has sent, all of them show. */
  windows = new BroadcastChannel("traceqr-inspect");
  signedOut = false;
  rounded = 0;
  onlyHere = 0;

  async start() {
    this.store = await Store.open(() => closed());
    await speak((await this.store.get(PLAIN, "language")) ?? wished(), this.data.words);
    this.clock = new Clock({ kept: await this.store.get(PLAIN, "clock") });
    this.api = new Api((at) => this.#learn(at));
    this.bundles = new Bundles(this);
    this.scope = (await this.store.get(PLAIN, "scope")) ?? "all";
    watchWorker(this);
    window.addEventListener("hashchange", () => this.show());
    window.addEventListener("online", () => this.round());
    window.addEventListener("offline", () => refresh(this));
    document.addEventListener("visibilitychange", () => this.#seen());
    this.windows.addEventListener("message", () => this.records && this.again("entry", "records", "outbox"));
    setInterval(() => this.#passing(), ROUND_MS);
    await this.show();
  }

  /** The screen for where the app stands: not set up, locked, not enrolled, or what the address names. */
  show() {
    return (this.shown = this.#turned((this.turn += 1)));
  }

  async #turned(turn) {
    const leave = this.leave;
    if (turn !== this.gentle) this.leave = () => {}; // what is told anew may stay as it is: overtaken() says when
    // One screen after the other: what was typed on the last one is written before the next one reads it.
    await (this.leaving = this.leaving.then(leave));
    if (turn === this.turn) await this.#shown();
  }

  async #shown() {
    const vault = await this.store.get(PLAIN, "vault");
    if (!vault) return welcome(this);
    if (!this.records) return locked(this, vault);
    if (!this.device) return enrolment(this);
    const [, name = "scan", ...rest] = location.hash.split("/");
    const screen = SCREENS[name] ?? SCREENS.scan;
    await screen(this, ...rest.map(decodeURIComponent));
  }

  /** Asked by a screen before it is drawn: whether another was asked for meanwhile, or somebody has begun to write on what it tells anew. */
  overtaken(turn) {
    return turn !== this.turn || (turn === this.gentle && isWriting());
  }

  go(path) {
    if (location.hash === `#/${path}`) return this.show();
    location.hash = `/${path}`;
  }

  /** The vault is open: read what it holds. */
  async unlock(vault) {
    this.records = new Records(this.store, vault);
    this.me = (await this.records.known("me")) ?? null;
    this.device = (await this.store.get(PLAIN, "device")) ?? null;
    this.saver = new Saver(this.records, (state) => this.onSaved?.(state));
    this.outbox = new Outbox(this.records, this.api, this.device?.id);
    await this.bundles.load(this.scope).catch((error) => (this.bundles.fault = error.reason ?? "broken"));
    await this.count();
    await this.show();
    this.round();
  }

  async lock() {
    await this.saver.settled();
    this.records = this.me = this.outbox = null;
    await this.show();
  }

  async count() {
    this.room = await room();
    this.onlyHere = this.records ? (await this.outbox.waiting()).length : 0;
    this.drafts = this.records ? (await this.records.drafts()).length + (await this.records.additions()).length : 0;
    refresh(this);
  }

  /** Who signs entries. */
  signer() {
    return { keys: this.device.keys, device: this.device.id, account: this.me.account, clock: this.clock };
  }

  /** A minute has passed. Without need the server is not asked: a session that nobody uses is to end. */
  #passing() {
    if (!document.hidden && (this.onlyHere || Date.now() - this.rounded > SELDOM_MS)) this.round();
    else refresh(this);
  }

  /** What is done by itself while there is network: newer data, and what waits is sent. */
  async round() {
    if (!this.records || !this.device || !navigator.onLine || this.rounding) return refresh(this);
    this.rounding = true;
    this.rounded = Date.now();
    try {
      await this.synchronise();
    } finally {
      this.rounding = false;
      await this.count();
    }
  }

  async synchronise(onProgress) {
    const sending = await this.outbox.send(onProgress);
    this.signedOut = sending.ended === "signed-out";
    this.ended = sending.ended;
    if (sending.me) await this.#met(sending.me);
    const newer = !this.signedOut && (await this.updateData().catch(() => true));
    if (sending.sent) tell(t("Sent: %(count)s", { count: sending.sent }));
    if (sending.told) this.windows.postMessage("told");
    if (sending.told) await this.again("entry", "records", "outbox");
    if (newer) await this.again("phone");
    return sending;
  }

  /** Something has changed: screens that tell of it tell it anew, unless somebody is typing there. */
  async again(...names) {
    if (!this.records) return;
    await this.count();
    await this.shown.catch(() => {}); // whoever asked for that screen is told why it failed
    if (!names.includes(location.hash.split("/")[1]) || isWriting()) return;
    this.gentle = this.turn + 1;
    await this.show();
  }

  async #met(me) {
    if (me.account !== this.device.account) return;
    this.revoked = me.device?.state === "revoked";
    const { csrf, now, device, ...known } = me;
    this.me = known;
    await this.records.know("me", known);
  }

  /** Fetch newer data; says whether there was any. The fault is kept for whoever asks how old the data is. */
  async updateData(onProgress) {
    try {
      const newer = await this.bundles.update(this.scope, onProgress);
      this.bundles.fault = null;
      return newer;
    } catch (error) {
      if (!(error instanceof Later)) this.bundles.fault = error instanceof SignedOut ? "signed-out" : (error.reason ?? error.code ?? "broken");
      throw error;
    } finally {
      refresh(this);
    }
  }

  async #learn(at) {
    this.clock.learn(at);
    await this.store.write([PLAIN, "clock", this.clock.memory()]);
  }

  /** Hidden for long: locked. What was typed is saved already. */
  async #seen() {
    if (document.hidden) {
      this.hiddenSince = Date.now();
      await this.store.write([PLAIN, "clock", this.clock.memory()]);
    } else if (this.records && Date.now() - this.hiddenSince > IDLE_MS) await this.lock();
    else this.round();
  }
}

const isWriting = () => Boolean(document.activeElement?.matches("input, textarea") || document.querySelector("[data-writing][open]"));

const app = new App();
frame(app);
app.start().catch((error) => closed(error));
