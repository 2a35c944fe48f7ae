// How far an explanation or a second opinion is, and how long it will take.

/** @import {Progress, Stage} from "./messages" */

/** Seconds that each stage is expected to take, the last ones for each sample or permutation; each time corrects it for the next. @type {Record<Stage, number>} */
const expected = { segmentation: 0.3, tables: 0.2, samples: 0.0001, permutations: 0.002, coalitions: 0.2 };

/** Follows one of them through its stages. Times are in milliseconds. */
export class Stopwatch {
  #begun;
  #entered;
  /** @type {Stage[]} */
  #stages;
  #amount;
  /** None yet: the program leaves out what it knows already. @type {Stage | null} */
  #stage = null;
  #part = 0;
  #share = 0;

  /**
   * @param {number} now
   * @param {"samples" | "permutations"} last the stage that ends it
   * @param {number} amount how many of these
   */
  constructor(now, last, amount) {
    this.#begun = this.#entered = now;
    this.#stages = ["segmentation", "tables", last];
    this.#amount = amount;
  }

  /** Takes a message about progress. @param {Pick<Progress, "stage" | "done" | "total">} message @param {number} now */
  take({ stage, done, total }, now) {
    if (stage !== this.#stage) {
      this.#learn(now);
      this.#stage = stage;
      this.#entered = now;
    }
    this.#part = done / total;
  }

  /** {stage, share, left} at this moment: the share of the whole that is done, and the seconds left. @param {number} now */
  at(now) {
    const stage = this.#stage ?? this.#stages[0];
    const inStage = (now - this.#entered) / 1000;
    const whole = this.#part > 0.05 ? inStage / this.#part : Math.max(this.#expected(stage), 1.1 * inStage);
    let left = whole - inStage;
    // What is not among them comes in the place of the last.
    const at = this.#stages.includes(stage) ? this.#stages.indexOf(stage) : this.#stages.length;
    for (const later of this.#stages.slice(at + 1)) left += this.#expected(later);
    const spent = (now - this.#begun) / 1000;
    this.#share = Math.max(this.#share, spent / (spent + left) || 0); // it never goes back
    return { stage: this.#stage ?? /** @type {const} */ ("start"), share: this.#share, left };
  }

  /** To be called when all is done. @param {number} now */
  finish(now) {
    this.#learn(now);
  }

  /** @param {Stage} stage */
  #expected(stage) {
    return expected[stage] * this.#times(stage);
  }

  /** @param {Stage} stage */
  #times(stage) {
    return stage === this.#stages.at(-1) ? this.#amount : 1;
  }

  /** @param {number} now */
  #learn(now) {
    if (this.#stage) expected[this.#stage] = (now - this.#entered) / 1000 / this.#times(this.#stage);
  }
}
