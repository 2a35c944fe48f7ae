import assert from "node:assert/strict";
import { test } from "node:test";
import { Stopwatch } from "./progress.js";

test("the share done grows, and what is left goes by what the stages took", () => {
  const first = new Stopwatch(1000);
  let last = -1;
  for (const [now, stage, done] of [[1500, "segmentation", 0], [3000, "segmentation", 1], [3500, "tables", 5], [4000, "tables", 10], [4100, "samples", 1], [4500, "samples", 5], [5000, "samples", 10]]) {
    first.take({ stage, done, total: stage === "segmentation" ? 1 : 10 }, now);
    const { share, left } = first.at(now);
    assert.ok(share >= last && share <= 1 && left >= 0, `${now}: ${share}, ${left}`);
    last = share;
  }
  first.finish(5000);

  // The next one expects 2 s, 1 s and 1 s, a little more or less for when the messages came.
  const second = new Stopwatch(0);
  assert.ok(Math.abs(second.at(0).left - 4) < 0.6, `${second.at(0).left}`);
  second.take({ stage: "segmentation", done: 1, total: 2 }, 3000); // twice as slow: 3 s more of this stage
  assert.ok(Math.abs(second.at(3000).left - 5) < 0.6, `${second.at(3000).left}`);
});
