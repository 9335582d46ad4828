// What may be chosen in a record, with its words (message ids), in the order of the screens.

/** Marks a message for the catalogues; `t` puts it into the reader's language. */
export const say = (message) => message;

export const KINDS = [
  ["routine", say("Routine check")],
  ["random", say("Random check (double random)")],
  ["complaint", say("After a complaint")],
  ["special", say("Special campaign")],
  ["recall", say("Look at a recall")],
  ["follow-up", say("Follow-up of an ordered correction")],
];

export const FINDINGS = [
  ["conforming", say("Nothing wrong was found")],
  ["problem", say("A problem was found")],
  ["unclear", say("Unclear: to be looked into")],
];

export const MEASURES = [
  ["sealed", say("Sealed on the spot")],
  ["seized", say("Seized")],
  ["sampled", say("Samples taken")],
  ["ordered", say("Correction ordered")],
  ["other", say("Another measure")],
];

export const ADDITIONS = [
  ["supplement", say("Supplement")],
  ["correction", say("Correction of the record")],
  ["followed-up", say("An ordered correction was looked at")],
  ["withdrawn", say("The whole record was made in error")],
];

/** The words of a value. */
export const wordsOf = (choices, value) => choices.find(([each]) => each === value)?.[1] ?? value;
