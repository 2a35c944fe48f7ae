// The magnifier: where it lies, and the pixels that it shows.

import { canMagnify } from "./commands.js";
import { $, setText, show } from "./dom.js";
import { followMagnifier, partShown, underMagnifier } from "./magnifier.js";
import { selectedRow, side } from "./state.js";
import { text } from "./text.js";

/** @import {Magnifier, State} from "./types" */

/** How far a finger hides what is around it, in pixels of the screen. */
const finger = 44;

/**
 * Where the middle of the magnifier lies: on the place that it shows, or, where a finger does,
 * above it, and beside it where there is no room above. It never makes the page wider.
 * @param {{ x: number, y: number }} place on the screen
 * @param {number} size
 * @param {number} width of the screen
 * @param {boolean} touch
 */
export function glassAt({ x, y }, size, width, touch) {
  const half = size / 2;
  const above = y - finger - half;
  const [u, v] = !touch ? [x, y] : above >= half ? [x, above] : [x + (x > width / 2 ? -1 : 1) * (finger + half), Math.max(half + 8, y - half)];
  return { x: Math.max(half, Math.min(u, width - half)), y: v };
}

/** Draws it. @param {State} now */
export function viewMagnifier(now) {
  const { magnifier } = now;
  const can = canMagnify(now);
  const on = can && magnifier !== null;
  show($("magnify"), can);
  $("magnify").setAttribute("aria-pressed", String(on));
  $("stage").toggleAttribute("data-magnified", on);
  show($("magnifier"), on);
  show($("magnifier-box"), on);
  followMagnifier(now);
  if (!on || $("stage").clientWidth === 0) return; // put away, or all pictures are shown
  const said = underMagnifier(now);
  setText($("magnifier-said"), said);
  $("magnifier").setAttribute("aria-label", text("magnifier.label", { said }));
  $("magnifier").toggleAttribute("data-waiting", !now.magnified);
  const stage = $("stage").getBoundingClientRect();
  const place = glassAt({ x: stage.left + magnifier.x * stage.width, y: stage.top + magnifier.y * stage.height }, $("magnifier").offsetWidth, document.documentElement.clientWidth, magnifier.touch);
  $("magnifier").style.setProperty("left", `${place.x - stage.left}px`);
  $("magnifier").style.setProperty("top", `${place.y - stage.top}px`);
  drawGlass(now, magnifier, stage.width);
}

/** Copies what lies under the glass, and nothing else, as a canvas of so many pixels, which the page shows larger. @param {State} now @param {Magnifier} magnifier @param {number} stage */
function drawGlass({ pixels, magnified }, { x, y, times }, stage) {
  const shown = partShown(selectedRow());
  const canvas = $("magnifier-canvas");
  if (!pixels || !shown) {
    canvas.width = 1; // of the picture before nothing is left
    return;
  }
  const from = magnified ?? { pixels, width: side, height: side }; // until the original is there, what the network was given
  const part = magnified ? magnified.width / shown.part.width : 0; // how many of its pixels are one of the picture
  const [across, down] = magnified ? [shown.across * part, shown.down * part] : [side, side];
  const each = (times * stage) / Math.max(across, down); // pixels of the screen
  const size = $("magnifier").clientWidth / each;
  const [left, top] = [x * across - size / 2, y * down - size / 2];
  const [u, v] = [Math.floor(left), Math.floor(top)];
  const many = Math.ceil(size) + 1;
  if (canvas.width !== many) canvas.width = canvas.height = many;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.clearRect(0, 0, many, many);
  context.putImageData(new ImageData(from.pixels, from.width, from.height), -u, -v, u, v, many, many);
  for (const [name, value] of [["width", many * each], ["height", many * each], ["left", (u - left) * each], ["top", (v - top) * each]]) canvas.style.setProperty(String(name), `${value}px`);
  canvas.style.setProperty("image-rendering", each * devicePixelRatio < 2 ? "auto" : "pixelated");
}
