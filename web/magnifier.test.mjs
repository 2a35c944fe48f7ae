// The magnifier, apart from what a browser draws. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, element, file, startProgram, turns } from "./standin.mjs";

const { firstSize, followMagnifier, partShown, placeWithin, toggleMagnifier, underMagnifier } = await import("./magnifier.js");
const { canMagnify } = await import("./commands.js");
const { step, take } = await import("./selection.js");
const { blankState, noCell, onChange, side, state, update } = await import("./state.js");
const { glassAt, viewMagnifier } = await import("./view-magnifier.js");

const picture = { width: 4000, height: 3000, notes: [] };
const fields = [{ x: 0, y: 0, width: 1358, height: 1358 }, { x: 2642, y: 1642, width: 1358, height: 1300 }];
const whole = { answer: { picture, record: {} } };
const ofField = (field) => ({ id: 1, answer: { picture, field, record: { standardised: { scale: 0.165, fields } } } });

test("what lies under the magnifier is all of the picture, or the field that is shown, which may end before the stage does", () => {
  assert.deepEqual(partShown(whole), { part: { x: 0, y: 0, width: 4000, height: 3000 }, across: 4000, down: 3000 });
  assert.deepEqual(partShown(ofField(1)), { part: fields[1], across: side / 0.165, down: side / 0.165 });
  assert.equal(partShown({ answer: { picture: null, record: {} } }), null);
  assert.equal(partShown(undefined), null);
});

test("it is said in words: how large, which cell, which field, which pixel of the picture", () => {
  const cells = new Uint16Array(side * side).fill(noCell);
  cells.fill(6, side * 112, side * 113); // a line of pixels
  const now = { ...blankState(), rows: [ofField(1)], selected: 1, cells, magnifier: { x: 0.25, y: 0.5, times: 4, touch: false }, magnified: {} };
  assert.equal(underMagnifier(now), "4 ×, cell 7, field 2, pixel 2,981, 2,320 of the picture");
  assert.match(underMagnifier({ ...now, magnifier: { ...now.magnifier, y: 0.6 } }), /no cell/);
  assert.match(underMagnifier({ ...now, magnifier: { ...now.magnifier, x: 1, y: 1 } }), /pixel 3,999, 2,941 /, "the last pixel of the field");
  assert.match(underMagnifier({ ...now, magnified: null }), /is being read$/);
});

test("a region's place lies within it, also where its middle does not", () => {
  const labels = new Uint16Array(side * side);
  for (let y = 10; y < 30; y++) {
    labels[y * side + 10] = labels[y * side + 30] = 3;
    if (y === 29) labels.fill(3, y * side + 10, y * side + 31); // a U
  }
  const { x, y } = placeWithin(labels, 3);
  assert.equal(labels[Math.floor(y * side) * side + Math.floor(x * side)], 3);
  assert.equal(placeWithin(labels, 9), null);
});

test("it begins with a size that leaves out no pixel of the picture, and shows at least three times larger", () => {
  assert.deepEqual([224, 1300, 4000, 1e6].map((across) => firstSize(across, 420)), [3, 4, 12, 32]);
});

test("it is given the shown part once, forgets it when it is put away, and goes where that cannot be read", async () => {
  let broken = false;
  const asked = await startProgram({
    classify: (message) => ({ json: JSON.stringify(answerTo(message)) }),
    original: () => {
      if (broken) throw new Error("The file is gone.");
      return { json: JSON.stringify({ width: 8, height: 8 }), rgba: new Uint8Array(256) };
    },
  });
  const originals = () => asked.filter(({ job }) => job === "original");
  onChange(followMagnifier);
  take([{ name: "a.png", source: { file: file("a.png") } }]);
  await turns();
  update({ pixels: new Uint8ClampedArray(4 * side * side), magnifier: { x: 0.5, y: 0.5, times: 3, touch: false } });
  await turns();
  assert.deepEqual(originals().map(({ part }) => JSON.parse(part)), [{ x: 0, y: 0, width: 8, height: 8 }]);
  assert.equal(state.magnified?.width, 8);
  update({ magnifier: { x: 0.1, y: 0.5, times: 3, touch: false } });
  await turns();
  assert.equal(originals().length, 1, "a move asks for nothing");
  toggleMagnifier();
  await turns();
  assert.deepEqual([state.magnifier, state.magnified], [null, null]);
  broken = true;
  update({ magnifier: { x: 0.5, y: 0.5, times: 3, touch: false } });
  await turns();
  assert.deepEqual([state.magnifier, state.magnified, state.notice], [null, null, "The file is gone."]);
});

test("it lies on its place, but above a finger, beside it where there is no room, and never makes the page wider", () => {
  assert.deepEqual(glassAt({ x: 200, y: 50 }, 100, 390, false), { x: 200, y: 50 });
  assert.equal(glassAt({ x: 380, y: 50 }, 100, 390, false).x, 340);
  assert.ok(glassAt({ x: 200, y: 300 }, 150, 390, true).y + 75 < 300 - 20, "above");
  for (const x of [20, 195, 200, 370]) {
    const { x: u, y: v } = glassAt({ x, y: 60 }, 150, 390, true);
    assert.ok(v - 75 >= 0 && u - 75 >= 0 && u + 75 <= 390, `in sight at ${x}`);
    assert.ok(Math.abs(u - x) > 75 + 20, `beside the finger at ${x}: ${u}`);
  }
});

test("of the picture before nothing is left under it while the pixels of the next one are read", () => {
  Object.assign(element("stage"), { clientWidth: 420, getBoundingClientRect: () => ({ left: 0, top: 0, width: 420, height: 420 }) });
  const canvas = Object.assign(element("magnifier-canvas"), { width: 50, height: 50 });
  const row = { ...state.rows[0], thumb: "blob:1" };
  update({ rows: [row], selected: row.id, pixels: null, magnifier: { x: 0.5, y: 0.5, times: 3, touch: false } });
  viewMagnifier(state);
  assert.equal(element("magnifier").hidden, false);
  assert.equal(canvas.width, 1, "setting it empties a canvas");
  update({ magnifier: null });
});

test("a picture without pixels is magnified only where they will come again", () => {
  const row = { ...ofField(0), thumb: "blob:1" };
  const now = { ...blankState(), network: "robust", rows: [row], selected: 1 };
  const reading = { ...now, networks: [{ name: "robust", cells: true }] };
  assert.deepEqual([now, reading].map(canMagnify), [true, true]);
  assert.equal(canMagnify({ ...now, unseen: true }), false, "they could not be read again");
  for (const standardised of [undefined, { scale: 0.165, fields: [] }]) {
    const rows = [{ ...row, answer: { picture, record: { standardised } } }];
    assert.deepEqual([{ ...now, rows }, { ...reading, rows }].map(canMagnify), [true, false], "without a field a network that reads cells gives none");
  }
});

test("where the file of a picture cannot be read again it cannot be magnified, until it is chosen once more", async () => {
  const [there] = state.rows;
  const gone = { ...there, id: -1, thumb: "blob:1", source: { file: { size: 1, arrayBuffer: async () => { throw new Error("gone"); } } } };
  update({ rows: [there, gone], selected: there.id });
  step(1);
  assert.equal(canMagnify(state), true);
  await turns();
  assert.deepEqual([state.selected, state.pixels, canMagnify(state)], [gone.id, null, false]);
  step(-1);
  step(1);
  assert.equal(canMagnify(state), true);
  await turns();
});
