// The worker: takes the compiled modules as its first message, runs the Go
// program, and leaves all further messages to it (see wasm/main.go).

onmessage = async ({ data: modules }) => {
  const go = new Go();
  go.exit = (code) => postMessage({ type: "exit", message: `exit code ${code}` });
  const kernels = allnetKernels(modules.kernels);
  go.importObject.allnet = kernels.imports;
  const instance = await WebAssembly.instantiate(modules.program, go.importObject);
  await kernels.attach(instance.exports.mem);
  go.run(instance);
};

// What goes wrong inside a promise would not reach the page otherwise.
addEventListener("unhandledrejection", ({ reason }) => {
  postMessage({ type: "exit", message: String(reason) });
});
