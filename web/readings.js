// What the cells of a field read as, one by one, and which of them its reading rests on, in words.

import { classes } from "./state.js";
import { count, percent, text } from "./text.js";

/** @import {CellSet, Reading, Readings} from "./messages" */

/** What is said of the cells together. @param {Readings} readings */
export function sentences(readings) {
  const { whole: all, tally, decisive, sufficient } = readings;
  const of = { class: text(`short.${all.class}`), percent: percent(all.probabilities[classes.indexOf(all.class)]) };
  return [tallyWords(readings), ...(tally.cells > 1 ? [setWords("decisive", decisive, of), setWords("sufficient", sufficient, of)] : [])];
}

/** How many cells read as what, each shown alone: the most frequent class first. @param {Readings} readings */
export function tallyWords({ tally, threshold, cells }) {
  const least = percent(threshold);
  if (tally.cells === 1) return text("tally.one", { reading: readingWords(cells[0].alone) });
  const parts = classes.map((name, i) => ({ name, n: tally.classes[i] })).filter(({ n }) => n > 0).sort((a, b) => b.n - a.n)
    .map(({ name, n }, i) => text(i === 0 ? (n === 1 ? "tally.first.one" : "tally.first") : "tally.class", { count: count(n), class: text(`short.${name}`) }));
  if (tally.neither > 0) parts.push(text(parts.length === 0 ? (tally.neither === 1 ? "tally.first.neither.one" : "tally.first.neither") : "tally.neither", { count: count(tally.neither), least }));
  return text("tally", { cells: count(tally.cells), parts: listed(parts) });
}

// The words for a set that is there and for one that is not; the field's own class always suffices for itself.
const setTexts = {
  decisive: { proven: ["decisive.smallest.one", "decisive.smallest"], found: ["decisive.small.one", "decisive.small"], none: "decisive.none", unknown: "decisive.unknown", empty: "decisive.none" },
  sufficient: { proven: ["sufficient.smallest.one", "sufficient.smallest"], found: ["sufficient.small.one", "sufficient.small"], none: "sufficient.empty", unknown: "sufficient.empty", empty: "sufficient.empty" },
};

/** @param {"decisive" | "sufficient"} kind @param {CellSet} set @param {Record<string, unknown>} whole */
function setWords(kind, { found, proven, cells, reading }, whole) {
  const texts = setTexts[kind];
  if (!found) return text(proven ? texts.none : texts.unknown, whole);
  if (cells.length === 0) return text(texts.empty, whole);
  const words = { ...whole, cells: listed(cells.map((cell) => count(cell + 1))), reading: text("reading", { class: text(`short.${reading.class}`), percent: percent(reading.probabilities[classes.indexOf(reading.class)]) }) };
  return text((proven ? texts.proven : texts.found)[cells.length === 1 ? 0 : 1], words);
}

/** What something reads as, with its probability; that of the most probable class where it is none of them. @param {Reading} reading */
export function readingWords({ class: name, probabilities, neither }) {
  const words = { class: text(`short.${name}`), percent: percent(probabilities[classes.indexOf(name)]) };
  return text(neither ? "reading.neither" : "reading", words);
}

/** a, b and c. @param {string[]} parts */
function listed(parts) {
  return parts.length < 2 ? parts.join("") : text("listed", { first: parts.slice(0, -1).join(", "), last: parts[parts.length - 1] });
}
