// make bench: see README.md.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus, loadavg } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { builtPage, drawings, fileAddress, give, launch, open, realPictures, scratch } from "../harness.mjs";
import { judge, median, summary } from "./statistics.mjs";
import { measureUse } from "./use.mjs";

const root = resolve(import.meta.dirname, "../..");
const rounds = Number(process.env.BENCH_ROUNDS ?? 12);
const coldStarts = 7;
const windowPause = 2000;
const batchSize = 50, batches = 10; // pictures of one worker in a batch, pairs of batches: 1,000 pictures in all
const cellCounts = [5, 20, 50, 100, 200];
const tolerance = 1e-4; // between the logits of both engines, relative to the largest

const say = (line) => console.error(line);
const go = async (args, env = {}) => (await promisify(execFile)("go", args, { cwd: root, encoding: "buffer", maxBuffer: 64 << 20, env: { ...process.env, ...env } })).stdout;

/** Builds our program as build/wasm.go builds the page's, and the wide network; returns all that is served. */
async function build(pictures) {
  const program = join(scratch, "bench.wasm");
  await go(["build", "-tags=simd", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", program, "./e2e/bench"], { GOOS: "js", GOARCH: "wasm", GOFLAGS: "" });
  const goroot = (await go(["env", "GOROOT"])).toString().trim();
  const here = (path) => () => readFileSync(join(root, path));
  const wide = await go(["run", "./internal/golden/wide"]);
  return {
    "/": () => "<!DOCTYPE html><title>bench</title>",
    "/worker.js": here("e2e/bench/worker.js"),
    "/wasm_exec.js": () => readFileSync(join(goroot, "lib", "wasm", "wasm_exec.js")),
    "/glue.js": here("model/engine/simd/glue.js"),
    "/kernels.wasm": here("model/engine/simd/kernels.wasm"),
    "/limit.wasm": here("e2e/bench/limit.wasm"),
    "/program.wasm": () => readFileSync(program),
    "/narrow.onnx": here("model/article.onnx"),
    "/wide.onnx": () => wide,
    ...Object.fromEntries(["ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"].map((name) => [`/ort/${name}`, here(`e2e/node_modules/onnxruntime-web/dist/${name}`)])),
    ...Object.fromEntries(pictures.map((file, i) => [`/pictures/${i}`, () => readFileSync(file)])),
  };
}

const types = { js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", "": "text/html" };

/** Serves files so that the page is isolated from other origins: its clock then has a resolution of 5 microseconds. */
async function serve(files) {
  const server = createServer(({ url }, response) => {
    if (!files[url]) return response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": types[/(?:\.(\w+))?$/.exec(url)[1] ?? ""] ?? "application/octet-stream",
      "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
    }).end(files[url]());
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => { server.closeAllConnections(); server.close(); } };
}

/** Starts worker.js; returns an object whose functions are those of its bench. */
async function startWorker(page) {
  const created = new Promise((seen) => page.once("workercreated", seen));
  await page.evaluate(() => new Promise((loaded, failed) => {
    const worker = new Worker("/worker.js");
    worker.onmessage = loaded;
    worker.onerror = (event) => failed(new Error(event.message));
    (globalThis.workers ??= []).push(worker);
  }));
  const worker = await created;
  return new Proxy({}, { get: (_, name) => name === "then" ? undefined : (...args) => worker.evaluate((f, given) => globalThis.bench[f](...given), name, args) });
}

/** What a round measures: passes of both engines around what only ours does. */
function roundPlan(round) {
  const plan = [];
  const passes = (n) => {
    for (let i = 0; i < n; i++) plan.push("limit", ...((plan.length + round) % 2 ? ["ours", "theirs"] : ["theirs", "ours"]));
  };
  passes(3);
  plan.push("samples1000");
  passes(2);
  plan.push("samples10000");
  passes(2);
  plan.push("quickshift", "explain", "divided", "cells", ...cellCounts.map((n) => `of ${n} cells`));
  passes(2);
  return plan;
}

/** Both engines on both networks, in rounds. */
async function measureNetworks(page, pictures) {
  const networks = [];
  for (const file of ["narrow", "wide"]) {
    const worker = await startWorker(page);
    const size = await worker.startOurs(`/${file}.onnx`);
    const network = { name: size.filters.join("/"), file, worker, ...size, theirStart: await worker.startTheirs(`/${file}.onnx`), apart: 0, superpixels: [], times: {}, parts: { explain: {}, divided: {}, cells: {} } };
    await worker.startHelper(`/${file}.onnx`);
    for (const i of pictures.keys()) {
      const { apart, superpixels } = await worker.picture(`/pictures/${i}`);
      assert.ok(apart <= tolerance, `${network.name}, ${basename(pictures[i])}: logits differ by ${apart} of the largest; expected at most ${tolerance}`);
      network.apart = Math.max(network.apart, apart);
      network.superpixels.push(superpixels);
    }
    await worker.measure([...Array(10).fill(["limit", "ours", "theirs"]).flat(), "samples1000", "explain", "divided", "divided", "cells"]); // warm-up
    networks.push(network);
  }
  for (let round = 0; round < rounds; round++) {
    for (const n of networks) {
      await n.worker.picture(`/pictures/${round % pictures.length}`);
      for (const [name, result] of await n.worker.measure(roundPlan(round))) {
        if (!n.parts[name]) (n.times[name] ??= []).push(result);
        else for (const [part, time] of Object.entries(result)) (n.parts[name][part] ??= []).push(time);
      }
    }
    say(`round ${round + 1} of ${rounds}`);
  }
  for (const n of networks) {
    for (const [name, result] of await n.worker.measure(["samples1000", "samples1000000", "samples1000"])) (n.times[name] ??= []).push(result);
  }
  return Promise.all(networks.map(summarise));
}

async function summarise({ worker, times, parts, ...network }) {
  const n = { ...network };
  for (const [name, series] of Object.entries(times)) n[name] = summary(series);
  for (const [name, of] of Object.entries(parts)) n[name] = Object.fromEntries(Object.entries(of).map(([part, series]) => [part, summary(series)]));
  const speed = (operations, { median: ms }) => operations / ms / 1e6;
  const operations = await worker.limitOperations();
  n.gflops = { ours: speed(2 * n.multiplyAdds, n.ours), theirs: speed(2 * n.multiplyAdds, n.theirs), limit: speed(operations, n.limit), limitBest: operations / n.limit.min / 1e6 };
  n.shareOfLimit = speed(2 * n.done, n.ours) / n.gflops.limit;
  n.shareOfLimitAtBest = n.shareOfLimit * (n.limit.min / n.limit.median) * (n.ours.median / n.ours.min);
  return n;
}

/**
 * What an engine's memory comes to where it is alone, in bytes: its WebAssembly
 * memory, and the peak of the browser's process, with all that an empty page takes.
 */
async function measureMemory(browser, address, engine, network, work) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(address);
  const worker = await startWorker(page);
  await worker[engine === "ours" ? "startOurs" : "startTheirs"](`/${network}.onnx`);
  if (engine === "ours") await worker.ourPicture("/pictures/0");
  await worker.measure(work);
  const memory = { webAssembly: (await worker.memory())[engine], process: await largestRenderer(browser) };
  await context.close();
  return memory;
}

/** The greatest peak of resident memory among the browser's renderers, in bytes; null where the system does not tell. */
async function largestRenderer(browser) {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const peaks = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    const status = `/proc/${id}/status`;
    return existsSync(status) ? 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync(status))[1]) : 0;
  });
  return Math.max(...peaks) || null;
}

/** The memory of both engines on each network, and of ours when it explains. */
async function measureMemories(browser, address, networks) {
  const passes = (engine) => Array(20).fill(engine);
  for (const n of networks) {
    n.memory = {
      ours: await measureMemory(browser, address, "ours", n.file, passes("ours")),
      theirs: await measureMemory(browser, address, "theirs", n.file, passes("theirs")),
      explaining: await measureMemory(browser, address, "ours", n.file, Array(5).fill("explain")),
    };
  }
}

/** Pictures a second of one worker and of two, and whether memory grows. */
async function measureWorkers(page, pictures) {
  const workers = [await startWorker(page), await startWorker(page)];
  const addresses = pictures.map((_, i) => `/pictures/${i}`);
  const batch = async (some) => {
    const start = performance.now();
    await Promise.all(some.map((worker) => worker.batch(addresses, batchSize)));
    return (some.length * batchSize) / (performance.now() - start) * 1000;
  };
  for (const worker of workers) {
    await worker.startOurs("/narrow.onnx");
    await worker.batch(addresses, 10); // warm-up
  }
  const one = [], two = [];
  let memoryFirst;
  for (let i = 0; i < batches; i++) {
    const turns = [async () => one.push(await batch(workers.slice(0, 1))), async () => two.push(await batch(workers))];
    if (i % 2) turns.reverse();
    for (const turn of turns) await turn();
    memoryFirst ??= (await workers[0].memory()).ours;
  }
  return { one: median(one), two: median(two), ratio: median(two) / median(one), memoryFirst, memoryLast: (await workers[0].memory()).ours };
}

/** Milliseconds from navigation to the page's "ready", in a context that has never seen it. */
async function coldStart(browser) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await new Promise((later) => setTimeout(later, windowPause)); // a new window loads pages of the browser's own
  await page.evaluateOnNewDocument(() => {
    new MutationObserver((_, observer) => {
      const status = document.getElementById("engine-status")?.dataset.status;
      if (status === undefined || status === "starting") return;
      globalThis.settled = { status, at: performance.now() };
      observer.disconnect();
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-status"] });
  });
  await page.goto(fileAddress);
  const settled = await (await page.waitForFunction(() => globalThis.settled)).jsonValue();
  assert.equal(settled.status, "ready", "the page did not start");
  await context.close();
  return settled.at;
}

/** Milliseconds from the click on Explain to the drawn explanation, picture by picture, in the page itself. */
async function measurePage(browser, pictures) {
  const starts = [];
  for (let i = 0; i < coldStarts; i++) starts.push(await coldStart(browser));
  const { page } = await open(browser, fileAddress, { network: null });
  const times = [];
  for (const file of pictures) {
    await page.$eval("#clear", (button) => button.click());
    await give(page, file);
    await page.waitForSelector("#explain:not([disabled])");
    times.push(await page.evaluate(() => new Promise((drawn) => {
      const [explained, progress] = ["explained", "progress-box"].map((id) => document.getElementById(id));
      new MutationObserver((_, observer) => {
        if (explained.hidden || !progress.hidden) return;
        observer.disconnect();
        drawn(performance.now() - start);
      }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["hidden"] });
      const start = performance.now();
      document.getElementById("explain").click();
    })));
  }
  await page.close();
  const bytes = readFileSync(builtPage);
  return { coldStart: summary(starts), firstExplanation: times[0], laterExplanations: summary(times.slice(1)), raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

/** scikit-image's quickshift on a picture, or what it took elsewhere. */
async function measureNativeQuickshift(picture) {
  try {
    const { stdout } = await promisify(execFile)(process.env.PYTHON ?? "/usr/bin/python3", [join(import.meta.dirname, "quickshift.py"), picture]);
    const [version, ms] = stdout.trim().split(" ");
    return { ms: Number(ms), source: `scikit-image ${version}, now` };
  } catch {
    return { ms: 320, source: "scikit-image on a 2-core Zen 4 machine, median CPU time; it is not installed here" };
  }
}

/** A table of rows [text, cell, …]. */
function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i] ?? "").length)));
  return rows.map((row) => row.map((cell, i) => i ? String(cell ?? "").padStart(widths[i]) : String(cell ?? "").padEnd(widths[i])).join("  ")).join("\n");
}

/** A table of rows [text, figure, note], whose notes are ragged. */
function noted(rows) {
  const lines = table(rows.map(([text, figure]) => [text, figure])).split("\n");
  return rows.map(([, , note], i) => note ? `${lines[i]}  ${note}` : lines[i]).join("\n");
}

const number = (value) => value >= 1000 ? value.toFixed() : value.toPrecision(3);
const ms = ({ median: middle, min }) => `${number(middle)} (${number(min)})`;
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed();
const peak = ({ webAssembly, process }) => `${mebibytes(webAssembly)}, ${process === null ? "unknown" : mebibytes(process)}`;

function printed({ networks, page, workers, use, nativeQuickshift: native, judged, setting }) {
  const each = (text, f) => [text, ...networks.map(f)];
  const [parts, ofCells] = ["explain", "cells"].map((name) => Object.keys(networks[0][name]).filter((part) => part !== "whole"));
  const sections = [
    table([
      each("milliseconds: median (least)", (n) => n.name),
      each("forward pass, this engine", (n) => ms(n.ours)),
      each(`forward pass, onnxruntime-web ${setting.onnxruntimeWeb}`, (n) => ms(n.theirs)),
      each("  ratio", (n) => `${number(n.theirs.median / n.ours.median)} (${number(n.theirs.min / n.ours.min)})`),
      each("GFLOP/s, this engine", (n) => number(n.gflops.ours)),
      each("GFLOP/s, onnxruntime-web", (n) => number(n.gflops.theirs)),
      each("GFLOP/s, limit of the machine (best)", (n) => `${number(n.gflops.limit)} (${number(n.gflops.limitBest)})`),
      each("  this engine's share of it (best of both)", (n) => `${number(n.shareOfLimit)} (${number(n.shareOfLimitAtBest)})`),
      each("1,000 LIME samples, this engine, tables included", (n) => ms(n.samples1000)),
      each("1,000 LIME samples, onnxruntime-web: one pass x 1,000", (n) => number(1000 * n.theirs.median)),
      each("  ratio", (n) => number(1000 * n.theirs.median / n.samples1000.median)),
      each("10,000 LIME samples, this engine", (n) => ms(n.samples10000)),
      each("  in times of 1,000", (n) => number(n.samples10000.median / n.samples1000.median)),
      each("1,000,000 LIME samples, this engine", (n) => ms(n.samples1000000)),
      each("  in times of 1,000", (n) => number(n.samples1000000.median / n.samples1000.median)),
      each("whole explanation, this engine", (n) => ms(n.explain.whole)),
      ...parts.map((part) => each(`  of it ${part}`, (n) => ms(n.explain[part]))),
      each("  in single passes of onnxruntime-web", (n) => number(n.explain.whole.median / n.theirs.median)),
      each("the same, quickshift by two workers", (n) => ms(n.divided.whole)),
      each("  of it quickshift", (n) => ms(n.divided.quickshift)),
      each("  in single passes of onnxruntime-web", (n) => number(n.divided.whole.median / n.theirs.median)),
      each("whole explanation by cells, this engine", (n) => ms(n.cells.whole)),
      ...ofCells.map((part) => each(`  of it ${part}`, (n) => ms(n.cells[part]))),
      each("  in single passes of onnxruntime-web", (n) => number(n.cells.whole.median / n.theirs.median)),
      ...cellCounts.map((cells) => each(`explanation of ${cells} cells, from the field`, (n) => ms(n[`of ${cells} cells`]))),
      each("quickshift, this engine", (n) => ms(n.quickshift)),
      each("loading the network, onnxruntime-web", (n) => number(n.theirStart)),
      ["peak memory, MiB: WebAssembly, whole process"],
      each("  this engine, forward pass", (n) => peak(n.memory.ours)),
      each("  this engine, explanation", (n) => peak(n.memory.explaining)),
      each("  onnxruntime-web, forward pass", (n) => peak(n.memory.theirs)),
      each("logits apart, relative to the largest", (n) => n.apart.toExponential(1)),
    ]),
    noted([
      ["quickshift, native, ms", number(native.ms), native.source],
      ["cold start from file:// to ready, ms", ms(page.coldStart)],
      ["Explain to drawn in the page, 32/64/128, ms", ms(page.laterExplanations), `the first, right after the start: ${number(page.firstExplanation)}`],
      ["page, MB", number(page.raw / 1e6), `${number(page.gzip / 1e6)} gzip`],
      ["pictures a second, one worker", number(workers.one)],
      ["pictures a second, two workers", number(workers.two)],
      ["memory of a worker after 100 pictures, MiB", mebibytes(workers.memoryFirst), `${mebibytes(workers.memoryLast)} after 1,000`],
      ["a picture of one field, from drop to answer, ms", number(use.field.answer), `${number(use.field.drawn)} to the drawn explanation`],
      ["a JPEG of 12 megapixels, from drop to answer, ms", number(use.photograph.answer), `${number(use.photograph.drawn)} to the drawn explanation`],
      [`${use.many.pictures} pictures of one field, answered, s`, number(use.many.seconds), `${use.many.explained} of them explained`],
      ["live camera, explained pictures a second", number(use.live.rate), `over ${number(use.live.seconds)} s; longest task of the page ${number(use.live.longestTask)} ms`],
      ["resident memory meanwhile, MiB", use.live.memory.map((bytes) => (bytes === null ? "unknown" : mebibytes(bytes))).join(" ")],
      ...Object.entries(use.sizes).filter(([part]) => part !== "page").map(([part, { bytes, gzip }]) => [`  of the page: ${part}, kB`, number(bytes / 1e3), `${number(gzip / 1e3)} gzip`]),
    ]),
    table([["judged", "value", "target", ""], ...judged.map(({ what, value, least, most, unit, met }) =>
      [what, `${value.toPrecision(4)} ${unit}`.trim(), least === undefined ? `at most ${most}` : `at least ${least}`, met ? "met" : "NOT MET"])]),
    `${setting.cpu}, ${setting.cores} cores, load ${setting.load.map((load) => load.toFixed(1)).join(" to ")}; ${setting.browser}; ${setting.go}; rounds: ${rounds}, over ${setting.pictures.length} pictures`
      + (Math.max(...setting.load) > setting.cores ? "\nThe machine was busy with other work: trust no single figure." : ""),
  ];
  return sections.join("\n\n");
}

const load = [loadavg()[0]];
const pictures = [...(await drawings()).slice(0, 2), ...realPictures(1)];
const server = await serve(await build(pictures));
const browser = await launch("chromium");
try {
  const page = await browser.newPage();
  await page.goto(server.address);
  const networks = await measureNetworks(page, pictures);
  say("native quickshift, two workers");
  const native = await measureNativeQuickshift(pictures[0]);
  const workers = await measureWorkers(page, pictures);
  await page.close();
  say("memory");
  await measureMemories(browser, server.address, networks);
  say("the page");
  const measured = { networks, nativeQuickshift: native, workers, page: await measurePage(browser, pictures), use: await measureUse(say) };
  const setting = {
    cpu: cpus()[0].model, cores: cpus().length, load: [...load, loadavg()[0]], browser: await browser.version(), go: (await go(["version"])).toString().trim(),
    onnxruntimeWeb: JSON.parse(readFileSync(join(root, "e2e/node_modules/onnxruntime-web/package.json"))).version, rounds, pictures: pictures.map((file) => basename(file)),
  };
  const result = { setting, ...measured, judged: judge(measured) };
  writeFileSync(join(root, "bench.json"), `${JSON.stringify(result, null, 1)}\n`);
  console.log(`\n${printed(result)}\n\nwritten to bench.json`);
} finally {
  await browser.close();
  server.close();
}
