// The pixels of some rows, so that stepping to and fro reads no file again.

import { keptPixels } from "./state.js";

/** @import {Pixels} from "./messages" */
/** @import {Row} from "./types" */

/** @type {Map<Row, Pixels>} */
let kept = new Map();

/** The pixels of a row, or null where they are not kept. @param {Row} row */
export function keptOf(row) {
  return kept.get(row) ?? null;
}

/** Keeps the pixels of a row if there is room. @param {Row} row @param {Pixels} pixels */
export function keepIfRoom(row, pixels) {
  if (kept.size < keptPixels) kept.set(row, pixels);
}

/** Keeps the pixels of a row that was shown, in place of those that were shown longest ago. @param {Row} row @param {Pixels} pixels */
export function keep(row, pixels) {
  kept.delete(row);
  kept.set(row, pixels);
  const [oldest] = kept.keys();
  if (kept.size > keptPixels) kept.delete(oldest);
}

/** Forgets all of them. */
export function forget() {
  kept = new Map();
}
