// Taking trust bundles and judging by them, in Node: all golden vectors of bundles, and what vectors do not reach.
import assert from "node:assert/strict";
import { test } from "node:test";

import { readFileSync } from "node:fs";

import { canonical, readCanonical } from "../../traceqr/web/static/field/canonical.js";
import { Clock, Holder, Manifest, takeManifest, takePart } from "../../traceqr/web/static/field/bundle.js";
import { inflate } from "../../traceqr/web/static/field/inflating.js";
import { Keyring } from "../../traceqr/web/static/field/keyring.js";
import { constants, deflateRawSync, deflateSync } from "node:zlib";
import { inflateRaw } from "../../traceqr/web/static/field/inflating-by-hand.js";
import { expectations, outcomes } from "./bundle-vectors.mjs";
import { batchOf, contentOf, fileOf, iso, keyOf, labelText, NOW, partOf } from "./bundle-maker.mjs";

const LABEL = keyOf("field label", 1, "label");
const STOLEN = keyOf("field stolen", 2, "label", {
  traceqr_status: "compromised",
  traceqr_compromised_ms: NOW - 86_400_000,
});
const BUNDLE = keyOf("field bundle", 7, "bundle");
const NEXT = keyOf("field next bundle", 8, "bundle");
const KEYS = [LABEL, STOLEN, BUNDLE];
const TRUSTED = Keyring.of([BUNDLE.record, LABEL.record]);
const PART = partOf([batchOf(5)]);
const CONTENT = contentOf(KEYS, [PART]);
const octetsOf = (text) => new TextEncoder().encode(text);
const refusal = (reason) => (error) => error.reason === reason || assert.fail(`${error.reason}: ${error.message}`);

const take = (file, more = {}) => takeManifest(file, { trusted: TRUSTED, scope: "all", atMs: NOW, ...more });
const taken = (content = CONTENT, more = {}) => take(fileOf(BUNDLE, content), more);

async function holderOf(parts, { content = {}, now = () => NOW, keys = KEYS, clock, onRefused } = {}) {
  const manifest = await taken(contentOf(keys, parts, content), content.scope ? { scope: content.scope } : {});
  const held = new Map(parts.map((part) => [part.entry.digest, part.octets]));
  return new Holder({
    manifest,
    parts: async (digest) => held.get(digest) ?? null,
    onRefused,
    clock: clock ?? new Clock({ now }),
  });
}

async function reasonOf(holder, text) {
  const { step, verdict, reason } = await holder.judge(text);
  return `${step} ${verdict} ${reason}`;
}

test("every vector gives what it expects", async () => {
  const file = JSON.parse(readFileSync(new URL("../vectors/bundle-v1.json", import.meta.url), "utf-8"));
  const expected = expectations(file);
  assert.ok(Object.keys(expected).length > 400);
  assert.deepEqual(await outcomes(file), expected);
});

test("canonical JSON has one spelling", () => {
  assert.equal(canonical({ b: [1, null, true], a: "\u20ac\n", 1: {} }), '{"1":{},"a":"€\\n","b":[1,null,true]}');
  assert.equal(canonical({ "\u{1F600}": 1, "\ufb33": 2 }), '{"\u{1F600}":1,"\ufb33":2}', "by UTF-16 code units");
  for (const odd of [undefined, NaN, Infinity, "\ud800", "\udc00x", () => 1, new Date(0), 1n, { "\ud800": 1 }])
    assert.throws(() => canonical(odd), TypeError);
});

test("any other spelling is refused", () => {
  assert.deepEqual(readCanonical(octetsOf('{"a":1}')), { a: 1 });
  const odd = ['{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":1}', "1.0", "1e2", "-0", '"\\u0041"', "\ufeff1", "", "{", "[1,]"];
  for (const text of odd) assert.throws(() => readCanonical(octetsOf(text)), Error, text);
  assert.throws(() => readCanonical(new Uint8Array([0x22, 0xff, 0x22])), TypeError);
  assert.throws(() => readCanonical(octetsOf(`"\\ud800"`)), TypeError);
});

test("inflating stops at what is allowed, and takes whole streams alone", async () => {
  const packed = deflateSync(Buffer.alloc(1_000_000));
  assert.equal((await inflate(packed, 1_000_000)).length, 1_000_000);
  await assert.rejects(inflate(packed, 999_999), RangeError);
  await assert.rejects(inflate(packed.subarray(0, -1), 1_000_000));
  await assert.rejects(inflate(Buffer.concat([packed, Buffer.from([0])]), 1_000_000), "with something behind it");
  await assert.rejects(inflate(packed.map((octet, at) => (at === packed.length - 1 ? octet ^ 1 : octet)), 1_000_000));
  await assert.rejects(inflate(new Uint8Array(), 10));
});

test("inflating by hand gives what zlib has packed", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647);
  const texts = [Buffer.alloc(0), Buffer.from("x"), Buffer.alloc(70_000, 85), Buffer.from("示例绿茶".repeat(999))];
  texts.push(Buffer.from(Array.from({ length: 20_000 }, random)));
  texts.push(Buffer.from(Array.from({ length: 50_000 }, () => (random() % 100 ? 0x55 : 0x56))));
  const { Z_FIXED, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY, Z_RLE } = constants;
  for (const text of texts)
    for (const level of [0, 1, 9])
      for (const strategy of [Z_FIXED, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY, Z_RLE]) {
        const packed = deflateRawSync(text, { level, strategy });
        assert.ok(Buffer.from(inflateRaw(packed, text.length)).equals(text), `${text.length} ${level} ${strategy}`);
        if (text.length) assert.throws(() => inflateRaw(packed, text.length - 1), RangeError);
        assert.throws(() => inflateRaw(packed.subarray(0, -1), text.length));
        assert.throws(() => inflateRaw(Buffer.concat([packed, Buffer.from([0])]), text.length), TypeError);
      }
});

test("inflating by hand refuses what is none, and never runs on", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647);
  const packed = deflateRawSync(Buffer.from("a trust bundle, a trust holder".repeat(50)), { level: 9 });
  for (let round = 0; round < 1000; round += 1) {
    const odd = Uint8Array.from(packed);
    odd[random() % odd.length] ^= 1 << random() % 8;
    try {
      assert.ok(inflateRaw(odd, 1600).length <= 1600);
    } catch (error) {
      assert.ok(error instanceof RangeError || error instanceof TypeError, error.stack);
      assert.match(error.message, /^expected /);
    }
  }
  for (const odd of [[], [7], [6, 0], [1, 0, 0, 0, 0], [5, 0xff, 0xff]]) assert.throws(() => inflateRaw(Uint8Array.from(odd), 9));
});

test("every vector holds without the platform's inflating", async () => {
  const file = JSON.parse(readFileSync(new URL("../vectors/bundle-v1.json", import.meta.url), "utf-8"));
  const own = globalThis.DecompressionStream;
  delete globalThis.DecompressionStream;
  try {
    assert.deepEqual(await outcomes(file), expectations(file));
  } finally {
    globalThis.DecompressionStream = own;
  }
});

test("a manifest is taken", async () => {
  const manifest = await taken();
  assert.deepEqual([manifest.scope, manifest.version, manifest.position], ["all", 3, 120]);
  assert.equal(manifest.entryOf(5).digest, PART.entry.digest);
  assert.equal(manifest.entryOf(6), undefined);
  assert.equal(manifest.keyring.find(1).role, "label");
  assert.equal(Manifest.kept(manifest.octets).version, 3);
});

const ODD_CONTENT = {
  "a member more": { more: 1 },
  "a member less": { position: undefined },
  "another format": { format: "traceqr.bundle.v2" },
  "a scope of another kind": { scope: "region:33" },
  "version 0": { version: 0 },
  "a version in words": { version: "3" },
  "an instant without decimals": { made: "2026-09-15T04:00:00Z" },
  "an instant that is none": { made: "2026-02-30T04:00:00.000Z" },
  "hosts out of order": { hosts: ["b.example", "a.example"] },
  "a host twice": { hosts: ["a.example", "a.example"] },
  "a host in upper case": { hosts: ["A.EXAMPLE"] },
  "keys that are none": { keys: ["key"] },
  "a recall of grade 4": { recalls: [{ id: "r", gtin: "06901234567892", since: iso(NOW), grade: 4, ordered: null, words: {} }] },
  "words in another language": {
    recalls: [{ id: "r", gtin: "06901234567892", since: iso(NOW), grade: 1, ordered: null, words: { fr: {} } }],
  },
  "a batch in two parts": { parts: [PART.entry, { ...PART.entry, digest: "f".repeat(64) }] },
  "a batch twice in a part": { parts: [{ ...PART.entry, batches: [5, 5] }] },
  "a part without batches": { parts: [{ ...PART.entry, batches: [] }] },
  "a part of 65 batches": { parts: [{ ...PART.entry, batches: Array.from({ length: 65 }, (_, at) => at + 1) }] },
  "a digest in upper case": { parts: [{ ...PART.entry, digest: "F".repeat(64) }] },
};

test("a manifest of another form is refused", async () => {
  for (const [name, more] of Object.entries(ODD_CONTENT)) {
    const content = Object.fromEntries(Object.entries({ ...CONTENT, ...more }).filter(([, value]) => value !== undefined));
    await assert.rejects(taken(content), refusal("bundle-malformed"), name);
  }
  const octets = octetsOf(canonical(CONTENT).replace('{"', '{ "'));
  await assert.rejects(take(fileOf(BUNDLE, null, { octets })), refusal("bundle-malformed"), "another spelling");
});

test("a file that was cut off or altered is refused", async () => {
  const file = fileOf(BUNDLE, CONTENT);
  for (const length of [0, 3, 4, 69, 70, file.length - 1])
    await assert.rejects(take(file.subarray(0, length)), refusal("bundle-malformed"), `cut to ${length}`);
  await assert.rejects(take(octetsOf("<!doctype html><title>Sign in to the network</title>")), refusal("bundle-malformed"));
  for (const at of [10, 40, 69]) {
    const altered = file.slice();
    altered[at] ^= 1;
    await assert.rejects(take(altered), refusal("bundle-seal-broken"), `octet ${at}`);
  }
  const newer = octetsOf(canonical({ ...CONTENT, version: 4 }));
  const moved = new Uint8Array([...file.subarray(0, 70), ...newer]);
  await assert.rejects(take(moved), refusal("bundle-seal-broken"));
});

test("a key that is not trusted is none", async () => {
  const refused = [
    [fileOf(NEXT, CONTENT), {}],
    [fileOf(BUNDLE, CONTENT, { number: 9 }), {}],
    [fileOf(LABEL, CONTENT), {}],
    [fileOf(BUNDLE, CONTENT), { trusted: Keyring.of([]) }],
  ];
  for (const [file, more] of refused) await assert.rejects(take(file, more), refusal("bundle-key-unknown"));
  for (const [status, cutOff] of [["destroyed", null], ["compromised", NOW]]) {
    const record = { ...BUNDLE.record, traceqr_status: status, traceqr_compromised_ms: cutOff };
    await assert.rejects(taken(CONTENT, { trusted: Keyring.of([record]) }), refusal("bundle-key-unknown"), status);
  }
  const weak = { ...BUNDLE.record, x: Buffer.from([1, ...new Uint8Array(31)]).toString("base64url") };
  await assert.rejects(taken(CONTENT, { trusted: Keyring.of([weak]) }), refusal("bundle-key-unknown"), "small order");
});

test("a key is trusted that a taken manifest lists, and no longer when it says that it was stolen", async () => {
  const held = await taken(contentOf([...KEYS, NEXT], [PART]));
  const newer = contentOf(KEYS, [PART], { version: 4 });
  assert.equal((await take(fileOf(NEXT, newer), { held })).version, 4);
  const stolen = { record: { ...BUNDLE.record, traceqr_status: "compromised", traceqr_compromised_ms: NOW } };
  const warned = await taken(contentOf([LABEL, stolen, NEXT], [PART]));
  await assert.rejects(take(fileOf(BUNDLE, newer), { held: warned }), refusal("bundle-key-unknown"));
});

test("window, scope, version and expiry, in this order", async () => {
  const early = iso(BUNDLE.record.traceqr_signing_ms[0] - 1);
  await assert.rejects(taken({ ...CONTENT, made: early, scope: "public", parts: [] }), refusal("bundle-key-window"));
  await assert.rejects(taken({ ...CONTENT, scope: "public", parts: [], expires: iso(NOW) }), refusal("bundle-scope"));
  const held = await taken();
  await assert.rejects(taken({ ...CONTENT, version: 2, expires: iso(NOW) }, { held }), refusal("bundle-older"));
  await assert.rejects(taken({ ...CONTENT, position: 121 }, { held }), refusal("bundle-older"), "other octets");
  assert.equal((await taken(CONTENT, { held })).version, 3, "the same once more");
  await assert.rejects(taken({ ...CONTENT, expires: iso(NOW) }), refusal("bundle-expired"));
  assert.ok(await taken({ ...CONTENT, expires: iso(NOW + 1) }));
});

test("a part is taken by its length and digest", async () => {
  const manifest = await taken();
  assert.equal((await takePart(manifest, PART.entry.digest, PART.octets)).batch(5).count, 1000);
  const altered = PART.octets.slice();
  altered[20] ^= 1;
  const cut = PART.octets.subarray(0, -1);
  for (const octets of [altered, cut, new Uint8Array()])
    await assert.rejects(takePart(manifest, PART.entry.digest, octets), refusal("part-altered"));
  await assert.rejects(takePart(manifest, "0".repeat(64), PART.octets), refusal("part-altered"), "not named");
});

const bits = (lives) => {
  const octets = new Uint8Array(Math.ceil(lives.length / 4));
  lives.forEach((life, at) => (octets[at >> 2] |= life << (2 * (at & 3))));
  return octets;
};
const TEN = [0, 1, 2, 1, 1, 0, 1, 2, 1, 1];
const ten = (more = {}) => (places) => [batchOf(5, { count: 10, life: { bits: places[0] }, ...more })];

const ODD_PARTS = {
  "no runs": partOf([batchOf(5, { life: { runs: [] } })]),
  "runs that end early": partOf([batchOf(5, { life: { runs: [[998, 1]] } })]),
  "runs that go past the end": partOf([batchOf(5, { life: { runs: [[1000, 1]] } })]),
  "runs out of order": partOf([batchOf(5, { life: { runs: [[500, 1], [400, 0], [999, 1]] } })]),
  "neighbours alike": partOf([batchOf(5, { life: { runs: [[500, 1], [999, 1]] } })]),
  "a life of 3": partOf([batchOf(5, { life: { runs: [[999, 3]] } })]),
  "runs and bits": partOf([batchOf(5, { life: { runs: [[999, 1]], bits: [0, 1] } })]),
  "bits past the end of the part": partOf(ten({ life: { bits: [0, 100] } }), { blobs: [bits(TEN)] }),
  "bits that are none": partOf(ten({ life: { bits: [0, 4] } }), { blobs: [bits(TEN)] }),
  "too few bits": partOf(ten(), { blobs: [bits(TEN.slice(0, 8))] }),
  "too many bits": partOf(ten(), { blobs: [bits([...TEN, 0, 0, 0])] }),
  "bits of a life of 3": partOf(ten(), { blobs: [bits([0, 3, ...TEN.slice(2)])] }),
  "unused bits": partOf(ten(), { blobs: [bits([...TEN, 1, 0])] }),
  "a flood": partOf(ten(), { blobs: [new Uint8Array(50_000_000)] }),
  "unused bits of sighted labels": partOf(ten({ life: { runs: [[9, 1]] }, sighted: { bits1: [0, 10] } }), {
    blobs: [new Uint8Array([0, 4])],
  }),
  "ranges that touch": partOf([batchOf(5, { holds: [[0, 4], [5, 9]] })]),
  "ranges that overlap": partOf([batchOf(5, { holds: [[0, 4], [4, 9]] })]),
  "a range upside down": partOf([batchOf(5, { holds: [[4, 0]] })]),
  "a range past the end": partOf([batchOf(5, { holds: [[0, 1000]] })]),
  "sighted past the end": partOf([batchOf(5, { sighted: [[0, 1000]] })]),
  "sighted in words": partOf([batchOf(5, { sighted: ["all"] })]),
  "a recall that nobody knows": partOf([batchOf(5, { recalls: [[0, 4, "r9"]] })]),
  "recalls out of order": partOf([batchOf(5, { recalls: [[5, 9, "r1"], [0, 4, "r1"]] })]),
  "a member more": partOf([batchOf(5, { more: 1 })]),
  "a count of 0": partOf([batchOf(5, { count: 0 })]),
  "another product than the manifest says": partOf([batchOf(5)], { entry: { gtin: "06901234567885" } }),
  "other batches than the manifest says": partOf([batchOf(5)], { entry: { batches: [6] } }),
};

test("a part of another form is refused", async () => {
  const recall = { id: "r1", gtin: "06901234567892", since: iso(NOW), grade: null, ordered: null, words: {} };
  for (const [name, part] of Object.entries(ODD_PARTS)) {
    const manifest = await taken(contentOf(KEYS, [part], { recalls: [recall] }));
    await assert.rejects(takePart(manifest, part.entry.digest, part.octets), refusal("part-malformed"), name);
  }
});

test("lives by bits and by runs, holds and recalls", async () => {
  const recall = { id: "r1", gtin: "06901234567892", since: iso(NOW), grade: 1, ordered: null, words: {} };
  const part = partOf(
    (places) => [
      batchOf(5, { count: 10, life: { bits: places[0] }, holds: [[3, 4]], recalls: [[4, 6, "r1"], [6, 6, "r1"]] }),
      batchOf(6, { life: { runs: [[0, 2], [9, 0], [999, 1]] } }),
    ],
    { blobs: [bits(TEN)] },
  );
  const holder = await holderOf([part], { content: { recalls: [recall] } });
  const expected = {
    "5.0": "8 inactive not-activated",
    "5.1": "9 genuine history-not-checked",
    "5.2": "6 void voided",
    "5.3": "6 held on-hold",
    "5.4": "6 recalled under-recall",
    "5.6": "6 recalled under-recall",
    "5.7": "6 void voided",
    "5.9": "9 genuine history-not-checked",
    "5.10": "5 forged index-past-count",
    "6.0": "6 void voided",
    "6.1": "8 inactive not-activated",
    "6.9": "8 inactive not-activated",
    "6.10": "9 genuine history-not-checked",
    "6.999": "9 genuine history-not-checked",
    "6.1000": "5 forged index-past-count",
    "7.0": "5 forged batch-unknown",
    "99.0": "5 forged batch-unknown",
    "100.0": "5 unchecked data-without-batch",
  };
  for (const [name, reason] of Object.entries(expected)) {
    const [batch, index] = name.split(".").map(Number);
    assert.equal(await reasonOf(holder, labelText(LABEL, batch, index)), reason, name);
  }
  const { facts } = await holder.judge(labelText(LABEL, 5, 6));
  assert.deepEqual([facts.product.name_en, facts.recalls.length, facts.recalls[0].grade], ["Example green tea", 1, 1]);
  const past = await holder.judge(labelText(LABEL, 5, 10));
  assert.equal(past.facts.count, 10, "by how much it is past the end");
});

test("mismatches and the steps around the bundle", async () => {
  const holder = await holderOf([partOf([batchOf(5), batchOf(6, { key: 2 })])]);
  const text = labelText(LABEL, 5, 1);
  const expected = [
    ["hello", "1 forged not-a-label"],
    [text.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)), "3 forged seal-broken"],
    [labelText(BUNDLE, 5, 1), "2 forged key-role"],
    [labelText(NEXT, 5, 1), "2 unchecked data-without-key"],
    [labelText(LABEL, 5, 1, { pledge: 0 }), "5 forged pledge-mismatch"],
    [labelText(LABEL, 5, 1, { gtin: "06901234567885" }), "5 forged gtin-mismatch"],
    [labelText(LABEL, 6, 1), "5 forged key-mismatch"],
    [labelText(LABEL, 5, 1, { host: "QR.EXAMPLE.COM" }), "7 suspect host-foreign"],
    [text, "9 genuine history-not-checked"],
  ];
  for (const [one, reason] of expected) assert.equal(await reasonOf(holder, one), reason);
});

test("a stolen key's labels are suspect unless they were sighted before", async () => {
  const stolen = { key: 2, count: 10, life: { runs: [[9, 1]] } };
  const part = partOf(
    (places) => [
      batchOf(5, { ...stolen, sighted: null }),
      batchOf(6, { ...stolen, sighted: [[2, 3]] }),
      batchOf(7, { ...stolen, sighted: { bits1: places[0] } }),
    ],
    { blobs: [new Uint8Array([0b1000, 0b10])] },
  );
  const holder = await holderOf([part]);
  const suspect = "7 suspect key-compromised";
  const good = "9 genuine history-not-checked";
  const expected = { "5.2": suspect, "6.1": suspect, "6.2": good, "6.4": suspect, "7.2": suspect, "7.3": good, "7.9": good };
  for (const [name, reason] of Object.entries(expected)) {
    const [batch, index] = name.split(".").map(Number);
    assert.equal(await reasonOf(holder, labelText(STOLEN, batch, index)), reason, name);
  }
});

test("without the data nothing good is said", async () => {
  const text = labelText(LABEL, 5, 1);
  const none = new Holder({ manifest: null, parts: async () => null });
  assert.equal(await reasonOf(none, text), "2 unchecked data-missing");
  assert.equal(await reasonOf(none, "hello"), "1 forged not-a-label");
  assert.equal(none.age(), null);
  const manifest = await taken();
  const garbage = async () => new Uint8Array(PART.octets.length);
  for (const parts of [async () => null, garbage]) {
    const holder = new Holder({ manifest, parts, clock: () => NOW });
    assert.equal(await reasonOf(holder, text), "5 unchecked data-not-held");
  }
  for (const scope of ["public", "region:330000"]) {
    const holder = await holderOf([], { content: { scope } });
    assert.equal(await reasonOf(holder, text), "5 unchecked data-not-held", scope);
  }
});

test("bits that prove bad when a label asks for them", async () => {
  const part = partOf(
    (places) => [batchOf(5, { count: 10, life: { bits: places[0] } }), batchOf(6, { count: 10, life: { bits: places[1] } })],
    { blobs: [bits([0, 3, ...TEN.slice(2)]), bits(TEN)] },
  );
  for (const first of [0, 2, 10]) {
    const refused = [];
    const holder = await holderOf([part], { onRefused: (digest, error) => refused.push([digest, error.reason]) });
    assert.equal(await reasonOf(holder, labelText(LABEL, 6, 2)), "6 void voided", "nobody has looked at the other batch");
    assert.equal(await reasonOf(holder, labelText(LABEL, 5, first)), "5 unchecked data-not-held", `whatever is asked: ${first}`);
    assert.deepEqual(refused, [[part.entry.digest, "part-malformed"]]);
    assert.equal(await reasonOf(holder, labelText(LABEL, 6, 2)), "5 unchecked data-not-held", "the whole part is refused");
    assert.equal(refused.length, 1, "told once");
  }
});

test("every bad part gives nothing, whenever it is looked through", async () => {
  const recall = { id: "r1", gtin: "06901234567892", since: iso(NOW), grade: null, ordered: null, words: {} };
  for (const [name, part] of Object.entries(ODD_PARTS)) {
    const refused = [];
    const onRefused = (digest, error) => refused.push(error.reason);
    const holder = await holderOf([part], { content: { recalls: [recall] }, onRefused });
    const number = part.entry.batches[0];
    assert.equal(await reasonOf(holder, labelText(LABEL, number, 1)), "5 unchecked data-not-held", name);
    assert.deepEqual(refused, ["part-malformed"], name);
  }
});

test("a part of another digest is never opened", async () => {
  const manifest = await taken();
  const other = partOf([batchOf(5, { life: { runs: [[999, 2]] } })]);
  for (const octets of [other.octets, PART.octets.subarray(0, -1), PART.octets.map((octet, at) => (at === 30 ? octet ^ 1 : octet))]) {
    const refused = [];
    const onRefused = (digest, error) => refused.push([digest, error.reason]);
    const holder = new Holder({ manifest, parts: async () => octets, onRefused, clock: () => NOW });
    assert.equal(await reasonOf(holder, labelText(LABEL, 5, 1)), "5 unchecked data-not-held");
    assert.deepEqual(refused, [[PART.entry.digest, "part-altered"]]);
  }
});

test("octets that were altered on the disk may be replaced by good ones", async () => {
  const held = [PART.octets.map((octet, at) => (at === 30 ? octet ^ 1 : octet)), PART.octets];
  const holder = new Holder({ manifest: await taken(), parts: async () => held.shift(), clock: () => NOW });
  assert.equal(await reasonOf(holder, labelText(LABEL, 5, 1)), "5 unchecked data-not-held");
  assert.equal(await reasonOf(holder, labelText(LABEL, 5, 1)), "9 genuine history-not-checked");
});

test("after its end a bundle calls nothing good, and forged what is forged", async () => {
  let now = NOW;
  const holder = await holderOf([PART], { now: () => now });
  const text = labelText(LABEL, 5, 1);
  assert.equal(holder.age(), 3_600_000);
  now = NOW + 7 * 86_400_000 - 1;
  assert.equal(await reasonOf(holder, text), "9 genuine history-not-checked");
  now += 1;
  assert.equal(await reasonOf(holder, text), "4 unchecked data-expired");
  assert.equal(await reasonOf(holder, text.replace(/.$/, "0")), "3 forged seal-broken");
});

test("a clock that was set back is noticed", async () => {
  const text = labelText(LABEL, 5, 1);
  let now = NOW;
  let elapsed = 0;
  const clock = new Clock({ now: () => now, elapsed: () => elapsed });
  const holder = await holderOf([PART], { clock });
  assert.equal(await reasonOf(holder, text), "9 genuine history-not-checked");
  now = NOW - 600_000;
  assert.equal(await reasonOf(holder, text), "9 genuine history-not-checked", "ten minutes are let pass");
  now = NOW - 600_001;
  assert.equal(await reasonOf(holder, text), "4 unchecked clock-back");
  now = NOW - 365 * 86_400_000;
  assert.equal(await reasonOf(holder, text), "4 unchecked clock-back", "before data-expired and the key's window");
  const again = new Clock({ now: () => now, elapsed: () => 0, ...clock.kept });
  assert.ok(again.isSetBack(), "after a restart");
  again.learn(NOW + 1);
  assert.ok(again.isSetBack(), "a server says so too");
  now = NOW;
  elapsed = 3_600_000;
  assert.ok(clock.isSetBack(), "an hour passed, and the clock stood still");
});

test("a clock that was put right is not held against it for ever", () => {
  let now = NOW + 365 * 86_400_000;
  const clock = new Clock({ now: () => now, elapsed: () => 0 });
  clock.nowMs();
  now = NOW;
  assert.ok(clock.isSetBack());
  clock.learn(NOW - 1000);
  assert.ok(!clock.isSetBack());
});

test("a bundle made after the present says that the clock is wrong", async () => {
  const holder = await holderOf([PART], { now: () => NOW - 86_400_000 });
  assert.equal(await reasonOf(holder, labelText(LABEL, 5, 1)), "4 unchecked clock-back");
});
