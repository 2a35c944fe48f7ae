// The test with pictures of known class, as it is started and ended. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerTo, element, file, startProgram, turns } from "./standin.mjs";

const { take } = await import("./selection.js");
const { blankState, change, onChange, selectedRow, state, update } = await import("./state.js");
const { followDraft } = await import("./draft.js");
const { readFirst, wireDecision } = await import("./view-decision.js");
const { scoreOf } = await import("./score.js");
const { viewTest, wireTest } = await import("./teaching.js");

wireDecision();
wireTest();
onChange(followDraft);
onChange(viewTest);
await startProgram({ classify: (message) => ({ json: JSON.stringify(answerTo(message)) }) });
const { networks, network, engine, settings, presets } = state;
let last = 0;

beforeEach(async () => {
  update({ ...blankState(), networks, network, engine, settings, presets });
  await turns();
});

const give = async () => {
  take(["Pro", "Pre"].map((known) => ({ name: `${known}/${++last}.png`, source: { file: file(`${known} ${last}.png`) }, known })));
  await turns();
};
const startOrEnd = async () => {
  element("test-start").click();
  await turns();
};
const decide = async (name) => {
  change(selectedRow(), { entered: { class: name, certainty: "certain", note: "" } });
  element("reader-decide").click();
  await turns();
};

test("the test hides answers while it is done, and leaves Reader first as the reader had it", async () => {
  await give();
  await startOrEnd();
  assert.deepEqual([state.case.test, state.readerFirst], [true, true]);
  await startOrEnd();
  assert.deepEqual([state.case.test, state.readerFirst], [false, false]);
  readFirst(true);
  await startOrEnd();
  await startOrEnd();
  assert.deepEqual([state.case.test, state.readerFirst], [false, true], "it was on before");
  await startOrEnd();
  readFirst(false);
  await startOrEnd();
  assert.equal(state.readerFirst, false, "it was switched off during the test");
});

test("the score counts what was read while answers were hidden, as it was read first", async () => {
  await give();
  const [first, second] = state.rows;
  change(first, { decision: { class: "Pro", certainty: "certain", blind: false, note: "" } });
  await startOrEnd();
  assert.equal(selectedRow(), second);
  assert.deepEqual(scoreOf(state.rows), { done: 0, right: 0, network: 0, refused: 0, left: 1 }, "the answer was in view");
  await decide("Early");
  assert.deepEqual(scoreOf(state.rows), { done: 1, right: 0, network: 0, refused: 0, left: 0 });
  change(second, { decision: { ...second.decision, class: "Pre" } });
  assert.equal(scoreOf(state.rows).right, 0, "its folder was named by then");
  element("reader-withdraw").click();
  await turns();
  await decide("Pre");
  assert.equal(scoreOf(state.rows).right, 0);
});

test("a decision before the answer that came back from a file or a reload counts as well", async () => {
  await give();
  change(state.rows[0], { decision: { class: "Pro", certainty: "certain", blind: true, note: "" } });
  assert.deepEqual(scoreOf(state.rows), { done: 1, right: 1, network: 1, refused: 0, left: 1 });
});
