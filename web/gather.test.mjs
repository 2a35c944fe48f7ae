// What goes over all pictures of a case. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerTo, element, file, startProgram, turns } from "./standin.mjs";

const { cancelGathering, goOver } = await import("./gather.js");
const { remove, take, useNetwork } = await import("./selection.js");
const { blankState, change, state, update } = await import("./state.js");
const { text } = await import("./text.js");

await startProgram({ classify: (message) => ({ json: JSON.stringify(answerTo(message)) }) });
const { networks, network, engine, settings, presets } = state;

beforeEach(async () => {
  update({ ...blankState(), networks, network, engine, settings, presets });
  await turns();
  take(["a.png", "b.png", "c.png"].map((name) => ({ name, source: { file: file(name) } })));
  await turns();
});

/** Goes over all rows, and does something at the second, and something else once all is made; says which rows were gone over, and whether anything came of it. */
async function gone({ atSecond = () => {}, atEnd = () => {} }) {
  const [rows, over] = [[...state.rows], []];
  let given = false;
  await goOver("zip", rows, async (row) => {
    over.push(row.name);
    if (row === rows[1]) await atSecond(rows);
  }, async (hold) => {
    await atEnd(rows);
    hold();
    given = true;
  });
  await turns();
  return { over, given, notice: state.notice, writing: state.case.writing };
}

test("each row is gone over, in order", async () => {
  assert.deepEqual(await gone({}), { over: ["a.png", "b.png", "c.png"], given: true, notice: "", writing: null });
});

const changes = {
  "another network was chosen": () => useNetwork("article"),
  "another network was chosen and has answered": async () => { useNetwork("article"); await turns(); },
  "a picture was read again": ([first]) => change(first, { answer: null, status: "waiting" }),
  "a picture was taken out": ([, , last]) => remove(last),
  "a picture came": () => take([{ name: "d.png", source: { file: file("d.png") } }]),
};
for (const [what, happens] of Object.entries(changes)) {
  for (const when of ["atSecond", "atEnd"]) test(`where ${what} meanwhile, ${when}, nothing comes of it, and a sentence says so`, async () => {
    const { given, notice, writing, over } = await gone({ [when]: happens });
    assert.deepEqual([given, writing, notice], [false, null, text("case.changed")]);
    if (when === "atSecond") assert.deepEqual(over, ["a.png", "b.png"]);
  });
}

test("what the reader decides meanwhile changes nothing of the evidence, and who cancels is told no fault", async () => {
  const decision = { class: "Pre", certainty: "certain", blind: false, note: "" };
  assert.equal((await gone({ atSecond: ([first]) => change(first, { decision }) })).given, true);
  const cancelled = await gone({ atSecond: cancelGathering });
  assert.deepEqual([cancelled.given, cancelled.notice], [false, ""]);
  assert.equal(element("error-text").textContent, "");
});
