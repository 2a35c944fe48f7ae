// What a laboratory teaches the page, with a program that answers as told. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerTo, downloads, element, file, startProgram, turns } from "./standin.mjs";

const { closeSaved, receive } = await import("./case.js");
const { fit, followLab, giveCases } = await import("./lab.js");
const { viewLab, wireLab } = await import("./view-lab.js");
const { clear, take, undo, useNetwork } = await import("./selection.js");
const { hasUnsaved } = await import("./commands.js");
const { blankState, change, changeCase, onChange, state, update } = await import("./state.js");

const zero = [0, 0, 0, 0];
const judgement = { pictures: 24, slides: 6, logLoss: 0.9, correctedLogLoss: 0.31, right: 15, correctedRight: 22, standardError: 0.1 };
/** A profile as the program reads it: its hash is made of its name. */
const profileOf = (name, more = {}) => ({ profile: { format: "allnet profile 1", network: { name: "robust" }, classes: ["Benign", "Pre"], judgement, choices: null, ...more }, correction: { profile: name.padEnd(64, "0"), matrix: [zero, zero, zero, zero], bias: [-1, 0, 1, 0] } });
const replyOf = (profile) => ({ json: JSON.stringify(profile), file: new Uint8Array([123, 125]) });
const profileFile = (name, more) => new File([JSON.stringify({ format: "allnet profile 1", name, more })], `${name}.json`, { type: "application/json" });

const program = {
  classify: (message) => ({ json: JSON.stringify(answerTo(message)) }),
  judged: () => ({ json: JSON.stringify({ pictures: 24, slides: 6, why: "" }) }),
  profile: () => replyOf(profileOf("fitted")),
  readProfile: ({ file: bytes }) => {
    const { name, more } = JSON.parse(new TextDecoder().decode(bytes));
    return replyOf(profileOf(name, more));
  },
  compare: () => ({ json: JSON.stringify({ outcome: "same", sentence: "the same", missing: [], unanswered: [], added: [], differences: [], causes: [], remarks: [] }) }),
};
const asked = await startProgram(Object.fromEntries(Object.keys(program).map((job) => [job, (message) => program[job](message)])));
const { networks, network, engine, settings, presets } = state;
const { ...usual } = program;
onChange(followLab);
onChange(viewLab);
wireLab();
let last = 0;

beforeEach(async () => {
  Object.assign(program, usual);
  update({ ...blankState(), networks, network, engine, settings, presets });
  await turns();
  asked.length = downloads.length = 0;
});

const press = async (id) => {
  element(id).click();
  await turns();
};
const give = async (...names) => {
  take(names.map((name) => ({ name, source: { file: file(name, `${name} ${++last}`) } })));
  await turns();
};
const drop = async (...files) => {
  await receive(files.map((each) => ({ path: each.name, file: each, known: null })), false);
  await turns();
};
const usedOf = () => state.rows.map(({ answer }) => answer?.correction?.profile.replace(/0+$/, "") ?? null);
const decision = { class: "Pre", certainty: "certain", blind: false, note: "words of the reader" };

test("a profile is fitted to what the reader decided, here and in added cases, shown, and used only then", async () => {
  await give("a.png", "b.png");
  change(state.rows[0], { decision });
  changeCase({ shown: true, label: "S1" });
  await turns();
  const other = new File([JSON.stringify({ label: "S2", networks: [], pictures: [{ answer: { record: { file: "c.png", reason: "long" }, network: "robust", logits: [1, 2, 3, 4], scale: 0.5, source: { sha256: "c" }, regions: "long" }, explained: "long", decision }] })], "S2.json", { type: "application/json" });
  await giveCases([other]);
  await turns();
  const { cases } = JSON.parse(asked.findLast(({ job }) => job === "judged").json);
  assert.deepEqual(cases.map(({ label, pictures }) => [label, pictures.map((picture) => picture.decision?.class)]), [["S1", ["Pre", undefined]], ["S2", ["Pre"]]]);
  assert.doesNotMatch(JSON.stringify(cases), /long/, "no more is sent than a fit needs");
  assert.match(element("lab-standing").textContent, /24 pictures of 6 slides \(saved cases that were added: 1\)/);
  await press("lab-fit");
  assert.deepEqual(JSON.parse(asked.findLast(({ job }) => job === "profile").json).cases, cases);
  assert.equal(element("lab-shown-heading").textContent, "A profile, not used yet");
  assert.match(element("lab-caption").textContent, /^On 24 pictures of 6 slides, .* on 15 without .* on 22 with it/);
  assert.deepEqual(usedOf(), [null, null], "it is not used before somebody says so");
  await press("lab-use");
  assert.deepEqual(usedOf(), ["fitted", "fitted"], "all pictures are read again");
  assert.deepEqual(JSON.parse(asked.findLast(({ job }) => job === "classify").correction), profileOf("fitted").correction);
  assert.equal(element("lab-shown-heading").textContent, "The profile that is used");
  for (const row of state.rows) row.saved[`robust+${"fitted".padEnd(64, "0")}`] = null;
  change(state.rows[0], { decisionSaved: state.rows[0].decision });
  assert.equal(hasUnsaved(state), true, "a profile that was fitted would be lost with the page");
  await press("lab-save");
  assert.deepEqual(downloads, ["profile.robust.fitted00.allnet.json"]);
  assert.equal(hasUnsaved(state), false);
  await press("lab-stop");
  assert.deepEqual(usedOf(), [null, null]);
  await press("lab-drop");
  assert.deepEqual(state.lab.others, []);
});

test("what was decided on is counted without a list, too, and never shown of one that is gone", async () => {
  program.judged = ({ json }) => {
    const pictures = JSON.parse(json).cases.flatMap((each) => each.pictures).length;
    return { json: JSON.stringify({ pictures, slides: pictures, why: pictures > 0 ? "" : "There are none." }) };
  };
  await give("k.png");
  changeCase({ shown: true });
  await turns();
  assert.equal(state.lab.standing.pictures, 1);
  clear();
  assert.equal(state.lab.standing, null, "nor until it is counted anew");
  await turns();
  assert.equal(element("lab-standing").textContent, "There are none.");
  assert.equal(element("lab-fit").disabled, true);
  await giveCases([new File([JSON.stringify({ label: "S2", networks: [], pictures: [{ answer: { record: {}, source: {} }, decision }] })], "S2.json", { type: "application/json" })]);
  await turns();
  assert.equal(state.lab.standing.pictures, 1);
  await press("lab-fit");
  assert.equal(state.lab.offered?.network, "robust", "saved cases alone can be fitted to");
  changeCase({ shown: false });
  clear();
  undo();
  changeCase({ shown: true });
  await turns();
  assert.equal(state.lab.standing.pictures, 2);
});

test("no profile is lost that is used no more: it is shown again, and waits behind others where it was not saved", async () => {
  const fitted = async (name) => {
    program.profile = () => replyOf(profileOf(name));
    await fit();
    await turns();
  };
  const shown = () => [state.lab.offered, ...state.lab.behind].map((each) => each?.correction.profile.replace(/0+$/, ""));
  await give("l.png");
  for (const row of state.rows) row.saved = new Proxy({}, { has: () => true }); // answers are no matter here
  changeCase({ shown: true });
  await turns();
  await fitted("first");
  assert.equal(hasUnsaved(state), true, "it is in no file before it is used, either");
  await press("lab-use");
  useNetwork("article");
  await turns();
  assert.deepEqual([state.profile, ...shown()], [null, "first"]);
  assert.equal(element("lab-shown-heading").textContent, "A profile, not used yet");
  assert.equal(hasUnsaved(state), true);
  await fitted("second");
  assert.deepEqual(shown(), ["second", "first"]);
  await fitted("second");
  assert.deepEqual(shown(), ["second", "first"], "the same one is there once");
  await press("lab-use");
  assert.deepEqual(shown(), ["first"]);
  await press("lab-use");
  assert.deepEqual([...usedOf(), ...shown()], ["first", "second"], "the one that is replaced");
  await press("lab-save");
  assert.equal(downloads.at(-1), "profile.robust.second00.allnet.json");
  assert.equal(hasUnsaved(state), true, "the one that is used is not saved");
  await press("lab-stop");
  assert.deepEqual(shown(), [undefined], "it was given up by the reader");
  await press("lab-save");
  assert.equal(hasUnsaved(state), false);
  await press("lab-stop");
  assert.deepEqual([state.profile, ...shown()], [null, "first"]);
  await press("lab-stop");
  assert.deepEqual([state.profile, ...shown()], [null, undefined]);
});

test("what a profile tells is told of the pictures in the list, too, and taken back with it", async () => {
  const told = { diameter: 90, keepLight: true };
  const choices = { crop: null, diameter: 90, ground: null, keepSize: false, keepLight: true, keepStain: false };
  const toldOf = () => Object.fromEntries(state.rows.map((row) => [row.name, row.choices]));
  take([{ name: "drawn", source: { example: "drawn" } }]);
  await give("m.png", "own.png", "case.png");
  const own = state.rows.find(({ name }) => name === "own.png");
  change(own, { choices: { keepStain: true } });
  changeCase({ saved: { name: "", file: new Blob([]), label: "", network: "robust", correction: null, pictures: [{ name: "case.png", sha256: "", drawing: "", choices: null, field: null, settings: null, decision: null }] } });
  state.rows[1].explanations["article"] = { asked: true, second: null };
  await drop(profileFile("tells", { choices }));
  assert.deepEqual(toldOf(), { drawn: null, "m.png": null, "own.png": { keepStain: true }, "case.png": null }, "nothing before it is used");
  await press("lab-use");
  await give("n.png");
  take([{ name: "later", source: { example: "later" } }]);
  await turns();
  assert.deepEqual(toldOf(), { drawn: null, "m.png": told, "own.png": { keepStain: true }, "case.png": null, "n.png": told, later: null });
  change(state.rows.find(({ name }) => name === "n.png"), { choices: { ...told, keepSize: true } });
  await give("o.png");
  assert.deepEqual(toldOf()["o.png"], told);
  clear();
  await press("lab-stop");
  undo();
  await turns();
  assert.deepEqual(toldOf(), { drawn: null, "m.png": null, "own.png": { keepStain: true }, "case.png": null, "n.png": { ...told, keepSize: true }, later: null, "o.png": null }, "what the reader told stays");
  await press("lab-use");
  assert.deepEqual(toldOf()["m.png"], told);
  useNetwork("article");
  await turns();
  assert.deepEqual(toldOf()["m.png"], null, "another network ends it, too");
});

test("where there is too little, or nothing is gained, there is a reason and no figure", async () => {
  program.judged = () => ({ json: JSON.stringify({ pictures: 3, slides: 1, why: "There are too few." }) });
  await give("d.png");
  changeCase({ shown: true });
  await turns();
  assert.match(element("lab-standing").textContent, /There are too few\.$/);
  assert.equal(element("lab-fit").disabled, true);
  await fit();
  assert.ok(!asked.some(({ job }) => job === "profile"));
  program.judged = () => Promise.reject(new Error("one picture was judged twice"));
  change(state.rows[0], { decision });
  await turns();
  assert.match(element("lab-standing").textContent, /^What was decided on cannot be counted: one picture was judged twice\.$/);
  program.judged = usual.judged;
  program.profile = () => Promise.reject(new Error("A correction would gain nothing."));
  change(state.rows[0], { decision: { ...decision, class: "Pro" } });
  await turns();
  await press("lab-fit");
  assert.equal(element("lab-refusal").textContent, "A correction would gain nothing.");
  assert.equal(element("lab-shown").hidden, true);
  assert.equal(state.lab.fitting, false);
});

test("a dropped profile is shown first, and tells pictures that come what was told of all its own", async () => {
  await give("e.png");
  await drop(profileFile("given", { choices: { crop: null, diameter: 90, ground: null, keepSize: false, keepLight: true, keepStain: false } }));
  assert.equal(state.profile, null);
  assert.equal(element("lab").hidden, false);
  assert.ok(element("lab-said").children.some(({ dataset }) => /a red cell is 90 pixels wide; the light is left as it is/.test(dataset.key)));
  await press("lab-use");
  await give("f.png");
  assert.deepEqual(usedOf(), ["given", "given"]);
  assert.deepEqual(state.rows.map(({ choices }) => choices), [{ diameter: 90, keepLight: true }, { diameter: 90, keepLight: true }]);
  assert.equal(hasUnsaved({ ...state, rows: [] }), false, "its file is kept");
  program.readProfile = () => Promise.reject(new Error("the profile belongs to the network cells"));
  await drop(profileFile("other"));
  assert.match(state.notice, /^other\.json: the profile belongs to the network cells/);
  assert.equal(state.lab.offered, null);
  program.readProfile = usual.readProfile;
  await drop(profileFile("third"));
  await press("lab-stop");
  assert.equal(element("lab-shown").dataset.profile, "given".padEnd(64, "0"), "the one that was offered is gone");
  assert.deepEqual(usedOf(), ["given", "given"], "what is used stays");
});

test("a profile ends with the choice of another network, and what was read with it is not taken for what was read without", async () => {
  await give("g.png");
  await drop(profileFile("one"));
  await press("lab-use");
  const [row] = state.rows;
  row.explanations[`robust+${"one".padEnd(64, "0")}`] = { asked: true, second: null };
  clear();
  useNetwork("article");
  await turns();
  assert.equal(state.profile, null);
  undo();
  await turns();
  assert.deepEqual([state.rows[0].answer.network, ...usedOf()], ["article", null]);
  useNetwork("robust");
  await turns();
  const { explanationOf } = await import("./state.js");
  assert.deepEqual([explanationOf(row), ...usedOf()], [null, null]);
});

test("a list that was cleared while a profile was used is read again without it, where it is used no more", async () => {
  await give("j.png");
  await drop(profileFile("gone"));
  await press("lab-use");
  clear();
  await press("lab-stop");
  undo();
  await turns();
  assert.deepEqual(usedOf(), [null]);
});

test("a picture that is being read as a profile is chosen is read again with it", async () => {
  await drop(profileFile("late"));
  let answer;
  program.classify = (message) => new Promise((resolve) => { answer = () => resolve(usual.classify(message)); });
  take([{ name: "h.png", source: { file: file("h.png", "h") } }]);
  await turns();
  program.classify = usual.classify;
  element("lab-use").click();
  answer();
  await turns();
  assert.deepEqual(usedOf(), ["late"]);
});

test("a saved case is read again with its own profile, or with none, and an explanation with that of its answer", async () => {
  const { correction } = profileOf("case");
  const saved = (more) => new File([JSON.stringify({ label: "", networks: [{ name: "robust" }], pictures: [{ answer: { record: { file: "i.png" }, source: { sha256: "i" }, field: null, ...more }, explained: null, decision: null }] })], "case.json", { type: "application/json" });
  await drop(profileFile("used"));
  await press("lab-use");
  await drop(saved({ correction }), file("i.png", "i"));
  assert.deepEqual(usedOf(), ["case"]);
  assert.equal(state.lab.offered?.correction.profile, "used".padEnd(64, "0"), "what was used before is not lost");
  await press("lab-stop");
  assert.match(element("lab-said").children.map(({ dataset }) => dataset.key).join(), /not how it was judged/);
  assert.equal(element("lab-save").hidden, true, "there is no file of it");
  const { fieldOf } = await import("./explaining.js");
  assert.deepEqual(JSON.parse(fieldOf(state.rows[0], "robust", { pixels: null, cells: null }).correction), correction);
  closeSaved();
  await drop(saved({}));
  assert.deepEqual([state.profile, ...usedOf()], [null, null]);
});
