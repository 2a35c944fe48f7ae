// Takes the pictures of the page that README shows (drawn examples, never a real
// picture), and those by which its looks are judged: node screenshot.mjs FOLDER

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { askSecond, drawings, explain, fileAddress, give, launch, open } from "./harness.mjs";
import { variedPictures } from "./oddfiles.mjs";
import { smear } from "./smear.mjs";

const folder = process.argv[2];
const forReadme = (name) => resolve(import.meta.dirname, "..", "web", `${name}.png`);
const browser = await launch("chromium");
const pictures = await drawings();
if (folder) mkdirSync(folder, { recursive: true });
for (const [width, height] of folder ? [[1280, 900], [390, 844]] : [[1280, 900]]) {
  for (const scheme of folder ? ["light", "dark"] : ["light"]) {
    const { page } = await open(browser, fileAddress, { width, height, network: null });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const shoot = (name) => folder && page.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`), fullPage: true });
    await shoot("start");
    await give(page, pictures[3]);
    await shoot("result");
    if (folder) await page.screenshot({ path: join(folder, `first-screen-${width}-${scheme}.png`) });
    await explain(page);
    await new Promise((drawn) => setTimeout(drawn, 500));
    await shoot("explanation");
    if (!folder) await page.screenshot({ path: forReadme("screenshot") });
    await page.$eval("#views input[value=heat]", (input) => input.click());
    await new Promise((drawn) => setTimeout(drawn, 500));
    await shoot("heat");
    await askSecond(page);
    await page.$eval("#weights-by input[value=shapley]", (input) => input.click());
    await new Promise((drawn) => setTimeout(drawn, 500));
    await shoot("second");
    await give(page, ...variedPictures(2)); // nothing that could be assessed
    await new Promise((drawn) => setTimeout(drawn, 500));
    await shoot("refused");
    await page.$eval("#how-far", (link) => link.click());
    await new Promise((drawn) => setTimeout(drawn, 500));
    await shoot("card");
    if (folder) await page.pdf({ path: join(folder, `print-${width}-${scheme}.pdf`) });
    await page.close();
  }
}
await shootCase();
await browser.close();

/** A case of drawn pictures, some of which a reader has judged. */
async function shootCase() {
  const fields = Array.from({ length: 8 }, (_, i) => smear(`field ${i + 1}`, { width: 640, height: 480, diameter: 24, nuclei: 12 + 3 * i, seed: i + 1 }));
  const { page } = await open(browser, fileAddress, { width: 1280, height: 1560, network: null, atOnce: true });
  await give(page, ...pictures, ...fields, smear("bare ground", { width: 500, height: 400, diameter: 40, nuclei: 0 }));
  await page.waitForFunction(() => !document.getElementById("save-case").disabled);
  for (const i of [0, 2, 4, 7]) {
    await page.evaluate((row) => document.querySelectorAll("[data-testid=row] button")[row].click(), i);
    await new Promise((drawn) => setTimeout(drawn, 300));
    await page.evaluate(() => document.querySelector("#confirm:not([hidden])")?.click());
  }
  await page.$eval("#mode input[value=all]", (input) => input.click());
  await page.$eval("#case-label", (field) => {
    field.value = "S24-0117";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await new Promise((drawn) => setTimeout(drawn, 1000));
  await page.$eval("#overview-heading", (heading) => heading.scrollIntoView());
  await page.screenshot({ path: folder ? join(folder, "case.png") : forReadme("case") });
  await page.close();
}
