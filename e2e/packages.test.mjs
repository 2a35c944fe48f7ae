// What packages.sh installs: it runs with a PATH of its own, on which a package
// manager, where there is one, writes down how it was called.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("packages.sh", import.meta.url));
const inShell = (name) => execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();

/** Runs the script where only these programs are installed. Returns what it did. */
function run(t, what, programs, settings = {}) {
  const dir = mkdtempSync(join(tmpdir(), "packages-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const name of ["env", "id"]) symlinkSync(inShell(name), join(dir, name));
  const log = join(dir, "log");
  for (const name of programs) {
    writeFileSync(join(dir, name), `#!/bin/sh\necho "$*" >> ${log}\n`);
    chmodSync(join(dir, name), 0o755);
  }
  if (programs.includes("apt-get")) { // whoever is not root asks it through sudo
    writeFileSync(join(dir, "sudo"), '#!/bin/sh\nexec "$@"\n');
    chmodSync(join(dir, "sudo"), 0o755);
  }
  const paths = Object.fromEntries(Object.entries(settings).map(([key, name]) => [key, key === "BROWSERS" ? name : join(dir, name)]));
  const { status, stderr } = spawnSync("/bin/sh", [script, what], { env: { PATH: dir, ...paths }, encoding: "utf8" });
  return { status, stderr, asked: existsSync(log) ? readFileSync(log, "utf8") : "" };
}

const given = { CHROMIUM: "own-chromium", FIREFOX: "own-firefox", WEBKIT_DRIVER: "own-driver" };
const own = Object.values(given);

test("where all browsers are given no package manager is needed", (t) => {
  assert.deepEqual(run(t, "browsers", [...own, "Xvfb"], given), { status: 0, stderr: "", asked: "" });
});

test("where the assembler is there no package manager is needed", (t) => {
  assert.deepEqual(run(t, "assembler", ["wat2wasm"]), { status: 0, stderr: "", asked: "" });
});

test("an assembler that cannot be had stops nothing", (t) => {
  const { status, stderr } = run(t, "assembler", []);
  assert.equal(status, 0);
  assert.match(stderr, /no apt-get .*wabt/);
});

test("the assembler is no matter of the browsers", (t) => {
  assert.equal(run(t, "browsers", [...own, "Xvfb", "apt-get"], given).asked, "");
});

test("what is missing is installed, and nothing else", (t) => {
  const nowhere = { CHROMIUM: "none", FIREFOX: "none", WEBKIT_DRIVER: "none" };
  const packages = (programs, settings) => {
    const { status, asked } = run(t, "browsers", [...programs, "apt-get"], settings);
    assert.equal(status, 0);
    return asked.split("\n")[1].replace(/^install .*--no-install-recommends /, "").split(" ");
  };
  const font = "fonts-dejavu-core";
  assert.deepEqual(packages([], nowhere), ["chromium", font, "firefox-esr", font, "webkit2gtk-driver", font, "xvfb", font]);
  assert.deepEqual(packages(["own-chromium", "own-driver", "Xvfb"], { ...nowhere, CHROMIUM: "own-chromium", WEBKIT_DRIVER: "own-driver" }), ["firefox-esr", font]);
  assert.deepEqual(packages([], { ...nowhere, BROWSERS: "firefox" }), ["firefox-esr", font]);
  assert.match(run(t, "assembler", ["apt-get"]).asked, /install .* wabt\n$/);
});

test("a browser that cannot be had stops the tests, and it is said how to name one", (t) => {
  const { status, stderr } = run(t, "browsers", [], { CHROMIUM: "none", BROWSERS: "chromium" });
  assert.equal(status, 1);
  assert.match(stderr, /chromium fonts-dejavu-core\n.*CHROMIUM/);
});
