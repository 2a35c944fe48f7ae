// The live camera. Chromium is given a drawn film for one, Firefox its own test picture.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { browserNames, fileAddress, launch, open, patience, serve, settled } from "./harness.mjs";
import { smear } from "./smear.mjs";
import { film } from "./video.mjs";

const stage = smear("stage", { width: 1000, height: 720, diameter: 30, nuclei: 90, seed: 3 });

/** What makes each browser believe that it has a camera and may use it; none of WebKit's drivers knows how. */
const filmed = {
  chromium: () => ({ args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${film("stage", stage, { width: 960, height: 720 })}`] }),
  firefox: () => ({ extraPrefsFirefox: { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true } }),
};

const press = (page, id) => page.$eval(`#${id}`, (button) => button.click());
const status = (page, wanted) => page.waitForFunction((name) => document.getElementById("live").dataset.status === name, {}, wanted);
/** Waits until a frame was looked at, and gives what is said of it. */
const said = async (page) => {
  await page.waitForFunction(() => document.getElementById("live").dataset.outcome);
  return page.evaluate(() => ({
    outcome: document.getElementById("live").dataset.outcome, answer: document.getElementById("live-answer").textContent, reason: document.getElementById("live-reason").textContent, rate: Number(document.getElementById("live").dataset.rate),
  }));
};
/** How many pixels of the layer over the camera's picture are of each kind. */
const layer = (page) => page.$eval("#live-canvas", (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const found = { width: canvas.width, height: canvas.height, drawn: 0, red: 0, blue: 0 };
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) continue;
    found.drawn++;
    if (data[i] > data[i + 2] + 60) found.red++;
    if (data[i + 2] > data[i] + 60) found.blue++;
  }
  return found;
});

for (const browserName of browserNames) {
  describe(browserName, { timeout: 10 * patience }, () => {
    if (browserName === "chromium") test("from http and as a file: what the camera sees is read, drawn over, frozen, and taken into the list", async (t) => {
      const server = await serve();
      t.after(() => server.close());
      for (const address of [fileAddress, server.address]) {
        const browser = await launch(browserName, filmed.chromium());
        const { page, problems } = await open(browser, address, { network: null });
        await press(page, "live-start");
        const { outcome, answer } = await said(page);
        assert.match(outcome, /^(Benign|Early|Pre|Pro)$/, answer);
        assert.match(answer, /\d%$/);
        await page.waitForFunction(() => Number(document.getElementById("live").dataset.rate) > 0);
        const drawn = await layer(page);
        assert.deepEqual([drawn.width, drawn.height], [960, 720]);
        assert.ok(drawn.drawn > 1000 && drawn.red > 0, JSON.stringify(drawn));
        assert.ok(drawn.drawn < (960 * 720) / 2, "all but the cells of the middle is left free");
        await press(page, "live-freeze");
        await status(page, "frozen");
        const stood = await page.$eval("#live-video", async (video) => {
          const before = video.currentTime;
          await new Promise((later) => setTimeout(later, 300));
          return video.paused && video.currentTime === before;
        });
        assert.ok(stood, "the picture stands");
        await press(page, "live-take");
        await settled(page, 1);
        const row = await page.$eval("[data-testid=row]", (element) => ({ name: element.querySelector(".row-name").title, outcome: element.dataset.outcome }));
        assert.match(row.name, /^Camera, \d\d:\d\d:\d\d$/);
        assert.ok(row.outcome);
        assert.match(await page.$eval("#caption", ({ textContent }) => textContent), /960 × 720/);
        await press(page, "live-freeze");
        await status(page, "on");
        await press(page, "live-stop");
        await page.waitForFunction(() => document.getElementById("live").hidden && document.activeElement.id === "live-start");
        assert.equal(await page.$eval("#live-video", (video) => video.srcObject), null, "the camera is given back");
        assert.deepEqual(problems, []);
        await browser.close();
      }
      assert.deepEqual(server.requests.filter((each) => each !== "GET /favicon.ico"), ["GET /"], "nothing is asked of the server but the page");
    });

    if (browserName === "chromium") test("with the reader first, the camera's answer is hidden, and a picture of which it was shown is not read first", async (t) => {
      const browser = await launch(browserName, filmed.chromium());
      t.after(() => browser.close());
      const { page, problems } = await open(browser, fileAddress, { network: null });
      /** Takes what the camera shows into the list, switches it off, reads the picture first, and gives what is said of the reading. */
      const readFirst = async () => {
        // The film comes round: a frame that was taken and judged before is taken again now and then, and another one is wanted.
        for (let taken = await page.$$eval("[data-testid=row]", (rows) => rows.length) + 1; ; taken++) {
          await press(page, "live-take");
          await settled(page, taken);
          if (await page.$eval("#decision", (box) => box.hasAttribute("data-first"))) break;
          assert.ok(taken < 9, "none of the frames is to be read");
        }
        await press(page, "live-stop");
        await page.$eval("#reader-class input[value=Benign]", (input) => input.click());
        await page.$eval("#reader-certainty input[value=probable]", (input) => input.click());
        await page.waitForSelector("#reader-decide:not([disabled])");
        await press(page, "reader-decide");
        await page.waitForFunction(() => !document.getElementById("decision").hasAttribute("data-first"));
        return page.$eval("#decision-hint", ({ textContent }) => textContent);
      };
      await press(page, "reader-first");
      await press(page, "live-start");
      const { outcome, answer } = await said(page);
      assert.equal(outcome, "veiled");
      const shown = await page.evaluate(() => `${document.getElementById("live").innerText} ${JSON.stringify(document.getElementById("live").dataset)}`);
      assert.match(answer, /hidden/);
      assert.doesNotMatch(shown, /Benign|Early|Pre|Pro\b|Cannot assess|\d ?%/);
      const { red, blue, drawn } = await layer(page);
      assert.deepEqual([red, blue], [0, 0]);
      assert.ok(drawn > 100, "the cells are outlined all the same");
      assert.match(await readFirst(), /before you saw the answer/);

      await press(page, "reader-first");
      await press(page, "live-start");
      assert.match((await said(page)).outcome, /^(Benign|Early|Pre|Pro)$/);
      await press(page, "live-stop");
      await press(page, "reader-first");
      await press(page, "live-start");
      assert.equal((await said(page)).outcome, "veiled");
      assert.match(await readFirst(), /with the answer in view/, "it was switched off and on since, and its answer was shown all the same");
      assert.deepEqual(problems, []);
    });

    if (browserName === "firefox") test("a camera that shows no smear is told so, frame after frame", async () => {
      const browser = await launch(browserName, filmed.firefox());
      const { page, problems } = await open(browser, fileAddress, { network: null });
      await press(page, "live-start");
      const { outcome, answer, reason } = await said(page);
      assert.equal(outcome, "abstained", answer);
      assert.match(answer, /^Cannot assess: /);
      assert.ok(reason.length > 30, "a sentence says why");
      assert.equal((await layer(page)).red, 0, "nothing speaks for an answer that is not given");
      await page.waitForFunction(() => Number(document.getElementById("live").dataset.rate) > 0);
      await press(page, "live-stop");
      assert.deepEqual(problems, []);
      await browser.close();
    });

    test("without a camera, or where none is allowed, a sentence says what to do, and the page goes on", async () => {
      const browser = await launch(browserName, browserName === "firefox" ? { extraPrefsFirefox: { "media.navigator.permission.disabled": true } } : {});
      const { page, problems } = await open(browser, fileAddress, { network: null });
      const given = await page.evaluate(() => Boolean(navigator.mediaDevices?.getUserMedia));
      assert.equal(await page.$eval("#live-start", ({ hidden }) => hidden), !given, "the button is there where the browser has cameras for pages");
      if (given) {
        await press(page, "live-start");
        await page.waitForFunction(() => /camera/.test(document.getElementById("error-text").textContent));
        assert.match(await page.$eval("#error-text", ({ textContent }) => textContent), /No camera was found\. Connect|The camera was not allowed.*Allow it|could not be opened/);
        await page.waitForFunction(() => document.getElementById("live").hidden);
      } else console.log(`${browserName} gives a page no camera: there is no button for it`);
      assert.deepEqual(problems, []);
      await browser.close();
    });
  });
}
