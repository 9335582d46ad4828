// Inspections as the server has them: those of other phones and of colleagues, and what others have added to one's own.

import { sha256 } from "./device.js";
import { orderedIn } from "./record.js";
import { Altered } from "./vault.js";
import { t } from "./words.js";

/** Thrown where what came is no chain of entries. */
export class NoChain extends Error {}

const name = (inspection) => `told/${inspection}`;

/** What the server told last, as `{state, entries, corrections}`; undefined if it was never asked. */
export const heldTold = (app, inspection) => app.records.known(name(inspection));

/** Ask the server, and keep what it tells. Says whether it is news. */
export async function askForInspection(app, inspection) {
  const { state, entries, corrections } = await app.api.inspection(inspection);
  await requireChain(inspection, entries);
  const told = { state, entries, corrections }, before = await heldTold(app, inspection);
  if (JSON.stringify(before) === JSON.stringify(told)) return false;
  await app.records.know(name(inspection), told);
  return true;
}

/** Each entry is what its digest says, and names the one before it. */
async function requireChain(inspection, entries) {
  let previous = null;
  for (const [at, { entry, digest }] of entries.entries()) {
    const said = JSON.parse(entry);
    const fits = said.inspection === inspection && said.entry === at && said.previous === previous;
    if (!fits || (await sha256(new TextEncoder().encode(entry))) !== digest) throw new NoChain(`expected entry ${at} of ${inspection}, got another`);
    previous = digest;
  }
}

/** All that is known of an inspection: its links in order, each `{number, digest, meta, content, made, received, position}`, where `meta` is of this phone and `content` null if it was altered here. */
export async function chainOf(app, inspection) {
  const metas = await app.records.entriesOf(inspection), told = await heldTold(app, inspection);
  const here = await Promise.all(metas.map(async (meta) => ({ number: meta.entry, digest: meta.digest, meta, content: await contentOf(app, meta), made: meta.made, received: meta.received, position: meta.position })));
  const there = (told?.entries ?? []).filter(({ digest }) => !metas.some((meta) => meta.digest === digest)).map(toldLink);
  const links = [...here, ...there].sort((one, other) => one.number - other.number);
  return { inspection, links, state: told?.state, corrections: told?.corrections ?? [], record: links.find(({ number }) => number === 0)?.content?.record ?? null };
}

function toldLink({ entry, digest, received, position }) {
  const content = JSON.parse(entry);
  return { number: content.entry, digest, meta: null, content, made: content.made, received, position };
}

async function contentOf(app, meta) {
  try {
    return JSON.parse((await app.records.signed(meta)).text);
  } catch (error) {
    if (!(error instanceof Altered)) throw error;
    return null;
  }
}

export const titleOf = ({ record, links }) => record?.premises.name || links[0]?.meta?.told.words || t("Inspection");

export const isWithdrawn = ({ state, links }) => state === "withdrawn" || links.some(({ content }) => content?.addition?.kind === "withdrawn");

/** The ordered corrections of an inspection, each with whether it is known that somebody has looked at it. */
export function openOf({ record, corrections: told, links }) {
  const looked = new Set([
    ...told.filter(({ followed }) => followed).map(({ measure }) => measure),
    ...links.map(({ content }) => content?.addition).filter((each) => each?.kind === "followed-up").map(({ measure }) => measure),
  ]);
  return orderedIn(record).map((each) => ({ ...each, looked: looked.has(each.measure) }));
}
