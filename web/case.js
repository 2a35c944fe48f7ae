// All pictures of the list as one case: what they say together, the case written as a file,
// and a saved one computed again. What the program is sent for a picture is what it answered with.

import { say } from "./announcer.js";
import { parse, written } from "./bridge.js";
import { canShowCase, canWriteCase, hasVeiled, isComplete } from "./commands.js";
import { cancel, superseded } from "./explaining.js";
import { isJSON, isPicture } from "./folders.js";
import { holdFocus, soon } from "./focus.js";
import { $ } from "./dom.js";
import { caseIn, run, sentence } from "./jobs.js";
import { isProfile, ofCase, offerFile } from "./lab.js";
import { fileName, save } from "./names.js";
import { isPage, namePage } from "./ownpage.js";
import { pictureIn, savedCase } from "./saved.js";
import { readAsSaved, take, useNetwork } from "./selection.js";
import { changeCase, notify, placeOf, readBy, shownAtFirst, state, update } from "./state.js";
import { count, text } from "./text.js";
import { unpacked } from "./texts.js";

/** @import {CaseNetwork as Network, Draft, Json, Row as Short, Settings} from "./messages" */
/** @import {Found} from "./folders.js" */
/** @import {CaseView, Column, Filters, Row, Saved, State} from "./types" */

// ---- what is shown

/** Shows the case, or one picture of it again. @param {boolean} shown */
export function showCase(shown) {
  if (shown && !canShowCase(state)) return;
  changeCase({ shown });
}

/** Sorts the table by a column, the other way where it is sorted by that already. @param {Column} by */
export function sortBy(by) {
  const { sorting } = state.case;
  changeCase({ sorting: { by, down: sorting.by === by && by !== "order" && !sorting.down }, most: shownAtFirst });
}

/** @param {Partial<Filters>} changes */
export function filterBy(changes) {
  changeCase({ filters: { ...state.case.filters, ...changes }, most: shownAtFirst });
}

/** What was typed last as the label. */
let typed = "";

/** Names the case, unless the program refuses what may be a person's name: that is kept nowhere. @param {string} label */
export async function nameCase(label) {
  typed = label;
  changeCase({ naming: true });
  let labelFault = "";
  try {
    await run("case", { json: written({ label, pictures: [] }) });
  } catch (error) {
    labelFault = sentence(error);
  }
  if (label === typed) changeCase({ naming: false, labelFault, ...(labelFault ? {} : { label }) });
}

// ---- the summary

/** What a summary needs to know of a row; of one that the program could not be asked about, that alone. @param {Row} row @returns {Short} */
function shortOf(row) {
  const { answer, decision } = row;
  const short = answer?.row ?? { sha256: "", predicted: null, probability: 0, ...(answer?.record.code && { code: answer.record.code }), cells: 0 };
  return { ...short, tally: row.trust[placeOf(row)]?.tally ?? null, decision };
}

/** Of each row what the summary was made of last. @type {WeakMap<Row, unknown[]>} */
const summarised = new WeakMap();

let [rowsOfSummary, summarising] = [0, false];

/** Whether a row says something else than at the last summary; that is taken down. @param {Row} row */
function isNews(row) {
  const now = [row.answer, row.trust[placeOf(row)], row.decision];
  const before = summarised.get(row);
  if (before?.every((value, i) => value === now[i])) return false;
  summarised.set(row, now);
  return true;
}

/** Has the summary made anew while the case is shown and its pictures change, as often as that takes little of the time. @param {State} now */
export function followSummary(now) {
  if (!now.case.shown || summarising) return;
  const news = now.rows.filter(isNews).length > 0 || now.rows.length !== rowsOfSummary;
  rowsOfSummary = now.rows.length;
  if (news) summarise();
}

/** Has the summary made of the pictures as they are now. */
export async function summarise() {
  summarising = true;
  const rows = state.rows.filter(({ answer }) => answer);
  const begun = performance.now();
  try {
    const summary = parse((await run("summarise", { json: written({ rows: rows.map(shortOf) }) })).json);
    changeCase({ summary, order: summary.order.map((i) => rows[i].id) });
  } catch (error) {
    notify(sentence(error));
  }
  setTimeout(() => {
    summarising = false;
    update({});
  }, isComplete(state) ? 0 : 300 + 3 * (performance.now() - begun));
}

// ---- writing

/** What is taken of a row into a case, as it is now. @param {Row} row */
function takenOf(row) {
  const { answer, decision } = row;
  const place = placeOf(row);
  return { row, answer, decision, place, explanation: row.explanations[place] ?? null, packed: row.texts[place] };
}

/** @typedef {ReturnType<typeof takenOf>} Taken */

/** The case as it is now, as the program takes it: the texts of the explanations are not read here. @param {Taken[]} [taken] what is taken of each row @returns {Promise<Json<Draft>>} */
async function draft(taken = state.rows.map(takenOf)) {
  const { label, page } = state.case;
  const pictures = [];
  for (const { answer: whole, decision, packed } of taken) {
    const { row: _, ...answer } = whole ?? {};
    const explained = await packed;
    pictures.push(`{"answer":${JSON.stringify(answer)},"explained":${explained ? await unpacked(explained) : "null"},"decision":${JSON.stringify(decision)}}`);
  }
  return /** @type {Json<Draft>} */ (`{"label":${JSON.stringify(label)},"page":${JSON.stringify(page)},"pictures":[${pictures.join(",")}]}`);
}

/** How files of the case are called. @param {string[]} parts @param {string} ending */
export function caseName(parts, ending) {
  return fileName(`case${state.case.label ? ` ${state.case.label}` : ""}`, parts, ending);
}

/** What a case says of how it was computed, with its digest: no more of a file of many megabytes is read than that. @returns {Promise<{ networks: Network[], settings: Settings[], digest: string }>} */
export async function caseFile() {
  const { file } = await run("case", { json: await draft() });
  const lines = new TextDecoder().decode(file).split("\n");
  const value = (/** @type {string} */ key) => JSON.parse(lines.find((line) => line.startsWith(` "${key}": `))?.replace(/^ "\w+": /, "").replace(/,$/, "") ?? "null");
  return { networks: value("networks"), settings: value("settings"), digest: value("digest") };
}

/** Takes down that what was taken into a case is saved: what came meanwhile is not. @param {Taken[]} taken */
function noteSaved(taken) {
  for (const { row, answer, decision, place, explanation } of taken) {
    row.decisionSaved = decision;
    if (!answer?.network || answer !== row.answer) continue; // it was read again since
    row.saved[readBy(answer)] ??= null;
    row.saved[place] = explanation;
  }
}

/** Writes the case as a file. @param {"json" | "csv"} what */
export async function writeCase(what) {
  if (!canWriteCase(state)) return;
  const giveBack = holdFocus();
  changeCase({ writing: { what, done: 0, total: 0 } });
  notify("");
  const taken = state.rows.map(takenOf);
  try {
    const { file, table } = await run("case", { json: await draft(taken) });
    if (what === "json") save(new Blob([file], { type: "application/json" }), caseName([], "json"));
    else save(new Blob([table], { type: "text/csv" }), caseName([], "csv"));
    if (what === "json") noteSaved(taken);
    say(text("case.saved"), "case");
  } catch (error) {
    notify(sentence(error));
  }
  changeCase({ writing: null });
  giveBack();
}

// ---- what comes in

/** Takes what was given: pictures into the list, a saved case to be computed again with its pictures. @param {Found[]} files @param {boolean} ofFolder */
export async function receive(files, ofFolder) {
  const own = ofFolder ? undefined : files.find(({ file }) => isPage(file));
  if (own) await namePage(own.file);
  if (own && files.length === 1) return;
  const texts = files.filter(({ file }) => isJSON(file));
  const pictures = files.filter(({ file }) => (ofFolder ? isPicture(file) : !isJSON(file) && !isPage(file)));
  let [isOpen, isOffered] = [false, false];
  for (const { file } of texts) {
    // What cannot be read at all is refused as a case.
    if (await isProfile(file).catch(() => false)) isOffered ||= await openProfile(file, ofFolder);
    else isOpen ||= await openCase(file, ofFolder);
  }
  const left = files.length - pictures.length - Number(isOpen) - Number(isOffered);
  if (pictures.length > 0) take(pictures.map(({ path, file, known }) => ({ name: path, source: { file }, known })));
  else if (ofFolder && !isOpen && !isOffered) return notify(text("error.folder.empty", { count: count(left) }));
  if (ofFolder && left > 0) note(text(left === 1 ? "rows.left.one" : "rows.left", { count: count(left) }));
}

/** Adds a sentence to the note. @param {string} sentence */
function note(sentence) {
  update({ note: [state.note, sentence].filter(Boolean).join(" ") });
  say(sentence, "left");
}

/** Says why a file cannot be used, unless it may be a file of any kind. @param {File} file @param {unknown} error @param {boolean} quiet @returns {false} */
function refuse(file, error, quiet) {
  if (!quiet) notify(`${file.name}: ${sentence(error)}`);
  return false;
}

/** Shows a profile. Says whether it can be used. @param {File} file @param {boolean} quiet */
async function openProfile(file, quiet) {
  try {
    return await offerFile(file);
  } catch (error) {
    return refuse(file, error, quiet);
  }
}

/** Opens a saved case: its pictures are read again as it says, those in the list and those that come. Says whether it is one. @param {File} file @param {boolean} quiet where it may be no case */
async function openCase(file, quiet) {
  /** @type {Saved} */
  let saved;
  try {
    saved = savedCase(file.name, file, await caseIn(file));
  } catch (error) {
    return refuse(file, error, quiet);
  }
  if (!state.networks.some(({ name }) => name === saved.network)) {
    notify(text("error.network", { name: saved.network }));
    return false;
  }
  notify("");
  cancel(superseded);
  const settings = saved.pictures.find((picture) => picture.settings)?.settings;
  changeCase({ saved, comparison: null, uncompared: "", shown: true, ...(state.case.label ? {} : { label: saved.label, labelFault: "" }) });
  useNetwork(saved.network, ofCase(saved));
  if (settings) update({ settings });
  const drawings = saved.pictures.filter(({ drawing }) => drawing);
  readAsSaved(state.rows.filter((row) => pictureIn(saved, row.name, row.source.example, row.answer?.source?.sha256)));
  if (drawings.length > 0) take(drawings.map(({ name, drawing }) => ({ name, source: { example: drawing } })));
  say(text("again.opened", { name: file.name }), "again");
  soon(() => $("overview-heading").focus());
  return true;
}

/** Gives up the saved case; the list stays. */
export function closeSaved() {
  for (const row of state.rows) row.wanted = null;
  changeCase({ saved: null, comparison: null, uncompared: "" });
  soon(() => $("overview-heading").focus());
}

// ---- a saved case computed again

/** @param {Blob} saved @param {Json<Draft>} json */
async function compared(saved, json) {
  return parse((await run("compare", { saved: new Uint8Array(await saved.arrayBuffer()), json })).json);
}

/** Of which rows the comparison was made last. */
let comparing = "";

/** Compares the saved case once all of its pictures that are there were read again, and anew when others come. @param {State} now */
export function followSaved(now) {
  const { saved } = now.case;
  if (!saved || !isComplete(now) || hasVeiled(now)) {
    comparing = "";
    return;
  }
  // Pictures that go by other names now are known by their bytes, once they were read.
  const renamed = now.rows.filter((row) => row.wanted === null && readOtherwise.get(row) !== saved && isOtherwise(saved, row));
  const key = JSON.stringify([saved.name, saved.file.size, now.rows.map(({ id }) => id)]);
  if (key === comparing) return;
  comparing = key;
  for (const row of renamed) readOtherwise.set(row, saved);
  if (renamed.length > 0) readAsSaved(renamed);
  else compare(saved);
}

/** The saved case that a row was read again by, since it holds its bytes: that is done once. @type {WeakMap<Row, Saved>} */
const readOtherwise = new WeakMap();

/** Whether a saved case says something of a row by its bytes alone. @param {Saved} saved @param {Row} row */
function isOtherwise(saved, { name, source, answer }) {
  return !pictureIn(saved, name, source.example) && pictureIn(saved, name, source.example, answer?.source?.sha256)?.settings;
}

/** @param {Saved} saved */
async function compare(saved) {
  const of = comparing;
  if (state.case.comparison || state.case.uncompared) changeCase({ comparison: null, uncompared: "" }); // it was of other pictures, or of what was read before
  try {
    const comparison = await compared(saved.file, await draft());
    if (saved !== state.case.saved || of !== comparing) return; // meanwhile pictures came, are read again, or are hidden
    changeCase({ comparison });
    say(comparison.sentence, "again");
  } catch (error) {
    if (saved !== state.case.saved || of !== comparing) return;
    const uncompared = text("again.failed", { reason: sentence(error) });
    changeCase({ uncompared });
    say(uncompared, "again");
  }
}
