// Runs ONNX networks for runtime.go, which starts this program with the folder of
// onnxruntime-web. Requests come on standard input
// and are answered on standard output, one after the other. Each is a frame: the
// lengths of a header and of a payload (32 bits, little-endian), the header as
// JSON, the payload. Once the package is there, a first answer says so.
//
//   {do: "load", network}        payload: an ONNX file   answer: {inputs, outputs} as the file declares them
//   {do: "run", network, dims}   payload: float32        answer: {outputs, milliseconds}; payload: the first output, where it is float32
//   {do: "drop", network}                                answer: {}
//
// A request that fails is answered {error}. The program ends with its input.

import { readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Standard output is for answers alone.
console.log = console.info = console.debug = console.error;

// Ctrl-C in a terminal reaches every process of a command; when this one ends is for
// the one that started it to say.
process.on("SIGINT", () => {});

/** Returns the next length bytes of standard input, null where it ends first. */
function read(length) {
  const bytes = new Uint8Array(length);
  for (let have = 0; have < length;) {
    let count = 0;
    try {
      count = readSync(0, bytes, have, length - have, null);
    } catch (error) {
      if (error.code !== "EOF") throw error; // what Windows has for the end
    }
    if (count === 0) return null;
    have += count;
  }
  return bytes;
}

function answer(header, payload = new Uint8Array(0)) {
  const text = Buffer.from(JSON.stringify(header)), lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(text.length, 0);
  lengths.writeUInt32LE(payload.length, 4);
  const frame = Buffer.concat([lengths, text, payload]);
  for (let done = 0; done < frame.length;) done += writeSync(1, frame, done);
}

const message = (error) => String(error?.message ?? error);

/** A size that a file leaves open has a name here, or is a number that means -1. */
const known = (size) => (typeof size === "number" && size < 2 ** 31 ? size : -1);
const declared = (values) => values.map(({ name, type, shape }) => ({ name, type: type ?? "", dims: (shape ?? []).map(known) }));

const sessions = new Map();
let ort;

const requests = {
  async load({ network }, file) {
    const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
    sessions.set(network, session);
    return [{ inputs: declared(session.inputMetadata), outputs: declared(session.outputMetadata) }];
  },

  async run({ network, dims }, numbers) {
    const session = sessions.get(network);
    const picture = { [session.inputNames[0]]: new ort.Tensor("float32", new Float32Array(numbers.buffer), dims) };
    const start = performance.now();
    const results = await session.run(picture);
    const milliseconds = performance.now() - start;
    const outputs = session.outputNames.map((name) => ({ name, type: results[name].type, dims: results[name].dims }));
    const first = results[session.outputNames[0]];
    return [{ outputs, milliseconds }, first.type === "float32" ? new Uint8Array(first.data.buffer, first.data.byteOffset, first.data.byteLength) : undefined];
  },

  async drop({ network }) {
    await sessions.get(network).release();
    sessions.delete(network);
    return [{}];
  },
};

try {
  const folder = process.argv[1];
  ort = await import(pathToFileURL(createRequire(`${folder}/package.json`).resolve("onnxruntime-web")).href);
  ort = ort.default ?? ort;
  ort.env.wasm.numThreads = 1; // one process for each core does the rest
  ort.env.logLevel = "error";
  answer({});
} catch (error) {
  answer({ error: message(error) });
  process.exit(1);
}

for (let lengths = read(8); lengths !== null; lengths = read(8)) {
  const [header, payload] = new Uint32Array(lengths.buffer);
  const text = read(header), content = text && read(payload);
  if (content === null) break;
  try {
    const request = JSON.parse(Buffer.from(text).toString());
    answer(...await requests[request.do](request, content));
  } catch (error) {
    answer({ error: message(error) });
  }
}
process.exit(0);
