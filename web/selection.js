// The list of pictures: taking them in, having them looked at, choosing one, and the
// network that looks.

import { hush, say } from "./announcer.js";
import { tidied } from "./choices.js";
import { canFilter, canTake, canUndo, canUseNetwork, hasVeiled, isFiltered } from "./commands.js";
import { nameOf } from "./decision.js";
import { $ } from "./dom.js";
import { forgetDecisions } from "./draft.js";
import { codeOf, Fault, isAbort } from "./fault.js";
import { cancel, explainAtOnce, redraw, redrawAloud, superseded } from "./explaining.js";
import { soon } from "./focus.js";
import { classify, firstWorker, originalOf, sentence, shareOut, whenGreeted } from "./jobs.js";
import { drop, forget, keep, keepIfRoom, keptOf } from "./pixels.js";
import { choicesOf, fromSaved, pictureIn } from "./saved.js";
import { divide } from "./sources.js";
import { abstained, change, isVeiled, largeFile, maxRows, notify, offerProfile, presetsFor, readsCells, selectedRow, state, unfit, update } from "./state.js";
import { count, isolated, networkWords, percent, text } from "./text.js";
import { thumbnail } from "./thumbnail.js";
import { rowButton } from "./view-rows.js";

/** @import {Bridge} from "./bridge.js" */
/** @import {Choices, ClassName} from "./messages" */
/** @import {Answer, LabProfile, Row, Seen, Source} from "./types" */

let lastRow = 0;
let listing = new AbortController(); // ends with the list
let reading = new AbortController(); // ends with the selection
const narrow = matchMedia("(max-width: 47.99rem)"); // one column, as in style.css

/** What of the state belongs to the picture that is shown. */
const nothingShown = { drawn: null, undrawn: false, subject: null, hovered: null, pinned: null };

/** The pixels that are shown, in the state. @param {Seen | null} seen */
function sight(seen) {
  return { pixels: seen?.pixels ?? null, cells: seen?.cells ?? null, unseen: false };
}

// ---- taking in

/** Takes pictures into the list, has them looked at, and shows the first. One that is in the list already is shown there. @param {{ name: string, source: Source, known?: ClassName | null, seen?: boolean }[]} given seen: whether its answer was shown already, by the live camera */
export function take(given) {
  const unusable = unfit();
  if (unusable) return notify(unusable);
  if (!canTake(state)) return;
  const { fresh, again } = divide(state.rows, given);
  const room = Math.max(0, maxRows - state.rows.length);
  /** @type {Row[]} */
  const rows = fresh.slice(0, room).map(({ name, source, known = null, seen = false }) => ({
    id: ++lastRow, name, source, known, status: "waiting", answer: null, explanations: {}, trust: {}, texts: {}, explaining: null, saved: {}, thumb: null, before: null,
    decision: null, decisionSaved: null, entered: null, firstReading: null, seen, ...fromSaved(state.case.saved, name, source.example),
  }));
  for (const row of rows) tellOfProfile(row, state.profile);
  // What the program did not get to the end of is tried once more.
  for (const row of again) if (row.answer?.record.code === "crashed") change(row, { status: "waiting", answer: null });
  dropCleared();
  // Pictures that are to be read first end the filter for good: it would come back with the last decision.
  update({ rows: [...state.rows, ...rows], note: knownWords(again), ...(state.readerFirst && { only: false }) });
  if (state.note) say(state.note, "list");
  notify(fresh.length > room ? text("error.many", { limit: count(maxRows), left: count(fresh.length - room) }) : "");
  const [first] = [...rows, ...again];
  if (!first) return;
  select(first);
  work();
  if (narrow.matches) soon(() => $("picture").scrollIntoView());
}

/** @param {Row[]} again */
function knownWords(again) {
  if (again.length === 0) return "";
  return again.length === 1 ? text("rows.known.one", { name: isolated(nameOf(again[0])) }) : text("rows.known", { count: count(again.length) });
}

/** Has the pictures that wait looked at, by several workers if there are several pictures. */
function work() {
  shareOut(nextRow, (row, worker) => look(row, worker, listing.signal), () => {
    const [total, without] = [state.rows.length, hasVeiled(state) ? 0 : abstained().length];
    if (total > 1) say(text(without > 0 ? "rows.finished.some" : "rows.finished", { total: count(total), abstained: count(without) }), "list");
  });
}

/** The next row that waits, the selected one before all others. Large files are looked at by the first worker alone, so that never two are unpacked at once. @param {boolean} first */
function nextRow(first) {
  const isLarge = (/** @type {Row} */ { source }) => (source.file?.size ?? 0) > largeFile || Boolean(source.pasted);
  const row = [selectedRow(), ...state.rows].find((each) => each?.status === "waiting" && (first || !isLarge(each)));
  if (row) change(row, { status: "working" });
  return row;
}

/** Has a row's picture classified. One that fails costs its own row only. @param {Row} row @param {Bridge} worker @param {AbortSignal} signal */
async function look(row, worker, signal) {
  let network = null;
  /** @type {Answer} */
  let answer;
  let seen = null;
  const { choices } = row;
  let { profile } = state;
  try {
    await whenGreeted();
    ({ network, profile } = state);
    const unusable = unfit();
    if (unusable) throw new Fault("unfit", unusable);
    ({ answer, seen } = await classify(row, worker, network, { signal }));
  } catch (error) {
    if (signal.aborted) return;
    if (worker.failure && worker !== (await firstWorker())) return change(row, { status: "waiting" }); // for another worker
    if (network && error instanceof Fault && error.unfit) doubt(network, error.message);
    answer = withoutAnswer(row, network, error);
  }
  if (network !== null && (network !== state.network || profile !== state.profile)) return change(row, { status: "waiting" }); // another was chosen meanwhile
  if (choices !== row.choices) return change(row, { status: "waiting" }); // more was told meanwhile
  change(row, { status: "done", answer, before: answer.record.standardised ?? row.before, thumb: row.thumb ?? (seen && thumbnail(seen.pixels)) });
  if (seen && row.id === state.selected) keep(row, seen);
  else if (seen) keepIfRoom(row, seen);
  if (row.id === state.selected) {
    update(sight(seen ?? keptOf(row)));
    say(answerOf(row, answer), "answer");
    redraw(); // what this network was asked before
  }
  await explainAtOnce(row, worker, seen, { signal, whole: keptOf(row) !== null });
  if (row.id !== state.selected || row.answer !== answer) return;
  if (!state.drawn) await redrawAloud();
  showOriginal(row);
}

/** Shows the picture as it was given, on which a reader can point. What is chosen meanwhile is more urgent. @param {Row} row */
async function showOriginal(row) {
  const { picture } = row.answer ?? {};
  if (!picture || !readsCells(state.network) || state.original?.row === row.id) return;
  const { signal } = reading;
  try {
    const original = await originalOf(row, signal);
    if (row.id === state.selected) update({ original });
  } catch (error) {
    if (!isAbort(error)) notify(sentence(error));
  }
}

/** What stands for the answer where there is none because of an error. @param {Row} row @param {string | null} network @param {unknown} error @returns {Answer} */
function withoutAnswer(row, network, error) {
  const code = codeOf(error);
  const said = code === "selfcheck" && network ? state.unfit[network] : sentence(error);
  const reason = code === "crashed" ? `${said} ${text("error.crashed.again")}` : said;
  return {
    record: { file: row.name, predicted: null, probabilities: null, abstained: true, reason, code },
    network, weights: state.networks.find(({ name }) => name === network)?.weights ?? null, logits: null, picture: null,
  };
}

/** Takes down that a network failed its self-check: it is asked nothing more. @param {string} network @param {string} message */
function doubt(network, message) {
  if (state.unfit[network]) return;
  const notice = text("error.unfit", { network: text(`network.${network}`), message });
  update({ unfit: { ...state.unfit, [network]: notice } });
  if (network === state.network) notify(notice);
}

/** The answer for a row in one sentence. @param {Row} row @param {Answer} answer */
export function answerOf(row, { record }) {
  const name = isolated(nameOf(row));
  if (isVeiled(row)) return text("result.announce.veiled", { name });
  return record.abstained
    ? text("result.announce.abstained", { name, reason: record.reason })
    : text("result.announce", { name, answer: text(`class.${record.predicted}`), percent: percent(record.probabilities[record.predicted]) });
}

// ---- choosing

/** Shows a row. Its file is read again where its pixels are not kept. @param {Row} row */
async function select(row) {
  if (row.id === state.selected) return;
  cancel(superseded);
  reading.abort();
  reading = new AbortController();
  update({ ...nothingShown, ...sight(keptOf(row)), selected: row.id, allRegions: false, original: null, tool: "look", stroke: null, zoom: 1 });
  if (row.answer) say(answerOf(row, row.answer), "answer");
  // Without a thumbnail there are no pixels, or not yet; without a network that is fit, nobody to read them again.
  if (row.thumb && !unfit()) await showField(row, async () => state.pixels ? null : (await classify(row, await firstWorker(), state.network, { signal: listing.signal, unwanted: reading.signal })).seen);
  if (row.id === state.selected && row.answer) showOriginal(row);
}

/** Shows the pixels of a row's field once they are there, with what is known of its explanation; read() gives null where they are shown already. @param {Row} row @param {() => Promise<Seen | null>} read */
async function showField(row, read) {
  try {
    const seen = await read();
    if (seen) keep(row, seen);
    if (row.id !== state.selected) return;
    if (seen) update(sight(seen));
    await explainAtOnce(row, await firstWorker(), keptOf(row), { signal: listing.signal, unwanted: reading.signal, whole: true });
    if (row.id !== state.selected) return;
    await redraw();
  } catch (error) {
    if (isAbort(error)) return;
    notify(sentence(error));
    if (row.id === state.selected && !state.pixels) update({ unseen: true });
  }
}

/** Shows the row that was pressed; on a phone the picture is below the list. @param {Row} row */
export function choose(row) {
  select(row);
  if (narrow.matches) soon(() => $("stage").scrollIntoView({ block: "nearest" }));
}

/** Shows the row that is so many further on in the list. @param {number} by */
export function step(by) {
  const filtered = isFiltered(state);
  const rows = state.rows.filter((each) => !filtered || each.id === state.selected || each.answer?.record.abstained);
  const row = rows[rows.findIndex(({ id }) => id === state.selected) + by];
  if (!row) return;
  const inList = $("rows").contains(document.activeElement);
  select(row);
  if (inList) rowButton(row)?.focus({ preventScroll: true });
}

/** Shows only the rows that could not be assessed, or all again. */
export function filter() {
  if (!canFilter(state)) return;
  update({ only: !state.only });
  if (state.only && !selectedRow()?.answer?.record.abstained) select(abstained()[0]);
}

/** Has all pictures looked at by another network, or by one with what a laboratory taught it. What this one was asked before is shown again once it has looked. @param {string} network @param {LabProfile | null} [profile] */
export function useNetwork(network, profile = null) {
  if ((network === state.network && profile === state.profile) || !canUseNetwork(state)) return;
  cancel(superseded);
  hush();
  const left = state.profile;
  const other = readsCells(network) || readsCells(state.network); // it sees other pixels
  for (const row of state.rows) {
    tellOfProfile(row, profile);
    if (row.status === "done") Object.assign(row, { status: "waiting", answer: null });
    Object.assign(row, { field: null, before: null });
    if (other) drop(row);
  }
  const fits = presetsFor(network).some(({ settings }) => settings.regions === state.settings?.regions) && state.settings !== presetsFor(state.network)[0]?.settings;
  update({ ...nothingShown, ...(other && sight(null)), original: null, tool: "look", stroke: null, settings: fits ? state.settings : presetsFor(network)[0]?.settings ?? null, network, profile, only: false, notice: state.unfit[network] ?? (unfit() === state.notice ? "" : state.notice) });
  // Its file may be nowhere else.
  if (left?.file && left.correction.profile !== profile?.correction.profile) offerProfile(left);
  say(text("network.chosen", { network: networkWords(network, profile?.correction.profile) }), "network");
  work();
}

/** What rows were told by a profile. What the reader tells of them since is another object. @type {WeakMap<Row, Choices>} */
const toldByProfile = new WeakMap();

/**
 * Tells of a row what a profile tells of all pictures, where neither the reader nor a saved case says how it is read, and
 * takes back what another one told.
 * @param {Row} row
 * @param {LabProfile | null} profile
 */
function tellOfProfile(row, profile) {
  const { saved } = state.case;
  const isFree = row.choices === null || row.choices === toldByProfile.get(row);
  if (!isFree || row.source.example || (saved && pictureIn(saved, row.name, undefined, row.answer?.source?.sha256))) return;
  const choices = choicesOf(profile?.says?.choices);
  if (JSON.stringify(choices) === JSON.stringify(row.choices)) return;
  if (choices) toldByProfile.set(row, choices);
  retell(row, choices);
}

// ---- what is read of a picture

/** Shows another field of the selected picture. @param {number} field */
export function chooseField(field) {
  const row = selectedRow();
  const { answer } = row ?? {};
  if (!row || !answer || row.status !== "done" || answer.field === field) return;
  cancel(superseded);
  const { network, profile } = state;
  const { choices } = row;
  row.field = field;
  change(row, { answer: { ...answer, field } });
  update({ ...nothingShown, ...sight(null) });
  drop(row);
  showField(row, async () => {
    const { answer: ofField, seen } = await classify(row, await firstWorker(), network, { signal: listing.signal, unwanted: reading.signal });
    if (row.choices !== choices || row.field !== field || network !== state.network || profile !== state.profile) throw superseded; // more was told, or another chosen, meanwhile
    change(row, { answer: ofField }); // the same, with the cells of this field
    return seen;
  });
}

/** Takes what a reader knows better of the selected picture, and reads it again. @param {Choices} changes */
export function tell(changes) {
  const row = selectedRow();
  if (!row) return;
  update({ tool: "look", stroke: null });
  readAgain([row], changes);
}

/** Leaves all of the selected picture to the program again. */
export function untell() {
  const row = selectedRow();
  if (row) readAgain([row], null);
}

/** What of the selected picture's choices can hold for others of the list. @param {Choices | null} choices @returns {Choices} */
export function shareable(choices) {
  const { diameter, keepSize, keepLight, keepStain } = choices ?? {};
  return { ...(diameter && { diameter }), ...(keepSize && { keepSize }), ...(keepLight && { keepLight }), ...(keepStain && { keepStain }) };
}

/** Tells of all pictures of the list what was told of the selected one, but for what is only of that. */
export function tellAll() {
  const row = selectedRow();
  if (!row) return;
  const { diameter, keepSize, keepLight, keepStain } = shareable(row.choices);
  readAgain(state.rows.filter((each) => each !== row), { diameter, keepSize, keepLight, keepStain });
  say(text("told.all.done", { total: count(state.rows.length) }), "list");
}

/** Changes what is told of a row, which is then to be read again. What was explained of it was of other pixels. @param {Row} row @param {Choices | null} choices */
function retell(row, choices) {
  const isOfCells = (/** @type {string} */ place) => readsCells(place.replace(/[+#].*/, ""));
  for (const kept of [row.explanations, row.trust, row.texts, row.saved]) for (const place of Object.keys(kept)) if (isOfCells(place)) delete kept[place];
  if (row.thumb) URL.revokeObjectURL(row.thumb);
  Object.assign(row, { choices, field: null, wanted: null, answer: null, thumb: null, status: row.status === "working" ? "working" : "waiting" });
  drop(row);
}

/** Reads rows again, with changed choices, or without any. @param {Row[]} rows @param {Choices | null} changes */
function readAgain(rows, changes) {
  if (!readsCells(state.network) || unfit()) return;
  for (const row of rows) {
    const choices = changes && tidied({ ...row.choices, ...changes });
    if (JSON.stringify(choices) === JSON.stringify(row.choices)) continue;
    retell(row, choices);
    if (row.id === state.selected) {
      cancel(superseded);
      update({ ...nothingShown, ...sight(null) });
    }
  }
  update({ rows: state.rows });
  work();
}

// ---- clearing

/** Empties the list. It can be brought back until others are taken in. */
export function clear() {
  if (state.rows.length === 0) return;
  const { rows, selected } = state;
  leaveList();
  dropCleared();
  for (const row of rows) if (row.status === "working") row.status = "waiting";
  update({ ...nothingShown, ...sight(null), original: null, rows: [], selected: null, only: false, notice: "", cleared: { rows, selected, left: [] }, note: text("rows.cleared"), lab: { ...state.lab, standing: null } });
  say(text("rows.cleared"), "list");
  soon(() => $("undo").focus());
}

/** Takes a row out of the list. It can be brought back as a cleared list can. @param {Row} row */
export function remove(row) {
  const { rows, selected } = state;
  const left = rows.filter((each) => each !== row);
  if (left.length === 0) return clear();
  dropCleared();
  const note = text("rows.removed", { name: isolated(nameOf(row)) });
  update({ rows: left, cleared: { rows, selected, left }, note });
  if (row.id === selected) select(left[Math.min(rows.indexOf(row), left.length - 1)]);
  say(note, "list");
  soon(() => $("undo").focus());
}

/** Reads rows again with what a saved case says of them. @param {Row[]} rows */
export function readAsSaved(rows) {
  for (const row of rows) {
    const { saved } = state.case;
    for (const kept of [row.explanations, row.trust, row.texts, row.saved]) for (const place of Object.keys(kept)) delete kept[place];
    Object.assign(row, fromSaved(saved, row.name, row.source.example, row), { answer: null, status: row.status === "working" ? "working" : "waiting" });
    drop(row);
    if (row.id === state.selected) {
      cancel(superseded);
      update({ ...nothingShown, ...sight(null) });
    }
  }
  update({ rows: state.rows });
  work();
}

/** Brings back the list that was cleared, with all that was known of it. */
export function undo() {
  const { cleared } = state;
  if (!canUndo(state) || !cleared) return;
  // Another network may have been chosen meanwhile, or a profile.
  for (const row of cleared.rows) {
    tellOfProfile(row, state.profile);
    if (row.status === "done" && (row.answer?.network !== state.network || row.answer.correction?.profile !== state.profile?.correction.profile)) Object.assign(row, { status: "waiting", answer: null });
  }
  update({ rows: cleared.rows, cleared: null, note: "" });
  const row = cleared.rows.find(({ id }) => id === cleared.selected) ?? cleared.rows[0];
  select(row);
  work();
  say(text("rows.restored", { total: count(cleared.rows.length) }), "list");
  soon(() => (state.case.shown ? $("overview-heading") : rowButton(row))?.focus());
}

/** Closes the note; what was cleared is then gone. */
export function closeNote() {
  dropCleared();
  update({ note: "" });
}

/** Gives up what is being done for the list. */
function leaveList() {
  listing.abort();
  listing = new AbortController();
  reading.abort();
  cancel(superseded);
  hush();
  forget();
}

/** Forgets what was cleared. */
function dropCleared() {
  const { rows = [], left = [] } = state.cleared ?? {};
  const gone = rows.filter((row) => !left.includes(row));
  for (const { thumb } of gone) if (thumb) URL.revokeObjectURL(thumb);
  forgetDecisions(gone);
  update({ cleared: null });
}
