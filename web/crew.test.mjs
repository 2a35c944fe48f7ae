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
    const bridge = { name: `hired ${hired.length + 1}`, failure: null, ready: false, ended: false, end: () => { bridge.ended = true; } };
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
  return { crew, work: () => crew.work(next, perform, () => idle++), hired, running, done, pieces, idle: () => idle };
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

test("a worker is lent once it has started and has nothing to do, and takes up afterwards what came meanwhile", async () => {
  const { crew, work, hired, running, pieces } = setUp([]);
  const lent = [];
  let release = () => {};
  const use = (helper) => new Promise((resolve) => { lent.push(helper); release = () => resolve("done"); });
  assert.equal(await crew.lend(async () => assert.fail("a worker that has not started was lent")), null);
  assert.equal(hired.length, 1);

  hired[0].ready = true;
  const second = crew.lend(use);
  await turn();
  assert.deepEqual(lent, [hired[0]]);
  pieces.push("a", "b", "c");
  work();
  await turn();
  assert.deepEqual([...running.values()].map(({ bridge }) => bridge.name), ["first", "hired 2"]);
  release();
  assert.equal(await second, "done");
  await turn();
  assert.equal(running.get("c").bridge, hired[0]);
  assert.equal(await crew.lend(async () => assert.fail("a busy worker was lent")), null);
  for (const { release: end } of running.values()) end();
});

test("what fails with a worker that was lent is told, and a worker that cannot start is given up", async () => {
  const { crew, hired } = setUp([]);
  await crew.lend(async () => {});
  hired[0].ready = true;
  await assert.rejects(crew.lend(async () => { throw new Error("failed"); }), /failed/);
  assert.equal(hired.length, 1);
  hired[0].failure = new Error("no room");
  hired[0].ready = false;
  assert.equal(await crew.lend(async () => {}), null);
  await crew.lend(async () => {});
  assert.equal(hired.length, 2);
});
