// What the page says of a saved case that was computed again. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { element } from "./standin.mjs";

const { viewCase } = await import("./view-case.js");
const { blankState } = await import("./state.js");

const row = (id, changes = {}) => ({ id, name: `${id}.png`, known: null, status: "done", answer: { network: "robust", picture: {}, record: { predicted: "Pro" } }, decision: null, explanations: {}, explaining: null, trust: {}, ...changes });
const comparison = {
  outcome: "same", sentence: "the same to the last bit", causes: ["a cause"], remarks: ["a remark"], missing: ["missing Pro.png"], unanswered: ["unanswered Pro.png"], added: ["added Pro.png"],
  differences: [{ file: "1.png", path: "predicted", saved: "Pro", again: "Pre" }], more: 3,
};
const saved = { name: "case.json", pictures: [{ name: "missing Pro.png", decision: null }] };

/** What is said of the saved case. */
function said(changes) {
  const blank = blankState();
  element("again-said").replaceChildren();
  viewCase({ ...blank, rows: [row(1), row(2)], ...changes, case: { ...blank.case, shown: true, saved, comparison } });
  return {
    outcome: element("again").dataset.outcome, heading: element("again-heading").textContent, more: !element("differences-more").hidden, differences: !element("differences-box").hidden,
    sentences: element("again-said").children.map(({ children: [words] }) => words),
  };
}

test("the comparison of a saved case is shown once all of the list was read", () => {
  const { outcome, heading, more, differences, sentences } = said({});
  assert.deepEqual([outcome, heading, more, differences], ["same", "Computed again: the same to the last bit", true, true]);
  for (const words of ["the same to the last bit", "a cause", "a remark", /^Needed still: missing Pro/, /^Not explained again: /, /^Not in the case: /]) assert.ok(sentences.some((each) => each.match(words)), `${words} in ${sentences}`);
});

test("while an answer is hidden nothing of the comparison is shown, nor a picture's name, which may tell its class", () => {
  assert.deepEqual(said({ readerFirst: true }), { outcome: "", heading: "A saved case, to be computed again", more: false, differences: false, sentences: ["case.json: 1 pictures."] });
  const decision = { class: "Pro", certainty: "certain", blind: true, note: "" };
  assert.equal(said({ readerFirst: true, rows: [row(1, { decision })] }).outcome, "same", "once all are decided on it is");
});

test("the comparison of before does not stand while the list is read again", () => {
  const { outcome, heading, more, differences, sentences } = said({ rows: [row(1), row(2, { status: "waiting", answer: null })] });
  assert.deepEqual([outcome, heading, more, differences], ["", "A saved case, to be computed again", false, false]);
  assert.deepEqual(sentences, ["case.json: 1 pictures.", "Its pictures are read again …", "Needed still: missing Pro.png"]);
});
