// What these modules throw. Each has a stable `reason`; messages are for developers and name no secret.

class Refusal extends Error {
  /** @param {string} reason the stable identifier  @param {string} message what was expected, and what came */
  constructor(reason, message) {
    super(message ?? reason);
    this.name = new.target.name;
    this.reason = reason;
  }
}

/** The text is no label of format 1. */
export class InvalidLabel extends Refusal {}

/** A key that must not be used. `number` is that of its record. */
export class KeyRefused extends Refusal {
  constructor(number, message) {
    super("key-refused", `key ${number}: ${message}`);
    this.number = number;
  }
}

/** A manifest or a part that is not taken. */
export class BundleRefused extends Refusal {}

/** The facts that decide step 5 cannot be had: the verdict is `unchecked`, with this reason. */
export class Undecided extends Refusal {}

/** Camera or reader cannot be had: `camera-denied`, `camera-none` or `reader-none`. */
export class ScannerRefused extends Refusal {}
