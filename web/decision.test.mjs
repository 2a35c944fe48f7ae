// What a reader decides. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import "./standin.mjs";

const { decisionFrom, decisionWords, enteredOf, isEnough, readings } = await import("./decision.js");

const entered = (name = "", certainty = "", note = "") => ({ class: name, certainty, note });

test("an answer is shown once a class and its certainty are given, or that it cannot be told", () => {
  assert.deepEqual([entered(), entered("Pro"), entered("", "certain"), entered("Pro", "doubtful"), entered("none")].map(isEnough), [false, false, false, true, true]);
  assert.deepEqual(readings, ["Benign", "Early", "Pre", "Pro", "none"]);
});

test("a decision is what was entered; without a class there is none, and what cannot be told has no certainty", () => {
  assert.equal(decisionFrom(entered("", "certain", "words"), null, false), null);
  assert.deepEqual(decisionFrom(entered("Pre", "probable", "words"), null, false), { class: "Pre", certainty: "probable", blind: false, note: "words" });
  assert.deepEqual(decisionFrom(entered("Pre", "probable"), null, true), { class: "Pre", certainty: "probable", blind: true, note: "" });
  assert.deepEqual(decisionFrom(entered("none", "certain"), null, true), { class: null, certainty: "", blind: true, note: "" });
});

test("a decision before the answer was seen is one no longer when it is changed afterwards; a note changes nothing", () => {
  const before = decisionFrom(entered("Pre", "probable"), null, true);
  assert.equal(decisionFrom(entered("Pre", "probable", "a note"), before, false).blind, true);
  assert.equal(decisionFrom(entered("Pro", "probable"), before, false).blind, false);
  assert.equal(decisionFrom(entered("Pre", "certain"), before, false).blind, false);
  assert.equal(decisionFrom(entered("none"), before, false).blind, false);
});

test("what was decided is what stands in the fields, or else what was entered so far", () => {
  assert.deepEqual(enteredOf({ decision: null, entered: null }), entered());
  assert.deepEqual(enteredOf({ decision: null, entered: entered("Pro") }), entered("Pro"));
  assert.deepEqual(enteredOf({ decision: { class: null, certainty: "", blind: true, note: "n" }, entered: entered("Pro") }), entered("none", "", "n"));
});

test("a decision in words says its class, how sure, and whether the answer was seen", () => {
  const words = (name, certainty, blind) => decisionWords({ class: name, certainty, blind, note: "" });
  assert.equal(words("Early", "doubtful", false), "you: Early pre-B, doubtful");
  assert.equal(words("Early", "doubtful", true), "you: Early pre-B, doubtful (before the answer)");
  assert.equal(words("Pro", "", false), "you: Pro-B");
  assert.equal(words(null, "", true), "you: cannot tell (before the answer)");
});
