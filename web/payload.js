// The programs that stand at the end of the file, and the workers that run them.

// The page's only Trusted Types policy. It lets through one kind of address: that
// of a script which this page itself holds in memory.
const trusted = (globalThis.trustedTypes ?? { createPolicy: (_, rules) => rules }).createPolicy("app", {
  createScriptURL(address) {
    if (!address.startsWith("blob:")) throw new TypeError("only a worker of this page can be started");
    return address;
  },
});

/** The modules by the ids of the elements that hold them; the same names as in build/wasm.go. */
const names = ["program"];

/**
 * Unpacks and compiles the programs. Call it once the whole file has been read.
 * Returns a function that starts a worker with them.
 */
export async function loadPrograms() {
  const modules = {};
  for (const name of names) {
    const element = document.getElementById(name);
    if (!element) throw new Error("incomplete");
    modules[name] = await compile(element.textContent);
    element.remove(); // a few megabytes of text that nobody reads again
  }
  const source = new Blob([document.getElementById("worker").textContent], { type: "text/javascript" });
  const address = trusted.createScriptURL(URL.createObjectURL(source));
  return () => {
    const worker = new Worker(address);
    worker.postMessage(modules);
    return worker;
  };
}

/** Compiles a module while it is being unpacked. */
function compile(base64) {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(stream, { headers: { "Content-Type": "application/wasm" } }));
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
