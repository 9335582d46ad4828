// A draft, screen by screen. What is typed is saved as it is typed; what was drawn over the record holds only for that record.

import { el } from "./dom.js";
import { button, savedLine } from "./fields.js";
import { ask, stage, tell } from "./frame.js";
import { faultsOf, STEPS, unsigned } from "./record.js";
import { basis, premises } from "./step_basis.js";
import { goods, labels, photos } from "./step_goods.js";
import { finding } from "./step_finding.js";
import { review, signing } from "./step_signing.js";
import { t } from "./words.js";

const SCREENS = { basis, premises, labels, goods, photos, finding, signing, review };

const names = () => ({
  basis: t("Kind and officers"), premises: t("Premises"), labels: t("Labels"), goods: t("Goods"),
  photos: t("Photos"), finding: t("Findings and measures"), signing: t("Signatures of all"), review: t("Look through and sign"),
});

/** `edit` is what each screen works on: the draft, and what to call when it was changed. */
export async function draftScreen(app, id, step = "basis") {
  const draft = await app.records.draft(id);
  if (!draft) return app.go("records");
  const edit = new Edit(app, draft, STEPS.includes(step) ? step : "basis");
  const mine = await edit.claim();
  app.leave = () => edit.release();
  if (!mine) return elsewhere(app);
  await edit.show();
}

function elsewhere(app) {
  stage(app, { title: t("Inspections"), back: "#/records", content: el("p.lead", {}, t("This draft is open in another window. Close it there first.")) });
}

class Edit {
  #release = null;
  #held = null;

  constructor(app, draft, step) {
    Object.assign(this, { app, draft, step, record: draft.record, saver: app.saver });
    draft.step = step;
    this.saved = savedLine();
  }

  /** One window at a time writes a draft. */
  claim() {
    return new Promise((told) => {
      this.#held = navigator.locks.request(`traceqr-draft-${this.draft.id}`, { ifAvailable: true }, (lock) => {
        told(Boolean(lock));
        return lock && new Promise((done) => (this.#release = done));
      });
    });
  }

  async release() {
    await this.saver.settled();
    this.app.onSaved = null;
    this.#release?.();
    await this.#held;
  }

  /** Something was typed. */
  changed = () => {
    this.draft.changed = this.app.clock.now();
    this.saver.save(this.draft);
  };

  async show() {
    const { app, step } = this;
    app.onSaved = this.saved.show;
    const at = STEPS.indexOf(step), content = await SCREENS[step](this);
    const locked = this.record.signatures.length > 0 && !["signing", "review"].includes(step);
    stage(app, {
      title: names()[step],
      back: "#/records",
      content: [this.#progress(at), locked ? this.#sealed() : null, el("fieldset.step", { disabled: locked }, ...[content].flat()), this.saved.place],
      buttons: [
        button(t("Back"), () => (at ? this.go(STEPS[at - 1]) : app.go("records")), "call"),
        this.last ?? button(t("Next part"), () => this.go(STEPS[at + 1]), "go"),
      ],
    });
  }

  go(step) {
    this.app.go(`draft/${this.draft.id}/${step}`);
  }

  /** Show the screen anew, where it was; or at the last of what was added to it. */
  again = async (added) => {
    const at = window.scrollY;
    await this.show();
    window.scrollTo(0, at);
    if (added) [...document.querySelectorAll(added)].at(-1)?.scrollIntoView();
  };

  /** After a signature the record stands still, or the signature would be under something else. */
  #sealed() {
    const open = async () => {
      const sure = await ask({ title: t("Change the record?"), words: t("Signatures that were drawn are removed: they were given under what stands here now."), yes: t("Change it") });
      if (!sure) return;
      this.record.signatures = [];
      this.changed();
      await this.show();
    };
    return el("p.notice-line.note", {}, t("There are signatures already."), button(t("Change the record"), open, "plain-button"));
  }

  #progress(at) {
    const wrong = new Set(faultsOf(this.record).map(({ step }) => step));
    if (unsigned(this.record).length) wrong.add("signing");
    const words = names();
    return el("nav.progress", { "aria-label": t("Parts of the record") }, ...STEPS.map((step, index) =>
      el("a", { href: `#/draft/${this.draft.id}/${step}`, title: words[step], "aria-label": `${index + 1} ${words[step]}`, "aria-current": index === at ? "step" : null, class: wrong.has(step) ? "open" : "done" }, String(index + 1))));
  }

  /** Forget the draft. */
  async drop() {
    const sure = await ask({ title: t("Delete this draft?"), words: t("It is on this phone alone, with its photos. This cannot be taken back."), yes: t("Delete") });
    if (!sure) return;
    await this.app.saver.settled();
    await this.app.records.dropDraft(this.draft);
    await this.app.count();
    tell(t("Removed."));
    this.app.go("records");
  }
}
