// The built page in real browsers: what a person does with it, and what it promises.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { askSecond, browserNames, builtPage, classified, drawings, explain, explained, fileAddress, give, launch, least, notWebKit, onlyChromium, open, outcomeOf, paste, patience, realPictures, report, scratch, serve, settled } from "./harness.mjs";
import { serious } from "./inpage.mjs";
import { oddFiles, variedPictures } from "./oddfiles.mjs";

const names = ["Benign", "Early", "Pre", "Pro"];

const pictures = await drawings();
const real = realPictures(2);
const ofCommandLine = new Map((await classified([...pictures, ...real])).map((record) => [record.file, record]));

/** Presses a button and cancels what it begins, which must take effect at once. */
async function cancelled(page, button) {
  const took = await least(500, async () => {
    await page.$eval(button, (element) => element.click());
    await page.waitForFunction(() => !document.getElementById("progress-box").hidden && document.getElementById("progress").value > 0);
    return page.evaluate(async () => {
      const start = performance.now();
      document.getElementById("cancel").click();
      while (!document.getElementById("progress-box").hidden) await new Promise((later) => setTimeout(later, 1));
      return performance.now() - start;
    });
  });
  assert.ok(took < 500, `cancel took ${took} ms each time at least`);
}

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser, server;
    before(async () => {
      browser = await launch(browserName);
      server = await serve();
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });

    for (const origin of ["file", "http"]) {
      test(`from ${origin}: answers and explanations are the command line's to the last bit, and nothing is requested`, async () => {
        server.requests.length = 0;
        const { page, problems } = await open(browser, origin === "file" ? fileAddress : server.address);
        const requested = [];
        page.on("request", (request) => /^(https?|wss?|ftp):/.test(request.url()) && requested.push(request.url()));
        assert.equal(await page.$eval("#engine-status", (status) => status.dataset.status), "ready");

        // By where the page comes from the engine decides whether it may start its program and read files, and not what is computed.
        const whole = origin === "file";
        for (const file of whole ? [...pictures, ...real] : [pictures[3], ...real.slice(0, 1)]) {
          await page.$eval("#clear", (button) => button.click());
          await give(page, file);
          sameAnswer(await report(page), ofCommandLine.get(file));
          await sameOnScreen(page, ofCommandLine.get(file));
        }
        for (const file of whole ? [pictures[3], ...real.slice(2, 3)] : [pictures[3]]) {
          await page.$eval("#clear", (button) => button.click());
          await give(page, file);
          await explain(page);
          sameExplanation(await report(page), await explained(file));
        }
        assert.deepEqual(problems, []);
        assert.deepEqual(requested, []);
        assert.deepEqual(server.requests, origin === "http" ? ["GET /"] : []);
        await page.close();
      });
    }

    test("many unlike pictures have the same bits here as natively", async () => {
      const { page, problems } = await open(browser, fileAddress);
      const files = variedPictures(36);
      const digest = (records) => createHash("sha256").update(JSON.stringify(records.map(({ predicted, probabilities, checks }) => [predicted, probabilities, checks]))).digest("hex");
      await give(page, ...files);
      const records = [];
      for (let i = 0; i < files.length; i++) {
        records.push(await report(page));
        assert.equal(records[i].file, basename(files[i]));
        await page.keyboard.press("n");
      }
      assert.equal(digest(records), digest(await classified(files)));
      assert.ok(new Set(records.map((record) => String(computed(record).logits))).size === files.length, "the inputs are unlike");
      for (const record of records) assert.equal(record.notAnAnswer !== undefined && record.logits === undefined, record.abstained, `${record.file}: what is no answer is not written as one`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("an error of the page is noticed by these tests", async () => {
      const { page, problems } = await open(browser, fileAddress);
      for (const fault of [() => { setTimeout(() => { throw new Error("deliberate"); }); }, () => { document.body.setAttribute("style", "color: red"); }, () => console.error("deliberate")]) {
        const before = problems.length;
        await page.evaluate(fault);
        for (let i = 0; i < 100 && problems.length === before; i++) await page.evaluate(() => new Promise((later) => setTimeout(later, 20)));
        assert.equal(problems.length, before + 1, `${fault}: ${problems}`);
      }
      await page.close();
    });

    test("odd files cost their own row, and say why", async () => {
      const { page, problems } = await open(browser, fileAddress);
      const odd = oddFiles(pictures[0]);
      const files = [pictures[0], ...odd.map(([file]) => file), pictures[1]];
      await give(page, ...files);
      const rows = await page.$$eval("[data-testid=row]", (all) => all.map((row) => ({ outcome: row.dataset.outcome, text: row.querySelector(".verdict").textContent })));
      assert.deepEqual([rows[0], rows.at(-1)].map(({ outcome }) => outcome), pictures.slice(0, 2).map((file) => outcomeOf(ofCommandLine.get(file))), "the good pictures around them are as ever");
      const said = new Map((await classified(odd.map(([file]) => file))).map((record) => [record.file, record]));
      for (const [i, [file, outcome]] of odd.entries()) {
        const row = rows[i + 1];
        if (outcome === "answer") {
          assert.equal(row.outcome, outcomeOf(said.get(file)), basename(file));
          assert.notEqual(said.get(file).code, "unreadable", basename(file));
        } else {
          assert.equal(row.outcome, "abstained", `${basename(file)}: ${row.text}`);
          assert.match(row.text, outcome, basename(file));
          assert.ok(row.text.includes(said.get(file).reason), `${basename(file)}: the command line says: ${said.get(file).reason}`);
          await page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i + 1);
          await page.waitForFunction((name) => document.getElementById("picture-name").textContent === name, {}, basename(file));
          const shown = await page.$eval("#result", (result) => result.innerText);
          assert.ok(shown.includes(said.get(file).reason), shown);
          for (const words of [row.text, shown]) assert.doesNotMatch(words, /\d\s*%/, `${basename(file)} shows a percentage`);
          const { predicted, probabilities, logits, notAnAnswer } = await report(page);
          assert.deepEqual([predicted, probabilities, logits, notAnAnswer], [null, null, undefined, undefined], basename(file));
          assert.doesNotMatch(row.text, /\b(png|jpeg|gif|tiff|webp|model|picture): /, `${basename(file)} shows a programmer's message`);
        }
      }
      await page.evaluate(() => document.querySelectorAll("[data-testid=row] button")[1].click());
      await page.waitForFunction(() => document.getElementById("result").dataset.outcome === "abstained");
      assert.equal(await page.$eval("#bars", (bars) => bars.hidden), true, "no bars without an answer");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("many pictures are shared by several workers, in order", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      const files = Array.from({ length: 48 }, (_, i) => pictures[(i * 3) % pictures.length]);
      await give(page, ...files);
      const outcomes = await page.$$eval("[data-testid=row]", (rows) => rows.map((row) => row.dataset.outcome));
      assert.deepEqual(outcomes, files.map((file) => outcomeOf(ofCommandLine.get(file))));
      if ((await page.evaluate(() => navigator.hardwareConcurrency)) > 1) assert.ok(page.workers().length > 1, "one worker did it all");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("cancel takes effect at once, and the next explanation is whole", async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, pictures[2]);
      // More samples than anyone waits for.
      await change(page, "set-samples", await page.$eval("#set-samples", (input) => input.max));
      await page.waitForSelector("#explain:not([disabled])");
      await cancelled(page, "#explain");
      assert.equal(await page.$eval("#explained", (box) => box.hidden), true);
      await change(page, "set-samples", 1000);
      await explain(page);
      sameExplanation(await report(page), await explained(pictures[2]));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a second opinion is the command line's, is kept, and can be drawn", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, pictures[2], pictures[1]);
      await explain(page);
      const permutations = await page.$eval("#set-permutations", (input) => input.value);
      await askSecond(page);
      const { secondOpinion, explanation } = await report(page);
      const other = await explained(pictures[2], "-shapley", permutations);
      assert.deepEqual(secondOpinion, other.secondOpinion, "to the last bit");

      // On the screen: agreement in words, and each region's value with its error.
      const index = names.indexOf(other.class);
      const { values, standardErrors, order } = secondOpinion.shapley.classes[index];
      const { coefficients } = explanation.classes[index];
      assert.equal(await page.$eval("#second", (box) => box.dataset.agree), String(secondOpinion.agreement[index].agree));
      assert.match(await page.$eval("#second-heading", (heading) => heading.textContent), secondOpinion.agreement[index].agree ? / agree/ : / do not agree/);
      const regions = () => page.$$eval("#regions-for .region", (all) => all.map((region) => ({ ...region.dataset, label: region.innerText.replace(/\s+/g, " ") })));
      const byLime = await regions();
      for (const { region, weight, shapley, error, label } of byLime) {
        assert.deepEqual([weight, shapley, error].map(Number), [coefficients[region], values[region], standardErrors[region]]);
        assert.match(label, /^Region .* for .*: LIME weight [+−][\d.]+ .* area Shapley value [+−][\d.]+ ± with standard error ?\d/); // WebKit's innerText has no space there
      }

      // The switch redraws everything from the other weights.
      const layer = () => page.$eval("#layer-canvas", (canvas) => canvas.getContext("2d").getImageData(0, 0, 224, 224).data.join());
      const weighBy = async (by) => {
        await page.$eval(`#weights-by input[value=${by}]`, (input) => input.click());
        await page.waitForFunction((wanted) => document.getElementById("regions").dataset.by === wanted, {}, by);
      };
      await page.$eval("#views input[value=heat]", (input) => input.click());
      const heat = await layer();
      await weighBy("shapley");
      assert.notEqual(await layer(), heat, "another heat map");
      const top = order.filter((region) => values[region] > 0).slice(0, explanation.settings.features);
      assert.deepEqual((await regions()).map(({ region }) => Number(region)), top);
      assert.deepEqual((await regions()).map(({ weight }) => Number(weight)), top.map((region) => values[region]));
      const greatest = Math.max(...values.map(Math.abs));
      const shown = await page.$eval("#scale-high", (scale) => Number(scale.textContent));
      assert.ok(Math.abs(shown - greatest) <= 0.005 * greatest, `the scale ends at ${shown}, the greatest value is ${greatest}`);
      await page.$eval("#classes input[value=Benign]", (input) => input.click());
      await page.waitForFunction((wanted) => Number(document.querySelector(".region").dataset.weight) === wanted, {},
        Math.max(...secondOpinion.shapley.classes[0].values));

      // Another picture has none; back at this one, it is there.
      await page.evaluate(() => document.querySelectorAll("[data-testid=row] button")[1].click());
      await explain(page);
      assert.equal(await page.$eval("#weights-by", (group) => group.hidden), true);
      assert.equal((await report(page)).secondOpinion, undefined);
      await page.evaluate(() => document.querySelectorAll("[data-testid=row] button")[0].click());
      await page.waitForSelector("#weights-by:not([hidden])");
      assert.deepEqual((await report(page)).secondOpinion, secondOpinion);
      await weighBy("shapley");
      await weighBy("lime");
      assert.deepEqual(await regions(), byLime);
      assert.equal(await layer(), heat);

      // Another number of orders: what is shown says what it was made with.
      assert.equal(await page.$eval("#second-changed", (text) => text.hidden), true);
      await change(page, "set-permutations", 40);
      assert.match(await page.$eval("#second-changed:not([hidden])", (text) => text.textContent), new RegExp(permutations));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("what is said of a second opinion follows its figures, class by class", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, pictures[1]);
      await page.waitForSelector("#explain:not([disabled])");
      const said = new Set();
      const least = await page.evaluate(() => ["set-samples", "set-permutations"].map((id) => document.getElementById(id).min));
      for (const [hide, target, amounts] of [["mean", "log-odds", null], ["black", "probability", least]]) { // the second hardly ever works
        await change(page, "set-hide", hide);
        await change(page, "set-target", target);
        if (amounts) for (const [i, id] of ["set-samples", "set-permutations"].entries()) await change(page, id, amounts[i]);
        await explain(page);
        await askSecond(page);
        const { secondOpinion: { shapley, agreement } } = await report(page);
        for (const [i, name] of names.entries()) {
          await page.$eval(`#classes input[value=${name}]`, (input) => input.click());
          await page.waitForFunction((wanted) => Number(document.querySelector("#second-figures [data-figure=error]").dataset.value) === wanted, {}, shapley.classes[i].relativeError);
          const words = await page.$eval("#second", (box) => box.textContent);
          const [agree, uncertain] = [agreement[i].agree, shapley.classes[i].relativeError > 0.25];
          assert.equal(/values agree/.test(words), agree, `${target}, ${name}`);
          assert.equal(/do not agree/.test(words), !agree, `${target}, ${name}`);
          assert.equal(/too uncertain to be read/.test(words), uncertain, `${target}, ${name}`);
          said.add(`agree: ${agree}`).add(`uncertain: ${uncertain}`);
        }
      }
      assert.equal(said.size, 4, `everything was said: ${[...said]}`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a second opinion can be cancelled, and the next worker gives the same", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, pictures[3]);
      await explain(page);
      await change(page, "set-permutations", await page.$eval("#set-permutations", (input) => input.max));
      await cancelled(page, "#ask-second");
      assert.equal(await page.$eval("#explained", (box) => box.hidden), false, "the explanation stays");
      assert.equal(await page.$eval("#second", (box) => box.dataset.agree), "");
      await change(page, "set-permutations", 41);
      assert.equal(await page.$eval("#settings-error", (error) => error.hidden), false, "an odd number is refused");
      await change(page, "set-permutations", 40);
      await askSecond(page); // by a worker that has explained nothing yet
      assert.deepEqual((await report(page)).secondOpinion, (await explained(pictures[3], "-shapley", "40")).secondOpinion);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("what the worker keeps of a picture saves its work and changes no answer", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await page.evaluate(listenToWorkers);
      const stages = async (ask) => {
        await page.evaluate(() => { globalThis.stages = new Set(); });
        await ask(page);
        return page.evaluate(() => [...globalThis.stages]);
      };
      await give(page, pictures[0]);
      assert.deepEqual(await stages(explain), ["segmentation", "tables", "samples"]);
      await change(page, "set-target", "probability");
      await change(page, "set-seed", 7);
      await change(page, "set-samples", 200);
      assert.deepEqual(await stages(explain), ["samples"]);
      const options = ["-target", "probability", "-seed", "7", "-samples", "200"];
      sameExplanation(await report(page), await explained(pictures[0], ...options));
      assert.deepEqual(await stages(askSecond), ["permutations"]);
      await change(page, "set-hide", "black");
      assert.deepEqual(await stages(explain), ["tables", "samples"]);
      sameExplanation(await report(page), await explained(pictures[0], ...options, "-hide", "black"));
      await give(page, pictures[3]);
      assert.deepEqual(await stages(explain), ["segmentation", "tables", "samples"]);
      sameExplanation(await report(page), await explained(pictures[3], ...options, "-hide", "black"));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("two workers find the superpixels together where the second has nothing to do, and the explanation is the same", async (t) => {
      const { page, problems } = await open(browser, fileAddress);
      if ((await page.evaluate(() => navigator.hardwareConcurrency)) < 2) return t.skip("this machine has one processor");
      await page.evaluate(() => {
        globalThis.helpers = new Set();
        const { postMessage } = Worker.prototype;
        Worker.prototype.postMessage = function (message, ...rest) {
          if (message.job === "links") globalThis.helpers.add(this);
          return postMessage.call(this, message, ...rest);
        };
      });
      let last = 0;
      for (; last < 30 && (await page.evaluate(() => globalThis.helpers.size)) < 2; last++) { // the second worker is started by the first explanation
        await give(page, pictures[last % pictures.length]);
        await page.evaluate(() => document.querySelector("[data-testid=row]:last-child button").click());
        await page.waitForSelector("#explain:not([disabled])");
        await explain(page);
      }
      assert.equal(await page.evaluate(() => globalThis.helpers.size), 2, "one worker found them all");
      sameExplanation(await report(page), await explained(pictures[(last - 1) % pictures.length]));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a setting that cannot be used stays as typed, and nothing is explained with another", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, pictures[0]);
      await page.waitForSelector("#explain:not([disabled])");
      const type = (value) => page.evaluate((text) => {
        const samples = document.getElementById("set-samples");
        samples.value = text;
        samples.dispatchEvent(new Event("input", { bubbles: true }));
      }, value);
      await type("5");
      await page.keyboard.press("v"); // anything that draws the page anew
      await page.waitForSelector("#explain[disabled]");
      assert.equal(await page.$eval("#set-samples", (input) => input.value), "5");
      await type("500");
      await page.waitForSelector("#explain:not([disabled])");
      await page.close();
    });

    test("the page stays responsive while it explains", async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, pictures[1]);
      await page.evaluate(() => {
        let last = performance.now();
        const tick = () => {
          const now = performance.now();
          globalThis.longest = Math.max(globalThis.longest, now - last);
          last = now;
          setTimeout(tick, 10);
        };
        tick();
      });
      let seed = 1; // what has been explained is not offered again
      const longest = await least(400, async () => {
        await change(page, "set-seed", seed++);
        await page.evaluate(() => { globalThis.longest = 0; });
        await explain(page);
        return page.evaluate(() => globalThis.longest);
      });
      assert.ok(longest < 400, `the page stood still each time, for ${longest} ms at least`);
      await page.close();
    });

    test("the keyboard is enough", async () => {
      const { page, problems } = await open(browser, fileAddress);
      await page.waitForSelector("[data-example]:not([disabled])");
      await tabTo(page, (element) => element.dataset.example !== undefined);
      const [described, hint] = await page.evaluate(() => [document.getElementById(document.activeElement.getAttribute("aria-describedby")), document.getElementById("examples-hint")].map((element) => element.textContent));
      assert.match(described, /^Drawn: /);
      assert.equal(hint, described, "what is drawn can be read without a pointer");
      await page.waitForFunction(() => document.querySelectorAll("#examples img").length === document.querySelectorAll("[data-example]").length);
      await page.keyboard.press("Enter");
      await settled(page, 1);
      await page.keyboard.press("e");
      await page.waitForFunction(() => !document.getElementById("explained").hidden && document.getElementById("progress-box").hidden);
      const view = () => page.$eval("#views input:checked", (input) => input.value);
      const first = await view();
      await page.keyboard.press("v");
      assert.notEqual(await view(), first, "V changes the view");
      await page.keyboard.press("3");
      await page.waitForFunction(() => document.querySelector("#classes input:checked").value === "Pre");
      await page.keyboard.press("s");
      await page.waitForFunction(() => document.getElementById("second").dataset.agree && document.getElementById("progress-box").hidden);
      const by = () => page.$eval("#weights-by input:checked", (input) => input.value);
      await page.keyboard.press("w");
      assert.equal(await by(), "shapley", "W changes the weights");
      await tabTo(page, (element) => element.name === "weights");
      await page.keyboard.press("ArrowLeft");
      await page.waitForFunction(() => document.getElementById("regions").dataset.by === "lime");
      assert.equal(await by(), "lime", "so does an arrow key");
      await tabTo(page, (element) => element.dataset.region !== undefined);
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-pressed")), "true");
      const visible = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      });
      assert.ok(visible, "the focus is visible");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a Benign answer says that there is nothing malignant to outline, and offers the evidence", { skip: onlyChromium(browserName) }, async () => {
      const benign = [...pictures, ...real].find((file) => ofCommandLine.get(file).predicted === "Benign");
      assert.ok(benign, "one of the pictures at hand is called benign");
      const { page } = await open(browser, fileAddress);
      await give(page, benign);
      assert.match(await page.$eval("#offer-text", (text) => text.textContent), /no malignant/i);
      await explain(page);
      await page.$eval("#classes input[value=Pro]", (input) => input.click());
      await page.waitForFunction(() => /Pro/.test(document.getElementById("for-heading").textContent));
      await page.close();
    });

    test("a pasted bitmap comes in through the canvas, and says so", async () => {
      const { page, problems } = await open(browser, fileAddress);
      await paste(page, pictures[3]);
      await settled(page, 1);
      const said = await report(page);
      assert.equal(said.picture.source, "canvas");
      sameAnswer(said, ofCommandLine.get(pictures[3]));
      assert.match(await page.$eval("#notes", (notes) => notes.textContent), /canvas/i);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("accessibility: no serious fault at any width, in light or dark", { skip: notWebKit(browserName) }, async (t) => {
      const [[noPicture]] = oddFiles(pictures[0]);
      const refused = variedPictures(1);
      assert.equal((await classified(refused))[0].abstained, true, "a picture at hand is refused");
      // Firefox is asked once, for what its own style engine makes of the colours.
      for (const [width, scheme] of [[1280, "light"], [390, "dark"]].slice(browserName === "chromium" ? 0 : 1)) {
        // Firefox takes the scheme from its settings only.
        const dark = browserName === "firefox" && { extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": 0 } };
        const painted = dark && scheme === "dark" ? await launch(browserName, dark) : browser;
        if (painted !== browser) t.after(() => painted.close());
        const { page } = await open(painted, fileAddress, { width, height: 844 });
        if (browserName === "chromium") await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        assert.equal(await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")), scheme);
        const faults = { start: await serious(page) };
        await give(page, pictures[1], noPicture);
        faults.result = await serious(page);
        await explain(page);
        await page.evaluate(() => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
        faults.explanation = await serious(page, { cards: true });
        await askSecond(page);
        await page.evaluate(() => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
        faults.second = await serious(page);
        await give(page, ...refused);
        await page.waitForSelector("#result[data-outcome=abstained]");
        await page.evaluate(() => document.dispatchEvent(new Event("paste", { bubbles: true })));
        await page.waitForSelector("#error-box:not([hidden])");
        faults.refused = await serious(page);
        await explain(page);
        faults.choosing = await serious(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.deepEqual(faults, { start: [], result: [], explanation: [], second: [], refused: [], choosing: [] }, `${width} px, ${scheme}`);
        assert.equal(wide, false, `at ${width} px nothing is cut off or scrolls sideways`);
        await page.close();
      }
    });

    test("a page whose weights are damaged refuses to work", async () => {
      // Other weights are found out by the answer for a built-in picture, or, where that is hardly another, by the calibration, which names those that it belongs to.
      for (const [agreed, why] of [[false, /calibration belongs to/], [true, /self-check failed: the network's answer/]]) {
        const { page } = await open(browser, pathToFileURL(damaged("cells", agreed)).href, { network: null }); // the default one
        await page.waitForFunction(() => document.getElementById("engine-status").dataset.status === "failed"); // the calibration is read last
        const said = await page.$eval("#error-text", (text) => text.textContent);
        assert.match(said, /no picture can be classified/);
        assert.match(said, why);
        assert.equal(await page.$eval("#file-input", (input) => input.disabled), true);
        await page.close();
      }
    });

    test("a network that fails its self-check is no fault of the picture, and the other one still answers", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, pathToFileURL(damaged("article", true)).href);
      const state = () => page.evaluate(() => ({
        status: document.getElementById("engine-status").dataset.status, said: document.getElementById("engine-text").textContent, error: document.getElementById("error-box").hidden ? "" : document.getElementById("error-text").textContent,
        input: document.getElementById("file-input").disabled, verdicts: [...document.querySelectorAll(".verdict")].map(({ textContent }) => textContent),
        blank: document.getElementById("stage-blank").hidden ? "" : document.getElementById("stage-blank").textContent, lead: document.getElementById("result-lead").textContent,
      }));
      const files = pictures.slice(0, 3);
      await give(page, ...files);
      assert.equal((await state()).status, "ready");
      for (const time of ["first", "second"]) {
        await page.$eval("#networks input[value=article]", (input) => input.click());
        await settled(page, files.length);
        const { status, said, error, input, verdicts, blank, lead } = await state();
        assert.deepEqual([status, said, input], ["failed", "This network failed its self-check", true], time);
        assert.match(error, /^ALL-Net as in the article failed its self-check.*the network's answer for a built-in picture/, time);
        assert.deepEqual(new Set(verdicts), new Set(["Cannot assess: the network failed its self-check"]));
        assert.equal(blank, "", "the picture is still shown");
        assert.equal(lead, error);
        const { code, network, probabilities } = await report(page);
        assert.deepEqual([code, network, probabilities], ["selfcheck", "article", null]);

        await page.$eval("#networks input[value=robust]", (input) => input.click());
        await settled(page, files.length);
        const again = await state();
        assert.deepEqual([again.status, again.input, again.error], ["ready", false, ""], time);
        sameAnswer(await report(page), ofCommandLine.get(files[0]));
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a page that was cut off while it was copied says so", async () => {
      const whole = readFileSync(builtPage);
      const places = { "before the program": whole.indexOf('id="program"'), "in the program": whole.indexOf('id="program"') + 1_000_000, "before the kernels": whole.indexOf('<script type="text/plain" id="kernels"'), "before the weights": whole.indexOf('<script type="text/plain" id="weights-'), "in the weights": whole.lastIndexOf('<script type="text/plain" id="weights-') + 1_000 };
      for (const [where, length] of Object.entries(places)) {
        const cut = join(scratch, `cut ${where}.html`);
        writeFileSync(cut, whole.subarray(0, length));
        const { page } = await open(browser, pathToFileURL(cut).href, { network: null, atOnce: true });
        await page.waitForFunction(() => document.getElementById("engine-status").dataset.status === "failed"); // the program may start before the end is missed
        assert.match(await page.$eval("#error-text", (text) => text.textContent), /not complete/, where);
        await page.close();
      }
    });
  });
}

/** The page's record is the command line's, to the last bit: the arithmetic is the same on every machine. */
function sameAnswer(page, other) {
  for (const key of ["predicted", "abstained", "probabilities", "reason", "code", "checks"]) assert.deepEqual(page[key], other[key], `${other.file}: ${key}`);
}

/** What is written on the screen is the record. */
async function sameOnScreen(page, record) {
  const outcome = await page.$eval("#result", (result) => result.dataset.outcome);
  assert.equal(outcome, outcomeOf(record));
  assert.equal(await page.$eval("#bars", (bars) => bars.hidden), record.abstained);
  if (record.abstained) return;
  const bars = await page.$$eval("#bars li", (items) => items.map((item) => [item.dataset.class, item.querySelector(".bar-value").textContent]));
  for (const [name, words] of bars) {
    const p = record.probabilities[name];
    if (p < 0.001) assert.equal(words, "< 0.1%", name);
    else if (p > 0.999) assert.equal(words, "> 99.9%", name);
    else {
      assert.match(words, /^\d+\.\d%$/);
      close(Number(words.slice(0, -1)) / 100, p, 0.00051, `bar of ${name}: "${words}"`);
    }
  }
}

/** What the network computed of a record's picture: the record's own, or, where there is no answer, what is set apart in it. */
function computed(record) {
  return record.notAnAnswer ?? record;
}

/** The page's explanation is the command line's, to the last bit. */
function sameExplanation(page, other) {
  assert.deepEqual(computed(page).logits, computed(other).logits);
  assert.deepEqual(computed(page).explanation, computed(other).explanation);
}

/** Collects the stages that workers report in globalThis.stages. Runs in the page. */
function listenToWorkers() {
  const { postMessage } = Worker.prototype;
  const heard = new WeakSet();
  Worker.prototype.postMessage = function (...message) {
    if (!heard.has(this)) this.addEventListener("message", ({ data }) => data.type === "progress" && globalThis.stages.add(data.stage));
    heard.add(this);
    return postMessage.apply(this, message);
  };
}

/** Changes a setting as a person would. */
function change(page, id, value) {
  return page.$eval(`#${id}`, (field, wanted) => {
    field.value = wanted;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);
}

function close(a, b, within, what) {
  assert.ok(Math.abs(a - b) <= within, `${what}: ${a} and ${b} differ by more than ${within}`);
}

/** Presses Tab until the focus is on an element that passes. */
async function tabTo(page, passes) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`(${passes})(document.activeElement)`)) return;
  }
  assert.fail("Tab never reached it");
}

/**
 * A copy of the page in which some weights of a network are others; where agreed, its
 * calibration names these.
 */
function damaged(name, agreed) {
  const page = readFileSync(builtPage, "latin1");
  const [program, apart] = ["program", `weights-${name}`].map((id) => {
    const found = new RegExp(`(<script[^>]*id="${id}">)([^<]*)`).exec(page);
    return found && { found, bytes: Buffer.from(found[2], "base64") };
  });
  program.bytes = gunzipSync(program.bytes);
  const replace = ({ bytes }, from, to) => {
    const places = [];
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) places.push(at);
    for (const at of places) to.copy(bytes, at);
    return places.length;
  };
  const weights = readFileSync(new URL(`../model/${name}.onnx`, import.meta.url));
  const others = Buffer.from(weights);
  // The biases of a layer are too few to be packed (see internal/packing): they stand in the page as in the file, behind
  // their name and the tag and length of raw data. 0x45000000 is 2,048; one bit alone is less than the self-check sees.
  const head = Buffer.from("head.0.bias\x4a\x80\x08", "latin1");
  const first = weights.indexOf(head) + head.length, count = 64;
  assert.ok(first > head.length, "the file has the layer's biases");
  if (agreed) for (let i = 0; i < count; i++) others.writeUInt32LE(0x45000000, first + 4 * i);
  else others[first] ^= 1;
  const [before, after] = [weights, others].map((file) => file.subarray(first, first + 4 * count));
  assert.equal(replace(apart ?? program, before, after), 1, "the biases are in the page once");
  const [old, now] = [weights, others].map((file) => Buffer.from(createHash("sha256").update(file).digest("hex")));
  if (agreed) assert.ok(replace(program, old, now) >= 1, "the calibration names the weights");
  const file = join(scratch, `damaged-${name}-${agreed}.html`);
  const changed = page.replace(program.found[0], () => program.found[1] + gzipSync(program.bytes).toString("base64"));
  writeFileSync(file, apart ? changed.replace(apart.found[0], () => apart.found[1] + apart.bytes.toString("base64")) : changed, "latin1");
  return file;
}
