// Which pictures are worth seeing. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import "./standin.mjs";

const { worthSeeing } = await import("./worth.js");

const line = (id, predicted, probability, more = {}) => ({ row: { id, name: `${id}` }, predicted, code: predicted ? "" : "stain", probability, fields: null, decision: null, ...more });
const decided = (name) => ({ class: name, certainty: "certain", blind: false, note: "" });

test("worth seeing are disagreements of all kinds and the three least certain answers, each with why, in order", () => {
  const lines = [
    line(1, "Pro", 0.99), line(2, "Pro", 0.6), line(3, "Pro", 0.7, { decision: decided("Pre") }), line(4, "Early", 0.98), line(5, "Pro", 0.97, { fields: { Benign: 0, Early: 1, Pre: 0, Pro: 2 } }),
    line(6, null, null), line(7, "Pro", 0.8), line(8, "Pro", 0.81, { decision: decided("Pro") }),
  ];
  const seen = worthSeeing(lines, [3, 4, 5, 2, 7, 8, 1, 6], "Pro");
  assert.deepEqual(seen.map(({ line: { row }, why }) => [row.id, why.join()]), [[3, "differs,least"], [4, "other"], [5, "divided"], [2, "least"], [7, "least"]]);
  assert.deepEqual(worthSeeing([line(1, null, null)], [1], null), [], "what was refused has no evidence");
});
