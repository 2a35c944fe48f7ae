// How far an explanation is, and how long it will still take.

/** Seconds that each stage is expected to take; every explanation corrects it for the next. */
const expected = { segmentation: 0.6, tables: 0.4, samples: 0.1 };

/** Follows one explanation through its stages. Times are in milliseconds. */
export class Stopwatch {
  #begun;
  #entered;
  #stage = "segmentation";
  #part = 0;
  #share = 0;

  constructor(now) {
    this.#begun = this.#entered = now;
  }

  /** Takes a message about progress. */
  take({ stage, done, total }, now) {
    if (stage !== this.#stage) {
      this.#learn(now);
      this.#stage = stage;
      this.#entered = now;
    }
    this.#part = done / total;
  }

  /** {stage, share, left} at this moment: the share of the whole that is done, and the seconds left. */
  at(now) {
    const stages = Object.keys(expected);
    const inStage = (now - this.#entered) / 1000;
    const whole = this.#part > 0.05 ? inStage / this.#part : Math.max(expected[this.#stage], 1.1 * inStage);
    let left = whole - inStage;
    for (const later of stages.slice(stages.indexOf(this.#stage) + 1)) left += expected[later];
    const spent = (now - this.#begun) / 1000;
    this.#share = Math.max(this.#share, spent / (spent + left) || 0); // it never goes back
    return { stage: this.#stage, share: this.#share, left };
  }

  /** To be called when all is done. */
  finish(now) {
    this.#learn(now);
  }

  #learn(now) {
    expected[this.#stage] = (now - this.#entered) / 1000;
  }
}
