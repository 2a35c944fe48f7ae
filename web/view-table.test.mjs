// How often the table of a case is drawn. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { element } from "./standin.mjs";

const { blankState, state } = await import("./state.js");
const { viewTable } = await import("./view-table.js");

test("while pictures are read the table is drawn now and then, also where a timer comes a moment too soon", () => {
  let [clock, timers] = [1000, []];
  performance.now = () => clock;
  globalThis.setTimeout = (then, wait) => timers.push({ then, wait });
  globalThis.clearTimeout = () => {};
  const row = (id) => ({ id, name: `${id}.png`, known: null, status: "waiting", answer: null, decision: null, trust: {}, thumb: null });
  Object.assign(state, { ...blankState(), rows: [row(1)], case: { ...blankState().case, shown: true } });
  const seen = () => element("lines-count").textContent;
  viewTable(state);
  const first = seen();
  element("lines-count").textContent = "stale";
  clock += 100;
  viewTable(state);
  viewTable(state);
  assert.deepEqual([seen(), timers.length], ["stale", 1], "it waits, once");
  const [early] = timers.splice(0);
  clock += early.wait - 0.5;
  early.then();
  assert.deepEqual([seen(), timers.length], ["stale", 1], "too soon: it waits again");
  const [{ then, wait }] = timers.splice(0);
  assert.equal(wait, 1, "a timer has whole milliseconds");
  clock += wait;
  then();
  assert.deepEqual([seen(), timers.length], [first, 0]);
});
