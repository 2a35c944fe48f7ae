// Which pictures of a case are worth seeing on paper, and why.

import { differs, isDivided, sorted } from "./table.js";

/** @import {ClassName} from "./messages" */
/** @import {Line} from "./types" */

/** @typedef {"differs" | "other" | "divided" | "least"} Why */

/** How many of the least certain answers are worth seeing. */
export const fewest = 3;

/**
 * The pictures on which reader and network differ, whose answer is another than most have,
 * whose fields disagree, and the least certain answers, in the order of the summary.
 * @param {Line[]} lines
 * @param {number[]} order
 * @param {ClassName | null} leading
 * @returns {{ line: Line, why: Why[] }[]}
 */
export function worthSeeing(lines, order, leading) {
  const answered = lines.filter(({ predicted }) => predicted !== null);
  const least = new Set(sorted(answered, { by: "certainty", down: false }, []).slice(0, fewest));
  return sorted(answered, { by: "order", down: false }, order).map((line) => {
    /** @type {[Why, boolean][]} */
    const reasons = [["differs", differs(line)], ["other", leading !== null && line.predicted !== leading], ["divided", isDivided(line.fields)], ["least", least.has(line)]];
    return { line, why: reasons.filter(([, holds]) => holds).map(([why]) => why) };
  }).filter(({ why }) => why.length > 0);
}
