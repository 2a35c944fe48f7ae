// The state of the page, in one place. Views are functions of it.

import { $, setText } from "./dom.js";

/** The classes in the order of the network's outputs. */
export const classes = ["Benign", "Early", "Pre", "Pro"];

/** The ways to draw an explanation. */
export const views = ["outline", "alone", "heat", "picture"];

/** Largest standard error, as a part of the largest value, with which Shapley values are read: twice that is half of the largest value. */
export const mostError = 0.25;

/** Whose weights can be drawn. */
export const weighings = ["lime", "shapley"];

/** Most rows that the list holds: each keeps a result and a thumbnail. */
export const maxRows = 2000;

/** Of how many rows the pixels are kept, so that stepping to and fro reads no file again. */
export const keptPixels = 24;

/** Largest file that is read, in bytes. */
export const maxFile = 100e6;

/** Files above this size, in bytes, are looked at one at a time. */
export const largeFile = 8e6;

/** Width and height of what the network sees, in pixels. */
export const side = 224;

export const state = {
  /** status: starting, ready or failed; identity: {version, revision, go} of the program. */
  engine: { status: "starting", identity: null, everReady: false },
  /** The networks that can be asked, as the program lists them: [{name, weights}], and the name of the one that is. */
  networks: [],
  network: null,
  /** Sentences about networks that failed their self-check here, by name: they are asked nothing more. */
  unfit: {},
  /** The built-in drawn pictures, as the program lists them: [{name, caption}], each with a thumb once it is drawn. */
  examples: [],
  /** Name of the one under the pointer or the focus. */
  example: null,
  /**
   * The pictures in the order in which they came:
   * {id, name, source, status, answer, explanation, original}.
   * source: {file}, {rgba, width, height} or {example}.
   * status: waiting, working or done.
   * original: {picture, notes} of pasted pixels, of which only those that the
   * network takes are kept once it has seen them.
   * answer: {record, network, weights, logits, picture} as the program gives it;
   * picture is null where nothing could be read. Where the record is of no answer,
   * logits and explanation are none either: see keep.js.
   * explanation: {value, labels, second}, once there is one: value is what the
   * program answers to explain; second what it answers to shapley, once asked.
   */
  rows: [],
  selected: null,
  /** Whether only the rows are shown that could not be assessed. */
  only: false,
  /** Pixels of the selected picture, RGBA, side x side. */
  pixels: null,
  /** What is drawn of the explanation: {layers, regions, legend} as the program gives it; class: LIME's of the class shown, by: whose weights, readable: whether they can be read. */
  drawn: null,
  /** The class whose evidence is asked for; null: the predicted one, or none yet where there is no answer. */
  subject: null,
  /** Whose weights are to be drawn where there are both. */
  by: "lime",
  view: "outline",
  opacity: { outline: 1, alone: 1, heat: 0.7 },
  /** Label of the region under the pointer or the focus, and of the one kept marked. */
  hovered: null,
  pinned: null,
  allRegions: false,
  /** {job, stage, share, left} while an explanation or a second opinion is being made. */
  progress: null,
  /** Settings of the next explanation; presets as the program lists them. */
  presets: [],
  settings: null,
  /** Whether the fields hold settings; what was typed stays until it is mended. */
  settingsValid: true,
  /** Permutations of the next second opinion. */
  permutations: 0,
  /** Sentence in the error box. */
  notice: "",
};

let renderers = [];
let scheduled = false;

/** Registers what is to be drawn anew after each change. */
export function onChange(render) {
  renderers.push(render);
}

/** Changes the state. */
export function update(changes) {
  Object.assign(state, changes);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (const render of renderers) render(state);
  });
}

/** Shows a sentence in the error box; one that stands there already is spoken once more. */
export function notify(notice) {
  if (notice === state.notice) setText($("error-text"), "");
  update({ notice });
}

/** The selected row. */
export function selectedRow() {
  return state.rows.find((row) => row.id === state.selected);
}

/** The rows that could not be assessed. */
export function abstained() {
  return state.rows.filter((row) => row.answer?.record.abstained);
}

/**
 * The class whose evidence is asked for. Where there is no answer none comes first:
 * whoever looks chooses one.
 */
export function subject() {
  return state.subject ?? selectedRow()?.answer?.record.predicted ?? null;
}

/** The class whose evidence is drawn: what is asked for is drawn a little later, or not at all. */
export function drawnClass() {
  return classes[state.drawn.class.class];
}

/** What has to be known of the evidence that is shown, beside how good it is: benign, refused or "". */
export function caveat({ predicted, abstained }) {
  if (abstained) return "refused";
  return predicted === "Benign" ? "benign" : "";
}

/** The sentence about the network that is asked, where it failed its self-check; or undefined. */
export function unfit() {
  return state.unfit[state.network];
}

/** Whose weights are asked for: Shapley values only where there is a second opinion. */
export function weighing() {
  return selectedRow()?.explanation?.second ? state.by : "lime";
}
