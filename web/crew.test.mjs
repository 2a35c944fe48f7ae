// The crew with bridges that do only what a test tells them. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { Crew } from "./crew.js";

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A crew of three lanes over pieces; perform waits until the test releases the piece. */
function setUp(pieces, { failing = () => false } = {}) {
  const first = { name: "first", failure: null };
  const hired = [];
  const running = new Map(); // piece: {bridge, release}
  const done = [];
  let idle = 0;
  const crew = new Crew(Promise.resolve(first), async () => {
    const bridge = { name: `hired ${hired.length + 1}`, failure: null, ended: false, end: () => { bridge.ended = true; } };
    hired.push(bridge);
    return bridge;
  }, 3);
  const next = (isFirst) => {
    const i = pieces.findIndex((piece) => isFirst || !piece.startsWith("large"));
    return i < 0 ? undefined : pieces.splice(i, 1)[0];
  };
  const perform = (piece, bridge) => new Promise((resolve) => {
    if (failing(bridge)) {
      bridge.failure = new Error("no room");
      pieces.unshift(piece);
      resolve();
      return;
    }
    running.set(piece, { bridge, release: () => { running.delete(piece); done.push(piece); resolve(); } });
  });
  return { work: () => crew.work(next, perform, () => idle++), hired, running, done, pieces, idle: () => idle };
}

test("one piece needs one worker; several share the work until none is left", async () => {
  const one = setUp(["a"]);
  one.work();
  await turn();
  assert.equal(one.hired.length, 0);

  const many = setUp(["a", "b", "c", "d", "e"]);
  many.work();
  await turn();
  assert.deepEqual([...many.running.keys()], ["a", "b", "c"]);
  assert.equal(new Set([...many.running.values()].map(({ bridge }) => bridge)).size, 3);
  many.running.get("b").release();
  await turn();
  assert.deepEqual([...many.running.keys()], ["a", "c", "d"]);
  assert.equal(many.idle(), 0);
  while (many.running.size > 0) {
    [...many.running.values()][0].release();
    await turn();
  }
  assert.deepEqual(many.done.sort(), ["a", "b", "c", "d", "e"]);
  assert.equal(many.idle(), 1);
});

test("what is large goes to the first worker alone", async () => {
  const { work, running } = setUp(["large 1", "large 2", "small"]);
  work();
  await turn();
  assert.deepEqual([...running.keys()], ["large 1", "small"]);
});

test("a worker that cannot start gives its work to the others", async () => {
  const { work, running, done, hired, pieces, idle } = setUp(["a", "b", "c"], { failing: ({ name }) => name !== "first" });
  work();
  await turn();
  while (running.size > 0) {
    [...running.values()][0].release();
    await turn();
  }
  assert.deepEqual(done.sort(), ["a", "b", "c"]);
  assert.deepEqual(pieces, []);
  assert.equal(hired.length, 2, "it is not tried again");
  assert.equal(idle(), 1);
});

test("more work that comes later is taken up", async () => {
  const { work, running, pieces, idle } = setUp(["a"]);
  work();
  await turn();
  pieces.push("b");
  work();
  await turn();
  assert.deepEqual([...running.keys()], ["a", "b"]);
  running.get("a").release();
  running.get("b").release();
  await turn();
  assert.equal(idle(), 1);
});
