// Runs the end-to-end tests, a file at a time in each of a few processes: browsers wait for each other's answers more than
// they compute.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { tap } from "node:test/reporters";

const atOnce = 3;

/** What takes minutes comes first, so that none of it is left running alone at the end. */
const long = ["page", "use", "cells", "round", "many", "keep"].map((name) => `${name}.test.mjs`);

const all = ["", "bench"].flatMap((folder) => readdirSync(join(import.meta.dirname, folder)).filter((name) => name.endsWith(".test.mjs")).map((name) => join(folder, name)));
const files = [...long, ...all.filter((name) => !long.includes(name))].map((name) => join(import.meta.dirname, name));
run({ files, concurrency: atOnce })
  .on("test:fail", () => { process.exitCode = 1; })
  .compose(tap)
  .pipe(process.stdout);
