// What is asked of the program: starting it, having a picture classified. What is asked about
// an answer is in explaining.js; who asks for what, in selection.js (the list) and main.js (the buttons).

import { Bridge, parse, written } from "./bridge.js";
import { Crew } from "./crew.js";
import { Fault } from "./fault.js";
import { loadPrograms, weightsOf, whole } from "./payload.js";
import { longestMagnified, longestOriginal, maxFile, presetsFor, readsCells, state, update } from "./state.js";
import { count, text } from "./text.js";
import { thumbnail } from "./thumbnail.js";

/** @import {Draft, Greeting, Jobs, Part, Picture, Pixels} from "./messages" */
/** @import {Row, Seen, Source} from "./types" */

/** A promise with the functions that settle it. @template T */
function deferred() {
  /** @type {(value: T) => void} */
  let resolve = () => {};
  /** @type {(reason: unknown) => void} */
  let reject = () => {};
  const promise = /** @type {Promise<T>} */ (new Promise((...settle) => ([resolve, reject] = settle)));
  return { promise, resolve, reject };
}

/** @type {ReturnType<typeof deferred<() => Worker>>} */
const programs = deferred(); // gives a function that starts a worker
const bridge = programs.promise.then((startWorker) => new Bridge(startWorker, watch, supply));
bridge.catch(({ message }) => fail(text("error.start", { message })));
/** @type {ReturnType<typeof deferred<void>>} */
const greeted = deferred(); // once the program has said what it has
greeted.promise.catch(() => {}); // whoever waits for it is told
const crew = new Crew(bridge, hire);

// ---- starting

/** Unpacks the program and starts it. Nothing can be asked of it before. */
export async function start() {
  if (!globalThis.WebAssembly?.compileStreaming || !globalThis.DecompressionStream) return fail(text("error.wasm"));
  try {
    programs.resolve(await loadPrograms());
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    fail(message === "incomplete" ? text("error.incomplete") : text("error.start", { message }));
  }
}

/**
 * Asks the program; what comes before it is there waits for it.
 * @template {keyof Jobs} J
 * @param {J} job
 * @param {Jobs[J]["values"]} values
 * @param {import("./bridge.js").Options} [options]
 */
export async function run(job, values, options) {
  return (await bridge).run(job, values, options);
}

/** The page's own worker, which the others help where there are many pictures. */
export function firstWorker() {
  return bridge;
}

/** One more worker, beside the first. */
export async function hire() {
  const startWorker = await programs.promise;
  return new Bridge(startWorker, () => {}, supply);
}

/** Settles once the program has said what it has, or that it cannot. */
export function whenGreeted() {
  return greeted.promise;
}

/** Lets several workers share work; see Crew. @type {Crew<Row>["work"]} */
export function shareOut(...work) {
  crew.work(...work);
}

/** Lends a worker that has nothing to do; see Crew. @type {Crew<Row>["lend"]} */
export function lend(use) {
  return crew.lend(use);
}

/** Follows the worker from start to start. @type {import("./bridge.js").Watch} */
function watch(...[status, about]) {
  if (state.engine.status === "failed") return; // for good
  if (status === "failed") {
    greeted.reject(new Fault("over", about));
    fail(text("error.start", { message: about }));
  } else if (status === "ready") greet(about);
  else update({ engine: { ...state.engine, status } });
}

/** The networks whose weights stand apart from the program. */
function apart() {
  return state.networks.filter((network) => network.apart).map(({ name }) => name);
}

/** What a worker is to be given with the first job that names a network; null where the program has it. @param {string} network */
function supply(network) {
  return apart().includes(network) ? weightsOf(network).catch(() => { throw new Error(text("error.incomplete")); }) : null;
}

/** Takes what the program says of itself. The first time it also brings what is offered by name. @param {Greeting} greeting */
function greet({ program, networks, examples, presets, default: preferred, permutations, limits }) {
  if (!state.settings) {
    presets.sort((a, b) => Number(b.name === preferred) - Number(a.name === preferred)); // the preferred one first
    update({ networks, network: networks[0].name, examples, presets, permutations, limits });
    update({ settings: presetsFor(networks[0].name)[0].settings });
    greeted.resolve();
    whole(apart()).catch(() => fail(text("error.incomplete")));
    sketch();
  }
  update({ engine: { status: "ready", identity: program, everReady: true } });
}

/** Has the examples drawn for their buttons, one after another: a picture that comes meanwhile waits for one at most. */
async function sketch() {
  for (const { name } of state.examples) {
    const reply = await run("example", { name }).catch(() => null);
    if (!reply) return; // the buttons do without
    const thumb = thumbnail(new Uint8ClampedArray(reply.rgba.buffer));
    update({ examples: state.examples.map((example) => (example.name === name ? { ...example, thumb } : example)) });
  }
}

/** @param {string} notice */
function fail(notice) {
  update({ engine: { ...state.engine, status: "failed" }, notice });
}

// ---- what comes as a file

/** What a saved case holds; an error says why a file is none. @param {File} file */
export async function caseIn(file) {
  await whenGreeted();
  if (file.size > 10 * maxFile) throw new Error(text("error.large", { size: count(file.size / 1e6), limit: count(10 * maxFile / 1e6) }));
  await run("compare", { saved: new Uint8Array(await file.arrayBuffer()), json: /** @type {import("./messages").Json<Draft>} */ (`{"label":"","pictures":[]}`) });
  return JSON.parse(await file.text());
}

// ---- classifying

/** What corrects a network now, as the program is told. @param {string} network */
export function taughtOf(network) {
  return state.profile?.network === network ? { correction: written(state.profile.correction) } : {};
}

/**
 * Has a row's picture classified by a network: by the one that was asked for, whichever is chosen meanwhile.
 * @param {Row} row
 * @param {Bridge} worker
 * @param {string} network
 * @param {{ signal: AbortSignal, unwanted?: AbortSignal }} options
 */
export async function classify(row, worker, network, { signal, unwanted }) {
  const { choices, field } = row;
  const taught = taughtOf(network);
  const told = readsCells(network) ? { choices: written(choices ?? {}), ...(field !== null && { field }) } : {};
  const { values, transfer } = await load(row.source);
  const reply = await worker.run("classify", { network, name: row.name, ...taught, ...told, ...values }, { signal, unwanted, transfer });
  /** @type {Seen | null} */
  const seen = reply.rgba ? { pixels: new Uint8ClampedArray(reply.rgba.buffer), cells: reply.cells ? new Uint16Array(reply.cells.buffer) : null } : null;
  return { answer: parse(reply.json), seen };
}

/** A row's picture, or a part of it, before anything is done to it. @param {Row} row @param {AbortSignal} unwanted @param {Part} [part] */
export async function originalOf(row, unwanted, part) {
  const { values, transfer } = await load(row.source);
  const wanted = part ? { most: longestMagnified, part: written(part) } : { most: longestOriginal };
  const reply = await run("original", { ...wanted, ...values }, { unwanted, transfer });
  return { row: row.id, pixels: /** @type {Pixels} */ (new Uint8ClampedArray(reply.rgba.buffer)), ...parse(reply.json) };
}

/** What the program is sent for a source. A file is read only now, and given away. @param {Source} source @returns {Promise<{ values: Picture, transfer?: Transferable[] }>} */
async function load({ file, example, pasted, width = 0, height = 0 }) {
  if (example) return { values: { example } };
  if (pasted) {
    const rgba = new Uint8ClampedArray(await pasted.arrayBuffer());
    return { values: { rgba, width, height }, transfer: [rgba.buffer] };
  }
  if (!file) throw new Fault("unreadable");
  if (file.size > maxFile) throw new Fault("large", undefined, file.size);
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Fault("unreadable");
  }
  return { values: { bytes }, transfer: [bytes.buffer] };
}

/** The sentence for an error: the program's are sentences already. @param {unknown} error */
export function sentence(error) {
  if (error instanceof Fault) {
    if (error.kind === "large") return text("error.large", { size: count(error.size / 1e6), limit: count(maxFile / 1e6) });
    if (error.kind === "unreadable" || error.kind === "crashed") return text(`error.${error.kind}`);
  }
  return error instanceof Error ? error.message : String(error);
}
