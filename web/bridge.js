// The bridge between the page and its worker. Jobs are done one at a time, in
// the order in which they were asked for. Whoever asks for a job may give an
// AbortSignal: a job that waits is then dropped, a job that runs is ended by
// ending the worker, and the next worker takes up what is waiting. A second one
// says that the answer is not wanted any more: that only drops a job that waits,
// since what a started worker has begun is mostly done before another would be.

/** Memory of a worker, in bytes, above which it is replaced once it has nothing to do. */
const largeMemory = 512 << 20;

export class Bridge {
  #start;
  #watch;
  #worker = null;
  #ready = false;
  #waiting = [];
  #running = null;
  #lastId = 0;
  #failure = null;

  /**
   * start: () => Worker, as loadPrograms returns it.
   * watch: called with ("starting"), ("ready", greeting) or ("failed", sentence).
   */
  constructor(start, watch) {
    this.#start = start;
    this.#watch = watch;
    this.#renew();
  }

  /** Runs a job; see wasm/main.go for names and values. Resolves with the answer; an error is marked unfit where the network failed its self-check. */
  run(job, values, { signal, unwanted, transfer = [], progress } = {}) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      unwanted?.throwIfAborted();
      if (this.#failure) throw this.#failure;
      const abort = () => this.#abort(task, signal.reason);
      const drop = () => this.#running !== task && this.#abort(task, unwanted.reason);
      const settle = (how) => (value) => {
        signal?.removeEventListener("abort", abort);
        unwanted?.removeEventListener("abort", drop);
        how(value);
      };
      const task = { id: ++this.#lastId, job, values, transfer, progress, resolve: settle(resolve), reject: settle(reject) };
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

  /** Ends the worker. Nothing may be asked of the bridge afterwards. */
  end() {
    this.#worker.terminate();
    this.#failure = new Error("ended");
  }

  #next() {
    if (!this.#ready || this.#running || this.#waiting.length === 0) return;
    const task = (this.#running = this.#waiting.shift());
    this.#worker.postMessage({ id: task.id, job: task.job, ...task.values }, task.transfer);
  }

  #abort(task, reason) {
    task.reject(reason);
    this.#waiting = this.#waiting.filter((other) => other !== task);
    if (this.#running === task) this.#renew();
  }

  #renew() {
    this.#worker?.terminate();
    this.#running = null;
    this.#ready = false;
    this.#watch("starting");
    const worker = (this.#worker = this.#start());
    worker.onmessage = ({ data }) => worker === this.#worker && this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#receive({ type: "exit", message: event.message });
    };
  }

  #receive(data) {
    const task = this.#running;
    switch (data.type) {
      case "ready":
        this.#ready = true;
        this.#watch("ready", JSON.parse(data.json));
        break;
      case "failed":
      case "exit":
        if (!this.#ready) {
          this.#fail(data.message); // another worker would only stop again
          return;
        }
        task?.reject(new Error("crashed"));
        this.#renew();
        return;
      case "progress":
        if (data.id === task?.id) task.progress?.(data);
        return;
      case "done":
      case "error":
        this.#running = null;
        if (data.type === "done") task.resolve(data);
        else task.reject(Object.assign(new Error(data.message), { unfit: data.unfit === true }));
        if (data.memory > largeMemory) this.#renew();
    }
    this.#next();
  }

  #fail(sentence) {
    this.#worker.terminate();
    this.#failure = new Error(sentence);
    this.#watch("failed", sentence);
    for (const task of this.#waiting.splice(0)) task.reject(this.#failure);
  }
}
