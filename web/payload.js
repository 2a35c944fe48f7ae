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
 * Unpacks and compiles the programs while the file is still being read. Returns a function that
 * starts a worker with them. It fails with the message "incomplete" where the file ends too early.
 */
export async function loadPrograms() {
  const source = new Blob([$("worker").textContent], { type: "text/javascript" });
  const address = trusted.createScriptURL(URL.createObjectURL(source));
  /** @type {Worker | null} a worker that starts meanwhile */
  let early = new Worker(address);
  early.onerror = () => { early = null; }; // the next one fails in the same way, and is listened to
  const program = new Arriving("program"); // the ids of build/page/wasm.go
  const kernels = new Arriving("kernels");
  try {
    const [whole, fast] = await Promise.all([
      compile(program),
      // Where the browser has no SIMD the kernels cannot be compiled, and the program does without.
      compile(kernels).catch((error) => { if (kernels.cut) throw error; return null; }),
    ]);
    /** @type {Modules} */
    const modules = { program: whole, kernels: fast };
    return () => {
      const worker = early ?? new Worker(address);
      early = null;
      worker.postMessage(modules);
      return worker;
    };
  } catch (error) {
    early?.terminate();
    throw program.cut || kernels.cut ? new Error("incomplete") : error;
  }
}

/** The weights that stand apart from the program, packed, by the name of their network, once somebody asked for them. @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} */
const weights = new Map();

/** The weights of a network, packed, once they have been read. It fails with the message "incomplete" where the file ends before them. @param {string} network */
export function weightsOf(network) {
  const known = weights.get(network) ?? read(new Arriving(`weights-${network}`));
  weights.set(network, known);
  known.catch(() => weights.delete(network));
  return known;
}

/** @param {Arriving} arriving */
async function read(arriving) {
  let text = "";
  for (let more = await arriving.next(); more; more = await arriving.next()) text += more;
  return bytesOf(text);
}

/** Settles once the whole file has been read, with the weights of these networks in it; fails where it ends too early. @param {string[]} networks */
export async function whole(networks) {
  while (document.readyState === "loading") await change();
  if (networks.some((network) => !weights.has(network) && !document.getElementById(`weights-${network}`)?.nextSibling)) throw new Error("incomplete");
}

/**
 * The text of an element that is still being read from the file. Once all of it is there the element
 * is removed: a few megabytes that nobody reads again.
 */
class Arriving {
  #id;
  /** @type {Node | null} the piece of text that was taken last, */
  #node = null;
  /** and how much of it */
  #taken = 0;
  #over = false;
  /** Whether the file ended before the element did. */
  cut = false;

  /** @param {string} id */
  constructor(id) {
    this.#id = id;
  }

  /** The text that came since, waiting for some; "" where all of it was taken. @returns {Promise<string>} */
  async next() {
    while (!this.#over) {
      const ended = document.readyState !== "loading"; // nothing comes any more
      const element = document.getElementById(this.#id);
      const text = element ? this.#take(element) : "";
      // The parser puts something behind an element only when it has read it to its end.
      this.#over = Boolean(element?.nextSibling);
      if (this.#over) element?.remove();
      else if (ended) {
        this.cut = true;
        throw new Error("incomplete");
      }
      if (text) return text;
      if (!this.#over) await change();
    }
    return "";
  }

  /** What is new in an element. @param {Element} element */
  #take(element) {
    let text = "";
    this.#node ??= element.firstChild;
    while (this.#node) {
      const { data } = /** @type {Text} */ (this.#node);
      text += data.slice(this.#taken);
      this.#taken = data.length;
      if (!this.#node.nextSibling) break;
      this.#node = this.#node.nextSibling;
      this.#taken = 0;
    }
    return text;
  }
}

/** Settles when more of the file has been read, or all of it. @returns {Promise<void>} */
function change() {
  return new Promise((resolve) => {
    const settle = () => {
      observer.disconnect();
      document.removeEventListener("DOMContentLoaded", settle);
      resolve();
    };
    const observer = new MutationObserver(settle);
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    document.addEventListener("DOMContentLoaded", settle);
  });
}

/** Compiles a module while it arrives and is being unpacked. @param {Arriving} packed */
function compile(packed) {
  let rest = "";
  /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */
  const bytes = new ReadableStream({
    async pull(controller) {
      const text = await packed.next();
      if (!text) {
        if (rest) throw new Error("a program is damaged"); // base64 comes in fours
        return controller.close();
      }
      rest += text;
      const whole = rest.length - (rest.length % 4);
      controller.enqueue(bytesOf(rest.slice(0, whole)));
      rest = rest.slice(whole);
    },
  });
  const stream = bytes.pipeThrough(new DecompressionStream("gzip"));
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
