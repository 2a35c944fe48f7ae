import assert from "node:assert/strict";
import { test } from "node:test";
import { acrossRedCell, fieldAt, groundAt, helpFor, isWhole, partBetween, tidied } from "./choices.js";

const picture = { width: 1300, height: 1000 };

test("a line across a red cell tells its width in pixels of the picture, unless it is a slip", () => {
  assert.deepEqual(acrossRedCell([100, 100], [130, 140]), { diameter: 50, keepSize: false });
  assert.deepEqual(acrossRedCell([130.04, 140], [100, 100]), { diameter: 50, keepSize: false }, "in whichever direction, to a tenth of a pixel");
  assert.equal(acrossRedCell([10, 10], [13, 13]), null);
});

test("a part is what lies between two corners, within the picture, in whole pixels", () => {
  assert.deepEqual(partBetween([200.4, 300.6], [100.2, 50], picture), { x: 100, y: 50, width: 100, height: 251 });
  assert.deepEqual(partBetween([-50, 900], [2000, 1200], picture), { x: 0, y: 900, width: 1300, height: 100 });
  assert.equal(partBetween([100, 100], [105, 400], picture), null, "too narrow");
  assert.equal(isWhole({ x: 0, y: 0, ...picture }, picture), true);
  assert.equal(isWhole({ x: 0, y: 0, width: 1300, height: 999 }, picture), false);
});

test("the ground's colour is that around the place, whatever size the picture is shown in, and no speck's", () => {
  const [width, height] = [130, 100];
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) pixels.set(i % width < 65 ? [240, 230, 220, 255] : [10, 20, 30, 255], 4 * i);
  pixels.set([0, 0, 0, 255], 4 * (50 * width + 20)); // a speck
  assert.deepEqual(groundAt({ pixels, width, height }, [205, 505], picture), [240, 230, 220]);
  assert.deepEqual(groundAt({ pixels, width, height }, [1300, 1000], picture), [10, 20, 30], "at the rim, too");
});

test("choices that choose nothing are none", () => {
  assert.equal(tidied({ keepSize: false, keepLight: undefined, diameter: 0 }), null);
  assert.deepEqual(tidied({ keepSize: false, diameter: 40, keepStain: true }), { diameter: 40, keepStain: true });
});

test("of fields that overlap the one whose middle is nearest is meant", () => {
  const field = (x) => ({ x, y: 0, width: 500, height: 500, cells: 1, weight: 0.5, probabilities: null });
  assert.equal(fieldAt([field(0), field(400)], [440, 100]), 0);
  assert.equal(fieldAt([field(0), field(400)], [460, 100]), 1);
  assert.equal(fieldAt([field(0), field(400)], [950, 100]), -1);
});

test("where a control helps against a reason, it is named", () => {
  assert.equal(helpFor("magnification"), "measure");
  assert.equal(helpFor("too small"), "measure");
  assert.equal(helpFor("stain"), "ground");
  assert.equal(helpFor("close"), null);
  assert.equal(helpFor(undefined), null);
});
