// Thumbnails against pictures whose means are known. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { bitmap } from "./thumbnail.js";

test("a thumbnail is a BMP file of the means of 4 x 4 pixels, its bottom row first", () => {
  const side = 224;
  const pixels = new Uint8ClampedArray(4 * side * side).fill(255);
  // The top left 4 x 4 pixels: red from 0 to 150 in steps of ten, green 7, blue 9.
  for (let i = 0; i < 16; i++) pixels.set([10 * i, 7, 9], 4 * ((i >> 2) * side + (i & 3)));
  const file = new Uint8Array(bitmap(pixels));
  assert.equal(String.fromCharCode(...file.subarray(0, 2)), "BM");
  assert.equal(file.length, 54 + 56 * 56 * 3);
  assert.deepEqual([...file.subarray(54, 57)], [255, 255, 255], "bottom left");
  assert.deepEqual([...file.subarray(54 + 55 * 56 * 3, 54 + 55 * 56 * 3 + 6)], [9, 7, 75, 255, 255, 255], "top left, BGR");
});
