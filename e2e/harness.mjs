// What the end-to-end tests share: browsers, a server that logs every request,
// the command line, and the page's own ways in and out.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import puppeteer from "puppeteer-core";
import { launchWebKit } from "./webkit.mjs";

const root = resolve(import.meta.dirname, "..");
export const builtPage = join(root, "static", "index.html");
export const scratch = mkdtempSync(join(tmpdir(), "allnet-e2e-"));

/** How long the page may take for anything, in milliseconds: the machine may be slow and busy. */
export const patience = 120_000;

const browsers = {
  chromium: {
    browser: "chrome",
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--allow-file-access-from-files=false"],
  },
  firefox: { browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr" },
  webkit: { program: process.env.WEBKIT_DRIVER ?? "/usr/bin/WebKitWebDriver", timeout: 2 * patience },
};
export const browserNames = (process.env.BROWSERS ?? Object.keys(browsers).join(" ")).split(" ");

/**
 * Where a test is left out, as node:test takes it. What the page's own logic decides is tried in Chromium. What an
 * engine does by itself (arithmetic, decoding, workers, storage, files, keys and pointers, focus, drawing, print,
 * policy) is tried in every one; in WebKit, which is many times slower, not where other tests there use the same of
 * it. That each engine can do all that the page asks of it at all is what round.test.mjs is for.
 */
export const onlyChromium = (name) => (name === "chromium" ? false : "does not depend on the browser");
export const notWebKit = (name) => (name === "webkit" ? "other tests use the same of the browser" : false);
export const chromiumOnly = (name) => (name === "chromium" ? false : "needs the debugging protocol of Chromium");

/** Starts a browser by name, with more options for puppeteer (for WebKit, those of webkit.mjs). */
export function launch(name, options = {}) {
  if (name === "webkit") return launchWebKit({ ...browsers.webkit, ...options });
  return puppeteer.launch({ ...browsers[name], ...options, headless: true, protocolTimeout: 2 * patience });
}

/**
 * The width in pixels of a narrow window: the wanted one, except in MiniBrowser, whose
 * tool bar leaves no window narrower than 447.
 */
export function narrow(browserName, wanted) {
  return browserName === "webkit" ? Math.max(450, wanted) : wanted;
}

/** Serves a file as / and logs the path of every request. */
export async function serve(file = builtPage) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url !== "/") return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(readFileSync(file));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    requests,
    close: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); }),
  };
}

export const fileAddress = pathToFileURL(builtPage).href;

/** The network that tests ask where they name none: one that reads whole pictures. Those of cells are in cells.test.mjs. */
export const usual = "robust";

/**
 * Opens the page, waits until it is ready (or has failed), and chooses a network, or none
 * where that is null: the default one is then asked. Unless atOnce, pictures are explained only
 * when that is asked for, so that a test sees each step. The result has the
 * puppeteer page, and problems: console errors and exceptions as they come.
 */
export async function open(browser, address, { width = 1280, height = 900, network = usual, atOnce = false } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.setDefaultTimeout(patience);
  await page.goto(address);
  await page.waitForSelector("#engine-status:not([data-status=starting])");
  if (!atOnce) await page.$eval("#at-once", (input) => input.click());
  if (network && (await page.$eval("#engine-status", ({ dataset }) => dataset.status)) === "ready" && await page.$eval(`#networks input[value=${network}]`, (input) => !input.checked)) {
    await page.$eval(`#networks input[value=${network}]`, (input) => input.click());
    await page.waitForFunction(() => document.getElementById("announcer").children.length > 0); // what is said later is of the test
  }
  return { page, problems };
}

/** Gives files to the page as a person would by choosing them, and waits until all of its rows are done. */
export async function give(page, ...files) {
  const before = await page.$$eval("[data-testid=row]", (rows) => rows.length);
  const input = await page.$("#file-input");
  await input.uploadFile(...files);
  await settled(page, before + files.length);
}

/** Pastes a PNG file, as a picture without a name of its own. */
export async function paste(page, file) {
  await page.evaluate((base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], "image.png", { type: "image/png" }));
    const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
    Object.defineProperty(event, "clipboardData", { value: transfer }); // Firefox takes none from a script
    document.body.dispatchEvent(event);
  }, readFileSync(file).toString("base64"));
}

/** Waits until the list holds count rows, all done. */
export async function settled(page, count) {
  await page.waitForFunction((wanted) => {
    const rows = [...document.querySelectorAll("[data-testid=row]")];
    return rows.length === wanted && rows.every((row) => row.dataset.status === "done");
  }, {}, count);
}

/** Everything the page knows of the selected picture, as its JSON says it. */
export async function report(page) {
  return JSON.parse(await page.evaluate(async () => {
    const box = document.getElementById("numbers-box");
    box.open = false;
    await new Promise((drawn) => setTimeout(drawn, 50));
    box.open = true;
    for (let i = 0; i < 100; i++) {
      await new Promise((drawn) => setTimeout(drawn, 20));
      const text = document.getElementById("result-json").textContent;
      if (text) return text;
    }
    return "null";
  }));
}

/** Asks for an explanation by the button and waits for it. */
export async function explain(page) {
  await page.waitForSelector("#explain:not([disabled])");
  await page.$eval("#explain", (button) => button.click());
  await page.waitForFunction(() => !document.getElementById("explained").hidden && document.getElementById("progress-box").hidden);
}

/**
 * The least time that something takes, in milliseconds, in up to five attempts, of which none is made once one was below a
 * limit. A busy machine keeps the page waiting now and then; what it stands still for by itself comes every time.
 */
export async function least(limit, attempt) {
  let time = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5 && time >= limit; i++) time = Math.min(time, await attempt());
  return time;
}

/** Asks for the second opinion on the explanation that is shown and waits for it. */
export async function askSecond(page) {
  await page.waitForSelector("#ask-second:not([disabled])");
  await page.$eval("#ask-second", (button) => button.click());
  await page.waitForFunction(() => document.getElementById("second").dataset.agree && document.getElementById("progress-box").hidden);
}

const allnet = join(import.meta.dirname, "allnet");

/** Runs the command line; its exit status is not looked at where lenient. */
export async function commandLine(args, lenient = false) {
  try {
    return (await promisify(execFile)(allnet, args, { maxBuffer: 64 << 20 })).stdout;
  } catch (error) {
    if (lenient && error.stdout !== undefined) return error.stdout;
    throw error;
  }
}

/** Asks the command line once for all browsers: the files that tests make are the same each time. */
const onceEach = (ask) => {
  const known = new Map();
  return async (...question) => {
    const key = JSON.stringify(question);
    if (!known.has(key)) known.set(key, ask(...question));
    return structuredClone(await known.get(key));
  };
};

/** Options of the command line that name a network. */
const naming = (options) => (options.includes("-model") ? options : ["-model", usual, ...options]);

/** What `allnet classify -json` says of files, in their order. */
export const classified = onceEach(async (files, ...options) =>
  (await commandLine(["classify", "-json", ...naming(options), ...files], true)).trim().split("\n").map((line) => JSON.parse(line)));

/** What the page and its list call a record's outcome. */
export function outcomeOf(record) {
  return record.abstained ? "abstained" : record.predicted;
}

/** What `allnet explain` writes as JSON for a file. */
export const explained = onceEach(async (file, ...options) => {
  await commandLine(["explain", "-out", scratch, ...naming(options), file]);
  return JSON.parse(readFileSync(join(scratch, file.replace(/.*\//, "").replace(/\.\w+$/, "") + ".json"), "utf8"));
});

/** The drawn pictures, as PNG files. */
export async function drawings() {
  const folder = join(scratch, "drawings");
  await commandLine(["examples", folder]);
  return readdirSync(folder).sort().map((name) => join(folder, name));
}

/** Some real pictures of each class, where the shared data is at hand. */
export function realPictures(each) {
  const folder = join(process.env.ALLNET_SHARED ?? join(root, "..", "shared"), "data", "pbs");
  if (!existsSync(folder)) {
    console.log("left out: real pictures, because ALLNET_SHARED has none");
    return [];
  }
  return ["Benign", "Early", "Pre", "Pro"].flatMap((name) => {
    const files = readdirSync(join(folder, name)).sort();
    return Array.from({ length: each }, (_, i) => join(folder, name, files[Math.floor((i + 0.5) / each * files.length)]));
  });
}
