// What the tests of the app's modules run in Chromium. Each function gives plain values, which Python looks at.
import { Api } from "../../traceqr/web/static/inspect/api.js";
import { Bundles } from "../../traceqr/web/static/inspect/bundles.js";
import { Clock } from "../../traceqr/web/static/inspect/clock.js";
import { hex, makeKeys, proof, publicKey } from "../../traceqr/web/static/inspect/device.js";
import { Outbox } from "../../traceqr/web/static/inspect/outbox.js";
import { faultsOf, newDraft, NEW, settled, signedEntry } from "../../traceqr/web/static/inspect/record.js";
import { Records, Saver } from "../../traceqr/web/static/inspect/records.js";
import { NotKept, PHOTOS, PLAIN, SEALED, Store } from "../../traceqr/web/static/inspect/store.js";
import { askForInspection, chainOf, openOf, titleOf } from "../../traceqr/web/static/inspect/told.js";
import { isWeak, Vault, waitAfter } from "../../traceqr/web/static/inspect/vault.js";

export const ME = { account: "0123456789abcdef", name: "王建国", number: "浙A-0123", colleagues: [{ account: "fedcba9876543210", name: "李敏", number: "浙A-0456" }] };
const DEVICE = "00112233aabbccdd";
let made = 0;

const fixed = () => new Clock({ wall: () => Date.parse("2026-09-01T08:00:00.000Z"), ticks: () => 0 });

/** A record with something in each member. */
export function full(clock = fixed()) {
  const draft = newDraft(ME, clock, { labels: [{ text: "HTTPS://QR.EXAMPLE.ORG/01/x", serial: null, how: "camera", at: "2026-09-01T08:00:01.000Z", offline: { verdict: "forged", reason: "not-a-label", step: 1, scope: "all", version: 7, made: "2026-09-01T07:00:00.000Z" }, online: null }, { text: null, serial: "0000000100000009", how: "typed", at: "2026-09-01T08:00:02.000Z", offline: null, online: null }] });
  const { record } = draft, at = "2026-09-01T08:20:00.000Z", strokes = [[[1, 2], [3, 4]], [[10, 20]]];
  Object.assign(record, {
    basis: "《产品质量法》第十八条\r\n“二” \u202e", case: " C-1 ", finding: "problem", findings: "标签作废。\n三箱。", statement: "知道了。",
    premises: { name: " 示例茶业 ", uscc: "91330100MA27XXXX0A", address: "示例路 1 号", person: "赵某", phone: "0571-00000000", position: { latitude: 30.274123, longitude: 120.1551, accuracy_m: 12, at } },
    goods: [{ ...NEW.goods(), name: "示例茶", gtin: "6901234567892", quantity: 36, unit: "箱", storage: "二层" }],
    measures: [{ ...NEW.measure(), kind: "sealed", what: "三箱", quantity: 3, numbers: "封-001，封-002; 封-003" }, { ...NEW.measure(), kind: "ordered", what: "撤下", until: "2026-09-20" }],
    photos: [{ digest: "ab".repeat(32), bytes: 12345, at, position: null, caption: " 门口 " }],
  });
  record.officers.push(ME.colleagues[0]);
  record.signatures = [...record.officers.map(({ account, name }) => ({ role: "officer", name, account, strokes, at })), { role: "party", name: "赵某", account: null, strokes, at }];
  return draft;
}

/** The record of a draft as an entry, with the key that proves it. */
export async function signed(change = () => {}) {
  const keys = await makeKeys(), clock = fixed(), draft = full(clock);
  change(draft.record);
  const content = { record: settled(draft.record, Date.parse("2026-09-01T08:30:00.000Z")) };
  const entry = await signedEntry({ inspection: draft.id, entry: 0, previous: null }, content, { keys, device: DEVICE, account: ME.account, clock });
  return { ...entry, key: await publicKey(keys), proof: await proof(keys, ME.account), extractable: keys.privateKey.extractable };
}

export async function opened(name = `test-${(made += 1)}`) {
  const store = await Store.open(() => {}, name);
  const { vault } = await Vault.make("a good passcode");
  return { store, vault, records: new Records(store, vault), signer: { keys: await makeKeys(), device: DEVICE, account: ME.account, clock: fixed() } };
}

const fault = (promise) => promise.then(() => "nothing", (error) => error.reason ?? error.constructor.name);

export async function vaults() {
  const { vault, kept } = await Vault.make("seven tin kettles");
  const sealed = await vault.sealValue("draft/1", { words: "知道" });
  const altered = { ...sealed, content: sealed.content.with?.(3, sealed.content[3] ^ 1) ?? Uint8Array.from(sealed.content, (each, at) => (at === 3 ? each ^ 1 : each)) };
  const again = await Vault.open(kept, "seven tin kettles"), next = await Vault.rewrap(kept, "seven tin kettles", "eight new spoons");
  return {
    read: await again.unsealValue("draft/1", sealed), after: await (await Vault.open(next, "eight new spoons")).unsealValue("draft/1", sealed),
    hidden: !new TextDecoder().decode(sealed.content).includes("知道"),
    wrong: await fault(Vault.open(kept, "seven tin kettle")), old: await fault(Vault.open(next, "seven tin kettles")),
    altered: await fault(vault.unsealValue("draft/1", altered)), swapped: await fault(vault.unsealValue("draft/2", sealed)),
    digits: [kept.digits, (await Vault.make("73519204")).kept.digits],
  };
}

export const weak = (passcodes) => passcodes.map(isWeak);
export const waits = (counts) => counts.map(waitAfter);

/** A draft becomes an entry in one step, and additions follow it. */
export async function chain() {
  const { store, records, signer } = await opened(), draft = full();
  await records.putPhoto("ab".repeat(32), new Uint8Array([1, 2, 3]));
  await records.saveDraft(draft);
  const first = await records.sign(draft, signer);
  const second = await records.add(draft.id, { kind: "supplement", text: "又。", measure: null, photos: [] }, signer, first);
  const texts = await Promise.all([first, second].map(async (meta) => JSON.parse((await records.signed(meta)).text)));
  const plain = JSON.stringify([await store.values(SEALED, ""), await store.values(PHOTOS, "")].flat().map(({ content }) => hex(content)));
  await records.forget([first]);
  const waiting = (await records.entries()).length;
  await records.mark(first, { state: "received" });
  await records.mark(second, { state: "received" });
  await records.forget(await records.entriesOf(draft.id));
  return {
    drafts: (await records.drafts()).length, numbers: texts.map(({ entry }) => entry), previous: texts[1].previous === first.digest, ordered: first.told.ordered,
    keys: await store.keys(SEALED, ""), photos: await store.keys(PHOTOS, ""), waiting,
    readable: plain.includes(hex(new TextEncoder().encode("标签作废"))), account: texts[0].account,
  };
}

/** Signing the same draft twice, and two windows that add at once. */
export async function twice() {
  const { records, signer } = await opened(), draft = full();
  await records.saveDraft(draft);
  const [first] = await Promise.allSettled([records.sign(draft, signer)]);
  const again = await fault(records.sign(draft, signer));
  const addition = (text) => records.add(draft.id, { kind: "supplement", text, measure: null, photos: [] }, signer, first.value);
  const added = await Promise.all(["one", "two", "three"].map(addition));
  const texts = await Promise.all((await records.entriesOf(draft.id)).map(async (meta) => JSON.parse((await records.signed(meta)).text)));
  const metas = await records.entriesOf(draft.id);
  return { again, numbers: added.map(({ entry }) => entry).sort(), chained: texts.slice(1).every(({ previous }, at) => previous === metas[at].digest) };
}

/** One draft that was damaged does not hide the other. */
export async function damaged() {
  const { store, records } = await opened(), [one, other] = [full(), full()];
  await records.saveDraft(one);
  await records.saveDraft(other);
  const [key] = await store.keys(SEALED, "draft/");
  await store.write([SEALED, key, { iv: new Uint8Array(12), content: new Uint8Array(40) }]);
  return [(await records.drafts()).length, records.broken];
}

/** Photos stay as long as another record names them. */
export async function shared() {
  const { store, records, signer } = await opened(), [one, other] = [full(), full()];
  await records.putPhoto("ab".repeat(32), new Uint8Array([1]));
  await records.saveDraft(other);
  const meta = await records.mark(await records.sign(one, signer), { state: "received" });
  await records.forget([meta]);
  const held = [], count = async () => held.push((await store.keys(PHOTOS, "")).length);
  await count();
  const made = { inspection: one.id, words: "", kind: "supplement", text: "", measure: null, photos: other.record.photos };
  await records.saveAddition(made);
  await records.dropDraft(other);
  await records.dropPhoto("ab".repeat(32));
  await count();
  await records.dropAddition(made);
  await count();
  return held;
}

/** What the server tells of an inspection is kept when it is a chain; what is none leaves what was held before. */
export async function told() {
  const { records, signer } = await opened(), draft = full();
  await records.saveDraft(draft);
  const first = await records.sign(draft, signer);
  const second = await records.add(draft.id, { kind: "followed-up", text: "已下架。", measure: 1, photos: [] }, signer, first);
  const entries = await Promise.all([first, second].map(async (meta) => ({ entry: (await records.signed(meta)).text, digest: meta.digest, received: "2026-09-02T00:00:00.000Z", position: 7 })));
  const app = { records: (await opened()).records, api: { inspection: async () => ({ inspection: draft.id, state: "recorded", entries: app.given, corrections: [] }) } };
  const ask = (given, id = draft.id) => ((app.given = given), askForInspection(app, id).then(String, (error) => error.constructor.name));
  const asked = [await ask(entries), await ask(entries)];
  const [one, two] = entries, altered = { ...two, entry: two.entry.replace("已下架", "未下架") };
  for (const wrong of [[two], [one, altered], [two, one], [one, { ...two, digest: one.digest }]]) asked.push(await ask(wrong));
  asked.push(await ask(entries, "0".repeat(32)));
  const chain = await chainOf(app, draft.id);
  return { asked, numbers: chain.links.map(({ number }) => number), name: titleOf(chain), looked: openOf(chain) };
}

/** A draft is given up, and a photo taken out of another, while a record that was not sent has the same picture. */
export async function givenUp() {
  const { store, records, signer } = await opened(), [one, other, third] = [full(), full(), full()], found = [];
  const count = async () => found.push((await store.keys(PHOTOS, "")).length);
  await records.putPhoto("ab".repeat(32), new Uint8Array([1]));
  await records.putPhoto("cd".repeat(32), new Uint8Array([2]));
  for (const each of [one, other, third]) await records.saveDraft(each);
  const meta = await records.sign(one, signer);
  await records.dropDraft(other);
  await count();
  third.record.photos = [];
  await records.saveDraft(third);
  for (const digest of ["ab", "cd"]) await records.dropPhoto(digest.repeat(32));
  await count();
  return [...found, (await records.photo(meta.photos[0])).length];
}

/** What was typed last is what is kept, however quickly it is typed. */
export async function typing() {
  const { records } = await opened(), told = [], saver = new Saver(records, (state) => told.push(state)), draft = full();
  for (let at = 0; at < 50; at += 1) {
    draft.record.findings = `sign ${at}`;
    saver.save(structuredClone(draft));
  }
  await saver.settled();
  return { kept: (await records.draft(draft.id)).record.findings, writes: told.filter((each) => each === "saving").length, last: told.at(-1) };
}

/** What does not fit is said, and what was kept before stays. The test has made the browser's room small. */
export async function filling(octets) {
  const { store, records } = await opened(), draft = full(), states = [];
  await records.saveDraft(draft);
  const digest = "cd".repeat(32);
  draft.record.photos.push({ digest });
  const refused = await fault(records.saveDraftWithPhoto(draft, digest, new Uint8Array(octets)));
  const saver = new Saver(records, (state) => states.push(state));
  draft.record.findings = "x".repeat(octets);
  await saver.save(draft);
  const kept = await records.draft(draft.id);
  store.close();
  return { refused, photos: kept.record.photos.length, findings: kept.record.findings.length < 100, state: states.at(-1) instanceof NotKept && states.at(-1).reason };
}

/** All or none: a writing of which one part cannot be made. */
export async function together() {
  const { store } = await opened();
  await store.write([PLAIN, "one", 1]);
  const refused = await fault(store.write([PLAIN, "one", 2], [PLAIN, "two", () => "no browser keeps a function"]));
  return { refused, one: await store.get(PLAIN, "one"), two: (await store.get(PLAIN, "two")) ?? null };
}

/** Faults of a record that was changed in one place. */
export function faults(changes) {
  return changes.map(([path, value]) => {
    const { record } = full(), names = path.split("."), last = names.pop();
    names.reduce((at, name) => at[name], record)[last] = value;
    return faultsOf(record).map(({ step }) => step);
  });
}

/** The server's time through sleep, restart and a clock that was set. */
export function times() {
  let wall = 1_000_000, ticks = 0;
  const clock = new Clock({ wall: () => wall, ticks: () => ticks }), unknown = clock.server();
  clock.learn(2_000_000);
  wall += 5_000;
  ticks += 5_000;
  const passed = clock.server();
  wall += 3_600_000; // set forward by an hour; the ticks know better
  const forward = clock.server(), memory = clock.memory();
  wall += 60_000;
  const restarted = new Clock({ kept: memory, wall: () => wall, ticks: () => 0 }).server();
  wall -= 10_000_000;
  const back = new Clock({ kept: memory, wall: () => wall, ticks: () => 0 });
  return { unknown, passed, forward, restarted, back: back.server(), noticed: back.holders.isSetBack() };
}

/** What a site answers that publishes some of the vectors, by the path: the name of a file, and with it its tag. */
async function published(vectors, files) {
  const octets = (name) => Uint8Array.from(atob(vectors.files[name]), (sign) => sign.charCodeAt(0));
  return async (path, { headers }) => {
    if (path.endsWith("keys.json")) return Response.json({ keys: vectors.keyrings.published });
    const name = files[path];
    return headers["If-None-Match"] === name ? { ok: false, status: 304 } : new Response(octets(name), { headers: { ETag: name } });
  };
}

/** Bundles that come one after the other, to two windows and of two scopes. */
export async function publications() {
  const vectors = await (await fetch("/tests/vectors/bundle-v1.json")).json(), real = globalThis.fetch;
  const site = { "/.well-known/traceqr-bundle": "public", "/inspect/api/bundles/all": "greatest-version-of-all" };
  const [own, all] = Object.keys(site), { store } = await opened();
  const clock = new Clock({ wall: () => Date.parse("2026-09-15T04:00:00.000Z"), ticks: () => 0 });
  const [one, other] = [0, 1].map(() => new Bundles({ store, clock, api: new Api() }));
  globalThis.fetch = await published(vectors, site);
  try {
    await one.trust();
    await one.update("public");
    await other.load("public");
    site[own] = "public-later";
    await one.update("public");
    const told = await other.update("public"), seen = other.manifest.version;
    site[own] = "public";
    const older = await fault(other.update("public"));
    await other.load("all");
    await other.update("all");
    await other.load("public");
    return { told, seen, older, after: await fault(other.update("public")), forgotten: (await store.keys("data", "manifest/")).length };
  } finally {
    globalThis.fetch = real;
  }
}

/** What the app makes of answers that are JSON and not the server's: the fault, and the times that it learnt. */
export async function garbage(answers) {
  const real = globalThis.fetch, times = [], api = new Api((at) => times.push(at)), found = [];
  try {
    for (const answer of answers) {
      globalThis.fetch = async () => Response.json(answer);
      found.push(await fault(api.me()));
    }
  } finally {
    globalThis.fetch = real;
  }
  return [found, times];
}

/** What an entry is called after the server has refused it by each of some codes, and whether it is sent again. */
export async function refusals(codes) {
  const real = globalThis.fetch, found = [];
  const me = { account: ME.account, csrf: "x", now: "2026-09-01T08:00:00.000Z" };
  try {
    for (const code of codes) {
      const { records, signer } = await opened(), draft = full();
      draft.record.photos = [];
      await records.sign(draft, signer);
      let sent = 0;
      globalThis.fetch = async (path) => {
        if (path.includes("/me")) return Response.json(me);
        sent += 1;
        return Response.json({ code }, { status: 409 });
      };
      const outbox = new Outbox(records, new Api(), DEVICE);
      for (const _ of [1, 2]) await outbox.send();
      found.push([(await records.entries())[0].state, sent]);
    }
  } finally {
    globalThis.fetch = real;
  }
  return found;
}
