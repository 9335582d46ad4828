// What a person's phone can tell of a label when the network is lost: whether its seal holds, by the public keys that it
// fetched while the page was opened. No more: which labels were issued, recalled or scanned, the server knows.
import { Clock, Holder, takeManifest } from "./bundle.js";
import { Keyring } from "./keyring.js";

const KEYS = "/.well-known/traceqr-keys.json", BUNDLE = "/.well-known/traceqr-bundle", PROBE = "/check";
const WITHIN_MS = 4_000;

/** What is no label at all: other codes are scanned by mistake every day, and are not called forged. */
const NOT_OURS = ["not-a-label", "text-too-long", "seal-missing", "seal-malformed"];

export class WithoutNetwork {
  #holder = new Holder({ manifest: null, parts: () => null });

  /** Fetch the public part of the bundle. Where there is none, nothing can be told later. */
  async prepare() {
    const [keys, bundle] = await Promise.all([KEYS, BUNDLE].map((address) => fetch(address)));
    if (!keys.ok || !bundle.ok) return;
    const clock = new Clock(), trusted = Keyring.of((await keys.json()).keys);
    const manifest = await takeManifest(new Uint8Array(await bundle.arrayBuffer()), { trusted, scope: "public", held: null, atMs: clock.nowMs() });
    this.#holder = new Holder({ manifest, parts: () => null, clock });
  }

  /** `{finding, madeMs, recalled}`: the finding is `sealed`, `forged`, `not-ours` or `unknown`; `recalled` says that a recall of the product is open. */
  async judge(text) {
    const { manifest } = this.#holder, found = await this.#holder.judge(text), { label } = found;
    const finding = findingOf(found, found.step === 5 && this.#isSound(label));
    const recalled = Boolean(label) && [...(manifest?.recalls.values() ?? [])].some(({ gtin }) => gtin === label.gtin);
    return { finding, recalled, madeMs: manifest?.madeMs ?? null };
  }

  /** A seal by a key that others have got hold of proves nothing, and neither does one that leads elsewhere. */
  #isSound({ seal, origin }) {
    const { manifest } = this.#holder;
    return manifest.keyring.find(seal.key).status !== "compromised" && manifest.hosts.includes(origin.official);
  }
}

function findingOf({ verdict, reason }, isSound) {
  if (verdict === "forged") return NOT_OURS.includes(reason) ? "not-ours" : "forged";
  return isSound ? "sealed" : "unknown";
}

/** Whether the server answers. A phone says that it is online wherever it has an aerial's mark. */
export async function isReachable() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch(PROBE, { method: "HEAD", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}
