import assert from "node:assert/strict";
import { test } from "node:test";
import { nucleiOf, sharedBy, sharedOfFive, strongest } from "./evidence.js";

test("the strongest regions are at most five, and all speak for the class", () => {
  assert.deepEqual(strongest([3, 0, 1, 2, 4, 5, 6], [-9, 5, 4, 9, 3, 2, 1]), [3, 1, 2, 4, 5]);
  assert.deepEqual(strongest([0, 1], [-1, 0]), []);
});

test("what two lists share is counted, and half lists are told from full ones", () => {
  assert.deepEqual(sharedBy([1, 2, 3, 4, 5], [5, 4, 3, 2, 9]), { shared: 4, all: 6, five: true });
  assert.deepEqual(sharedBy([1, 2], [2]), { shared: 1, all: 2, five: false });
  assert.deepEqual(sharedBy([], []), { shared: 0, all: 0, five: false });
});

test("the part that two full lists share tells how many they share", () => {
  for (let shared = 0; shared <= 5; shared++) assert.equal(sharedOfFive(shared / (10 - shared)), shared);
  assert.equal(sharedOfFive(0.5), null, "no two lists of five share half of what either has");
  assert.equal(sharedOfFive(0.6), null);
});

test("the nuclei in the shown regions are counted, and their weight is that of all regions", () => {
  const region = (weight, area, stained) => ({ weight, area, stained, nucleus: stained >= 60 });
  const regions = [region(-4, 100, 100), region(3, 200, 0), region(2, 300, 10), region(1, 100, 80)];
  assert.deepEqual(nucleiOf(regions, 2), { shown: 2, holding: 0, found: 2, weight: -4 + 2 / 30 + 0.8 });
  assert.deepEqual(nucleiOf(regions, 5), { shown: 3, holding: 1, found: 2, weight: -4 + 2 / 30 + 0.8 });
  assert.deepEqual(nucleiOf([], 5), { shown: 0, holding: 0, found: 0, weight: 0 });
});
