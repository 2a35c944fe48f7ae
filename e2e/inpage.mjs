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

/** The serious and critical faults that axe-core finds. The cards, which are long and never change, are left out unless they are asked for. */
export async function serious(page, { cards = false } = {}) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate((exclude) => globalThis.axe.run({ exclude }, { resultTypes: ["violations"] }), cards ? [] : [["#cards"]]);
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}
