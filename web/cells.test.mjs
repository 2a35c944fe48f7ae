import assert from "node:assert/strict";
import { test } from "node:test";
import "./standin.mjs";

const { boxesOf, linesAround, squareAround, tinted } = await import("./cells.js");
const { readingWords, sentences, tallyWords } = await import("./readings.js");
const { noCell } = await import("./state.js");

/** A field of 20 x 20 pixels: a cell of 6 x 4 in the middle, and one of 3 x 3 in the corner that touches nothing. */
function field() {
  const labels = new Uint16Array(400).fill(noCell);
  for (let y = 8; y < 12; y++) labels.fill(1, 20 * y + 7, 20 * y + 13);
  for (let y = 0; y < 3; y++) labels.fill(0, 20 * y + 17, 20 * y + 20);
  return labels;
}

test("cells are tinted by their weights, within a line of their colour; without weights there is the line alone", () => {
  const at = (pixels, x, y) => [...pixels.slice(4 * (20 * y + x), 4 * (20 * y + x) + 4)];
  const tints = tinted(field(), [-1, 0.5], 20);
  assert.deepEqual([at(tints, 9, 10), at(tints, 7, 8)], [[214, 30, 44, 65], [214, 30, 44, 255]], "for: half as strong as the strongest, and its rim");
  assert.deepEqual([at(tints, 18, 0), at(tints, 17, 0)], [[31, 87, 200, 130], [31, 87, 200, 255]], "against");
  assert.deepEqual(at(tints, 0, 0), [0, 0, 0, 0]);
  const bare = tinted(field(), null, 20);
  assert.deepEqual([at(bare, 9, 10)[3], at(bare, 7, 8)], [0, [255, 255, 255, 255]]);
});

test("each cell has its box, and a square around it that stays within the picture", () => {
  const [corner, middle] = boxesOf(field(), 20);
  assert.deepEqual([corner, middle], [{ left: 17, top: 0, right: 20, bottom: 3 }, { left: 7, top: 8, right: 13, bottom: 12 }]);
  assert.deepEqual(squareAround(middle, 20), { x: 4, y: 4, size: 12 });
  assert.deepEqual(squareAround(corner, 20), { x: 11, y: 0, size: 9 });
});

test("the line around a cell lies within it, is closed, and nothing else is drawn", () => {
  const [labels, scale] = [field(), 3];
  const lines = linesAround(labels, 20, scale);
  for (let y = 0; y < 60; y++) {
    for (let x = 0; x < 60; x++) {
      const inside = labels[20 * Math.floor(y / scale) + Math.floor(x / scale)] !== noCell;
      const atRim = inside && (x === 21 || x === 38 || y === 24 || y === 35 || x === 51 || x === 59 || y === 0 || y === 8);
      const drawn = lines[4 * (60 * y + x) + 3] > 0;
      if (!inside) assert.ok(!drawn, `(${x},${y}) lies outside`);
      if (atRim) assert.ok(drawn, `(${x},${y}) is a rim`);
    }
  }
  assert.equal(lines[4 * (60 * 30 + 30) + 3], 0, "the middle is free");
});

const reading = (name, p, neither = false) => ({ class: name, neither, probabilities: ["Benign", "Early", "Pre", "Pro"].map((each) => (each === name ? p : (1 - p) / 3)) });
const readings = (classes, neither, sets = {}) => {
  const cells = classes.reduce((sum, n) => sum + n, neither);
  const none = { found: false, proven: true, cells: [], tried: cells, reading: reading("Benign", 0) };
  return { threshold: 0.5, whole: reading("Pre", 0.98), cells: Array.from({ length: cells }, () => ({ alone: reading("Pre", 0.9) })), tally: { cells, classes, neither }, decisive: none, sufficient: { ...none, found: true }, ...sets };
};

test("cells are counted by what they read as alone, the most frequent class first", () => {
  assert.equal(tallyWords(readings([1, 0, 12, 0], 1)), "Of 14 cells, each shown alone, 12 read as Pre-B, 1 as Benign and 1 as neither (no class reaches 50.0%).");
  assert.equal(tallyWords(readings([0, 0, 2, 0], 0)), "Of 2 cells, each shown alone, 2 read as Pre-B.");
  assert.equal(tallyWords(readings([1, 0, 0, 0], 2)), "Of 3 cells, each shown alone, 1 reads as Benign and 2 as neither (no class reaches 50.0%).");
  assert.equal(tallyWords(readings([0, 0, 0, 0], 3)), "Of 3 cells, each shown alone, 3 read as neither (no class reaches 50.0%).");
  assert.equal(tallyWords(readings([0, 0, 1, 0], 0)), "The one cell reads as Pre-B 90.0%.");
  assert.equal(readingWords(reading("Pro", 0.41, true)), "neither (Pro-B 41.0%)");
});

test("a set of cells is called the smallest only where that is proven", () => {
  const set = (cells, proven, name = "Early") => ({ found: true, proven, cells, tried: 2, reading: reading(name, 0.6) });
  const said = (decisive, sufficient) => sentences(readings([0, 0, 14, 0], 0, { decisive, sufficient })).slice(1);
  const [without, alone] = said(set([2, 6], true), set([0, 4, 13], true, "Pre"));
  assert.match(without, /^The smallest set of cells .* is 3 and 7: without them it is Early pre-B 60\.0%, not Pre-B\.$/);
  assert.match(alone, /^The smallest set of cells that alone gives Pre-B, too, is 1, 5 and 14 \(Pre-B 60\.0%\)\.$/);
  for (const sentence of said(set([2, 6, 7], false), set([0, 4, 13], false, "Pre"))) {
    assert.match(sentence, /^A small set/);
    assert.match(sentence, /There may be a smaller one\.$/);
  }
  const none = { found: false, proven: true, cells: [], tried: 14, reading: reading("Benign", 0) };
  assert.match(said(none, set([], true, "Pre"))[0], /^Whichever cells are removed, .* stays Pre-B\.$/);
  assert.match(said({ ...none, proven: false }, set([], true, "Pre"))[0], /^No set of cells was found .* Not every set was tried\.$/);
  assert.match(said(none, set([], true, "Pre"))[1], /even when no cell is shown/);
});
