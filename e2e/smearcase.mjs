// What the tests of a case share: a smear of some pictures, what the command line says of it, and
// the page's overview.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { builtPage, classified, commandLine, drawings, fileAddress, open, scratch } from "./harness.mjs";
import { smear } from "./smear.mjs";

export const names = ["Benign", "Early", "Pre", "Pro"];

// A smear of nine pictures: seven that can be read, one damaged, and one that is no smear.
export const folder = join(scratch, "smear");
mkdirSync(folder, { recursive: true });
/** Copies a file into a folder, and gives the path of the copy. */
const into = (of) => (path) => {
  const place = join(of, basename(path));
  copyFileSync(path, place);
  return place;
};
export const files = [...(await drawings()), ...[1, 2, 3].map((seed) => smear(`field ${seed}`, { width: 420, height: 360, diameter: 30, nuclei: 10, seed })), smear("bare ground", { width: 500, height: 400, diameter: 40, nuclei: 0 })].map(into(folder));
export const broken = join(folder, "broken.png");
writeFileSync(broken, "no picture");
files.push(broken);

/** A folder of its own for copies of some files. */
export function folderOf(name, paths) {
  const of = join(scratch, name);
  mkdirSync(of, { recursive: true });
  paths.forEach((path) => into(of)(path));
  return of;
}

/** Makes something the first time that it is asked for. */
export const once = (make) => {
  let made;
  return () => (made ??= make());
};

/** What the command line says of the smear's pictures: records by the names of their files, and those of them that have an answer. */
export const read = once(async () => {
  const records = new Map((await classified(files, "-model", "cells")).map((record) => [basename(record.file), record]));
  return { records, answered: [...records.values()].filter(({ abstained }) => !abstained) };
});

/** What `allnet case` writes of a folder, as the page of this build would. */
export const written = async (of, ...options) => {
  const out = join(scratch, `out-${basename(of)}`);
  await commandLine(["case", "-out", out, "-page", builtPage, ...options, of], true);
  return { json: readFileSync(join(out, "case.json")), csv: readFileSync(join(out, "case.csv")) };
};

/** What the command line writes of the smear. */
export const fromCommandLine = once(() => written(folder, "-label", "S24-0117"));

/** Lets a test see what the page saves. Runs in the page. */
function catchFiles() {
  const blobs = new Map();
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const address = createObjectURL.call(URL, blob);
    blobs.set(address, blob);
    return address;
  };
  globalThis.caught = [];
  HTMLAnchorElement.prototype.click = function () { globalThis.caught.push({ name: this.download, blob: blobs.get(this.href) }); };
}

/** Opens the page with the network of cells, explaining at once; what it saves can be had by saved. */
export async function opened(browser, options = {}) {
  const { page, problems } = await open(browser, fileAddress, { network: null, atOnce: true, ...options });
  await page.evaluate(catchFiles);
  return { page, problems };
}

/** Presses a button and gives the file that is then saved: its name and bytes. */
export async function saved(page, id) {
  await page.waitForSelector(`#${id}:not([disabled])`);
  await page.evaluate((name) => { globalThis.caught.length = 0; document.getElementById(name).click(); }, id);
  await page.waitForFunction(() => globalThis.caught.length > 0);
  const { name, base64 } = await page.evaluate(async () => {
    const [{ name, blob }] = globalThis.caught;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let binary = "";
    for (let at = 0; at < bytes.length; at += 30_000) binary += String.fromCharCode(...bytes.subarray(at, at + 30_000));
    return { name, base64: btoa(binary) };
  });
  return { name, bytes: Buffer.from(base64, "base64") };
}

/** Waits until all pictures are looked at and explained. */
export const complete = (page, count) => page.waitForFunction((wanted) => {
  const rows = [...document.querySelectorAll("[data-testid=row]")];
  return rows.length === wanted && rows.every((row) => row.dataset.status === "done") && !document.getElementById("save-case").disabled;
}, count > 100 ? { polling: 500 } : {}, count);
export const press = (page, selector) => page.$eval(selector, (element) => element.click());
export const showAll = (page) => press(page, "#mode input[value=all]");
export const showOne = (page) => press(page, "#mode input[value=one]");
export const words = (page, selector) => page.$eval(selector, ({ textContent }) => textContent);
export const type = (page, selector, value) => page.$eval(selector, (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}, value);

export const select = (page, selector, value) => type(page, selector, value); // what both listen to is "input"

/** Chooses the row of a file, and waits until it is shown. */
export async function choose(page, name) {
  await page.evaluate((wanted) => [...document.querySelectorAll("[data-testid=row]")].find((row) => row.querySelector(".row-name").title === wanted).querySelector("button").click(), name);
  await page.waitForFunction((wanted) => document.getElementById("picture-name").textContent === wanted, {}, name);
}

/** The lines of the table, by column. */
export const table = (page) => page.$$eval("[data-testid=line]", (lines) => lines.map((line) => ({
  name: line.querySelector(".line-name").textContent, outcome: line.dataset.outcome,
  ...Object.fromEntries([...line.querySelectorAll("td[data-column]")].map((cell) => [cell.dataset.column, cell.textContent])),
})));
