// Several workers for many pictures.

/** How long a worker that has nothing to do is kept, in milliseconds. */
const patience = 5000;

/** Most workers: more would rather fill the memory than save time. */
const most = 4;

export class Crew {
  #hire;
  #lanes;

  /** first: the page's own bridge or its promise, which stays; hire() gives one for another lane. */
  constructor(first, hire, size = Math.min(navigator.hardwareConcurrency || 1, most)) {
    this.#hire = hire;
    this.#lanes = Array.from({ length: size }, (_, i) => ({ first: i === 0, bridge: i === 0 ? first : null, busy: false }));
  }

  /**
   * Lets every lane without work take some: next(first) gives a piece of work and
   * counts it as taken, perform(piece, bridge) does it. A lane that is not the first
   * is not given what would take much memory. idle() is called when nothing is left.
   */
  work(next, perform, idle) {
    for (const lane of this.#lanes) {
      if (!lane.busy) this.#run(lane, next, perform, idle);
    }
  }

  async #run(lane, next, perform, idle) {
    let piece = next(lane.first);
    if (!piece) return;
    lane.busy = true;
    clearTimeout(lane.leaving);
    const bridge = await (lane.bridge ??= this.#hire());
    for (; piece; piece = bridge.failure && !lane.first ? null : next(lane.first)) await perform(piece, bridge);
    if (!lane.first && bridge.failure) {
      // There was no room for another worker: this lane is given up, the others go on with its work.
      this.#lanes = this.#lanes.filter((other) => other !== lane);
      this.work(next, perform, idle);
    } else {
      lane.busy = false;
      if (!lane.first) lane.leaving = setTimeout(() => this.#dismiss(lane), patience);
    }
    if (this.#lanes.every(({ busy }) => !busy)) idle();
  }

  async #dismiss(lane) {
    const bridge = await lane.bridge;
    lane.bridge = null;
    bridge.end();
  }
}
