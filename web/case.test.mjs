// A case that is written, and one that is opened, with a program that answers as told. Run: node --test web/

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { answerTo, downloads, file, startProgram, turns } from "./standin.mjs";

const { caseName, closeSaved, followSaved, receive, writeCase } = await import("./case.js");
const { clear, closeNote, take } = await import("./selection.js");
const { blankState, change, changeCase, onChange, state, update } = await import("./state.js");
const { followDraft } = await import("./draft.js");
const { hasUnsaved } = await import("./commands.js");

onChange(followDraft);
onChange(followSaved);
/** What the program does next. */
const program = {
  classify: (message) => ({ json: JSON.stringify(answerTo(message)) }),
  case: () => ({ file: new Uint8Array([1]), table: new Uint8Array([2]) }),
  readProfile: () => ({ json: JSON.stringify({ profile: { network: { name: "robust" } }, correction: { profile: "p" } }), file: new Uint8Array([3]) }),
  compare: () => ({ json: JSON.stringify({ outcome: "same", sentence: "the same", missing: [], unanswered: [], added: [], differences: [], causes: [], remarks: [] }) }),
};
const asked = await startProgram(Object.fromEntries(Object.keys(program).map((job) => [job, (message) => program[job](message)])));
const { networks, network, engine, settings, presets } = state;
const { ...usual } = program;

beforeEach(async () => {
  Object.assign(program, usual);
  update({ ...blankState(), networks, network, engine, settings, presets });
  await turns();
  asked.length = downloads.length = 0;
});

const decision = { class: "Pre", certainty: "certain", blind: true, note: "" };

/** A case as it is saved: pictures by name and bytes, which are their SHA-256 too, the first with a decision. */
function saved(pictures, more = {}) {
  const all = pictures.map(([name, bytes], i) => ({ answer: { record: { file: name }, source: { kind: "file", sha256: bytes }, field: null }, explained: { explanation: { settings } }, decision: i === 0 ? decision : null, ...more }));
  return new File([JSON.stringify({ label: "S24-1", networks: [{ name: "robust" }], pictures: all })], "case.json", { type: "application/json" });
}

const found = (each, path = each.name) => ({ path, file: each, known: null });
const open = async (...files) => {
  await receive(files.map((each) => found(each)), false);
  await turns();
};
const rowOf = (name) => state.rows.find((row) => row.name === name);

test("a decision of a saved case comes back to its picture, whatever its name, and to no other of that name", async () => {
  await open(saved([["a.png", "case bytes 1"]]), file("a.png", "swapped 1"), file("renamed.png", "case bytes 1"));
  assert.equal(rowOf("a.png").decision, null, "another picture has its name");
  assert.deepEqual(rowOf("renamed.png").decision, decision);
});

test("a decision of a saved case comes back to pictures of the list too, and overrules none of the reader", async () => {
  take(["case bytes 2", "case bytes 3"].map((bytes) => ({ name: `${bytes}.png`, source: { file: file(`${bytes}.png`, bytes) } })));
  await turns();
  const own = { ...decision, class: "Benign" };
  change(rowOf("case bytes 3.png"), { decision: own });
  await turns();
  await open(saved([["x.png", "case bytes 2"], ["y.png", "case bytes 3"]].reverse()));
  assert.deepEqual(rowOf("case bytes 3.png").decision, own);
  assert.equal(rowOf("case bytes 2.png").decision, null, "the case holds none of it");
  changeCase({ saved: null });
  await open(saved([["x.png", "case bytes 2"]]));
  assert.deepEqual(rowOf("case bytes 2.png").decision, decision);
});

test("a decision that came from a file is not unsaved, and one that is made then is; without its case none comes", async () => {
  await open(saved([["b.png", "case bytes 4"]]), file("b.png", "case bytes 4"));
  const row = rowOf("b.png");
  assert.deepEqual(row.decision, decision);
  row.saved.robust = null; // the answer was saved
  assert.equal(hasUnsaved(state), false);
  change(row, { decision: { ...decision, class: "Pro" } });
  assert.equal(hasUnsaved(state), true);
  clear();
  closeNote();
  closeSaved();
  await open(file("b.png", "case bytes 4"));
  assert.equal(rowOf("b.png").decision, null);
});

test("a picture under another name is read once more as the case says, though a decision on it came back", async () => {
  await open(saved([["c.png", "case bytes 5"]]), file("d.png", "case bytes 5"));
  assert.equal(rowOf("d.png").wanted.samples, settings.samples);
  assert.equal(asked.filter(({ job }) => job === "classify").length, 2);
  assert.equal(state.case.comparison.outcome, "same");
});

/** Begins to write the case, gives what happens while the program is at it, and lets it be done. */
async function writing(what, meanwhile) {
  let done;
  program.case = () => new Promise((resolve) => { done = () => resolve({ file: new Uint8Array([1]), table: new Uint8Array([2]) }); });
  const written = writeCase(what);
  await turns();
  await meanwhile();
  done();
  await written;
  await turns();
}

test("what was decided while the case was being written is not saved with it, and what was decided before is", async () => {
  await open(file("e.png"), file("f.png"));
  change(rowOf("e.png"), { decision });
  await writing("json", () => {});
  assert.deepEqual(downloads, ["case.allnet.json"]);
  assert.equal(hasUnsaved(state), false);
  await writing("json", () => change(rowOf("f.png"), { decision }));
  assert.deepEqual(state.rows.map((row) => row.decisionSaved === row.decision), [true, false]);
  assert.equal(hasUnsaved(state), true);
  assert.match(asked.findLast(({ job }) => job === "case").json, /"decision":null\}\]/, "it does not stand in the file");
});

test("what was explained, and a picture that came, while the case was being written are not saved with it", async () => {
  await open(file("g.png"));
  const [row] = state.rows;
  await writing("json", () => { row.explanations.robust = { asked: true, second: null }; });
  assert.equal(hasUnsaved(state), true);
  row.saved.robust = row.explanations.robust;
  await writing("json", () => open(file("h.png")));
  assert.deepEqual(state.rows.map(({ saved: { robust } }) => robust !== undefined), [true, false]);
});

test("a label with a point in it is the whole label in the names of files", () => {
  changeCase({ label: "S24.0117" });
  assert.equal(caseName(["evidence"], "zip"), "case S24.0117.evidence.allnet.zip");
});

test("of several files of a folder that may be a case, the one that is one is opened", async () => {
  program.compare = ({ saved: bytes }) => (new TextDecoder().decode(bytes) === "{}" ? Promise.reject(new Error("not a case")) : usual.compare());
  const other = new File(["{}"], "a.json", { type: "application/json" });
  await receive([found(other), found(saved([["i.png", "case bytes 6"]])), found(file("i.png", "case bytes 6"))], true);
  await turns();
  assert.equal(state.case.saved?.name, "case.json");
  assert.match(state.note, /^1 file/, "the other one was left out");
  assert.equal(state.notice, "");
});

test("of a folder the first case is opened and the first profile shown, whichever comes first; only the others are left out", async () => {
  const profile = (name) => new File([`{"format": "allnet profile 1"}`], name, { type: "application/json" });
  for (const order of [(files) => files, (files) => files.reverse()]) {
    update({ ...blankState(), networks, network, engine, settings, presets });
    const files = order([found(profile("p.json")), found(saved([["j.png", "case bytes 7"]]))]);
    await receive([...files, found(file("j.png", "case bytes 7"))], true);
    await turns();
    assert.deepEqual([state.case.saved?.name, state.lab.offered?.network, state.note], ["case.json", "robust", ""], files[0].path);
  }
  await receive([found(profile("q.json")), found(profile("r.json"))], true);
  await turns();
  assert.equal(state.notice, "");
  assert.match(state.note, /^1 file/, "of two profiles one was left out");
});

test("a comparison that comes when answers are hidden meanwhile is not taken, and none stands while another is made", async () => {
  const compared = [];
  program.compare = ({ json }) => (JSON.parse(json).pictures.length === 0 ? usual.compare() : new Promise((resolve) => compared.push(() => resolve(usual.compare())))); // the first tells whether it is a case
  await open(saved([["k.png", "case bytes 8"]], { decision: null }), file("k.png", "case bytes 8"));
  update({ readerFirst: true });
  compared.shift()();
  await turns();
  assert.equal(state.case.comparison, null);
  update({ readerFirst: false });
  await turns();
  compared.shift()();
  await turns();
  assert.equal(state.case.comparison?.outcome, "same");
  await open(file("l.png"));
  assert.deepEqual([compared.length, state.case.comparison], [1, null]);
  compared.shift()();
  await turns();
});

test("a comparison that fails says so in its place, until another is made", async () => {
  let fails = true;
  program.compare = ({ json }) => (JSON.parse(json).pictures.length > 0 && fails ? Promise.reject(new Error("It failed.")) : usual.compare());
  await open(saved([["m.png", "case bytes 9"]], { decision: null }), file("m.png", "case bytes 9"));
  assert.deepEqual([state.case.comparison, state.case.uncompared], [null, "Its pictures were read, but not compared: It failed. Open the case once more to have that tried again."]);
  fails = false;
  await open(file("n.png"));
  await turns();
  assert.deepEqual([state.case.comparison?.outcome, state.case.uncompared], ["same", ""]);
});
