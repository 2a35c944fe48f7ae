// What a reader decides of a picture: what was entered, whether that is enough, and in words.
// The reader's hand is in view-decision.js.

import { classes, isVeiled } from "./state.js";
import { text } from "./text.js";

/** @import {ClassName, Decision} from "./messages" */
/** @import {Entered, Row, State} from "./types" */

/** Longest note, in characters. */
export const longestNote = 500;

/** How sure a reader can be. @type {Exclude<Decision["certainty"], "">[]} */
export const certainties = ["certain", "probable", "doubtful"];

/** What a reader can say: a class, or that it cannot be told. @type {(ClassName | "none")[]} */
export const readings = [...classes, "none"];

/** What is entered of a row: what was decided, or what is not enough for that yet. @param {Row} row @returns {Entered} */
export function enteredOf({ decision, entered }) {
  if (!decision) return entered ?? { class: "", certainty: "", note: "" };
  return { class: decision.class ?? "none", certainty: decision.certainty, note: decision.note };
}

/** Whether enough was entered for the answer to be shown: a class and how sure that is, or that it cannot be told. @param {Entered} entered */
export function isEnough({ class: name, certainty }) {
  return name === "none" || (name !== "" && certainty !== "");
}

/**
 * The decision that was entered; null where no class was. One that was made before the answer
 * was seen stays such a one as long as it says the same.
 * @param {Entered} entered
 * @param {Decision | null} before
 * @param {boolean} blind whether the answer was hidden until now
 * @returns {Decision | null}
 */
export function decisionFrom({ class: name, certainty, note }, before, blind) {
  if (name === "") return null;
  /** @type {Pick<Decision, "class" | "certainty">} */
  const said = name === "none" ? { class: null, certainty: "" } : { class: name, certainty };
  const same = before !== null && before.class === said.class && before.certainty === said.certainty;
  return { ...said, blind: blind || (same && before.blind), note };
}

/** A decision in few words. @param {Decision} decision */
export function decisionWords({ class: name, certainty, blind }) {
  if (!name) return text(blind ? "reader.short.none.blind" : "reader.short.none");
  const words = { class: text(`short.${name}`), certainty: certainty ? text(`certainty.${certainty}`) : "" };
  const [seen, unseen] = certainty ? ["reader.short", "reader.short.blind"] : ["reader.short.open", "reader.short.open.blind"];
  return text(blind ? unseen : seen, words);
}

/** How a row is called: while its answer is hidden, nothing may be told by a name that tells its class. @param {Row} row @param {State} [now] */
export function nameOf(row, now) {
  return row.known && isVeiled(row, now) ? text("rows.nameless", { number: row.id }) : row.name;
}
