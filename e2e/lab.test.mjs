// A laboratory's profile.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserNames, builtPage, classified, commandLine, give, launch, patience, report, scratch, settled } from "./harness.mjs";
import { serious } from "./inpage.mjs";
import { smear } from "./smear.mjs";
import { choose, complete, once, opened, press, saved, showAll, showOne, type, words, written } from "./smearcase.mjs";

/** What a reader says of the pictures of each slide of a laboratory: mostly another class than the network does. */
const classOfFile = (i) => (i < 4 ? "Pre" : "Benign");

/** Five slides of five pictures, the cases of all but the last with what a reader decided, and the profile that the command line fits to them all. */
const taught = once(async () => {
  const slides = [1, 2, 3, 4, 5].map((n) => {
    const of = join(scratch, `slide ${n}`);
    mkdirSync(of, { recursive: true });
    const all = [1, 2, 3, 4, 5].map((i) => {
      const file = join(of, `${n}-${i}.bmp`);
      copyFileSync(smear(`slide ${n} field ${i}`, { width: 300, height: 260, diameter: 30, nuclei: 6, seed: 10 * n + i }), file);
      return file;
    });
    const decisions = join(scratch, `slide ${n}.csv`);
    writeFileSync(decisions, ["file,reader_class", ...all.map((file, i) => `${basename(file)},${classOfFile(i)}`)].join("\n"));
    return { label: `S${n}`, folder: of, files: all, decisions };
  });
  const cases = [];
  for (const { label, folder: of, decisions } of slides) {
    const file = join(scratch, `${label}.json`);
    writeFileSync(file, (await written(of, "-label", label, "-decisions", decisions, "-explain=false")).json);
    cases.push(file);
  }
  const out = join(scratch, "profile.json");
  await commandLine(["profile", "-out", out, ...cases]);
  return { slides, cases, fitted: readFileSync(out, "utf8") };
});

if (browserNames.includes("chromium")) {
  describe("chromium", { timeout: 20 * patience }, () => {
    let browser;
    before(async () => { browser = await launch("chromium"); });
    after(() => browser?.close());

    test("a laboratory's profile is fitted as the command line fits it, shown before it is used, and then in every result", async () => {
      const { slides, cases, fitted } = await taught();
      const own = slides.at(-1);
      const { page, problems } = await opened(browser);
      const shown = async (name) => {
        await page.waitForFunction((heading) => !document.getElementById("lab-shown").hidden && document.getElementById("lab-shown-heading").textContent === heading, {}, name);
        return page.$eval("#lab-shown", ({ dataset }) => dataset.profile);
      };
      await give(page, ...own.files);
      await showAll(page);
      await complete(page, own.files.length);
      await type(page, "#case-label", own.label);
      await page.waitForFunction(() => /too few confirmed pictures: 0/.test(document.getElementById("lab-standing").textContent));
      assert.equal(await page.$eval("#lab-fit", ({ disabled }) => disabled), true);
      await showOne(page);
      for (const [i, file] of own.files.entries()) {
        await choose(page, basename(file));
        await press(page, `#reader-class input[value=${classOfFile(i)}]`);
      }
      await showAll(page);
      await (await page.$("#lab-input")).uploadFile(...cases.slice(0, 3));
      await page.waitForFunction(() => /20 pictures of 4 slides .*too few slides: 4\./.test(document.getElementById("lab-standing").textContent));
      assert.equal(await page.$eval("#lab-fit", ({ disabled }) => disabled), true);
      await page.evaluate((json) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([json], "S4.json", { type: "application/json" }));
        document.getElementById("lab-standing").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
      }, readFileSync(cases[3], "utf8")); // dropped on the box it is for the fit, and not opened
      await page.waitForSelector("#lab-fit:not([disabled])");
      assert.match(await words(page, "#lab-standing"), /25 pictures of 5 slides \(saved cases that were added: 4\)\.\s*$/);
      assert.equal(await page.$eval("#again", ({ hidden }) => hidden), true);
      await press(page, "#lab-fit");
      const profile = await shown("A profile, not used yet");
      const { judgement } = JSON.parse(fitted);
      const lines = await page.$$eval("#lab-judged-body tr", (rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)));
      assert.ok(judgement.correctedRight > judgement.right);
      assert.deepEqual(lines[0].slice(1), [`${judgement.right} of 25`, `${judgement.correctedRight} of 25`]);
      assert.equal(await page.$$eval("[data-testid=line]", (all) => all.length), own.files.length);
      const file = await saved(page, "lab-save");
      assert.equal(file.name, `profile.cells.${profile.slice(0, 8)}.allnet.json`);
      const ofPage = JSON.parse(file.bytes);
      assert.deepEqual({ ...ofPage, program: null }, { ...JSON.parse(fitted), program: null });
      assert.deepEqual(await serious(page), []);

      const place = join(scratch, "lab-profile.json");
      writeFileSync(place, file.bytes);
      const decided = (await written(own.folder, "-label", own.label, "-decisions", own.decisions, "-profile", place)).json.toString();
      assert.equal(JSON.parse(decided).pictures[0].answer.correction.profile, profile);
      await press(page, "#lab-use");
      assert.equal(await shown("The profile that is used"), profile);
      await complete(page, own.files.length);
      await (await page.$("#page-input")).uploadFile(builtPage);
      await page.waitForFunction(() => /SHA-256 of its file/.test(document.getElementById("page-hash").textContent));
      const again = await saved(page, "save-case");
      assert.equal(again.bytes.toString(), decided, "explanations and all");
      await showOne(page);
      assert.ok((await words(page, "#result-eyebrow")).includes(`profile ${profile.slice(0, 8)}`));

      // One that the command line fitted, with what was told of all its pictures, given as a file.
      const given = join(scratch, "lab-given.json");
      writeFileSync(given, JSON.stringify({ ...JSON.parse(fitted), choices: { keepStain: true } }));
      await (await page.$("#file-input")).uploadFile(given);
      const other = await shown("A profile, not used yet");
      assert.notEqual(other, profile);
      assert.match(await words(page, "#lab-said"), /the stain is left as it is/);
      assert.equal((await report(page)).profile, profile, "the one that was in use still is");
      await press(page, "#lab-use");
      assert.equal(await shown("A profile, not used yet"), profile, "the one that it replaces is not gone");
      await press(page, "#lab-stop");
      assert.equal(await shown("The profile that is used"), other);
      const more = slides[0].files[0];
      await give(page, more);
      await choose(page, basename(more));
      const { explanation, faithfulness, readings, ...said } = await report(page);
      const [record] = await classified([more], "-model", "cells", "-profile", given);
      assert.ok(record.standardised.steps.some(({ told }) => told));
      assert.deepEqual({ predicted: said.predicted, probabilities: said.probabilities, profile: said.profile, standardised: said.standardised }, { predicted: record.predicted, probabilities: record.probabilities, profile: other, standardised: record.standardised });
      assert.deepEqual([said.correction.profile, said.correction.bias], [other, JSON.parse(fitted).bias]);

      writeFileSync(given, fitted.replace(/"weights": "[0-9a-f]{8}/, '"weights": "00000000'));
      await (await page.$("#file-input")).uploadFile(given);
      await page.waitForFunction(() => /the profile belongs to the network cells with weights of SHA-256 00000000/.test(document.getElementById("error-text").textContent));
      await press(page, "#networks input[value=robust]");
      assert.equal(await shown("A profile, not used yet"), other, "it can be used again");
      await press(page, "#lab-stop");
      await page.waitForSelector("#lab[hidden]");
      await settled(page, own.files.length + 1);
      assert.equal((await report(page)).correction, undefined);
      assert.deepEqual(problems, []);
      await page.close();
    });
  });
}
