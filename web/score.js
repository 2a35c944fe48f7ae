// A test with pictures of known class: which come next, and how many were named rightly.

/** @import {Decision} from "./messages" */
/** @import {Row} from "./types" */

/** The pictures of a test: those of known class that can be seen. @param {Row[]} rows */
export function examined(rows) {
  return rows.filter(({ known, answer }) => known !== null && answer?.picture);
}

/** Those that are still to be decided on, the hardest first: the network was least certain of them. Those that it refused come last. @param {Row[]} rows */
export function remaining(rows) {
  const certainty = (/** @type {Row} */ { answer }) => (answer && !answer.record.abstained ? answer.record.probabilities[answer.record.predicted] : 2);
  return examined(rows).filter(({ decision }) => !decision).sort((a, b) => certainty(a) - certainty(b));
}

/** The reading that counts in a test: made while the answer was hidden. What was decided in view of it, before the test or after, is none; null. @param {Row} row @returns {Decision | null} */
export function readingOf({ decision, firstReading }) {
  return decision && (firstReading ?? (decision.blind ? decision : null));
}

/** How many were read while their answers were hidden, and how many of these the reader and the network named rightly. @param {Row[]} rows */
export function scoreOf(rows) {
  const done = examined(rows).filter(readingOf);
  const right = (/** @type {(row: Row) => unknown} */ say) => done.filter((row) => say(row) === row.known).length;
  return { done: done.length, right: right((row) => readingOf(row)?.class), network: right(({ answer }) => answer?.record.predicted), refused: done.filter(({ answer }) => answer?.record.abstained).length, left: remaining(rows).length };
}
