// The pixels of some rows, those of one field each, and what was explained of them unasked, so that
// stepping to and fro reads and explains nothing again.

import { keptPixels } from "./state.js";

/** @import {Row, Seen} from "./types" */

/** @type {Map<Row, Seen>} */
let kept = new Map();

/** The pixels of a row, or null where they are not kept. @param {Row} row */
export function keptOf(row) {
  return kept.get(row) ?? null;
}

/** Keeps the pixels of a row if there is room. @param {Row} row @param {Seen} seen */
export function keepIfRoom(row, seen) {
  if (kept.size < keptPixels) kept.set(row, seen);
}

/** Keeps the pixels of a row that was shown, in place of those that were shown longest ago. @param {Row} row @param {Seen} seen */
export function keep(row, seen) {
  kept.delete(row);
  kept.set(row, seen);
  const [oldest] = kept.keys();
  if (kept.size > keptPixels) drop(oldest);
}

/** Forgets those of a row, which is read again. @param {Row} row */
export function drop(row) {
  kept.delete(row);
  for (const [place, { asked, second }] of Object.entries(row.explanations)) if (!asked && !second) delete row.explanations[place];
}

/** Forgets all of them. */
export function forget() {
  for (const row of kept.keys()) drop(row);
  kept = new Map();
}
