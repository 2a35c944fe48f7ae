// What can be done in a state, without a page. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  awaitsExplanation, canAskSecond, canCancel, canChoose, canDecide, canExplain, canFilter, canSave, canSavePicture, canShowCase, canShowClass, canShowView, canShowWeights, canTake, canUndo, canUseNetwork,
  canWriteCase, hasUnsaved, hasVeiled, isChoosing, isComplete, isFiltered, isStale, offersExplanation, offersSecond, settingsAtOnce,
} from "./commands.js";
import { blankState } from "./state.js";

const settings = { hide: "mean", target: "log-odds", samples: 1000, features: 5, seed: 1, segmentation: {} };

/** An explanation that was made with some settings, and a second opinion of so many orders. */
function explanationWith(changes = {}, orders = 0) {
  return { value: { explanation: { settings: { ...settings, ...changes } } }, second: orders ? { shapley: { settings: { permutations: orders } } } : null, lost: false, asked: true };
}

/** A row that was answered: by a class, or refused where there is none. */
function answered(predicted = "Pro", explanations = {}) {
  return { id: 1, source: { file: {} }, status: "done", saved: {}, trust: {}, texts: {}, wanted: null, decision: null, decisionSaved: null, seen: false, explaining: null, explanations, answer: { network: "robust", picture: {}, logits: [1, 2, 3, 4], record: { abstained: predicted === null, predicted } } };
}

/** The state with a picture that was answered. */
function atRest(changes = {}, row = answered()) {
  return {
    ...blankState(), engine: { status: "ready", everReady: true, identity: {} }, network: "robust", settings, permutations: 200,
    rows: [row], selected: row.id, pixels: new Uint8ClampedArray(4), ...changes,
  };
}

/** The state in which an explanation is drawn. */
function explained(explanation = explanationWith(), changes = {}) {
  return atRest({ drawn: { explanation, class: { class: 3 } }, ...changes }, answered("Pro", { robust: explanation }));
}

const progress = { job: "explain", stage: "samples", share: 0.5, left: 1 };
const failed = { status: "failed", everReady: true, identity: {} };

test("before anything has happened nothing can be done, and pictures that come are taken", () => {
  const now = blankState();
  for (const can of [canAskSecond, canCancel, canChoose, canExplain, canSave, canSavePicture, canShowClass, canShowView, canShowWeights, canUndo, hasUnsaved, offersExplanation]) assert.equal(can(now), false, can.name);
  assert.equal(canTake(now), true);
});

test("an answer can be explained once its picture is there and all settings can be used, and while nothing else is being made", () => {
  assert.equal(canExplain(atRest()), true);
  for (const [why, changes] of Object.entries({ pixels: { pixels: null }, settings: { settings: null }, field: { invalid: ["permutations"] }, busy: { progress }, failed: { engine: failed } })) {
    assert.equal(canExplain(atRest(changes)), false, why);
  }
  assert.equal(canExplain(atRest({}, { ...answered(), answer: null })), false, "no answer yet");
  assert.equal(canExplain(atRest({}, { ...answered(null), answer: { network: "robust", logits: null, record: { abstained: true, predicted: null } } })), false, "nothing was computed");
  assert.equal(canExplain(atRest({}, answered(null))), true, "a refused one has evidence");
});

test("an explanation is offered again with other settings, not with another number of regions", () => {
  assert.equal(offersExplanation(explained()), false);
  assert.equal(isStale(explained(explanationWith({ features: 9 }))), false);
  for (const change of [{ seed: 2 }, { samples: 500 }, { hide: "black" }, { target: "probability" }]) {
    assert.equal(canExplain(explained(explanationWith(change))), true, JSON.stringify(change));
  }
});

test("an explanation that could not be drawn is offered again, except where only a class has to be chosen", () => {
  assert.equal(canExplain(explained(explanationWith(), { drawn: null })), false, "it is being drawn");
  assert.equal(canExplain(explained(explanationWith(), { drawn: null, undrawn: true })), true);
  const refused = atRest({ undrawn: true }, answered(null, { robust: explanationWith() }));
  assert.deepEqual([isChoosing(refused), canExplain(refused), canShowClass(refused)], [true, false, true]);
});

test("an explanation by one network is none of another's answer", () => {
  const now = atRest({}, answered("Pro", { article: explanationWith() }));
  assert.deepEqual([offersExplanation(now), canShowClass(now)], [true, false]);
});

test("a second opinion is offered once for each number of orders", () => {
  assert.equal(canAskSecond(atRest()), false, "nothing is drawn");
  assert.equal(canAskSecond(explained()), true);
  assert.equal(canAskSecond(explained(explanationWith({}, 200))), false);
  assert.equal(canAskSecond(explained(explanationWith({}, 100))), true);
  assert.equal(canAskSecond(explained(explanationWith(), { invalid: ["samples"] })), true, "it needs the number of orders alone");
  for (const [why, changes] of Object.entries({ orders: { invalid: ["permutations"] }, busy: { progress }, failed: { engine: failed }, pixels: { pixels: null } })) {
    assert.equal(canAskSecond(explained(explanationWith(), changes)), false, why);
  }
  assert.equal(offersSecond(explained(explanationWith(), { progress: { ...progress, job: "shapley" } })), false, "it is being made");
});

test("the weights are a choice where there are two, a class where there is an explanation, a view where something is drawn", () => {
  assert.deepEqual([canShowWeights(explained()), canShowClass(explained()), canShowView(explained())], [false, true, true]);
  assert.equal(canShowWeights(explained(explanationWith({}, 200))), true);
  for (const changes of [{ progress }, { engine: failed }]) {
    const now = explained(explanationWith({}, 200), changes);
    assert.deepEqual([canShowWeights(now), canShowClass(now), canShowView(now)], [false, false, true]);
  }
  assert.deepEqual([canShowWeights(atRest()), canShowClass(atRest()), canShowView(atRest())], [false, false, false]);
});

test("a network that failed its self-check is given nothing, and another can be chosen; a program that failed ends all", () => {
  const unfit = atRest({ unfit: { robust: "It failed." } });
  assert.deepEqual([canTake(unfit), canChoose(unfit), canUseNetwork(unfit)], [false, false, true]);
  const ended = atRest({ engine: failed });
  assert.deepEqual([canTake(ended), canChoose(ended), canUseNetwork(ended)], [false, false, false]);
  assert.deepEqual([canTake(atRest()), canChoose(atRest()), canUseNetwork(atRest())], [true, true, true]);
});

test("numbers can be saved where there is an answer, a picture where there are pixels too", () => {
  assert.deepEqual([canSave(atRest()), canSavePicture(atRest())], [true, true]);
  assert.deepEqual([canSave(atRest({ pixels: null })), canSavePicture(atRest({ pixels: null }))], [true, false]);
  assert.equal(canSave(atRest({}, { ...answered(), answer: null })), false);
});

test("what is being made can be cancelled, and what was cleared brought back", () => {
  assert.deepEqual([canCancel(atRest()), canCancel(atRest({ progress }))], [false, true]);
  assert.deepEqual([canUndo(atRest()), canUndo(atRest({ cleared: { rows: [], selected: null } }))], [false, true]);
});

test("unsaved is every answer and explanation that was not saved since, of what was given", () => {
  const explanation = explanationWith();
  const row = (changes) => atRest({}, { ...answered("Pro", changes.explanations ?? {}), ...changes });
  assert.equal(hasUnsaved(atRest()), true);
  assert.equal(hasUnsaved(row({ saved: { robust: null } })), false);
  assert.equal(hasUnsaved(row({ saved: { article: null } })), true, "the other network's answer was saved");
  assert.equal(hasUnsaved(row({ saved: { robust: null }, explanations: { robust: explanation } })), true, "it was explained since");
  assert.equal(hasUnsaved(row({ saved: { robust: explanation }, explanations: { robust: explanation } })), false);
  assert.equal(hasUnsaved(row({ saved: { robust: explanation }, explanations: { robust: explanation, article: explanationWith() } })), true, "the other network's was not");
  assert.equal(hasUnsaved(row({ saved: { robust: null }, explanations: { robust: { ...explanation, asked: false } } })), false, "what was not asked for comes again");
  assert.equal(hasUnsaved(row({ saved: { robust: null }, explanations: { robust: { ...explanationWith({}, 20), asked: false } } })), true, "the second opinion was asked for");
  assert.equal(hasUnsaved(row({ source: { example: "smear" } })), false, "a drawing is always there");
  assert.equal(hasUnsaved(row({ answer: { network: "robust", logits: null, record: { abstained: true, predicted: null } } })), false, "nothing was read");
  assert.equal(hasUnsaved({ ...atRest({ rows: [], selected: null }), cleared: { rows: [answered()], selected: 1 } }), true, "it can still be brought back");
  const decision = { class: "Pro", certainty: "certain", blind: false, note: "" };
  assert.equal(hasUnsaved(row({ source: { example: "smear" }, decision })), true, "what a reader decided comes from nowhere else");
  assert.equal(hasUnsaved(row({ source: { example: "smear" }, decision, decisionSaved: decision })), false);
  assert.equal(hasUnsaved(row({ source: { example: "smear" }, decision, decisionSaved: { ...decision } })), true, "it was changed since");
});

test("an answer is explained unasked, with few samples, once", () => {
  const now = atRest();
  const [row] = now.rows;
  assert.equal(settingsAtOnce(row, now), settings);
  const not = {
    "it is switched off": [row, { ...now, atOnce: false }],
    "many samples take their time": [row, { ...now, settings: { ...settings, samples: 10_001 } }],
    "nothing is known of the settings": [row, { ...now, settings: null }],
    "there is no answer yet": [{ ...row, answer: null, status: "working" }, now],
    "it is read again": [{ ...row, status: "waiting" }, now],
    "there is no answer": [answered(null), now],
    "it is the other network's answer": [row, { ...now, network: "article" }],
    "it is being explained": [{ ...row, explaining: row.answer }, now],
    "it is explained": [answered("Pro", { robust: explanationWith() }), now],
  };
  for (const [why, [each, state]] of Object.entries(not)) assert.equal(settingsAtOnce(each, state), null, why);
  const wanted = { ...settings, samples: 20_000, seed: 9 };
  assert.equal(settingsAtOnce({ ...answered(null), wanted }, { ...now, atOnce: false }), wanted, "a saved case has it explained so, whatever is set");
  assert.equal(settingsAtOnce({ ...answered("Pro", { robust: explanationWith() }), wanted }, now), null, "it is explained");
});

test("while an explanation comes unasked none is offered, and where it failed it is", () => {
  const working = { ...answered(), answer: null, status: "working" };
  assert.deepEqual([awaitsExplanation(atRest({}, working)), offersExplanation(atRest({}, working))], [true, false]);
  const row = answered();
  const explaining = { ...row, explaining: row.answer };
  assert.deepEqual([awaitsExplanation(atRest({}, explaining)), offersExplanation(atRest({}, explaining))], [true, false]);
  assert.deepEqual([awaitsExplanation(atRest()), offersExplanation(atRest())], [false, true], "nothing is on its way");
  const readAgain = { ...row, explaining: { ...row.answer } };
  assert.deepEqual([awaitsExplanation(atRest({}, readAgain)), settingsAtOnce(readAgain, atRest({}, readAgain))], [false, settings], "what is on its way is of an earlier answer");
  assert.deepEqual([awaitsExplanation(atRest({ atOnce: false }, working)), offersExplanation(atRest({ atOnce: false }, working))], [false, true]);
  assert.equal(awaitsExplanation(atRest({ unfit: { robust: "no" } }, working)), false);
});

test("while an answer is hidden nothing can be asked that would tell it", () => {
  const now = explained(explanationWith(), { readerFirst: true });
  const decided = { ...now, rows: [{ ...now.rows[0], decision: { class: "Pre", certainty: "probable", blind: true, note: "" } }] };
  for (const can of [canExplain, canSave, canSavePicture, canShowClass, offersExplanation, canWriteCase]) assert.equal(can(now), false, can.name);
  for (const can of [canSave, canSavePicture, canShowClass, canWriteCase]) assert.equal(can(decided), true, can.name);
  assert.deepEqual([canDecide(now), canDecide(decided)], [true, true]);
  assert.deepEqual([hasVeiled(now), hasVeiled(decided), hasVeiled({ ...now, readerFirst: false })], [true, false, false]);
});

test("what could not be read is not hidden: there is nothing to decide on", () => {
  const row = answered(null);
  const unreadable = { ...row, answer: { ...row.answer, picture: null } };
  assert.equal(hasVeiled(atRest({ readerFirst: true }, unreadable)), false);
  assert.equal(hasVeiled(atRest({ readerFirst: true }, row)), true, "a refusal is an answer");
  assert.equal(canDecide(atRest({}, unreadable)), false);
});

test("which pictures have no answer is shown only where no answer is hidden", () => {
  const rows = [answered(), { ...answered(null), id: 2 }];
  assert.equal(canFilter(atRest({ rows })), true);
  assert.equal(canFilter(atRest({ rows, readerFirst: true })), false);
  assert.equal(canFilter(atRest({ rows: [rows[0]] })), false);
  assert.deepEqual([true, false].map((readerFirst) => isFiltered(atRest({ rows, only: true, readerFirst }))), [false, true], "asked for before, it would tell as much");
  assert.equal(canFilter(atRest({ rows, only: true, readerFirst: true })), false);
  assert.deepEqual([canFilter, isFiltered].map((can) => can(atRest({ only: true }))), [true, true], "it can be ended where none is left");
});

test("a case is written once all of it is there, one file at a time", () => {
  const now = atRest();
  assert.equal(canWriteCase(now), true);
  assert.equal(isComplete(now), true);
  const not = {
    "no pictures": { rows: [], selected: null },
    "one is waiting": { rows: [answered(), { ...answered(), id: 2, status: "waiting" }] },
    "one is being explained": { rows: [answered()].map((each) => ({ ...each, explaining: each.answer })) },
    "the label is being looked at": { case: { ...now.case, naming: true } },
    "the label is refused": { case: { ...now.case, labelFault: "no" } },
    "another is being written": { case: { ...now.case, writing: { what: "csv", done: 0, total: 0 } } },
    "the program has ended": { engine: failed },
  };
  for (const [why, changes] of Object.entries(not)) assert.equal(canWriteCase({ ...now, ...changes }), false, why);
  assert.deepEqual([canShowCase(now), canShowCase(blankState())], [true, false]);
});
