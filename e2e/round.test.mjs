// One round through all that the page offers, in each browser: at each step every one says, offers and
// draws the same. Each part of the page's own logic has tests of its own, most of them in Chromium alone;
// this one is for an engine that lacks something, or understands it otherwise. In WebKit, which is many times
// slower, the parts are tried that are the engine's own.

import assert from "node:assert/strict";
import { basename } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { browserNames, launch, notWebKit, patience } from "./harness.mjs";
import { change } from "./inpage.mjs";
import { broken, choose, files, opened, press, showAll, showOne, type } from "./smearcase.mjs";

const given = [files[0], files[2], broken];

/** Lets the test know when the page has nothing left to do. Runs in the page. */
function watchWork() {
  const { postMessage } = Worker.prototype;
  const heard = new WeakSet();
  const work = (globalThis.work = { asked: 0, changed: performance.now() });
  Worker.prototype.postMessage = function (...message) {
    if (message[0].job && !heard.has(this)) {
      this.addEventListener("message", ({ data }) => {
        if (data.type === "done" || data.type === "error") work.asked--;
        work.changed = performance.now();
      });
    }
    if (message[0].job) {
      heard.add(this);
      work.asked++;
    }
    return postMessage.apply(this, message);
  };
  new MutationObserver(() => { work.changed = performance.now(); }).observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true, characterData: true });
}

/** Waits until all pictures are looked at, nothing is asked of a worker, and nothing has changed for so many milliseconds. */
const quiet = (page, long) => page.waitForFunction((ms) => globalThis.work.asked === 0 && performance.now() - globalThis.work.changed > ms && document.getElementById("progress-box").hidden && [...document.querySelectorAll("[data-testid=row]")].every((row) => row.dataset.status === "done"), {}, long);

/**
 * All that can be seen of the page: texts, names, and states of what can be pressed, with a digest of what is drawn
 * by the program. When a report was printed is left out.
 */
const seen = (page) => {
  return page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("main *, #report *")) {
      const onPaper = element.closest("#report");
      if ((element.getClientRects().length === 0 && !onPaper) || element.closest("script, style, #cards")) continue;
      if (onPaper && /printed/i.test(element.previousElementSibling?.textContent)) continue;
      const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data.trim()).filter(Boolean).join(" ");
      const told = ["aria-label", "aria-pressed", "aria-sort", "aria-current", "aria-checked", "title", "alt", "data-outcome", "data-readable"].filter((name) => element.hasAttribute(name)).map((name) => `${name}=${element.getAttribute(name)}`);
      if (element.matches("input, select, button, textarea")) told.push(element.disabled ? "off" : "on", element.checked ? "checked" : "", element.matches("input, select, textarea") ? element.value.replace(/^.*fakepath./, "") : "");
      if (own || told.length > 0) found.push([element.id || element.localName, own, ...told.filter(Boolean)].join(" | "));
    }
    // FNV-1a of the pixels: there are too many of them to be carried out of the page.
    const digest = (id) => {
      const { width, height } = document.getElementById(id);
      if (width * height === 0) return "nothing";
      const { data } = document.getElementById(id).getContext("2d").getImageData(0, 0, width, height);
      return data.reduce((hash, level) => Math.imul(hash ^ level, 16777619) >>> 0, 2166136261).toString(16);
    };
    if (!document.getElementById("picture").hidden) found.push(`drawn | ${["picture-canvas", "layer-canvas"].map(digest).join(" | ")}`);
    return found;
  });
};

/** What can be seen once all is done; where another browser has shown something already, once that is seen, if it ever is. */
const now = async (page, wanted) => {
  const begun = performance.now();
  for (;;) {
    await quiet(page, wanted ? 50 : 250);
    const found = await seen(page);
    if (!wanted || isDeepStrictEqual(found, wanted) || performance.now() - begun > patience / 6) return found;
    await new Promise((later) => setTimeout(later, 100));
  }
};

const shown = (page, selector) => page.waitForFunction((wanted) => document.querySelector(wanted)?.getClientRects().length > 0, {}, selector);
const pick = (group, value) => (page) => press(page, `#${group} input[value=${value}]`);

/** The round, step by step. */
const steps = {
  "an example, and its answer": async (page) => {
    await page.waitForSelector("[data-example]:not([disabled])");
    await press(page, "[data-example]");
    await shown(page, "#evidence, #explain:not([disabled])");
  },
  "the list is cleared": (page) => press(page, "#clear"),
  "and brought back": (page) => press(page, "#undo"),
  "it is cleared, and two pictures and a broken file are given": async (page) => {
    await press(page, "#clear");
    await (await page.$("#file-input")).uploadFile(...given);
    await page.waitForFunction((count) => document.querySelectorAll("[data-testid=row]").length === count, {}, given.length);
    await shown(page, "#evidence, #explain:not([disabled])");
  },
  "one of them again": async (page) => {
    await (await page.$("#file-input")).uploadFile(given[0]);
    await shown(page, "#note-box");
  },
  "those without an answer alone": (page) => press(page, "#only"),
  "all of them": (page) => press(page, "#only"),
  "the evidence of an answer": async (page) => {
    await choose(page, basename(given[1]));
    await shown(page, "#evidence");
  },
  "each box opened": (page) => page.evaluate(() => document.querySelectorAll("main details").forEach((box) => { box.open = true; })),
  "a second opinion": async (page) => {
    await page.waitForSelector("#ask-second:not([disabled])");
    await press(page, "#ask-second");
  },
  "by Shapley values": pick("weights-by", "shapley"),
  ...Object.fromEntries(["alone", "heat", "gradCAM", "picture", "outline"].map((view) => [`view ${view}`, pick("views", view)])),
  "for another class": pick("classes", "Benign"),
  "a region": (page) => page.$eval(".region", (row) => row.click()),
  "without the outlines of all cells": (page) => press(page, "#outlined"),
  "the magnifier": (page) => press(page, "#magnify"),
  "larger": (page) => press(page, "#magnify-more"),
  "put away": (page) => press(page, "#magnify"),
  "a setting that cannot be used": (page) => change(page, "set-samples", "5"),
  "another seed": async (page) => {
    await change(page, "set-samples", "300");
    await change(page, "set-seed", "77");
  },
  "explained by it": async (page) => {
    await page.waitForSelector("#explain:not([disabled])");
    await press(page, "#explain");
  },
  "the stain left as it is": (page) => press(page, "[data-step=stain] input"),
  "for all pictures": (page) => press(page, "#told-all"),
  "nothing told": (page) => press(page, "#told-reset"),
  "a part of it": async (page) => {
    await pick("tools", "part")(page);
    for (const [name, value] of Object.entries({ x: 10, y: 10, width: 200, height: 190 })) await change(page, `told-${name}`, value);
    await press(page, "#told-use");
  },
  "a number for its magnification": async (page) => {
    await pick("tools", "measure")(page);
    await change(page, "told-diameter", "16");
    await press(page, "#told-use");
  },
  "what the reader decides": async (page) => {
    await pick("reader-class", "Pre")(page);
    await pick("reader-certainty", "probable")(page);
    await type(page, "#reader-note", "=Ödem, “bare” 1,5");
  },
  "all pictures together": (page) => showAll(page),
  "sorted": (page) => press(page, "#columns [data-column=certainty] button"),
  "sorted the other way": (page) => press(page, "#columns [data-column=certainty] button"),
  "filtered": (page) => type(page, "#filter-answer", "abstained"),
  "not filtered": (page) => press(page, "#filter-none"),
  "one taken out": (page) => page.evaluate(() => document.querySelector("[data-testid=line]:last-child td:last-child button").click()),
  "and back": (page) => press(page, "#undo"),
  "a name for a label": (page) => type(page, "#case-label", "Anna Example"),
  "a label": (page) => type(page, "#case-label", "S24-0117"),
  "the report": async (page) => {
    await page.evaluate(() => { globalThis.print = () => {}; });
    await press(page, "#print-report");
    await page.waitForFunction(() => document.querySelector(".report-page"));
  },
  "after printing": (page) => page.evaluate(() => { dispatchEvent(new Event("afterprint")); }),
  "one picture": (page) => showOne(page),
  "the reader first": async (page) => {
    await press(page, "#reader-first");
    await page.waitForFunction(() => document.getElementById("reader-first").checked);
    await choose(page, basename(given[0]));
  },
  "what was read first": async (page) => {
    await pick("reader-class", "Benign")(page);
    await pick("reader-certainty", "certain")(page);
    await page.waitForSelector("#reader-decide:not([disabled])");
    await press(page, "#reader-decide");
  },
  "hidden again": (page) => press(page, "#reader-withdraw"),
  "the answer first": (page) => press(page, "#reader-first"),
};

describe("a round", { timeout: 10 * patience }, () => {
  const rounds = {};
  for (const browserName of browserNames) {
    describe(browserName, () => {
      let browser;
      before(async () => { browser = await launch(browserName); });
      after(() => browser?.close());

      test("through all that the page offers", { skip: notWebKit(browserName) }, async (t) => {
        const { page, problems } = await opened(browser, { width: 390, height: 844 });
        await page.evaluate(watchWork);
        const [first] = Object.values(rounds);
        const round = (rounds[browserName] = {});
        for (const [name, step] of Object.entries(steps)) {
          await step(page);
          round[name] = await now(page, first?.[name]);
          assert.deepEqual(round[name], first?.[name] ?? round[name], `${name}: ${browserName} and ${browserNames[0]}`);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing scrolls sideways`);
          assert.deepEqual(problems, [], name);
        }
        const all = Object.values(round);
        t.diagnostic(`${all.length} steps, ${all.flat().length} lines`);
        for (const [i, name] of Object.keys(steps).entries()) assert.notDeepEqual(all[i], all[i - 1], `${name} changes something`);
        await page.close();
      });
    });
  }
});
