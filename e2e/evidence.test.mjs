// What is drawn of an explanation, and what is said of it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames, commandLine, drawings, explain, explained, fileAddress, give, launch, narrow, notWebKit, onlyChromium, open, patience, report, scratch } from "./harness.mjs";

const pictures = await drawings();

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser, page, problems;
    before(async () => {
      browser = await launch(browserName);
      ({ page, problems } = await open(browser, fileAddress));
      await give(page, pictures[3]);
      await explain(page);
    });
    after(async () => {
      assert.deepEqual(problems, []);
      await browser?.close();
    });

    const show = (view) => page.$eval(`#views input[value=${view}]`, (input) => input.click()).then(() => page.waitForFunction((name) => document.getElementById("stage").dataset.view === name, {}, view));
    /** Of a canvas: its size, and how far apart the channels of its most colourful pixel are. */
    const canvas = (id) => page.$eval(id, (element) => {
      const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
      let colour = 0;
      for (let i = 0; i < data.length; i += 4) colour = Math.max(colour, Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]));
      return { size: element.width, colour };
    });

    test("under the heat map the picture is grey, so that every colour is the map's; elsewhere it has its own", async () => {
      await show("heat");
      assert.equal((await canvas("#picture-canvas")).colour, 0);
      for (const view of ["outline", "alone", "picture"]) {
        await show(view);
        assert.ok((await canvas("#picture-canvas")).colour > 50, view);
      }
    });

    test("the explanation is put to the test: what came of it is the command line's, and both curves are drawn", { skip: onlyChromium(browserName) }, async () => {
      const there = await explained(pictures[3]);
      const index = ["Benign", "Early", "Pre", "Pro"].indexOf(there.class);
      const here = await report(page);
      assert.deepEqual(here.faithfulness, there.faithfulness);
      const [first, ...others] = here.tested[index];
      assert.ok((await commandLine(["explain", "-model", "robust", "-out", scratch, pictures[3]])).includes(first), first);
      assert.equal(await page.$eval("#tested-said", ({ textContent }) => textContent), first);
      await page.$eval("#tested details", (box) => { box.open = true; });
      assert.deepEqual(await page.$$eval("#tested-more li", (all) => all.map(({ textContent }) => textContent)), others);
      const points = await page.$$eval("#tested-chart polyline", (all) => all.map((line) => line.getAttribute("points").split(" ").length));
      assert.deepEqual(points, Array(4).fill(there.explanation.superpixels + 1), "from none to all, by weight and in random order");
    });

    test("Grad-CAM is a map of its own over the picture in grey, with a scale from nothing up", async () => {
      await show("gradCAM");
      assert.equal((await canvas("#picture-canvas")).colour, 0);
      const layer = await page.$eval("#layer-canvas", (element) => {
        const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
        let [red, other] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
          if (data[i] < data[i + 1] || data[i + 1] !== data[i + 2]) other++;
          else if (data[i] > data[i + 1]) red++;
        }
        return { red, other };
      });
      assert.ok(layer.red > 1000 && layer.other === 0, JSON.stringify(layer));
      const { gradCAM } = (await report(page)).faithfulness;
      const limit = Math.max(...gradCAM[["Benign", "Early", "Pre", "Pro"].indexOf((await explained(pictures[3])).class)].map.values);
      const scale = await page.evaluate(() => ["low", "middle", "high", "against", "for"].map((end) => document.getElementById(`scale-${end}`).textContent));
      assert.deepEqual([scale[0], scale[1], scale[3], scale[4]], ["0", "", "", "speaks for it"]);
      assert.ok(Math.abs(Number(scale[2]) - limit) < 0.01 * limit, `${scale[2]}, ${limit}`);
      assert.equal(await page.$$eval(".number", (all) => all.length), 0, "its regions are none of LIME's");
      await show("outline");
    });

    test("each outlined region has a closed line of its own, apart from its neighbours' lines", async () => {
      await show("outline");
      // The lines: black, with white on the side of the rim. The pieces of black must be as many as the regions, or more where a region has holes.
      const { pieces, size } = await page.$eval("#layer-canvas", (element) => {
        const { data, width } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
        const black = (i) => data[4 * i + 3] === 255 && data[4 * i] === 0;
        const seen = new Uint8Array(width * width);
        let found = 0;
        for (let start = 0; start < seen.length; start++) {
          if (seen[start] || !black(start)) continue;
          found++;
          const left = [start];
          seen[start] = 1;
          while (left.length > 0) {
            const i = left.pop();
            const x = i % width;
            for (const other of [x > 0 ? i - 1 : i, x < width - 1 ? i + 1 : i, i - width, i + width]) {
              if (other < 0 || other >= seen.length || seen[other] || !black(other)) continue;
              seen[other] = 1;
              left.push(other);
            }
          }
        }
        return { pieces: found, size: width };
      });
      const regions = await page.$$eval("#regions-for .region", (all) => all.length);
      assert.equal(size, 3 * 224, "finer than the picture");
      assert.ok(pieces >= regions, `${pieces} lines around ${regions} regions`);
    });

    test("marks stand within the picture, cover one another nowhere, and fade with what they mark", async () => {
      await show("heat");
      const marks = await page.evaluate(() => {
        const stage = document.getElementById("stage").getBoundingClientRect();
        return [...document.querySelectorAll(".number")].map((mark) => mark.getBoundingClientRect()).map(({ left, top, right, bottom }) => [left - stage.left, top - stage.top, stage.right - right, stage.bottom - bottom, (left + right) / 2, (top + bottom) / 2]);
      });
      assert.equal(marks.length, 10);
      for (const [i, mark] of marks.entries()) {
        assert.ok(Math.min(...mark.slice(0, 4)) >= -1, `mark ${i} leaves the picture: ${mark}`);
        for (const other of marks.slice(i + 1)) assert.ok(Math.hypot(mark[4] - other[4], mark[5] - other[5]) > 14, `${mark} and ${other}`);
      }
      const strength = (percent) => page.$eval("#opacity", (input, value) => { input.value = value; input.dispatchEvent(new Event("input", { bubbles: true })); }, percent);
      for (const [percent, opacity] of [[0, "0"], [40, "0.4"], [70, "0.7"]]) {
        await strength(percent);
        await page.waitForFunction((wanted) => getComputedStyle(document.getElementById("numbers")).opacity === wanted, {}, opacity);
      }
      await show("outline");
    });

    test("it is counted how many of the shown regions hold a stained nucleus, as by the command line", { skip: onlyChromium(browserName) }, async () => {
      const { nuclei } = await report(page);
      const { nuclei: others, class: name } = await explained(pictures[3]);
      assert.deepEqual(nuclei, others);
      const [own] = nuclei.filter(({ class: each }) => each === name);
      const shown = await page.evaluate(() => ({
        held: document.querySelectorAll("#regions-for .region[data-nucleus]").length, regions: document.querySelectorAll("#regions-for .region").length,
        words: document.getElementById("trust-reasons").innerText, heading: document.getElementById("trust-heading").textContent, without: document.getElementById("trust").hasAttribute("data-no-nucleus"),
      }));
      assert.deepEqual([shown.held, shown.regions], [own.holding, own.shown]);
      assert.equal(shown.without, own.holding === 0);
      assert.match(shown.words, own.holding === 0 ? /^None of the five regions shown holds a stained nucleus\.$/m : own.holding === 5 ? /^All five regions shown hold a stained nucleus\.$/m : /of the five regions shown holds? a stained nucleus\.$/m);
      assert.match(shown.words, own.for + own.against < 0 ? /nuclei of the picture speak against/ : /nuclei of the picture speak for/);
      assert.match(shown.words, /weights describe this network\. It does not say that the network goes by the right things/);
    });

    test("where no shown region holds a stained nucleus, the trust box says so in its heading and is not green", { skip: onlyChromium(browserName) }, async () => {
      await give(page, pictures[1]);
      await explain(page);
      const found = [];
      for (const name of ["Benign", "Early", "Pre", "Pro"]) {
        await page.$eval(`#classes input[value=${name}]`, (input) => input.click());
        await page.waitForFunction((wanted) => document.querySelector("#classes input:checked").value === wanted && document.getElementById("for-heading").textContent.includes(document.querySelector("#classes input:checked + span").textContent), {}, name);
        const { held, ...said } = await page.evaluate(() => ({
          held: document.querySelectorAll("#regions-for .region[data-nucleus]").length, readable: document.getElementById("trust").dataset.readable,
          heading: document.getElementById("trust-heading").textContent, colour: getComputedStyle(document.getElementById("trust")).backgroundColor, words: document.getElementById("trust-reasons").innerText,
        }));
        if (said.readable === "true") found.push([held > 0, said]);
        if (held === 0) assert.match(said.words, /None of the five regions shown holds a stained nucleus|No stained nucleus was found/, name);
      }
      assert.deepEqual(new Set(found.map(([holds]) => holds)), new Set([true, false]), "of this drawing's classes one rests on nuclei, and another on none");
      for (const [holds, { heading }] of found) assert.equal(/but no region shown holds a stained nucleus/.test(heading), !holds, heading);
      const colours = [true, false].map((holds) => new Set(found.filter(([each]) => each === holds).map(([, { colour }]) => colour)));
      for (const colour of colours[0]) assert.ok(!colours[1].has(colour), `${colour} for both`);
    });

    test("a phone is told nothing of dropping", { skip: notWebKit(browserName) }, async () => {
      const phone = await open(browser, fileAddress, { width: narrow(browserName, 390), height: 800 });
      assert.doesNotMatch(await phone.page.evaluate(() => document.body.innerText), /\bdrop/i);
      await phone.page.close();
      await page.$eval("#clear", (button) => button.click());
      await page.waitForSelector("#main[data-empty]");
      assert.match(await page.$eval("#intake", ({ innerText }) => innerText), /drop them anywhere/);
    });
  });
}
