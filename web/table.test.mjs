// The table of a case. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import "./standin.mjs";

const { blankState } = await import("./state.js");
const { differs, filtered, isDivided, lineOf, ranked, reasonsIn, sorted } = await import("./table.js");

let last = 0;
/** A row of the list as the program answers for it. */
function row(name, predicted, probability, { code, decision = null, fields, cells = 10, tally = null, r2 = 0.9, readable = true } = {}) {
  const record = predicted ? { abstained: false, predicted, probabilities: { [predicted]: probability }, standardised: { cells, fields: Array.from({ length: 3 }) } } : { abstained: true, predicted: null, probabilities: null, code };
  return { id: ++last, name, decision, answer: { network: "cells", picture: {}, record, row: fields && { fields } }, trust: predicted ? { cells: { r2, readable, tally } } : {} };
}
const decided = (name) => ({ class: name, certainty: "certain", blind: false, note: "" });
const rows = [
  row("b10.png", "Pro", 0.95, { decision: decided("Pro") }),
  row("b9.png", "Pre", 0.6, { fields: { Benign: 0, Early: 1, Pre: 2, Pro: 0 }, cells: 4 }),
  row("a.png", null, 0, { code: "stain" }),
  row("c.png", "Benign", 0.8, { decision: decided("Early"), readable: false, tally: { cells: 4, classes: [3, 0, 0, 0], neither: 1 } }),
  { id: ++last, name: "d.png", decision: null, answer: null, status: "waiting", trust: {} },
];
const now = { ...blankState(), rows };
const lines = rows.map((each) => lineOf(each, now));
const names = (all) => all.map((line) => line.row.name).join(" ");
const none = { answer: "", reason: "", certainty: "", reader: "" };

test("a line says of an answer what there is, and of what is hidden nothing", () => {
  const [first, second, third] = lines;
  assert.deepEqual([first.predicted, first.probability, first.parts, first.fields, first.cells], ["Pro", 0.95, 3, null, 10]);
  assert.deepEqual([second.fields.Early, isDivided(second.fields), isDivided(first.fields)], [1, true, false]);
  assert.deepEqual([third.code, third.probability, third.parts, third.cells], ["stain", null, null, null]);
  const veiled = lineOf(rows[1], { ...now, readerFirst: true });
  assert.deepEqual({ ...veiled, row: null }, { row: null, name: "b9.png", veiled: true, predicted: null, code: "", probability: null, parts: null, fields: null, cells: null, tally: null, trust: null, decision: null });
  assert.equal(lineOf(rows[0], { ...now, readerFirst: true }).predicted, "Pro", "it was decided on");
});

test("filters leave the lines that pass each of them", () => {
  for (const [filters, left] of [
    [{}, "b10.png b9.png a.png c.png d.png"],
    [{ answer: "Pre" }, "b9.png"],
    [{ answer: "abstained" }, "a.png"],
    [{ reason: "stain" }, "a.png"],
    [{ reason: "blurred" }, ""],
    [{ certainty: "low" }, "b9.png"],
    [{ certainty: "middle" }, "c.png"],
    [{ certainty: "high" }, "b10.png"],
    [{ reader: "none" }, "b9.png a.png d.png"],
    [{ reader: "differs" }, "c.png"],
    [{ reader: "differs", certainty: "high" }, ""],
  ]) assert.equal(names(filtered(lines, { ...none, ...filters })), left, JSON.stringify(filters));
  const hidden = rows.map((each) => lineOf(each, { ...now, readerFirst: true }));
  assert.equal(names(filtered(hidden, { ...none, answer: "Pre" })), "", "what is hidden passes no filter that asks for its answer");
  assert.deepEqual(reasonsIn(lines), ["stain"]);
});

test("lines are sorted by each column, either way, and what has nothing there comes last", () => {
  const by = (column, down = false, order = []) => names(sorted(lines, { by: column, down }, order));
  assert.equal(by("name"), "a.png b9.png b10.png c.png d.png", "numbers in names as numbers");
  assert.equal(by("name", true), "d.png c.png b10.png b9.png a.png");
  assert.equal(by("answer"), "c.png b9.png b10.png a.png d.png");
  assert.equal(by("certainty"), "b9.png c.png b10.png a.png d.png");
  assert.equal(by("certainty", true), "b10.png c.png b9.png a.png d.png");
  assert.equal(by("fields", true), "b9.png b10.png c.png a.png d.png", "divided ones first");
  assert.equal(by("cells"), "b9.png b10.png c.png a.png d.png");
  assert.equal(by("alone"), "c.png b10.png b9.png a.png d.png");
  assert.equal(by("explained"), "c.png b10.png b9.png a.png d.png", "those not to be read first");
  assert.equal(by("reader"), "c.png b10.png b9.png a.png d.png", "disagreements first");
  assert.equal(by("order", false, [rows[3].id, rows[1].id, rows[0].id, rows[2].id]), "c.png b9.png b10.png a.png d.png");
});

test("while its answer is hidden, a picture of known class is sorted by the number that it goes by, not by its folder's name", () => {
  const known = ["Pro/a.png", "Benign/b.png", "Early/c.png"].map((name) => ({ ...row(name, "Pro", 0.9), known: name.replace(/\/.*/, "") }));
  const order = (readerFirst) => names(sorted(known.map((each) => lineOf(each, { ...now, readerFirst })), { by: "name", down: false }, []));
  assert.equal(order(true), "Pro/a.png Benign/b.png Early/c.png");
  assert.equal(order(false), "Benign/b.png Early/c.png Pro/a.png");
});

test("reader and network differ where both name a class and not the same", () => {
  assert.deepEqual(lines.map(differs), [false, false, false, true, false]);
  assert.deepEqual(ranked((_, i) => [0, 2, 5, 2][i]), [{ name: "Pre", n: 5 }, { name: "Early", n: 2 }, { name: "Pro", n: 2 }]);
});
