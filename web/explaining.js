// What is asked of the program about an answer: having it explained, by itself or by a second
// opinion, and having that drawn.

import { say } from "./announcer.js";
import { parse, written } from "./bridge.js";
import { canAskSecond, canExplain, canShowClass, canShowView, canShowWeights, settingsAtOnce } from "./commands.js";
import { $ } from "./dom.js";
import { isAbort } from "./fault.js";
import { restFocusAt } from "./focus.js";
import { firstWorker, run, sentence } from "./jobs.js";
import { explainBy } from "./links.js";
import { Stopwatch } from "./progress.js";
import { change, classes, drawnClass, explanationOf, isVeiled, mostError, notify, placeOf, selectedRow, state, subject, update, weighing } from "./state.js";
import { count, text } from "./text.js";
import { packed } from "./texts.js";

/** @import {Bridge, Options} from "./bridge.js" */
/** @import {ClassName, Field, Jobs, Pixels} from "./messages" */
/** @import {Drawn, Explanation, Row, Seen, Trust, View, Weighing} from "./types" */

/** The explanation or second opinion that is being made. @type {AbortController | null} */
let asking = null;

/** The reason of a cancel that nobody pressed. */
export const superseded = new DOMException("something else was chosen", "AbortError");

/** Has the selected picture explained, and the explanation drawn. Both are shown together once both are there: until then, and where something fails, what is shown stays. */
export async function explain() {
  const row = selectedRow();
  const { settings, pixels } = state;
  const network = row?.answer?.network;
  if (!canExplain(state) || !row || !network || !settings || !pixels) return;
  const place = placeOf(row);
  const field = fieldOf(row, network, { pixels, cells: state.cells });
  await follow("explain", ["samples", settings.samples], async (options) => explainBy(await firstWorker(), field, settings, options), async (reply, signal) => {
    /** @type {Explanation} */
    const explanation = { value: parse(reply.json), labels: new Uint16Array(reply.labels.buffer), second: null, lost: Boolean(explanationOf(row)?.second), asked: true };
    const name = subject();
    const drawn = name && await drawing(explanation, name, "lime", pixels, signal);
    row.wanted = null; // other settings were asked for
    hold(row, place, explanation, reply.json);
    update({ drawn, undrawn: false, by: "lime", hovered: null, pinned: null });
    say(text("explain.done", { shown: drawn ? shownWords(drawn) : text("explain.choose") }), "drawn");
    if (explanation.lost) say(text("second.lost"), "second");
  }, () => (state.drawn ? $("trust-heading") : explanationOf(row) && !subject() ? $("classes").querySelector("input") : $("explain")));
}

/** What is shown of a row, as the program is asked about it. @param {Row} row @param {string} network @param {Seen} seen @returns {Field} */
export function fieldOf({ answer }, network, { pixels, cells }) {
  return { network, rgba: pixels, ...(answer?.correction && { correction: written(answer.correction) }), ...(cells && { cells: new Uint8Array(cells.buffer), scale: answer?.scale ?? 1 }) };
}

/** Keeps an explanation of a row, its text, and how good it is. @param {Row} row @param {string} place @param {Explanation} explanation @param {string} json */
function hold(row, place, explanation, json) {
  row.explanations[place] = explanation;
  row.texts[place] = packed(json);
  const trust = trustOf(row, explanation);
  change(row, trust ? { trust: { ...row.trust, [place]: trust } } : {});
}

/** How good the explanation of a row's answer is; null where there is no answer. @param {Row} row @param {Explanation} explanation @returns {Trust | null} */
function trustOf({ answer }, { value: { explanation, nuclei, readings, tested } }) {
  const of = classes.findIndex((name) => name === answer?.record.predicted);
  if (of < 0) return null;
  const { readable, r2, agreement } = explanation.classes[of];
  const among = explanation.settings.regions ? null : nuclei.find((each) => each.class === classes[of]);
  return { readable, r2, agreement, tested: tested[of][0], nuclei: among ? { shown: among.shown, holding: among.holding } : null, tally: readings?.tally ?? null };
}

/**
 * Explains a row's answer without having been asked for, with the settings of the next explanation. Nothing is drawn, and
 * where it fails the button offers it. whole: whether the explanation is kept, or only how good it is.
 * @param {Row} row
 * @param {Bridge} worker
 * @param {Seen | null} seen
 * @param {{ signal: AbortSignal, unwanted?: AbortSignal, whole: boolean }} options
 */
export async function explainAtOnce(row, worker, seen, { signal, unwanted, whole }) {
  const { answer } = row;
  const settings = settingsAtOnce(row, state);
  if (!seen || !settings || !answer?.network || (settings.regions && !seen.cells?.includes(0))) return;
  const place = placeOf(row);
  change(row, { explaining: answer });
  try {
    const reply = await explainBy(worker, fieldOf(row, answer.network, seen), settings, { signal, unwanted });
    if (row.answer !== answer) return; // it was read again meanwhile
    hold(row, place, { value: parse(reply.json), labels: new Uint16Array(reply.labels.buffer), second: null, lost: false, asked: false }, reply.json);
    if (!whole && row.id !== state.selected) delete row.explanations[place];
  } catch {
    // The button is there then; who presses it is told what is wrong.
  } finally {
    if (row.explaining === answer) change(row, { explaining: null });
  }
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
  const values = { ...fieldOf(row, network, { pixels, cells: state.cells }), json };
  await follow("shapley", ["permutations", permutations], (options) => run("shapley", values, options), async (reply, signal) => {
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
 * perform has it done, take is given the answer, after() says where the focus belongs then.
 * @template {"explain" | "shapley"} J
 * @param {J} job
 * @param {["samples" | "permutations", number]} last
 * @param {(options: Options) => Promise<Jobs[J]["reply"]>} perform
 * @param {(reply: Jobs[J]["reply"], signal: AbortSignal) => Promise<void>} take
 * @param {() => HTMLElement | null} after
 */
async function follow(job, last, perform, take, after) {
  asking = new AbortController();
  const { signal } = asking;
  const clock = new Stopwatch(performance.now(), ...last);
  const tick = () => update({ progress: { job, ...clock.at(performance.now()) } });
  const ticking = setInterval(tick, 200);
  restFocusAt(after);
  tick();
  notify("");
  try {
    const reply = await perform({ signal, progress: (message) => clock.take(message, performance.now()) });
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
export async function drawing(explanation, name, by, pixels, signal) {
  const { value, second, labels } = explanation;
  const index = classes.indexOf(name);
  const chosen = value.explanation.classes[index];
  const other = by === "shapley" ? second?.shapley.classes[index] : null;
  const [coefficients, order] = other ? [other.values, other.order] : [chosen.coefficients, chosen.order];
  const features = state.settings?.features ?? value.explanation.settings.features;
  const reply = await run("draw", { rgba: pixels, labels: new Uint8Array(labels.buffer), json: written({ class: { coefficients, order }, features, gradCAM: value.faithfulness.gradCAM[index].map }) }, { signal });
  const { outline, alone, heat, gradCAM } = reply;
  /** @type {Drawn["layers"]} */
  const layers = { outline: new Uint8ClampedArray(outline.buffer), alone: new Uint8ClampedArray(alone.buffer), heat: new Uint8ClampedArray(heat.buffer), ...(gradCAM && { gradCAM: new Uint8ClampedArray(gradCAM.buffer) }) };
  return { ...parse(reply.json), explanation, class: chosen, by, readable: chosen.readable && (!other || other.relativeError <= mostError), features, layers };
}

/**
 * Draws what is asked for now, and says whether it did. Where that fails, what is drawn stays,
 * and is what is asked for again; where nothing is, the explanation is offered once more.
 */
export async function redraw() {
  const row = selectedRow();
  const [explanation, name, by, { pixels }] = [explanationOf(row), subject(), weighing(), state];
  if (!row || !explanation || !name || !pixels || isVeiled(row)) return false;
  // Something else may be asked for meanwhile: another picture, another network's explanation, another class or other weights; or the answer was hidden.
  const isWanted = () => row.id === state.selected && !isVeiled(row) && explanationOf(row) === explanation && name === subject() && by === weighing();
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
export async function redrawAloud() {
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
