// The page in use: by ear, by keys, on a phone, and with what people really give it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { askSecond, browserNames, chromiumOnly, classified, drawings, explain, explained, fileAddress, give, launch, narrow, notWebKit, onlyChromium, open, outcomeOf, paste, patience, realPictures, report, scratch, settled } from "./harness.mjs";
import { change, holdMessages } from "./inpage.mjs";
import { oddFiles, variedPictures } from "./oddfiles.mjs";

const pictures = await drawings();

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    let browser;
    before(async () => { browser = await launch(browserName); });
    after(() => browser?.close());

    test("all that happens is told to screen readers once, and nothing is talked over", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await page.evaluate(() => {
        globalThis.said = [];
        new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach((node) => globalThis.said.push(node.textContent)))).observe(document.getElementById("announcer"), { childList: true });
      });
      const said = async (wanted, times = 1) => {
        await page.waitForFunction((source, count) => globalThis.said.filter((words) => new RegExp(source).test(words)).length >= count, {}, wanted.source, times);
        return page.evaluate(() => globalThis.said.splice(0));
      };
      const [[noPicture]] = oddFiles(pictures[0]);
      await give(page, pictures[3], pictures[1], noPicture);
      const first = await said(/All 3 pictures/);
      assert.equal(first.length, 2, `${first}: the answer of the first and the end of the list`);
      assert.match(first[0], /%\.$/);

      const press = (i) => page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i);
      await page.evaluate(() => [2, 1, 2].forEach((row) => document.querySelectorAll("[data-testid=row] button")[row].click()));
      const [abstained, ...more] = await said(/cannot assess/);
      assert.match(abstained, /not-a-picture.*not a picture/);
      assert.deepEqual(more, [], "who steps on quickly is spared what was passed");

      await press(0);
      await said(/%\.$/);
      for (const times of [1, 2]) { // the same sentence again is spoken again
        await change(page, "set-samples", await page.$eval("#set-samples", (input) => input.max));
        await page.waitForSelector("#explain:not([disabled])");
        await page.$eval("#explain", (button) => button.click());
        await page.waitForSelector("#progress-box:not([hidden])");
        await page.$eval("#cancel", (button) => button.click());
        assert.deepEqual(await said(/^Cancelled\.$/), ["Cancelled."], `time ${times}`);
      }
      await page.waitForSelector("#explain:not([disabled])");
      await page.$eval("#explain", (button) => button.click());
      await page.waitForSelector("#progress-box:not([hidden])");
      await press(1);
      assert.equal((await said(/%\.$/)).length, 1, "the answer of the row that was chosen, and nothing of a cancel that nobody pressed");

      await change(page, "set-samples", 1000);
      await explain(page);
      assert.match((await said(/explanation is ready/))[0], /ready\. Evidence for .*, by LIME: \d+ regions speak for it, \d+ against it\. (This explanation can|Do not)/);
      await page.$eval("#classes input[value=Pro]", (input) => input.click());
      assert.match((await said(/Evidence/))[0], /^Evidence for Pro-B, by LIME/);
      await askSecond(page);
      await said(/second opinion is ready/);
      await page.keyboard.press("w");
      assert.match((await said(/Evidence/))[0], /^Evidence for Pro-B, by Shapley values/);
      await page.keyboard.press("v");
      assert.deepEqual(await said(/./), ["Alone"]);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("keys never lose the focus, and the chosen row is always in sight", async () => {
      const { page, problems } = await open(browser, fileAddress);
      await give(page, ...Array.from({ length: 16 }, (_, i) => pictures[i % 3]));
      const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName);
      await page.evaluate(() => document.querySelector("[data-testid=row] button").focus());
      for (let i = 0; i < 15; i++) await page.keyboard.press("n");
      const inSight = () => page.evaluate(() => {
        const row = document.querySelector(".row[aria-current=true]");
        const [inner, outer] = [row, document.getElementById("rows")].map((element) => element.getBoundingClientRect());
        return { focused: row === document.activeElement, last: !row.parentElement.nextSibling, inside: inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1 };
      });
      assert.deepEqual(await inSight(), { focused: true, last: true, inside: true });

      await page.focus("#explain");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => !document.getElementById("explained").hidden && document.getElementById("progress-box").hidden);
      assert.equal(await focus(), "trust-heading");
      await page.focus("#opacity");
      for (let i = 0; i < 4; i++) {
        await page.keyboard.press("v");
        assert.notEqual(await focus(), "BODY", "V");
      }
      await page.evaluate(() => document.querySelector(".region").focus());
      await page.keyboard.press("p");
      await page.waitForFunction(() => document.getElementById("explained").hidden);
      assert.ok(["result-heading", "explain"].includes(await focus()), await focus());

      await page.evaluate(() => document.dispatchEvent(new Event("paste", { bubbles: true })));
      await page.waitForSelector("#error-box:not([hidden])");
      await page.focus("#error-close");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#error-box[hidden]", { visible: false });
      assert.notEqual(await focus(), "BODY", "closing the message");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("who steps through many pictures waits for no more than one that was passed", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      await page.evaluate(() => {
        globalThis.asked = 0;
        const { postMessage } = Worker.prototype;
        Worker.prototype.postMessage = function (...message) {
          if (message[0].job === "classify") globalThis.asked++;
          return postMessage.apply(this, message);
        };
      });
      await give(page, ...variedPictures(44));
      const press = (first, last) => page.evaluate(async (from, to) => {
        const rows = document.querySelectorAll("[data-testid=row] button");
        globalThis.asked = 0;
        for (let i = from; i <= to; i++) {
          rows[i].click();
          await new Promise((later) => setTimeout(later, 1));
        }
      }, first, last);
      const shown = () => page.waitForFunction(() => document.getElementById("stage-blank").hidden && !document.getElementById("explain").disabled);
      await press(26, 43);
      await shown();
      const asked = await page.evaluate(() => globalThis.asked);
      assert.ok(asked >= 1 && asked <= 12, `${asked} of 18 were read again`);
      await press(13, 20); // of the first 24, which were kept, those that were read again took the place of as many
      await shown();
      // While one worker has one of the first pictures, the others may be through with 24 that came later.
      const [again, late] = await page.evaluate(() => [globalThis.asked, Math.min(navigator.hardwareConcurrency, 4) - 1]);
      assert.ok(again <= late, `${again} of the others of the first ones are not kept; at most ${late} can have come late`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a saved picture says all that is needed to read it elsewhere", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      const name = "تقرير المريض " + "very-long-".repeat(15) + "0042.png";
      copyFileSync(pictures[2], join(scratch, name));
      await give(page, join(scratch, name));
      await change(page, "set-samples", 300);
      await change(page, "set-seed", 77);
      await explain(page);
      await page.evaluate(() => {
        globalThis.written = [];
        const { fillText } = OffscreenCanvasRenderingContext2D.prototype;
        OffscreenCanvasRenderingContext2D.prototype.fillText = function (words, ...place) {
          globalThis.written.push(words);
          return fillText.call(this, words, ...place);
        };
        HTMLAnchorElement.prototype.click = function () { globalThis.saved = this.download; };
      });
      const save = async () => {
        await page.evaluate(() => { globalThis.written = []; globalThis.saved = null; document.getElementById("save-png").click(); });
        await page.waitForFunction(() => globalThis.saved);
        return page.evaluate(() => globalThis.written);
      };
      await page.$eval("#views input[value=heat]", (input) => input.click());
      const words = await save();
      const title = words.find((line) => line.includes("0042"));
      assert.match(title, /^\u2068تقرير.*….*0042\.png\u2069$/u, "the name stands alone, apart from the rest, its end not lost");
      assert.ok([...title].length <= 62);
      const all = words.join(" ");
      const shown = await page.evaluate(() => ({
        low: document.getElementById("scale-low").textContent, high: document.getElementById("scale-high").textContent,
        source: document.getElementById("identity").textContent.split(" · ")[0], weights: document.getElementById("identity-rest").dataset.weights, unreadable: document.getElementById("stage").hasAttribute("data-unreadable"),
      }));
      for (const wanted of [shown.low, shown.high, "speaks for it", "speaks against it", "red speaks for it, blue against it", "by LIME", "300 samples", "seed 77", "Own settings", "log-odds", shown.source, shown.weights.slice(0, 16), "must not be used"]) {
        assert.ok(all.includes(wanted), `"${wanted}" is not in ${all}`);
      }
      assert.equal(words.includes("not to be read"), shown.unreadable);
      await change(page, "set-hide", "black");
      await change(page, "set-target", "probability");
      await explain(page);
      await page.waitForSelector("#stage[data-unreadable]");
      assert.ok((await save()).includes("not to be read"), "what cannot be read says so");
      assert.match(await page.$eval("#stage", (stage) => stage.getAttribute("aria-label")), /Do not read this explanation/, "to screen readers too");
      await page.$eval("#views input[value=picture]", (input) => input.click());
      assert.doesNotMatch((await save()).join(" "), /LIME|seed|not to be read/);
      await page.$eval("#views input[value=outline]", (input) => input.click());
      const [refused] = variedPictures(1);
      for (const [file, caveat] of [[pictures[0], /claims no malignant region in it/], [refused, /gives no answer for this picture/]]) {
        await give(page, file);
        await explain(page);
        await page.$eval("#classes input[value=Pre]", (input) => input.click());
        await page.waitForFunction(() => /Pre-B/.test(document.getElementById("for-heading").textContent) && !document.getElementById("evidence").hidden);
        assert.match((await save()).join(" "), caveat);
        await change(page, "set-seed", 4242);
        assert.match(await page.$eval("#caveat:not([hidden])", (text) => text.textContent), caveat, "other settings take nothing away from it");
      }
      await page.evaluate(() => { document.getElementById("save-png").click(); document.getElementById("clear").click(); });
      await settled(page, 0);
      assert.deepEqual(problems, [], "clearing the list meanwhile does no harm");
      await page.close();
    });

    test(`a long name keeps the list in shape, and nothing scrolls sideways at ${narrow(browserName, 320)} pixels`, async () => {
      const { page } = await open(browser, fileAddress, { width: narrow(browserName, 320), height: 640 });
      const long = join(scratch, `${"x".repeat(180)}.png`);
      copyFileSync(pictures[0], long);
      await give(page, long, pictures[1]);
      const height = await page.$eval(".row", (row) => row.offsetHeight);
      assert.ok(height < 110, `the row is ${height} pixels high`);
      await explain(page);
      await askSecond(page);
      await page.evaluate(() => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
      // A scroll bar takes some of the width in Firefox.
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await page.close();
    });

    test("on a phone the picture and its answer are on the screen after choosing", async () => {
      const { page } = await open(browser, fileAddress, { width: narrow(browserName, 390), height: 700 });
      await give(page, pictures[1]);
      await new Promise((scrolled) => setTimeout(scrolled, 200));
      const [stage, answer] = await page.evaluate(() => ["stage", "result-heading"].map((id) => document.getElementById(id).getBoundingClientRect()).map(({ top, bottom }) => [top, bottom]));
      assert.ok(stage[0] >= 0 && answer[1] <= 700, `picture from ${stage[0]}, answer to ${answer[1]}`);
      await page.close();
    });

    test("in forced colours what is chosen is distinct", { skip: chromiumOnly(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      const session = await page.createCDPSession();
      await session.send("Emulation.setEmulatedMedia", { features: [{ name: "forced-colors", value: "active" }] });
      await give(page, pictures[2], pictures[3]);
      await explain(page);
      await page.$eval(".region", (region) => region.click());
      await page.waitForSelector(".region[aria-pressed=true]");
      for (const [chosen, other] of [[".row[aria-current=true]", ".row[aria-current=false]"], [".region[aria-pressed=true]", ".region[aria-pressed=false]"]]) {
        const [a, b] = await page.evaluate((...both) => both.map((selector) => getComputedStyle(document.querySelector(selector)).backgroundColor), chosen, other);
        assert.notEqual(a, b, chosen);
      }
      await page.close();
    });

    test("a dropped folder is answered, and dragged text raises no veil", { skip: chromiumOnly(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      const folder = join(scratch, "folder");
      mkdirSync(folder, { recursive: true });
      const session = await page.createCDPSession();
      const drag = (type, data) => session.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data: { items: [], dragOperationsMask: 1, ...data } });
      const veil = () => page.$eval("#drop-veil", (element) => !element.hidden);
      const words = { items: [{ mimeType: "text/plain", data: "some words" }] };
      await drag("dragEnter", words);
      assert.equal(await veil(), false);
      await drag("drop", words);
      await page.waitForFunction(() => /no picture/.test(document.getElementById("error-text").textContent));
      await drag("dragEnter", { files: [folder] });
      await page.waitForSelector("#drop-veil:not([hidden])");
      await drag("drop", { files: [folder] });
      await page.waitForFunction(() => /folder/.test(document.getElementById("error-text").textContent));
      assert.equal(await veil(), false);
      assert.equal((await page.$$("[data-testid=row]")).length, 0);
      await page.close();
    });

    test("without JavaScript the page says what it lacks, and does not pretend to start", { skip: chromiumOnly(browserName) }, async () => {
      const page = await browser.newPage();
      await page.setJavaScriptEnabled(false);
      await page.goto(fileAddress);
      const text = await page.evaluate(() => document.body.innerText);
      assert.match(text, /needs JavaScript/);
      assert.doesNotMatch(text, /Preparing/);
      await page.close();
    });

    test("a picture that cannot be assessed is an outcome of its own, with its reason and what was measured", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      const files = [...variedPictures(6), ...pictures.slice(0, 4), ...realPictures(1)];
      const records = await classified(files);
      const refused = records.findIndex(({ abstained }) => abstained);
      assert.ok(refused >= 0, "one of the pictures at hand is refused");
      await give(page, ...files);
      const press = (i) => page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i);
      const count = records.filter(({ abstained }) => abstained).length;
      for (const [i, { abstained, code, checks }] of records.entries()) {
        if (!abstained) continue;
        await press(i);
        await page.waitForSelector("#result[data-outcome=abstained]");
        const said = await page.evaluate(() => ({
          heading: document.getElementById("result-heading").textContent, lead: document.getElementById("result-lead").textContent, bars: document.getElementById("bars").hidden,
          calibrated: document.getElementById("calibrated").hidden, open: document.getElementById("checks-box").open, caution: document.getElementById("caution").textContent,
          failed: [...document.querySelectorAll("#checks [data-failed]")].map((item) => item.dataset.figure), shown: [...document.querySelectorAll("#checks > div")].map((item) => [item.dataset.figure, Number(item.dataset.value)]),
          row: document.querySelector(".row[aria-current=true] .verdict").textContent, offer: document.getElementById("offer-text").textContent,
        }));
        assert.equal(said.heading, "Cannot assess");
        assert.equal(said.lead, records[i].reason);
        assert.deepEqual([said.bars, said.calibrated, said.open], [true, true, true], "no probabilities, but what was measured");
        assert.match(said.row, /^Cannot assess: /);
        assert.match(said.offer, /no answer/);
        const written = await report(page);
        assert.deepEqual([written.predicted, written.probabilities, written.logits], [null, null, undefined]);
        assert.equal(written.notAnAnswer.logits.length, 4);
        assert.match(said.caution, /never for a diagnosis/);
        const first = checks.find(({ passed }) => !passed).code;
        assert.ok(said.failed.includes(first), `${code}: ${said.failed}`);
        for (const [name, value] of said.shown) assert.equal(value, checks.find((check) => check.code === name).value);
        assert.equal(said.shown.some(([name]) => name === "close"), first === "close", "a probability is shown only where it is the reason");
      }

      // The list counts them and can show them alone.
      const visible = () => page.$$eval("[data-testid=row]", (rows) => rows.filter((row) => row.getClientRects().length > 0).length);
      assert.match(await page.$eval("#only", (button) => button.textContent), new RegExp(`\\(${count}\\)$`));
      const label = await page.$eval("#only", (button) => button.textContent);
      await page.$eval("#only", (button) => button.click());
      await page.waitForSelector("#only[aria-pressed=true]");
      assert.equal(await page.$eval("#only", (button) => button.textContent), label, "a switch keeps its name");
      assert.equal(await visible(), count);
      for (let i = 0; i < records.length; i++) await page.keyboard.press("p");
      await page.waitForFunction((name) => document.getElementById("picture-name").textContent === name, {}, basename(files[refused]));
      await page.$eval("#only", (button) => button.click());
      await page.waitForSelector("#only[aria-pressed=false]");
      assert.equal(await visible(), records.length);

      // What the network would go by can be seen, as by the command line, but not as an answer.
      await explain(page);
      const { notAnAnswer, explanation } = await report(page);
      const other = await explained(files[refused]);
      assert.equal(explanation, undefined);
      assert.deepEqual(notAnAnswer.explanation, other.notAnAnswer.explanation);
      const evidence = () => page.evaluate(() => ({
        chosen: [...document.querySelectorAll("#classes :checked, #classes [data-predicted]")].map(({ value }) => value), hidden: document.getElementById("evidence").hidden,
        caveat: document.getElementById("caveat").innerText, view: document.getElementById("stage").dataset.view,
        figures: [...document.querySelectorAll("#trust-figures [data-figure]")].map(({ dataset }) => dataset.figure),
      }));
      const before = await evidence();
      assert.deepEqual([before.chosen, before.hidden, before.view], [[], true, "picture"], "no class comes first");
      assert.match(before.caveat, /no answer for this picture/);
      await page.keyboard.press("2");
      await page.waitForSelector("#evidence:not([hidden])");
      const after = await evidence();
      assert.deepEqual([after.chosen, after.view], [["Early"], "outline"]);
      assert.match(after.caveat, /no answer for this picture/);
      assert.ok(after.figures.includes("r2") && !after.figures.some((name) => ["spread", "local", "network"].includes(name)), `no figure says how probable it is: ${after.figures}`);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a picture that is laid to another kind for want of a class says how that came", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress);
      const check = (code, value, limit, passed) => ({ code, value, limit, passed });
      const refusal = (foreign, close) => ({
        file: "x.png", predicted: null, probabilities: null, abstained: true, reason: "The picture does not look like the smears.", code: "foreign",
        checks: [check("blurred", 0.1, -3.21, true), check("colours", 0.9, 2, true), check("foreign", foreign, 0.8, foreign <= 0.8), check("close", close, 0.5, close >= 0.5)],
      });
      await page.evaluate(() => {
        // What the worker says of a picture is replaced on its way.
        const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
        Object.defineProperty(MessageEvent.prototype, "data", { get() {
          const data = get.call(this);
          if (!globalThis.record || !data?.json?.includes('"record"')) return data;
          return { ...data, json: JSON.stringify({ ...JSON.parse(data.json), record: globalThis.record }) };
        } });
      });
      for (const [foreign, close, note] of [[0.4, 0.45, /^None of the four classes reaches 50\.0%, and the picture is unlike those learned from/], [0.9, 0.45, /^$/], [0.9, 0.99, /^$/]]) {
        await page.evaluate((record) => { globalThis.record = record; }, refusal(foreign, close));
        await give(page, pictures[0]);
        await page.waitForSelector("#result[data-outcome=abstained]");
        assert.match(await page.$eval("#checks-box", (box) => (box.open ? document.getElementById("checks-note").innerText : "closed")), note);
        await page.$eval("#clear", (button) => button.click());
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("what is said of a drawing is of what is drawn, until something else is, and also where that fails", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await page.evaluate(holdMessages);
      await give(page, pictures[3]);
      await explain(page);
      const [shown, other] = ["Pro-B", "Early pre-B"];
      const said = () => page.evaluate(() => ({
        heading: document.getElementById("for-heading").textContent, label: document.getElementById("stage").getAttribute("aria-label"),
        region: document.querySelector(".region").innerText, asked: document.querySelector("#classes :checked").value,
      }));
      const names = async (name, asked) => {
        const words = await said();
        for (const part of ["heading", "label", "region"]) assert.ok(words[part].includes(name), `${part}: ${words[part]}`);
        assert.equal(words.asked, asked);
      };
      await names(shown, "Pro");
      await page.evaluate(() => { globalThis.held.job = "draw"; });
      await page.keyboard.press("2");
      await page.waitForFunction(() => globalThis.held.sends.length === 1);
      await names(shown, "Early");
      await page.evaluate(() => globalThis.held.release());
      await page.waitForFunction((name) => document.getElementById("for-heading").textContent.includes(name), {}, other);
      await names(other, "Early");
      // A drawing that fails leaves the one that is there, and its class chosen.
      await page.evaluate(() => { globalThis.held.job = "draw"; });
      await page.keyboard.press("4");
      await page.waitForFunction(() => globalThis.held.sends.length === 1);
      await page.evaluate(() => globalThis.held.release({ job: "nonsense" }));
      await page.waitForSelector("#error-box:not([hidden])");
      await page.waitForFunction(() => document.querySelector("#classes :checked").value === "Early");
      await names(other, "Early");
      await page.close();
    });

    test("another network looks at all pictures again, and every result names the one it is of", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network: null });
      const networks = await page.$$eval("#networks input", (inputs) => inputs.map(({ value }) => value));
      assert.ok(networks.length >= 2, "there is a choice of networks");
      const files = [...pictures.slice(0, 3), ...realPictures(1)];
      await give(page, ...files);
      await explain(page);
      for (const name of [...networks, networks[0]].slice(1)) {
        const before = (await report(page)).explanation;
        await page.$eval(`#networks input[value=${name}]`, (input) => input.click());
        await settled(page, files.length);
        const of = await classified(files, "-model", name);
        assert.deepEqual(await page.$$eval("[data-testid=row]", (rows) => rows.map((row) => row.dataset.outcome)), of.map(outcomeOf));
        const said = await report(page);
        assert.deepEqual([said.network, said.probabilities], [name, of[0].probabilities]);
        assert.notDeepEqual(said.explanation, before, "none of the other network's");
        assert.equal(said.model, createHash("sha256").update(readFileSync(new URL(`../model/${name}.onnx`, import.meta.url))).digest("hex"));
        const [eyebrow, identity, hash] = await page.evaluate(() => [document.getElementById("result-eyebrow").textContent, document.getElementById("identity").textContent, document.getElementById("how-far").hash]);
        assert.ok(identity.includes(said.model.slice(0, 16)));
        const { version, revision } = await page.$eval("#identity", ({ dataset }) => ({ ...dataset }));
        assert.match(revision, /^([0-9a-f]{40}(\+changes)?|unknown)$/);
        assert.deepEqual([said.program.version, said.program.revision], [version, revision]);
        assert.ok(identity.startsWith(`ALL-Net, version ${version}, revision ${revision.slice(0, 7)}`), identity);
        assert.ok(identity.includes(eyebrow.replace("Answer of ", "")), `${identity} and ${eyebrow}`);
        assert.equal(hash, `#card-${name}`);
        if (name === networks[0]) await page.waitForSelector("#evidence:not([hidden])"); // asked before, and kept
        else await explain(page);
        assert.deepEqual((await report(page)).explanation, (await explained(files[0], "-model", name)).explanation);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("switching the network to and fro while files are being read mixes nothing up", { skip: notWebKit(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network: null });
      const files = [...variedPictures(16), ...pictures];
      await page.evaluate(() => {
        const { arrayBuffer } = Blob.prototype;
        globalThis.gate = new Promise((opened) => { globalThis.openGate = opened; });
        Blob.prototype.arrayBuffer = async function () {
          const bytes = await arrayBuffer.call(this);
          await globalThis.gate;
          return bytes;
        };
      });
      const [first, second] = await page.$$eval("#networks input", (inputs) => inputs.map(({ value }) => value));
      const input = await page.$("#file-input");
      await input.uploadFile(...files);
      await page.waitForSelector("[data-testid=row][data-status=working]");
      const choose = (name) => page.$eval(`#networks input[value=${name}]`, (radio) => radio.click());
      await choose(second);
      await page.evaluate(async (name) => {
        globalThis.openGate();
        await new Promise((later) => setTimeout(later, 0)); // by now the first files are with the workers
        document.querySelector(`#networks input[value=${name}]`).click();
      }, first);
      for (const name of [first, second]) {
        await choose(name);
        await settled(page, files.length);
        const of = await classified(files, "-model", name);
        await page.evaluate(() => document.querySelector("[data-testid=row] button").click());
        for (const [i, record] of of.entries()) {
          const { network, file, predicted, probabilities, checks } = await report(page);
          assert.deepEqual({ network, file, predicted, probabilities, checks }, { network: name, file: basename(files[i]), predicted: record.predicted, probabilities: record.probabilities, checks: record.checks });
          await page.keyboard.press("n");
        }
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("switching the network while an explanation is made or drawn leaves none of the other's", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network: null });
      await page.evaluate(holdMessages);
      const files = pictures.slice(2, 4);
      await give(page, ...files);
      const [first, second] = await page.$$eval("#networks input", (inputs) => inputs.map(({ value }) => value));
      const choose = (name) => page.$eval(`#networks input[value=${name}]`, (radio) => radio.click());
      const press = (i) => page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i);
      const bare = async (name) => {
        assert.deepEqual(await page.evaluate(() => [document.getElementById("explained").hidden, document.getElementById("progress-box").hidden, document.getElementById("stage").dataset.view]), [true, true, "picture"]);
        const { network, probabilities, explanation } = await report(page);
        assert.deepEqual({ network, probabilities, explanation }, { network: name, probabilities: (await classified(files, "-model", name))[0].probabilities, explanation: undefined });
      };
      const samples = await page.$eval("#set-samples", (input) => input.value);
      await change(page, "set-samples", await page.$eval("#set-samples", (input) => input.max));
      await page.waitForSelector("#explain:not([disabled])");
      await page.$eval("#explain", (button) => button.click());
      await page.waitForFunction(() => document.getElementById("progress").value > 0);
      await choose(second);
      await settled(page, files.length);
      await bare(second);
      await choose(first);
      await settled(page, files.length);

      // A drawing that comes when the row has another network's answer of the same class.
      if (await page.evaluate(() => navigator.hardwareConcurrency) > 1) { // another worker has to give that answer meanwhile
        await change(page, "set-samples", samples);
        await explain(page);
        const { predicted } = await report(page);
        assert.equal((await classified(files, "-model", second))[0].predicted, predicted, "both networks give the picture one name");
        const other = predicted === "Early" ? "Pre" : "Early";
        await page.$eval(`#classes input[value=${other}]`, (radio) => radio.click());
        await page.waitForFunction((name) => document.querySelector("#classes :checked").value === name && !document.getElementById("for-heading").textContent.includes("Pro"), {}, other);
        await page.evaluate(() => { globalThis.held.job = "draw"; });
        await page.$eval(`#classes input[value=${predicted}]`, (radio) => radio.click());
        await page.waitForFunction(() => globalThis.held.sends.length === 1);
        await press(1); // its answer now waits behind the drawing
        await choose(second);
        await page.waitForSelector("[data-testid=row]:first-child[data-status=done]");
        await press(0);
        await page.evaluate(() => globalThis.held.release());
        await settled(page, files.length);
        await bare(second);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a pasted picture keeps its size and its notes, whichever network looks at it", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await open(browser, fileAddress, { network: null });
      const [file] = variedPictures(2).slice(1);
      await paste(page, file);
      await settled(page, 1);
      const { picture, notes } = await report(page);
      assert.notEqual(picture.width, 224);
      const caption = await page.$eval("#caption", (element) => element.textContent);
      const networks = await page.$$eval("#networks input", (inputs) => inputs.map(({ value }) => value));
      for (const name of [networks[1], networks[0], networks[1]]) {
        await page.$eval(`#networks input[value=${name}]`, (radio) => radio.click());
        await settled(page, 1);
        const said = await report(page);
        assert.deepEqual([said.network, said.picture, said.notes], [name, picture, notes]);
        assert.deepEqual(said.checks, (await classified([file], "-model", name))[0].checks, "and its pixels");
        assert.equal(await page.$eval("#caption", (element) => element.textContent), caption);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("nothing is said of pictures that are no longer there", { skip: onlyChromium(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, ...pictures.slice(0, 2));
      const said = await page.evaluate(async () => {
        await new Promise((quiet) => setTimeout(quiet, 500));
        const heard = [];
        new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach((node) => heard.push(node.textContent)))).observe(document.getElementById("announcer"), { childList: true });
        document.querySelectorAll("[data-testid=row] button")[1].click();
        document.getElementById("clear").click();
        await new Promise((later) => setTimeout(later, 500));
        return heard;
      });
      assert.deepEqual(said, ["The list is empty."]);
      await page.close();
    });

    test("on paper stands which picture it is, and what has to be known of its evidence", { skip: chromiumOnly(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, pictures[0]);
      await explain(page);
      await page.emulateMediaType("print");
      const shown = (selector) => page.$eval(selector, (element) => {
        const { width, height } = element.getBoundingClientRect();
        return element.checkVisibility() && width > 50 && height > 10 ? element.innerText : "";
      });
      assert.equal(await shown("#picture-name"), basename(pictures[0]));
      assert.match(await shown("#caveat"), /no malignant region/);
      assert.match(await shown("#disclaimer"), /Not a medical device/);
      await page.close();
    });

    test("how far an answer can be trusted is one press away, in the network's card", { skip: notWebKit(browserName) }, async () => {
      for (const width of [1280, narrow(browserName, 320)]) {
        const { page, problems } = await open(browser, fileAddress, { width, height: 700 });
        await give(page, pictures[0]);
        await page.focus("#how-far");
        await page.keyboard.press("Enter");
        await page.waitForFunction(() => document.activeElement.closest("details.card[open]"));
        const [name, text, wide] = await page.evaluate(() => {
          const { parentElement: card } = document.activeElement;
          return [card.id, card.textContent, document.documentElement.scrollWidth > innerWidth];
        });
        const { network, model } = await report(page);
        assert.equal(name, `card-${network}`);
        assert.ok(text.includes(model), "the card is of these weights");
        assert.equal(wide, false, "nothing scrolls sideways");
        assert.deepEqual(problems, [], "nothing in it that the policy forbids");
        await page.close();
      }
    });

    test("a list of many pictures takes little memory for each", { skip: chromiumOnly(browserName) }, async () => {
      const { page } = await open(browser, fileAddress);
      await give(page, ...Array.from({ length: 60 }, (_, i) => pictures[i % pictures.length]));
      // What took most of it: a canvas in each row, and the layout of rows that are not in sight.
      assert.equal((await page.$$("#rows canvas")).length, 0);
      assert.equal(await page.$eval("#rows li:last-child .row", (row) => row.checkVisibility({ contentVisibilityAuto: true })), false);
      const unpacked = await page.$$eval("#rows img", (images) => images.filter((image) => image.complete && image.naturalWidth > 0).length);
      assert.ok(unpacked > 0, "those in sight are drawn");
      await page.close();
    });
  });
}
