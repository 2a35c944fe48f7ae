// What somebody who uses the page waits for: from the drop of a picture to its answer and to its drawn
// explanation, many pictures, the live camera; and what the page's size is made of.

import { existsSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { builtPage, fileAddress, launch, open, scratch } from "../harness.mjs";
import { smear } from "../smear.mjs";
import { film } from "../video.mjs";
import { median } from "./statistics.mjs";

/** How long the live camera is watched, in seconds: `LIVE_SECONDS=600 make bench` for ten minutes. */
const liveSeconds = Number(process.env.LIVE_SECONDS ?? 20);
const many = 100;

/** A photograph as a phone or a camera writes it: JPEG, made by the browser of a drawn smear. */
async function photograph(browser, name, options) {
  const page = await browser.newPage();
  const drawn = readFileSync(smear(name, options)).toString("base64");
  const bytes = await page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: "image/bmp" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(",")[1]);
      reader.readAsDataURL(blob);
    });
  }, drawn);
  await page.close();
  const path = join(scratch, `${name}.jpg`);
  writeFileSync(path, Buffer.from(bytes, "base64"));
  return path;
}

/** Milliseconds from the moment a picture is given to its answer, and to its drawn explanation. */
async function waited(page, file) {
  await page.evaluate(() => {
    const { body } = document;
    globalThis.times = {};
    const row = () => document.querySelector("[data-testid=row]:last-child");
    const before = document.querySelectorAll("[data-testid=row]").length;
    document.getElementById("file-input").addEventListener("change", () => { globalThis.times.given = performance.now(); }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      const { times } = globalThis;
      if (document.querySelectorAll("[data-testid=row]").length === before || row().dataset.status !== "done") return;
      times.answer ??= performance.now();
      times.outcome = row().dataset.outcome;
      if (times.outcome === "abstained" || (!document.getElementById("evidence").hidden && !document.getElementById("explained").hidden)) {
        times.drawn = performance.now();
        observer.disconnect();
      }
    });
    observer.observe(body, { subtree: true, childList: true, attributes: true });
  });
  const input = await page.$("#file-input");
  await input.uploadFile(file);
  await page.waitForFunction(() => globalThis.times.drawn);
  const { given, answer, drawn, outcome } = await page.evaluate(() => globalThis.times);
  return { outcome, answer: answer - given, drawn: drawn - given };
}

/** The times of some copies of a picture, after one that warms up; the list holds no other. */
async function waits(page, file, copies) {
  const all = [];
  for (let i = 0; i <= copies; i++) {
    const copy = join(scratch, `${i} ${file.replace(/.*\//, "")}`);
    copyFileSync(file, copy);
    all.push(await waited(page, copy));
  }
  await page.$eval("#clear", (button) => button.click());
  await page.$eval("#note-close", (button) => button.click());
  all.shift();
  return { outcome: all[0].outcome, answer: median(all.map(({ answer }) => answer)), drawn: median(all.map(({ drawn }) => drawn)) };
}

/** Seconds until many pictures of one field each have their answers and explanations. */
async function measureMany(page) {
  const kinds = Array.from({ length: 8 }, (_, i) => smear(`field ${i}`, { width: 224, height: 224, diameter: 16, nuclei: 8 + 2 * i, seed: i + 1 }));
  const files = Array.from({ length: many }, (_, i) => {
    const copy = join(scratch, `many ${i}.bmp`);
    copyFileSync(kinds[i % kinds.length], copy);
    return copy;
  });
  const start = performance.now();
  await (await page.$("#file-input")).uploadFile(...files);
  await page.waitForFunction((count) => {
    const rows = [...document.querySelectorAll("[data-testid=row]")];
    return rows.length === count && rows.every((row) => row.dataset.outcome === "abstained" || (row.dataset.status === "done" && !row.querySelector("[data-testid=row-trust]").hidden));
  }, { polling: 50 }, many);
  const seconds = (performance.now() - start) / 1000;
  const explained = await page.$$eval("[data-testid=row-trust]", (all) => all.filter(({ hidden }) => !hidden).length);
  return { pictures: many, explained, seconds };
}

/** Resident memory of the browser's largest renderer, in bytes; null where the system does not tell. */
async function resident(browser) {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    const status = `/proc/${id}/status`;
    return existsSync(status) ? 1024 * Number(/VmRSS:\s*(\d+)/.exec(readFileSync(status))[1]) : 0;
  });
  return Math.max(...sizes) || null;
}

/** The live camera over a moving film: frames a second, the longest that the page did not answer, and memory over time. */
async function measureLive() {
  const stage = smear("bench stage", { width: 1360, height: 960, diameter: 40, nuclei: 90, seed: 5 });
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${film("bench stage", stage, { width: 1280, height: 960, frames: 60, step: 1 })}`];
  const browser = await launch("chromium", { args });
  const { page } = await open(browser, fileAddress, { network: null, atOnce: true });
  await page.$eval("#live-start", (button) => button.click());
  await page.waitForFunction(() => Number(document.getElementById("live").dataset.frames) >= 20);
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) globalThis.tasks.push(duration); }).observe({ type: "longtask" });
  });
  const frames = () => page.$eval("#live", ({ dataset }) => Number(dataset.frames));
  const [first, start] = [await frames(), performance.now()];
  const memory = [await resident(browser)];
  for (let i = 0; i < 4; i++) {
    await new Promise((later) => setTimeout(later, (liveSeconds * 1000) / 4));
    memory.push(await resident(browser));
  }
  const seconds = (performance.now() - start) / 1000;
  const rate = ((await frames()) - first) / seconds;
  const { outcome } = await page.$eval("#live", ({ dataset }) => ({ ...dataset }));
  const tasks = await page.evaluate(() => globalThis.tasks);
  await browser.close();
  return { outcome, seconds, rate, longTasks: tasks.length, longestTask: Math.max(0, ...tasks), memory };
}

/** The page's parts, in bytes as they stand in it and after gzip alone. */
export function sizes() {
  const page = readFileSync(builtPage, "utf8");
  const parts = {};
  let rest = page;
  const names = { program: /<script type="text\/plain" id="program">[^<]*<\/script>/, kernels: /<script type="text\/plain" id="kernels">[^<]*<\/script>/, weights: /<script type="text\/plain" id="weights-[a-z]+">[^<]*<\/script>/g, worker: /<script type="text\/plain" id="worker">[\s\S]*?<\/script>/, style: /<style>[\s\S]*?<\/style>/ };
  for (const [name, pattern] of Object.entries(names)) {
    const found = pattern.global ? rest.match(pattern) ?? [] : pattern.exec(rest)?.slice(0, 1) ?? [];
    parts[name] = found.join("");
    for (const element of found) rest = rest.replace(element, () => "");
  }
  parts.cards = /<div id="cards">[\s\S]*?<\/div>\s*<details>/.exec(rest)?.[0] ?? "";
  rest = rest.replace(parts.cards, () => "");
  parts.scripts = (rest.match(/<script>[\s\S]*?<\/script>/g) ?? []).join("");
  parts.markup = rest.replace(/<script>[\s\S]*?<\/script>/g, "");
  const size = (text) => ({ bytes: Buffer.byteLength(text), gzip: gzipSync(text, { level: 9 }).length });
  return { page: size(page), ...Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, size(text)])) };
}

/** All of it, in a browser of its own. */
export async function measureUse(say) {
  const browser = await launch("chromium");
  const field = smear("field", { width: 224, height: 224, diameter: 16, nuclei: 14 });
  const large = await photograph(browser, "photograph", { width: 4000, height: 3000, diameter: 90, nuclei: 60 });
  const { page } = await open(browser, fileAddress, { network: null, atOnce: true });
  const use = { sizes: sizes() };
  use.field = await waits(page, field, 5);
  say("one field, from drop to drawn explanation");
  use.photograph = await waits(page, large, 3);
  say("a photograph of 12 megapixels");
  use.many = await measureMany(page);
  say(`${many} pictures`);
  await browser.close();
  use.live = await measureLive();
  say("live camera");
  return use;
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(await measureUse((line) => console.error(line)), null, 1));
