// The cells of a field, from their labels: their boxes, and lines around them.

import { noCell } from "./state.js";

/** The box of each cell, right and bottom being the first that lie outside. @param {Uint16Array} labels @param {number} side */
export function boxesOf(labels, side) {
  /** @type {{ left: number, top: number, right: number, bottom: number }[]} */
  const boxes = [];
  for (const [i, label] of labels.entries()) {
    if (label === noCell) continue;
    const [x, y] = [i % side, Math.floor(i / side)];
    const box = (boxes[label] ??= { left: x, top: y, right: x + 1, bottom: y + 1 });
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
    box.bottom = y + 1;
  }
  return boxes;
}

/** A square around a cell with some room, as far as it lies within the picture. @param {{ left: number, top: number, right: number, bottom: number }} box @param {number} side */
export function squareAround({ left, top, right, bottom }, side) {
  const size = Math.min(side, Math.max(right - left, bottom - top) + 6);
  const within = (/** @type {number} */ from, /** @type {number} */ to) => Math.min(Math.max(Math.round((from + to - size) / 2), 0), side - size);
  return { x: within(left, right), y: within(top, bottom), size };
}

/**
 * A picture, scale times as wide and high, that is transparent but for a thin line around each
 * cell, light within dark, so that it can be seen on any ground.
 * @param {Uint16Array} labels
 * @param {number} side
 * @param {number} scale
 */
export function linesAround(labels, side, scale) {
  const wide = side * scale;
  const pixels = new Uint8ClampedArray(4 * wide * wide);
  const at = (/** @type {number} */ x, /** @type {number} */ y) => (x < 0 || y < 0 || x >= wide || y >= wide ? noCell : labels[Math.floor(y / scale) * side + Math.floor(x / scale)]);
  for (const [i, label] of labels.entries()) {
    const [left, top] = [i % side, Math.floor(i / side)];
    const inner = left > 0 && top > 0 && left < side - 1 && top < side - 1 && [i - 1, i + 1, i - side, i + side, i - side - 1, i - side + 1, i + side - 1, i + side + 1].every((j) => labels[j] === label);
    if (inner || label === noCell) continue;
    for (let y = top * scale; y < (top + 1) * scale; y++) {
      for (let x = left * scale; x < (left + 1) * scale; x++) {
        const near = (/** @type {number} */ by) => [[-by, 0], [by, 0], [0, -by], [0, by]].some(([dx, dy]) => at(x + dx, y + dy) !== label);
        if (near(1) || near(2)) pixels.set([32, 16, 48, 255], 4 * (y * wide + x));
        else if (near(3)) pixels.set([255, 255, 255, 255], 4 * (y * wide + x));
      }
    }
  }
  return pixels;
}

/**
 * A picture that tints cells by their weights, red for and blue against, the stronger the more, with a line around each;
 * where there are no weights there is only the line, in white.
 * @param {Uint16Array} labels
 * @param {number[] | null} weights
 * @param {number} side
 */
export function tinted(labels, weights, side) {
  const pixels = new Uint8ClampedArray(4 * side * side);
  const greatest = Math.max(1e-12, ...(weights ?? []).map(Math.abs));
  for (const [i, label] of labels.entries()) {
    if (label === noCell) continue;
    const x = i % side;
    const rim = (x > 0 && labels[i - 1] !== label) || (x < side - 1 && labels[i + 1] !== label) || (i >= side && labels[i - side] !== label) || (i + side < labels.length && labels[i + side] !== label);
    const weight = weights?.[label];
    const colour = weight === undefined ? [255, 255, 255] : weight >= 0 ? [214, 30, 44] : [31, 87, 200];
    pixels.set([...colour, rim ? 255 : weight === undefined ? 0 : Math.round((130 * Math.abs(weight)) / greatest)], 4 * i);
  }
  return pixels;
}
