// The state of the page, in one place. Views are functions of it, and so is what can be
// done: see commands.js. Its types are in types.d.ts.

import { $, setText } from "./dom.js";

/** @import {ClassName, PictureRecord} from "./messages" */
/** @import {CaseView, Explanation, LabProfile, Row, SettingName, State, View, Weighing} from "./types" */

/** The classes in the order of the network's outputs. @type {ClassName[]} */
export const classes = ["Benign", "Early", "Pre", "Pro"];

/** The ways to draw an explanation. @type {View[]} */
export const views = ["outline", "alone", "heat", "gradCAM", "picture"];

/** Largest standard error, as a part of the largest value, with which Shapley values are read: twice that is half of the largest value. */
export const mostError = 0.25;

/** Whose weights can be drawn. @type {Weighing[]} */
export const weighings = ["lime", "shapley"];

/** The settings that are numbers; the last is of the second opinion. @type {SettingName[]} */
export const numberSettings = ["samples", "features", "seed", "permutations"];

/** Most rows that the list holds: each keeps a result and a thumbnail. */
export const maxRows = 2000;

/** Of how many rows the pixels are kept, so that stepping to and fro reads no file again. */
export const keptPixels = 24;

/** Most samples with which a picture is explained without having been asked for: more take a time that nobody should wait for unasked. */
export const mostAtOnce = 10_000;

/** Largest file that is read, in bytes. */
export const maxFile = 100e6;

/** Files above this size, in bytes, are looked at one at a time. */
export const largeFile = 8e6;

/** Longest side of the original as it is shown, in pixels. */
export const longestOriginal = 1600;

/** Longest side of what the magnifier is given, in pixels of the picture: 100 MB of a photograph. What is longer, whole, is made smaller. */
export const longestMagnified = 6000;

/** The label of a pixel that belongs to no cell. */
export const noCell = 0xffff;

/** Width and height of what the network sees, in pixels. */
export const side = 224;

/** The state before anything has happened. @returns {State} */
export function blankState() {
  return {
    engine: { status: "starting", identity: null, everReady: false },
    networks: [],
    network: "",
    profile: null,
    lab: { others: [], standing: null, fitting: false, offered: null, behind: [], refusal: "" },
    unfit: {},
    examples: [],
    example: null,
    rows: [],
    selected: null,
    only: false,
    pixels: null,
    cells: null,
    unseen: false,
    outlined: true,
    original: null,
    tool: "look",
    zoom: 1,
    stroke: null,
    magnifier: null,
    magnified: null,
    drawn: null,
    undrawn: false,
    subject: null,
    by: "lime",
    view: "outline",
    opacity: { outline: 1, alone: 1, heat: 0.7, gradCAM: 0.6 },
    hovered: null,
    pinned: null,
    inset: null,
    allRegions: false,
    progress: null,
    live: null,
    presets: [],
    atOnce: true,
    settings: null,
    limits: null,
    invalid: [],
    permutations: 0,
    notice: "",
    note: "",
    cleared: null,
    readerFirst: false,
    shown: new Set(),
    case: blankCase(),
  };
}

/** How many pictures the table of a case shows before more are asked for. */
export const shownAtFirst = 50;

/** A case of which nothing is known. @returns {CaseView} */
function blankCase() {
  return {
    shown: false,
    label: "",
    naming: false,
    labelFault: "",
    page: "",
    summary: null,
    order: [],
    sorting: { by: "order", down: false },
    filters: { answer: "", reason: "", certainty: "", reader: "" },
    most: shownAtFirst,
    writing: null,
    saved: null,
    comparison: null,
    uncompared: "",
    test: false,
  };
}

export const state = blankState();

/** @type {((now: State) => void)[]} */
const renderers = [];
let scheduled = false;

/** Registers what is to be drawn anew after each change. @param {(now: State) => void} render */
export function onChange(render) {
  renderers.push(render);
}

/** Changes the state. @param {Partial<State>} changes */
export function update(changes) {
  Object.assign(state, changes);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (const render of renderers) render(state);
  });
}

/** Shows a sentence in the error box; one that stands there already is spoken once more. @param {string} notice */
export function notify(notice) {
  if (notice === state.notice) setText($("error-text"), "");
  update({ notice });
}

/** Changes a row. @param {Row} row @param {Partial<Row>} changes */
export function change(row, changes) {
  Object.assign(row, changes);
  update({ rows: state.rows });
}

/** Changes what is known of the case. @param {Partial<CaseView>} changes */
export function changeCase(changes) {
  update({ case: { ...state.case, ...changes } });
}

/** The selected row. @returns {Row | undefined} */
export function selectedRow(now = state) {
  return now.rows.find((row) => row.id === now.selected);
}

/** Changes what is known of a laboratory's profile that is not used. @param {Partial<State["lab"]>} changes */
export function changeLab(changes) {
  update({ lab: { ...state.lab, ...changes } });
}

/** Shows a profile that is not used. One that is shown already, and is in no file, comes again after it. @param {LabProfile} profile */
export function offerProfile(profile) {
  const { offered, behind } = state.lab;
  const waiting = [...behind, ...(offered ? [offered] : [])];
  changeLab({ offered: profile, behind: waiting.filter(({ saved, correction }) => !saved && correction.profile !== profile.correction.profile) });
}

/** Shows the next profile that waits, in place of the one that is shown. */
export function nextOffered() {
  const { behind } = state.lab;
  changeLab({ offered: behind.at(-1) ?? null, behind: behind.slice(0, -1) });
}

/** The rows that could not be assessed. */
export function abstained(now = state) {
  return now.rows.filter((row) => row.answer?.record.abstained);
}

/** By what an answer was read: the name of the network, with the profile that corrected it. @param {Row["answer"]} answer */
export function readBy(answer) {
  return `${answer?.network ?? ""}${answer?.correction ? `+${answer.correction.profile}` : ""}`;
}

/** Under which name an explanation of what is shown of a row is kept: by what it was read, with the number of the field where it is not the first. @param {Row} row */
export function placeOf({ answer }) {
  return `${readBy(answer)}${answer?.field ? `#${answer.field}` : ""}`;
}

/** The explanation of what is shown of a row by the network whose answer it has. @param {Row | undefined} row @returns {Explanation | null} */
export function explanationOf(row) {
  return (row && row.explanations[placeOf(row)]) ?? null;
}

/** Whether a row's answer is being explained, without having been asked for: what is still under way for an earlier answer counts for nothing. @param {Row} row */
export function isExplaining({ answer, explaining }) {
  return explaining !== null && explaining === answer;
}

/** Whether a network reads cells. @param {string} name */
export function readsCells(name, now = state) {
  return Boolean(now.networks.find((network) => network.name === name)?.cells);
}

/** The presets that a network's answers can be explained with, the one to begin with first. @param {string} name */
export function presetsFor(name, now = state) {
  const cells = readsCells(name, now);
  return now.presets.filter(({ settings }) => cells || !settings.regions).sort((a, b) => Number(cells && Boolean(b.settings.regions)) - Number(cells && Boolean(a.settings.regions)));
}

/**
 * The class whose evidence is asked for. Where there is no answer none comes first:
 * whoever looks chooses one.
 */
export function subject(now = state) {
  return now.subject ?? selectedRow(now)?.answer?.record.predicted ?? null;
}

/** The class whose evidence is drawn: what is asked for is drawn a little later, or not at all. */
export function drawnClass(/** @type {Pick<State, "drawn">} */ now = state) {
  return classes[/** @type {NonNullable<State["drawn"]>} */ (now.drawn).class.class];
}

/** What has to be known of the evidence that is shown, beside how good it is. @param {PictureRecord} record @returns {"benign" | "refused" | ""} */
export function caveat({ predicted, abstained: refused }) {
  if (refused) return "refused";
  return predicted === "Benign" ? "benign" : "";
}

/** Whether the answer of a row is hidden: the reader is to decide first. What could not be read at all leaves nothing to decide on. @param {Row | undefined} row */
export function isVeiled(row, now = state) {
  return Boolean(row && now.readerFirst && !row.decision && (!row.answer || row.answer.picture));
}

/** The selected row as far as it may be seen: without its answer while that is hidden. @returns {Row | undefined} */
export function seenRow(now = state) {
  const row = selectedRow(now);
  return row && isVeiled(row, now) ? { ...row, answer: null } : row;
}

/** Whether the answer of a row was shown, be it under another name: what is then read of it is not read first. @param {Row} row */
export function wasSeen({ seen, answer }, now = state) {
  return seen || now.shown.has(answer?.source?.sha256 ?? "");
}

/** The sentence about the network that is asked, where it failed its self-check. @returns {string | undefined} */
export function unfit(now = state) {
  return now.unfit[now.network];
}

/** Whose weights are asked for: Shapley values only where there is a second opinion. @returns {Weighing} */
export function weighing(now = state) {
  return explanationOf(selectedRow(now))?.second ? now.by : "lime";
}
