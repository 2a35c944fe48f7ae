// What is drawn of an explanation, with a program that answers as told. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, file, startProgram, turns } from "./standin.mjs";

const { redraw } = await import("./explaining.js");
const { take } = await import("./selection.js");
const { state, update } = await import("./state.js");
const { readFirst } = await import("./view-decision.js");

test("what is being drawn when its answer is hidden is not shown", async () => {
  let drawn = () => {};
  const layer = new Uint8Array(4);
  await startProgram({
    classify: (message) => ({ json: JSON.stringify(answerTo(message)) }),
    draw: () => new Promise((resolve) => { drawn = () => resolve({ json: JSON.stringify({ regions: [] }), outline: layer, alone: layer, heat: layer }); }),
  });
  take([{ name: "a.png", source: { file: file("a.png") } }]);
  await turns();
  const classes = Array.from({ length: 4 }, (_, i) => ({ class: i, coefficients: [], order: [], readable: true }));
  const value = { explanation: { settings: state.settings, classes }, faithfulness: { gradCAM: classes.map(() => ({ map: [] })) } };
  state.rows[0].explanations.robust = { value, labels: new Uint16Array(4), second: null, lost: false, asked: true };
  update({ pixels: new Uint8ClampedArray(4) });
  const drawing = async (meanwhile) => {
    const done = redraw();
    await turns();
    meanwhile();
    drawn();
    return done;
  };
  assert.equal(await drawing(() => {}), true);
  assert.equal(state.drawn.regions.length, 0);
  assert.equal(await drawing(() => readFirst(true)), false);
  assert.equal(state.drawn, null);
});
