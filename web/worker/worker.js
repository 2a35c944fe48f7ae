// The worker: takes the compiled modules as its first message, runs the Go
// program, and leaves all further messages to it (see wasm/main.go).

/** @import {Exit, Modules} from "../messages" */

/** Tells the page that the program has ended. @param {string} message */
function tell(message) {
  /** @type {Exit} */
  const exit = { type: "exit", message };
  postMessage(exit);
}

onmessage = async (/** @type {MessageEvent<Modules>} */ { data: modules }) => {
  const go = new Go();
  go.exit = (code) => tell(`exit code ${code}`);
  const kernels = allnetKernels(modules.kernels);
  go.importObject.allnet = kernels.imports;
  const instance = await WebAssembly.instantiate(modules.program, go.importObject);
  await kernels.attach(instance.exports.mem);
  go.run(instance);
};

// What goes wrong inside a promise would not reach the page otherwise.
addEventListener("unhandledrejection", ({ reason }) => tell(String(reason)));
