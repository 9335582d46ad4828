// Drafts, signed entries and photos on this device, sealed. A signed entry's text is never written again.

import { PHOTOS, SEALED } from "./store.js";
import { Altered } from "./vault.js";
import { settled, settledAddition, signedEntry, summary } from "./record.js";

/** What became of a signed entry. */
export const STATE = { waiting: "waiting", received: "received", conflict: "conflict", refused: "refused" };

const draftKey = (id) => `draft/${id}`;
const place = ({ inspection, entry }) => `${inspection}/${String(entry).padStart(4, "0")}`;
const entryKey = (meta) => `entry/${place(meta)}`;
const textKey = (meta) => `text/${place(meta)}`;
const photoKey = (digest) => `photo/${digest}`;
const additionKey = (inspection) => `addition/${inspection}`;
const named = (photos) => photos.map(({ digest }) => digest);

/** One window at a time lengthens a chain. */
const alone = (inspection, act) => navigator.locks.request(`traceqr-chain-${inspection}`, act);

export class Records {
  #store;
  #vault;

  constructor(store, vault) {
    this.#store = store;
    this.#vault = vault;
  }

  get vault() {
    return this.#vault;
  }

  /** A small thing that is sealed, such as who the inspector is; undefined if there is none. */
  async known(name) {
    const sealed = await this.#store.get(SEALED, `known/${name}`);
    return sealed && this.#vault.unsealValue(`known/${name}`, sealed);
  }

  async know(name, value) {
    await this.#store.write(await this.#sealed(`known/${name}`, value));
  }

  /** How many things were found that cannot be read: changed by somebody, or damaged. */
  broken = 0;

  async drafts() {
    const found = await this.#all("draft/");
    return found.sort((one, other) => other.changed - one.changed);
  }

  async draft(id) {
    const sealed = await this.#store.get(SEALED, draftKey(id));
    return sealed && this.#vault.unsealValue(draftKey(id), sealed);
  }

  async saveDraft(draft) {
    await this.#store.write(await this.#sealed(draftKey(draft.id), draft));
  }

  /** Forget a draft and its photos. */
  dropDraft(draft) {
    return this.#drop([draftKey(draft.id)], named(draft.record.photos));
  }

  /** What is being written to be added to an inspection, as `{inspection, words, kind, text, measure, photos}`; undefined if nothing is. */
  async addition(inspection) {
    const sealed = await this.#store.get(SEALED, additionKey(inspection));
    return sealed && this.#vault.unsealValue(additionKey(inspection), sealed);
  }

  additions() {
    return this.#all("addition/");
  }

  async saveAddition(made) {
    await this.#store.write(await this.#sealed(additionKey(made.inspection), made));
  }

  dropAddition(made) {
    return this.#drop([additionKey(made.inspection)], named(made.photos));
  }

  /** Forget a photo that was taken out, unless something else names it. */
  dropPhoto(digest) {
    return this.#drop([], [digest]);
  }

  /** Sign a draft: it becomes entry 0, in one step. `signer` is `{keys, device, account, clock}`. */
  async sign(draft, signer) {
    const record = settled(draft.record, signer.clock.now());
    return alone(draft.id, () => this.#keep({ inspection: draft.id, entry: 0, previous: null }, { record }, signer, [SEALED, draftKey(draft.id), null]));
  }

  /** Sign an addition behind the last entry of an inspection, of which the server may know more than this device. */
  async add(inspection, addition, signer, last) {
    return alone(inspection, async () => {
      const [own] = (await this.entriesOf(inspection)).slice(-1); // another window may have added meanwhile
      const { entry, digest } = own && own.entry > last.entry ? own : last;
      return this.#keep({ inspection, entry: entry + 1, previous: digest }, { addition: settledAddition(addition) }, signer, [SEALED, additionKey(inspection), null]);
    });
  }

  async #keep(where, content, signer, ...changes) {
    if (await this.#store.get(SEALED, textKey(where))) throw new Error(`expected no entry ${place(where)} yet, found one`);
    const signed = await signedEntry(where, content, signer);
    const { record, addition } = content;
    const meta = {
      inspection: where.inspection, entry: where.entry, digest: signed.digest, account: signer.account, made: signer.clock.now(),
      photos: named((record ?? addition).photos), told: summary(content), state: STATE.waiting,
    };
    await this.#store.write(
      await this.#sealed(textKey(meta), { text: signed.text, signature: signed.signature }),
      await this.#sealed(entryKey(meta), meta),
      ...changes,
    );
    return meta;
  }

  /** All entries, oldest first. */
  async entries() {
    const found = await this.#all("entry/");
    return found.sort((one, other) => one.made - other.made || one.entry - other.entry);
  }

  /** The entries of one inspection, in order. */
  entriesOf(inspection) {
    return this.#all(`entry/${inspection}/`);
  }

  /** An entry's text and signature, as signed. */
  async signed(meta) {
    const sealed = await this.#store.get(SEALED, textKey(meta));
    if (!sealed) throw new Altered(`expected the text of ${place(meta)}`);
    return this.#vault.unsealValue(textKey(meta), sealed);
  }

  /** Note what became of an entry. */
  async mark(meta, change) {
    const marked = { ...meta, ...change };
    await this.#store.write(await this.#sealed(entryKey(meta), marked));
    return marked;
  }

  /** Forget entries that the server has, with their photos. Others stay, whoever asks. */
  async forget(metas) {
    const gone = metas.filter(({ state }) => state === STATE.received);
    await this.#drop(gone.flatMap((meta) => [entryKey(meta), textKey(meta)]), gone.flatMap((meta) => meta.photos));
  }

  /** Forget what is under these keys, and those of these photos that nothing else names: the same picture may be in two records. */
  async #drop(keys, photos) {
    const held = [
      ...(await this.entries()).map((meta) => [entryKey(meta), meta.photos]),
      ...(await this.drafts()).map(({ id, record }) => [draftKey(id), named(record.photos)]),
      ...(await this.additions()).map((made) => [additionKey(made.inspection), named(made.photos)]),
    ];
    const needed = new Set(held.flatMap(([key, digests]) => (keys.includes(key) ? [] : digests)));
    const gone = photos.filter((digest) => !needed.has(digest)).map((digest) => [PHOTOS, photoKey(digest), null]);
    await this.#store.write(...keys.map((key) => [SEALED, key, null]), ...gone);
  }

  /** Inspections as the server told them are kept as long as what was received. */
  async forgetTold() {
    const keys = await this.#store.keys(SEALED, "known/told/");
    await this.#store.write(...keys.map((key) => [SEALED, key, null]));
  }

  async putPhoto(digest, bytes) {
    await this.#store.write([PHOTOS, photoKey(digest), await this.#vault.seal(photoKey(digest), bytes)]);
  }

  async photo(digest) {
    const sealed = await this.#store.get(PHOTOS, photoKey(digest));
    if (!sealed) throw new Altered(`expected the photo ${digest}`);
    return this.#vault.unseal(photoKey(digest), sealed);
  }

  /** A draft and a photo that was taken for it in one, so that no photo is named that is not there. */
  saveDraftWithPhoto(draft, digest, bytes) {
    return this.#saveWithPhoto(draftKey(draft.id), draft, digest, bytes);
  }

  saveAdditionWithPhoto(made, digest, bytes) {
    return this.#saveWithPhoto(additionKey(made.inspection), made, digest, bytes);
  }

  async #saveWithPhoto(key, value, digest, bytes) {
    await this.#store.write([PHOTOS, photoKey(digest), await this.#vault.seal(photoKey(digest), bytes)], await this.#sealed(key, value));
  }

  async #sealed(key, value) {
    return [SEALED, key, await this.#vault.sealValue(key, value)];
  }

  /** All that can be read: one thing that was damaged must not hide the others. */
  async #all(prefix) {
    const keys = await this.#store.keys(SEALED, prefix), values = await this.#store.values(SEALED, prefix);
    const found = await Promise.allSettled(keys.map((key, at) => this.#vault.unsealValue(key, values[at])));
    this.broken = Math.max(this.broken, found.filter(({ status }) => status === "rejected").length);
    return found.flatMap(({ status, value }) => (status === "fulfilled" ? [value] : []));
  }
}

/** Saves a draft as it is typed: one writing at a time, and the last state always. `onState` is told `saving`, `saved` or the fault. */
export class Saver {
  #records;
  #onState;
  #next = null;
  #running = null;

  constructor(records, onState) {
    this.#records = records;
    this.#onState = onState;
  }

  save(draft) {
    this.#next = draft;
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /** When all that was given has been written. */
  async settled() {
    await this.#running;
  }

  async #run() {
    while (this.#next) {
      const draft = this.#next;
      this.#next = null;
      this.#onState("saving");
      try {
        await this.#records.saveDraft(draft);
        if (!this.#next) this.#onState("saved");
      } catch (error) {
        this.#onState(error);
      }
    }
  }
}
