// Drawn smears of any size, to be given to the page as files: pale ground, red cells that lie
// free, and violet nuclei. Nothing in them is of a real picture.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratch } from "./harness.mjs";

/** A number from 0 to 1, the same ones in the same order each time. @param {number} seed */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Draws a smear and gives the path of its file, a BMP: diameter is that of a red cell in
 * pixels, nuclei how many there are, light what the picture's right edge has of the light of
 * its left one, cast what each channel has; through an eyepiece, only a round field is bright.
 */
export function smear(name, { width, height, diameter, nuclei, light = 1, cast = [1, 1, 1], eyepiece = false, seed = 1 }) {
  const random = randomOf(seed);
  const through = new Float32Array(3 * width * height).fill(0.95);
  const disc = (cx, cy, radius, colour) => {
    for (let y = Math.max(0, Math.floor(cy - radius - 1)); y <= Math.min(height - 1, cy + radius + 1); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius - 1)); x <= Math.min(width - 1, cx + radius + 1); x++) {
        const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x - cx, y - cy)));
        for (let c = 0; c < 3; c++) through[3 * (y * width + x) + c] *= 1 - cover * (1 - colour[c]);
      }
    }
  };
  // A grid with room between the cells: every so many places hold a nucleus, the others a red cell.
  const step = 1.45 * diameter;
  const places = [];
  for (let y = step / 2; y < height - diameter / 2; y += step) {
    for (let x = step / 2; x < width - diameter / 2; x += step) places.push([x, y]);
  }
  const every = Math.max(1, Math.floor(places.length / Math.max(1, nuclei)));
  let left = nuclei;
  for (const [i, [x, y]] of places.entries()) {
    const [cx, cy] = [x + (random() - 0.5) * 0.2 * diameter, y + (random() - 0.5) * 0.2 * diameter];
    if (i % every === Math.floor(every / 2) && left-- > 0) {
      disc(cx, cy, 0.66 * diameter, [0.86, 0.84, 0.95]); // cytoplasm
      disc(cx, cy, 0.55 * diameter * (0.95 + 0.1 * random()), [0.5, 0.27, 0.62]);
    } else disc(cx, cy, (diameter / 2) * (0.97 + 0.06 * random()), [0.86, 0.7, 0.74]);
  }
  const line = Math.ceil((3 * width) / 4) * 4;
  const file = Buffer.alloc(54 + line * height);
  file.write("BM", 0, "latin1");
  for (const [at, value] of [[2, file.length], [10, 54], [14, 40], [18, width], [22, height]]) file.writeUInt32LE(value, at);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const outside = eyepiece && Math.hypot(x - width / 2, y - height / 2) > 0.47 * Math.min(width, height);
      for (let c = 0; c < 3; c++) {
        const level = outside ? 8 + 3 * random() : 255 * through[3 * (y * width + x) + c] * cast[c] * (1 - ((1 - light) * x) / width) + 3 * (random() - 0.5);
        file[54 + (height - 1 - y) * line + 3 * x + 2 - c] = Math.max(0, Math.min(255, Math.round(level)));
      }
    }
  }
  const path = join(scratch, `${name}.bmp`);
  writeFileSync(path, file);
  return path;
}
