// Explanations that come with the answer, without having been asked for.

import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserNames, classified, drawings, explain, explained, fileAddress, give, launch, onlyChromium, open, patience, report, scratch } from "./harness.mjs";
import { smear } from "./smear.mjs";

const drawn = await drawings();
const broken = join(scratch, "broken.png");
writeFileSync(broken, "no picture");
const another = smear("another", { width: 224, height: 224, diameter: 22, nuclei: 12 });
const bare = smear("bare", { width: 700, height: 700, diameter: 40, nuclei: 0 });

/** Waits until what was explained of the selected picture is drawn. */
const evidence = (page) => page.waitForFunction(() => !document.getElementById("explained").hidden && !document.getElementById("evidence").hidden && document.getElementById("awaited").hidden);

/** Chooses a row of the list, and waits until it is shown. */
async function choose(page, index) {
  const name = await page.evaluate((i) => {
    const row = document.querySelectorAll("[data-testid=row]")[i];
    row.querySelector("button").click();
    return row.querySelector(".row-name").title;
  }, index);
  await page.waitForFunction((wanted) => document.getElementById("picture-name").textContent === wanted, {}, name);
}

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser, page, problems;
    before(async () => {
      browser = await launch(browserName);
      ({ page, problems } = await open(browser, fileAddress, { network: null, atOnce: true }));
    });
    after(async () => {
      assert.deepEqual(problems, []);
      await browser?.close();
    });

    test("the explanation comes with the answer, and is the command line's", async () => {
      await give(page, drawn[3]);
      await evidence(page);
      assert.equal(await page.$eval("#offer", ({ hidden }) => hidden), true, "there is no button to press");
      const [here, there] = [await report(page), await explained(drawn[3], "-model", "cells")];
      assert.deepEqual(here.explanation, there.explanation);
      assert.equal(await page.$eval("#announcer", ({ textContent }) => /Evidence for/.test(textContent)), true, "it is spoken");
    });

    test("each picture of a batch is explained, and the list says how far that can be read", { skip: onlyChromium(browserName) }, async () => {
      await give(page, broken, ...drawn.slice(0, 3), bare);
      const files = [drawn[3], broken, ...drawn.slice(0, 3), bare];
      const records = await classified(files, "-model", "cells");
      await page.waitForFunction((wanted) => [...document.querySelectorAll("[data-testid=row-trust]")].filter(({ hidden }) => !hidden).length === wanted, {}, records.filter(({ abstained }) => !abstained).length);
      const said = await page.$$eval("[data-testid=row-trust]", (all) => all.map(({ hidden, dataset, textContent, title }) => (hidden ? null : { r2: Number(dataset.r2), agreement: Number(dataset.agreement), readable: dataset.readable === "true", textContent, title })));
      assert.ok(records.some(({ abstained }) => !abstained), "one at least is answered");
      for (const [i, { predicted, abstained }] of records.entries()) {
        if (abstained) {
          assert.equal(said[i], null, `${basename(files[i])}: no answer, no explanation`);
          continue;
        }
        const { explanation } = await explained(files[i], "-model", "cells");
        const of = explanation.classes[["Benign", "Early", "Pre", "Pro"].indexOf(predicted)];
        const { textContent, title, ...figures } = said[i];
        assert.deepEqual(figures, { r2: of.r2, agreement: of.agreement, readable: of.readable }, basename(files[i]));
        assert.match(textContent, of.readable ? /^explained, R²/ : /not to be read/);
        assert.match(title, /agreement of two halves/);
      }
    });

    test("a picture that is chosen shows its evidence; where there is no answer, it is left to the button", { skip: onlyChromium(browserName) }, async () => {
      const records = await classified([drawn[3], broken, ...drawn.slice(0, 3), bare], "-model", "cells");
      const answered = records.findLastIndex(({ abstained }) => !abstained);
      const refused = records.findIndex(({ abstained, code }) => abstained && code !== "unreadable" && code !== "no cells");
      await choose(page, answered);
      await evidence(page);
      if (refused >= 0) {
        await choose(page, refused);
        await page.waitForFunction(() => !document.getElementById("explain").disabled && !document.getElementById("offer").hidden && document.getElementById("explained").hidden);
      }
      await choose(page, 0);
      await evidence(page);
    });

    test("another network's answer is explained by its own regions; other settings are for the button, and it can all be left to that", { skip: onlyChromium(browserName) }, async () => {
      await page.$eval("#networks input[value=robust]", (input) => input.click());
      await page.waitForFunction(() => [...document.querySelectorAll("[data-testid=row]")].every(({ dataset }) => dataset.status === "done"));
      await evidence(page);
      assert.deepEqual((await report(page)).explanation, (await explained(drawn[3])).explanation);
      await page.$eval("#set-seed", (input) => { input.value = "7"; input.dispatchEvent(new Event("input", { bubbles: true })); });
      await page.waitForSelector("#offer:not([hidden]) #explain:not([disabled])");
      assert.equal((await report(page)).explanation.settings.seed, (await explained(drawn[3])).explanation.settings.seed, "what is shown stays until it is asked for");
      await explain(page);
      assert.equal((await report(page)).explanation.settings.seed, 7);
      await page.$eval("#at-once", (input) => input.click());
      await give(page, another);
      await choose(page, 6);
      await page.waitForSelector("#offer:not([hidden]) #explain:not([disabled])");
      await page.$eval("#at-once", (input) => input.click());
      await page.$eval("#set-samples", (input) => { input.value = "10001"; input.dispatchEvent(new Event("input", { bubbles: true })); });
      await choose(page, 0);
      await choose(page, 6);
      await page.waitForSelector("#offer:not([hidden]) #explain:not([disabled])");
    });

    test("of a long list only the figures are kept, and the evidence comes again", { skip: onlyChromium(browserName) }, async () => {
      await page.$eval("#clear", (button) => button.click());
      await page.$eval("#note-close", (button) => button.click());
      await page.$eval("#preset", (select) => { select.selectedIndex = 0; select.dispatchEvent(new Event("change", { bubbles: true })); });
      const copies = Array.from({ length: 30 }, (_, i) => join(scratch, `copy ${i}.png`));
      for (const [i, copy] of copies.entries()) copyFileSync(drawn[i % drawn.length], copy);
      await give(page, ...copies);
      await page.waitForFunction(() => [...document.querySelectorAll("[data-testid=row]")].every((row) => row.dataset.outcome === "abstained" || !row.querySelector("[data-testid=row-trust]").hidden));
      const records = await classified(copies, "-model", "robust");
      const last = records.findLastIndex(({ abstained }) => !abstained);
      await choose(page, last);
      await evidence(page);
      assert.deepEqual((await report(page)).explanation, (await explained(copies[last])).explanation);
    });
  });
}
