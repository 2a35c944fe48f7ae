// The page: what a person can do, and what then happens. State is in state.js,
// views are functions of it, the program runs behind the bridge.

import { Bridge } from "./bridge.js";
import { Crew } from "./crew.js";
import { $, setText, show } from "./dom.js";
import { listen } from "./intake.js";
import { loadPrograms } from "./payload.js";
import { Stopwatch } from "./progress.js";
import { classes, largeFile, maxFile, maxRows, mostError, onChange, selectedRow, side, state, subject, thumbSide, update, views, weighing, weighings } from "./state.js";
import { count, percent, text } from "./text.js";
import { viewExplanation } from "./view-explanation.js";
import { makeViews, snapshot, viewPicture } from "./view-picture.js";
import { viewResult } from "./view-result.js";
import { viewEngine, viewRows } from "./view-rows.js";
import { makeWeighings, viewSecond } from "./view-second.js";

let opened; // resolves the next
const programs = new Promise((resolve) => (opened = resolve)); // a function that starts a worker
const bridge = programs.then((startWorker) => new Bridge(startWorker, watch));
bridge.catch(({ message }) => fail(text("error.start", { message })));
const crew = new Crew(bridge, () => programs.then((startWorker) => new Bridge(startWorker, () => {})));
let lastRow = 0;
let listing = new AbortController(); // ends with the list
let asking = null; // AbortController of the explanation or second opinion that is being made

// ---- starting

/** Unpacks the program and starts it. Nothing can be asked of it before. */
async function start() {
  if (!globalThis.WebAssembly?.compileStreaming || !globalThis.DecompressionStream) return fail(text("error.wasm"));
  try {
    opened(await loadPrograms());
  } catch (error) {
    fail(error.message === "incomplete" ? text("error.incomplete") : text("error.start", { message: error.message }));
  }
}

/** Asks the program; pictures that come before it is there wait for it. */
async function run(...job) {
  return (await bridge).run(...job);
}

/** Follows the worker from start to start. */
function watch(status, about) {
  if (status === "failed") fail(text("error.start", { message: about }));
  else if (status === "ready") greet(about);
  else update({ engine: { ...state.engine, status } });
}

/** Takes what the program says of itself. The first time it also brings what is offered by name. */
function greet({ program, examples, presets, default: preferred, permutations, limits }) {
  if (!state.settings) {
    for (const [id, low, high] of [
      ["set-samples", limits.minSamples, limits.maxSamples],
      ["set-features", 1, limits.maxFeatures],
      ["set-permutations", limits.minPermutations, limits.maxPermutations],
    ]) {
      $(id).min = low;
      $(id).max = high;
    }
    setText($("settings-error"), text("settings.invalid", limits));
    presets.sort((a, b) => (b.name === preferred) - (a.name === preferred)); // the preferred one first
    update({ examples, presets, settings: presets[0].settings, permutations });
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

function fail(notice) {
  update({ engine: { ...state.engine, status: "failed" }, notice });
}

// ---- pictures

/** Takes sources into the list, has them looked at, and shows the first. */
function take(sources) {
  if (state.engine.status === "failed") return;
  const room = maxRows - state.rows.length;
  const rows = sources.slice(0, Math.max(0, room)).map((source) => ({ id: ++lastRow, name: source.name, source, status: "waiting" }));
  update({
    rows: [...state.rows, ...rows],
    notice: sources.length > room ? text("error.many", { limit: maxRows, left: sources.length - Math.max(0, room) }) : "",
  });
  if (rows.length > 0) {
    select(rows[0].id);
    work();
  }
}

/** Has the pictures that wait looked at, by several workers if there are several pictures. */
function work() {
  crew.work(nextRow, (row, worker) => look(row, worker, listing.signal), () => {
    if (state.rows.length > 1) update({ announcement: text("rows.finished", { total: state.rows.length }) });
  });
}

/** The next row that waits. Large files are looked at by the first worker alone, so that never two are unpacked at once. */
function nextRow(first) {
  const row = state.rows.find(({ status, source }) => status === "waiting" && (first || !(source.file?.size > largeFile || source.rgba)));
  if (row) change(row, { status: "working" });
  return row;
}

/** Has a row's picture classified. One that fails costs its own row only. */
async function look(row, worker, signal) {
  let answer, pixels = null;
  try {
    ({ answer, pixels } = await classify(row, worker, signal));
  } catch (error) {
    if (signal.aborted) return;
    if (worker.failure && worker !== (await bridge)) return change(row, { status: "waiting" }); // for another worker
    answer = { record: { file: row.name, predicted: null, probabilities: null, abstained: true, reason: sentence(error) }, logits: null, picture: null };
  }
  const shown = row.id === state.selected;
  change(row, { status: "done", answer, thumb: pixels && thumbnail(pixels) });
  if (row.source.rgba && pixels) row.source = { ...row.source, rgba: pixels, width: side, height: side }; // the large one is not needed again
  if (shown) update({ pixels, announcement: announce(row) });
}

async function classify(row, worker, signal) {
  const { values, transfer } = await load(row.source);
  const reply = await worker.run("classify", { name: row.name, ...values }, { signal, transfer });
  return { answer: JSON.parse(reply.json), pixels: reply.rgba ? new Uint8ClampedArray(reply.rgba.buffer) : null };
}

/** What the program is sent for a source. A file is read only now, and given away. */
async function load({ file, example, rgba, width, height }) {
  if (example) return { values: { example } };
  if (rgba) return { values: { rgba, width, height } };
  if (file.size > maxFile) throw new Error("large", { cause: file.size });
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Error("unreadable");
  }
  return { values: { bytes }, transfer: [bytes.buffer] };
}

/** The sentence for an error: our own errors have a code as their message, the program's are sentences. */
function sentence(error) {
  switch (error.message) {
    case "large":
      return text("error.large", { size: count(error.cause / 1e6), limit: count(maxFile / 1e6) });
    case "unreadable":
    case "crashed":
      return text(`error.${error.message}`);
  }
  return error.message;
}

function change(row, changes) {
  Object.assign(row, changes);
  update({ rows: state.rows });
}

function announce({ name, answer: { record } }) {
  return record.abstained
    ? text("result.announce.abstained", { name, reason: record.reason })
    : text("result.announce", { name, answer: text(`class.${record.predicted}`), percent: percent(record.probabilities[record.predicted]) });
}

function thumbnail(pixels) {
  const full = new OffscreenCanvas(side, side);
  full.getContext("2d").putImageData(new ImageData(pixels, side, side), 0, 0);
  const small = document.createElement("canvas");
  small.width = small.height = thumbSide;
  small.getContext("2d").drawImage(full, 0, 0, thumbSide, thumbSide);
  return small;
}

/** Shows a row. The pixels of rows that are not shown are not kept, so they are read again. */
async function select(id) {
  if (id === state.selected) return;
  cancel();
  update({ selected: id, pixels: null, drawn: null, subject: null, hovered: null, pinned: null, allRegions: false });
  const row = selectedRow();
  if (!row?.answer?.picture) return;
  update({ announcement: announce(row) });
  try {
    const { pixels } = await classify(row, await bridge, listing.signal);
    if (id !== state.selected) return;
    update({ pixels });
    if (row.explanation) await draw();
  } catch (error) {
    if (error.name !== "AbortError") update({ notice: sentence(error) });
  }
}

function step(by) {
  const i = state.rows.findIndex((row) => row.id === state.selected) + by;
  if (state.rows[i]) select(state.rows[i].id);
}

function clear() {
  listing.abort();
  listing = new AbortController();
  cancel();
  update({ rows: [], selected: null, pixels: null, drawn: null, subject: null, hovered: null, pinned: null, notice: "" });
  $("file-input").focus();
}

// ---- explanation

async function explain() {
  const row = selectedRow();
  if (!row || $("explain").disabled || $("offer-actions").hidden || state.progress) return;
  const { settings, pixels } = state;
  await follow("explain", ["samples", settings.samples], { rgba: pixels, json: JSON.stringify(settings) }, async (value, { labels }, signal) => {
    row.explanation = { value, labels: new Uint16Array(labels.buffer) };
    update({ by: "lime", hovered: null, pinned: null });
    await draw(signal);
    const shown = state.drawn?.class;
    if (shown) update({ announcement: text("explain.done", { verdict: text(shown.readable ? "trust.read" : "trust.unread") }) });
  }, () => (state.drawn ? $("trust-heading") : $("explain")));
}

/** Asks for the second opinion on the explanation that is shown, whatever the settings of the next one are. */
async function askSecond() {
  const explanation = selectedRow()?.explanation;
  if (!explanation || !state.drawn || $("ask-second").disabled || $("second-actions").hidden || state.progress) return;
  const { permutations, pixels } = state;
  const json = JSON.stringify({ explanation: explanation.value.explanation, permutations });
  await follow("shapley", ["permutations", permutations], { rgba: pixels, json }, async (second, _, signal) => {
    explanation.second = second;
    if (weighing() === "shapley") await draw(signal);
    const { agree } = second.agreement[state.drawn.class.class];
    update({ announcement: text("second.done", { verdict: text(agree ? "second.agree" : "second.disagree") }) });
  }, () => (explanation.second ? $("second-heading") : $("ask-second")));
}

/**
 * Has a job done that takes a while: shows how far it is, by its last stage [name, amount], and lets it be cancelled.
 * take is given the answer, after() says where the focus belongs then.
 */
async function follow(job, last, values, take, after) {
  const hadFocus = $("explanation").contains(document.activeElement);
  asking = new AbortController();
  const { signal } = asking;
  const clock = new Stopwatch(performance.now(), ...last);
  const tick = () => update({ progress: { job, ...clock.at(performance.now()) } });
  const ticking = setInterval(tick, 200);
  tick();
  update({ notice: "" });
  if (hadFocus) soon(() => $("cancel").focus());
  try {
    const reply = await run(job, values, { signal, progress: (message) => clock.take(message, performance.now()) });
    clock.finish(performance.now());
    await take(JSON.parse(reply.json), reply, signal);
  } catch (error) {
    if (signal.aborted) update({ announcement: text("explain.cancelled") });
    else update({ notice: sentence(error) });
  } finally {
    asking = null;
    clearInterval(ticking);
    const keepFocus = $("progress-box").contains(document.activeElement);
    update({ progress: null });
    if (keepFocus) soon(() => after().focus());
  }
}

/** Ends what is being made, at once: its worker is ended. */
function cancel() {
  asking?.abort();
}

/** Draws the explanation for the class that is asked for. Nothing is computed anew for that. */
async function draw(signal) {
  const row = selectedRow();
  const name = subject();
  if (!row?.explanation || !state.pixels || !name) return;
  const { value, second } = row.explanation;
  const by = weighing();
  const index = classes.indexOf(name);
  const chosen = value.explanation.classes[index];
  const other = second?.shapley.classes[index];
  const [coefficients, order] = by === "lime" ? [chosen.coefficients, chosen.order] : [other.values, other.order];
  const readable = chosen.readable && (by === "lime" || other.relativeError <= mostError);
  const features = state.settings.features;
  const reply = await run("draw", {
    rgba: state.pixels,
    labels: new Uint8Array(row.explanation.labels.buffer),
    json: JSON.stringify({ class: { coefficients, order }, features }),
  }, { signal });
  if (row.id !== state.selected || name !== subject() || by !== weighing()) return; // something else is shown by now
  const { regions, legend } = JSON.parse(reply.json);
  const layers = Object.fromEntries(["outline", "alone", "heat"].map((view) => [view, new Uint8ClampedArray(reply[view].buffer)]));
  update({ drawn: { class: chosen, by, readable, features, regions, legend, layers } });
}

function redraw() {
  draw().catch((error) => {
    if (error.name !== "AbortError") update({ notice: sentence(error) });
  });
}

function showClass(name) {
  if (!state.drawn || state.progress) return;
  update({ subject: name, hovered: null, pinned: null });
  redraw();
}

function showWeights(by) {
  if (!state.drawn || state.progress || !selectedRow().explanation.second) return;
  update({ by, hovered: null });
  redraw();
}

function changeSettings() {
  const numbers = ["samples", "features", "seed", "permutations"].map((name) => $(`set-${name}`));
  const valid = numbers.every((input) => input.value !== "" && input.checkValidity());
  show($("settings-error"), !valid);
  for (const input of numbers) input.setAttribute("aria-invalid", String(input.value === "" || !input.checkValidity()));
  update({ settingsValid: valid });
  if (!valid) return;
  const [samples, features, seed, permutations] = numbers.map((input) => input.valueAsNumber);
  const fewer = features !== state.settings.features;
  update({ settings: { ...state.settings, hide: $("set-hide").value, target: $("set-target").value, samples, features, seed }, permutations });
  if (fewer) redraw();
}

function usePreset({ target }) {
  const preset = state.presets.find(({ name }) => name === target.value);
  if (!preset) return;
  for (const name of ["samples", "features", "seed"]) $(`set-${name}`).setAttribute("aria-invalid", "false");
  const valid = $("set-permutations").getAttribute("aria-invalid") !== "true"; // a preset does not set it
  show($("settings-error"), !valid);
  update({ settings: preset.settings, settingsValid: valid });
  redraw();
}

// ---- keeping

/** Everything that is known of the selected picture, unrounded. */
function report() {
  const row = selectedRow();
  if (!row?.answer) return null;
  const { record, logits, picture } = row.answer;
  const way = row.source.example ? "example" : row.source.pasted ? "canvas" : "file";
  const { value, second } = row.explanation ?? {};
  return {
    ...record, logits, picture: picture && { ...picture, source: way }, program: state.engine.identity, ...value,
    ...(second && { secondOpinion: { shapley: second.shapley, agreement: second.agreement } }),
  };
}

function reportText() {
  const value = report();
  return value ? JSON.stringify(value, null, 2) : "";
}

function viewKeep() {
  const row = selectedRow();
  show($("keep"), Boolean(row?.answer));
  $("save-png").disabled = !state.pixels;
  if ($("numbers-box").open) setText($("result-json"), reportText());
}

function save(blob, extension, { name } = selectedRow()) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.\w+$/, "")}.allnet.${extension}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function copyReport() {
  try {
    await navigator.clipboard.writeText(reportText());
    update({ announcement: text("keep.copied") });
    setText($("copy-json"), text("keep.copied"));
    setTimeout(() => setText($("copy-json"), text("keep.copy")), 2000);
  } catch {
    update({ notice: text("error.copy") });
  }
}

async function savePicture() {
  const row = selectedRow();
  const { record } = row.answer;
  const words = [
    `${row.name}: ${record.abstained ? text("result.abstained") : `${text(`class.${record.predicted}`)}, ${percent(record.probabilities[record.predicted])}`}`,
    `${text("identity.version")} ${state.engine.identity.version}${text("identity.rest", { ...state.engine.identity, weights: state.engine.identity.weights.slice(0, 16) })}`,
    text("disclaimer.what"),
  ];
  if (row.source.example) words.splice(1, 0, text("note.synthetic"));
  if (state.drawn && state.view !== "picture") {
    const readable = state.drawn.readable ? "" : ` ${text("trust.unread")}`;
    words.splice(1, 0, `${text(`view.${state.view}`)}, ${text(`by.${state.drawn.by}`)}: ${text("regions.for", { class: text(`short.${subject()}`) })}.${readable}`);
  }
  save(await snapshot(words), "png", row);
}

// ---- wiring

function soon(action) {
  setTimeout(action); // after the views have been drawn
}

function wire() {
  makeViews();
  makeWeighings();
  listen({
    take: (files) => take(files.map((file) => ({ name: file.name, file }))),
    takePixels: ({ data, width, height }) => take([{ name: text("intake.pasted"), rgba: data, width, height, pasted: true }]),
    nothing: () => update({ notice: text("error.nopicture") }),
  });
  $("examples").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) take([{ name: button.textContent, example: button.dataset.example }]);
  });
  const point = ({ target }) => update({ example: target.closest?.("[data-example]")?.dataset.example ?? null });
  for (const event of ["pointerover", "focusin"]) $("examples").addEventListener(event, point);
  for (const event of ["pointerleave", "focusout"]) $("examples").addEventListener(event, () => update({ example: null }));
  $("clear").addEventListener("click", clear);
  $("error-close").addEventListener("click", () => update({ notice: "" }));
  $("explain").addEventListener("click", explain);
  $("ask-second").addEventListener("click", askSecond);
  $("cancel").addEventListener("click", cancel);
  $("views").addEventListener("change", ({ target }) => update({ view: target.value }));
  $("opacity").addEventListener("input", ({ target }) => update({ opacity: { ...state.opacity, [state.view]: target.valueAsNumber / 100 } }));
  $("classes").addEventListener("change", ({ target }) => showClass(target.value));
  $("weights-by").addEventListener("change", ({ target }) => showWeights(target.value));
  $("preset").addEventListener("change", usePreset);
  for (const id of ["set-hide", "set-target", "set-samples", "set-features", "set-seed", "set-permutations"]) $(id).addEventListener("input", changeSettings);
  $("settings-form").addEventListener("submit", (event) => event.preventDefault());
  $("copy-json").addEventListener("click", copyReport);
  $("save-json").addEventListener("click", () => save(new Blob([reportText()], { type: "application/json" }), "json"));
  $("save-png").addEventListener("click", savePicture);
  $("numbers-box").addEventListener("toggle", viewKeep);
  $("regions-more").addEventListener("click", () => update({ allRegions: !state.allRegions }));
  wireRegions();
  addEventListener("keydown", shortcut);

  onChange(viewEngine);
  onChange((now) => viewRows(now, select));
  onChange(viewResult);
  onChange(viewPicture);
  onChange(viewExplanation);
  onChange(viewSecond);
  onChange(viewKeep);
  update({});
}

/** A region is shown while the pointer or the focus is on its row or the pointer on the picture; pressing keeps it. */
function wireRegions() {
  const regionOf = ({ target }) => {
    const button = target.closest?.("[data-region]");
    return button ? Number(button.dataset.region) : null;
  };
  const hover = (hovered) => hovered !== state.hovered && update({ hovered });
  const pin = (region) => {
    update({ pinned: state.pinned === region ? null : region });
    $("stage").scrollIntoView({ block: "nearest" }); // on a phone it is above
  };
  $("regions").addEventListener("pointerover", (event) => hover(regionOf(event)));
  $("regions").addEventListener("pointerleave", () => hover(null));
  $("regions").addEventListener("focusin", (event) => hover(regionOf(event)));
  $("regions").addEventListener("focusout", () => hover(null));
  $("regions").addEventListener("click", (event) => regionOf(event) !== null && pin(regionOf(event)));

  const regionAt = ({ clientX, clientY }) => {
    const box = $("stage").getBoundingClientRect();
    const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map((part) => Math.floor(part * side));
    if (!state.drawn || state.view === "picture" || x < 0 || y < 0 || x >= side || y >= side) return null;
    return selectedRow().explanation.labels[y * side + x];
  };
  $("stage").addEventListener("pointermove", (event) => event.pointerType === "mouse" && hover(regionAt(event)));
  $("stage").addEventListener("pointerleave", () => hover(null));
  $("stage").addEventListener("click", (event) => regionAt(event) !== null && pin(regionAt(event)));
}

/** Single keys, unless they are meant for a field or switched off. Escape always cancels. */
function shortcut(event) {
  if (event.key === "Escape" && state.progress) return cancel();
  const field = event.target.closest?.("input:not([type=radio], [type=checkbox], [type=range], [type=file]), select, textarea");
  if (field || event.ctrlKey || event.metaKey || event.altKey || !$("shortcuts").checked) return;
  const key = event.key.toLowerCase();
  if (key === "o") $("file-input").click();
  else if (key === "e") explain();
  else if (key === "s") askSecond();
  else if (key === "w") showWeights(weighings[(weighings.indexOf(state.by) + 1) % weighings.length]);
  else if (key === "v" && state.drawn) update({ view: views[(views.indexOf(state.view) + 1) % views.length] });
  else if (key === "n") step(1);
  else if (key === "p") step(-1);
  else if (/^[1-4]$/.test(key)) showClass(classes[key - 1]);
}

wire();
// This script stands before the programs in the file: they are there when all of it has been read.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
