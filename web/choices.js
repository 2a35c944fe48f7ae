// What a reader knows better of a picture than the program, worked out of what was drawn on
// the picture. Places are in pixels of the picture as it was given, whatever size it is shown in.

/** @import {Choices, Part, Standardised} from "./messages" */
/** @import {Original, Tool} from "./types" */

/** A place on the picture: x and y. @typedef {[number, number]} Place */

/** Narrowest that a red cell may be, in pixels; as in model/choices.go. */
export const leastDiameter = 5;

/** Smallest side of a part that is read, in pixels: less is a slip. */
const leastPart = 8;

/** Choices without those that choose nothing; null where none is left. Where two contradict each other, the later one holds: they are taken out by whoever makes them. @param {Choices} choices @returns {Choices | null} */
export function tidied({ crop, diameter, ground, keepSize, keepLight, keepStain }) {
  const left = { ...(crop && { crop }), ...(diameter && { diameter }), ...(ground && { ground }), ...(keepSize && { keepSize }), ...(keepLight && { keepLight }), ...(keepStain && { keepStain }) };
  return Object.keys(left).length > 0 ? left : null;
}

/** What a line across a red cell tells; null where it is too short for one. @param {Place} from @param {Place} to @returns {Choices | null} */
export function acrossRedCell([x, y], [u, v]) {
  const diameter = Math.round(10 * Math.hypot(u - x, v - y)) / 10;
  return diameter >= leastDiameter ? { diameter, keepSize: false } : null;
}

/** The part of a picture between two corners, as a whole number of pixels; null where it is too small for one. @param {Place} from @param {Place} to @param {{ width: number, height: number }} picture @returns {Part | null} */
export function partBetween(from, to, { width, height }) {
  const within = (/** @type {number} */ at, /** @type {number} */ most) => Math.min(Math.max(Math.round(at), 0), most);
  const [left, right] = [from[0], to[0]].map((at) => within(at, width)).sort((a, b) => a - b);
  const [top, bottom] = [from[1], to[1]].map((at) => within(at, height)).sort((a, b) => a - b);
  return right - left >= leastPart && bottom - top >= leastPart ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}

/** Whether a part is the whole picture. @param {Part} part @param {{ width: number, height: number }} picture */
export function isWhole({ x, y, width, height }, picture) {
  return x === 0 && y === 0 && width === picture.width && height === picture.height;
}

/**
 * The colour of the ground around a place: of each channel the median of 5 x 5 pixels as they
 * are shown, so that no speck is taken for it.
 * @param {Pick<Original, "pixels" | "width" | "height">} original
 * @param {Place} place
 * @param {{ width: number, height: number }} picture
 * @returns {[number, number, number]}
 */
export function groundAt({ pixels, width, height }, [x, y], picture) {
  const within = (/** @type {number} */ at, /** @type {number} */ most) => Math.min(Math.max(Math.floor(at), 0), most - 1);
  const [column, row] = [(x / picture.width) * width, (y / picture.height) * height];
  /** @type {number[][]} */
  const levels = [[], [], []];
  for (let dy = -2; dy <= 2; dy++) {
    for (let dx = -2; dx <= 2; dx++) {
      const at = 4 * (within(row + dy, height) * width + within(column + dx, width));
      for (const [c, all] of levels.entries()) all.push(pixels[at + c]);
    }
  }
  const [red, green, blue] = levels.map((all) => all.sort((a, b) => a - b)[12]);
  return [red, green, blue];
}

/** The field of a picture that holds a place: of several the one whose middle is nearest; -1 where none does. @param {Standardised["fields"]} fields @param {Place} place */
export function fieldAt(fields, [x, y]) {
  let [best, least] = [-1, Infinity];
  for (const [i, field] of fields.entries()) {
    const [dx, dy] = [x - field.x, y - field.y];
    const distance = Math.hypot(dx - field.width / 2, dy - field.height / 2);
    if (dx >= 0 && dy >= 0 && dx < field.width && dy < field.height && distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** Which control helps where a picture was refused for a reason; null where none does. @param {string | undefined} code @returns {Exclude<Tool, "look"> | null} */
export function helpFor(code) {
  if (code === "magnification" || code === "too small") return "measure";
  if (code === "stain" || code === "no cells") return "ground";
  return null;
}
