// What stands for the browser in tests of modules that touch the page: elements that remember what was
// done to them, and a program that answers as a test tells it to. To be imported before them.

import { readFileSync } from "node:fs";
import { register } from "node:module";

// The build gives text.js its table; the programs stand in the page's file, and here a test gives their worker.
const instead = {
  "/strings.json": `export default ${readFileSync(new URL("strings.json", import.meta.url))}`,
  "/payload.js": "export const loadPrograms = async () => globalThis.startWorker; export const weightsOf = async (network) => new TextEncoder().encode(network); export const whole = async () => {};",
};
register(`data:text/javascript,${encodeURIComponent(`const instead = ${JSON.stringify(instead)};
export async function load(url, context, next) {
  const source = instead[Object.keys(instead).find((ending) => url.endsWith(ending))];
  return source ? { format: "module", shortCircuit: true, source } : next(url, context);
}`)}`);

/** Names of the files that were saved. @type {string[]} */
export const downloads = [];

class Element extends EventTarget {
  hidden = false;
  disabled = false;
  isConnected = true;
  dataset = {};
  style = { setProperty() {} };
  children = [];
  options = [];
  textContent = "";
  attributes = new Map();
  constructor(id = "") {
    super();
    this.id = id;
  }
  get childElementCount() { return this.children.length; }
  get firstElementChild() { return this.children[0] ?? null; }
  get firstChild() { return this.firstElementChild; }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  insertBefore(child) { this.children.push(child); }
  remove() { this.isConnected = false; }
  setAttribute(name, value) { this.attributes.set(name, value); }
  getAttribute(name) { return this.attributes.get(name) ?? null; }
  removeAttribute(name) { this.attributes.delete(name); }
  toggleAttribute(name, on) { on ? this.attributes.set(name, "") : this.attributes.delete(name); }
  contains(other) { return other === this || this.children.some((child) => child.contains?.(other)); }
  closest(selector) { return selector === "[hidden]" && this.hidden ? this : null; }
  matches(selector) { return selector === ":disabled" && this.disabled; }
  querySelector() { return this.children[0] ?? null; }
  querySelectorAll() { return this.children; }
  scrollIntoView() {}
  focus() { if (!this.hidden && !this.disabled) document.activeElement = this; }
  click() {
    if (this.download) downloads.push(this.download);
    if (!this.disabled) this.dispatchEvent(new Event("click"));
  }
}

/** @type {Map<string, Element>} */
const elements = new Map();

/** The element with an id: there is one for each. */
export function element(id) {
  if (!elements.has(id)) elements.set(id, new Element(id));
  return elements.get(id);
}

class Store {
  getItem(key) { return this[key] ?? null; }
  setItem(key, value) { this[key] = String(value); }
  removeItem(key) { delete this[key]; }
}

const body = new Element();
Object.assign(globalThis, {
  document: { documentElement: { lang: "en" }, body, activeElement: body, getElementById: element, createElement: () => new Element(), createElementNS: () => new Element() },
  HTMLElement: Element, HTMLInputElement: class extends Element {}, HTMLSelectElement: class extends Element {},
  Element, sessionStorage: new Store(), matchMedia: () => ({ matches: false }), addEventListener() {},
  OffscreenCanvas: class { getContext() { return {}; } },
});

Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 1 }, configurable: true }); // newer Nodes have one

// What the page does later keeps no test waiting.
const { setTimeout: sleep } = globalThis;
globalThis.setTimeout = (...later) => sleep(...later).unref();

/** Lets all that waits for nothing but its turn be done. */
export async function turns() {
  for (let i = 0; i < 20; i++) await new Promise((later) => setImmediate(later));
  await new Promise((later) => sleep(later, 3));
  for (let i = 0; i < 20; i++) await new Promise((later) => setImmediate(later));
}

const settings = { hide: "mean", target: "log-odds", samples: 1000, features: 5, seed: 1 };

/** What the program says when it is there. */
export const greeting = {
  program: { version: "v", revision: "r", go: "go" }, networks: [{ name: "robust", weights: "w" }, { name: "article", weights: "w" }], examples: [],
  presets: [{ name: "faithful", settings }], default: "faithful", permutations: 10, limits: {},
};

/** An answer to a picture, by its bytes as text: they are its SHA-256 too. */
export function answerTo(message, { predicted = "Pro", ...record } = {}) {
  const bytes = new TextDecoder().decode(message.bytes);
  return {
    network: message.network, weights: "w", correction: message.correction ? JSON.parse(message.correction) : null, logits: [1, 2, 3, 4], picture: { width: 8, height: 8 }, source: { kind: "file", sha256: bytes }, row: { sha256: bytes, predicted, probability: 0.9, cells: 0 },
    record: { file: message.name, abstained: predicted === null, predicted, probabilities: { Benign: 0, Early: 0, Pre: 0, Pro: 0, [predicted]: 0.9 }, ...record },
  };
}

/**
 * Starts the program that stands for the real one; a job is answered by the function of its name in answers, at once or
 * when that says so: with what its reply holds. What was asked is in asked.
 */
export async function startProgram(answers) {
  const asked = [];
  globalThis.WebAssembly.compileStreaming ??= () => {};
  globalThis.startWorker = () => {
    const worker = {
      terminate() {},
      async postMessage(message) {
        asked.push(message);
        try {
          const reply = await answers[message.job]?.(message);
          worker.onmessage({ data: reply ? { type: "done", id: message.id, ...reply } : { type: "error", id: message.id, message: "not in this test" } });
        } catch (error) {
          worker.onmessage({ data: { type: "error", id: message.id, message: error.message } });
        }
      },
    };
    setImmediate(() => worker.onmessage({ data: { type: "ready", json: JSON.stringify(greeting) } }));
    return worker;
  };
  const { start } = await import("./jobs.js");
  await start();
  await turns();
  return asked;
}

/** A file of a name; its bytes are a text. */
export function file(name, bytes = name) {
  return new File([bytes], name, { type: "image/png", lastModified: 0 });
}
