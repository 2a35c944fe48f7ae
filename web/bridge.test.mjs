// The bridge with workers that do only what a test tells them. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bridge } from "./bridge.js";

/** A bridge with the workers that it has started, and what it has told. */
function setUp(supply) {
  const workers = [];
  const told = [];
  const start = () => {
    const worker = {
      jobs: [],
      ended: false,
      postMessage: (job) => worker.jobs.push(job),
      terminate: () => { worker.ended = true; },
      say: (data) => worker.onmessage({ data }),
    };
    workers.push(worker);
    return worker;
  };
  return { bridge: new Bridge(start, (...words) => told.push(words), supply), workers, told };
}

const ready = { type: "ready", json: '{"x":1}' };

test("jobs wait for the worker and are then done one at a time, in order", async () => {
  const { bridge, workers: [worker], told } = setUp();
  const progress = [];
  const first = bridge.run("a", { value: 1 }, { progress: (message) => progress.push(message.done) });
  const second = bridge.run("b", {});
  assert.deepEqual(worker.jobs, []);
  worker.say(ready);
  assert.deepEqual(told, [["starting"], ["ready", { x: 1 }]]);
  assert.deepEqual(worker.jobs, [{ id: 1, job: "a", value: 1 }]);
  worker.say({ type: "progress", id: 1, done: 3 });
  worker.say({ type: "done", id: 1, json: "one" });
  worker.say({ type: "error", id: 2, message: "a sentence" });
  assert.equal((await first).json, "one");
  assert.deepEqual(progress, [3]);
  await assert.rejects(second, { message: "a sentence", unfit: false });
  assert.equal(worker.jobs[1].job, "b");
});

test("an error says whether it is the network that cannot be relied on", async () => {
  const { bridge, workers: [worker] } = setUp();
  const job = bridge.run("a", {});
  worker.say(ready);
  worker.say({ type: "error", id: 1, message: "the self-check failed", unfit: true });
  await assert.rejects(job, { message: "the self-check failed", unfit: true });
});

test("aborting the running job ends its worker, and the next one goes on with what waits", async () => {
  const { bridge, workers } = setUp();
  workers[0].say(ready);
  const controller = new AbortController();
  const first = bridge.run("a", {}, { signal: controller.signal });
  const second = bridge.run("b", {});
  controller.abort();
  await assert.rejects(first, { name: "AbortError" });
  assert.ok(workers[0].ended);
  workers[0].say({ type: "done", id: 2 }); // too late: nobody listens to it any more
  workers[1].say(ready);
  assert.deepEqual(workers[1].jobs, [{ id: 2, job: "b" }]);
  workers[1].say({ type: "done", id: 2, json: "two" });
  assert.equal((await second).json, "two");
});

test("aborting a job that waits leaves the worker alone", async () => {
  const { bridge, workers } = setUp();
  workers[0].say(ready);
  const controller = new AbortController();
  const first = bridge.run("a", {});
  const second = bridge.run("b", {}, { signal: controller.signal });
  controller.abort();
  await assert.rejects(second, { name: "AbortError" });
  workers[0].say({ type: "done", id: 1, json: "one" });
  assert.equal((await first).json, "one");
  assert.equal(workers.length, 1);
  assert.equal(workers[0].jobs.length, 1);
  await assert.rejects(bridge.run("c", {}, { signal: controller.signal }), { name: "AbortError" });
});

test("an answer that is not wanted any more is waited for if it is being made, and dropped if not", async () => {
  const { bridge, workers } = setUp();
  workers[0].say(ready);
  const controller = new AbortController();
  const options = { unwanted: controller.signal };
  const first = bridge.run("a", {}, options);
  const second = bridge.run("b", {}, options);
  controller.abort();
  await assert.rejects(second, { name: "AbortError" });
  assert.equal(workers[0].ended, false);
  workers[0].say({ type: "done", id: 1, json: "one" });
  assert.equal((await first).json, "one");
  assert.deepEqual(workers[0].jobs.map(({ job }) => job), ["a"]);
  await assert.rejects(bridge.run("c", {}, options), { name: "AbortError" });
});

test("a crash costs the running job only", async () => {
  const { bridge, workers } = setUp();
  workers[0].say(ready);
  const first = bridge.run("a", {});
  const second = bridge.run("b", {});
  workers[0].onerror({ message: "out of memory", preventDefault() {} });
  await assert.rejects(first, { message: "crashed" });
  workers[1].say(ready);
  workers[1].say({ type: "done", id: 2, json: "two" });
  assert.equal((await second).json, "two");
});

test("a worker that fails before it is ready is not started again, and all jobs are refused", async () => {
  const { bridge, workers, told } = setUp();
  const first = bridge.run("a", {});
  workers[0].say({ type: "failed", message: "the self-check failed" });
  await assert.rejects(first, { message: "the self-check failed" });
  await assert.rejects(bridge.run("b", {}), { message: "the self-check failed" });
  assert.deepEqual(told.at(-1), ["failed", "the self-check failed"]);
  assert.equal(workers.length, 1);
});

test("a worker that finds after it was ready that it cannot be relied on is not started again, and all jobs are refused", async () => {
  const { bridge, workers, told } = setUp();
  workers[0].say(ready);
  const [first, second] = [bridge.run("a", {}), bridge.run("b", {})];
  workers[0].say({ type: "failed", message: "the calibration belongs to other weights" });
  workers[0].say({ type: "exit", message: "exit code 1" });
  for (const job of [first, second, bridge.run("c", {})]) await assert.rejects(job, { message: "the calibration belongs to other weights" });
  assert.deepEqual(told.at(-1), ["failed", "the calibration belongs to other weights"]);
  assert.equal(workers.length, 1);
});

test("a worker that holds much memory is replaced once its job is done", async () => {
  const { bridge, workers } = setUp();
  workers[0].say(ready);
  const first = bridge.run("a", {});
  workers[0].say({ type: "done", id: 1, memory: 2 ** 31 });
  await first;
  assert.ok(workers[0].ended);
  assert.equal(workers.length, 2);
});

const turn = () => new Promise((resolve) => setTimeout(resolve));

test("each worker is given the weights of a network with the first job that names it, and no others", async () => {
  const asked = [];
  const { bridge, workers } = setUp((network) => {
    asked.push(network);
    return network === "inside" ? null : Promise.resolve(Uint8Array.of(network.length));
  });
  const jobs = () => workers.at(-1).jobs.map(({ network, weights }) => [network, weights?.[0]]);
  const done = async (values, signal) => {
    const job = bridge.run("a", values, { signal });
    await turn();
    workers.at(-1).say({ type: "done", id: workers.at(-1).jobs.at(-1).id, memory: 0 });
    return job;
  };
  workers[0].say(ready);
  await done({ network: "inside" });
  await done({ network: "one" });
  await done({ network: "one" });
  await done({ network: "other" });
  await done({});
  assert.deepEqual(jobs(), [["inside", undefined], ["one", 3], ["one", undefined], ["other", 5], [undefined, undefined]]);
  assert.equal(asked.filter((name) => name === "one").length, 1);

  const controller = new AbortController();
  const ended = bridge.run("a", {}, { signal: controller.signal });
  controller.abort();
  await assert.rejects(ended, { name: "AbortError" });
  workers[1].say(ready);
  await done({ network: "one" });
  assert.deepEqual(jobs(), [["one", 3]]); // another worker knows nothing of it
});

test("a job whose weights do not come fails alone, and one that is ended while they come is not done", async () => {
  let come = () => {};
  const { bridge, workers } = setUp((network) => (network === "cut" ? Promise.reject(new Error("incomplete")) : new Promise((resolve) => { come = () => resolve(Uint8Array.of(1)); })));
  workers[0].say(ready);
  const cut = bridge.run("a", { network: "cut" });
  const plain = bridge.run("b", {});
  await assert.rejects(cut, /incomplete/);
  workers[0].say({ type: "done", id: 2, memory: 0 });
  await plain;
  assert.deepEqual(workers[0].jobs.map(({ job }) => job), ["b"]);

  const controller = new AbortController();
  const late = bridge.run("c", { network: "late" }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(late, { name: "AbortError" });
  come();
  await turn();
  workers[1].say(ready);
  assert.deepEqual(workers.map(({ jobs }) => jobs.map(({ job }) => job)), [["b"], []]);
});
