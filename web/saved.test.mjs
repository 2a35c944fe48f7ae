// A saved case, as the page reads it again. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionIn, fromSaved, pictureIn, savedCase } from "./saved.js";

const told = { crop: null, diameter: 0, ground: null, keepSize: false, keepLight: false, keepStain: false };
const settings = { samples: 1000, seed: 3 };
const picture = (file, sha256, more = {}) => ({ answer: { record: { file }, source: { kind: "file", sha256 }, choices: told, field: 0 }, explained: { explanation: { settings } }, decision: null, ...more });
const decision = { class: "Pre", certainty: "certain", blind: true, note: "" };
const saved = savedCase("case.json", new Blob(), {
  label: "S24-1", networks: [{ name: "cells" }], pictures: [
    picture("a.png", "aa"),
    picture("sub/b.png", "bb", { decision, answer: { record: { file: "sub/b.png" }, source: { kind: "file", sha256: "bb" }, choices: { ...told, diameter: 44.5, keepStain: true }, field: 2 } }),
    picture("Drawing 1", "dd", { answer: { record: { file: "Drawing 1" }, source: { kind: "drawing", drawing: "one", sha256: "dd" }, choices: told, field: null }, explained: null }),
  ],
});

test("of a case is kept what its pictures have to be read again with", () => {
  assert.deepEqual([saved.label, saved.network, saved.pictures.length], ["S24-1", "cells", 3]);
  assert.deepEqual(saved.pictures[0], { name: "a.png", sha256: "aa", drawing: "", choices: null, field: 0, settings, decision: null });
  assert.deepEqual(saved.pictures[1].choices, { diameter: 44.5, keepStain: true });
  assert.deepEqual([saved.pictures[2].drawing, saved.pictures[2].settings], ["one", null]);
});

test("a picture is known by its name, a drawing by itself, and what was renamed by its bytes", () => {
  assert.equal(pictureIn(saved, "sub/b.png")?.sha256, "bb");
  assert.equal(pictureIn(saved, "b.png"), undefined);
  assert.equal(pictureIn(saved, "b.png", undefined, "bb")?.name, "sub/b.png");
  assert.equal(pictureIn(saved, "a.png", undefined, "bb")?.name, "a.png", "the name comes first: a picture that was swapped is found");
  assert.equal(pictureIn(saved, "whatever", "one")?.name, "Drawing 1");
  assert.equal(pictureIn(saved, "Drawing 1"), undefined, "a file of that name is no drawing");
});

test("a row takes from the case how it is read", () => {
  assert.deepEqual(fromSaved(saved, "sub/b.png"), { choices: { diameter: 44.5, keepStain: true }, field: 2, wanted: settings });
  assert.deepEqual(fromSaved(null, "a.png"), { choices: null, field: null, wanted: null });
  assert.deepEqual(fromSaved(saved, "other.png"), { choices: null, field: null, wanted: null });
});

test("a decision is of the bytes that it was made on", () => {
  assert.equal(decisionIn(saved, "bb"), decision);
  assert.equal(decisionIn(saved, "aa"), null, "none was made");
  assert.equal(decisionIn(saved, "sub/b.png"), null);
  assert.equal(decisionIn(null, "bb"), null);
});
