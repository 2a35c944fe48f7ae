// Superpixels by one worker and by two, with a program that answers as told. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram, turns } from "./standin.mjs";

Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 2 }, configurable: true });
const { firstWorker } = await import("./jobs.js");
const { explainBy } = await import("./links.js");

const segmentation = { kernelSize: 4, maxDist: 200, ratio: 0.2, seed: 42 };
const settings = { hide: "black", target: "probability", samples: 100, features: 5, seed: 1, segmentation };
const asked = [];
let fail = () => false;
await startProgram({
  links: (message) => {
    const { from, to } = JSON.parse(message.json);
    asked.push(`links ${from} ${to}${message.cells ? " of cells" : ""}`);
    if (fail(from)) throw new Error("failed");
    return { links: Uint8Array.of(from, to) };
  },
  explain: ({ links }) => {
    asked.push(links ? `explain ${[...links]}` : "explain");
    return { json: "{}", labels: new Uint8Array(2) };
  },
});

/** What the program is asked for one explanation. */
async function asksFor(field, more = {}) {
  asked.length = 0;
  await explainBy(await firstWorker(), field, { ...settings, ...more }, {});
  await turns();
  return asked.toSorted();
}
const picture = () => ({ network: "robust", rgba: new Uint8ClampedArray(4) });

test("two workers find the links of half a picture each, once the second is there, and for the same picture only once", async () => {
  assert.deepEqual(await asksFor(picture()), ["explain"]); // the second is started
  const field = picture();
  assert.deepEqual(await asksFor(field), ["explain 0,112,112,224", "links 0 112", "links 112 224"]);
  assert.deepEqual(await asksFor(field, { samples: 200 }), ["explain"]);
  assert.equal((await asksFor(field, { segmentation: { ...segmentation, ratio: 0.5 } })).length, 3);
  assert.deepEqual(await asksFor({ ...picture(), cells: new Uint8Array(2) }), ["explain 0,112,112,224", "links 0 112 of cells", "links 112 224 of cells"]);
  assert.deepEqual(await asksFor(picture(), { regions: "cells", segmentation: undefined }), ["explain"]);
});

test("where a half fails, one worker does it all; where it was cancelled, nobody does", async () => {
  fail = (from) => from > 0;
  assert.deepEqual(await asksFor(picture()), ["explain", "links 0 112", "links 112 224"]);
  fail = () => false;
  const cancelled = new AbortController();
  asked.length = 0;
  const explaining = explainBy(await firstWorker(), picture(), settings, { signal: cancelled.signal });
  await Promise.resolve();
  cancelled.abort();
  await assert.rejects(explaining, { name: "AbortError" });
  await turns();
  assert.ok(!asked.some((job) => job.startsWith("explain")), `${asked}`);
});
