// What can go wrong with a job, and whose fault it is.

/** @import {Code} from "./messages" */

/**
 * large, unreadable: the file cannot be read. unfit: the network failed its self-check.
 * crashed: the program ended during the job; program: it answered that it failed.
 * over: no program can be started, or the bridge was ended.
 * @typedef {"large" | "unreadable" | "unfit" | "crashed" | "program" | "over"} Kind
 */

export class Fault extends Error {
  /**
   * @param {Kind} kind
   * @param {string} [message] a sentence to show; those without one are put into words by kind
   * @param {number} [size] of a large file, in bytes
   */
  constructor(kind, message = kind, size = 0) {
    super(message);
    this.kind = kind;
    this.size = size;
  }

  /** Whether the network cannot be relied on. */
  get unfit() {
    return this.kind === "unfit";
  }
}

/**
 * The code of the record of a picture that got no answer by this error. Only a file that
 * cannot be read is the picture's own fault: a picture that cannot be is an answer of the program.
 * @param {unknown} error
 * @returns {Code}
 */
export function codeOf(error) {
  const kind = error instanceof Fault ? error.kind : null;
  if (kind === "large" || kind === "unreadable") return "unreadable";
  return kind === "unfit" ? "selfcheck" : "crashed";
}

/** Whether it is no error but something that was given up. @param {unknown} error */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}
