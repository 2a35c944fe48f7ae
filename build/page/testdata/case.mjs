// Makes a case as the page does: node case.mjs WORKER PROGRAM KERNELS DIR OUT reads the pictures in DIR by
// the worker's program, explains those with an answer, judges one, writes OUT/case.json and
// OUT/case.csv, and reads and compares once more. Prints what is not as it should be.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { ask, hello, rest } from "./worker.mjs";

const [dir, out] = rest;
const failed = [];
const network = hello.networks[0];
const { settings } = hello.presets.find((p) => p.name === "cells");
let id = 0;

async function done(message) {
  const reply = await ask({ id: ++id, ...message });
  if (reply.type !== "done") throw new Error(`${message.job}: ${reply.message}`);
  return reply;
}

/** The pictures of the case, as the page keeps them, and their rows. */
async function read() {
  const pictures = [];
  const rows = [];
  for (const name of readdirSync(dir).reverse()) {
    const bytes = new Uint8Array(readFileSync(`${dir}/${name}`));
    const classified = await done({ job: "classify", network: network.name, name, bytes });
    const { row, ...answer } = JSON.parse(classified.json);
    let explained = null;
    if (answer.record.predicted) {
      const { rgba, cells } = classified;
      explained = JSON.parse((await done({ job: "explain", network: network.name, rgba, cells, scale: answer.scale, json: JSON.stringify({ ...settings, samples: 200 }) })).json);
      row.tally = explained.readings.tally;
    }
    const decision = name === "synthetic-2.png" ? { class: "Pro", certainty: "doubtful", blind: true, note: "=a note, with \"quotes\"" } : null;
    pictures.push({ answer, explained, decision });
    rows.push({ ...row, decision });
  }
  return { pictures, rows };
}

const { pictures, rows } = await read();
const made = await done({ job: "case", json: JSON.stringify({ label: "S24-0117", pictures }) });
writeFileSync(`${out}/case.json`, made.file);
writeFileSync(`${out}/case.csv`, made.table);

// The rows come in another order than the case's.
const order = rows.map((_, i) => i).reverse();
const { summary } = JSON.parse(made.json);
const summed = JSON.parse((await done({ job: "summarise", json: JSON.stringify({ rows: order.map((i) => rows[i]) }) })).json);
if (JSON.stringify(summed) !== JSON.stringify(summary)) failed.push(`summarise says ${JSON.stringify(summed)}, case ${JSON.stringify(summary)}`);

const again = await read();
const compare = async (saved) => JSON.parse((await done({ job: "compare", saved, json: JSON.stringify({ pictures: again.pictures }) })).json);
const same = await compare(readFileSync(`${out}/case.json`));
if (same.outcome !== "same" || same.compared !== pictures.length) failed.push(`the same case: ${JSON.stringify(same)}`);
const changed = readFileSync(`${out}/case.json`, "utf8").replace(/"r2":0\.9/, '"r2":0.8');
const other = await compare(new TextEncoder().encode(changed));
if (other.outcome !== "differs" || !other.differences.some((d) => d.path.endsWith(".r2"))) failed.push(`a changed case: ${JSON.stringify(other)}`);

console.log(failed.length ? failed.join("\n") : `a case of ${pictures.length} pictures`);
process.exit(failed.length ? 1 : 0);
