// Makes trust bundles to try the holder with: keys worth nothing, and parts as a publisher writes them.
import { createHash, createPrivateKey, sign } from "node:crypto";
import { deflateSync } from "node:zlib";

import { canonicalOctets } from "../../traceqr/web/static/field/canonical.js";

const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
export const NOW = Date.parse("2026-09-15T04:00:00.000Z");
const YEAR = 365 * 86_400_000;
export const iso = (ms) => new Date(ms).toISOString();

/** A key pair that anyone can compute, and its record. */
export function keyOf(name, number, role, more = {}) {
  const seed = createHash("sha256").update(`traceqr test key, worth nothing: ${name}`).digest();
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const record = {
    kty: "OKP",
    crv: "Ed25519",
    x: secret.export({ format: "jwk" }).x,
    kid: String(number),
    use: "sig",
    alg: "EdDSA",
    traceqr_role: role,
    traceqr_status: "active",
    traceqr_signing_ms: [NOW - YEAR, NOW + YEAR],
    traceqr_verifying_ms: [NOW - YEAR, NOW + 2 * YEAR],
    traceqr_compromised_ms: null,
    ...more,
  };
  return { number, secret, record };
}

/** The text of a sealed label. */
export function labelText(key, batch, index, { gtin = "06901234567892", pledge = 7, host = "QR.EXAMPLE.ORG" } = {}) {
  const digits = (number) => String(number).padStart(8, "0");
  const serial = digits(batch) + digits(index);
  const head = Buffer.alloc(6);
  head.writeUInt16BE(key.number, 0);
  head.writeUInt32BE(pledge, 2);
  const message = Buffer.concat([Buffer.from("traceqr.label.v1\0"), head, Buffer.from(gtin + serial)]);
  const seal = Buffer.concat([head, sign(null, message, key.secret)]);
  return `HTTPS://${host}/01/${gtin}/21/${serial}?s=${BigInt(`0x${seal.toString("hex")}`).toString().padStart(169, "0")}`;
}

/** A part of one product: its octets, and its entry in a manifest. `blobs` are raw bits, which batches name by their place. */
export function partOf(batches, { blobs = [], description = {}, entry = {}, tail = [] } = {}) {
  const packed = blobs.map((bits) => deflateSync(bits, { level: 9 }));
  const places = packed.map((blob, at) => [packed.slice(0, at).reduce((sum, one) => sum + one.length, 0), blob.length]);
  const content = {
    product: {
      gtin: "06901234567892",
      name_zh: "示例绿茶",
      name_en: "Example green tea",
      brand: "示例",
      specification: "100 g",
      standard: "GB/T 14456",
    },
    enterprise: {
      uscc: "91330000EXAMPLE001",
      name_zh: "示例茶业有限公司",
      name_en: "Example Tea Co.",
      region: "330000",
      service_phone: "400-000-0000",
    },
    pledges: [
      {
        number: 7,
        state: "published",
        campaign_zh: "示例活动",
        campaign_en: "Example campaign",
        year: 2026,
        valid_from: "2026-01-01T00:00:00.000Z",
        valid_to: "2027-01-01T00:00:00.000Z",
      },
    ],
    marks: [],
    batches: typeof batches === "function" ? batches(places) : batches,
    ...description,
  };
  const told = deflateSync(canonicalOctets(content));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(told.length);
  const octets = new Uint8Array(Buffer.concat([length, told, ...packed, Buffer.from(tail)]));
  return {
    octets,
    entry: {
      digest: createHash("sha256").update(octets).digest("hex"),
      bytes: octets.length,
      gtin: content.product.gtin,
      enterprise: content.enterprise.uscc,
      region: content.enterprise.region,
      batches: content.batches.map((batch) => batch.number),
      ...entry,
    },
  };
}

export function batchOf(number, more = {}) {
  return {
    number,
    count: 1000,
    key: 1,
    pledge: 7,
    marks: [],
    lot: null,
    produced: null,
    expires: null,
    origin: "HTTPS://QR.EXAMPLE.ORG",
    life: { runs: [[999, 1]] },
    holds: [],
    recalls: [],
    sighted: null,
    ...more,
  };
}

/** The content of a manifest. */
export function contentOf(keys, parts = [], more = {}) {
  return {
    format: "traceqr.bundle.v1",
    scope: "all",
    version: 3,
    position: 120,
    made: iso(NOW - 3_600_000),
    expires: iso(NOW + 7 * 86_400_000),
    hosts: ["qr.example.org"],
    keys: keys.map((key) => key.record),
    next_batch: 100,
    recalls: [],
    parts: parts.map((part) => part.entry),
    ...more,
  };
}

/** A manifest's file. */
export function fileOf(key, content, { number = key.number, octets = canonicalOctets(content) } = {}) {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(number);
  const message = Buffer.concat([Buffer.from("traceqr.bundle.v1\0"), head, octets]);
  return new Uint8Array(Buffer.concat([Buffer.from("TQB1"), head, sign(null, message, key.secret), octets]));
}
