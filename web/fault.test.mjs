import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, Fault } from "./fault.js";

test("only a file that cannot be read is the picture's own fault", () => {
  for (const [error, code] of [
    [new Fault("large", undefined, 1e9), "unreadable"], [new Fault("unreadable"), "unreadable"], [new Fault("unfit", "It failed."), "selfcheck"],
    [new Fault("crashed"), "crashed"], [new Fault("program", "the program failed inside: index out of range"), "crashed"], [new Fault("over", "no memory"), "crashed"], [new TypeError("x is undefined"), "crashed"],
  ]) assert.equal(codeOf(error), code, `${error}`);
});
