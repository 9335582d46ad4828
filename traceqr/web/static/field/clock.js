// The holder's time: its own clock, and what it has learnt that the time cannot be before. docs/bundle-format.md, section 5.

const SLACK_MS = 10 * 60_000;

/** A clock that notices when it was set back. */
export class Clock {
  #now;
  #elapsed;
  #toldMs;
  #ownMs;
  #since;

  /**
   * @param {object} [options]
   * @param {() => number} [options.now] this device's clock, in milliseconds since 1970
   * @param {() => number} [options.elapsed] milliseconds that pass whatever the clock is set to
   * @param {number} [options.toldMs] the greatest instant that a server or a bundle told before
   * @param {number} [options.ownMs] the greatest instant of the own clock before
   */
  constructor({ now = Date.now, elapsed = () => performance.now(), toldMs = 0, ownMs = 0 } = {}) {
    this.#now = now;
    this.#elapsed = elapsed;
    this.#toldMs = toldMs;
    this.#ownMs = ownMs;
    this.#since = elapsed();
  }

  /** The present instant: the own clock's. */
  nowMs() {
    this.#pass();
    const now = this.#now();
    // A clock that was set back must not hide that by being read.
    this.#ownMs = Math.max(this.#ownMs, now);
    return now;
  }

  /**
   * An instant that has been: of a server's answer, or of a bundle's making. What the own clock said before is forgotten:
   * one that ran ahead and was put right would count as set back for as long as it had run ahead.
   */
  learn(ms) {
    this.#pass();
    this.#toldMs = Math.max(this.#toldMs, ms);
    this.#ownMs = 0;
  }

  /** Whether the own clock is more than ten minutes before what it cannot be before. */
  isSetBack() {
    return this.nowMs() < this.greatestMs - SLACK_MS;
  }

  get greatestMs() {
    return Math.max(this.#toldMs, this.#ownMs);
  }

  /** What to keep, to make the same clock after a restart. */
  get kept() {
    this.nowMs();
    return { toldMs: Math.round(this.#toldMs), ownMs: Math.round(this.#ownMs) };
  }

  /** While the program runs, what was told grows older by itself. */
  #pass() {
    const elapsed = this.#elapsed();
    const passed = Math.max(0, elapsed - this.#since);
    this.#since = elapsed;
    if (this.#toldMs) this.#toldMs += passed;
    if (this.#ownMs) this.#ownMs += passed;
  }
}
