// Several workers: for many pictures, and for the halves of what is asked about one.

/** How long a worker that has nothing to do is kept, in milliseconds. */
const patience = 20_000;

/** Most workers: more would rather fill the memory than save time. */
const most = 4;

/** @import {Bridge} from "./bridge.js" */

/**
 * @typedef {object} Lane
 * @property {boolean} first
 * @property {Promise<Bridge> | null} bridge
 * @property {boolean} busy
 * @property {ReturnType<typeof setTimeout>} [leaving]
 */

/** @template Piece */
export class Crew {
  #hire;
  /** @type {Lane[]} */
  #lanes;
  /** Takes up again what was shared out last. */
  #again = () => {};

  /**
   * @param {Promise<Bridge>} first the page's own bridge, which stays
   * @param {() => Promise<Bridge>} hire gives one for another lane
   * @param {number} [size]
   */
  constructor(first, hire, size = Math.min(navigator.hardwareConcurrency || 1, most)) {
    this.#hire = hire;
    this.#lanes = Array.from({ length: size }, (_, i) => ({ first: i === 0, bridge: i === 0 ? first : null, busy: false }));
  }

  /**
   * Lets every lane without work take some: next(first) gives a piece of work and
   * counts it as taken, perform(piece, bridge) does it. A lane that is not the first
   * is not given what would take much memory. idle() is called when nothing is left.
   * @param {(first: boolean) => Piece | undefined} next
   * @param {(piece: Piece, bridge: Bridge) => Promise<void>} perform
   * @param {() => void} idle
   */
  work(next, perform, idle) {
    this.#again = () => this.work(next, perform, idle);
    for (const lane of this.#lanes) {
      if (!lane.busy) this.#run(lane, next, perform, idle);
    }
  }

  /**
   * @param {Lane} lane
   * @param {(first: boolean) => Piece | undefined} next
   * @param {(piece: Piece, bridge: Bridge) => Promise<void>} perform
   * @param {() => void} idle
   */
  async #run(lane, next, perform, idle) {
    let piece = next(lane.first);
    if (!piece) return;
    lane.busy = true;
    clearTimeout(lane.leaving);
    const bridge = await (lane.bridge ??= this.#hire());
    for (; piece; piece = bridge.failure && !lane.first ? undefined : next(lane.first)) await perform(piece, bridge);
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

  /**
   * Lends a worker that has nothing to do, and has one started for the next time where there is none: nobody waits for
   * its start. What is shared out meanwhile is left to the others, and to this one afterwards.
   * @template Result
   * @param {(helper: Bridge) => Promise<Result>} use
   * @returns {Promise<Result | null>} null where there was none
   */
  async lend(use) {
    const lane = this.#lanes.find(({ first, busy }) => !first && !busy);
    if (!lane) return null;
    clearTimeout(lane.leaving);
    lane.busy = true;
    const helper = await (lane.bridge ??= this.#hire());
    try {
      return helper.ready ? await use(helper) : null;
    } finally {
      lane.busy = false;
      if (helper.failure) this.#lanes = this.#lanes.filter((other) => other !== lane);
      else lane.leaving = setTimeout(() => this.#dismiss(lane), patience);
      this.#again();
    }
  }

  /** @param {Lane} lane */
  async #dismiss(lane) {
    const bridge = await lane.bridge;
    lane.bridge = null;
    bridge?.end();
  }
}
