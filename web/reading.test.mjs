// What counts as read before the answer was seen. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerTo, element, file, startProgram, turns } from "./standin.mjs";

const { clear, closeNote, take, undo } = await import("./selection.js");
const { blankState, onChange, state, update } = await import("./state.js");
const { followDraft } = await import("./draft.js");
const { readFirst, wireDecision } = await import("./view-decision.js");
const { enteredOf } = await import("./decision.js");

wireDecision();
onChange(followDraft);
await startProgram({ classify: (message) => ({ json: JSON.stringify(answerTo(message)) }) });
const { networks, network, engine, settings, presets } = state;

let last = 0;
beforeEach(async () => {
  update({ ...blankState(), networks, network, engine, settings, presets });
  await turns();
});

/** Gives a picture, by default one that was never given, and chooses it. */
async function given(bytes = `bytes ${++last}`, more = {}) {
  const name = `${++last}.png`;
  take([{ name, source: { file: file(name, bytes) }, ...more }]);
  await turns();
  return state.rows.find((row) => row.name === name);
}

/** Reads the picture that is shown as a reader who sees no answer does, and gives the decision. */
async function read(row) {
  update({ selected: row.id, rows: state.rows.map((each) => each) });
  row.entered = { class: "Pre", certainty: "certain", note: "" };
  element("reader-decide").click();
  await turns();
  return row.decision;
}

const withdrawn = async (row) => {
  update({ selected: row.id });
  element("reader-withdraw").click();
  await turns();
};

test("what was read while its answer was hidden was read before it, and after the answer was shown it was not", async () => {
  readFirst(true);
  const row = await given();
  assert.equal((await read(row)).blind, true);
  await withdrawn(row);
  assert.equal((await read(row)).blind, false, "the answer was shown with the decision");
  readFirst(false);
  const other = await given();
  readFirst(true);
  assert.equal((await read(other)).blind, false);
});

test("a decision that came back shows the answer: taken back and made anew, it is none before it", async () => {
  readFirst(true);
  const row = await given();
  row.decision = { class: "Pre", certainty: "certain", blind: true, note: "" };
  update({ rows: state.rows });
  await turns();
  await withdrawn(row);
  assert.equal((await read(row)).blind, false);
});

test("a list that was cleared while answers were hidden, and came back when they were not, was seen", async () => {
  readFirst(true);
  const row = await given();
  clear();
  readFirst(false);
  undo();
  await turns();
  readFirst(true);
  assert.equal((await read(row)).blind, false);
});

test("a picture whose answer was shown stays seen: cleared for good and given again, or as a copy under another name", async () => {
  const row = await given("the same bytes");
  clear();
  closeNote();
  readFirst(true);
  assert.notEqual(await given("the same bytes"), row);
  assert.equal((await read(state.rows[0])).blind, false);

  const [first, twin] = [await given("twins"), await given("twins")];
  assert.equal((await read(first)).blind, true);
  assert.equal((await read(twin)).blind, false, "what is said of its twin is said of it");
});

test("that an answer was shown outlives a reload", async () => {
  await given("shown and reloaded");
  const { followDraft: followAnew } = await import("./draft.js?reloaded");
  update({ ...blankState(), networks, network, engine, settings, presets });
  followAnew(state);
  readFirst(true);
  assert.equal((await read(await given("shown and reloaded"))).blind, false);
  assert.equal((await read(await given("never shown"))).blind, true);
});

test("a picture of the live camera, which showed its answer, was seen", async () => {
  readFirst(true);
  assert.equal((await read(await given(undefined, { seen: true }))).blind, false);
});

test("a reading that was begun while the answer was hidden is none once it is shown", async () => {
  readFirst(true);
  const [row, cleared] = [await given(), await given()];
  for (const each of [row, cleared]) each.entered = { class: "Pre", certainty: "", note: "" };
  clear();
  readFirst(false);
  undo();
  await turns();
  assert.deepEqual([row, cleared].map((each) => enteredOf(each).class), ["", ""]);
});
