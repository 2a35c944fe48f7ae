// What is asked of the program: starting it, having a picture classified, explained and
// drawn. Who asks for what is in selection.js (the list) and main.js (the buttons).

import { say } from "./announcer.js";
import { Bridge, parse, written } from "./bridge.js";
import { Crew } from "./crew.js";
import { canAskSecond, canExplain, canShowClass, canShowView, canShowWeights } from "./commands.js";
import { $ } from "./dom.js";
import { Fault, isAbort } from "./fault.js";
import { restFocusAt } from "./focus.js";
import { loadPrograms } from "./payload.js";
import { Stopwatch } from "./progress.js";
import { classes, drawnClass, explanationOf, longestOriginal, maxFile, mostError, notify, placeOf, presetsFor, readsCells, selectedRow, state, subject, update, weighing } from "./state.js";
import { count, text } from "./text.js";
import { thumbnail } from "./thumbnail.js";

/** @import {ClassName, Field, Greeting, Jobs, Picture, Pixels} from "./messages" */
/** @import {Drawn, Explanation, Row, Seen, Source, View, Weighing} from "./types" */

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
const bridge = programs.promise.then((startWorker) => new Bridge(startWorker, watch));
bridge.catch(({ message }) => fail(text("error.start", { message })));
/** @type {ReturnType<typeof deferred<void>>} */
const greeted = deferred(); // once the program has said what it has
greeted.promise.catch(() => {}); // whoever waits for it is told
const crew = new Crew(bridge, () => programs.promise.then((startWorker) => new Bridge(startWorker, () => {})));

/** The explanation or second opinion that is being made. @type {AbortController | null} */
let asking = null;

/** The reason of a cancel that nobody pressed. */
export const superseded = new DOMException("something else was chosen", "AbortError");

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
async function run(job, values, options) {
  return (await bridge).run(job, values, options);
}

/** The page's own worker, which the others help where there are many pictures. */
export function firstWorker() {
  return bridge;
}

/** Settles once the program has said what it has, or that it cannot. */
export function whenGreeted() {
  return greeted.promise;
}

/** Lets several workers share work; see Crew. @type {Crew<Row>["work"]} */
export function shareOut(...work) {
  crew.work(...work);
}

/** Follows the worker from start to start. @type {import("./bridge.js").Watch} */
function watch(...[status, about]) {
  if (status === "failed") {
    greeted.reject(new Fault("over", about));
    fail(text("error.start", { message: about }));
  } else if (status === "ready") greet(about);
  else update({ engine: { ...state.engine, status } });
}

/** Takes what the program says of itself. The first time it also brings what is offered by name. @param {Greeting} greeting */
function greet({ program, networks, examples, presets, default: preferred, permutations, limits }) {
  if (!state.settings) {
    presets.sort((a, b) => Number(b.name === preferred) - Number(a.name === preferred)); // the preferred one first
    update({ networks, network: networks[0].name, examples, presets, permutations, limits });
    update({ settings: presetsFor(networks[0].name)[0].settings });
    greeted.resolve();
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

// ---- classifying

/**
 * Has a row's picture classified by a network: by the one that was asked for, whichever is chosen meanwhile.
 * @param {Row} row
 * @param {Bridge} worker
 * @param {string} network
 * @param {{ signal: AbortSignal, unwanted?: AbortSignal }} options
 */
export async function classify(row, worker, network, { signal, unwanted }) {
  const { choices, field } = row;
  const { values, transfer } = await load(row.source);
  const told = readsCells(network) ? { choices: written(choices ?? {}), ...(field !== null && { field }) } : {};
  const reply = await worker.run("classify", { network, name: row.name, ...told, ...values }, { signal, unwanted, transfer });
  /** @type {Seen | null} */
  const seen = reply.rgba ? { pixels: new Uint8ClampedArray(reply.rgba.buffer), cells: reply.cells ? new Uint16Array(reply.cells.buffer) : null } : null;
  return { answer: parse(reply.json), seen };
}

/** A row's picture before anything is done to it. @param {Row} row @param {AbortSignal} unwanted */
export async function originalOf(row, unwanted) {
  const { values, transfer } = await load(row.source);
  const reply = await run("original", { most: longestOriginal, ...values }, { unwanted, transfer });
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

// ---- explaining

/** Has the selected picture explained, and the explanation drawn. Both are shown together once both are there: until then, and where something fails, what is shown stays. */
export async function explain() {
  const row = selectedRow();
  const { settings, pixels } = state;
  const network = row?.answer?.network;
  if (!canExplain(state) || !row || !network || !settings || !pixels) return;
  const place = placeOf(row);
  await follow("explain", ["samples", settings.samples], { ...fieldOf(row, network, pixels), json: written(settings) }, async (reply, signal) => {
    /** @type {Explanation} */
    const explanation = { value: parse(reply.json), labels: new Uint16Array(reply.labels.buffer), second: null, lost: Boolean(explanationOf(row)?.second) };
    const name = subject();
    const drawn = name && await drawing(explanation, name, "lime", pixels, signal);
    row.explanations[place] = explanation;
    update({ drawn, undrawn: false, by: "lime", hovered: null, pinned: null });
    say(text("explain.done", { shown: drawn ? shownWords(drawn) : text("explain.choose") }), "drawn");
    if (explanation.lost) say(text("second.lost"), "second");
  }, () => (state.drawn ? $("trust-heading") : explanationOf(row) && !subject() ? $("classes").querySelector("input") : $("explain")));
}

/** What is shown of a row, as the program is asked about it. @param {Row} row @param {string} network @param {Pixels} rgba @returns {Field} */
function fieldOf({ answer }, network, rgba) {
  const { cells } = state;
  return { network, rgba, ...(cells && { cells: new Uint8Array(cells.buffer), scale: answer?.scale ?? 1 }) };
}

/** Asks for the second opinion on the explanation that is shown, whatever the settings of the next one are. */
export async function askSecond() {
  const row = selectedRow();
  const network = row?.answer?.network;
  const { permutations, pixels, drawn } = state;
  if (!canAskSecond(state) || !row || !network || !pixels || !drawn) return;
  const { explanation } = drawn;
  const json = written({ explanation: explanation.value.explanation, permutations });
  const place = placeOf(row);
  await follow("shapley", ["permutations", permutations], { ...fieldOf(row, network, pixels), json }, async (reply, signal) => {
    const second = parse(reply.json);
    /** @type {Explanation} */
    const whole = { ...explanation, second, lost: false };
    const name = classes[drawn.class.class];
    const redrawn = state.by === "shapley" ? await drawing(whole, name, "shapley", pixels, signal) : { ...(state.drawn ?? drawn), explanation: whole };
    row.explanations[place] = whole;
    update({ drawn: redrawn });
    const { agree } = second.agreement[drawn.class.class];
    say(text("second.done", { verdict: text(agree ? "second.agree" : "second.disagree") }), "second");
  }, () => (explanationOf(row)?.second ? $("second-heading") : $("ask-second")));
}

/**
 * Has a job done that takes a while: shows how far it is, by its last stage and its amount, and lets it be cancelled.
 * take is given the answer, after() says where the focus belongs then.
 * @template {"explain" | "shapley"} J
 * @param {J} job
 * @param {["samples" | "permutations", number]} last
 * @param {Jobs[J]["values"]} values
 * @param {(reply: Jobs[J]["reply"], signal: AbortSignal) => Promise<void>} take
 * @param {() => HTMLElement | null} after
 */
async function follow(job, last, values, take, after) {
  asking = new AbortController();
  const { signal } = asking;
  const clock = new Stopwatch(performance.now(), ...last);
  const tick = () => update({ progress: { job, ...clock.at(performance.now()) } });
  const ticking = setInterval(tick, 200);
  restFocusAt(after);
  tick();
  notify("");
  try {
    const reply = await run(job, values, { signal, progress: (message) => clock.take(message, performance.now()) });
    clock.finish(performance.now());
    await take(reply, signal);
  } catch (error) {
    if (!signal.aborted) notify(sentence(error));
    else if (signal.reason !== superseded) say(text("explain.cancelled"), "drawn");
  } finally {
    asking = null;
    clearInterval(ticking);
    update({ progress: null });
  }
  // The number of regions may have been changed meanwhile.
  if (state.drawn && state.drawn.features !== state.settings?.features) redraw();
}

/** Ends what is being made, at once: its worker is ended. @param {unknown} [reason] */
export function cancel(reason) {
  asking?.abort(reason);
}

// ---- drawing

/**
 * Has an explanation drawn for a class, by LIME's weights or by those of its second opinion.
 * Nothing is computed anew for that, and nothing is shown yet.
 * @param {Explanation} explanation
 * @param {ClassName} name
 * @param {Weighing} by
 * @param {Pixels} pixels
 * @param {AbortSignal} [signal]
 * @returns {Promise<Drawn>}
 */
async function drawing(explanation, name, by, pixels, signal) {
  const { value, second, labels } = explanation;
  const index = classes.indexOf(name);
  const chosen = value.explanation.classes[index];
  const other = by === "shapley" ? second?.shapley.classes[index] : null;
  const [coefficients, order] = other ? [other.values, other.order] : [chosen.coefficients, chosen.order];
  const features = state.settings?.features ?? value.explanation.settings.features;
  const reply = await run("draw", { rgba: pixels, labels: new Uint8Array(labels.buffer), json: written({ class: { coefficients, order }, features }) }, { signal });
  const layers = { outline: new Uint8ClampedArray(reply.outline.buffer), alone: new Uint8ClampedArray(reply.alone.buffer), heat: new Uint8ClampedArray(reply.heat.buffer) };
  return { ...parse(reply.json), explanation, class: chosen, by, readable: chosen.readable && (!other || other.relativeError <= mostError), features, layers };
}

/**
 * Draws what is asked for now, and says whether it did. Where that fails, what is drawn stays,
 * and is what is asked for again; where nothing is, the explanation is offered once more.
 */
export async function redraw() {
  const row = selectedRow();
  const [explanation, name, by, { pixels }] = [explanationOf(row), subject(), weighing(), state];
  if (!row || !explanation || !name || !pixels) return false;
  // Something else may be asked for meanwhile: another picture, another network's explanation, another class or other weights.
  const isWanted = () => row.id === state.selected && explanationOf(row) === explanation && name === subject() && by === weighing();
  try {
    const drawn = await drawing(explanation, name, by, pixels);
    if (!isWanted()) return false;
    update({ drawn, undrawn: false });
    return true;
  } catch (error) {
    if (isAbort(error)) return false;
    notify(sentence(error));
    if (!isWanted()) return false;
    update(state.drawn ? { subject: drawnClass(), by: state.drawn.by } : { subject: null, undrawn: true });
    return false;
  }
}

/** What is drawn, in words. @param {Drawn} drawn */
function shownWords({ class: { class: index }, by, readable, regions }) {
  const pro = regions.filter((region) => region.weight > 0).length;
  const contra = regions.filter((region) => region.weight < 0).length;
  return text("explain.shown", { class: text(`short.${classes[index]}`), by: text(`by.${by}`), pro: count(pro), contra: count(contra), verdict: text(readable ? "trust.read" : "trust.unread") });
}

/** Draws what is asked for now and says what it is. */
async function redrawAloud() {
  if ((await redraw()) && state.drawn) say(shownWords(state.drawn), "drawn");
}

/** @param {ClassName} name */
export function showClass(name) {
  if (!canShowClass(state)) return;
  update({ subject: name, hovered: null, pinned: null });
  redrawAloud();
}

/** @param {Weighing} by */
export function showWeights(by) {
  if (!canShowWeights(state)) return;
  update({ by, hovered: null });
  redrawAloud();
}

/** @param {View} view */
export function showView(view) {
  if (!canShowView(state)) return;
  update({ view });
  say(text(`view.${view}`), "view");
}
