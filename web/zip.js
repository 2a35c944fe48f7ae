// A ZIP file of other files, stored as they are (PKWARE, .ZIP File Format Specification 6.3): what
// is put into it here, PNG, does not get smaller.

/** Remainders of CRC-32 (ISO 3309), a byte at a time. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = (rest >>> 8) ^ remainders[(rest ^ byte) & 0xff];
  return (rest ^ 0xffffffff) >>> 0;
}

/** Numbers of 2 or 4 bytes, the lowest first. @param {[2 | 4, number][]} fields */
function record(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return view.buffer;
}

/** 1 January 1980: the same files give the same ZIP, whenever that is. */
const day = 0x21;

/** Writes a ZIP file piece by piece: the pieces stay Blobs, outside of the page's memory. Names are UTF-8, and each is there once. */
export class Zip {
  /** @type {BlobPart[]} */
  #parts = [];
  /** @type {BlobPart[]} */
  #directory = [];
  #size = 0;
  #directorySize = 0;
  /** @type {Set<string>} */
  #names = new Set();

  /** Adds a file. @param {string} name @param {Blob} file */
  async add(name, file) {
    const written = new TextEncoder().encode(this.#unique(name));
    const crc = crc32(new Uint8Array(await file.arrayBuffer()));
    /** Version needed, UTF-8 names, stored, time and day, CRC-32, both sizes, lengths of name and extra. @type {[2 | 4, number][]} */
    const common = [[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, day], [4, crc], [4, file.size], [4, file.size], [2, written.length], [2, 0]];
    const local = record([[4, 0x04034b50], ...common]);
    const central = record([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, this.#size]]);
    this.#parts.push(local, written, file);
    this.#directory.push(central, written);
    this.#size += local.byteLength + written.length + file.size;
    this.#directorySize += central.byteLength + written.length;
  }

  /** The whole. */
  finish() {
    const count = this.#names.size;
    return new Blob([...this.#parts, ...this.#directory, record([[4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, this.#directorySize], [4, this.#size], [2, 0]])], { type: "application/zip" });
  }

  /** @param {string} name */
  #unique(name) {
    let other = name;
    for (let i = 2; this.#names.has(other); i++) other = name.replace(/(\.\w+)?$/, ` (${i})$1`);
    this.#names.add(other);
    return other;
  }
}
