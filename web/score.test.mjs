// A test with pictures of known class. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { readingOf, remaining, scoreOf } from "./score.js";

const row = (name, known, predicted, probability, decided) => ({
  name, known, answer: { picture: {}, record: predicted ? { abstained: false, predicted, probabilities: { [predicted]: probability } } : { abstained: true, predicted: null } },
  decision: decided === undefined ? null : { class: decided, blind: true }, firstReading: null,
});
const rows = [
  row("sure", "Pro", "Pro", 0.99), row("hard", "Pre", "Pro", 0.5), row("refused", "Early", null, 0), row("unknown", null, "Pro", 0.4),
  row("right", "Pre", "Pro", 0.9, "Pre"), row("wrong", "Pro", "Pro", 0.9, "Pre"), row("cannot tell", "Early", null, 0, null),
  { ...row("unreadable", "Pro", null, 0), answer: { picture: null, record: { abstained: true } } },
];

test("the hardest comes first, what was refused last, and only what is known and can be seen", () => {
  assert.deepEqual(remaining(rows).map(({ name }) => name), ["hard", "sure", "refused"]);
});

test("the score counts what was decided on, of reader and network", () => {
  assert.deepEqual(scoreOf(rows), { done: 3, right: 1, network: 1, refused: 1, left: 3 });
});

test("what counts is what was read while the answer was hidden, not what was decided in view of it", () => {
  const [before, after] = [{ class: "Pre", blind: true }, { class: "Pro", blind: false }];
  assert.equal(readingOf({ decision: after, firstReading: null }), null);
  assert.equal(readingOf({ decision: before, firstReading: null }), before);
  assert.equal(readingOf({ decision: after, firstReading: before }), before, "it was changed afterwards");
  assert.equal(readingOf({ decision: null, firstReading: before }), null, "it was taken back");
});
