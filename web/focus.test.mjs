// Where the focus goes when what has it goes away. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { element, turns } from "./standin.mjs";

const { holdFocus, mendFocus, rememberFocus } = await import("./focus.js");

const places = ["cancel", "undo", "trust-heading", "explain", "result-heading", "case-cancel", "overview-heading", "file-input", "save-case", "filter-none"];
/** What can be seen of the page. */
const see = (...seen) => { for (const id of places) element(id).hidden = !seen.includes(id); };
beforeEach(() => see("overview-heading", "file-input", "save-case", "filter-none", "undo"));

/** Draws: what changes() does is what the views do. */
function draw(changes) {
  rememberFocus();
  changes();
  mendFocus();
  return document.activeElement.id;
}

test("in the case, what goes away gives the focus to what stops it, or to the case's heading, and not to the choosing of files", () => {
  element("save-case").focus();
  assert.equal(draw(() => { element("save-case").disabled = true; element("case-cancel").hidden = false; }), "case-cancel");
  assert.equal(draw(() => { element("save-case").disabled = false; element("case-cancel").hidden = true; }), "overview-heading");
  element("filter-none").focus();
  assert.equal(draw(() => { element("filter-none").hidden = true; }), "overview-heading");
});

test("of one picture, as before: to what is next there, and to the choosing of files where nothing is", () => {
  see("result-heading", "file-input", "save-case");
  element("save-case").focus();
  assert.equal(draw(() => { element("save-case").hidden = true; }), "result-heading");
  see("file-input", "save-case");
  element("save-case").focus();
  assert.equal(draw(() => see("file-input")), "file-input");
});

test("a button that was switched off while its file was being made has the focus again, unless that was taken elsewhere", async () => {
  const press = () => {
    element("save-case").focus();
    const giveBack = holdFocus();
    draw(() => { element("save-case").disabled = true; });
    return async () => {
      draw(() => { element("save-case").disabled = false; });
      giveBack();
      await turns();
      return document.activeElement.id;
    };
  };
  assert.equal(await press()(), "save-case");
  const done = press();
  element("filter-none").focus();
  assert.equal(await done(), "filter-none");
});
