// The cells of the field that is shown: outlines, thumbnails, what each reads as alone, and
// which of them the answer rests on.

import { boxesOf, linesAround, squareAround } from "./cells.js";
import { $, list, make, show } from "./dom.js";
import { classes, selectedRow, side, state, update } from "./state.js";
import { count, percent, text } from "./text.js";

/** @import {CellSet, Pixels, Reading, Readings} from "./messages" */
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
  if (whole.pixels !== pixels || !whole.canvas) {
    whole = { pixels, canvas: new OffscreenCanvas(side, side) };
    /** @type {OffscreenCanvasRenderingContext2D} */ (whole.canvas?.getContext("2d")).putImageData(new ImageData(pixels, side, side), 0, 0);
  }
  const { x, y, size } = squareAround(box, side);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  if (whole.canvas) context.drawImage(whole.canvas, x, y, size, size, 0, 0, canvas.width, canvas.height);
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

/** @param {"decisive" | "sufficient"} kind @param {CellSet} set @param {Record<string, unknown>} whole */
function setWords(kind, { found, proven, cells, reading }, whole) {
  if (!found) return text(proven ? `${kind}.none` : `${kind}.unknown`, whole);
  if (cells.length === 0) return text(`${kind}.empty`, whole);
  const words = { ...whole, cells: listed(cells.map((cell) => count(cell + 1))), reading: readingWords(reading) };
  return text(`${kind}.${proven ? "smallest" : "small"}${cells.length === 1 ? ".one" : ""}`, words);
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

export function wireCells() {
  $("outlined").addEventListener("change", () => update({ outlined: $("outlined").checked }));
}
