// The network that reads cells: how a picture is made ready for it, what a reader can tell,
// its fields, and its cells.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { askSecond, browserNames, chromiumOnly, classified, drawings, explain, explained, fileAddress, give, launch, narrow, notWebKit, onlyChromium, open, patience, report, scratch, settled } from "./harness.mjs";
import { magnified, serious } from "./inpage.mjs";
import { smear } from "./smear.mjs";

const network = "cells";
const drawn = await drawings();
const large = smear("large", { width: 1300, height: 1000, diameter: 40, nuclei: 30, light: 0.7, cast: [1, 0.9, 0.95] });
const small = smear("small", { width: 500, height: 400, diameter: 80, nuclei: 3 });
const round = smear("round", { width: 1300, height: 1000, diameter: 40, nuclei: 30, eyepiece: true });
const dense = smear("dense", { width: 560, height: 560, diameter: 40, nuclei: 45 });
const bare = smear("bare", { width: 700, height: 700, diameter: 40, nuclei: 0 });

/** Waits until the selected picture is read, and what it was given as is shown. */
async function read(page) {
  await page.waitForFunction(() => document.getElementById("ready").getAttribute("aria-busy") === "false" && !document.getElementById("original-stage").hasAttribute("data-blank"));
}

/** What can be seen of how the picture was made ready. */
function ready(page) {
  return page.evaluate(() => ({
    steps: [...document.querySelectorAll("#ready-steps li")].map((item) => ({ name: item.dataset.step, told: item.hasAttribute("data-told"), sentence: item.querySelector("p span").textContent })),
    fields: [...document.querySelectorAll(".field-row")].map(({ dataset }) => ({ cells: Number(dataset.cells), reading: dataset.reading })),
    shown: [...document.querySelectorAll(".field-row")].findIndex((button) => button.getAttribute("aria-current") === "true"),
  }));
}

/** Chooses a tool, and gives the rectangle of the picture that is pointed at. */
async function pick(page, tool) {
  await page.$eval(`#tools input[value=${tool}]`, (input) => input.click());
  await page.waitForFunction((name) => document.getElementById("original-stage").dataset.tool === name, {}, tool);
  return page.$eval("#original-stage", (stage) => {
    stage.scrollIntoView({ block: "center" });
    const { left, top, width, height } = stage.getBoundingClientRect();
    return { left, top, width, height };
  });
}

/** Draws on the picture as a pointer of some kind would, from one place to another in pixels of the picture. */
async function draw(page, tool, from, to, size = [1300, 1000], pointerType = "mouse") {
  await pick(page, tool);
  await page.evaluate(([start, end, [width, height], kind]) => {
    const stage = document.getElementById("original-stage");
    const box = stage.getBoundingClientRect();
    const send = (type, [x, y]) => stage.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, pointerId: 1, pointerType: kind, isPrimary: true, button: 0, clientX: box.left + (x / width) * box.width, clientY: box.top + (y / height) * box.height }));
    stage.setPointerCapture = () => {}; // no such pointer is on the screen
    send("pointerdown", start);
    send("pointermove", [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2]);
    send("pointermove", end);
    send("pointerup", end);
  }, [from, to, size, pointerType]);
}

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser;
    before(async () => { browser = await launch(browserName); });
    after(() => browser?.close());

    test("the network of cells is the default, and its readings and explanations are the command line's to the last bit", async () => {
      const { page, problems } = await open(browser, fileAddress, { network: null });
      assert.equal(await page.$eval("#networks input:checked", (input) => input.value), network);
      const files = [...drawn, large, small, bare];
      const of = await classified(files, "-model", network);
      for (const [i, file] of files.entries()) {
        await give(page, file);
        await page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i);
        await page.waitForFunction((name) => document.getElementById("picture-name").textContent === name, {}, basename(file));
        const { predicted, probabilities, code, checks, standardised } = await report(page);
        const wanted = of[i];
        assert.deepEqual({ predicted, probabilities, code, checks, standardised }, { predicted: wanted.predicted, probabilities: wanted.probabilities, code: wanted.code, checks: wanted.checks, standardised: wanted.standardised }, basename(file));
      }
      assert.deepEqual(of.slice(-2).map(({ code }) => code), ["too small", "no cells"]);
      for (const file of [drawn[0], large]) {
        await page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), files.indexOf(file));
        await page.waitForFunction((name) => document.getElementById("picture-name").textContent === name, {}, basename(file));
        await explain(page);
        assert.equal(await page.$eval("#preset", (select) => select.value), "cells");
        if ((await report(page)).abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
        await page.waitForSelector("#evidence:not([hidden])");
        await askSecond(page);
        const [here, there] = [await report(page), await explained(file, "-model", network, "-shapley", "200")].map((said) => said.notAnAnswer ?? said);
        for (const part of ["explanation", "readings", "field"]) assert.deepEqual(here[part], there[part], `${part} of ${basename(file)}`);
        assert.deepEqual(here.secondOpinion.agreement, there.secondOpinion.agreement);
        assert.deepEqual(here.secondOpinion.shapley.classes, there.secondOpinion.shapley.classes);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("each step is told in a sentence, and one that is left out is not done", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      const [{ standardised }] = await classified([large], "-model", network);
      const { steps, fields, shown } = await ready(page);
      assert.deepEqual(steps.map(({ name }) => name), ["crop", "magnification", "light", "fields", "cells", "stain"]);
      assert.deepEqual(steps.slice(1).map(({ sentence }) => sentence), standardised.steps.map(({ sentence }) => sentence));
      assert.deepEqual(fields.map(({ cells }) => cells), standardised.fields.map(({ cells }) => cells));
      assert.equal(fields[shown].cells, Math.max(...fields.map(({ cells }) => cells)), "shown is the field with the most cells");
      for (const name of ["light", "stain"]) {
        await page.focus(`[data-step=${name}] input`);
        await page.$eval(`[data-step=${name}] input`, (box) => box.click());
        await page.waitForFunction((step) => document.querySelector(`[data-step=${step}]`).hasAttribute("data-told"), {}, name);
        await read(page);
      }
      const without = await report(page);
      assert.deepEqual(without.told, { keepLight: true, keepStain: true });
      assert.deepEqual(without.standardised.steps.filter(({ told }) => told).map(({ name, changed }) => [name, changed]), [["light", false], ["stain", false]]);
      assert.equal(await page.evaluate(() => document.activeElement.dataset.keep), "stain", "the focus stays where the picture is read again");
      await page.focus("#told-reset");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => !document.querySelector("[data-told]"));
      await read(page);
      assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY", "the focus is not lost with its button");
      const again = await report(page);
      assert.deepEqual([again.told, again.standardised], [undefined, standardised]);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a line across a red cell tells the magnification: by mouse, finger, arrow keys, or a number", async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      const diameter = async (wanted) => {
        await page.waitForFunction(() => document.querySelector("[data-step=magnification]").hasAttribute("data-told"));
        await read(page);
        const { told, standardised } = await report(page);
        assert.ok(Math.abs(told.diameter - wanted) <= 0.11 * wanted, `${told.diameter} pixels, drawn were ${wanted}`);
        assert.ok(Math.abs(standardised.scale - 16.5 / told.diameter) < 1e-9, `scaled by ${standardised.scale}`);
        const step = standardised.steps.find(({ name }) => name === "magnification");
        assert.ok(step.told && /as you measured/.test(step.sentence), step.sentence);
        await page.$eval("#told-reset", (button) => button.click());
        await page.waitForFunction(() => !document.querySelector("[data-told]"));
        await read(page);
      };
      await draw(page, "measure", [300, 300], [336, 348]);
      await diameter(60);
      await draw(page, "measure", [300, 300], [348, 300], [1300, 1000], "touch");
      await diameter(48);
      await pick(page, "measure");
      await page.focus("#original-stage");
      await page.keyboard.press("Enter");
      for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight"); // hundredths of 1300 pixels
      await page.keyboard.press("Enter");
      await diameter(52);
      await pick(page, "measure");
      await page.$eval("#told-diameter", (input) => { input.value = "55.5"; });
      await page.focus("#told-diameter");
      await page.keyboard.press("Enter");
      await diameter(55.5);
      assert.equal(await page.evaluate(() => document.activeElement.id), "original-stage");

      await draw(page, "measure", [300, 300], [301, 301]);
      await page.waitForSelector("#error-box:not([hidden])");
      assert.match(await page.$eval("#error-text", (box) => box.textContent), /too short/);
      assert.equal((await report(page)).told, undefined, "a slip tells nothing");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a mouse draws on the picture shown larger, while the page stays where it is", { skip: browserName !== "chromium" && "needs the mouse of the debugging protocol" }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      await pick(page, "measure");
      await page.select("#zoom", "4");
      await pick(page, "measure");
      const view = await page.$eval("#original-view", (box) => {
        box.scrollTo(200, 150);
        const { left, top } = box.getBoundingClientRect();
        return { left, top, wide: document.getElementById("original-stage").getBoundingClientRect().width };
      });
      const before = await page.evaluate(() => scrollY);
      await page.mouse.move(view.left + 40, view.top + 40);
      await page.mouse.down();
      await page.mouse.move(view.left + 100, view.top + 120, { steps: 5 });
      assert.equal(await page.$$eval("#original-marks .line", (lines) => lines.length), 2, "the line is seen while it is drawn");
      assert.equal(await page.evaluate(() => scrollY), before);
      await page.mouse.up();
      await page.waitForFunction(() => document.querySelector("[data-step=magnification]").hasAttribute("data-told"));
      await read(page);
      const wanted = (100 * 1300) / view.wide;
      const { diameter } = (await report(page)).told;
      assert.ok(Math.abs(diameter - wanted) <= 2, `${diameter}, drawn were ${wanted}`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a part that is drawn is read alone, and the ground that is pressed is made white", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      await draw(page, "part", [650, 20], [20, 640]);
      await page.waitForFunction(() => document.querySelector("[data-step=crop]").hasAttribute("data-told"));
      await read(page);
      const { told: { crop }, standardised } = await report(page);
      for (const [name, wanted] of Object.entries({ x: 20, y: 20, width: 630, height: 620 })) assert.ok(Math.abs(crop[name] - wanted) <= 3, `${name} is ${crop[name]}`);
      for (const field of standardised.fields) assert.ok(field.x >= crop.x && field.y >= crop.y && field.x + field.width <= crop.x + crop.width + 2, `${JSON.stringify(field)} lies outside`);
      await pick(page, "part");
      assert.equal(await page.$eval("#told-width", (input) => input.valueAsNumber), crop.width, "what was drawn stands in the number fields");
      await page.$eval("#told-width", (input) => { input.value = "700"; });
      await page.$eval("#told-use", (button) => button.click());
      await page.waitForFunction((before) => document.querySelector("[data-step=crop] p span").textContent !== before, {}, standardised.steps[0].sentence);
      await read(page);
      assert.deepEqual((await report(page)).told.crop, { ...crop, width: 700 });
      await page.$eval("[data-step=crop] input", (box) => box.click());
      await page.waitForFunction(() => /All of the picture/.test(document.querySelector("[data-step=crop]").textContent));
      await read(page);
      assert.deepEqual((await report(page)).told.crop, { x: 0, y: 0, width: 1300, height: 1000 });

      await draw(page, "ground", [1, 1], [1, 1]);
      await page.waitForFunction(() => document.querySelector("[data-step=light]").hasAttribute("data-told"));
      await read(page);
      const { told: { ground } } = await report(page);
      for (const [c, level] of [242, 218, 230].entries()) assert.ok(Math.abs(ground[c] - level) <= 4, `the ground is ${ground}`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("what lies outside the round field of an eyepiece is left out, unless all is to be read", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, round);
      await read(page);
      const of = await report(page);
      const [crop] = of.standardised.steps;
      assert.deepEqual([crop.name, crop.changed, crop.told], ["crop", true, false]);
      assert.match(await page.$eval("[data-step=crop]", (item) => item.textContent), /through an eyepiece/);
      for (const { x, width } of of.standardised.fields) assert.ok(x >= 170 && x + width <= 1130, `${x} to ${x + width} lies outside`);
      await page.$eval("[data-step=crop] input", (box) => box.click());
      await page.waitForFunction(() => document.querySelector("[data-step=crop]").hasAttribute("data-told"));
      await read(page);
      const whole = await report(page);
      assert.deepEqual(whole.told, { crop: { x: 0, y: 0, width: 1300, height: 1000 } });
      assert.ok(whole.standardised.fields.some(({ x }) => x === 0), "what lay outside is read, too");
      await page.$eval("[data-step=crop] input", (box) => box.click());
      await page.waitForFunction(() => !document.querySelector("[data-step=crop]").hasAttribute("data-told"));
      await read(page);
      assert.deepEqual((await report(page)).standardised, of.standardised);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a choice stays with its picture, and that of magnification can hold for all", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large, drawn[0]);
      await page.evaluate(() => document.querySelector("[data-testid=row] button").click());
      await read(page);
      const thumbnails = () => page.$$eval("#rows img", (images) => images.map(({ src }) => src));
      const before = await thumbnails();
      await page.$eval("[data-step=stain] input", (box) => box.click());
      await page.waitForFunction(() => document.querySelector("[data-step=stain]").hasAttribute("data-told"));
      await settled(page, 2);
      const after = await thumbnails();
      assert.deepEqual(after.map((address, i) => address === before[i]), [false, true], "the list shows what was read now");
      const go = async (row) => {
        await page.evaluate((i) => document.querySelectorAll("[data-testid=row] button")[i].click(), row);
        await page.waitForFunction((name) => document.getElementById("picture-name").textContent === name, {}, basename([large, drawn[0]][row]));
        await read(page);
        return (await report(page)).told;
      };
      assert.equal(await go(1), undefined);
      assert.deepEqual(await go(0), { keepStain: true });
      await page.$eval("#told-all", (button) => button.click());
      await settled(page, 2);
      assert.deepEqual(await go(1), { keepStain: true });
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("each field is shown, read and explained by itself, from the list or from the picture", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      const stage = () => page.$eval("#picture-canvas", (canvas) => canvas.toDataURL());
      const { fields, shown } = await ready(page);
      const { abstained, standardised } = await report(page);
      assert.ok(fields.length > 1, `${fields.length} fields`);
      for (const [i, { reading }] of fields.entries()) {
        const of = standardised.fields[i].probabilities;
        assert.equal(reading, of ? Object.entries(of).reduce((a, b) => (b[1] > a[1] ? b : a))[0] : "");
        if (abstained) assert.equal(of, null, "no answer is told field by field");
      }
      const first = await stage();
      await explain(page);
      if (abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
      const counted = async () => {
        await page.waitForSelector("#evidence:not([hidden])");
        return page.$$eval(".region", (regions) => regions.length);
      };
      assert.equal(await counted(), fields[shown].cells, "every cell of the field is listed");

      const other = shown === 0 ? 1 : 0;
      await page.$eval(`[data-field="${other}"]`, (button) => button.click());
      await page.waitForFunction((i) => document.querySelector(`[data-field="${i}"]`).getAttribute("aria-current") === "true" && !document.getElementById("explain").disabled, {}, other);
      assert.notEqual(await stage(), first);
      assert.ok(await page.$eval("#explained", (box) => box.hidden), "the evidence was of the other field");
      assert.match(await page.$eval("#caption", (caption) => caption.textContent), new RegExp(`field ${other + 1} of ${fields.length}`));
      await explain(page);
      if (abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
      assert.equal(await counted(), fields[other].cells);
      const said = await report(page);
      assert.equal((said.notAnAnswer ?? said).field, other);

      await pick(page, "look");
      const { x, y, width, height } = standardised.fields[shown];
      await page.evaluate(([u, v]) => {
        const box = document.getElementById("original-stage").getBoundingClientRect();
        document.getElementById("original-stage").dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: box.left + u * box.width, clientY: box.top + v * box.height }));
      }, [(x + width / 2) / 1300, (y + height / 2) / 1000]);
      await page.waitForFunction((i) => document.querySelector(`[data-field="${i}"]`).getAttribute("aria-current") === "true" && document.getElementById("stage-blank").hidden, {}, shown);
      await page.waitForFunction((wanted) => document.getElementById("picture-canvas").toDataURL() === wanted, {}, first);
      if (!abstained) await page.waitForSelector("#evidence:not([hidden])"); // asked before, and kept
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the magnifier shows the picture's own pixels, by keys, the chosen cell, and field after field, and says what it is over", { skip: notWebKit(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      assert.equal(await page.$eval("#magnify", ({ hidden }) => hidden), true, "there is no picture");
      await give(page, large);
      await read(page);
      await page.keyboard.press("m");
      await page.waitForFunction(() => document.activeElement.id === "magnifier");
      const look = () => magnified(page, large);
      const before = await look();
      const { standardised: { fields, scale } } = await report(page);
      assert.deepEqual([before.own, before.seen], [true, 1], before.said);
      const shownField = Number(before.said.match(/field (\d+)/)[1]) - 1;
      const another = shownField === 0 ? 1 : 0;
      assert.ok(Math.abs(before.x - (fields[shownField].x + 112 / scale)) <= 1 && before.many < 200, `${JSON.stringify(before)}: the middle, and no smaller than it is`);
      // By keys, coarsely and finely, and aloud.
      await page.keyboard.press("ArrowRight");
      const right = await look();
      assert.ok(Math.abs(right.x - before.x - 224 / scale / 50) <= 1 && right.y === before.y && right.own, right.said);
      await page.keyboard.down("Shift");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.up("Shift");
      assert.deepEqual([(await look()).y - right.y], [-1]);
      await page.keyboard.press("+");
      const larger = await look();
      assert.ok(larger.many < before.many && larger.own, larger.said);
      await page.waitForFunction((said) => document.getElementById("announcer").lastChild?.textContent === said, {}, larger.said);
      assert.equal(await page.$eval("#magnifier", (glass) => glass.getAttribute("aria-label")), `Magnifier: ${larger.said}`);
      await page.keyboard.press("-");
      // By mouse, on the edge: what lies beyond the field is not shown.
      await page.$eval("#stage", (stage) => {
        const { left, top, width, height } = stage.getBoundingClientRect();
        stage.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, pointerType: "mouse", clientX: left + width / 2, clientY: top + height - 1 }));
      });
      const edge = await look();
      assert.ok(edge.own && edge.seen > 0.4 && edge.seen < 0.6, `${edge.said}: ${edge.seen}`);
      // The cell that is chosen in the list.
      await explain(page);
      if ((await report(page)).abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
      await page.waitForSelector("#evidence:not([hidden])");
      await page.$eval('.region[data-region="2"]', (row) => row.click());
      await page.waitForFunction(() => /cell 3, /.test(document.getElementById("magnifier-said").textContent));
      assert.equal((await look()).own, true);
      // Another field, and then none.
      await page.$eval(`[data-field="${another}"]`, (button) => button.click());
      await page.waitForFunction((number) => new RegExp(`field ${number},.*picture$`).test(document.getElementById("magnifier-said").textContent), {}, another + 1);
      await read(page);
      const second = await look();
      const { x, y, width, height } = fields[another];
      assert.ok(second.own && second.x >= x && second.x < x + width && second.y >= y && second.y < y + height, second.said);
      await page.focus("#magnifier");
      await page.keyboard.press("Escape");
      await page.waitForSelector("#magnifier[hidden]");
      assert.equal(await page.evaluate(() => document.activeElement.id), "magnify");
      const text = join(scratch, "no picture.png");
      writeFileSync(text, "no picture");
      await give(page, text);
      await page.waitForSelector("#magnify[hidden]");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("of a photograph of 12 megapixels the magnifier is given one field, and follows the mouse", { skip: chromiumOnly(browserName) }, async (t) => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, smear("photograph", { width: 4000, height: 3000, diameter: 100, nuclei: 90 }));
      await read(page);
      await page.evaluate(() => {
        const { postMessage } = Worker.prototype;
        globalThis.parts = [];
        Worker.prototype.postMessage = function (message, ...rest) {
          if (message.job === "original") globalThis.parts.push(JSON.parse(message.part));
          return postMessage.call(this, message, ...rest);
        };
      });
      await page.$eval("#magnify", (button) => button.click());
      await page.waitForSelector("#magnifier:not([hidden]):not([data-waiting])");
      const times = await page.evaluate(async () => {
        const stage = document.getElementById("stage");
        const { left, top, width, height } = stage.getBoundingClientRect();
        const each = [];
        for (let i = 0; i < 100; i++) {
          await new Promise(requestAnimationFrame);
          const begun = performance.now();
          stage.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, pointerType: "mouse", clientX: left + (0.1 + 0.008 * i) * width, clientY: top + height / 2 }));
          for (let turn = 0; turn < 3; turn++) await Promise.resolve(); // it is drawn before the next task
          each.push(performance.now() - begun);
        }
        return each.sort((a, b) => a - b);
      });
      const { picture, standardised: { fields } } = await report(page);
      const parts = await page.evaluate(() => globalThis.parts);
      const [{ x, y, width, height }] = parts;
      assert.deepEqual([parts.length, fields.some((each) => each.x === x && each.y === y && each.width === width && each.height === height)], [1, true], JSON.stringify(parts));
      assert.ok(width * height < picture.width * picture.height / 4);
      t.diagnostic(`a move of the magnifier: ${times[50].toFixed(1)} ms in the middle, ${times[99].toFixed(1)} at most`);
      assert.ok(times[50] < 100, `a move takes ${times[50]} ms`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("cells are outlined, numbered and listed, each with what it reads as alone, and picture and list show the same one", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      let tallied = 0;
      for (const [i, file] of [...drawn, large].entries()) {
        await give(page, file);
        await page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i);
        await page.waitForFunction((name) => document.getElementById("picture-name").textContent === name, {}, basename(file));
        await read(page);
        const numbers = () => page.$$eval("#numbers .number", (marks) => marks.map(({ textContent }) => textContent));
        const before = await numbers();
        if (before.length === 0) continue; // no cell was found
        assert.deepEqual(before, before.map((_, n) => String(n + 1)), "numbered before anything is explained");
        await explain(page);
        const { abstained, ...said } = await report(page);
        if (abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
        await page.waitForSelector("#evidence:not([hidden])");
        assert.deepEqual(await numbers(), before);
        const { readings } = said.notAnAnswer ?? said;
        assert.equal(readings.tally.cells, before.length);
        const listed = await page.$$eval(".region", (rows) => rows.map((row) => ({
          cell: Number(row.dataset.region), mark: row.querySelector(".mark").textContent, alone: row.dataset.alone,
          inked: [...row.querySelector("canvas").getContext("2d").getImageData(0, 0, 72, 72).data].filter((level, at) => at % 4 === 3 && level > 0).length,
        })));
        assert.deepEqual(listed.map(({ cell }) => cell).sort((a, b) => a - b), before.map((_, n) => n));
        for (const { cell, mark, alone, inked } of listed) {
          assert.equal(mark, String(cell + 1));
          assert.ok(inked > 5000, `cell ${mark} has no picture`);
          const { neither, class: name } = readings.cells[cell].alone;
          assert.equal(alone, abstained ? "" : neither ? "neither" : name);
        }
        const sentences = await page.$$eval("#cells:not([hidden]) #cells-said li", (items) => items.map(({ textContent }) => textContent));
        assert.equal(sentences.length > 0, !abstained, "no answer is told cell by cell");
        if (!abstained) {
          tallied++;
          const numbersIn = sentences[0].match(/\d+(?= read| as)/g)?.map(Number) ?? [1];
          assert.equal(numbersIn.reduce((a, b) => a + b), before.length, sentences[0]);
          for (const set of [readings.decisive, readings.sufficient]) assert.equal(sentences.some((sentence) => /smallest/.test(sentence)) || !set.found || set.cells.length < 2 || !set.proven, true);
        }
        await page.$eval('.region[data-region="0"]', (row) => row.click());
        await page.waitForFunction(() => document.querySelector(".number[data-on]")?.textContent === "1" && document.querySelector('.region[data-region="0"]').getAttribute("aria-pressed") === "true");
        await page.$eval("#outlined", (box) => box.click());
        assert.equal((await page.$$("#numbers .number")).length, Math.min(5, await page.$$eval("#regions-for .region", (rows) => rows.length)), "without the outlines of all cells those of the strongest stay");
        await page.$eval("#outlined", (box) => box.click());
      }
      assert.ok(tallied > 0, "some picture got an answer");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("superpixels and the article's settings stay to be chosen", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      for (const preset of ["faithful", "article"]) {
        await page.$eval("#preset", (select, wanted) => {
          select.value = wanted;
          select.dispatchEvent(new Event("change", { bubbles: true }));
        }, preset);
        await explain(page);
        const { abstained, ...said } = await report(page);
        if (abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
        await page.waitForSelector("#evidence:not([hidden])");
        const { explanation, readings } = said.notAnAnswer ?? said;
        assert.deepEqual([explanation.settings.regions, readings], [undefined, undefined]);
        assert.ok(await page.$eval("#cells", ({ hidden }) => hidden));
        const there = await explained(large, "-model", network, "-preset", preset);
        assert.deepEqual(explanation, (there.notAnAnswer ?? there).explanation, preset);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("of few cells the second opinion is exact, and says so", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      await explain(page);
      if ((await report(page)).abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
      await page.waitForSelector("#evidence:not([hidden])");
      await askSecond(page);
      const said = await report(page);
      const { shapley } = (said.notAnAnswer ?? said).secondOpinion;
      assert.equal(shapley.exact, true, `${shapley.superpixels} cells`);
      assert.match(await page.$eval("#second-reasons", (list) => list.textContent), /the values are exact/);
      assert.ok(await page.$eval("#second-actions", (actions) => actions.hidden), "more orders would change nothing");
      assert.equal(await page.$("#second-figures [data-figure=error]"), null);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a reason comes with the control that helps, and the steps that were done are told all the same", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, small);
      await read(page);
      assert.equal((await report(page)).code, "too small");
      assert.match(await page.$eval("#stage-blank", (blank) => blank.textContent), /Too small/);
      assert.deepEqual((await ready(page)).steps.map(({ name }) => name), ["crop", "magnification"]);
      assert.match(await page.$eval("[data-testid=row] .verdict", (verdict) => verdict.textContent), /too small/);
      await page.$eval("#help-tool", (button) => button.click());
      await page.waitForFunction(() => document.activeElement.id === "original-stage" && document.getElementById("original-stage").dataset.tool === "measure");
      await page.$eval("#told-diameter", (input) => { input.value = "20"; });
      await page.$eval("#told-use", (button) => button.click());
      await page.waitForFunction(() => document.querySelectorAll("#ready-steps li").length > 2);
      await read(page);
      const { code, standardised } = await report(page);
      assert.notEqual(code, "too small");
      assert.ok(standardised.fields.length > 1, "what was told makes it large enough");
      await page.close();

      const other = await open(browser, fileAddress, { network });
      await give(other.page, bare);
      await read(other.page);
      assert.equal((await report(other.page)).code, "no cells");
      assert.ok(await other.page.$eval("#help", ({ hidden }) => !hidden));
      assert.ok(await other.page.$eval("#offer", ({ hidden }) => hidden), "without cells there is nothing to explain");
      assert.match(await other.page.$eval("#stage-blank", (blank) => blank.textContent), /No stained cell/);
      assert.deepEqual([...problems, ...other.problems], []);
      await other.page.close();
    });

    test("what is saved names what was told, and which field it shows", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await give(page, large);
      await read(page);
      await page.$eval("[data-step=light] input", (box) => box.click());
      await page.waitForFunction(() => document.querySelector("[data-step=light]").hasAttribute("data-told"));
      await read(page);
      await page.evaluate(() => {
        globalThis.written = [];
        const { fillText } = OffscreenCanvasRenderingContext2D.prototype;
        OffscreenCanvasRenderingContext2D.prototype.fillText = function (words, ...rest) {
          globalThis.written.push(words);
          return fillText.call(this, words, ...rest);
        };
        HTMLAnchorElement.prototype.click = function () { globalThis.savedAs = this.download; };
      });
      await page.$eval("#save-png", (button) => button.click());
      await page.waitForFunction(() => globalThis.savedAs);
      const words = (await page.evaluate(() => globalThis.written)).join(" ");
      assert.match(words, /Told by the reader: The light is left as it is\./);
      assert.match(words, /field \d of \d/);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a pasted picture can be read again at its full size", async () => {
      const { page, problems } = await open(browser, fileAddress, { network });
      await page.evaluate(async (base64) => {
        const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: "image/bmp" }));
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
        canvas.getContext("2d").drawImage(bitmap, 0, 0);
        const blob = await new Promise((made) => canvas.toBlob(made, "image/png"));
        const transfer = new DataTransfer();
        transfer.items.add(new File([blob], "image.png", { type: "image/png" }));
        const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
        Object.defineProperty(event, "clipboardData", { value: transfer });
        document.body.dispatchEvent(event);
      }, readFileSync(large).toString("base64"));
      await settled(page, 1);
      await read(page);
      const before = await report(page);
      assert.deepEqual([before.picture.width, before.picture.height, before.picture.source], [1300, 1000, "canvas"]);
      await page.$eval("[data-step=magnification] input", (box) => box.click());
      await page.waitForFunction(() => document.querySelector("[data-step=magnification]").hasAttribute("data-told"));
      await read(page);
      const { standardised } = await report(page);
      assert.equal(standardised.scale, 1);
      assert.ok(standardised.fields.length > before.standardised.fields.length, "more fields at the size that it has");
      assert.equal((await magnified(page, large)).own, true);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("on a phone nothing scrolls sideways, a finger can draw and move the magnifier, and a tapped cell is shown where the reader is", async () => {
      const width = narrow(browserName, 390);
      const { page, problems } = await open(browser, fileAddress, { network, width, height: 844 });
      await give(page, large);
      await read(page);
      await explain(page);
      if ((await report(page)).abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
      await page.waitForSelector("#evidence:not([hidden])");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is as wide as the screen");
      await pick(page, "measure");
      assert.equal(await page.$eval("#original-stage", (stage) => getComputedStyle(stage).touchAction), "none", "the page stays where it is under the finger");
      await pick(page, "look");
      assert.notEqual(await page.$eval("#original-stage", (stage) => getComputedStyle(stage).touchAction), "none");

      // The magnifier lies above a finger, beside it at the top of the screen, and is put away by its button.
      await page.$eval("#magnify", (button) => button.click());
      await page.waitForSelector("#magnifier:not([hidden])");
      assert.equal(await page.$eval("#stage", (stage) => getComputedStyle(stage).touchAction), "pinch-zoom", "the page stays where it is under the finger");
      for (const [part, scrolled] of [[0.9, "center"], [0.1, "start"]]) {
        const glass = await page.evaluate(async (down, block) => {
          const stage = document.getElementById("stage");
          stage.scrollIntoView({ block });
          const { left, top, width: wide, height } = stage.getBoundingClientRect();
          const finger = { clientX: left + 0.6 * wide, clientY: top + down * height };
          stage.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, pointerType: "touch", ...finger }));
          await new Promise((drawn) => setTimeout(drawn, 100));
          const box = document.getElementById("magnifier").getBoundingClientRect();
          return { above: finger.clientY - box.bottom, beside: Math.max(finger.clientX - box.right, box.left - finger.clientX), top: box.top, wide: document.documentElement.scrollWidth <= innerWidth, inside: box.left >= 0 && box.right <= innerWidth };
        }, part, scrolled);
        assert.ok(Math.max(glass.above, glass.beside) > 20 && glass.top >= 0 && glass.wide && glass.inside, JSON.stringify(glass));
        assert.equal(glass.above > 20, scrolled === "center");
      }
      await page.$eval("#magnify", (button) => button.click());
      await page.waitForSelector("#magnifier[hidden]");

      // Of a long list of cells, too, the one that is tapped is shown where the reader is.
      await give(page, dense);
      await read(page);
      await explain(page);
      if ((await report(page)).abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
      await page.waitForFunction(() => !document.getElementById("evidence").hidden && document.querySelectorAll(".region").length > 30);
      for (const [row, block] of [[0, "center"], [20, "start"], [25, "end"], [-1, "end"], [10, "center"]]) {
        const at = await page.evaluate((n, where) => {
          const button = [...document.querySelectorAll(".region")].at(n);
          button.scrollIntoView({ block: where });
          const { left, top, width: wide, height } = button.getBoundingClientRect();
          return { x: left + wide / 2, y: top + height / 2 };
        }, row, block);
        if (browserName === "webkit") await page.evaluate((n) => [...document.querySelectorAll(".region")].at(n).click(), row);
        else await page.touchscreen.tap(at.x, at.y);
        await page.waitForFunction((n) => [...document.querySelectorAll(".region")].at(n).getAttribute("aria-pressed") === "true" && document.getElementById("inset"), {}, row);
        await new Promise((later) => setTimeout(later, 200));
        const seen = await page.evaluate((n) => {
          const button = [...document.querySelectorAll(".region")].at(n);
          const inset = document.getElementById("inset");
          const [row, picture] = [button, inset].map((element) => element.getBoundingClientRect());
          return { middle: row.top + row.height / 2, beside: inset.parentElement === button.parentElement, inSight: picture.top >= 0 && picture.bottom <= innerHeight };
        }, row);
        assert.ok(Math.abs(seen.middle - at.y) <= 2, `row ${row} was at ${at.y} and is at ${seen.middle}`);
        assert.deepEqual([seen.beside, seen.inSight], [true, true], `row ${row}`);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("accessibility: no serious fault where fields and cells are shown, at any width, in light or dark", { skip: onlyChromium(browserName) }, async () => {
      for (const [width, scheme] of [[1280, "light"], [390, "dark"]]) {
        const { page } = await open(browser, fileAddress, { network, width, height: 844 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await give(page, large, small);
        await page.$eval("[data-testid=row] button", (button) => button.click());
        await read(page);
        const faults = {};
        for (const tool of ["measure", "ground", "part"]) {
          await pick(page, tool);
          faults[tool] = await serious(page);
        }
        await page.$eval("[data-step=stain] input", (box) => box.click());
        await page.waitForFunction(() => document.querySelector("[data-step=stain]").hasAttribute("data-told"));
        await settled(page, 2);
        await read(page);
        await explain(page);
        if ((await report(page)).abstained) await page.$eval("#classes input[value=Pre]", (input) => input.click());
        await page.waitForSelector("#evidence:not([hidden])");
        await askSecond(page);
        await page.$eval("#magnify", (button) => button.click());
        faults.cells = await serious(page);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `at ${width} px nothing scrolls sideways`);
        await page.evaluate(() => document.querySelectorAll("[data-testid=row] button")[1].click());
        await page.waitForSelector("#help:not([hidden])");
        faults.small = await serious(page);
        assert.deepEqual(faults, { measure: [], ground: [], part: [], cells: [], small: [] }, `${width} px, ${scheme}`);
        await page.close();
      }
    });

    test("other networks read whole pictures, and nothing of fields or cells is shown for them", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network: "robust" });
      await give(page, drawn[3]);
      const hidden = () => page.evaluate(() => ["ready", "outlined-row", "help"].map((id) => document.getElementById(id).hidden));
      assert.deepEqual(await hidden(), [true, true, true]);
      assert.equal(await page.$eval("#preset", (select) => select.value), "faithful");
      assert.equal(await page.$("#preset option[value=cells]"), null);
      const { standardised, told } = await report(page);
      assert.deepEqual([standardised, told], [undefined, undefined]);
      const looked = await magnified(page, drawn[3], "image/png");
      assert.deepEqual([looked.own, looked.said], [true, "3 ×, pixel 112, 112 of the picture"]);
      await page.$eval(`#networks input[value=${network}]`, (input) => input.click());
      await settled(page, 1);
      await read(page);
      assert.equal(await page.$eval("#preset", (select) => select.value), "cells");
      assert.deepEqual((await hidden())[0], false);
      assert.deepEqual(problems, []);
      await page.close();
    });
  });
}
