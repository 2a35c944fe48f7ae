// What goes over many pictures of the case, one after another, with progress and to be cancelled:
// all pictures of the evidence as one ZIP file.

import { say } from "./announcer.js";
import { caseName } from "./case.js";
import { canWriteCase } from "./commands.js";
import { drawing } from "./explaining.js";
import { isAbort } from "./fault.js";
import { holdFocus } from "./focus.js";
import { classify, firstWorker, sentence } from "./jobs.js";
import { pictured, pictureName } from "./keep.js";
import { save } from "./names.js";
import { keptOf } from "./pixels.js";
import { labelsOf } from "./regionmap.js";
import { snapshot } from "./snapshot.js";
import { changeCase, notify, placeOf, state } from "./state.js";
import { text } from "./text.js";
import { unpacked } from "./texts.js";
import { Zip } from "./zip.js";

/** @import {Explanation, Row, State} from "./types" */

/** What is being gathered. @type {AbortController | null} */
let gathering = null;

/** A picture with its evidence as it would be shown, whatever is. @param {Row} row @param {AbortSignal} signal @returns {Promise<State | null>} */
async function sceneOf(row, signal) {
  const { answer } = row;
  const seen = answer?.network ? keptOf(row) ?? (await classify(row, await firstWorker(), answer.network, { signal })).seen : null;
  if (!answer || !seen) return null;
  const packed = await row.texts[placeOf(row)];
  const name = answer.record.predicted;
  /** @type {State} */
  const scene = { ...state, ...seen, selected: row.id, drawn: null, view: "picture", by: "lime", outlined: true, allRegions: false, opacity: { outline: 1, alone: 1, heat: 0.7 }, hovered: null, pinned: null };
  if (!packed || !name) return scene;
  const value = JSON.parse(await unpacked(packed));
  /** @type {Explanation} */
  const explanation = { value, labels: labelsOf(value.regions), second: null, lost: false, asked: false };
  return { ...scene, view: "outline", drawn: await drawing(explanation, name, "lime", seen.pixels, signal) };
}

/** The picture of a row's evidence, as a file and its name; null where nothing of it could be read. @param {Row} row @param {AbortSignal} signal */
export async function evidenceOf(row, signal) {
  const scene = await sceneOf(row, signal);
  if (!scene || !row.answer) return null;
  return { name: pictureName(row, row.answer, scene), file: await snapshot(pictured(row, row.answer, scene)) };
}

/** Gives a function that throws a sentence once the list is another one, or an answer in it: what is made of it would be neither the one nor the other. */
function holdList() {
  const before = state.rows.map((row) => ({ row, answer: row.answer }));
  return () => {
    if (before.length === state.rows.length && before.every(({ row, answer }, i) => row === state.rows[i] && answer === row.answer)) return;
    throw new Error(text("case.changed"));
  };
}

/**
 * Does something for rows, one after another, and shows how far it is. Where it is cancelled
 * or fails, or the list or its answers change meanwhile, nothing comes of it.
 * @param {"zip" | "report"} what
 * @param {Row[]} rows
 * @param {(row: Row, signal: AbortSignal) => Promise<void>} each
 * @param {(hold: () => void) => Promise<void>} then makes something of it all; to be held before it is given away
 */
export async function goOver(what, rows, each, then) {
  if (!canWriteCase(state)) return;
  gathering = new AbortController();
  const { signal } = gathering;
  const total = rows.length;
  const [hold, giveBack] = [holdList(), holdFocus()];
  notify("");
  changeCase({ writing: { what, done: 0, total } });
  try {
    for (const [done, row] of rows.entries()) {
      changeCase({ writing: { what, done, total } });
      await each(row, signal);
      signal.throwIfAborted();
      hold();
    }
    await then(hold);
  } catch (error) {
    if (!isAbort(error)) notify(sentence(error));
    else say(text("explain.cancelled"), "case");
  }
  gathering = null;
  changeCase({ writing: null });
  giveBack();
}

/** Gives up what is being gathered. */
export function cancelGathering() {
  gathering?.abort();
}

/** Saves the pictures of all evidence as one file. */
export function saveEvidence() {
  const zip = new Zip();
  return goOver("zip", [...state.rows], async (row, signal) => {
    const picture = await evidenceOf(row, signal);
    if (picture) await zip.add(picture.name, picture.file);
  }, async () => {
    save(zip.finish(), caseName(["evidence"], "zip"));
    say(text("case.saved"), "case");
  });
}
