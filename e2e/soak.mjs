// A long day of the page: 1,000 pictures, 100 of them damaged, and workers that are
// ended in the middle of their work. Every row must have the answer that the command
// line gives for its file, and memory must not grow from one half of the day to the
// next. Run by hand: make soak (PICTURES=200 for a shorter one, NETWORK=robust for another network).
//
// Workers are ended from outside, by Chromium's debugging protocol: what a worker is
// doing is broken off, in the middle of a computation too, and an exception is thrown in
// it, which is all that the page hears, as when a program traps.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import { classified, drawings, fileAddress, launch, open, outcomeOf, scratch } from "./harness.mjs";
import { oddFiles, variedPictures } from "./oddfiles.mjs";

const network = process.env.NETWORK ?? "cells";
const total = Number(process.env.PICTURES ?? 1000);
const damaged = total / 10;
const rounds = 10;
/** How much more, in MB, the page and its workers may hold at the end than after the first two rounds of ten: a row and its thumbnail take about 0.02. */
const mostGrowth = 100;

// Chance that is the same each time.
let seed = Number(process.env.SEED ?? 1);
const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;

const folder = join(scratch, "soak");
mkdirSync(folder, { recursive: true });
const drawn = await drawings();
const varied = variedPictures(Math.min(300, Math.round(total * 0.3)));
const odd = oddFiles(drawn[0]).map(([file]) => file);

const files = [];
for (let i = 0; i < total; i++) {
  const isDamaged = i % 10 === 7;
  const source = isDamaged ? drawn[i % drawn.length] : i % 3 === 0 ? varied[i % varied.length] : drawn[i % drawn.length];
  const file = join(folder, `${String(i).padStart(4, "0")}-${basename(source)}`);
  if (isDamaged) {
    if (i % 20 === 7) copyFileSync(odd[Math.floor(random() * odd.length)], file);
    else { // cut off, or with bytes that are others
      const bytes = Buffer.from(readFileSync(source));
      for (let k = 0; k < 20; k++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      writeFileSync(file, random() < 0.5 ? bytes : bytes.subarray(0, Math.floor(random() * bytes.length)));
    }
  } else {
    // Another file each time: a comment in the PNG, before its last chunk, changes no pixel.
    const bytes = readFileSync(source);
    const note = Buffer.from(`Comment\0picture ${i}`, "latin1");
    writeFileSync(file, Buffer.concat([bytes.subarray(0, -12), textChunk(note), bytes.subarray(-12)]));
  }
  files.push(file);
}
console.log(`${total} pictures, ${damaged} of them damaged or odd`);
const wanted = await classified(files, "-model", network);
assert.equal(wanted.length, total);

const browser = await launch("chromium");
const { page, problems } = await open(browser, fileAddress, { network });
const devtools = await browser.target().createCDPSession();

/** Memory in MB: the page's own heap, and all that its process holds, workers and their WebAssembly memories included. */
async function memory() {
  const heap = (await page.metrics()).JSHeapUsedSize / 1e6;
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  const resident = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) / 1e3;
    } catch {
      return 0; // it has ended
    }
  });
  return { heap, resident: Math.max(...resident), workers: page.workers().length };
}

let ended = 0;
/**
 * Ends what a worker of the page is doing. One that has not started yet is spared: the
 * page takes a program that stops at its start for one that never works, and gives it up.
 */
async function endOne() {
  const workers = page.workers();
  if (workers.length === 0) return;
  const worker = workers[Math.floor(random() * workers.length)];
  const soon = (answer) => Promise.race([answer, later(3000).then(() => { throw new Error("no answer"); })]); // the page may have ended it meanwhile
  try {
    // Once the Go program takes the messages, their receiver is one that its loader made.
    if (!(await soon(worker.evaluate(() => String(globalThis.onmessage).includes("_pendingEvent"))))) return;
    await later(random() * 60); // somewhere in the next picture
    await soon(worker.client.send("Runtime.terminateExecution"));
    await soon(worker.client.send("Runtime.evaluate", { expression: 'setTimeout(() => { throw new Error("ended by the soak"); })' }));
    ended++;
  } catch { /* it was gone already */ }
}

const start = performance.now();
const measured = [];
let given = 0;
for (let round = 0; round < rounds; round++) {
  const batch = files.slice(given, given + total / rounds);
  const input = await page.$("#file-input");
  await input.uploadFile(...batch);
  given += batch.length;
  let next = performance.now() + 400 + random() * 1600;
  for (const patience = performance.now() + 600_000; ;) {
    const done = await page.$$eval("[data-testid=row]", (rows) => rows.filter((row) => row.dataset.status === "done").length);
    if (done === given) break;
    if (performance.now() > patience) throw new Error(`lost rows: ${done} of ${given} are done`);
    if (performance.now() > next) {
      await endOne();
      next = performance.now() + 400 + random() * 1600;
    }
    await later(50);
  }
  await later(6000); // workers that have nothing to do are sent away after 5 s
  measured.push(await memory());
  const { heap, workers, resident } = measured.at(-1);
  console.log(`${given} pictures, ${ended} workers ended: heap of the page ${heap.toFixed(1)} MB, resident ${resident.toFixed(0)} MB, ${workers} worker`);
}
const took = (performance.now() - start) / 1000;

const rows = await page.$$eval("[data-testid=row]", (all) => all.map((row) => ({ outcome: row.dataset.outcome, verdict: row.querySelector(".verdict").textContent })));
assert.equal(rows.length, total, "no row is lost");
// A picture whose worker was ended under it may say so; nothing else may differ.
let interrupted = 0;
for (const [i, record] of wanted.entries()) {
  if (rows[i].outcome === outcomeOf(record)) continue;
  assert.match(rows[i].verdict, /stopped|crash|program/i, `${record.file}: ${rows[i].outcome} (${rows[i].verdict}); the command line says ${outcomeOf(record)}`);
  interrupted++;
}
assert.ok(interrupted <= ended, `${interrupted} pictures were interrupted by ${ended} ends`);
assert.ok(ended > 0, "no worker was ended");
assert.deepEqual(problems, []);
const growth = measured.at(-1).resident - measured[1].resident;
console.log(`${total} pictures in ${took.toFixed(0)} s, ${ended} workers ended, ${interrupted} rows say that the program stopped, all others as the command line; resident memory grew by ${growth.toFixed(0)} MB from round 2 to ${rounds} (${mostGrowth} allowed)`);
assert.ok(growth <= mostGrowth, "memory grows");
await browser.close();

function later(milliseconds) {
  return new Promise((passed) => setTimeout(passed, milliseconds));
}

function textChunk(data) {
  const body = Buffer.concat([Buffer.from("tEXt", "latin1"), data]);
  const length = Buffer.alloc(4), sum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
