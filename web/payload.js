// The programs that stand at the end of the file, and the workers that run them.

import { $ } from "./dom.js";

/** @import {Modules} from "./messages" */
/** @import {ScriptRules} from "./globals" */

// The page's only Trusted Types policy. It lets through one kind of address: that
// of a script which this page itself holds in memory.
const trusted = (globalThis.trustedTypes ?? { createPolicy: (/** @type {string} */ _, /** @type {ScriptRules} */ rules) => rules }).createPolicy("app", {
  createScriptURL(/** @type {string} */ address) {
    if (!address.startsWith("blob:")) throw new TypeError("only a worker of this page can be started");
    return address;
  },
});

/**
 * Unpacks and compiles the programs. Call it once the whole file has been read.
 * Returns a function that starts a worker with them.
 */
export async function loadPrograms() {
  const [program, kernels] = ["program", "kernels"].map(takeOut); // the ids of build/wasm.go
  const modules = {
    program: await compile(program),
    // Where the browser has no SIMD the kernels cannot be compiled, and the program does without.
    kernels: await compile(kernels).catch(() => null),
  };
  const source = new Blob([$("worker").textContent], { type: "text/javascript" });
  const address = trusted.createScriptURL(URL.createObjectURL(source));
  return () => {
    const worker = new Worker(address);
    worker.postMessage(/** @type {Modules} */ (modules));
    return worker;
  };
}

/** The bytes in the element with this id, which is removed: a few megabytes of text that nobody reads again. @param {string} id */
function takeOut(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error("incomplete");
  element.remove();
  return bytesOf(element.textContent);
}

/** Compiles a module while it is being unpacked. @param {Uint8Array<ArrayBuffer>} packed */
function compile(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(stream, { headers: { "Content-Type": "application/wasm" } }));
}

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
