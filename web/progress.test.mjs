import assert from "node:assert/strict";
import { test } from "node:test";
import { Stopwatch } from "./progress.js";

/** Follows one explanation of three stages, which take 2, 1 and 1 s. */
function first() {
  const watch = new Stopwatch(1000, "samples", 1000);
  watch.take({ stage: "segmentation", done: 0, total: 1 }, 1000);
  let last = -1;
  for (const [now, stage, done] of [[1500, "segmentation", 0], [3000, "segmentation", 1], [3000, "tables", 0], [3500, "tables", 5], [4000, "tables", 10], [4100, "samples", 1], [4500, "samples", 5], [5000, "samples", 10]]) {
    watch.take({ stage, done, total: stage === "segmentation" ? 1 : 10 }, now);
    const { share, left } = watch.at(now);
    assert.ok(share >= last && share <= 1 && left >= 0, `${now}: ${share}, ${left}`);
    last = share;
  }
  watch.finish(5000);
}

test("the share done grows, and what is left goes by what the stages took", () => {
  first();
  // The next one expects 2 s, 1 s and 1 s, a little more or less for when the messages came.
  const second = new Stopwatch(0, "samples", 1000);
  assert.equal(second.at(0).stage, "start");
  assert.ok(Math.abs(second.at(0).left - 4) < 0.6, `${second.at(0).left}`);
  second.take({ stage: "segmentation", done: 0, total: 2 }, 0);
  second.take({ stage: "segmentation", done: 1, total: 2 }, 3000); // twice as slow: 3 s more of this stage
  assert.ok(Math.abs(second.at(3000).left - 5) < 0.6, `${second.at(3000).left}`);
});

test("stages that are left out teach nothing", () => {
  first();
  const again = new Stopwatch(0, "samples", 1000);
  again.take({ stage: "samples", done: 1, total: 2 }, 500);
  assert.equal(again.at(500).stage, "samples", 1000);
  again.take({ stage: "samples", done: 2, total: 2 }, 1000);
  again.finish(1000);
  const other = new Stopwatch(0, "samples", 1000).at(0).left; // another picture: all three stages
  assert.ok(other > 3, `${other} s expected where 2 + 1 + 0.5 are to come`);
});

test("a second opinion ends with its own stage", () => {
  first();
  const watch = new Stopwatch(0, "permutations", 200);
  watch.take({ stage: "permutations", done: 1, total: 4 }, 0);
  watch.take({ stage: "permutations", done: 2, total: 4 }, 3000);
  assert.ok(Math.abs(watch.at(3000).left - 3) < 0.01, `${watch.at(3000).left}`);
  assert.equal(watch.at(3000).stage, "permutations", 200);
});

test("ten times as many samples are expected to take ten times as long", () => {
  first();
  const watch = new Stopwatch(0, "samples", 10_000);
  assert.ok(Math.abs(watch.at(0).left - 13) < 1.6, `${watch.at(0).left} s where 2 + 1 + 10 are to come`);
});
