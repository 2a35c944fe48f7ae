// Runs the worker's script and program in Node as a browser's worker would: node X.mjs WORKER
// PROGRAM KERNELS …. hello is what the program says of itself, ask posts a message and returns
// what is answered but progress; rest are the other arguments.

import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [workerFile, programFile, kernelsFile, ...others] = process.argv.slice(2);
const [worker, program, kernels] = [workerFile, programFile, kernelsFile].map((name) => readFileSync(name));
const answers = [];
let heard = () => {};
Object.assign(globalThis, {
  onmessage: null, // a strict script sets only what is there
  addEventListener() {},
  postMessage(answer) {
    answers.push(answer);
    heard();
  },
});
globalThis.navigator ??= {}; // Node 20 has none
runInThisContext(worker.toString());
globalThis.onmessage({ data: { program: new WebAssembly.Module(program), kernels: new WebAssembly.Module(kernels) } });

/** The next answer that is not about progress. */
async function answer() {
  for (;;) {
    while (answers.length === 0) await new Promise((resolve) => { heard = resolve; });
    const next = answers.shift();
    if (next.type !== "progress") return next;
  }
}

export const ask = (message) => {
  globalThis.onmessage({ data: message });
  return answer();
};

const first = await answer();
if (first.type !== "ready") throw new Error(`it does not start: ${first.message}`);
export const hello = JSON.parse(first.json);
export const rest = others;
