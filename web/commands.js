// What can be done now: functions of the state alone. Whoever carries a command out asks
// them, and so do the views that switch its button off, so that a key does nothing that
// the button would not do.

import { explanationOf, isExplaining, isVeiled, mostAtOnce, readBy, readsCells, selectedRow, subject, unfit } from "./state.js";

/** @import {Settings} from "./messages" */
/** @import {Row, State} from "./types" */

/** Whether two settings ask for the same computation; how many regions are drawn does not matter for it. @param {Settings} a @param {Settings} b */
export function sameRun(a, b) {
  return JSON.stringify({ ...a, features: 0 }) === JSON.stringify({ ...b, features: 0 });
}

/** Whether pictures are taken into the list; before the program is there they wait for it. @param {State} now */
export function canTake(now) {
  return now.engine.status !== "failed" && !unfit(now);
}

/** Whether the buttons that bring pictures can be pressed. @param {State} now */
export function canChoose(now) {
  return now.engine.everReady && canTake(now);
}

/** Whether a camera can be asked for: the browser gives one to the page, and a network that reads cells is there. @param {State} now */
export function canGoLive(now) {
  return canChoose(now) && now.networks.some(({ cells }) => cells) && Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}

/** Whether another network can be asked. @param {State} now */
export function canUseNetwork(now) {
  return now.engine.status !== "failed";
}

/** Whether the program can be asked for something that takes a while. @param {State} now */
function atLeisure(now) {
  return now.engine.status !== "failed" && !now.progress;
}

/** Whether what is shown was made with other settings than those that are set. @param {State} now */
export function isStale(now) {
  const explanation = explanationOf(selectedRow(now));
  return Boolean(explanation && now.settings && !sameRun(explanation.value.explanation.settings, now.settings));
}

/** Whether the evidence is there and waits for a class to be chosen: where there is no answer, none comes first. @param {State} now */
export function isChoosing(now) {
  return Boolean(explanationOf(selectedRow(now))) && !subject(now);
}

/** Whether the field that is shown holds no cell, where the network sees nothing else. @param {State} now */
function hasNoCells({ cells }) {
  return cells !== null && !cells.includes(0);
}

/** Whether rows are explained without being asked for. @param {State} now */
function isAtOnce({ atOnce, settings }) {
  return atOnce && settings !== null && settings.samples <= mostAtOnce;
}

/**
 * The settings with which a row is to be explained now, without having been asked for: it has an answer, and no explanation.
 * Those of a saved case hold for its pictures, those without an answer too. null: it is not to be.
 * @param {Row} row
 * @param {State} now
 */
export function settingsAtOnce(row, now) {
  const { answer, wanted } = row;
  if (row.status !== "done" || !answer?.logits || answer.network !== now.network || isExplaining(row) || explanationOf(row)) return null;
  if (wanted) return wanted;
  return isAtOnce(now) && !answer.record.abstained ? now.settings : null;
}

/** Whether the selected picture's explanation will be there without having been asked for. @param {State} now */
export function awaitsExplanation(now) {
  const row = selectedRow(now);
  return Boolean(row && isAtOnce(now) && !explanationOf(row) && !unfit(now) && (isExplaining(row) || !row.answer));
}

/** Whether an explanation is on offer: there is none, or one with other settings, or one that could not be drawn. @param {State} now */
export function offersExplanation(now) {
  const row = selectedRow(now);
  if (!row || isVeiled(row, now) || (row.answer && !row.answer.logits) || hasNoCells(now) || awaitsExplanation(now)) return false;
  return !explanationOf(row) || isStale(now) || (now.undrawn && !isChoosing(now));
}

/** @param {State} now */
export function canExplain(now) {
  return offersExplanation(now) && atLeisure(now) && Boolean(selectedRow(now)?.answer && now.pixels && now.settings) && now.invalid.length === 0;
}

/** Whether a second opinion is on offer: there is none, or one with another number of orders. @param {State} now */
export function offersSecond(now) {
  if (!now.drawn || now.progress?.job === "shapley") return false;
  const { second } = now.drawn.explanation;
  return !second || (!second.shapley.exact && second.shapley.settings.permutations !== now.permutations);
}

/** @param {State} now */
export function canAskSecond(now) {
  return offersSecond(now) && atLeisure(now) && Boolean(now.pixels) && !now.invalid.includes("permutations");
}

/** Whether another class can be chosen. @param {State} now */
export function canShowClass(now) {
  return Boolean(explanationOf(selectedRow(now))) && !isVeiled(selectedRow(now), now) && atLeisure(now);
}

/** Whether the weights can be those of LIME or of the second opinion. @param {State} now */
export function canShowWeights(now) {
  return Boolean(now.drawn?.explanation.second) && atLeisure(now);
}

/** Whether a network that reads cells found no field in a picture: then it gives no pixels. @param {Row} row @param {State} now */
function hasNoField({ answer }, now) {
  return readsCells(now.network, now) && !answer?.record.standardised?.fields.length;
}

/** Whether there is a picture that can be magnified: its pixels are there, or will be again. @param {State} now */
export function canMagnify(now) {
  const row = selectedRow(now);
  return Boolean(row?.answer?.picture && (now.pixels || (row.thumb && !unfit(now) && !now.unseen && !hasNoField(row, now))));
}

/** Whether there are several ways of drawing. @param {State} now */
export function canShowView(now) {
  return Boolean(now.drawn);
}

/** @param {State} now */
export function canCancel(now) {
  return Boolean(now.progress);
}

/** Whether there are numbers to take along. @param {State} now */
export function canSave(now) {
  return Boolean(selectedRow(now)?.answer) && !isVeiled(selectedRow(now), now);
}

/** @param {State} now */
export function canSavePicture(now) {
  return canSave(now) && Boolean(now.pixels);
}

/** Whether the list that was cleared can be brought back. @param {State} now */
export function canUndo(now) {
  return Boolean(now.cleared);
}

/**
 * Whether something would be lost with the page: what a network said of a picture that
 * was given, and what was not saved of it. The built-in drawings are always there, and what was
 * explained unasked comes again with the answer; what a reader decided does not.
 * @param {State} now
 */
export function hasUnsaved(now) {
  return [now.profile, now.lab.offered, ...now.lab.behind].some((profile) => profile?.file && !profile.saved) || [...now.rows, ...(now.cleared?.rows ?? [])].some(({ source, answer, explanations, saved, decision, decisionSaved }) => {
    if (decision && decision !== decisionSaved) return true;
    if (source.example) return false;
    if (answer?.network && answer.logits && !(readBy(answer) in saved)) return true;
    return Object.entries(explanations).some(([network, explanation]) => (explanation.asked || explanation.second) && saved[network] !== explanation);
  });
}

/** Whether rows of the list can be shown as one case. @param {State} now */
export function canShowCase(now) {
  return now.rows.length > 0;
}

/** Whether all pictures were looked at; so it is where there are none. @param {State} now */
export function areAllRead(now) {
  return now.rows.every(({ status }) => status === "done");
}

/** Whether all pictures were looked at, and explained as far as they are to be. @param {State} now */
export function isComplete(now) {
  return now.rows.length > 0 && areAllRead(now) && !now.rows.some((row) => isExplaining(row));
}

/** Whether an answer is hidden still. @param {State} now */
export function hasVeiled(now) {
  return now.readerFirst && now.rows.some((row) => isVeiled(row, now));
}

/** Whether the case can be written: all of it is there, and nothing of it hidden. @param {State} now */
export function canWriteCase(now) {
  return isComplete(now) && !hasVeiled(now) && !now.case.writing && !now.case.naming && now.case.labelFault === "" && now.engine.status !== "failed";
}

/** Whether the reader can decide on the selected picture: there is something to see. @param {State} now */
export function canDecide(now) {
  return Boolean(selectedRow(now)?.answer?.picture);
}

/** Whether only the rows without an answer can be shown, or all again: while answers are hidden that would tell which they are. @param {State} now */
export function canFilter(now) {
  return !hasVeiled(now) && (now.only || (now.rows.length > 1 && now.rows.some(({ answer }) => answer?.record.abstained)));
}

/** Whether only the rows without an answer are shown. @param {State} now */
export function isFiltered(now) {
  return now.only && !hasVeiled(now);
}

/** Whether a profile can be fitted: the reader decided on enough pictures. @param {State} now */
export function canFit(now) {
  return now.lab.standing?.why === "" && !now.lab.fitting && areAllRead(now) && now.engine.status !== "failed";
}

/** Whether there are pictures of known class on which the reader has not decided, to be tested with. @param {State} now */
export function canTest(now) {
  return isComplete(now) && now.rows.some(({ known, decision, answer }) => known !== null && !decision && answer?.picture);
}
