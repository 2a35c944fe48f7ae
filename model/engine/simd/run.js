// Runs a js/wasm test binary built with -tags simd in Node, with the SIMD
// kernels joined as the page joins them; for go test -exec:
//
//   GOOS=js GOARCH=wasm go test -tags simd -exec "node model/engine/simd/run.js" ./model/engine
//
// ALLNET_NO_SIMD=1 leaves the kernels out, as in a browser without SIMD.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");
const { execFileSync } = require("child_process");

Object.assign(globalThis, { require, fs, path });
const goroot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
require(path.join(goroot, "lib/wasm/wasm_exec.js"));
vm.runInThisContext(fs.readFileSync(path.join(__dirname, "glue.js"), "utf8"));

const [binary, ...args] = process.argv.slice(2);
const go = new Go();
go.argv = [binary, ...args];
// Go refuses large environments in js/wasm.
go.env = { TMPDIR: require("os").tmpdir() };
for (const name in process.env) if (name.startsWith("ALLNET_")) go.env[name] = process.env[name];
go.exit = process.exit;

(async () => {
  const simd = new WebAssembly.Module(fs.readFileSync(path.join(__dirname, "kernels.wasm")));
  const kernels = allnetKernels(process.env.ALLNET_NO_SIMD ? null : simd);
  go.importObject.allnet = kernels.imports;
  const { instance } = await WebAssembly.instantiate(fs.readFileSync(binary), go.importObject);
  await kernels.attach(instance.exports.mem);
  await go.run(instance);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
