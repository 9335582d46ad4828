// Drafts, signed entries and photos on this device, sealed. A signed entry's text is never written again.

import { PHOTOS, SEALED } from "./store.js";
import { Altered } from "./vault.js";
import { settled, signedEntry, summary } from "./record.js";

/** What became of a signed entry. */
export const STATE = { waiting: "waiting", received: "received", conflict: "conflict", refused: "refused" };

const draftKey = (id) => `draft/${id}`;
const place = ({ inspection, entry }) => `${inspection}/${String(entry).padStart(4, "0")}`;
const entryKey = (meta) => `entry/${place(meta)}`;
const textKey = (meta) => `text/${place(meta)}`;
const photoKey = (digest) => `photo/${digest}`;

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

  /** Forget a draft, and its photos unless another record has them. */
  async dropDraft(draft) {
    const needed = await this.#photosNeededBeside(new Set([draftKey(draft.id)]));
    const photos = draft.record.photos.filter(({ digest }) => !needed.has(digest));
    await this.#store.write([SEALED, draftKey(draft.id), null], ...photos.map(({ digest }) => [PHOTOS, photoKey(digest), null]));
  }

  /** Forget a photo that was taken out of a draft, unless a record still has it. */
  async dropPhoto(digest) {
    const needed = await this.#photosNeededBeside(new Set());
    if (!needed.has(digest)) await this.#store.write([PHOTOS, photoKey(digest), null]);
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
      return this.#keep({ inspection, entry: entry + 1, previous: digest }, { addition }, signer);
    });
  }

  async #keep(where, content, signer, ...changes) {
    if (await this.#store.get(SEALED, textKey(where))) throw new Error(`expected no entry ${place(where)} yet, found one`);
    const signed = await signedEntry(where, content, signer);
    const { record, addition } = content;
    const meta = {
      inspection: where.inspection, entry: where.entry, digest: signed.digest, account: signer.account, made: signer.clock.now(),
      photos: (record ?? addition).photos.map(({ digest }) => digest), told: summary(content), state: STATE.waiting,
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
    const needed = await this.#photosNeededBeside(new Set(gone.map(entryKey)));
    const photos = gone.flatMap((meta) => meta.photos).filter((digest) => !needed.has(digest));
    await this.#store.write(
      ...gone.flatMap((meta) => [[SEALED, entryKey(meta), null], [SEALED, textKey(meta), null]]),
      ...photos.map((digest) => [PHOTOS, photoKey(digest), null]),
    );
  }

  /** The same picture may be in two records: what all have but those of some keys. */
  async #photosNeededBeside(gone) {
    const entries = (await this.entries()).filter((meta) => !gone.has(entryKey(meta))).flatMap((meta) => meta.photos);
    const others = (await this.drafts()).filter(({ id }) => !gone.has(draftKey(id)));
    const drafts = others.flatMap(({ record }) => record.photos.map(({ digest }) => digest));
    return new Set([...entries, ...drafts]);
  }

  async putPhoto(digest, bytes) {
    await this.#store.write([PHOTOS, photoKey(digest), await this.#vault.seal(photoKey(digest), bytes)]);
  }

  async photo(digest) {
    const sealed = await this.#store.get(PHOTOS, photoKey(digest));
    if (!sealed) throw new Altered(`expected the photo ${digest}`);
    return this.#vault.unseal(photoKey(digest), sealed);
  }

  /** A draft and the photos that were taken for it in one, so that no photo is named that is not there. */
  async saveDraftWithPhoto(draft, digest, bytes) {
    await this.#store.write(
      [PHOTOS, photoKey(digest), await this.#vault.seal(photoKey(digest), bytes)],
      await this.#sealed(draftKey(draft.id), draft),
    );
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
