// Two clocks: the device's, and the server's as far as it is known. Both stand in a record; neither corrects the other.

import { Clock as HoldersClock } from "../field/clock.js";

export class Clock {
  #server = null;
  #wall;
  #ticks;

  /** `kept` is what `memory` gave when the app last ran. `wall` and `ticks` are the clocks, the second one monotonic. */
  constructor({ kept = null, wall = () => Date.now(), ticks = () => performance.now() } = {}) {
    this.#wall = wall;
    this.#ticks = ticks;
    /** What data is judged by: it notices when the device's clock was set back. */
    this.holders = new HoldersClock({ now: wall, elapsed: ticks, ...kept?.holders });
    if (kept?.server && wall() >= kept.wall) this.#server = { at: kept.server + (wall() - kept.wall), ticks: ticks() };
  }

  /** The device's time, in ms. */
  now() {
    return this.holders.nowMs();
  }

  /** What the server has just said, in ms. */
  learn(at) {
    this.#server = { at, ticks: this.#ticks() };
    this.holders.learn(at);
  }

  /** The server's time now, in ms, or null. */
  server() {
    return this.#server && Math.round(this.#server.at + (this.#ticks() - this.#server.ticks));
  }

  /** What to keep for the next start. */
  memory() {
    return { holders: this.holders.kept, server: this.server(), wall: this.#wall() };
  }
}

/** RFC 3339 in UTC with three decimals. */
export const instant = (ms) => (ms === null ? null : new Date(ms).toISOString());
