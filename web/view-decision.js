// The reader's own reading of the selected picture: beside the answer, or before it.

import { say } from "./announcer.js";
import { canDecide, hasVeiled } from "./commands.js";
import { certainties, decisionFrom, enteredOf, isEnough, longestNote, readings } from "./decision.js";
import { $, inputs, make, setText, show } from "./dom.js";
import { cancel, redrawAloud, superseded } from "./explaining.js";
import { soon } from "./focus.js";
import { answerOf } from "./selection.js";
import { change, isVeiled, selectedRow, state, update, wasSeen } from "./state.js";
import { text } from "./text.js";

/** @import {Entered, Row, State} from "./types" */

/** Takes what the reader enters. Where the answer is shown it is decided at once. @param {Partial<Entered>} changes */
function enter(changes) {
  const row = selectedRow();
  if (!row || !canDecide(state)) return;
  const entered = { ...enteredOf(row), ...changes };
  if (entered.class === "none") entered.certainty = "";
  const decision = isVeiled(row) ? null : decisionFrom(entered, row.decision, false);
  change(row, { entered, decision });
}

/** Takes the answer for the reader's own reading. */
function confirm() {
  const predicted = selectedRow()?.answer?.record.predicted;
  if (predicted && !isVeiled(selectedRow())) enter({ class: predicted });
}

/** Shows the answer, once the reader has decided. */
function reveal() {
  const row = selectedRow();
  if (!row?.answer || !isVeiled(row)) return;
  const entered = enteredOf(row);
  if (!isEnough(entered)) return;
  const decision = decisionFrom(entered, null, !wasSeen(row));
  change(row, { decision, firstReading: row.firstReading ?? decision });
  say(answerOf(row, row.answer), "answer");
  soon(() => $("result-heading").focus());
  redrawAloud();
}

/** Takes a decision back. The answer was shown with it: another is none before it. */
function withdraw() {
  const row = selectedRow();
  if (!row) return;
  change(row, { decision: null, entered: null });
  if (isVeiled(row)) hide();
  say(text("reader.withdrawn"), "reader");
  soon(() => $("reader-class").querySelector("input")?.focus());
}

/** Leaves nothing of an answer that is hidden again. */
function hide() {
  cancel(superseded);
  update({ drawn: null, hovered: null, pinned: null, tool: "look", stroke: null });
}

/** Hides the answers of pictures on which the reader has not decided, or shows all. @param {boolean} readerFirst */
export function readFirst(readerFirst) {
  // What was entered for an answer to be shown is no reading once it is shown without.
  if (!readerFirst) for (const row of [...state.rows, ...(state.cleared?.rows ?? [])]) if (!row.decision) row.entered = null;
  update({ readerFirst, only: false });
  if (isVeiled(selectedRow())) hide();
  say(text(readerFirst ? "reader.first.on" : "reader.first.off"), "reader");
  redrawAloud();
}

/** Draws the reader's reading of the selected picture. @param {State} now */
export function viewDecision(now) {
  $("reader-first").checked = now.readerFirst;
  const row = selectedRow(now);
  show($("decision"), canDecide(now));
  if (!row || !canDecide(now)) return;
  const veiled = isVeiled(row, now);
  const entered = enteredOf(row);
  const predicted = veiled ? null : row.answer?.record.predicted ?? null;
  $("decision").toggleAttribute("data-first", veiled);
  setText($("decision-heading"), text(veiled ? "reader.heading.first" : "reader.heading"));
  setText($("decision-hint"), hint(row, veiled));
  show($("confirm"), Boolean(predicted) && entered.class === "");
  setText($("confirm"), predicted ? text("reader.confirm", { class: text(`short.${predicted}`) }) : "");
  for (const input of inputs($("reader-class"))) input.checked = input.value === entered.class;
  for (const input of inputs($("reader-certainty"))) {
    input.checked = input.value === entered.certainty;
    input.disabled = entered.class === "none";
  }
  if (document.activeElement !== $("reader-note")) $("reader-note").value = entered.note;
  show($("reader-decide"), veiled);
  $("reader-decide").disabled = !isEnough(entered);
  show($("reader-withdraw"), !veiled && row.decision !== null);
}

/** @param {Row} row @param {boolean} veiled */
function hint(row, veiled) {
  const { decision, answer } = row;
  if (veiled) return text(wasSeen(row) ? "reader.hint.seen" : "reader.hint.first");
  const predicted = answer?.record.predicted;
  if (!decision) return text("reader.hint");
  const when = text(decision.blind ? "reader.hint.blind" : "reader.hint.after");
  if (!predicted || !decision.class) return when;
  return `${text(decision.class === predicted ? "reader.hint.agree" : "reader.hint.differs")} ${when}`;
}

export function wireDecision() {
  for (const [id, values, key] of /** @type {const} */ ([["reader-class", readings, "short"], ["reader-certainty", certainties, "certainty"]])) {
    $(id).append(...values.map((value) => make("label", {}, make("input", { type: "radio", name: id, value }), make("span", {}, text(value === "none" ? "reader.none" : `${key}.${value}`)))));
    $(id).addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement) enter(/** @type {Partial<Entered>} */ ({ [id === "reader-class" ? "class" : "certainty"]: target.value }));
    });
  }
  $("reader-note").maxLength = longestNote;
  $("reader-note").addEventListener("input", () => enter({ note: $("reader-note").value }));
  $("confirm").addEventListener("click", confirm);
  $("reader-decide").addEventListener("click", reveal);
  $("reader-withdraw").addEventListener("click", withdraw);
  $("reader-first").addEventListener("change", () => readFirst($("reader-first").checked));
}

/** How many pictures wait for the reader. @param {State} now */
export function waitingForReader(now) {
  return hasVeiled(now) ? now.rows.filter((row) => isVeiled(row, now)).length : 0;
}
