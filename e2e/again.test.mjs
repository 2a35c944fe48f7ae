// A saved case computed again, and what of a case outlasts the page.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserNames, fileAddress, give, launch, onlyChromium, open, patience, scratch, serve } from "./harness.mjs";
import { smear } from "./smear.mjs";
import { broken, choose, complete, files, fromCommandLine, opened, press, read, saved, showAll, showOne, table, type, words, } from "./smearcase.mjs";

// CASE_PICTURES=40 computes a case of 40 again instead of one of a few: 36 that can be read, and 4 that are damaged. That takes minutes.
const more = [];
if (process.env.CASE_PICTURES) {
  const sound = Array.from({ length: Number(process.env.CASE_PICTURES) - 7 }, (_, i) => smear(`more ${i}`, { width: 300, height: 260, diameter: 20, nuclei: 6 + (i % 9), seed: 10 + i }));
  const damaged = sound.slice(0, 3).map((file, i) => {
    const place = join(scratch, `damaged ${i}.bmp`);
    writeFileSync(place, readFileSync(file).subarray(0, [20, 60, 5000][i]));
    return place;
  });
  more.push(...sound, ...damaged);
}

const { answered } = await read();

for (const browserName of browserNames) {
  describe(browserName, { timeout: 20 * patience }, () => {
    let browser;
    before(async () => { browser = await launch(browserName); });
    after(() => browser?.close());

    test("a saved case is computed again: the same, one digit changed, one picture swapped, one missing", async (t) => {
      const { page, problems } = await opened(browser);
      const [first] = answered;
      const few = [...new Set([files.find((file) => basename(file) === basename(first.file)), files[1], files[2], broken, ...more])];
      await give(page, ...few);
      await showAll(page);
      await complete(page, few.length);
      await type(page, "#case-label", "S24-0117");
      await showOne(page);
      await choose(page, basename(first.file));
      await page.waitForSelector("#confirm:not([hidden])");
      await press(page, "#confirm");
      await showAll(page);
      const { bytes } = await saved(page, "save-case");
      t.diagnostic(`${few.length} pictures, ${JSON.parse(bytes).pictures.filter(({ answer }) => answer.picture === null).length} of them damaged`);
      await page.close();
      const place = join(scratch, `saved-${browserName}.json`);

      /** Opens a case in a new page with pictures, and gives what came of it. */
      const again = async (text, pictures, wanted) => {
        const { page: other } = await opened(browser);
        writeFileSync(place, text);
        await (await other.$("#file-input")).uploadFile(place, ...pictures);
        await other.waitForSelector(`#again[data-outcome=${wanted}]`);
        const result = { said: await words(other, "#again-said"), label: await other.$eval("#case-label", ({ value }) => value), lines: await table(other), differences: await other.$$eval("[data-testid=differences] tr", (lines) => lines.map(({ textContent }) => textContent)) };
        await other.close();
        return result;
      };
      const same = await again(bytes, few, "same");
      assert.match(same.said, /The same to the last bit/);
      assert.equal(same.label, "S24-0117");
      assert.match(same.lines.find(({ name }) => name === basename(first.file)).reader, /you: /, "the decision is back");

      // What a comparison finds is decided by the program: in the others the two are tried that read other files.
      const each = browserName === "chromium" || more.length > 0;
      const text = bytes.toString();
      const digit = /"probabilities":\{"Benign":0\.\d*?([1-8])(?=\d*,)/.exec(text);
      const at = digit.index + digit[0].length - 1;
      if (each) {
        const changed = await again(`${text.slice(0, at)}${Number(digit[1]) + 1}${text.slice(at + 1)}`, few, "differs");
        assert.match(changed.said, /changed after it was written/);
        assert.ok(changed.differences.some((line) => /probabilities\.Benign/.test(line)), changed.differences.join("\n"));
      }

      const swapped = join(scratch, `swapped-${browserName}`);
      mkdirSync(swapped, { recursive: true });
      const others = few.map((file) => {
        copyFileSync(file === files[1] ? files[2] : file, join(swapped, basename(file)));
        return join(swapped, basename(file));
      });
      const other = await again(text, others, "differs");
      assert.match(other.said, /another picture/);
      assert.ok(other.differences.some((line) => line.includes(basename(files[1])) && line.includes("sha256")), other.differences.join("\n"));

      if (each) {
        const less = await again(text, few.slice(1), "unknown");
        assert.ok(less.said.includes(`Needed still: ${basename(few[0])}`), less.said);
      }
      assert.deepEqual(problems, []);
    });

    test("a case that is given alone says which pictures it needs, and takes up what is given then", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await opened(browser);
      const place = join(scratch, `alone-${browserName}.json`);
      writeFileSync(place, (await fromCommandLine()).json);
      await (await page.$("#file-input")).uploadFile(place);
      await page.waitForSelector("#again:not([hidden])");
      assert.match(await words(page, "#again-said"), /Give its pictures/);
      for (const file of files) assert.ok((await words(page, "#again-said")).includes(basename(file)));
      await give(page, ...files);
      await page.waitForSelector("#again[data-outcome=same]");
      writeFileSync(place, "{}");
      await (await page.$("#file-input")).uploadFile(place);
      await page.waitForFunction(() => /not a case/.test(document.getElementById("error-text").textContent));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a reload gives back what was decided, once the pictures are given again, and nobody leaves by a slip", async (t) => {
      const server = await serve();
      t.after(() => server.close());
      for (const address of [fileAddress, server.address]) {
        const { page, problems } = await open(browser, address, { network: null, atOnce: false });
        await give(page, ...files.slice(0, 2));
        await press(page, "#reader-class input[value=Pre]");
        await press(page, "#reader-certainty input[value=probable]");
        await showAll(page);
        await type(page, "#case-label", "S24-0117");
        const asks = () => page.evaluate(() => {
          const event = new Event("beforeunload", { cancelable: true });
          dispatchEvent(event);
          return event.defaultPrevented;
        });
        assert.equal(await asks(), true);
        await page.waitForFunction(() => /S24-0117/.test(sessionStorage.getItem("allnet case") ?? "")); // once the program has let it pass
        const kept = await page.evaluate(() => { try { return sessionStorage.getItem("allnet case"); } catch { return null; } });
        t.diagnostic(`${browserName}, ${address.replace(/:.*/, "")}: ${kept ? "kept" : "not kept"}`);
        assert.ok(kept, "each engine keeps it");
        assert.doesNotMatch(kept, /synthetic/, "of a picture nothing but its SHA-256");
        await page.evaluate(() => { globalThis.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true); });
        page.on("dialog", (dialog) => dialog.accept());
        await (page.reload ? page.reload() : page.goto(address)); // WebKit’s driver has no reload here
        await page.waitForSelector("#engine-status[data-status=ready]");
        await give(page, ...files.slice(0, 2));
        await page.waitForFunction(() => [...document.querySelectorAll("[data-testid=row-reader]")].some(({ hidden, textContent }) => !hidden && textContent === "you: Pre-B, probable"));
        assert.equal(await page.$eval("#case-label", ({ value }) => value === "" || value === "S24-0117"), true);
        await showAll(page);
        assert.equal(await page.$eval("#case-label", ({ value }) => value), "S24-0117");
        await page.evaluate(() => document.getElementById("clear").click());
        await press(page, "#note-close");
        await page.waitForFunction(() => !/Pre/.test(sessionStorage.getItem("allnet case") ?? ""), {}, "what is cleared for good is forgotten");
        assert.deepEqual(problems, []);
        await page.close();
      }
    });
  });
}
