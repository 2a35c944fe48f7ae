// A test with pictures whose class is known by the folder they lay in: the reader decides on one
// after another, the hardest first, and sees class, answer and evidence after each.

import { canTest } from "./commands.js";
import { $, setText, show } from "./dom.js";
import { soon } from "./focus.js";
import { readingOf, remaining, scoreOf } from "./score.js";
import { choose } from "./selection.js";
import { changeCase, isVeiled, selectedRow, state } from "./state.js";
import { count, text } from "./text.js";
import { readFirst } from "./view-decision.js";

/** @import {State} from "./types" */

/** Whether the test switched Reader first on: it was off before. */
let switchedOn = false;

/** Starts the test, or ends it. */
function startOrEnd() {
  if (state.case.test) {
    changeCase({ test: false });
    if (switchedOn && state.readerFirst) readFirst(false);
    return;
  }
  if (!canTest(state)) return;
  changeCase({ test: true });
  switchedOn = !state.readerFirst;
  if (switchedOn) readFirst(true);
  next();
}

/** Goes to the next picture; to the case, with the score, where none is left. */
function next() {
  const [row] = remaining(state.rows);
  changeCase({ shown: !row });
  if (row) choose(row);
  soon(() => (row ? $("reader-class").querySelector("input") : $("overview-heading"))?.focus());
}

/** Draws the test, its score, and what is known of the selected picture once it was decided on. @param {State} now */
export function viewTest(now) {
  const { test } = now.case;
  const row = selectedRow(now);
  const told = test && row?.known && row.decision && !isVeiled(row, now);
  show($("test"), test || canTest(now));
  const score = scoreOf(now.rows);
  const words = text("test.score", { right: count(score.right), done: count(score.done), network: count(score.network), refused: count(score.refused), left: count(score.left) });
  setText($("test-said"), test ? words : text("test.offer", { count: count(score.left) }));
  setText($("test-start"), text(test ? "test.end" : "test.start"));
  show($("test-known"), Boolean(told));
  show($("test-next"), Boolean(told));
  if (told && row?.known) setText($("test-known"), `${text(readingOf(row)?.class === row.known ? "test.known.right" : "test.known.wrong", { class: text(`class.${row.known}`) })} ${words}`);
}

export function wireTest() {
  $("test-start").addEventListener("click", startOrEnd);
  $("test-next").addEventListener("click", next);
}
