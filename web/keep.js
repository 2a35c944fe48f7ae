// What can be taken along: all the numbers as JSON, and the picture as it is shown.

import { say } from "./announcer.js";
import { canSave, canSavePicture } from "./commands.js";
import { $, setText, show } from "./dom.js";
import { save, savedName } from "./names.js";
import { sentences } from "./readings.js";
import { snapshot } from "./snapshot.js";
import { caveat, drawnClass, explanationOf, notify, placeOf, readBy, selectedRow, state } from "./state.js";
import { isolated, networkWords, percent, shortened, shortHash, text } from "./text.js";
import { madeWith } from "./view-explanation.js";
import { isByCells } from "./view-cells.js";
import { layersOf, marked, numbered, scaleOf } from "./view-picture.js";
import { fieldWords } from "./view-ready.js";

/** @import {Program} from "./messages" */
/** @import {Snapshot} from "./snapshot.js" */
/** @import {Answer, Drawn, Explanation, Row, State} from "./types" */

/**
 * Everything that is known of the selected picture, unrounded. Where there is no answer,
 * what the network computed all the same stands under a name that says so: none of it is
 * to be taken for an answer by whoever reads the file.
 */
function report() {
  const row = selectedRow();
  if (!row?.answer) return null;
  const { record, network, weights, logits, picture, field, correction } = row.answer;
  const way = row.source.example ? "example" : row.source.pasted ? "canvas" : "file";
  const { value, second } = explanationOf(row) ?? {};
  const { readings, ...explained } = value ?? {};
  const of = value && record.standardised ? { field } : {}; // the one that is explained
  const computed = { logits, ...of, ...explained, ...(readings && { readings }), ...(second && { secondOpinion: { shapley: second.shapley, agreement: second.agreement } }) };
  return {
    ...record, network, model: weights, ...(correction && { correction }), picture: picture && { ...picture, source: way }, ...(row.choices && record.standardised && { told: row.choices }), program: state.engine.identity,
    ...(!record.abstained ? computed : logits && { notAnAnswer: computed }),
  };
}

function reportText() {
  const value = report();
  return value ? JSON.stringify(value, null, 2) : "";
}

/** Draws what is offered for taking along. */
export function viewKeep() {
  show($("keep"), canSave(state));
  $("save-png").disabled = !canSavePicture(state);
  if ($("numbers-box").open) setText($("result-json"), canSave(state) ? reportText() : "");
}

/** Takes down that what is known of a row was saved. @param {Row} row @param {Answer} answer @param {Explanation | null} explanation */
function noteSaved(row, answer, explanation) {
  if (!answer.network) return;
  row.saved[readBy(answer)] ??= null; // of whichever field the explanation is, the answer is that of the picture
  row.saved[placeOf(row)] = explanation;
}

/** Whose answer it is, as parts of a file's name. @param {Answer} answer */
function partsOf({ network, correction }) {
  return [...(network ? [network] : []), ...(correction ? [`profile-${shortHash(correction.profile)}`] : [])];
}

/** What was explained, as a part of a file's name. @param {Explanation | null} explanation */
function seedOf(explanation) {
  return explanation ? [`seed-${explanation.value.explanation.settings.seed}`] : [];
}

function saveReport() {
  const row = selectedRow();
  if (!canSave(state) || !row?.answer) return;
  const [answer, explanation] = [row.answer, explanationOf(row)];
  save(new Blob([reportText()], { type: "application/json" }), savedName(row.name, [...partsOf(answer), ...seedOf(explanation)], "json"));
  noteSaved(row, answer, explanation);
}

async function copyReport() {
  const row = selectedRow();
  try {
    await navigator.clipboard.writeText(reportText());
  } catch {
    return notify(text("error.copy"));
  }
  if (row?.answer) noteSaved(row, row.answer, explanationOf(row));
  say(text("keep.copied"), "copy");
  setText($("copy-json"), text("keep.copied"));
  setTimeout(() => setText($("copy-json"), text("keep.copy")), 2000);
}

async function savePicture() {
  const row = selectedRow(); // another may be selected, or none, before the file is written
  if (!canSavePicture(state) || !row?.answer) return;
  const [answer, explanation] = [row.answer, explanationOf(row)];
  const name = pictureName(row, answer, state);
  try {
    save(await snapshot(pictured(row, answer, state)), name);
    noteSaved(row, answer, explanation);
  } catch {
    notify(text("error.save"));
  }
}

/** The beginning of a commit, and what is appended to it; as build/source/identity.go shortens it. @param {string} revision */
function shortRevision(revision) {
  return revision.replace(/^([0-9a-f]{12})[0-9a-f]*/, "$1");
}

/** The name under which what is shown of a picture is saved. @param {Row} row @param {Answer} answer @param {State} now */
export function pictureName(row, answer, now) {
  const { drawn, view } = now;
  const shown = !drawn || view === "picture" ? ["picture"] : [view, drawnClass(now), drawn.by, ...seedOf(drawn.explanation)];
  return savedName(row.name, [...partsOf(answer), ...shown], "png");
}

/** What the saved picture says: now is the state in which it is shown. @param {Row} row @param {Answer} answer @param {State} now @returns {Snapshot} */
export function pictured(row, { record, network, weights, correction }, now) {
  const { view } = now;
  const { version, revision, go } = /** @type {Program} */ (now.engine.identity);
  const drawn = view === "picture" ? null : now.drawn;
  return {
    layers: layersOf(now),
    marks: numbered(now),
    badge: drawn && !drawn.readable ? text("trust.badge") : "",
    legend: drawn ? scaleOf(now) : null,
    title: isolated(shortened(row.name, 60)),
    sentences: [
      record.abstained ? `${text("result.abstained")}. ${record.reason}` : `${text(`class.${record.predicted}`)}, ${percent(record.probabilities[record.predicted])}`,
      ...(row.source.example ? [text("note.synthetic")] : []),
      ...(fieldWords(row) ? [fieldWords(row)] : []),
      ...(record.standardised?.steps ?? []).filter(({ told }) => told).map(({ sentence }) => text("saved.told", { sentence })),
      ...(drawn ? explanationWords(drawn, caveat(record), now) : []),
      `${text("identity.version")} ${version}, ${text("identity.revision")} ${shortRevision(revision)}${text("identity.rest", { network: networkWords(network ?? "", correction?.profile), weights: weights?.slice(0, 16) ?? "", go })}`,
      `${text("disclaimer.what")} ${text("disclaimer.use")}`,
    ],
  };
}

/** What is drawn of an explanation and with which settings it was made. @param {Drawn} drawn @param {string} kind @param {State} now */
function explanationWords(drawn, kind, now) {
  const { view } = now;
  const { settings } = drawn.explanation.value.explanation;
  const words = { class: text(`short.${drawnClass(now)}`), by: text(`by.${drawn.by}`), unit: text(`unit.${settings.target}`) };
  const none = view !== "heat" && view !== "gradCAM" && marked(now).pro.length === 0;
  return [
    none ? `${text("regions.for.none", words)} (${words.by}).` : text(`saved.${view}`, words),
    ...(drawn.readable ? [] : [text("trust.unread")]),
    ...(kind ? [text(`explain.${kind}`)] : []),
    ...(kind !== "refused" ? drawn.explanation.value.tested[drawn.class.class].slice(0, 1) : []),
    ...(kind !== "refused" && isByCells(drawn) && drawn.explanation.value.readings ? sentences(drawn.explanation.value.readings) : []),
    madeWith(drawn),
  ];
}

/** Listens to the buttons. */
export function wireKeep() {
  $("copy-json").addEventListener("click", copyReport);
  $("save-json").addEventListener("click", saveReport);
  $("save-png").addEventListener("click", savePicture);
  $("numbers-box").addEventListener("toggle", viewKeep);
}
