// A film of a drawn smear under a moving stage, as a file that Chromium takes for a camera.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratch } from "./harness.mjs";

/**
 * Writes a film (YUV4MPEG2, 4:2:0) from a picture that smear() drew: a window of width x height pixels
 * that moves over it by step pixels a frame, to and fro. Gives the path of the file.
 */
export function film(name, picture, { width, height, frames = 24, step = 2, rate = 30 }) {
  const bmp = readFileSync(picture);
  const [wide, high] = [bmp.readUInt32LE(18), bmp.readUInt32LE(22)];
  const line = Math.ceil((3 * wide) / 4) * 4;
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`)];
  for (let i = 0; i < frames; i++) {
    const left = step * Math.min(i, frames - i);
    if (left + width > wide || height > high) throw new Error("the window leaves the picture");
    const luma = Buffer.alloc(width * height);
    const chroma = [Buffer.alloc((width * height) / 4), Buffer.alloc((width * height) / 4)];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = 54 + (high - 1 - y) * line + 3 * (left + x);
        const [b, g, r] = [bmp[at], bmp[at + 1], bmp[at + 2]];
        luma[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b;
        if (y % 2 || x % 2) continue;
        chroma[0][((y / 2) * width) / 2 + x / 2] = 128 - 0.168736 * r - 0.331264 * g + 0.5 * b;
        chroma[1][((y / 2) * width) / 2 + x / 2] = 128 + 0.5 * r - 0.418688 * g - 0.081312 * b;
      }
    }
    parts.push(Buffer.from("FRAME\n"), luma, ...chroma);
  }
  const path = join(scratch, `${name}.y4m`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}
