// Both engines on one network in one worker, as the page's worker runs ours. The
// driver, bench.mjs, calls the functions of bench; times are in milliseconds.

"use strict";

// The memory of onnxruntime-web is made in JavaScript; Go makes its own.
const theirMemories = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor) {
    super(descriptor);
    theirMemories.push(this);
  }
};

importScripts("/wasm_exec.js", "/glue.js", "/ort/ort.wasm.min.js");
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/ort/";

const limitIterations = 4_000_000;
const bytesOf = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());
const moduleOf = (address) => WebAssembly.compileStreaming(fetch(address));

let ourMemory, limit, session, image;

/** A second worker with our program alone, for what two of them do together; asks one thing at a time. */
let helper;
const askHelper = (name, ...args) => new Promise((resolve, reject) => {
  helper.onmessage = ({ data }) => data.error ? reject(new Error(data.error)) : resolve(data.value);
  helper.postMessage({ name, args });
});
onmessage = async ({ data: { name, args } }) => {
  try {
    postMessage({ value: await globalThis.bench[name](...args) });
  } catch ({ message }) {
    postMessage({ error: message });
  }
};

/** Makes the input of onnxruntime-web, [1][3][side][side], of pixels [side][side][3]. */
function tensor(pixels) {
  const area = pixels.length / 3, side = Math.sqrt(area), data = new Float32Array(pixels.length);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) data[c * area + i] = pixels[3 * i + c] / 255;
  }
  return new ort.Tensor("float32", data, [1, 3, side, side]);
}

/** Calls a function of our program; see main.go. */
function call(name, ...args) {
  const value = ours[name](...args);
  if (value?.error) throw new Error(`${name}: ${value.error}`);
  return value;
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const measures = {
  /** One turn of the loop of limit.wat. */
  limit: () => timed(() => limit.run(limitIterations, 0.5, 1)),
  ours: () => timed(() => call("forward")),
  theirs: async () => {
    const start = performance.now();
    await session.run({ [session.inputNames[0]]: image });
    return performance.now() - start;
  },
  samples1000: () => timed(() => call("samples", 1000)),
  samples10000: () => timed(() => call("samples", 10_000)),
  samples1000000: () => timed(() => call("samples", 1_000_000)),
  /** An explanation of so many cells. */
  ...Object.fromEntries([5, 20, 50, 100, 200].map((n) => [`of ${n} cells`, () => timed(() => call("growth", n))])),
  quickshift: () => timed(() => call("quickshift")),
  /** The whole explanation, and its parts. */
  explain() {
    let parts;
    const whole = timed(() => { parts = call("explain"); });
    return Object.fromEntries([["whole", whole], ...parts]);
  },
  /** The same where the second worker finds one half of the links. */
  async divided() {
    const start = performance.now();
    const other = askHelper("links", 112, 224);
    const links = new Uint8Array(4 * 224 * 224);
    links.set(call("links", 0, 112));
    links.set(await other, links.length / 2);
    const half = performance.now() - start;
    const parts = Object.fromEntries(call("explain", links));
    return { whole: performance.now() - start, ...parts, quickshift: half + parts.quickshift };
  },
  /** Likewise of a network that reads cells. */
  cells() {
    let parts;
    const whole = timed(() => { parts = call("cells"); });
    return Object.fromEntries([["whole", whole], ...parts]);
  },
};

globalThis.bench = {
  /** Starts our program with a network. Returns its size. */
  async startOurs(network) {
    const [program, kernelsModule] = await Promise.all(["/program.wasm", "/kernels.wasm"].map(moduleOf));
    const go = new Go();
    const kernels = allnetKernels(kernelsModule);
    go.importObject.allnet = kernels.imports;
    const instance = await WebAssembly.instantiate(program, go.importObject);
    await kernels.attach(instance.exports.mem);
    go.run(instance);
    ourMemory = instance.exports.mem;
    return call("load", await bytesOf(network));
  },

  /** Starts the second worker with the same network. */
  async startHelper(network) {
    helper = new Worker("/worker.js");
    await new Promise((loaded) => { helper.onmessage = loaded; });
    await askHelper("startOurs", network);
  },

  links: (from, to) => call("links", from, to),

  /** Starts onnxruntime-web with the same file, and the loop that measures the machine. */
  async startTheirs(network) {
    limit = (await WebAssembly.instantiate(await moduleOf("/limit.wasm"))).exports;
    image = tensor(new Uint8Array(224 * 224 * 3));
    const start = performance.now();
    session = await ort.InferenceSession.create(await bytesOf(network), { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
    return performance.now() - start;
  },

  /** Gives a picture to our program alone. */
  async ourPicture(address) {
    call("picture", await bytesOf(address));
  },

  /** Gives the same picture to both. Returns how far their logits are apart, relative to the largest. */
  async picture(address) {
    const { pixels, superpixels } = call("picture", await bytesOf(address));
    await askHelper("ourPicture", address);
    image = tensor(pixels);
    const mine = call("forward");
    const theirs = (await session.run({ [session.inputNames[0]]: image }))[session.outputNames[0]].data;
    const largest = Math.max(...theirs.map(Math.abs));
    return { superpixels, apart: Math.max(...mine.map((z, i) => Math.abs(z - theirs[i]))) / largest };
  },

  /** Takes the named measures in their order and returns [name, result] of each. */
  async measure(names) {
    const results = [];
    for (const name of names) results.push([name, await measures[name]()]);
    return results;
  },

  /** Does all that a batch of count pictures takes, going round the given files. */
  async batch(addresses, count) {
    const files = await Promise.all(addresses.map(bytesOf));
    for (let i = 0; i < count; i++) call("classify", files[i % files.length]);
  },

  /** WebAssembly memory of both engines in bytes; it never shrinks. */
  memory: () => ({ ours: ourMemory?.buffer.byteLength ?? 0, theirs: theirMemories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) }),

  limitOperations: () => 104 * limitIterations,
};

postMessage("loaded");
