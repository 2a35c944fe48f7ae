// Files that a person may give the page by mistake, made here, with what must
// come of each: a pattern of the sentence, or an answer.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { scratch } from "./harness.mjs";

const kinds = resolve(import.meta.dirname, "..", "model", "picture", "testdata");

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4), sum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG picture; pixel(x, y) gives its bytes in the colour type's order (0 grey, 2 RGB, 6 RGBA). */
function png(width, height, depth, type, pixel, rows = height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, 0], 8);
  const lines = [];
  for (let y = 0; y < rows; y++) {
    lines.push(0);
    for (let x = 0; x < width; x++) lines.push(...pixel(x, y));
  }
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.from(lines))), chunk("IEND", Buffer.alloc(0))]);
}

/** Something with structure in it, so that it is a picture and not one colour. */
const disc = (x, y) => ((x - 60) ** 2 + (y - 50) ** 2 < 900 ? [110, 60, 150] : [230 - (x % 16), 200, 220 - (y % 16)]);

function gif(frames) {
  const bytes = [..."GIF89a"].map((c) => c.charCodeAt(0));
  const word = (n) => [n & 255, n >> 8];
  const side = 96;
  bytes.push(...word(side), ...word(side), 0x80, 0, 0, 230, 200, 220, 110, 60, 150); // two colours
  for (let f = 0; f < frames; f++) {
    bytes.push(0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, ...word(0), ...word(0), ...word(side), ...word(side), 0, 2);
    // Codes of 3 bits, with a clear code often enough that they stay so.
    let buffer = 0, bits = 0;
    const packed = [];
    const code = (n) => {
      buffer |= n << bits;
      for (bits += 3; bits >= 8; bits -= 8, buffer >>= 8) packed.push(buffer & 255);
    };
    for (let i = 0; i < side * side; i++) {
      if (i % 2 === 0) code(4);
      code((i % side - 40) ** 2 + (Math.floor(i / side) - 40) ** 2 < 600 ? 1 : 0);
    }
    code(5);
    if (bits > 0) packed.push(buffer & 255);
    for (let i = 0; i < packed.length; i += 255) bytes.push(Math.min(255, packed.length - i), ...packed.slice(i, i + 255));
    bytes.push(0);
  }
  return Buffer.from([...bytes, 0x3b]);
}

/** Count PNG pictures of noise, stripes and discs in many sizes: inputs unlike one another, with resizing in them. */
export function variedPictures(count) {
  return Array.from({ length: count }, (_, i) => {
    let seed = i + 1;
    const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 24;
    const [width, height] = [70 + (i * 53) % 300, 70 + (i * 31) % 260];
    const pixel = [
      () => [random(), random(), random()],
      (x, y) => [(x * (i + 2)) & 255, (y * (i + 3)) & 255, (x * y) & 255],
      (x, y) => ((x - 50) ** 2 + (y - 40) ** 2 < 40 * (i + 9) ? [90 + random() / 8, 60, 150] : [225, 205 + random() / 8, 230]).map(Math.floor),
    ][i % 3];
    const name = join(scratch, `varied-${i}.png`);
    writeFileSync(name, png(width, height, 8, 2, pixel));
    return name;
  });
}

/** [name, what must come of it]: a RegExp for the sentence, or "answer". drawing is a good PNG file. */
export function oddFiles(drawing) {
  const whole = readFileSync(drawing);
  const files = [
    ["not-a-picture.jpg", Buffer.from("Dear colleague, attached please find nothing.\n"), /not a picture/i],
    ["report.pdf", Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), /PDF/],
    ["empty.png", Buffer.alloc(0), /empty/i],
    ["truncated.png", whole.subarray(0, whole.length / 2), /damaged|truncated|incomplete|cut/i],
    ["one-pixel.png", png(1, 1, 8, 2, disc), /1 x 1/],
    ["gigantic.png", png(20000, 20000, 8, 2, disc, 1), /20,?000/],
    ["one-colour.png", png(300, 300, 8, 2, () => [240, 240, 240]), /one single colour/],
    ["transparent.png", png(120, 100, 8, 6, (x, y) => [...disc(x, y), 0]), /one single colour/],
    ["sixteen-bit.png", png(120, 100, 16, 2, (x, y) => disc(x, y).flatMap((v) => [v, 7])), "answer"],
    ["grey.png", png(120, 100, 8, 0, (x, y) => [disc(x, y)[0]]), "answer"],
    ["half-transparent.png", png(120, 100, 8, 6, (x, y) => [...disc(x, y), x < 60 ? 255 : 90]), "answer"],
    ["animated.gif", gif(3), "answer"],
  ].map(([name, data, outcome]) => {
    writeFileSync(join(scratch, name), data);
    return [join(scratch, name), outcome];
  });
  // Kinds that take an encoder to write come from the decoder's own test data; they are too small to show cells.
  for (const [name, outcome] of [["cmyk.jpg", /48 x 32/], ["animated.webp", /48 x 32|animat/i], ["pages.tiff", /48 x 32/]]) {
    copyFileSync(join(kinds, name), join(scratch, name));
    files.push([join(scratch, name), outcome]);
  }
  return files;
}
