// The modules that read and judge labels, in Node. Run by tests/unit/test_field.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parseLabel, InvalidLabel } from "../../traceqr/web/static/field/label.js";
import { Keyring, KeyRefused } from "../../traceqr/web/static/field/keyring.js";
import {
  byPlatform,
  byPoints,
  messageOf,
  sealHolds,
  signatureHolds,
  standsTrial,
  verifierName,
} from "../../traceqr/web/static/field/seal.js";
import { judge } from "../../traceqr/web/static/field/judging.js";
import { outcomes } from "./label-vectors.mjs";

const FILE = JSON.parse(readFileSync(new URL("../vectors/label-v1.json", import.meta.url), "utf-8"));
const TEXTS = new Map(FILE.vectors.map((vector) => [vector.name, vector.text]));
const GOOD = TEXTS.get("first-sighting");
const MAIN = Keyring.of(FILE.keyrings.main);

test("every vector gives what it expects", async () => {
  const found = await outcomes(FILE);
  assert.equal(Object.keys(found).length, FILE.vectors.length);
  for (const vector of FILE.vectors) assert.deepEqual(found[vector.name], vector.expected, vector.name);
});

test("seals are checked alike by the platform and by points", async () => {
  const odd = [...TEXTS.keys()].filter((name) => /^(signature-|altered-|first-sighting$)/.test(name));
  assert.ok(odd.length > 15);
  for (const name of odd) {
    const label = parseLabel(TEXTS.get(name));
    const key = MAIN.find(label.seal.key) ?? MAIN.find(1);
    const asked = (verify) => verify(key, label.seal.signature, messageOf(label)).catch(() => false);
    const holds = await sealHolds(label, key);
    assert.equal(holds, name === "first-sighting", name);
    assert.ok(!holds || ((await asked(byPlatform)) && (await asked(byPoints))), name);
  }
});

test("points refuse what holds only with the cofactor", async () => {
  const label = parseLabel(TEXTS.get("signature-r-of-mixed-order"));
  assert.equal(await byPoints(MAIN.find(1), label.seal.signature, messageOf(label)), false);
  assert.equal(await standsTrial(byPoints), true);
});

test("a way to verify that is lax does not stand its trial", async () => {
  const noble = await import("../../traceqr/web/static/vendor/noble-ed25519.js");
  const cofactored = (key, signature, message) => noble.verifyAsync(signature, message, key.octets, { zip215: false });
  assert.equal(await standsTrial(cofactored), false, "the library's own verify multiplies by the cofactor");
  assert.equal(await standsTrial(async () => true), false);
  assert.equal(await standsTrial(async () => false), false);
  assert.equal(await standsTrial(async () => Promise.reject(new Error("no Ed25519"))), false);
});

test("the platform verifies here", async () => {
  assert.equal(await verifierName(), "platform");
});

test("a signature of another length does not hold", async () => {
  const label = parseLabel(GOOD);
  for (const length of [0, 32, 63, 65])
    assert.equal(await signatureHolds(MAIN.find(1), new Uint8Array(length), messageOf(label)), false);
});

test("a label is read into its parts", () => {
  const label = parseLabel(`${GOOD}&from=timeline`);
  assert.deepEqual(label.origin, { scheme: "https", host: "qr.example.org", port: null, official: "qr.example.org" });
  assert.equal(label.gtin, "06901234567892");
  assert.deepEqual(label.serial, { batch: 1, index: 0, digits: "0000000100000000" });
  assert.deepEqual([label.seal.key, label.seal.pledge, label.seal.signature.length], [1, 7, 64]);
  assert.equal(label.path, GOOD.slice("HTTPS://QR.EXAMPLE.ORG".length), "without what was appended");
  const other = parseLabel(GOOD.replace("HTTPS://QR.EXAMPLE.ORG", "http://127.0.0.1:8000"));
  assert.deepEqual([other.origin.port, other.origin.official], [8000, "127.0.0.1:8000"]);
});

test("what is no text is no label", () => {
  for (const odd of [undefined, null, 7, {}, [GOOD]])
    assert.throws(() => parseLabel(odd), (error) => error instanceof InvalidLabel && error.reason === "not-a-label");
});

test("characters are counted as code points", () => {
  const pad = (sign, count) => `${GOOD}&a=${sign.repeat(count)}`;
  const left = 4096 - GOOD.length - 3;
  const reasonOf = (text) => {
    try {
      return parseLabel(text) && "";
    } catch (error) {
      return error.reason;
    }
  };
  assert.equal(reasonOf(pad("a", left)), "");
  assert.equal(reasonOf(pad("\u{1F600}", left)), "parameter-malformed");
  assert.equal(reasonOf(pad("\u{1F600}", left + 1)), "text-too-long");
  assert.equal(reasonOf("x".repeat(3_000_000)), "text-too-long");
  assert.equal(reasonOf("\ud800".repeat(4096)), "not-a-label");
});

test("records that must not be used are refused by their numbers", () => {
  const record = FILE.keyrings.main[0];
  const refused = {
    "another kind": { ...record, kty: "EC" },
    "another curve": { ...record, crv: "X25519" },
    "no status": { ...record, traceqr_status: "new" },
    "no window": { ...record, traceqr_verifying_ms: null },
    "a window of fractions": { ...record, traceqr_signing_ms: [0.5, 9] },
    "a cut-off in words": { ...record, traceqr_status: "compromised", traceqr_compromised_ms: "2026" },
    "no octets": { ...record, x: undefined },
    "another alphabet": { ...record, x: record.x.replace("_", "/") },
    "padding": { ...record, x: `${record.x}=` },
  };
  for (const [name, odd] of Object.entries(refused))
    assert.throws(() => Keyring.of({ keys: [odd] }).find(1), KeyRefused, name);
  for (const kid of ["0", "01", "65536", "1.0", 1, "1e3", null, undefined])
    assert.equal(Keyring.of([{ ...record, kid }]).keys.length, 0, String(kid));
  assert.throws(() => Keyring.of([record, record]).find(1), KeyRefused, "twice");
  assert.equal(Keyring.of([record, record, record]).keys.length, 0, "thrice");
  assert.equal(Keyring.of([null, 7, "key"]).keys.length, 0);
  assert.equal(Keyring.of(null).find(1), undefined);
});

test("a role that nobody knows is none for labels", async () => {
  const keyring = Keyring.of([{ ...FILE.keyrings.main[0], traceqr_role: "newer" }]);
  assert.equal((await judge(GOOD, { keyring })).reason, "key-role");
});

test("a fault of whoever brings the facts is no verdict", async () => {
  const factsOf = () => Promise.reject(new TypeError("a fault"));
  const evidence = { keyring: MAIN, factsOf, officialHosts: [], atMs: Date.parse("2026-09-15T04:00:00.000Z") };
  await assert.rejects(judge(GOOD, evidence), TypeError);
});
