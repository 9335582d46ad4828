// The golden vectors of trust bundles through the browser's modules: in Node, and in Chromium, which imports this file too.
import { BundleRefused, Clock, Holder, Manifest, takeManifest, takePart } from "../../traceqr/web/static/field/bundle.js";
import { Keyring } from "../../traceqr/web/static/field/keyring.js";

const decoded = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

async function digestOf(octets) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
  return Array.from(digest, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** What is refused and why, or null. Any other fault is none of a bundle's, and is let through. */
async function refusal(promise) {
  try {
    await promise;
    return { refused: null };
  } catch (error) {
    if (error instanceof BundleRefused) return { refused: error.reason };
    throw error;
  }
}

/** What each vector gives, by its kind and name. */
export async function outcomes(file) {
  const octets = new Map(Object.entries(file.files).map(([name, text]) => [name, decoded(text)]));
  const parts = new Map(Object.entries(file.parts).map(([name, text]) => [name, decoded(text)]));
  const trusted = new Map(Object.entries(file.keyrings).map(([name, records]) => [name, Keyring.of(records)]));
  const digests = new Map();
  for (const [name, content] of parts) digests.set(name, await digestOf(content));
  const manifests = new Map();
  const kept = (name) => {
    if (!manifests.has(name)) manifests.set(name, Manifest.kept(octets.get(name)));
    return manifests.get(name);
  };
  const found = {};
  for (const { name, file: taken, trusted: keyring, scope, held, at } of file.manifests) {
    const before = held === null ? null : kept(file.manifests.find((one) => one.name === held).file);
    const against = { trusted: trusted.get(keyring), scope, held: before, atMs: Date.parse(at) };
    found[`manifests ${name}`] = await refusal(takeManifest(octets.get(taken), against));
  }
  for (const { name, file: taken, digest, part } of file.part_takings)
    found[`part_takings ${name}`] = await refusal(takePart(kept(taken), digest, parts.get(part)));
  for (const { name, bundle, text, at, learnt } of file.judgings) {
    const held = bundle === null ? { parts: [] } : file.bundles[bundle];
    const byDigest = new Map(held.parts.map((part) => [digests.get(part), parts.get(part)]));
    const holder = new Holder({
      manifest: bundle === null ? null : kept(held.file),
      parts: async (digest) => byDigest.get(digest) ?? null,
      clock: new Clock({ now: () => Date.parse(at), elapsed: () => 0, toldMs: learnt === null ? 0 : Date.parse(learnt) }),
    });
    const { step, stepName, verdict, reason } = await holder.judge(text);
    found[`judgings ${name}`] = { step, step_name: stepName, verdict, reason };
  }
  return found;
}

/** What each vector should give, by its kind and name. */
export function expectations(file) {
  return Object.fromEntries(
    ["manifests", "part_takings", "judgings"].flatMap((kind) =>
      file[kind].map((vector) => [`${kind} ${vector.name}`, vector.expected]),
    ),
  );
}
