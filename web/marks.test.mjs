import assert from "node:assert/strict";
import { test } from "node:test";
import { greyed, places } from "./marks.js";

const side = 60;

/** A picture of which dark(x, y) says where it is dark, cut into squares of 20 pixels, 0 to 8. */
function picture(dark) {
  const pixels = new Uint8ClampedArray(4 * side * side).fill(255);
  const labels = new Uint16Array(side * side);
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    labels[i] = Math.floor(x / 20) + 3 * Math.floor(y / 20);
    if (dark(x, y)) pixels.set([80, 40, 130], 4 * i);
  }
  return { pixels, labels };
}

const near = ({ x, y }, [left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom;

test("a mark stands on the rim of its region, where the picture is bright", () => {
  const { pixels, labels } = picture((x) => x < 34); // the left two thirds of the middle region, and all beside it
  const [place] = places(pixels, labels, [{ superpixel: 4 }], side);
  assert.ok(near(place, [37, 20, 39, 39]), JSON.stringify(place));
  assert.ok(place.x === 39 || place.y === 20 || place.y === 39, `${JSON.stringify(place)} is not on the rim`);
});

test("a mark keeps off the regions that have marks of their own", () => {
  const { pixels, labels } = picture(() => false);
  const [, place] = places(pixels, labels, [{ superpixel: 3 }, { superpixel: 4 }, { superpixel: 5 }, { superpixel: 1 }], side);
  assert.ok(place.y === 39, `${JSON.stringify(place)}: only below the middle region is none`);
});

test("no mark covers another, and all are in the picture", () => {
  const { pixels, labels } = picture((x, y) => (x + y) % 7 === 0);
  const all = places(pixels, labels, Array.from({ length: 9 }, (_, superpixel) => ({ superpixel })), side);
  for (const [i, a] of all.entries()) {
    assert.ok(near(a, [5, 5, side - 6, side - 6]), `${i}: ${JSON.stringify(a)}`);
    for (const b of all.slice(i + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 9, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
  }
});

test("a picture in grey is as bright as it was, and has no colour left", () => {
  const purple = new Uint8ClampedArray([120, 70, 190, 255, 255, 255, 255, 255, 0, 0, 0, 255]);
  const grey = greyed(purple);
  assert.deepEqual([...grey], [89, 89, 89, 255, 255, 255, 255, 255, 0, 0, 0, 255]);
  assert.equal(purple[0], 120, "the picture itself keeps its colours");
});
