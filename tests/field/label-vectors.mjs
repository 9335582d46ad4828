// The golden vectors of label format 1 through the browser's modules: in Node, and in Chromium, which imports this file too.
import { judge, Undecided } from "../../traceqr/web/static/field/judging.js";
import { Keyring } from "../../traceqr/web/static/field/keyring.js";

const instant = (text) => (text === null ? null : Date.parse(text));

/** From what the vector file knows of a registry to what `judge` asks. */
function factsFrom(registry) {
  return (label) => {
    if (!registry.reachable) throw new Undecided("registry-unreachable");
    const batch = registry.batches[String(label.serial.batch)];
    if (batch === undefined) return null;
    const { gtin, pledge, key, count } = batch;
    const { state, history } = batch.labels[String(label.serial.index)] ?? batch.default;
    return { gtin, pledge, key, count, state, history: history && historyFrom(history) };
  };
}

function historyFrom(record) {
  return {
    firstSeenMs: instant(record.first_seen),
    timesSeen: record.times_seen,
    otherDevices: record.other_devices,
    ownBefore: record.own_before,
    signs: record.signs,
    confirmedHere: record.confirmed_here,
  };
}

/** What each vector gives, by its name: the four members that are expected. */
export async function outcomes(file) {
  const keyrings = new Map(Object.entries(file.keyrings).map(([name, records]) => [name, Keyring.of(records)]));
  const found = {};
  for (const vector of file.vectors) {
    const { step, stepName, verdict, reason } = await judge(vector.text, {
      keyring: keyrings.get(vector.keyring),
      factsOf: factsFrom(file.registries[vector.registry]),
      officialHosts: vector.official_hosts,
      atMs: instant(vector.at),
    });
    found[vector.name] = { step, step_name: stepName, verdict, reason };
  }
  return found;
}
