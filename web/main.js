// The page: what a person can do, and what then happens. State is in state.js,
// views are functions of it, the program runs behind the bridge.

import { hush, say } from "./announcer.js";
import { Bridge } from "./bridge.js";
import { Crew } from "./crew.js";
import { $, lost, setText, show } from "./dom.js";
import { listen } from "./intake.js";
import { viewKeep, wireKeep } from "./keep.js";
import { loadPrograms } from "./payload.js";
import { Stopwatch } from "./progress.js";
import { abstained, classes, drawnClass, keptPixels, largeFile, maxFile, maxRows, mostError, notify, onChange, selectedRow, side, state, subject, unfit, update, views, weighing, weighings } from "./state.js";
import { count, isolated, percent, text } from "./text.js";
import { thumbnail } from "./thumbnail.js";
import { viewExplanation } from "./view-explanation.js";
import { makeViews, viewPicture } from "./view-picture.js";
import { viewNetworks } from "./view-networks.js";
import { viewResult } from "./view-result.js";
import { rowButton, viewEngine, viewRows } from "./view-rows.js";
import { makeWeighings, viewSecond } from "./view-second.js";

let opened; // resolves the next
const programs = new Promise((resolve) => (opened = resolve)); // a function that starts a worker
const bridge = programs.then((startWorker) => new Bridge(startWorker, watch));
bridge.catch(({ message }) => fail(text("error.start", { message })));
let greeted, refused;
const greeting = new Promise((resolve, reject) => ([greeted, refused] = [resolve, reject])); // the program's, with what it has
greeting.catch(() => {}); // whoever waits for it is told
const crew = new Crew(bridge, () => programs.then((startWorker) => new Bridge(startWorker, () => {})));
let lastRow = 0;
let listing = new AbortController(); // ends with the list
let reading = new AbortController(); // ends with the selection
let asking = null; // AbortController of the explanation or second opinion that is being made
const superseded = new DOMException("something else was chosen", "AbortError"); // the reason of a cancel that nobody pressed
const kept = new Map(); // row: its pixels; see keptPixels
const narrow = matchMedia("(max-width: 47.99rem)"); // one column, as in style.css

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
  if (status === "failed") {
    refused(new Error(about));
    fail(text("error.start", { message: about }));
  }
  else if (status === "ready") greet(about);
  else update({ engine: { ...state.engine, status } });
}

/** Takes what the program says of itself. The first time it also brings what is offered by name. */
function greet({ program, networks, examples, presets, default: preferred, permutations, limits }) {
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
    update({ networks, network: networks[0].name, examples, presets, settings: presets[0].settings, permutations });
    greeted();
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
  if (unfit()) return notify(unfit());
  const room = maxRows - state.rows.length;
  const rows = sources.slice(0, Math.max(0, room)).map((source) => ({ id: ++lastRow, name: source.name, source, status: "waiting" }));
  update({ rows: [...state.rows, ...rows] });
  notify(sources.length > room ? text("error.many", { limit: count(maxRows), left: count(sources.length - Math.max(0, room)) }) : "");
  if (rows.length > 0) {
    select(rows[0]);
    work();
    if (narrow.matches) soon(() => $("picture").scrollIntoView());
  }
}

/** Has the pictures that wait looked at, by several workers if there are several pictures. */
function work() {
  crew.work(nextRow, (row, worker) => look(row, worker, listing.signal), () => {
    const [total, without] = [state.rows.length, abstained().length];
    if (total > 1) say(text(without > 0 ? "rows.finished.some" : "rows.finished", { total: count(total), abstained: count(without) }), "list");
  });
}

/** The next row that waits, the selected one before all others. Large files are looked at by the first worker alone, so that never two are unpacked at once. */
function nextRow(first) {
  const row = [selectedRow(), ...state.rows].find((each) => each?.status === "waiting" && (first || !(each.source.file?.size > largeFile || each.source.rgba)));
  if (row) change(row, { status: "working" });
  return row;
}

/** Has a row's picture classified. One that fails costs its own row only. */
async function look(row, worker, signal) {
  let network = null, answer, pixels = null;
  try {
    await greeting;
    ({ network } = state);
    if (unfit()) throw Object.assign(new Error(unfit()), { unfit: true });
    ({ answer, pixels } = await classify(row, worker, network, { signal }));
  } catch (error) {
    if (signal.aborted) return;
    if (worker.failure && worker !== (await bridge)) return change(row, { status: "waiting" }); // for another worker
    if (error.unfit) doubt(network, error.message);
    const record = { file: row.name, predicted: null, probabilities: null, abstained: true, reason: error.unfit ? state.unfit[network] : sentence(error), code: error.unfit ? "selfcheck" : "unreadable" };
    answer = { record, network, weights: state.networks.find(({ name }) => name === network)?.weights ?? null, logits: null, picture: null };
  }
  if (network !== state.network) return change(row, { status: "waiting" }); // another was chosen meanwhile
  if (row.original && answer.picture) answer = { ...answer, picture: row.original.picture, record: { ...answer.record, notes: row.original.notes } };
  change(row, { status: "done", answer, thumb: row.thumb ?? (pixels && thumbnail(pixels)) });
  if (row.source.rgba && pixels && !row.original) {
    row.source = { ...row.source, rgba: pixels, width: side, height: side }; // the large one is not needed again
    row.original = { picture: answer.picture, notes: answer.record.notes }; // what was pasted is still that
  }
  if (pixels && kept.size < keptPixels) kept.set(row, pixels);
  if (row.id !== state.selected) return;
  update({ pixels: pixels ?? kept.get(row) ?? null });
  say(answerOf(row), "answer");
}

/** Has a row's picture classified by a network: by the one that was asked for, whichever is chosen meanwhile. */
async function classify(row, worker, network, { signal, unwanted }) {
  const { values, transfer } = await load(row.source);
  const reply = await worker.run("classify", { network, name: row.name, ...values }, { signal, unwanted, transfer });
  return { answer: JSON.parse(reply.json), pixels: reply.rgba ? new Uint8ClampedArray(reply.rgba.buffer) : null };
}

/** Takes down that a network failed its self-check: it is asked nothing more. */
function doubt(network, message) {
  if (state.unfit[network]) return;
  const notice = text("error.unfit", { network: text(`network.${network}`), message });
  update({ unfit: { ...state.unfit, [network]: notice } });
  if (network === state.network) notify(notice);
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

/** The answer for a row in one sentence. */
function answerOf({ name, answer: { record } }) {
  return record.abstained
    ? text("result.announce.abstained", { name: isolated(name), reason: record.reason })
    : text("result.announce", { name: isolated(name), answer: text(`class.${record.predicted}`), percent: percent(record.probabilities[record.predicted]) });
}

/** Shows a row. Its file is read again where its pixels are not kept. */
async function select(row) {
  if (row.id === state.selected) return;
  cancel(superseded);
  reading.abort();
  reading = new AbortController();
  update({ selected: row.id, pixels: kept.get(row) ?? null, drawn: null, subject: null, hovered: null, pinned: null, allRegions: false });
  if (row.answer) say(answerOf(row), "answer");
  if (!row.thumb || unfit()) return; // there are no pixels, or not yet, or nobody to read them again
  try {
    const pixels = state.pixels ?? (await classify(row, await bridge, state.network, { signal: listing.signal, unwanted: reading.signal })).pixels;
    keep(row, pixels);
    if (row.id !== state.selected) return;
    update({ pixels });
    if (row.explanation) await draw();
  } catch (error) {
    if (error.name !== "AbortError") notify(sentence(error));
  }
}

/** Keeps the pixels of a row that was shown, in place of those that were shown longest ago. */
function keep(row, pixels) {
  kept.delete(row);
  kept.set(row, pixels);
  if (kept.size > keptPixels) kept.delete(kept.keys().next().value);
}

/** Shows the row that was pressed; on a phone the picture is below the list. */
function choose(row) {
  select(row);
  if (narrow.matches) soon(() => $("stage").scrollIntoView({ block: "nearest" }));
}

function step(by) {
  const rows = state.rows.filter((each) => !state.only || each.id === state.selected || each.answer?.record.abstained);
  const row = rows[rows.indexOf(selectedRow()) + by];
  if (!row) return;
  const inList = $("rows").contains(document.activeElement);
  select(row);
  if (inList) rowButton(row).focus({ preventScroll: true });
}

/** Shows only the rows that could not be assessed, or all again. */
function filter() {
  update({ only: !state.only });
  if (state.only && !selectedRow()?.answer?.record.abstained) select(abstained()[0]);
}

/** Has all pictures looked at by another network. Explanations go: they are of the other's answers. */
function useNetwork(network) {
  if (network === state.network) return;
  cancel(superseded);
  hush();
  for (const row of state.rows) {
    delete row.explanation;
    if (row.status === "done") Object.assign(row, { status: "waiting", answer: null });
  }
  update({ network, only: false, drawn: null, subject: null, hovered: null, pinned: null, notice: state.unfit[network] ?? (unfit() === state.notice ? "" : state.notice) });
  say(text("network.chosen", { network: text(`network.${network}`) }), "network");
  work();
}

function clear() {
  listing.abort();
  listing = new AbortController();
  reading.abort();
  cancel(superseded);
  hush();
  kept.clear();
  for (const { thumb } of state.rows) URL.revokeObjectURL(thumb);
  update({ rows: [], selected: null, only: false, pixels: null, drawn: null, subject: null, hovered: null, pinned: null, notice: "" });
  say(text("rows.cleared"), "list");
  $("file-input").focus();
}

// ---- explanation

async function explain() {
  const row = selectedRow();
  if (!row || $("explain").disabled || $("offer-actions").hidden || state.progress) return;
  const { settings, pixels } = state;
  await follow("explain", ["samples", settings.samples], { network: row.answer.network, rgba: pixels, json: JSON.stringify(settings) }, async (value, { labels }, signal) => {
    row.explanation = { value, labels: new Uint16Array(labels.buffer) };
    update({ by: "lime", hovered: null, pinned: null });
    await draw(signal);
    say(text("explain.done", { shown: state.drawn ? shownWords() : text("explain.choose") }), "drawn");
  }, () => (state.drawn ? $("trust-heading") : row.explanation && !subject() ? $("classes").querySelector("input") : $("explain")));
}

/** Asks for the second opinion on the explanation that is shown, whatever the settings of the next one are. */
async function askSecond() {
  const { explanation, answer } = selectedRow() ?? {};
  if (!explanation || !state.drawn || $("ask-second").disabled || $("second-actions").hidden || state.progress) return;
  const { permutations, pixels } = state;
  const json = JSON.stringify({ explanation: explanation.value.explanation, permutations });
  await follow("shapley", ["permutations", permutations], { network: answer.network, rgba: pixels, json }, async (second, _, signal) => {
    explanation.second = second;
    if (weighing() === "shapley") await draw(signal);
    const { agree } = second.agreement[classes.indexOf(drawnClass())];
    say(text("second.done", { verdict: text(agree ? "second.agree" : "second.disagree") }), "second");
  }, () => (explanation.second ? $("second-heading") : $("ask-second")));
}

/**
 * Has a job done that takes a while: shows how far it is, by its last stage [name, amount], and lets it be cancelled.
 * take is given the answer, after() says where the focus belongs then.
 */
async function follow(job, last, values, take, after) {
  asking = new AbortController();
  const { signal } = asking;
  const clock = new Stopwatch(performance.now(), ...last);
  const tick = () => update({ progress: { job, ...clock.at(performance.now()) } });
  const ticking = setInterval(tick, 200);
  home = after;
  tick();
  notify("");
  try {
    const reply = await run(job, values, { signal, progress: (message) => clock.take(message, performance.now()) });
    clock.finish(performance.now());
    await take(JSON.parse(reply.json), reply, signal);
  } catch (error) {
    if (!signal.aborted) notify(sentence(error));
    else if (signal.reason !== superseded) say(text("explain.cancelled"), "drawn");
  } finally {
    asking = null;
    clearInterval(ticking);
    update({ progress: null });
  }
}

/** Ends what is being made, at once: its worker is ended. */
function cancel(reason) {
  asking?.abort(reason);
}

/** Draws the explanation for the class that is asked for, and says whether it did. Nothing is computed anew for that. */
async function draw(signal) {
  const row = selectedRow();
  const name = subject();
  if (!row?.explanation || !state.pixels || !name) return false;
  const { explanation } = row;
  const { value, second } = explanation;
  const by = weighing();
  const index = classes.indexOf(name);
  const chosen = value.explanation.classes[index];
  const other = second?.shapley.classes[index];
  const [coefficients, order] = by === "lime" ? [chosen.coefficients, chosen.order] : [other.values, other.order];
  const readable = chosen.readable && (by === "lime" || other.relativeError <= mostError);
  const features = state.settings.features;
  const reply = await run("draw", {
    rgba: state.pixels,
    labels: new Uint8Array(explanation.labels.buffer),
    json: JSON.stringify({ class: { coefficients, order }, features }),
  }, { signal });
  // Something else is asked for by now: another picture, another network's explanation, another class or other weights.
  if (row.id !== state.selected || row.explanation !== explanation || name !== subject() || by !== weighing()) return false;
  const { regions, legend } = JSON.parse(reply.json);
  const layers = Object.fromEntries(["outline", "alone", "heat"].map((view) => [view, new Uint8ClampedArray(reply[view].buffer)]));
  update({ drawn: { class: chosen, by, readable, features, regions, legend, layers } });
  return true;
}

/** Draws what is asked for now. Where that fails, what is drawn stays, and is what is asked for again. */
async function redraw() {
  const asked = [state.selected, subject(), weighing()];
  try {
    return await draw();
  } catch (error) {
    if (error.name === "AbortError") return false;
    notify(sentence(error));
    if (JSON.stringify(asked) !== JSON.stringify([state.selected, subject(), weighing()])) return false;
    update(state.drawn ? { subject: drawnClass(), by: state.drawn.by } : { subject: null });
    return false;
  }
}

/** What is drawn, in words. */
function shownWords() {
  const { drawn: { by, readable, regions } } = state;
  const pro = regions.filter((region) => region.weight > 0).length;
  const contra = regions.filter((region) => region.weight < 0).length;
  return text("explain.shown", { class: text(`short.${drawnClass()}`), by: text(`by.${by}`), pro: count(pro), contra: count(contra), verdict: text(readable ? "trust.read" : "trust.unread") });
}

/** Draws what is asked for now and says what it is. */
async function redrawAloud() {
  if (await redraw()) say(shownWords(), "drawn");
}

function showClass(name) {
  if (!selectedRow()?.explanation || $("classes").disabled) return;
  update({ subject: name, hovered: null, pinned: null });
  redrawAloud();
}

function showWeights(by) {
  if (!state.drawn || $("weights-by").disabled || !selectedRow().explanation.second) return;
  update({ by, hovered: null });
  redrawAloud();
}

function showView(view) {
  if (!state.drawn) return;
  update({ view });
  say(text(`view.${view}`), "view");
}

function changeSettings() {
  const numbers = ["samples", "features", "seed", "permutations"].map((name) => $(`set-${name}`));
  const valid = numbers.every((input) => input.value !== "" && input.checkValidity());
  show($("settings-error"), !valid);
  for (const input of numbers) mark(input, input.value === "" || !input.checkValidity());
  update({ settingsValid: valid });
  if (!valid) return;
  const [samples, features, seed, permutations] = numbers.map((input) => input.valueAsNumber);
  const fewer = features !== state.settings.features;
  update({ settings: { ...state.settings, hide: $("set-hide").value, target: $("set-target").value, samples, features, seed }, permutations });
  if (fewer) redraw();
}

/** Marks a field of the settings as one that holds something unusable, or not. */
function mark(input, invalid) {
  input.setAttribute("aria-invalid", String(invalid));
  input.setAttribute("aria-describedby", `${input.id.replace("set", "gloss")}${invalid ? " settings-error" : ""}`);
}

function usePreset({ target }) {
  const preset = state.presets.find(({ name }) => name === target.value);
  if (!preset) return;
  for (const name of ["samples", "features", "seed"]) mark($(`set-${name}`), false);
  const valid = $("set-permutations").getAttribute("aria-invalid") !== "true"; // a preset does not set it
  show($("settings-error"), !valid);
  update({ settings: preset.settings, settingsValid: valid });
  redraw();
}

// ---- wiring

// Where the element that has the focus is hidden or switched off, the browser would
// leave the focus nowhere, at the top of the page: it is given to what came instead.
let focused = null; // what has the focus before the views are drawn
let interrupted = null; // what had it before the error box
let home = () => null; // what it belongs to after what is being made

function rememberFocus() {
  focused = document.activeElement;
}

function mendFocus() {
  if (!focused || focused === document.body || !lost(focused)) return;
  const places = [focused === $("error-close") ? interrupted : null, $("cancel"), home(), ...["trust-heading", "explain", "result-heading", "file-input"].map($)];
  places.find((place) => place && place !== document.body && !lost(place))?.focus({ preventScroll: true });
}

function soon(action) {
  setTimeout(action); // after the views have been drawn
}

function wire() {
  makeViews();
  makeWeighings();
  listen({
    take: (files) => take(files.map((file) => ({ name: file.name, file }))),
    takePixels: ({ data, width, height }) => take([{ name: text("intake.pasted"), rgba: data, width, height, pasted: true }]),
    nothing: () => notify(text("error.nopicture")),
    folder: () => notify(text("error.folder")),
  });
  $("examples").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) take([{ name: button.textContent, example: button.dataset.example }]);
  });
  const point = ({ target }) => update({ example: target.closest?.("[data-example]")?.dataset.example ?? null });
  for (const event of ["pointerover", "focusin"]) $("examples").addEventListener(event, point);
  for (const event of ["pointerleave", "focusout"]) $("examples").addEventListener(event, () => update({ example: null }));
  $("networks").addEventListener("change", ({ target }) => useNetwork(target.value));
  $("how-far").addEventListener("click", openCard);
  $("only").addEventListener("click", filter);
  $("clear").addEventListener("click", clear);
  $("error-close").addEventListener("click", () => update({ notice: "" }));
  $("explain").addEventListener("click", explain);
  $("ask-second").addEventListener("click", askSecond);
  $("cancel").addEventListener("click", () => cancel());
  $("error-close").addEventListener("focus", ({ relatedTarget }) => { interrupted = relatedTarget; });
  $("views").addEventListener("change", ({ target }) => update({ view: target.value }));
  $("opacity").addEventListener("input", ({ target }) => update({ opacity: { ...state.opacity, [state.view]: target.valueAsNumber / 100 } }));
  $("classes").addEventListener("change", ({ target }) => showClass(target.value));
  $("weights-by").addEventListener("change", ({ target }) => showWeights(target.value));
  $("preset").addEventListener("change", usePreset);
  for (const id of ["set-hide", "set-target", "set-samples", "set-features", "set-seed", "set-permutations"]) $(id).addEventListener("input", changeSettings);
  $("settings-form").addEventListener("submit", (event) => event.preventDefault());
  $("regions-more").addEventListener("click", () => update({ allRegions: !state.allRegions }));
  wireKeep();
  wireRegions();
  addEventListener("keydown", shortcut);

  onChange(rememberFocus);
  onChange(viewEngine);
  onChange(viewNetworks);
  onChange((now) => viewRows(now, choose));
  onChange(viewResult);
  onChange(viewPicture);
  onChange(viewExplanation);
  onChange(viewSecond);
  onChange(viewKeep);
  onChange(mendFocus);
  update({});
}

/** Opens the card of the network that is asked, and goes there. */
function openCard(event) {
  // Following the link would take the focus away again, in Firefox.
  event.preventDefault();
  const card = $(`card-${state.network}`);
  card.open = true;
  card.firstElementChild.focus();
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
  else if (key === "v") showView(views[(views.indexOf(state.view) + 1) % views.length]);
  else if (key === "n") step(1);
  else if (key === "p") step(-1);
  else if (/^[1-4]$/.test(key)) showClass(classes[key - 1]);
}

wire();
// This script stands before the programs in the file: they are there when all of it has been read.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
