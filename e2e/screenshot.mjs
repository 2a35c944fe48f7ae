// Takes the picture of the page that README shows (a drawn example, never a real
// picture), and those by which its looks are judged: node screenshot.mjs FOLDER

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { askSecond, drawings, explain, fileAddress, give, launch, open } from "./harness.mjs";
import { variedPictures } from "./oddfiles.mjs";

const folder = process.argv[2];
const readme = resolve(import.meta.dirname, "..", "web", "screenshot.png");
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
    if (!folder) await page.screenshot({ path: readme });
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
await browser.close();
