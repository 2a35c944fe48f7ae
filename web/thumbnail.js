// Thumbnails. Each is the address of a small BMP file that the browser holds outside
// the page's memory and unpacks only while it is on the screen: a canvas for each of
// a thousand rows would hold a hundred megabytes.

import { make } from "./dom.js";
import { side } from "./state.js";

/** Width and height in pixels: what the network sees divided by four, so that each pixel is the mean of 4 x 4. */
const small = side / 4;

/** The address of the thumbnail of pixels, RGBA, side x side; to be revoked when it is not needed any more. @param {Uint8ClampedArray} pixels */
export function thumbnail(pixels) {
  return URL.createObjectURL(new Blob([bitmap(pixels)], { type: "image/bmp" }));
}

/**
 * Shows the thumbnail of an address, another one's no more: its pixels may be others, and it may be revoked. One that was
 * never near the screen is never unpacked. @param {Element} parent @param {string | null | undefined} address
 */
export function viewThumb(parent, address) {
  const shown = parent.querySelector("img")?.src;
  if (shown !== (address ?? undefined)) parent.replaceChildren(...(address ? [make("img", { loading: "lazy", decoding: "async", alt: "", src: address })] : []));
}

/** The picture at a quarter of its size as a BMP file: 24 bits a pixel, BGR, from the bottom row to the top one. @param {Uint8ClampedArray} pixels */
export function bitmap(pixels) {
  const header = 54, size = header + 3 * small * small; // rows of 3 x 56 bytes need no padding
  const file = new DataView(new ArrayBuffer(size));
  file.setUint16(0, 0x424d); // "BM"
  for (const [at, value] of [[2, size], [10, header], [14, 40], [18, small], [22, small]]) file.setUint32(at, value, true);
  for (const [at, value] of [[26, 1], [28, 24]]) file.setUint16(at, value, true);
  let at = header;
  for (let y = small - 1; y >= 0; y--) {
    for (let x = 0; x < small; x++) {
      for (const channel of [2, 1, 0]) file.setUint8(at++, mean(pixels, x, y, channel));
    }
  }
  return file.buffer;
}

/** @param {Uint8ClampedArray} pixels @param {number} x @param {number} y @param {number} channel */
function mean(pixels, x, y, channel) {
  let sum = 0;
  for (let i = 0; i < 16; i++) sum += pixels[4 * ((4 * y + (i >> 2)) * side + 4 * x + (i & 3)) + channel];
  return Math.round(sum / 16);
}
