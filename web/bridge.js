// The bridge between the page and its worker. Jobs are done one at a time, in
// the order in which they were asked for. Whoever asks for a job may give an
// AbortSignal: a job that waits is then dropped, a job that runs is ended by
// ending the worker, and the next worker takes up what is waiting. A second one
// says that the answer is not wanted any more: that only drops a job that waits,
// since what a started worker has begun is mostly done before another would be.

import { Fault } from "./fault.js";

/** @import {Done, Greeting, Job, Jobs, Json, Message, Progress} from "./messages" */

/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal] ends the job
 * @property {AbortSignal} [unwanted] drops it if it waits
 * @property {Transferable[]} [transfer] what is given away, not copied
 * @property {(message: Progress) => void} [progress] is told how far it is
 */

/** @typedef {(...told: ["starting", undefined?] | ["ready", Greeting] | ["failed", string]) => void} Watch */

/**
 * A job that waits or runs.
 * @typedef {object} Task
 * @property {Job} message
 * @property {Transferable[]} transfer
 * @property {((message: Progress) => void) | undefined} progress
 * @property {(reply: any) => void} resolve with Done of its job
 * @property {(reason: unknown) => void} reject
 */

/** The value of a JSON text. @template T @param {Json<T>} json @returns {T} */
export function parse(json) {
  return JSON.parse(json);
}

/** A value as JSON text. @template T @param {T} value */
export function written(value) {
  return /** @type {Json<T>} */ (JSON.stringify(value));
}

/** Memory of a worker, in bytes, above which it is replaced once it has nothing to do. */
const largeMemory = 512 << 20;

export class Bridge {
  /** @type {() => Worker} */
  #start;
  /** @type {Watch} */
  #watch;
  /** @type {Worker} */
  #worker;
  #ready = false;
  /** @type {Task[]} */
  #waiting = [];
  /** @type {Task | null} */
  #running = null;
  #lastId = 0;
  #supply;
  /** Networks whose weights this worker was given. @type {Set<string>} */
  #supplied = new Set();
  /** @type {Fault | null} */
  #failure = null;

  /**
   * @param {() => Worker} start as loadPrograms returns it
   * @param {Watch} watch called with ("starting"), ("ready", greeting) or ("failed", sentence)
   * @param {(network: string) => Promise<Uint8Array> | null} [supply] the weights of a network; null where the program has them
   */
  constructor(start, watch, supply = () => null) {
    this.#start = start;
    this.#watch = watch;
    this.#supply = supply;
    this.#worker = this.#hire();
  }

  /**
   * Runs a job. Resolves with the answer, rejects with a Fault or with the reason of a signal.
   * @template {keyof Jobs} J
   * @param {J} job
   * @param {Jobs[J]["values"]} values
   * @param {Options} [options]
   * @returns {Promise<Done<J>>}
   */
  run(job, values, { signal, unwanted, transfer = [], progress } = {}) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      unwanted?.throwIfAborted();
      if (this.#failure) throw this.#failure;
      const abort = () => this.#abort(task, signal?.reason);
      const drop = () => {
        if (this.#running !== task) this.#abort(task, unwanted?.reason);
      };
      const settle = (/** @type {(value: any) => void} */ how) => (/** @type {unknown} */ value) => {
        signal?.removeEventListener("abort", abort);
        unwanted?.removeEventListener("abort", drop);
        how(value);
      };
      /** @type {Task} */
      const task = { message: /** @type {Job} */ ({ id: ++this.#lastId, job, ...values }), transfer, progress, resolve: settle(resolve), reject: settle(reject) };
      signal?.addEventListener("abort", abort);
      unwanted?.addEventListener("abort", drop);
      this.#waiting.push(task);
      this.#next();
    });
  }

  /** The error with which it gave up for good, or null. */
  get failure() {
    return this.#failure;
  }

  /** Whether a worker has started and would begin at once with what it is asked. */
  get ready() {
    return this.#ready && !this.#failure && !this.#running && this.#waiting.length === 0;
  }

  /** Ends the worker. Nothing may be asked of the bridge afterwards. */
  end() {
    this.#worker.terminate();
    this.#failure = new Fault("over", "ended");
  }

  #next() {
    if (!this.#ready || this.#running || this.#waiting.length === 0) return;
    const [task] = this.#waiting.splice(0, 1);
    this.#running = task;
    const network = "network" in task.message ? task.message.network : undefined;
    const weights = network && !this.#supplied.has(network) ? this.#supply(network) : null;
    if (!network || !weights) this.#worker.postMessage(task.message, task.transfer);
    else this.#post(task, network, weights);
  }

  /**
   * Posts a task with the weights of its network, which may still be on their way.
   * @param {Task} task
   * @param {string} network
   * @param {Promise<Uint8Array>} weights
   */
  async #post(task, network, weights) {
    const worker = this.#worker;
    try {
      const message = { ...task.message, weights: await weights };
      if (this.#running !== task || this.#worker !== worker) return; // it was ended meanwhile
      this.#supplied.add(network);
      worker.postMessage(message, task.transfer);
    } catch (error) {
      if (this.#running !== task) return;
      this.#running = null;
      task.reject(error);
      this.#next();
    }
  }

  /** @param {Task} task @param {unknown} reason */
  #abort(task, reason) {
    task.reject(reason);
    this.#waiting = this.#waiting.filter((other) => other !== task);
    if (this.#running === task) this.#renew();
  }

  #renew() {
    this.#worker.terminate();
    this.#worker = this.#hire();
  }

  #hire() {
    this.#running = null;
    this.#ready = false;
    this.#supplied.clear();
    this.#watch("starting");
    const worker = this.#start();
    worker.onmessage = ({ data }) => worker === this.#worker && this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#receive({ type: "exit", message: event.message });
    };
    return worker;
  }

  /** @param {Message} data */
  #receive(data) {
    if (this.#failure) return;
    const task = this.#running;
    switch (data.type) {
      case "ready":
        this.#ready = true;
        this.#watch("ready", parse(data.json));
        break;
      case "failed":
        this.#fail(data.message);
        return;
      case "exit":
        if (!this.#ready) {
          this.#fail(data.message); // another worker would only stop again
          return;
        }
        task?.reject(new Fault("crashed"));
        this.#renew();
        return;
      case "progress":
        if (data.id === task?.message.id) task.progress?.(data);
        return;
      case "done":
      case "error":
        this.#running = null;
        if (data.type === "done") task?.resolve(data);
        else task?.reject(new Fault(data.unfit ? "unfit" : "program", data.message));
        if (data.memory > largeMemory) this.#renew();
    }
    this.#next();
  }

  /** @param {string} sentence */
  #fail(sentence) {
    this.#worker.terminate();
    this.#failure = new Fault("over", sentence);
    this.#watch("failed", sentence);
    this.#running?.reject(this.#failure);
    for (const task of this.#waiting.splice(0)) task.reject(this.#failure);
  }
}
