import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const here = (name) => join(import.meta.dirname, name);

test("limit.wasm is limit.wat, assembled", (t) => {
  let assembled;
  try {
    assembled = execFileSync("wat2wasm", [here("limit.wat"), "--output=-"]);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return t.skip("left out: wat2wasm (Debian package wabt) is not installed");
  }
  assert.deepEqual(readFileSync(here("limit.wasm")), assembled);
});

test("the loop does all that is counted: 13 chains of multiplications and additions", () => {
  const { exports: { run } } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(here("limit.wasm"))));
  for (const iterations of [1, 2, 10]) {
    let sum = 0;
    for (let first = 0; first < 13; first++) {
      let s = first;
      for (let i = 0; i < iterations; i++) s = s * 0.5 + 1;
      sum += s;
    }
    assert.equal(run(iterations, 0.5, 1), sum); // exact in float32: few bits are needed
  }
});
