// What the page holds: an explanation is whole or not there, nothing is lost unasked, and
// what is saved or printed says what it is.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { askSecond, browserNames, chromiumOnly, drawings, explain, explained, fileAddress, give, launch, narrow, notWebKit, onlyChromium, open, patience, report, scratch, settled } from "./harness.mjs";
import { change, holdMessages } from "./inpage.mjs";
import { variedPictures } from "./oddfiles.mjs";

const pictures = await drawings();

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser;
    before(async () => { browser = await launch(browserName); });
    after(() => browser?.close());

    /** What is on the screen of an explanation. */
    const shown = (page) => page.evaluate(() => {
      const figure = (name) => document.querySelector(`#trust-figures [data-figure=${name}]`)?.dataset.value;
      return {
        explained: !document.getElementById("explained").hidden, asking: !document.getElementById("progress-box").hidden,
        offered: !document.getElementById("offer").hidden && !document.getElementById("explain").disabled,
        seed: figure("seed"), r2: figure("r2"), weights: [...document.querySelectorAll(".region")].map(({ dataset }) => dataset.weight),
      };
    });
    const press = (page, id) => page.$eval(`#${id}`, (button) => button.click());
    const row = (page, i) => page.evaluate((n) => document.querySelectorAll("[data-testid=row] button")[n].click(), i);

    /** Has an explanation made up to its drawing, which is then held. */
    async function explainUpToDrawing(page) {
      await page.evaluate(() => { globalThis.held.job = "draw"; });
      await page.waitForSelector("#explain:not([disabled])");
      await press(page, "explain");
      await page.waitForFunction(() => globalThis.held.sends.length === 1);
    }
    const ways = {
      "is cancelled": async (page) => {
        await page.keyboard.press("Escape");
        await page.evaluate(() => { globalThis.held.job = null; globalThis.held.sends.length = 0; });
      },
      fails: async (page) => {
        await page.evaluate(() => globalThis.held.release({ job: "nonsense" }));
        await page.waitForSelector("#error-box:not([hidden])");
      },
    };

    for (const [way, end] of Object.entries(ways)) {
      test(`an explanation whose drawing ${way} leaves what was there, whole, and can be asked for again`, { skip: onlyChromium(browserName) }, async () => {
        const { page, problems } = await open(browser, fileAddress);
        await page.evaluate(holdMessages);
        await give(page, pictures[3]);
        await explainUpToDrawing(page);
        await end(page);
        await page.waitForSelector("#progress-box[hidden]", { visible: false });
        await page.waitForSelector("#explain:not([disabled])");
        const none = await shown(page);
        assert.deepEqual([none.explained, none.offered], [false, true], "none was there");
        assert.equal((await report(page)).explanation, undefined);

        await explain(page);
        const first = await shown(page);
        const { explanation } = await report(page);
        assert.equal(first.seed, String(explanation.settings.seed));
        await change(page, "set-seed", 4711);
        await explainUpToDrawing(page);
        await end(page);
        await page.waitForSelector("#explain:not([disabled])");
        assert.deepEqual(await shown(page), { ...first, offered: true }, "figures and regions are of one explanation, the earlier");
        assert.deepEqual((await report(page)).explanation, explanation);
        await explain(page);
        assert.equal((await shown(page)).seed, "4711");
        assert.deepEqual(problems, []);
        await page.close();
      });
    }

    test("a second opinion whose drawing fails leaves the earlier one, whole", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await page.evaluate(holdMessages);
      await give(page, pictures[3]);
      await explain(page);
      await change(page, "set-permutations", 40);
      await askSecond(page);
      await page.keyboard.press("w");
      await page.waitForSelector("#regions[data-by=shapley]");
      const { secondOpinion } = await report(page);
      const before = await shown(page);
      await change(page, "set-permutations", 60);
      await page.evaluate(() => { globalThis.held.job = "draw"; });
      await page.waitForSelector("#ask-second:not([disabled])");
      await press(page, "ask-second");
      await page.waitForFunction(() => globalThis.held.sends.length === 1);
      await page.evaluate(() => globalThis.held.release({ job: "nonsense" }));
      await page.waitForSelector("#error-box:not([hidden])");
      await page.waitForSelector("#ask-second:not([disabled])");
      assert.deepEqual((await report(page)).secondOpinion, secondOpinion);
      assert.deepEqual((await shown(page)).weights, before.weights);
      await askSecond(page);
      assert.equal((await report(page)).secondOpinion.shapley.settings.permutations, 60);
      await page.close();
    });

    test("an explanation that cannot be drawn when its picture is chosen again is offered once more", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await page.evaluate(holdMessages);
      await give(page, ...pictures.slice(2, 4));
      await explain(page);
      await row(page, 1);
      await page.evaluate(() => { globalThis.held.job = "draw"; });
      await row(page, 0);
      await page.waitForFunction(() => globalThis.held.sends.length === 1);
      await page.evaluate(() => globalThis.held.release({ job: "nonsense" }));
      await page.waitForSelector("#error-box:not([hidden])");
      await page.waitForSelector("#offer:not([hidden]) #explain:not([disabled])");
      await explain(page);
      await page.close();
    });

    test("a crash of the program is not the picture's fault, and the picture can be given once more", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await page.evaluate(() => {
        const { postMessage } = Worker.prototype;
        Worker.prototype.postMessage = function (message, ...rest) {
          if (message.job !== "classify" || !globalThis.crashing) return postMessage.call(this, message, ...rest);
          this.dispatchEvent(new MessageEvent("message", { data: { type: "exit", message: "out of memory" } }));
        };
        globalThis.crashing = true;
      });
      await give(page, pictures[3]);
      const { code, reason, predicted } = await report(page);
      assert.deepEqual([code, predicted], ["crashed", null]);
      assert.match(reason, /program stopped unexpectedly/);
      const said = () => page.evaluate(() => ({ verdict: document.querySelector(".verdict").textContent, blank: document.getElementById("stage-blank").textContent }));
      assert.deepEqual(await said(), { verdict: "Cannot assess: the program stopped", blank: "Not looked at: the program stopped" });
      await page.evaluate(() => { globalThis.crashing = false; });
      const input = await page.$("#file-input");
      await input.uploadFile(pictures[3]);
      await page.waitForFunction(() => document.querySelector("[data-testid=row]").dataset.outcome === "Pro");
      assert.equal((await page.$$("[data-testid=row]")).length, 1);
      await page.close();
    });

    test("what is saved has a name that says what it is", async () => {
      const { page, problems } = await open(browser, fileAddress);
      await page.evaluate(() => { HTMLAnchorElement.prototype.click = function () { (globalThis.saved ??= []).push(this.download); }; });
      const saved = async (id) => {
        await page.evaluate(() => { globalThis.saved = []; });
        await press(page, id);
        await page.waitForFunction(() => globalThis.saved.length === 1);
        return page.evaluate(() => globalThis.saved[0]);
      };
      await give(page, pictures[3]);
      const stem = basename(pictures[3], ".png");
      assert.equal(await saved("save-png"), `${stem}.robust.picture.allnet.png`);
      assert.equal(await saved("save-json"), `${stem}.robust.allnet.json`);
      await change(page, "set-seed", 77);
      await explain(page);
      const names = [await saved("save-json")];
      for (const view of ["outline", "alone", "heat"]) {
        await page.$eval(`#views input[value=${view}]`, (input) => input.click());
        names.push(await saved("save-png"));
      }
      await page.keyboard.press("2");
      await page.waitForFunction(() => document.getElementById("for-heading").textContent.includes("Early"));
      names.push(await saved("save-png"));
      await page.$eval("#networks input[value=article]", (input) => input.click());
      await settled(page, 1);
      names.push(await saved("save-png"));
      assert.deepEqual(names, [
        `${stem}.robust.seed-77.allnet.json`, `${stem}.robust.outline.Pro.lime.seed-77.allnet.png`, `${stem}.robust.alone.Pro.lime.seed-77.allnet.png`,
        `${stem}.robust.heat.Pro.lime.seed-77.allnet.png`, `${stem}.robust.heat.Early.lime.seed-77.allnet.png`, `${stem}.article.picture.allnet.png`,
      ]);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("on paper stand the preset and the seed", { skip: chromiumOnly(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, pictures[3]);
      await change(page, "set-seed", 77);
      await explain(page);
      const visible = () => page.evaluate(() => [...document.querySelectorAll("p")].filter((each) => each.checkVisibility()).map(({ innerText }) => innerText).join("\n"));
      await page.emulateMediaType("print");
      assert.match(await visible(), /preset “Faithful.*1,000 samples, seed 77;/);
      await page.emulateMediaType("screen");
      assert.doesNotMatch(await visible(), /seed 77/);
      await page.close();
    });

    test("a file that is in the list already is shown there, and nothing is listed twice", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, ...pictures.slice(0, 3));
      const input = await page.$("#file-input");
      const state = () => page.evaluate(() => ({ rows: document.querySelectorAll("[data-testid=row]").length, name: document.getElementById("picture-name").textContent, note: document.getElementById("note-box").hidden ? "" : document.getElementById("note-text").textContent }));
      await input.uploadFile(pictures[1]);
      await page.waitForSelector("#note-box:not([hidden])");
      assert.deepEqual(await state(), { rows: 3, name: basename(pictures[1]), note: `\u2068${basename(pictures[1])}\u2069 is in the list already.` });
      await give(page, pictures[3]);
      assert.deepEqual(await state(), { rows: 4, name: basename(pictures[3]), note: "" });
      await input.uploadFile(...pictures.slice(0, 2));
      await page.waitForSelector("#note-box:not([hidden])");
      assert.equal((await state()).note, "2 of these pictures are in the list already.");
      // Another file of that name is another picture.
      const other = join(scratch, basename(pictures[0]));
      writeFileSync(other, Buffer.concat([readFileSync(pictures[1]), Buffer.alloc(7)]));
      await give(page, other);
      assert.equal((await state()).rows, 5);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a list that was cleared can be brought back, with all that was known", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, ...pictures.slice(2, 4));
      await explain(page);
      const [before, seen] = [await report(page), await shown(page)];
      await page.focus("#clear");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement.id === "undo");
      assert.equal((await page.$$("[data-testid=row]")).length, 0);
      await page.keyboard.press("Enter");
      await page.waitForSelector("#evidence:not([hidden])");
      assert.equal((await page.$$("[data-testid=row]")).length, 2);
      assert.equal(await page.evaluate(() => document.activeElement.className), "row");
      assert.deepEqual([await report(page), await shown(page)], [before, seen]);
      assert.ok(await page.$eval("#rows li:last-child img", (image) => image.decode().then(() => true, () => false)), "thumbnails too");

      // In the middle of the work, too; and not any more once others were taken in.
      await page.evaluate(holdMessages);
      await page.evaluate(() => { globalThis.held.job = "classify"; });
      const input = await page.$("#file-input");
      await input.uploadFile(pictures[0]);
      await page.waitForFunction(() => globalThis.held.sends.length === 1);
      await press(page, "clear");
      await page.evaluate(() => { globalThis.held.job = null; });
      await press(page, "undo");
      await settled(page, 3);
      await press(page, "clear");
      await give(page, pictures[1]);
      assert.equal(await page.$eval("#note-box", (box) => box.hidden), true);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the page asks before results that were not saved are lost, and only then", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await page.evaluate(() => { HTMLAnchorElement.prototype.click = function () { globalThis.saved = this.download; }; });
      const asks = () => page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
      assert.equal(await asks(), false, "nothing was given");
      await page.$eval("#examples button", (button) => button.click());
      await settled(page, 1);
      assert.equal(await asks(), false, "a drawing is always there");
      await give(page, pictures[3]);
      assert.equal(await asks(), true);
      await press(page, "save-json");
      assert.equal(await asks(), false);
      await explain(page);
      assert.equal(await asks(), true, "an explanation was not saved");
      await press(page, "save-png");
      await page.waitForFunction(() => /outline/.test(globalThis.saved));
      await page.waitForFunction(() => dispatchEvent(new Event("beforeunload", { cancelable: true })));
      await askSecond(page);
      assert.equal(await asks(), true, "nor was a second opinion");
      await page.close();
    });

    for (const [what, width, height] of [["on a phone", narrow(browserName, 390), 844], ["at 200 % zoom", 640, 450]]) {
      test(`${what} a region that is pressed is shown beside its row, in sight, and the reader stays there`, { skip: width === 640 && notWebKit(browserName) }, async () => {
        const { page, problems } = await open(browser, fileAddress, { width, height });
        await give(page, pictures[2]);
        await explain(page);
        const pressRegion = (selector, where = "center") => page.evaluate(async (which, block) => {
          const button = document.querySelector(which);
          button.scrollIntoView({ block });
          await new Promise((later) => setTimeout(later, 100));
          const { top } = button.getBoundingClientRect();
          button.click();
          await new Promise((later) => setTimeout(later, 200));
          const inset = document.getElementById("inset");
          return { moved: Math.abs(button.getBoundingClientRect().top - top), below: inset?.previousElementSibling === button, above: inset?.nextElementSibling === button, inSight: Boolean(inset) && inset.getBoundingClientRect().top >= 0 && inset.getBoundingClientRect().bottom <= innerHeight, drawn: Boolean(inset && new Uint32Array(inset.getContext("2d").getImageData(0, 0, 224, 224).data.buffer).some((pixel) => pixel === 0xff00d6ff)), stage: document.getElementById("stage").getBoundingClientRect().bottom };
        }, selector, where);
        for (const selector of ["#regions-for li:nth-child(2) .region", "#regions-against li:last-child .region", "#regions-for li:last-child .region"]) {
          const { moved, below, drawn, stage } = await pressRegion(selector);
          assert.ok(stage < 100, `the picture is out of sight: it ends at ${stage}`);
          assert.ok(moved <= 2, `${selector} was moved by ${moved}`);
          assert.deepEqual([below, drawn], [true, true], `${selector}: the region is outlined below it`);
        }
        const again = await pressRegion("#regions-for li:last-child .region");
        assert.deepEqual([again.below, again.above], [false, false], "pressed again it goes");
        const low = await pressRegion("#regions-for li:nth-child(3) .region", "end");
        assert.ok(low.moved <= 2, `a row at the lower edge was moved by ${low.moved}`);
        assert.deepEqual([low.above, low.drawn, low.inSight], [true, true, true], "there is room above it only");
        // Where the picture is in sight, it is enough.
        await page.evaluate(() => { document.getElementById("stage").scrollIntoView({ block: "center" }); document.querySelector(".region").click(); });
        await new Promise((later) => setTimeout(later, 100));
        assert.equal(await page.$("#inset"), null);
        assert.deepEqual(problems, []);
        await page.close();
      });
    }

    test("that a picture was stretched is said of one that is refused, too", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, variedPictures(2)[1]);
      assert.equal(await page.$eval("#result", (result) => result.dataset.outcome), "abstained");
      assert.match(await page.$eval("#notes", (notes) => notes.textContent), /123 × 101 pixels; it was stretched to the square/);
      await page.close();
    });

    test("explanations are kept while another network is asked, and a second opinion that goes is announced", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await page.evaluate(() => {
        globalThis.said = [];
        new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach((node) => globalThis.said.push(node.textContent)))).observe(document.getElementById("announcer"), { childList: true });
      });
      await give(page, pictures[3]);
      await explain(page);
      await askSecond(page);
      const before = await report(page);
      const seen = await shown(page);
      const use = async (name) => {
        await page.$eval(`#networks input[value=${name}]`, (input) => input.click());
        await settled(page, 1);
      };
      await use("article");
      assert.equal((await report(page)).explanation, undefined);
      await explain(page);
      const other = await report(page);
      await use("robust");
      await page.waitForSelector("#evidence:not([hidden])");
      assert.deepEqual([await report(page), await shown(page)], [before, seen]);
      await use("article");
      await page.waitForSelector("#evidence:not([hidden])");
      assert.deepEqual(await report(page), other);
      assert.deepEqual(other.explanation, (await explained(pictures[3], "-model", "article")).explanation);
      await use("robust");
      await page.waitForSelector("#evidence:not([hidden])");

      await change(page, "set-seed", 99);
      await explain(page);
      assert.equal((await report(page)).secondOpinion, undefined);
      assert.match(await page.$eval("#second-changed", (text) => (text.hidden ? "" : text.textContent)), /earlier second opinion/);
      await page.waitForFunction(() => globalThis.said.some((words) => /earlier second opinion/.test(words)));
      await askSecond(page);
      assert.equal(await page.$eval("#second-changed", (text) => text.hidden), true);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the ending of a name is never broken, nor lost in the list", { skip: notWebKit(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      const names = Array.from({ length: 12 }, (_, i) => `smear-${"of-a-patient-".repeat(3).slice(0, 2 * i + 10)}-0042.png`);
      names.push("smear-of-a-patient-of-another-0042.png", "Patient_2026-11-24_slide_12_field_0042.png", `${"W".repeat(70)}0042.png`);
      for (const name of names) copyFileSync(pictures[0], join(scratch, name));
      await give(page, ...names.map((name) => join(scratch, name)));
      const endings = await page.$$eval(".row-name", async (all) => {
        const seen = [];
        for (const name of all) {
          name.closest("li").scrollIntoView({ block: "center" });
          await new Promise((drawn) => setTimeout(drawn, 100)); // rows out of sight are not laid out
          const ending = name.querySelector(".ending");
          const { left, right, top, bottom } = ending.getBoundingClientRect();
          const isSeen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2) === ending;
          seen.push({ words: ending.textContent, lines: ending.getClientRects().length, isSeen, whole: name.textContent.endsWith("0042.png") });
        }
        return seen;
      });
      for (const [i, { words, lines, isSeen, whole }] of endings.entries()) {
        assert.deepEqual([words, lines, whole], ["0042.png", 1, true], names[i]);
        if (!names[i].startsWith("W")) assert.ok(isSeen, `${names[i]}: its ending is in sight`);
      }
      await page.close();
    });
  });
}
