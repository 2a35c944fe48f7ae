import assert from "node:assert/strict";
import { test } from "node:test";
import { divide } from "./sources.js";

const file = (name, size = 1, lastModified = 1) => ({ name, source: { file: { name, size, lastModified } } });
const drawing = (example) => ({ name: example, source: { example } });
const pasted = { name: "Pasted picture", source: { rgba: new Uint8ClampedArray(4), width: 1, height: 1 } };

test("a file is in the list already where name, size and time are those of a row, a drawing where it is the same one", () => {
  const rows = [file("a.png"), file("b.png"), drawing("one"), pasted];
  const { fresh, again } = divide(rows, [file("b.png"), file("b.png", 2), file("b.png", 1, 2), file("c.png"), drawing("one"), drawing("two"), pasted]);
  assert.deepEqual(again, [rows[1], rows[2]]);
  assert.deepEqual(fresh.map(({ name }) => name), ["b.png", "b.png", "c.png", "two", "Pasted picture"], "what is pasted has nothing to be known by");
});

test("a row that is given twice over is named once", () => {
  const rows = [file("a.png")];
  assert.deepEqual(divide(rows, [file("a.png"), file("a.png")]), { fresh: [], again: rows });
});
