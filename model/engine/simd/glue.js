// Joins the SIMD kernels to a Go program built with -tags simd for js/wasm. The
// two need each other: Go imports the kernels, the kernels import Go's memory.
// So Go is given small functions that call the kernels, and the kernels come
// into being once Go's memory exists:
//
//   const kernels = allnetKernels(module); // kernels.wasm as a WebAssembly.Module, or null where SIMD is missing
//   go.importObject.allnet = kernels.imports;
//   const instance = await WebAssembly.instantiate(program, go.importObject);
//   await kernels.attach(instance.exports.mem);
//   go.run(instance);
//
// Without a module, or before attach, Go uses its plain kernels. Growth of the
// memory needs no care: both share the Memory object.
function allnetKernels(module) {
  let kernels = null;
  const imports = { simd_available: () => (kernels ? 1 : 0) };
  for (const name of ["conv", "winograd", "product", "assemble", "average", "gather", "gatherBlocks", "densities", "weigh"]) {
    imports[name] = (...args) => kernels[name](...args);
  }
  return {
    imports,
    async attach(memory) {
      if (module) kernels = (await WebAssembly.instantiate(module, { allnet: { memory } })).exports;
    },
  };
}
