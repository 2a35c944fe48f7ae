// What tests do inside the page beside pressing its buttons.

import { readFileSync } from "node:fs";

const axeSource = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Changes a setting as a person would. */
export function change(page, id, value) {
  return page.$eval(`#${id}`, (field, wanted) => {
    field.value = wanted;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);
}

/**
 * Lets a test hold what the page sends to its workers: while held.job names a job, its
 * messages wait in held.sends; held.release(changes) sends them, changed. Runs in the page.
 */
export function holdMessages() {
  const { postMessage } = Worker.prototype;
  const held = (globalThis.held = {
    job: null,
    sends: [],
    release(changes = {}) {
      held.job = null;
      for (const send of held.sends.splice(0)) send(changes);
    },
  });
  Worker.prototype.postMessage = function (message, ...rest) {
    if (!held.job || message.job !== held.job) return postMessage.call(this, message, ...rest);
    held.sends.push((changes) => postMessage.call(this, { ...message, ...changes }, ...rest));
  };
}

/**
 * Brings the magnifier out unless it is, waits for what lies under it, and tells what it says, and whether it holds
 * the pixels of a picture file around the place that it names, each of them, and nowhere others.
 */
export async function magnified(page, file, type = "image/bmp") {
  await page.$eval("#magnify:not([hidden])", (button) => button.getAttribute("aria-pressed") === "true" || button.click());
  await page.waitForSelector("#magnifier:not([hidden]):not([data-waiting])");
  return page.evaluate(async (base64, mime) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: mime }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const said = document.getElementById("magnifier-said").textContent;
    const [x, y] = said.match(/pixel ([\d,]+), ([\d,]+) /).slice(1).map((number) => Number(number.replaceAll(",", "")));
    const canvas = document.getElementById("magnifier-canvas");
    const many = canvas.width;
    const glass = canvas.getContext("2d").getImageData(0, 0, many, many).data;
    // The place named is in the middle, where a pixel may be cut.
    const from = [0, 1].flatMap((i) => [0, 1].map((j) => [x - Math.floor(many / 2) + i, y - Math.floor(many / 2) + j]));
    const same = ([u, v]) => context.getImageData(u, v, many, many).data.every((level, i) => glass[i - (i % 4) + 3] === 0 || level === glass[i]);
    const seen = glass.filter((level, i) => i % 4 === 3 && level > 0).length / many ** 2;
    return { said, x, y, many, seen, own: from.some(same) };
  }, readFileSync(file).toString("base64"), type);
}

/** The serious and critical faults that axe-core finds. The cards, which are long and never change, are left out unless they are asked for. */
export async function serious(page, { cards = false } = {}) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate((exclude) => globalThis.axe.run({ exclude }, { resultTypes: ["violations"] }), cards ? [] : [["#cards"]]);
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}
