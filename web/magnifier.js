// The magnifier over the picture: what lies under it of the picture as it was given, and moving
// it by mouse, finger, keys, and the region that is chosen.

import { say } from "./announcer.js";
import { canMagnify } from "./commands.js";
import { $ } from "./dom.js";
import { isAbort } from "./fault.js";
import { originalOf, sentence } from "./jobs.js";
import { arrows } from "./original.js";
import { noCell, notify, selectedRow, side, state, update } from "./state.js";
import { count, text } from "./text.js";
import { marked } from "./view-picture.js";

/** @import {Part} from "./messages" */
/** @import {Magnifier, Row, State} from "./types" */

/** How many times larger than the stage the magnifier shows. */
const sizes = [2, 3, 4, 6, 8, 12, 16, 24, 32];

/**
 * The part of a row's picture that the stage shows, and how many pixels of the picture lie
 * across and down the stage: all of it, stretched to a square, or a field, which may end before the stage does.
 * @param {Row | undefined} row
 * @returns {{ part: Part, across: number, down: number } | null}
 */
export function partShown(row) {
  const { picture, record, field } = row?.answer ?? {};
  if (!picture) return null;
  const ready = record?.standardised;
  const of = ready?.fields[field ?? 0];
  if (!ready || !of) return { part: { x: 0, y: 0, width: picture.width, height: picture.height }, across: picture.width, down: picture.height };
  const { x, y, width, height } = of;
  return { part: { x, y, width, height }, across: side / ready.scale, down: side / ready.scale };
}

/** What lies under the magnifier, in words. @param {State} now */
export function underMagnifier(now) {
  const { magnifier, magnified, cells, drawn } = now;
  const row = selectedRow(now);
  const shown = partShown(row);
  if (!magnifier || !shown) return "";
  const at = (/** @type {number} */ part) => Math.min(Math.floor(part * side), side - 1);
  const i = at(magnifier.y) * side + at(magnifier.x);
  const { pro, contra } = marked(now);
  const region = [...pro, ...contra].find(({ superpixel }) => superpixel === drawn?.explanation.labels[i]);
  const found = cells ? text(cells[i] === noCell ? "magnifier.cell.none" : "magnifier.cell", { number: count(cells[i] + 1) }) : region ? text("magnifier.region", { mark: region.mark }) : "";
  const many = (row?.answer?.record.standardised?.fields.length ?? 0) > 1;
  const pixel = (/** @type {number} */ from, /** @type {number} */ by, /** @type {number} */ end) => count(Math.min(Math.floor(from + by), end - 1));
  return [
    `${count(magnifier.times)} ×`, found, many ? text("magnifier.field", { number: count((row?.answer?.field ?? 0) + 1) }) : "",
    text("magnifier.at", { x: pixel(shown.part.x, magnifier.x * shown.across, shown.part.x + shown.part.width), y: pixel(shown.part.y, magnifier.y * shown.down, shown.part.y + shown.part.height) }),
    magnified ? "" : text("magnifier.waiting"),
  ].filter(Boolean).join(", ");
}

/** A place within a region: that of its pixels which is nearest to the middle of all of them, in parts of the stage. @param {Uint16Array} labels @param {number} region */
export function placeWithin(labels, region) {
  const own = [...labels.keys()].filter((i) => labels[i] === region).map((i) => [i % side, Math.floor(i / side)]);
  if (own.length === 0) return null;
  const [u, v] = [0, 1].map((axis) => own.reduce((sum, place) => sum + place[axis], 0) / own.length);
  const [x, y] = own.reduce((best, place) => (Math.hypot(place[0] - u, place[1] - v) < Math.hypot(best[0] - u, best[1] - v) ? place : best));
  return { x: (x + 0.5) / side, y: (y + 0.5) / side };
}

/** The size to begin with: the first from 3 on with which no pixel of the picture is left out. @param {number} across pixels of the picture across the stage */
export function firstSize(across, stage = $("stage").clientWidth) {
  return sizes.find((times) => times >= 3 && times * stage >= across) ?? sizes[sizes.length - 1];
}

/** Moves the magnifier and says what it is then over. @param {Partial<Magnifier>} to */
function moveAloud(to) {
  if (!state.magnifier) return;
  update({ magnifier: { ...state.magnifier, touch: false, ...to } });
  say(underMagnifier(state), "magnifier");
}

/** Moves the magnifier to the region that was chosen. */
export function magnifyRegion() {
  const { drawn, pinned } = state;
  const place = drawn && pinned !== null ? placeWithin(drawn.explanation.labels, pinned) : null;
  if (place) moveAloud(place);
}

/** Brings the magnifier out, or puts it away. */
export function toggleMagnifier() {
  const shown = partShown(selectedRow());
  if (state.magnifier) {
    if (document.activeElement === $("magnifier")) $("magnify").focus({ preventScroll: true });
    return update({ magnifier: null });
  }
  if (!canMagnify(state) || !shown) return;
  update({ magnifier: { x: 0.5, y: 0.5, times: firstSize(Math.max(shown.across, shown.down)), touch: false } });
  magnifyRegion();
  queueMicrotask(() => $("magnifier").focus({ preventScroll: true })); // once it is shown: from here the arrow keys move it
}

/** Shows more times larger, or fewer. @param {1 | -1} by */
export function resizeMagnifier(by) {
  const times = sizes[sizes.indexOf(state.magnifier?.times ?? 0) + by];
  if (times) moveAloud({ times });
}

/** @param {number} part */
const within = (part) => Math.min(Math.max(part, 0), 1);

/** @param {PointerEvent} event */
function point({ clientX, clientY, pointerType }) {
  if (!state.magnifier) return;
  const { left, top, width, height } = $("stage").getBoundingClientRect();
  update({ magnifier: { ...state.magnifier, x: within((clientX - left) / width), y: within((clientY - top) / height), touch: pointerType !== "mouse" } });
}

/** @param {KeyboardEvent} event */
function key(event) {
  const { magnifier } = state;
  const shown = partShown(selectedRow());
  if (!magnifier || !shown || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = arrows[event.key];
  if (step) {
    const [x, y] = event.shiftKey ? [step[0] / shown.across, step[1] / shown.down] : [step[0] / 50, step[1] / 50];
    moveAloud({ x: within(magnifier.x + x), y: within(magnifier.y + y) });
  } else if (event.key === "Escape") toggleMagnifier();
  else if (event.key === "+" || event.key === "=") resizeMagnifier(1);
  else if (event.key === "-") resizeMagnifier(-1);
  else return;
  event.preventDefault();
  event.stopPropagation(); // as a single key it would do the same once more, or cancel
}

/** What is asked for, and how it is given up. */
let wanted = "";
let reading = new AbortController();

/** Reads what lies under the magnifier, once for each field, and forgets it when it is put away. @param {State} now */
export async function followMagnifier(now) {
  const row = selectedRow(now);
  const shown = now.magnifier && now.pixels ? partShown(row) : null;
  const key = row && shown ? JSON.stringify([row.id, shown.part]) : "";
  if (key === wanted) return;
  wanted = key;
  reading.abort();
  reading = new AbortController();
  if (now.magnified) update({ magnified: null });
  if (!row || !shown) return;
  try {
    const magnified = await originalOf(row, reading.signal, shown.part);
    if (key === wanted) update({ magnified });
  } catch (error) {
    if (isAbort(error)) return;
    notify(sentence(error));
    if (key === wanted) toggleMagnifier(); // there is nothing that it could show
  }
}

export function wireMagnifier() {
  $("magnify").addEventListener("click", toggleMagnifier);
  $("magnify-less").addEventListener("click", () => resizeMagnifier(-1));
  $("magnify-more").addEventListener("click", () => resizeMagnifier(1));
  $("magnifier").addEventListener("keydown", key);
  for (const event of /** @type {const} */ (["pointerdown", "pointermove"])) $("stage").addEventListener(event, point);
  addEventListener("resize", () => state.magnifier && update({}));
}
