// The reader's own decisions: beside the answer, before it, and as a test.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserNames, give, launch, patience, scratch, settled } from "./harness.mjs";
import { choose, complete, files, folder, names, opened, press, read, saved, select, showAll, showOne, table, type, words } from "./smearcase.mjs";

const certaintyOf = ({ predicted, probabilities }) => probabilities[predicted];

const { records, answered } = await read();

if (browserNames.includes("chromium")) {
  describe("chromium", { timeout: 20 * patience }, () => {
    let browser;
    before(async () => { browser = await launch("chromium"); });
    after(() => browser?.close());

    test("what the reader decides stands beside the answer, in the table, in the agreement and in the files", async () => {
      const { page, problems } = await opened(browser);
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
      await select(page, "#filter-reader", "differs");
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
      const { page, problems } = await opened(browser);
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
      // Nor does it stand in the page unseen, whoever is chosen.
      /** Where an answer is told in what the page holds, seen or not: an unrounded figure, a reason, a class, a percentage, or evidence. */
      const leaks = (...of) => page.evaluate((secrets) => {
        const main = document.querySelector("main");
        const all = [...main.querySelectorAll("*")].flatMap(({ attributes }) => [...attributes].map(({ value }) => value)).join("\n") + main.textContent;
        const found = secrets.filter((secret) => all.includes(secret));
        for (const element of main.querySelectorAll("#result, #ready, #explanation, #keep, #decision, #result *, #ready *, #explanation *, #keep *, #confirm")) {
          const { id, dataset } = element;
          const own = [...element.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.data : "")).join("");
          if (/\d\s?%/.test(own) && !["calibrated", "gloss-target"].includes(id)) found.push(`${id}: ${own}`);
          for (const name of ["outcome", "predicted", "probability", "reading", "weight", "figure", "step"]) if (dataset[name] || (name === "predicted" && name in dataset)) found.push(`${id || element.className}: ${name}`);
          if (["result-lead", "notes", "caveat", "confirm", "result-json", "fields", "fields-joined", "trust-reasons", "tested-said"].includes(id) && element.textContent) found.push(`${id}: ${element.textContent}`);
        }
        return found;
      }, of.flatMap(({ probabilities, reason, code }) => (code === "unreadable" ? [] : probabilities ? Object.values(probabilities).map(String) : [reason])));
      await page.$eval("#numbers-box", (box) => { box.open = true; });
      for (const { file: each } of answered) {
        await choose(page, basename(each));
        await new Promise((later) => setTimeout(later, 300));
        assert.deepEqual(await leaks(...records.values()), [], each);
      }
      await choose(page, basename(file));
      await page.$eval("#numbers-box", (box) => { box.open = false; });
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

      // One that was shown leaves nothing when it is hidden again, and comes back whole.
      await showOne(page);
      await choose(page, basename(file));
      await page.waitForSelector("#evidence:not([hidden])");
      const evidence = () => page.evaluate(() => ["result", "ready-steps", "trust", "tested", "regions"].map((id) => document.getElementById(id)).map((element) => [element.textContent, [...element.querySelectorAll("*")].map(({ dataset, hidden }) => ({ ...dataset, hidden }))]));
      await page.waitForFunction(() => !document.getElementById("tested").hidden);
      const before = await evidence();
      await press(page, "#reader-withdraw");
      await page.waitForFunction(() => document.getElementById("decision").hasAttribute("data-first"));
      assert.deepEqual(await leaks(answered[0]), []);
      await press(page, "#reader-class input[value=none]");
      await page.waitForSelector("#reader-decide:not([disabled])");
      await press(page, "#reader-decide");
      await page.waitForSelector("#evidence:not([hidden])");
      assert.deepEqual(await evidence(), before);
      assert.deepEqual(problems, []);
      await page.close();
    });

    test("pictures of known class make a test: the hardest first, and the score", async () => {
      const tree = join(scratch, "test");
      const known = new Map(answered.slice(0, 4).map((record, i) => [basename(record.file), [record.predicted, "Early", "Pre", record.predicted][i]]));
      for (const [name, of] of known) {
        mkdirSync(join(tree, of), { recursive: true });
        copyFileSync(join(folder, name), join(tree, of, name));
      }
      const { page, problems } = await opened(browser);
      const session = await page.createCDPSession();
      for (const kind of ["dragEnter", "drop"]) await session.send("Input.dispatchDragEvent", { type: kind, x: 400, y: 300, data: { items: [], dragOperationsMask: 1, files: [tree] } });
      await settled(page, 4);
      await showAll(page);
      await complete(page, 4);
      await press(page, "#test-start");
      const hardest = [...known.keys()].toSorted((a, b) => certaintyOf(records.get(a)) - certaintyOf(records.get(b)));
      let right = 0;
      for (const [i, name] of hardest.entries()) {
        await page.waitForFunction(() => document.getElementById("decision").hasAttribute("data-first") && !document.getElementById("picture").hidden);
        assert.doesNotMatch(await page.evaluate(() => document.querySelector("#pictures").innerText + document.getElementById("picture-name").textContent), i === 0 ? /synthetic|field|Benign|Early|Pre|Pro/ : /synthetic-9/, "names tell nothing");
        await press(page, "#reader-class input[value=Pre]");
        await press(page, "#reader-certainty input[value=probable]");
        await page.waitForSelector("#reader-decide:not([disabled])");
        await press(page, "#reader-decide");
        await page.waitForSelector("#test-known:not([hidden])");
        right += known.get(name) === "Pre" ? 1 : 0;
        assert.equal(await words(page, "#picture-name"), `${known.get(name)}/${name}`, "and then it is shown which it was");
        assert.match(await words(page, "#test-known"), known.get(name) === "Pre" ? /you are right/ : /^Its folder says [^:]*\. /);
        assert.ok((await words(page, "#test-known")).includes(`You named the class of ${right} of ${i + 1} pictures`));
        await press(page, "#test-next");
      }
      await page.waitForSelector("#overview:not([hidden])");
      await press(page, "#test-start");
      await page.waitForFunction(() => !document.getElementById("reader-first").checked);
      assert.deepEqual(problems, []);
      await page.close();
    });
  });
}
