// The saved picture: what is shown, enlarged, with all that is needed to read it
// later and elsewhere, where the page is not at hand.

import { side } from "./state.js";

/** @import {Pixels} from "./messages" */

const scale = 3, width = side * scale, margin = 12, line = 20, font = "14px sans-serif";

/**
 * What is drawn, and what is written on it and below it.
 * @typedef {object} Snapshot
 * @property {Layer[]} layers from the picture itself to what lies above all
 * @property {Mark[]} marks
 * @property {string} badge words across the corner, or ""
 * @property {Legend | null} legend of a heat map
 * @property {string} title on a line of its own
 * @property {string[]} sentences
 */

/** A square of pixels, of whatever size, and how strongly it is drawn, 0 to 1. @typedef {{ pixels: Pixels | null, opacity: number }} Layer */
/** @typedef {{ mark: string, x: number, y: number }} Mark */
/** Of the low end, the middle, and the high end; against and for; half where the low end is zero. @typedef {{ half: boolean, ticks: string[], ends: string[] }} Legend */
/** @typedef {OffscreenCanvasRenderingContext2D} Context */

/**
 * Draws the picture with its layer, and below it the scale, the title and the sentences.
 * Returns a promise of a PNG file.
 * @param {Snapshot} what
 */
export function snapshot({ layers, marks, badge, legend, title, sentences }) {
  const canvas = new OffscreenCanvas(width, width);
  const context = /** @type {Context} */ (canvas.getContext("2d"));
  context.font = font;
  const lines = sentences.flatMap((sentence) => wrapped(context, sentence));
  const below = 2 * margin + (legend ? 3 * line : 0) + line * (1 + lines.length);
  canvas.height = width + below; // which clears the canvas and its settings
  context.direction = "ltr";
  context.textBaseline = "middle";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  for (const layer of layers) drawLayer(context, layer);
  context.globalAlpha = layers[layers.length - 1].opacity; // marks fade with what they mark
  for (const each of marks) drawMark(context, each);
  context.globalAlpha = 1;
  if (badge) drawBadge(context, badge);
  let y = width + margin;
  if (legend) {
    drawLegend(context, legend, y);
    y += 3 * line;
  }
  context.fillStyle = "#000";
  context.textAlign = "left";
  for (const [i, words] of [title, ...lines].entries()) {
    context.font = i === 0 ? `bold ${font}` : font;
    context.fillText(words, margin, y + line * (i + 0.5), width - 2 * margin);
  }
  return canvas.convertToBlob({ type: "image/png" });
}

/** @param {Context} context @param {Layer} layer */
function drawLayer(context, { pixels, opacity }) {
  if (!pixels) return;
  const size = Math.sqrt(pixels.length / 4);
  const canvas = new OffscreenCanvas(size, size);
  /** @type {Context} */ (canvas.getContext("2d")).putImageData(new ImageData(pixels, size, size), 0, 0);
  context.globalAlpha = opacity;
  context.drawImage(canvas, 0, 0, width, width);
  context.globalAlpha = 1;
}

/** @param {Context} context @param {Mark} mark */
function drawMark(context, { mark, x, y }) {
  const [left, top] = [x, y].map((place) => (place + 0.5) * scale);
  context.font = "bold 13px sans-serif";
  context.textAlign = "center";
  const half = Math.max(9, context.measureText(mark).width / 2 + 4);
  context.fillStyle = "#fff";
  context.beginPath();
  context.roundRect(left - half, top - 9, 2 * half, 18, 9);
  context.fill();
  context.stroke();
  context.fillStyle = "#000";
  context.fillText(mark, left, top);
}

/** @param {Context} context @param {string} words */
function drawBadge(context, words) {
  context.font = "bold 18px sans-serif";
  context.textAlign = "left";
  context.fillStyle = "#7a1019";
  context.fillRect(margin, margin, context.measureText(words).width + 2 * margin, 32);
  context.fillStyle = "#fff";
  context.fillText(words, 2 * margin, margin + 16);
}

/** @param {Context} context @param {Legend} legend @param {number} top */
function drawLegend(context, { half, ticks, ends }, top) {
  const [left, right] = [margin, width - margin];
  const colours = context.createLinearGradient(left, 0, right, 0);
  const stops = half ? ["#fff", "#f00"] : ["#00f", "#fff", "#f00"];
  for (const [i, colour] of stops.entries()) colours.addColorStop(i / (stops.length - 1), colour);
  context.fillStyle = colours;
  context.fillRect(left, top, right - left, 14);
  context.strokeRect(left, top, right - left, 14);
  context.fillStyle = "#000";
  context.font = font;
  for (const [words, row] of /** @type {[string[], number][]} */ ([[ticks, 1.2], [[ends[0], "", ends[1]], 2.1]])) {
    for (const [i, align] of /** @type {const} */ (["left", "center", "right"]).entries()) {
      context.textAlign = align;
      context.fillText(words[i], [left, width / 2, right][i], top + row * line);
    }
  }
}

/** A sentence in lines that fit. @param {Context} context @param {string} sentence */
function wrapped(context, sentence) {
  const lines = [];
  let last = "";
  for (const word of sentence.split(" ")) {
    const longer = last ? `${last} ${word}` : word;
    if (last && context.measureText(longer).width > width - 2 * margin) {
      lines.push(last);
      last = word;
    } else last = longer;
  }
  return [...lines, last];
}
