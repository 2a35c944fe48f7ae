// Many pictures of one smear as one case: the table and what it says together, the reader's own
// decisions, what is saved of it, and a saved case computed again.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserNames, builtPage, classified, commandLine, drawings, fileAddress, give, launch, open, patience, scratch, settled } from "./harness.mjs";
import { serious } from "./inpage.mjs";
import { smear } from "./smear.mjs";

const chromiumOnly = (name) => (name === "chromium" ? false : "needs the debugging protocol of Chromium");
const names = ["Benign", "Early", "Pre", "Pro"];

// A smear of nine pictures: seven that can be read, one damaged, and one that is no smear.
const folder = join(scratch, "smear");
mkdirSync(folder, { recursive: true });
const into = (path) => {
  const place = join(folder, basename(path));
  copyFileSync(path, place);
  return place;
};
const files = [...(await drawings()), ...[1, 2, 3].map((seed) => smear(`field ${seed}`, { width: 420, height: 360, diameter: 30, nuclei: 10, seed })), smear("bare ground", { width: 500, height: 400, diameter: 40, nuclei: 0 })].map(into);
const broken = join(folder, "broken.png");
writeFileSync(broken, "no picture");
files.push(broken);
const records = new Map((await classified(files, "-model", "cells")).map((record) => [basename(record.file), record]));
const answered = [...records.values()].filter(({ abstained }) => !abstained);

/** Lets a test see what the page saves. Runs in the page. */
function catchFiles() {
  const blobs = new Map();
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const address = createObjectURL.call(URL, blob);
    blobs.set(address, blob);
    return address;
  };
  globalThis.caught = [];
  HTMLAnchorElement.prototype.click = function () { globalThis.caught.push({ name: this.download, blob: blobs.get(this.href) }); };
}

/** Presses a button and gives the file that is then saved: its name and bytes. */
async function saved(page, id) {
  await page.waitForSelector(`#${id}:not([disabled])`);
  await page.evaluate((name) => { globalThis.caught.length = 0; document.getElementById(name).click(); }, id);
  await page.waitForFunction(() => globalThis.caught.length > 0);
  const { name, base64 } = await page.evaluate(async () => {
    const [{ name, blob }] = globalThis.caught;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let binary = "";
    for (let at = 0; at < bytes.length; at += 30_000) binary += String.fromCharCode(...bytes.subarray(at, at + 30_000));
    return { name, base64: btoa(binary) };
  });
  return { name, bytes: Buffer.from(base64, "base64") };
}

/** Waits until all pictures are looked at and explained. */
const complete = (page, count) => page.waitForFunction((wanted) => {
  const rows = [...document.querySelectorAll("[data-testid=row]")];
  return rows.length === wanted && rows.every((row) => row.dataset.status === "done") && !document.getElementById("save-case").disabled;
}, {}, count);
const press = (page, selector) => page.$eval(selector, (element) => element.click());
const showAll = (page) => press(page, "#mode input[value=all]");
const showOne = (page) => press(page, "#mode input[value=one]");
const words = (page, selector) => page.$eval(selector, ({ textContent }) => textContent);
const type = (page, selector, value) => page.$eval(selector, (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}, value);

/** Chooses the row of a file, and waits until it is shown. */
async function choose(page, name) {
  await page.evaluate((wanted) => [...document.querySelectorAll("[data-testid=row]")].find((row) => row.querySelector(".row-name").title === wanted).querySelector("button").click(), name);
  await page.waitForFunction((wanted) => document.getElementById("picture-name").textContent === wanted, {}, name);
}

/** The lines of the table, by column. */
const table = (page) => page.$$eval("[data-testid=line]", (lines) => lines.map((line) => ({
  name: line.querySelector(".line-name").textContent, outcome: line.dataset.outcome,
  ...Object.fromEntries([...line.querySelectorAll("td[data-column]")].map((cell) => [cell.dataset.column, cell.textContent])),
})));

/** What `allnet case` writes of a folder, as the page of this build would. */
const written = async (of, ...options) => {
  const out = join(scratch, `out-${basename(of)}`);
  await commandLine(["case", "-out", out, "-page", builtPage, ...options, of], true);
  return { json: readFileSync(join(out, "case.json")), csv: readFileSync(join(out, "case.csv")) };
};
const fromCommandLine = await written(folder, "-label", "S24-0117");

for (const browserName of browserNames) {
  describe(browserName, { timeout: 20 * patience }, () => {
    let browser;
    before(async () => { browser = await launch(browserName); });
    after(() => browser?.close());

    const opened = async (options = {}) => {
      const { page, problems } = await open(browser, fileAddress, { network: null, atOnce: true, ...options });
      await page.evaluate(catchFiles);
      return { page, problems };
    };

    test("the case and its table are the command line's, byte for byte", async () => {
      const { page, problems } = await opened();
      await give(page, ...files.toReversed());
      await showAll(page);
      await complete(page, files.length);
      await type(page, "#case-label", "Anna Example");
      await page.waitForSelector("#label-fault:not([hidden])");
      assert.match(await words(page, "#label-fault"), /must not hold a name/);
      assert.equal(await page.$eval("#save-case", ({ disabled }) => disabled), true, "under a name nothing is saved");
      await type(page, "#case-label", "S24-0117");
      await page.waitForSelector("#label-fault[hidden]", { visible: false });
      await (await page.$("#page-input")).uploadFile(builtPage);
      await page.waitForFunction(() => /SHA-256 of its file/.test(document.getElementById("page-hash").textContent));
      const json = await saved(page, "save-case");
      assert.equal(json.name, "case S24-0117.allnet.json");
      assert.equal(json.bytes.toString(), fromCommandLine.json.toString());
      const csv = await saved(page, "save-table");
      assert.equal(csv.name, "case S24-0117.allnet.csv");
      assert.deepEqual(csv.bytes, fromCommandLine.csv);
      await (await page.$("#page-input")).uploadFile(broken);
      await page.waitForFunction(() => /not the file of this page/.test(document.getElementById("error-text").textContent));
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("the overview says what the pictures say together, and the table holds each of them", async () => {
      const { page, problems } = await opened();
      await give(page, ...files);
      await showAll(page);
      await complete(page, files.length);
      const summary = JSON.parse(fromCommandLine.json).summary;
      await page.waitForFunction((said) => document.getElementById("joint-said").textContent === said, {}, summary.joint.sentence);
      assert.match(await words(page, "#joint-heading"), summary.joint.class ? /Together/ : /No reading for all/);
      const said = await words(page, "#summary-said");
      assert.ok(said.includes(`${files.length} pictures: ${answered.length} with an answer`), said);
      assert.ok(said.includes(summary.cells.sentence), said);
      const counts = await page.$$eval("[data-testid=counts] tr", (lines) => lines.map((line) => [...line.children].map(({ textContent }) => textContent)));
      assert.deepEqual(counts.slice(0, 4).map(([, pictures]) => Number(pictures)), names.map((name) => summary.answers[name]));
      const lines = await table(page);
      assert.deepEqual(new Set(lines.map(({ name }) => name)), new Set(records.keys()));
      for (const { name, outcome } of lines) assert.equal(outcome, records.get(name).predicted ?? "abstained", name);
      const pictures = JSON.parse(fromCommandLine.json).pictures.map(({ answer }) => answer.record.file);
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

      await page.select("#filter-answer", "abstained");
      assert.equal((await table(page)).length, files.length - answered.length);
      await page.select("#filter-reason", "unreadable");
      assert.deepEqual((await table(page)).map(({ name }) => name), ["broken.png"]);
      await press(page, "#filter-none");
      assert.equal((await table(page)).length, files.length);

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

    test("what the reader decides stands beside the answer, in the table, in the agreement and in the files", async () => {
      const { page, problems } = await opened();
      await give(page, ...files);
      await showAll(page);
      await complete(page, files.length);
      await showOne(page);
      const [first, second] = answered;
      const other = names.find((name) => name !== second.predicted);
      await choose(page, basename(first.file));
      await page.waitForSelector("#confirm:not([hidden])");
      await press(page, "#confirm");
      await page.waitForFunction(() => /name the same class/.test(document.getElementById("decision-hint").textContent));
      await press(page, "#reader-certainty input[value=certain]");
      await choose(page, basename(second.file));
      await press(page, `#reader-class input[value=${other}]`);
      await page.waitForFunction(() => /name different classes/.test(document.getElementById("decision-hint").textContent));
      await type(page, "#reader-note", "=smudge cells");
      await choose(page, basename(first.file));
      assert.equal(await page.$eval("#reader-note", ({ value }) => value), "");
      await showAll(page);
      await page.waitForFunction(() => /on 0 of them before/.test(document.getElementById("agree-said").textContent));
      assert.match(await words(page, "#agree-said"), /same class on 1 of the 2 pictures/);
      const lines = await table(page);
      assert.equal(lines[0].name, basename(second.file), "where reader and network differ comes first");
      await page.select("#filter-reader", "differs");
      assert.deepEqual((await table(page)).map(({ name }) => name), [basename(second.file)]);
      const { pictures } = JSON.parse((await saved(page, "save-case")).bytes);
      const decisionOf = ({ file }) => pictures.find(({ answer }) => answer.record.file === basename(file)).decision;
      assert.deepEqual(decisionOf(first), { class: first.predicted, certainty: "certain", blind: false, note: "" });
      assert.deepEqual(decisionOf(second), { class: other, certainty: "", blind: false, note: "=smudge cells" });
      assert.match((await saved(page, "save-table")).bytes.toString(), /,'=smudge cells\r\n/, "no spreadsheet takes a note for a formula");
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("with the reader first, nothing tells an answer before class and certainty are given", async () => {
      const { page, problems } = await opened();
      await press(page, "#reader-first");
      await give(page, ...files);
      const [{ file, predicted }] = answered;
      await choose(page, basename(file));
      await page.waitForFunction(() => document.getElementById("decision").hasAttribute("data-first"));
      /** All that can be read or heard, and all that is told by attributes. */
      const told = () => page.evaluate(() => {
        const texts = [document.querySelector("main").innerText, document.getElementById("announcer").textContent];
        for (const element of document.querySelectorAll("main [title], main [aria-label], main [alt]")) if (element.checkVisibility()) texts.push(element.title, element.getAttribute("aria-label"), element.getAttribute("alt"));
        return texts.filter(Boolean).join("\n").replaceAll(/(Benign|Early pre-B|Pre-B|Pro-B)(?=\s+(Benign|Early pre-B|Pre-B|Pro-B|Cannot tell))/g, "").replace("Pro-B\nCannot tell", "");
      });
      // Whatever may be pressed or typed, too: keys for evidence, ways of drawing and explaining.
      for (const key of ["e", "1", "2", "3", "4", "v", "w", "s"]) await page.keyboard.press(key);
      await new Promise((later) => setTimeout(later, 1500));
      const all = await told();
      const choices = await page.$eval("#reader-class", ({ innerText }) => innerText.trim());
      assert.doesNotMatch(all.replaceAll(choices, ""), /\d %|\d%|Evidence for|speaks? for|R²|[Hh]ematogones|\bALL\b(?!-Net)|few stained|no stained|most probable/);
      for (const id of ["result", "ready", "explanation", "keep", "drawing", "only"]) assert.equal(await page.$eval(`#${id}`, (element) => element.checkVisibility()), false, id);
      assert.deepEqual(await page.$$eval("[data-testid=row]", (rows) => [...new Set(rows.map(({ dataset }) => dataset.outcome))].sort()), ["", "abstained"], "what cannot be read at all is no secret");
      await showAll(page);
      assert.equal(await page.$eval("#summary", ({ hidden }) => hidden), true);
      assert.equal(await page.$eval("#save-case", ({ disabled }) => disabled), true);
      assert.deepEqual([...new Set((await table(page)).map(({ outcome, certainty }) => outcome + certainty))].sort(), ["", "abstained"]);
      await showOne(page);

      assert.equal(await page.$eval("#reader-decide", ({ disabled }) => disabled), true);
      await press(page, "#reader-class input[value=Early]");
      await page.waitForFunction(() => document.querySelector("#reader-class input[value=Early]").checked);
      assert.equal(await page.$eval("#result", (element) => element.checkVisibility()), false, "a class alone is not enough");
      await press(page, "#reader-certainty input[value=doubtful]");
      await page.waitForSelector("#reader-decide:not([disabled])");
      await press(page, "#reader-decide");
      await page.waitForSelector("#result:not([hidden])");
      assert.equal(await page.$eval("#result", ({ dataset }) => dataset.outcome), predicted);
      assert.match(await words(page, "#decision-hint"), /before you saw the answer/);
      await page.waitForFunction(() => !document.getElementById("explained").hidden);
      assert.equal(await page.evaluate(() => document.activeElement?.id), "result-heading");

      // Each other picture, and then the case: what was read first counts as such.
      for (let left = records.size - 2; left > 0; left--) {
        await page.evaluate(() => [...document.querySelectorAll("[data-testid=row]")].find((row) => row.dataset.outcome === "").querySelector("button").click());
        await page.waitForFunction(() => document.getElementById("decision").hasAttribute("data-first"));
        await press(page, "#reader-class input[value=none]");
        await page.waitForSelector("#reader-decide:not([disabled])");
        await press(page, "#reader-decide");
        await page.waitForFunction(() => !document.getElementById("decision").hasAttribute("data-first"));
      }
      await showAll(page);
      const { summary: { reader } } = JSON.parse((await saved(page, "save-case")).bytes);
      assert.deepEqual([reader.judged, reader.blind, reader.cannotTell], [records.size - 1, records.size - 1, records.size - 2]);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("a saved case is computed again: the same, one digit changed, one picture swapped, one missing", async () => {
      const { page, problems } = await opened();
      await give(page, ...files);
      await showAll(page);
      await complete(page, files.length);
      await type(page, "#case-label", "S24-0117");
      await showOne(page);
      const [first] = answered;
      await choose(page, basename(first.file));
      await page.waitForSelector("#confirm:not([hidden])");
      await press(page, "#confirm");
      await showAll(page);
      const { bytes } = await saved(page, "save-case");
      await page.close();
      const place = join(scratch, `saved-${browserName}.json`);

      /** Opens a case in a new page with pictures, and gives what came of it. */
      const again = async (text, pictures, wanted) => {
        const { page: other } = await opened();
        writeFileSync(place, text);
        await (await other.$("#file-input")).uploadFile(place, ...pictures);
        await other.waitForSelector(`#again[data-outcome=${wanted}]`);
        const result = { said: await words(other, "#again-said"), label: await other.$eval("#case-label", ({ value }) => value), lines: await table(other), differences: await other.$$eval("[data-testid=differences] tr", (lines) => lines.map(({ textContent }) => textContent)) };
        await other.close();
        return result;
      };
      const same = await again(bytes, files, "same");
      assert.match(same.said, /The same to the last bit/);
      assert.equal(same.label, "S24-0117");
      assert.match(same.lines.find(({ name }) => name === basename(first.file)).reader, /you: /, "the decision is back");

      const text = bytes.toString();
      const digit = /"probabilities":\{"Benign":0\.\d*?([1-8])(?=\d*,)/.exec(text);
      const at = digit.index + digit[0].length - 1;
      const changed = await again(`${text.slice(0, at)}${Number(digit[1]) + 1}${text.slice(at + 1)}`, files, "differs");
      assert.match(changed.said, /changed after it was written/);
      assert.ok(changed.differences.some((line) => /probabilities\.Benign/.test(line)), changed.differences.join("\n"));

      const swapped = join(scratch, `swapped-${browserName}`);
      mkdirSync(swapped, { recursive: true });
      const others = files.map((file) => {
        copyFileSync(file === files[1] ? files[2] : file, join(swapped, basename(file)));
        return join(swapped, basename(file));
      });
      const other = await again(text, others, "differs");
      assert.match(other.said, /another picture/);
      assert.ok(other.differences.some((line) => line.includes(basename(files[1])) && line.includes("sha256")), other.differences.join("\n"));

      const less = await again(text, files.slice(1), "unknown");
      assert.ok(less.said.includes(`Needed still: ${basename(files[0])}`), less.said);
      assert.deepEqual(problems, []);
    });

    test("a case that is given alone says which pictures it needs, and takes up what is given then", async () => {
      const { page, problems } = await opened();
      const place = join(scratch, `alone-${browserName}.json`);
      writeFileSync(place, fromCommandLine.json);
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

    test("a dropped folder is taken as the command line takes it, with what lies in its folders", { skip: chromiumOnly(browserName) }, async () => {
      const tree = join(scratch, "tree");
      mkdirSync(join(tree, "second"), { recursive: true });
      for (const [i, file] of files.slice(0, 4).entries()) copyFileSync(file, join(tree, i < 2 ? "" : "second", basename(file)));
      const there = await written(tree);
      writeFileSync(join(tree, "notes.txt"), "no picture");
      const { page, problems } = await opened();
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

    test("the overview holds nothing serious against screen readers and narrow screens", async () => {
      for (const [width, scheme] of [[320, "light"], [768, "dark"], [1920, "light"]]) {
        const { page, problems } = await opened({ width, height: 900 });
        if (browserName !== "webkit") await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await give(page, ...files.slice(0, 5));
        await showAll(page);
        await complete(page, 5);
        await page.waitForSelector("#summary:not([hidden])");
        assert.deepEqual(await serious(page), [], `${width} ${scheme}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing scrolls sideways at ${width}`);
        await showOne(page);
        assert.deepEqual(await serious(page), [], `${width} ${scheme}, one picture`);
        assert.deepEqual(problems, []);
        await page.close();
      }
    });
  });
}
