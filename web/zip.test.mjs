// ZIP files and label maps. Run: node --test web/

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import zlib from "node:zlib";
import { labelsOf } from "./regionmap.js";
import { crc32, Zip } from "./zip.js";

/** The files of a ZIP file, read by its central directory. */
function unzipped(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  assert.equal(view.getUint32(end, true), 0x06054b50);
  const files = [];
  for (let i = 0, at = view.getUint32(end + 16, true); i < view.getUint16(end + 10, true); i++) {
    assert.equal(view.getUint32(at, true), 0x02014b50);
    const [crc, size, nameSize, local] = [view.getUint32(at + 16, true), view.getUint32(at + 24, true), view.getUint16(at + 28, true), view.getUint32(at + 42, true)];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameSize));
    assert.equal(view.getUint32(local, true), 0x04034b50);
    const from = local + 30 + view.getUint16(local + 26, true);
    const content = bytes.subarray(from, from + size);
    files.push({ name, text: new TextDecoder().decode(content), crc, content });
    at += 46 + nameSize;
  }
  return files;
}

test("the check sum is CRC-32", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926, "the check value of the catalogue of CRC algorithms");
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test("a ZIP file holds its files as they are, each under a name of its own", async () => {
  const zip = new Zip();
  const files = [["a.png", "one"], ["ü b.png", "two".repeat(1000)], ["a.png", "three"], ["none", ""]];
  for (const [name, content] of files) await zip.add(name, new Blob([content]));
  const bytes = new Uint8Array(await zip.finish().arrayBuffer());
  const found = unzipped(bytes);
  assert.deepEqual(found.map(({ name }) => name), ["a.png", "ü b.png", "a (2).png", "none"]);
  assert.deepEqual(found.map(({ text }) => text), files.map(([, content]) => content));
  if (zlib.crc32) for (const { crc, content } of found) assert.equal(crc, zlib.crc32(content));
});

test("other programs read it", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "allnet-zip-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return (async () => {
    const zip = new Zip();
    await zip.add("ü.txt", new Blob(["content"]));
    writeFileSync(join(folder, "x.zip"), new Uint8Array(await zip.finish().arrayBuffer()));
    try {
      execFileSync("python3", ["-c", "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])", join(folder, "x.zip"), folder], { stdio: "pipe" });
    } catch (error) {
      if (error.code === "ENOENT") return t.skip("there is no python3");
      throw error;
    }
    assert.equal(readFileSync(join(folder, "ü.txt"), "utf8"), "content");
  })();
});

test("a label map is read as it was written, and a damaged one is not", () => {
  const map = (runs, width = 4, height = 2) => ({ width, height, count: 2, runs: Buffer.from(runs).toString("base64") });
  assert.deepEqual([...labelsOf(map([0, 3, 1, 2, 2, 1, 0, 2]))], [65535, 65535, 65535, 0, 0, 1, 65535, 65535]);
  assert.deepEqual([...labelsOf(map([0xac, 0x02, 0xac, 0x02], 300, 1))], Array(300).fill(299), "numbers above 127 take two bytes");
  for (const runs of [[0, 3], [0, 3, 1, 9], [0, 0x80], [0, 3, 1]]) assert.throws(() => labelsOf(map(runs)), /damaged/, runs.join());
});
