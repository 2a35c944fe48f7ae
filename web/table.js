// The table of all pictures of a case: what stands in each line, which lines a filter leaves,
// and their order. Nothing here touches the page.

import { nameOf } from "./decision.js";
import { classes, isVeiled, placeOf } from "./state.js";

/** @import {ClassName, Code, Counts} from "./messages" */
/** @import {CaseView, Column, Filters, Line, Row, State} from "./types" */

/** The columns, in order; the first is the picture itself. @type {Exclude<Column, "order">[]} */
export const columns = ["name", "answer", "certainty", "fields", "cells", "alone", "explained", "reader"];

/** Bounds of a certainty that is called low, and of one that is called high. */
export const [leastMiddle, leastHigh] = [0.7, 0.9];

/** What stands in the table of a row. What is hidden is not there at all. @param {Row} row @param {State} now @returns {Line} */
export function lineOf(row, now) {
  const veiled = isVeiled(row, now);
  const { answer, decision } = row;
  const name = nameOf(row, now);
  if (veiled || !answer) return { row, name, veiled, predicted: null, code: "", probability: null, parts: null, fields: null, cells: null, tally: null, trust: null, decision };
  const { record } = answer;
  const trust = row.trust[placeOf(row)] ?? null;
  return {
    row, name, veiled, decision, trust,
    predicted: record.predicted,
    code: record.code ?? "",
    probability: record.abstained ? null : record.probabilities[record.predicted],
    parts: record.abstained ? null : record.standardised?.fields.length ?? null,
    fields: answer.row?.fields ?? null,
    cells: record.standardised?.cells ?? null,
    tally: trust?.tally ?? null,
  };
}

/** Whether the fields of a picture are read as more than one class. @param {Counts | null} fields */
export function isDivided(fields) {
  return fields !== null && classes.filter((name) => fields[name] > 0).length > 1;
}

/** Whether reader and network name different classes. @param {Line} line */
export function differs({ predicted, decision }) {
  return Boolean(predicted && decision?.class && decision.class !== predicted);
}

/** The lines that filters leave. What is hidden passes none that asks for an answer. @param {Line[]} lines @param {Filters} filters */
export function filtered(lines, { answer, reason, certainty, reader }) {
  return lines.filter((line) => {
    if (answer === "abstained" ? line.code === "" : answer !== "" && line.predicted !== answer) return false;
    if (reason !== "" && line.code !== reason) return false;
    if (certainty !== "" && certaintyOf(line) !== certainty) return false;
    if (reader === "none") return line.decision === null;
    return reader === "" || differs(line);
  });
}

/** @param {Line} line */
function certaintyOf({ probability }) {
  if (probability === null) return "";
  return probability < leastMiddle ? "low" : probability < leastHigh ? "middle" : "high";
}

/** A name as it is sorted: numbers in it as numbers. A collator would take most of the time that sorting thousands may. @param {string} name */
function sortable(name) {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(15, "0"));
}

/** By what a line is sorted; null where it has nothing of the kind: such lines come last. @type {Record<Exclude<Column, "order" | "name">, (line: Line) => number | null>} */
const values = {
  answer: ({ predicted, code }) => (predicted ? classes.indexOf(predicted) : code ? classes.length : null),
  certainty: ({ probability }) => probability,
  fields: ({ parts, fields }) => (parts === null ? null : 1000 * Number(isDivided(fields)) + parts),
  cells: ({ cells }) => cells,
  alone: ({ tally }) => (tally && tally.cells > 0 ? Math.max(...tally.classes) / tally.cells : null),
  explained: ({ trust }) => trust && trust.r2 + Number(trust.readable),
  reader: (line) => (line.decision === null ? null : line.decision.class ? classes.indexOf(line.decision.class) - 10 * Number(differs(line)) : classes.length),
};

/**
 * Lines in order: order is that of the summary, by ids of rows; a line that it does not hold comes last.
 * @param {Line[]} lines
 * @param {CaseView["sorting"]} sorting
 * @param {number[]} order
 */
export function sorted(lines, { by, down }, order) {
  const sign = down ? -1 : 1;
  if (by === "name") return lines.map((line) => ({ line, name: sortable(line.name) })).sort((a, b) => sign * (a.name < b.name ? -1 : Number(a.name > b.name))).map(({ line }) => line);
  const places = by === "order" ? new Map(order.map((id, i) => [id, i])) : null;
  const value = by === "order" ? (/** @type {Line} */ { row }) => places?.get(row.id) ?? null : values[by];
  return lines.map((line) => ({ line, value: value(line) }))
    .sort((a, b) => (a.value === null || b.value === null ? Number(a.value === null) - Number(b.value === null) : sign * (a.value - b.value)))
    .map(({ line }) => line);
}

/** The reasons that occur, each once. @param {Line[]} lines @returns {Code[]} */
export function reasonsIn(lines) {
  return [...new Set(lines.map(({ code }) => code))].filter((code) => code !== "").sort();
}

/** The classes that a tally or the fields have, the most frequent first. @param {(name: ClassName, i: number) => number} of */
export function ranked(of) {
  return classes.map((name, i) => ({ name, n: of(name, i) })).filter(({ n }) => n > 0).sort((a, b) => b.n - a.n);
}
