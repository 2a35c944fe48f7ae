// Many pictures of one smear as one case: the table and what it says together, and what is saved and printed of it.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserNames, builtPage, chromiumOnly, give, launch, notWebKit, onlyChromium, patience, scratch, settled } from "./harness.mjs";
import { serious } from "./inpage.mjs";
import { broken, complete, files, folderOf, fromCommandLine, names, opened, press, read, saved, select, showAll, showOne, table, type, words, written } from "./smearcase.mjs";

/** The files of a ZIP file, stored as they are, by its directory. */
function unzipped(bytes) {
  const found = [];
  for (let i = 0, at = bytes.readUInt32LE(bytes.length - 6); i < bytes.readUInt16LE(bytes.length - 12); i++) {
    const [size, name, local] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)];
    const from = local + 30 + name;
    found.push({ name: bytes.subarray(at + 46, at + 46 + name).toString(), bytes: bytes.subarray(from, from + size) });
    at += 46 + name;
  }
  return found;
}

const { records, answered } = await read();

for (const browserName of browserNames) {
  describe(browserName, { timeout: 20 * patience }, () => {
    let browser;
    before(async () => { browser = await launch(browserName); });
    after(() => browser?.close());

    test("the case and its table are the command line's, byte for byte", async () => {
      const { page, problems } = await opened(browser);
      // In WebKit four of them: one drawn, one field, one of bare ground, and the broken one.
      const some = browserName === "webkit" ? [files[0], ...files.slice(-3)] : files;
      const wanted = some === files ? await fromCommandLine() : await written(folderOf("some", some), "-label", "S24-0117");
      await give(page, ...some.toReversed());
      await showAll(page);
      await complete(page, some.length);
      await type(page, "#case-label", "Anna Example");
      await page.waitForSelector("#label-fault:not([hidden])");
      assert.match(await words(page, "#label-fault"), /must not hold a name/);
      assert.doesNotMatch(await page.evaluate(() => sessionStorage.getItem("allnet case") ?? ""), /Anna/, "a name is kept nowhere");
      assert.equal(await page.$eval("#save-case", ({ disabled }) => disabled), true, "under a name nothing is saved");
      await type(page, "#case-label", "S24-0117");
      await page.waitForSelector("#label-fault[hidden]", { visible: false });
      await (await page.$("#page-input")).uploadFile(builtPage);
      await page.waitForFunction(() => /SHA-256 of its file/.test(document.getElementById("page-hash").textContent));
      await page.focus("#save-case");
      const json = await saved(page, "save-case");
      await page.waitForFunction(() => document.activeElement.id === "save-case", {}, "the button that was switched off meanwhile has the focus again");
      assert.equal(json.name, "case S24-0117.allnet.json");
      assert.equal(json.bytes.toString(), wanted.json.toString());
      const csv = await saved(page, "save-table");
      assert.equal(csv.name, "case S24-0117.allnet.csv");
      assert.deepEqual(csv.bytes, wanted.csv);
      await (await page.$("#page-input")).uploadFile(broken);
      await page.waitForFunction(() => /not the file of this page/.test(document.getElementById("error-text").textContent));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the overview says what the pictures say together, and the table holds each of them", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await opened(browser);
      await give(page, ...files);
      await showAll(page);
      await complete(page, files.length);
      const summary = JSON.parse((await fromCommandLine()).json).summary;
      await page.waitForFunction((joint, cells) => document.getElementById("joint-said").textContent === joint && document.getElementById("summary-said").textContent.includes(cells), {}, summary.joint.sentence, summary.cells.sentence);
      assert.match(await words(page, "#joint-heading"), summary.joint.class ? /Together/ : /No reading for all/);
      const said = await words(page, "#summary-said");
      assert.ok(said.includes(`${files.length} pictures: ${answered.length} with an answer`), said);
      const counts = await page.$$eval("[data-testid=counts] tr", (lines) => lines.map((line) => [...line.children].map(({ textContent }) => textContent)));
      assert.deepEqual(counts.slice(0, 4).map(([, pictures]) => Number(pictures)), names.map((name) => summary.answers[name]));
      const lines = await table(page);
      assert.deepEqual(new Set(lines.map(({ name }) => name)), new Set(records.keys()));
      for (const { name, outcome } of lines) assert.equal(outcome, records.get(name).predicted ?? "abstained", name);
      const pictures = JSON.parse((await fromCommandLine()).json).pictures.map(({ answer }) => answer.record.file);
      assert.deepEqual(lines.map(({ name }) => name), summary.order.map((i) => pictures[i]), "disagreements first, then the least certain");

      await press(page, "#columns [data-column=certainty] button");
      const sort = () => page.$eval("#columns [data-column=certainty]", (cell) => cell.getAttribute("aria-sort"));
      assert.equal(await sort(), "ascending");
      const certainties = (all) => all.map(({ name }) => records.get(name)).filter(({ abstained }) => !abstained).map(({ predicted, probabilities }) => probabilities[predicted]);
      const ascending = certainties(await table(page));
      assert.deepEqual(ascending, ascending.toSorted((a, b) => a - b));
      await press(page, "#columns [data-column=certainty] button");
      assert.equal(await sort(), "descending");
      assert.deepEqual(certainties(await table(page)), ascending.toReversed());

      await select(page, "#filter-answer", "abstained");
      assert.equal((await table(page)).length, files.length - answered.length);
      await select(page, "#filter-reason", "unreadable");
      assert.deepEqual((await table(page)).map(({ name }) => name), ["broken.png"]);
      await page.focus("#filter-none");
      await press(page, "#filter-none");
      assert.equal((await table(page)).length, files.length);
      assert.equal(await page.evaluate(() => document.activeElement.id), "overview-heading");

      await page.evaluate(() => [...document.querySelectorAll("[data-testid=line]")].find((line) => line.textContent.includes("broken.png")).querySelector("td:last-child button").click());
      await settled(page, files.length - 1);
      assert.equal((await table(page)).length, files.length - 1);
      await press(page, "#undo");
      await settled(page, files.length);
      assert.equal((await table(page)).length, files.length);

      const [{ name }] = await table(page);
      await press(page, "[data-testid=line] .line-open");
      await page.waitForFunction((wanted) => document.getElementById("picture-name").textContent === wanted && !document.getElementById("picture").hidden && document.getElementById("overview").hidden, {}, name);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a dropped folder is taken as the command line takes it, with what lies in its folders", { skip: chromiumOnly(browserName) }, async () => {
      const tree = join(scratch, "tree");
      mkdirSync(join(tree, "second"), { recursive: true });
      for (const [i, file] of files.slice(0, 4).entries()) copyFileSync(file, join(tree, i < 2 ? "" : "second", basename(file)));
      const there = await written(tree);
      writeFileSync(join(tree, "notes.txt"), "no picture");
      const { page, problems } = await opened(browser);
      const session = await page.createCDPSession();
      const data = { items: [], dragOperationsMask: 1, files: [tree] };
      for (const kind of ["dragEnter", "drop"]) await session.send("Input.dispatchDragEvent", { type: kind, x: 400, y: 300, data });
      await settled(page, 4);
      assert.match(await words(page, "#note-text"), /1 file of the folder is no picture/);
      await showAll(page);
      await complete(page, 4);
      await (await page.$("#page-input")).uploadFile(builtPage);
      await page.waitForFunction(() => /SHA-256 of its file/.test(document.getElementById("page-hash").textContent));
      assert.equal((await saved(page, "save-case")).bytes.toString(), there.json.toString());
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("all pictures of the evidence are one ZIP file, which can be given up", { skip: notWebKit(browserName) }, async () => {
      const { page, problems } = await opened(browser);
      await give(page, ...files);
      await showAll(page);
      await complete(page, files.length);
      const { name, bytes } = await saved(page, "save-evidence");
      assert.equal(name, "case.evidence.allnet.zip");
      const found = unzipped(bytes);
      const seen = [...records.values()].filter(({ code }) => code !== "unreadable");
      assert.deepEqual(new Set(found.map(({ name: each }) => each.replace(/\.(cells).*$/, ""))), new Set(seen.map(({ file }) => basename(file).replace(/\.\w+$/, ""))));
      for (const each of found) {
        const record = records.get([...records.keys()].find((file) => each.name.startsWith(file.replace(/\.\w+$/, ""))));
        assert.match(each.name, record.abstained ? /\.cells\.picture\.allnet\.png$/ : new RegExp(`\\.cells\\.outline\\.${record.predicted}\\.lime\\.seed-\\d+\\.allnet\\.png$`));
        assert.equal(each.bytes.subarray(1, 4).toString(), "PNG");
        assert.ok(each.bytes.readUInt32BE(16) === 672 && each.bytes.readUInt32BE(20) > 672, "the picture with what has to be known below it");
      }
      await page.evaluate(() => { globalThis.caught.length = 0; document.getElementById("save-evidence").click(); });
      await page.waitForSelector("#case-writing:not([hidden]) #case-cancel:not([hidden])");
      await press(page, "#case-cancel");
      await page.waitForFunction(() => document.getElementById("case-writing").hidden && !document.getElementById("save-evidence").disabled);
      assert.equal(await page.evaluate(() => globalThis.caught.length), 0);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the report has a page for the case and one for each picture worth seeing, with why and by what it was computed", { skip: notWebKit(browserName) }, async () => {
      const { page, problems } = await opened(browser);
      await give(page, ...files);
      await type(page, "#case-label", "S24-0117");
      await showAll(page);
      await complete(page, files.length);
      await page.waitForSelector("#summary:not([hidden])");
      await page.evaluate(() => { globalThis.print = () => { globalThis.printed = true; }; });
      await press(page, "#print-report");
      await page.waitForFunction(() => globalThis.printed);
      const pages = await page.$$eval(".report-page", (all) => all.map(({ textContent }) => textContent));
      const [first, ...others] = pages;
      const { pictures, networks, summary } = JSON.parse((await fromCommandLine()).json);
      const leading = summary.joint.leading;
      const odd = answered.filter(({ predicted }) => predicted !== leading).map(({ file }) => basename(file));
      const least = answered.toSorted((a, b) => a.probabilities[a.predicted] - b.probabilities[b.predicted]).slice(0, 3).map(({ file }) => basename(file));
      for (const wanted of ["Case S24-0117", "Not a medical device", summary.joint.sentence, networks[0].weights, networks[0].calibration, "1,000 samples", "Read by"]) assert.ok(first.includes(wanted), wanted);
      for (const name of odd) assert.match(others.find((words) => words.includes(name)), /another answer than most/);
      for (const name of least) assert.match(others.find((words) => words.includes(name)), /least certain/);
      for (const words of others) {
        const { answer } = pictures.find(({ answer: { record } }) => words.includes(record.file));
        assert.ok(words.includes(answer.source.sha256) && /must not be used/.test(words), answer.record.file);
      }
      assert.equal(await page.$$eval(".report-page img", (all) => all.filter(({ naturalWidth }) => naturalWidth === 672).length), others.length);
      assert.equal(await page.$$eval("[id]", (all) => all.length - new Set(all.map(({ id }) => id)).size), 0, "no id is there twice");
      if (browserName === "chromium") await page.pdf({ path: join(scratch, "report.pdf"), format: "A4" });
      else await page.evaluate(() => { dispatchEvent(new Event("afterprint")); });
      await page.waitForFunction(() => document.querySelectorAll(".report-page").length === 0);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the overview holds nothing serious against screen readers and narrow screens", { skip: onlyChromium(browserName) }, async () => {
      const { page, problems } = await opened(browser);
      await give(page, ...files.slice(0, 5));
      await showAll(page);
      await complete(page, 5);
      await page.waitForSelector("#summary:not([hidden])");
      for (const [width, scheme] of [[320, "light"], [768, "dark"], [1920, "light"]]) {
        await page.setViewport({ width, height: 900 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await showAll(page);
        assert.deepEqual(await serious(page), [], `${width} ${scheme}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing scrolls sideways at ${width}`);
        await showOne(page);
        assert.deepEqual(await serious(page), [], `${width} ${scheme}, one picture`);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });
  });
}
