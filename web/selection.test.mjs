// The list of pictures, with a program that answers as told. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerTo, file, startProgram, turns } from "./standin.mjs";

const { filter, remove, step, take } = await import("./selection.js");
const { blankState, change, state, update } = await import("./state.js");

// A picture whose name begins with "no" is refused.
await startProgram({ classify: (message) => ({ json: JSON.stringify(answerTo(message, message.name.startsWith("no") ? { predicted: null, reason: "none", code: "stain" } : {})) }) });
const { networks, network, engine, settings, presets } = state;

beforeEach(async () => {
  update({ ...blankState(), networks, network, engine, settings, presets });
  await turns();
});

const give = async (...given) => {
  take(given.map((each) => ({ name: each, source: { file: file(each) } })));
  await turns();
};
const selected = () => state.rows.find(({ id }) => id === state.selected)?.name;

test("which pictures were not assessed is shown of those alone whose answers are, and not of those that come to be read first", async () => {
  await give("no 1.png", "a.png", "b.png");
  filter();
  assert.equal(selected(), "no 1.png");
  step(1);
  assert.equal(selected(), "no 1.png", "there is no other");
  const decision = { class: "Pre", certainty: "certain", blind: false, note: "" };
  for (const row of state.rows) change(row, { decision });
  update({ readerFirst: true });
  await give("no 2.png", "c.png");
  assert.equal(state.only, false);
  step(1);
  assert.equal(selected(), "c.png");
  // One whose decision is taken back is read first as well.
  for (const row of state.rows) change(row, { decision });
  filter();
  assert.equal(state.only, true);
  assert.equal(selected(), "no 1.png");
  change(state.rows[2], { decision: null });
  step(1);
  assert.equal(selected(), "a.png", "as long as that one is hidden");
});

test("what is said of a picture whose answer is hidden names no folder of its class", async () => {
  update({ readerFirst: true });
  const given = ["Pro/a.png", "Pro/b.png"].map((each) => ({ name: each, source: { file: file(each) }, known: "Pro" }));
  take(given);
  await turns();
  const [first] = state.rows;
  take([{ ...given[0], source: { file: file("Pro/a.png") } }]);
  assert.match(state.note, new RegExp(`Picture ${first.id}.* is in the list already`));
  remove(first);
  assert.match(state.note, new RegExp(`Picture ${first.id}.* was taken out`));
});
