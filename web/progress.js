// How far an explanation or a second opinion is, and how long it will take.

/** Seconds that each stage is expected to take, the last ones for each sample or permutation; each time corrects it for the next. */
const expected = { segmentation: 0.3, tables: 0.2, samples: 0.0001, permutations: 0.002 };

/** Follows one of them through its stages. Times are in milliseconds. */
export class Stopwatch {
  #begun;
  #entered;
  #stages;
  #amount;
  #stage = null; // none yet: the program leaves out what it knows already
  #part = 0;
  #share = 0;

  /** last: the stage that ends it, samples or permutations; amount: how many of these. */
  constructor(now, last, amount) {
    this.#begun = this.#entered = now;
    this.#stages = ["segmentation", "tables", last];
    this.#amount = amount;
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
    const stage = this.#stage ?? this.#stages[0];
    const inStage = (now - this.#entered) / 1000;
    const whole = this.#part > 0.05 ? inStage / this.#part : Math.max(this.#expected(stage), 1.1 * inStage);
    let left = whole - inStage;
    for (const later of this.#stages.slice(this.#stages.indexOf(stage) + 1)) left += this.#expected(later);
    const spent = (now - this.#begun) / 1000;
    this.#share = Math.max(this.#share, spent / (spent + left) || 0); // it never goes back
    return { stage: this.#stage ?? "start", share: this.#share, left };
  }

  /** To be called when all is done. */
  finish(now) {
    this.#learn(now);
  }

  #expected(stage) {
    return expected[stage] * this.#times(stage);
  }

  #times(stage) {
    return stage === this.#stages.at(-1) ? this.#amount : 1;
  }

  #learn(now) {
    if (this.#stage) expected[this.#stage] = (now - this.#entered) / 1000 / this.#times(this.#stage);
  }
}
