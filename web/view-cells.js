// The cells of the field that is shown: outlines, thumbnails, and what is said of them
// together.

import { boxesOf, linesAround, squareAround } from "./cells.js";
import { $, list, make, show } from "./dom.js";
import { sentences } from "./readings.js";
import { selectedRow, side, state, update } from "./state.js";
import { count } from "./text.js";

/** @import {Pixels} from "./messages" */
/** @import {Drawn, State} from "./types" */

/** How much finer than the picture the lines around cells are. */
const fine = 3;

/** What was made of labels last. @type {{ labels: Uint16Array | null, lines: Pixels | null, boxes: ReturnType<typeof boxesOf> }} */
let known = { labels: null, lines: null, boxes: [] };

/** @param {Uint16Array} labels */
function knownOf(labels) {
  if (known.labels !== labels) known = { labels, lines: null, boxes: boxesOf(labels, side) };
  return known;
}

/** The lines around the cells that are shown, or null where none are wanted. @param {State} now */
export function cellLines({ cells, drawn, view, outlined }) {
  if (!cells || !outlined || (drawn && view !== "outline")) return null;
  const of = knownOf(cells);
  return (of.lines ??= linesAround(cells, side, fine));
}

/** The cells that are numbered where nothing else is drawn. @param {State} now */
export function cellsShown({ cells }) {
  return cells ? knownOf(cells).boxes.map((_, superpixel) => ({ superpixel, mark: count(superpixel + 1) })) : [];
}

/** Whether the regions of what is drawn are cells. @param {Drawn | null} drawn */
export function isByCells(drawn) {
  return Boolean(drawn?.explanation.value.readings);
}

/** The picture, from which thumbnails are cut. @type {{ pixels: Pixels | null, canvas: OffscreenCanvas | null }} */
let whole = { pixels: null, canvas: null };

/** Draws a cell into its thumbnail, unless it is there already. @param {HTMLCanvasElement} canvas @param {number} cell */
export function drawThumb(canvas, cell) {
  const { pixels, cells } = state;
  if (!pixels || !cells) return;
  const box = knownOf(cells).boxes[cell];
  if (!box || drawnOn.get(canvas) === box) return;
  drawnOn.set(canvas, box);
  let { canvas: from } = whole;
  if (whole.pixels !== pixels || !from) {
    from = new OffscreenCanvas(side, side);
    /** @type {OffscreenCanvasRenderingContext2D} */ (from.getContext("2d")).putImageData(new ImageData(pixels, side, side), 0, 0);
    whole = { pixels, canvas: from };
  }
  const { x, y, size } = squareAround(box, side);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(from, x, y, size, size, 0, 0, canvas.width, canvas.height);
}

/** Which cell each thumbnail shows, by its box. @type {WeakMap<HTMLCanvasElement, object>} */
const drawnOn = new WeakMap();

/** Draws what is said of the cells together. @param {State} now */
export function viewCells(now) {
  const { cells, drawn } = now;
  const record = selectedRow()?.answer?.record;
  show($("outlined-row"), Boolean(cells?.some((label) => label === 0)) && (!drawn || now.view === "outline"));
  $("outlined").checked = now.outlined;
  const readings = drawn?.explanation.value.readings;
  // What is no answer is not told cell by cell either.
  const told = readings && record && !record.abstained ? readings : null;
  show($("cells"), Boolean(told));
  if (!told) return;
  list($("cells-said"), sentences(told), (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
}

export function wireCells() {
  $("outlined").addEventListener("change", () => update({ outlined: $("outlined").checked }));
}
